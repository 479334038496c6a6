"""What an editor can do with the page: compare, zoom, share, use keys, choose a language; and what it says when it fails."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route

from chalicelib.insights.intervals import DAY
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.registering import register
from chalicelib.publishing.sites import Site
from tests.e2e.dashboard.conftest import Cast
from tests.support.editor import chart, rows, table_of, tile
from tests.support.expecting import expect
from tests.support.fakes import patient
from tests.support.stack import Stack

READING = ".reading"


@pytest.mark.usefixtures("newsroom")
class TestTheChart:
    def test_arrow_keys_read_its_values_beside_those_of_the_period_before(self, visit: Callable[[str], Page]) -> None:
        page = visit("?site=newsroom&range=month")
        rows(page)
        drawn = chart(page)
        drawn.press("End")
        expect(page.locator(READING)).to_have_text(re.compile(r"^\w+,? \d+ \w+: Votes 7"))
        drawn.press("ArrowLeft")
        expect(page.locator(READING)).to_contain_text("Votes 7")
        drawn.press("Escape")
        expect(page.locator(READING)).to_have_text("")

    def test_it_is_compared_with_what_the_reader_chooses(self, visit: Callable[[str], Page]) -> None:
        page = visit("?site=newsroom&range=day")
        rows(page)
        page.get_by_label("Compare with").select_option("weekday")
        expect(page).to_have_url(re.compile("compare=weekday"))
        page.get_by_label("Compare with").select_option("none")
        expect(page).to_have_url(re.compile("compare=none"))
        rows(page)
        chart(page).press("End")
        expect(page.locator(READING)).not_to_have_text(re.compile("Before"))

    def test_the_period_before_and_the_next_are_a_click_or_a_key_away(self, visit: Callable[[str], Page]) -> None:
        page = visit("?site=newsroom")
        rows(page)
        later = page.get_by_role("button", name="Later period")
        expect(later).to_be_disabled()
        page.get_by_role("button", name="Earlier period").click()
        expect(page).to_have_url(re.compile(r"range=dates&since=\d{4}-\d\d-\d\d&until="))
        expect(page.get_by_role("button", name="Earlier period")).to_be_focused()
        expect(page.locator(".sum .value")).to_have_text("0")
        page.get_by_role("heading", name="Votes per day").press("ArrowRight")
        expect(page).to_have_url(re.compile("range=week"))
        expect(page.locator(".sum .value")).to_have_text("22")

    @pytest.mark.parametrize("how", ["a key", "a click"])
    def test_a_bar_opens_its_day(self, visit: Callable[[str], Page], newsroom: int, how: str) -> None:
        page = visit("?site=newsroom")
        rows(page)
        drawn = chart(page)
        if how == "a key":
            drawn.press("End")
            drawn.press("ArrowLeft")
            page.keyboard.press("Enter")
        else:
            over = page.locator(".chart .u-over").bounding_box()
            assert over is not None
            page.mouse.move(over["x"] + over["width"] * 5.5 / 7, over["y"] + over["height"] / 2)
            page.mouse.down()
            page.mouse.up()
        yesterday = time.strftime("%Y-%m-%d", time.gmtime(newsroom - DAY))
        expect(page).to_have_url(re.compile(f"since={yesterday}&until={yesterday}"))
        expect(page.get_by_role("heading", name="Votes per hour")).to_be_visible()
        expect(page.locator(".sum .value")).to_have_text("7")
        if how == "a key":
            expect(page.locator(".chart")).to_be_focused()

    def test_what_is_still_counting_is_not_compared_with_what_is_over(
        self, visit: Callable[[str], Page], newsroom: int
    ) -> None:
        page = visit("?site=newsroom&range=dates&since=2026-01-01&until=2026-01-02")
        expect(page.locator(".sum")).to_have_text("0")
        today, before = (time.strftime("%Y-%m-%d", time.gmtime(newsroom - days * DAY)) for days in (0, 2))
        visit(f"?site=newsroom&range=dates&since={before}&until={today}")
        expect(page.locator(".sum .value")).to_have_text("14")
        expect(page.locator(".sum small")).to_have_text(re.compile(r"^without the last bar \d+, before 8$"))

    def test_the_top_articles_are_those_of_the_charts_time_until_the_reader_chooses(
        self, visit: Callable[[str], Page]
    ) -> None:
        page = visit("?site=newsroom&range=day")
        window = page.get_by_label("Votes of")
        expect(window).to_have_value("day")
        page.get_by_role("combobox", name="Time").select_option("month")
        expect(window).to_have_value("month")
        window.select_option("yesterday")
        expect(page).to_have_url(re.compile("window=yesterday"))
        rows(page)
        page.get_by_role("button", name="Clear filters").click()
        expect(window).to_have_value("month")

    def test_a_span_is_drawn_over_and_stays_in_the_address(self, visit: Callable[[str], Page]) -> None:
        page = visit("?site=newsroom&range=month")
        rows(page)
        over = page.locator(".chart .u-over").bounding_box()
        assert over is not None
        y = over["y"] + over["height"] / 2
        page.mouse.move(over["x"] + over["width"] * 0.5, y)
        page.mouse.down()
        page.mouse.move(over["x"] + over["width"] * 0.9, y, steps=4)
        page.mouse.up()
        expect(page).to_have_url(re.compile(r"range=dates&since=\d{4}-\d\d-\d\d&until="))
        page.reload()
        rows(page)
        expect(page.get_by_role("combobox", name="Time")).to_have_value("dates")


@pytest.mark.usefixtures("newsroom")
class TestArticles:
    def test_an_article_opened_by_its_address_has_its_title_its_link_and_its_snippet(
        self, visit: Callable[[str], Page], stack: Stack
    ) -> None:
        page = visit("?site=newsroom&article=ferries")
        expect(page.get_by_role("heading", name="Ferries, again")).to_be_visible()
        expect(page.get_by_role("link", name="To the article")).to_have_attribute(
            "href", "https://news.example/ferries"
        )
        expect(page.locator("article-vote [part=line]")).to_have_text("14 users have voted.")
        expect(page.locator("article-vote button").first).to_be_disabled()
        expect(page.locator("pre")).to_contain_text(
            f'<script type="module" src="{stack.api}/embed/v1/article-vote.js">'
        )
        expect(page.locator("pre")).to_contain_text('<article-vote site="newsroom" article="ferries">')
        expect(page.locator(".columns > span")).to_have_count(24)

    def test_its_range_fits_its_life(self, visit: Callable[[str], Page]) -> None:
        page = visit("?site=newsroom&article=ferries")
        table_of(page, "over").locator("summary").click()
        expect(table_of(page, "over").locator("tbody tr")).to_have_count(5)

    def test_a_click_anywhere_on_a_row_opens_it(self, visit: Callable[[str], Page]) -> None:
        page = visit("?site=newsroom&window=all")
        rows(page)
        page.locator(".top tbody .votes").first.click()
        expect(page.get_by_role("heading", name="Ferries, again")).to_be_visible()


@pytest.mark.usefixtures("newsroom")
class TestThePage:
    def test_keys_are_listed_and_do_what_they_say_and_can_be_switched_off(self, visit: Callable[[str], Page]) -> None:
        page = visit("?site=newsroom")
        rows(page)
        page.keyboard.press("m")
        expect(page).to_have_url(re.compile("range=month"))
        page.keyboard.press("?")
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Keyboard shortcuts")
        dialog.get_by_label("Use single keys").click()
        dialog.get_by_role("button", name="Close").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.keyboard.press("y")
        page.wait_for_timeout(200)
        assert "range=month" in page.url

    def test_a_letter_that_is_typed_is_a_letter(self, visit: Callable[[str], Page]) -> None:
        page = visit("?site=newsroom")
        rows(page)
        page.get_by_label("Search in the list").focus()
        page.keyboard.press("m")
        expect(page.get_by_label("Search in the list")).to_have_value("m")
        assert "range" not in page.url

    def test_a_language_is_chosen(self, visit: Callable[[str], Page]) -> None:
        page = visit("?site=newsroom")
        rows(page)
        page.get_by_label("Language").select_option("de")
        expect(page.get_by_role("heading", name="Die ersten Artikel")).to_be_visible()
        expect(page.locator("html")).to_have_attribute("lang", "de")

    def test_a_site_that_is_being_typed_stays_when_the_list_of_sites_arrives(
        self, visit: Callable[[str], Page], page: Page
    ) -> None:
        held: list[Route] = []
        page.route("**/v1/sites", lambda route: held.append(route), times=1)
        visit("?site=newsroom")
        rows(page)
        page.locator("[data-key=sites]").click()
        page.get_by_label("Site", exact=True).fill("demo-sti")
        held[0].continue_()
        expect(page.locator(".sheet").get_by_role("link", name="newsroom")).to_be_visible()
        expect(page.get_by_label("Site", exact=True)).to_have_value("demo-sti")
        expect(page.get_by_label("Site", exact=True)).to_be_focused()

    @pytest.mark.parametrize("what", ["**/dashboard/dashboard.js", "**/dashboard/en.json"])
    def test_a_page_that_cannot_be_loaded_says_so(self, visit: Callable[[str], Page], page: Page, what: str) -> None:
        page.route(what, lambda route: route.abort())
        visit("?site=newsroom")
        expect(page.get_by_role("alert")).to_have_text("The dashboard could not be loaded. Please reload the page.")

    def test_a_page_whose_script_does_not_come_says_so_after_a_while(self, page: Page, stack: Stack) -> None:
        page.route("**/dashboard/boot.js", lambda route: None)
        page.goto(f"{stack.api}/dashboard?site=newsroom", wait_until="commit")
        expect(page.locator(".late")).to_be_hidden()
        page.evaluate("document.getAnimations().forEach((one) => one.finish())")  # ten seconds pass
        expect(page.get_by_role("alert")).to_be_visible()

    def test_on_a_wall_screen_there_is_nothing_to_press(self, visit: Callable[[str], Page]) -> None:
        page = visit("?site=newsroom")
        rows(page)
        page.get_by_role("button", name="Full screen").click()
        expect(page.locator(".tools")).to_be_hidden()
        expect(tile(page, "All votes")).to_be_visible()
        assert page.evaluate("document.fullscreenElement === document.documentElement")
        page.keyboard.press("f")
        expect(page.locator(".tools")).to_be_visible()

    @pytest.mark.engines("chromium")  # the only one whose clipboard a test can read
    def test_the_link_to_what_is_shown_is_copied(self, visit: Callable[[str], Page], page: Page) -> None:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        visit("?site=newsroom&range=month&order=net")
        rows(page)
        page.get_by_role("button", name="Copy link").click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == page.url
        expect(page.get_by_role("button", name="Copy link")).to_be_visible()

    @pytest.mark.parametrize("search", ["?site=newsroom", "?site=newsroom&article=ferries", "?site=newsroom&lang=ar"])
    def test_nothing_is_wider_than_the_screen(self, visit: Callable[[str], Page], page: Page, search: str) -> None:
        visit(search)
        expect(page.locator(".tile").first).to_be_visible()
        page.locator("canvas").first.wait_for()
        inside = "one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('.chart, .hidden, thead, .scroll')"
        cut = f"[...document.querySelectorAll('main *')].filter((one) => {inside})"
        for width in (320, 375, 768, 1920):
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(100)  # the chart is drawn anew
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
            assert page.evaluate(f"{cut}.map((one) => one.className || one.localName)") == [], width


@pytest.mark.engines("webkit")  # the one whose language is the machine's own, which may be no language
@pytest.mark.parametrize("locale", ["C"])
def test_a_browser_whose_language_is_none_shows_the_page(
    newsroom: int, visit: Callable[[str], Page], locale: str
) -> None:
    page = visit("?site=newsroom")
    assert page.evaluate("navigator.language") == locale
    expect(tile(page, "All votes")).to_have_text("22")
    assert time.gmtime(newsroom).tm_hour == 0


def test_the_list_can_be_of_one_section_or_author(visit: Callable[[str], Page], stack: Stack, cast: Cast) -> None:
    site = f"sections-{uuid.uuid4().hex[:8]}"
    stack.table.put_site(Site(site, make_ballot("like")), patient())
    for name, section, author in (
        ("ferry", "Arts & Life", "Ann"), ("seals", "Arts & Life", "Zoë"), ("vote", "<b>", "Ann"), ("plain", None, None),
    ):  # fmt: skip
        article = Article(ArticleRef(site, name), name, "https://news.example", section=section, author=author)
        register(stack.table, article, int(time.time()), patient())
        cast(site, name, {"like": 1})
    page = visit(f"?site={site}&window=day")
    titles = page.locator(".top tbody th > a")
    expect(titles).to_have_count(4)
    page.locator(".facts").get_by_text("Arts & Life", exact=True).first.click()
    expect(titles).to_have_count(2)
    expect(page).to_have_url(re.compile(r"section=Arts\+%26\+Life"))
    expect(page.locator(".only")).to_have_text("Section: Arts & Life")
    page.locator(".facts").get_by_text("Zoë", exact=True).click()
    expect(titles).to_have_text("seals")
    page.reload()
    expect(titles).to_have_text("seals")
    page.get_by_role("button", name="Clear filters").click()
    expect(titles).to_have_count(4)
    page.locator(".facts").get_by_text("<b>", exact=True).click()
    expect(titles).to_have_text("vote")

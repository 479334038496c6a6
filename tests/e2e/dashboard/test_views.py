"""Every view of the dashboard, in a real Chromium, on the deployed stack."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from chalicelib.insights.intervals import DAY
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.sites import Site
from tests.support.axe import checked
from tests.support.editor import on_tile, open_site, rows, table_of, tile
from tests.support.expecting import expect
from tests.support.fakes import patient
from tests.support.stack import Stack


@pytest.mark.usefixtures("newsroom")
class TestViews:
    def test_a_site_is_picked_from_those_that_are_public(self, visit: Callable[[str], Page]) -> None:
        page = visit("")
        page.get_by_role("link", name="newsroom").click()
        expect(tile(page, "All votes")).to_have_text("22")
        assert page.url.endswith("?site=newsroom")
        page.go_back()
        expect(page.get_by_role("link", name="newsroom")).to_be_visible()
        open_site(page, "demo")
        expect(page).to_have_url(re.compile(r"\?site=demo$"))

    def test_a_site_at_a_glance(self, visit: Callable[[str], Page]) -> None:
        page = visit("?site=newsroom&window=day")
        expect(tile(page, "Today")).to_have_text("7")
        expect(on_tile(page, "Today")).to_contain_text(re.compile(r"yesterday by \d\d:00: \d"))
        expect(tile(page, "Yesterday")).to_have_text("7")
        expect(page.locator(".status")).to_have_text(re.compile(r"^As of \d\d:\d\d:\d\d$"))
        assert rows(page) == ["goose", "Ferries, again"]
        expect(page.locator(".chart canvas")).to_have_count(1)
        expect(page.locator(".top .liked .split")).to_have_count(2)
        table_of(page, "history").locator("summary").click()
        table = table_of(page, "history").locator("table")
        expect(table.locator("thead th")).to_have_text(["Time", "Votes", "Like", "Dislike"])
        expect(table.locator("tbody tr").first.locator("td")).to_have_text(["7", "3", "4"])

    def test_orders_and_windows_are_chosen_and_the_focus_stays(self, visit: Callable[[str], Page]) -> None:
        page = visit("?site=newsroom")
        rows(page)
        page.get_by_label("Votes of").focus()
        page.get_by_label("Votes of").select_option("all")
        expect(page.locator(".top tbody th a")).to_have_text(["Ferries, again", "goose"])
        expect(page.get_by_label("Votes of")).to_be_focused()
        page.get_by_label("Order").select_option("controversial")
        expect(page.locator(".top tbody th a")).to_have_text(["goose", "Ferries, again"])
        assert page.get_by_label("Order").locator("option[value=rising]").count() == 0  # not of all time
        assert page.url.endswith("?site=newsroom&order=controversial&window=all")
        page.reload()
        expect(page.locator(".top tbody th a")).to_have_text(["goose", "Ferries, again"])
        page.get_by_label("Votes of").select_option("yesterday")
        page.get_by_label("Order").select_option("rising")
        assert len(rows(page)) == 2

    def test_orders_are_walked_through_with_the_arrow_keys(self, visit: Callable[[str], Page]) -> None:
        page = visit("?site=newsroom")
        rows(page)
        page.get_by_label("Order").focus()
        for order in ("net", "approval", "controversial"):
            page.keyboard.press("ArrowDown")
            expect(page).to_have_url(re.compile(f"order={order}"))
            expect(page.get_by_label("Order")).to_be_focused()
            expect(page.get_by_label("Order")).to_have_value(order)

    def test_an_article(self, visit: Callable[[str], Page], newsroom: int) -> None:
        page = visit("?site=newsroom&window=all")
        page.get_by_role("link", name="Ferries, again").click()
        expect(page.get_by_role("heading", name="Ferries, again")).to_be_focused()
        expect(page.get_by_role("link", name="To the article")).to_have_attribute(
            "href", "https://news.example/ferries"
        )
        expect(tile(page, "All votes")).to_have_text("14")
        expect(tile(page, "Approval")).to_have_text("78.6%")
        expect(on_tile(page, "Approval")).to_contain_text("52.4% to 92.4%, with 95% confidence")
        date = time.strftime("%-d %b %Y", time.gmtime(newsroom - 4 * DAY))
        facts = page.locator(".facts")
        expect(facts).to_contain_text(f"First vote: {date}")
        expect(facts).to_contain_text(f"Last vote: {time.strftime('%-d %b %Y', time.gmtime(newsroom))}")
        cells = page.get_by_role("group", name="Share").locator("td")
        expect(cells).to_have_text([
            "11", "78.6%", "52.4% to 92.4%, with 95% confidence", "3", "21.4%", "7.6% to 47.6%, with 95% confidence"
        ])  # fmt: skip
        table_of(page, "over").locator("summary").click()
        expect(table_of(page, "over").locator("tbody tr").first.locator("td")).to_have_text(["14", "11", "3", "+2"])
        page.reload()
        expect(page.get_by_role("heading", name="Ferries, again")).to_be_visible()
        page.get_by_role("link", name="All articles of newsroom").click()
        assert len(rows(page)) == 2

    def test_the_list_is_searched_and_an_id_is_opened(self, visit: Callable[[str], Page]) -> None:
        page = visit("?site=newsroom&window=all")
        rows(page)
        search = page.get_by_label("Search in the list")
        search.fill("FERR")
        expect(page.locator(".top tbody th a")).to_have_text(["Ferries, again"])
        search.fill("nothing-here")
        expect(page.locator(".top + p").first).to_contain_text("Nothing in the list matches.")
        search.fill("goo")
        search.press("Enter")
        expect(page.get_by_role("heading", name="goose")).to_be_visible()
        expect(tile(page, "All votes")).to_have_text("8")

    def test_everything_can_be_done_with_the_keyboard(self, visit: Callable[[str], Page]) -> None:
        page = visit("?site=newsroom&window=all")
        rows(page)
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent") == "goose":
                break
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="goose")).to_be_visible()

    def test_dates_that_reach_back_before_the_first_vote_leave_a_gap(
        self, visit: Callable[[str], Page], newsroom: int
    ) -> None:
        page = visit("?site=newsroom")
        page.get_by_role("combobox", name="Time").select_option("dates")
        day = [time.strftime("%Y-%m-%d", time.gmtime(newsroom - days * DAY)) for days in (100, 0)]
        page.get_by_label("From").fill(day[0])
        page.get_by_label("To", exact=True).fill(day[1])
        page.get_by_role("button", name="Show").click()
        table_of(page, "history").locator("summary").click()
        gained = table_of(page, "history").locator("tbody td:nth-child(2)")
        expect(gained).to_have_text(["7", "7", "0", "0", "8"])  # five days are known, and none of the others is made up
        assert f"since={day[0]}&until={day[1]}" in page.url

    def test_a_site_that_nobody_votes_on_is_empty_not_broken(self, stack: Stack, visit: Callable[[str], Page]) -> None:
        stack.table.put_site(Site("silent", make_ballot("stars")), patient())
        page = visit("?site=silent")
        expect(tile(page, "All votes")).to_have_text("0")
        expect(page.locator(".top + p[role=status]")).to_have_text("No votes in this time.")
        page = visit("?site=silent&article=a-1")
        expect(page.locator(".facts")).to_contain_text("First vote: none yet")
        expect(page.locator(".facts")).to_contain_text("Last vote: none yet")

    # Now and then, Firefox ESR 153 crashes while axe reads a page with a chart (signal 11). The element is read there.
    @pytest.mark.engines("chromium", "webkit")
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_axe_finds_nothing(self, stack: Stack, visit: Callable[[str], Page], page: Page, scheme: Any) -> None:
        stack.table.put_site(Site("silent", make_ballot("stars")), patient())
        stack.table.put_site(Site("locked", make_ballot("updown"), insights="private"), patient())
        for search in ("?site=newsroom", "?site=newsroom&article=ferries", "", "?site=silent", "?site=locked"):
            visit(search)
            if search:
                expect(page.locator(".status")).not_to_have_text("Loading…")
            page.wait_for_load_state("networkidle")
            page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true; })")
            page.wait_for_load_state("networkidle")
            found = checked(page)
            assert [(search, one["id"]) for one in found["violations"]] == [], found["violations"]

    def test_from_right_to_left_and_in_the_readers_digits(self, visit: Callable[[str], Page], page: Page) -> None:
        page.set_viewport_size({"width": 390, "height": 800})
        visit("?site=newsroom&lang=ar")
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        expect(page.get_by_role("heading", name="أبرز المقالات")).to_be_visible()
        rows(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    @pytest.mark.engines("chromium", "webkit")  # Firefox's driver cannot show a page as it would be printed
    def test_paper_has_tables_and_no_controls(self, visit: Callable[[str], Page], page: Page) -> None:
        visit("?site=newsroom")
        rows(page)
        table_of(page, "history").locator("summary").click()
        page.emulate_media(media="print")
        expect(table_of(page, "history").locator("table")).to_be_visible()
        for control in page.locator("button, select, input").all():
            expect(control).to_be_hidden()

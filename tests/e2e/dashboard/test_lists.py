"""Lists of articles: with hostile titles, of ten thousand articles, and downloaded."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page

from chalicelib.insights.intervals import HOUR, UTC
from chalicelib.insights.ranked_lists import MOST_RANKED, RankedList, merge
from chalicelib.insights.store import InsightsStore
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.items import article_item
from chalicelib.publishing.sites import Site
from tests.support.activities import activity
from tests.support.editor import rows
from tests.support.expecting import expect
from tests.support.fakes import patient
from tests.support.stack import Stack

MOST_BYTES = 300_000
MOST_MAIN_THREAD_SECONDS = 1.0
ARTICLES = 10_000
HUGE = Site("huge", make_ballot("updown"), ranks="any")


@pytest.fixture(scope="module")
def huge(stack: Stack, insights: InsightsStore) -> None:
    """A site of ten thousand articles: their hours are settled, so the list of the day has the best of them."""
    stack.table.put_site(HUGE, patient())
    start = UTC.start_of("day", int(time.time()))
    refs = [ArticleRef("huge", f"a-{number}") for number in range(1, ARTICLES + 1)]
    made = [activity(ref, start, {"up": number}).entries["day"] for number, ref in enumerate(refs, 1)]
    insights.put_ranked_list(HUGE, merge(RankedList("day", start, start), HUGE, made), patient())
    for number, ref in enumerate(refs[-230:], ARTICLES - 229):
        title = f"A story with a title of some length, number {number}"
        register(stack, Article(ref, title, "https://news.example/x"))


def register(stack: Stack, article: Article) -> None:
    """Without the shards, which would take long."""
    stack.table._client.put_item(TableName=stack.deployment.table, Item=article_item(article))


class TestHostileTitles:
    TITLES = (
        "<img src=x onerror=alert(1)>", "</script><script>alert(1)</script>", "\u202egnp.exe", "{n} {site} {{x}}", "=1+1",
        "javascript:alert(1)", "Z\u0351\u036b" * 40, "&lt;b&gt;", "A" * 1500, "'\"`", "שלום עולם", "constructor",
    )  # fmt: skip

    def test_titles_are_texts_and_only_web_addresses_are_links(
        self, stack: Stack, insights: InsightsStore, visit: Callable[[str], Page], page: Page
    ) -> None:
        site = replace(HUGE, id="hostile")
        stack.table.put_site(site, patient())
        start = UTC.start_of("day", int(time.time()))
        for number, title in enumerate(self.TITLES):
            ref = ArticleRef("hostile", f"h-{number}")
            insights.put_activity(site, activity(ref, start, {"up": 100 - number}), patient())
            register(stack, Article(ref, title, "javascript:alert(1)"))
        dialogs: list[str] = []
        page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        page.set_viewport_size({"width": 390, "height": 800})
        visit("?site=hostile&window=day")
        page.locator(".top tbody tr").first.wait_for()
        assert page.locator(".top tbody th a").evaluate_all("all => all.map(one => one.textContent)") == list(
            self.TITLES
        )
        assert page.locator("img, main script").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.locator(".top tbody th a").first.click()
        expect(page.get_by_role("heading", level=2).first).to_have_text(self.TITLES[0])
        expect(page.get_by_role("link", name="To the article")).to_have_count(0)
        assert dialogs == []


class TestHugeSites:
    @pytest.mark.engines("chromium")  # the only one that tells how long its main thread was busy
    @pytest.mark.usefixtures("huge")
    def test_the_first_view_of_ten_thousand_articles_is_small_and_quick(
        self, visit: Callable[[str], Page], page: Page
    ) -> None:
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Performance.enable")
        received: list[float] = []
        session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
        visit("?site=huge&window=day")
        assert len(rows(page)) == 20
        page.wait_for_load_state("networkidle")
        metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
        print(f"{sum(received):,.0f} bytes, {metrics['TaskDuration']:.3f} s on the main thread")
        assert 0 < sum(received) < MOST_BYTES
        assert 0 < metrics["TaskDuration"] < MOST_MAIN_THREAD_SECONDS

    @pytest.mark.usefixtures("huge")
    def test_more_of_them_come_page_by_page_without_repeats(self, visit: Callable[[str], Page], page: Page) -> None:
        visit("?site=huge&window=day")
        rows(page)
        for number in (120, 220):
            page.get_by_role("button", name="More articles").click()
            expect(page.locator(".top tbody tr")).to_have_count(number)
        titles = rows(page)
        assert len(set(titles)) == 220
        assert titles[0].endswith("10000")
        assert titles[-1].endswith(str(10_000 - 219))

    def test_a_list_that_cannot_be_proven_further_says_so(
        self, stack: Stack, insights: InsightsStore, visit: Callable[[str], Page]
    ) -> None:
        site = replace(HUGE, id="cut")
        stack.table.put_site(site, patient())
        start = UTC.start_of("day", int(time.time()))
        made = [activity(ArticleRef("cut", f"a-{n}"), start, {"up": n}).entries["day"] for n in range(1, 6)]
        insights.put_ranked_list(site, merge(RankedList("day", start, start), site, made, most=3), patient())
        page = visit("?site=cut&window=day")
        assert rows(page) == ["a-5", "a-4", "a-3"]
        expect(page.locator(".top + p")).to_have_text(
            "There are more articles. Their order after this place is not known."
        )

    @pytest.mark.usefixtures("huge")
    def test_who_is_pushed_off_the_first_page_stays_in_the_list(
        self, stack: Stack, insights: InsightsStore, visit: Callable[[str], Page], page: Page
    ) -> None:
        visit("?site=huge&window=day")
        page.get_by_role("button", name="More articles").click()
        expect(page.locator(".top tbody tr")).to_have_count(120)
        before = set(rows(page))
        title = f"From far below {time.time_ns()}"
        ref, votes = ArticleRef("huge", "a-5"), time.time_ns() // 10**6
        register(stack, Article(ref, title, "https://news.example/x"))
        # The list has the first hour of the day already. So in that hour, this comes an hour later.
        at = max(int(time.time()), UTC.start_of("day", int(time.time())) + HOUR)
        insights.put_activity(HUGE, activity(ref, at, {"up": votes}, version=votes), patient())
        expect(page.locator(".top tbody th a").first).to_have_text(title)
        assert set(rows(page)) - before <= {title}

    @pytest.mark.engines("chromium", "webkit")  # Playwright hears of no downloads of Firefox ESR
    @pytest.mark.usefixtures("huge")
    def test_all_that_can_be_ranked_is_downloaded_not_only_what_is_shown_even_if_a_page_of_it_fails_once(
        self, visit: Callable[[str], Page], tmp_path: Path
    ) -> None:
        page = visit("?site=huge&window=day")
        rows(page)
        page.route("**/leaderboard?*cursor=*", lambda route: route.fulfill(status=503, body="{}"), times=1)
        with page.expect_download(timeout=120_000) as download:  # ten pages
            page.locator("section[aria-labelledby=top]").get_by_role("button", name="Download CSV").click()
        download.value.save_as(tmp_path / "x.csv")
        found = list(csv.DictReader(io.StringIO((tmp_path / "x.csv").read_text("utf-8-sig"), newline="")))
        assert len({one["article"] for one in found}) == len(found)
        values = [int(one["value"]) for one in found if one["article"] != "a-5"]  # perhaps it came from far below
        assert values == list(range(ARTICLES, ARTICLES - len(values), -1))
        assert MOST_RANKED <= len(values) < ARTICLES


class TestDownloads:
    @pytest.mark.engines("chromium", "webkit")  # Playwright hears of no downloads of Firefox ESR
    @pytest.mark.parametrize(("section", "columns"), [
        ("#history", ["start", "gained", "gained_up", "gained_down"]),
        ("#top", [
            "article", "title", "url", "author", "section", "image", "published_at",
            "value", "gained", "gained_up", "gained_down", "total", "updated_at",
        ]),
    ])  # fmt: skip
    def test_what_is_shown_is_downloaded_for_spreadsheets(
        self, newsroom: int, visit: Callable[[str], Page], tmp_path: Path, section: str, columns: list[str]
    ) -> None:
        page = visit("?site=newsroom")
        rows(page)
        with page.expect_download() as download:
            page.locator(f"section[aria-labelledby={section[1:]}]").get_by_role("button", name="Download CSV").click()
        assert download.value.suggested_filename.endswith(".csv")
        download.value.save_as(tmp_path / "x.csv")
        text = (tmp_path / "x.csv").read_bytes().decode("utf-8")
        assert text.startswith("\ufeff")  # without it Excel takes UTF-8 for something else
        found = list(csv.DictReader(io.StringIO(text[1:], newline="")))
        assert list(found[0]) == columns

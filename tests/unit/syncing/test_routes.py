"""What a publisher is told about the reading of the feed, and which ids its entries get."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.publishing.articles import ARTICLE_ID
from chalicelib.publishing.site_feeds import IDS, SiteFeed
from chalicelib.services import Services
from chalicelib.syncing.feed_states import FeedReport, Match, Skipped
from chalicelib.syncing.fetched import Validators
from chalicelib.syncing.wire import FeedStateBody
from tests.support.fakes import DEMO, START, MemoryStore, patient
from tests.support.forms import has_form
from tests.support.gateway import send
from tests.support.keys import READ, WRITE, issue, with_key

FEED = "/v1/sites/demo/feed"


@pytest.fixture(autouse=True)
def keys(services: Services, store: MemoryStore) -> None:
    issue(store, READ, "read")
    issue(store, WRITE, "write")


class TestTheReport:
    def test_before_the_first_reading_nothing_is_known(self, store: MemoryStore) -> None:
        store.put_site(replace(DEMO, feed=SiteFeed("https://news.example/feed")), patient())
        answer = with_key("GET", FEED, WRITE)
        body = has_form(answer, FeedStateBody)
        assert (body["tried_at"], body["read_at"], body["due_at"], body["error"]) == (None, None, None, None)
        assert answer.headers["cache-control"] == "private, no-store"

    def test_after_it_the_publisher_sees_what_matched_and_what_did_not(self, store: MemoryStore) -> None:
        store.put_site(replace(DEMO, feed=SiteFeed("https://news.example/feed")), patient())
        (state,) = store.feeds(patient())
        report = FeedReport(
            listed=6, registered=1, changed=1, unchanged=1, kept=1, skipped=2, read_at=START,
            matches=(Match("https://news.example/ferry", "ferry"),), reasons=(Skipped("note", "it has no address"),),
        )  # fmt: skip
        read = state.succeeded(START, Validators(), "digest", report).failed("Its server answered 500.", START + 300)
        store.put_feed(read, patient())
        body = has_form(with_key("GET", FEED, WRITE), FeedStateBody)
        assert body == {
            "site": "demo", "tried_at": "2026-09-21T14:18:20Z", "read_at": "2026-09-21T14:13:20Z",
            "due_at": "2026-09-21T14:22:20Z", "failures": 1, "error": "Its server answered 500.",
            "listed": 6, "registered": 1, "changed": 1, "unchanged": 1, "kept": 1, "skipped": 2,
            "matches": [{"entry": "https://news.example/ferry", "article": "ferry"}],
            "reasons": [{"entry": "note", "reason": "it has no address"}],
        }  # fmt: skip

    def test_a_site_without_a_feed_says_so(self) -> None:
        answer = with_key("GET", FEED, WRITE)
        assert (answer.status, answer.json()["code"], answer.json()["field"]) == (404, "unknown_feed", "site")

    def test_it_needs_a_key_that_may_write(self) -> None:
        assert send("GET", FEED).json()["code"] == "invalid_key"
        assert with_key("GET", FEED, READ).json()["code"] == "scope_too_low"


class TestArticleIds:
    @pytest.mark.parametrize(
        ("ids", "pattern", "guid", "url", "article"),
        [
            ("guid", None, "65f0c0ffee", "https://news.example/a", "65f0c0ffee"),
            ("guid", None, "https://news.example/?p=123", "https://news.example/a", "https:-news.example-p-123"),
            ("guid", None, None, "https://news.example/a", None),
            ("url_path", None, None, "https://news.example/2026/11/ferry/?utm=x#top", "2026-11-ferry"),
            ("last_segment", None, "x", "https://news.example/2026/11/ferry/", "ferry"),
            ("last_segment", None, "x", "https://news.example/ferry.html", "ferry.html"),
            ("last_segment", None, "x", "https://news.example", None),
            ("last_segment", None, None, "https://news.example/%C3%A9t%C3%A9", "x~C3~A9t~C3~A9"),
            ("last_segment", None, None, "https://news.example/été", "x~C3~A9t~C3~A9"),
            ("last_segment", None, None, "https://news.example/--_a,,!b--/", "x_a-b"),
            ("url_path", None, None, "https://news.example/2026/été/", "2026-~C3~A9t~C3~A9"),
            ("last_segment", None, None, "https://news.example/100%", "100~25"),
            ("last_segment", None, None, "https://news.example/" + "x" * 129, None),
            ("pattern", r"[?&]p=(\d+)$", "https://news.example/?p=123", "https://news.example/a", "123"),
            ("pattern", r"/(\d+)-[^/]*$", "x", "https://news.example/news/17-ferry", "17"),
            ("pattern", r"(?:x|(y))$", "x", "https://news.example/", None),
            ("pattern", r"(\d+)", "x", "https://news.example/", None),
        ],
    )  # fmt: skip
    def test_an_entry_gets_its_id_by_the_sites_rule(
        self, ids: str, pattern: str | None, guid: str | None, url: str, article: str | None
    ) -> None:
        assert SiteFeed("https://news.example/feed", ids, pattern).article_id(guid, url) == article  # type: ignore[arg-type]

    @given(st.sampled_from(IDS), st.none() | st.text(), st.text().map("https://news.example/".__add__))
    def test_an_id_is_well_formed_whatever_a_feed_says(self, ids: str, guid: str | None, url: str) -> None:
        article = SiteFeed("https://news.example/feed", ids, "(.+)").article_id(guid, url)  # type: ignore[arg-type]
        assert article is None or ARTICLE_ID.fullmatch(article)

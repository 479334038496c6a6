"""What becomes of the articles that a feed lists, and what is reported of them."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib.preconditions import NO_PRECONDITION
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.registering import register, reset, unregister
from chalicelib.syncing.feed_states import FeedReport, Match, Skipped
from chalicelib.syncing.listed_articles import ListedArticle
from chalicelib.syncing.sync import Sync, from_scratch
from ops.articles import sync_articles
from tests.support.fakes import START, MemoryStore, patient
from tests.support.web import FEED, FERRY, REF, Web, state_of


@pytest.fixture
def reads(store: MemoryStore, web: Web) -> Callable[[], FeedReport]:
    """Reads the feed, whatever is known of it. Returns the report, without examples and times."""
    syncing = Sync(store, store, store, web, web.parse)

    def do() -> FeedReport:
        fetch = syncing.fetch(from_scratch(state_of(store)), START, patient())
        assert fetch is not None
        report = syncing.register(fetch, START, patient()).report
        return replace(report, read_at=None, matches=(), reasons=())

    return do


def article(store: MemoryStore, ref: ArticleRef = REF) -> Article | None:
    return store.articles([ref], patient())[0].article


def stored(store: MemoryStore) -> Article:
    found = article(store)
    assert found is not None
    return replace(found, version=0)


class TestWhatIsRegistered:
    def test_articles_that_nobody_knew_and_the_same_again_changes_nothing(
        self, store: MemoryStore, reads: Callable[[], FeedReport]
    ) -> None:
        assert reads() == FeedReport(listed=2, registered=2)
        assert article(store) == Article(
            REF, "The ferry", "https://news.example/ferry", author="Ann", section="Harbour",
            image="https://news.example/f.jpg", published_at=START, from_feed=True, version=1,
        )  # fmt: skip
        assert reads() == FeedReport(listed=2, unchanged=2)
        assert store.articles([REF], patient())[0].version == 1

    def test_what_the_feed_changes_or_takes_back(
        self, store: MemoryStore, web: Web, reads: Callable[[], FeedReport]
    ) -> None:
        reads()
        web.lists[FEED.url] = [ListedArticle("1", FERRY.url, "The ferry, corrected")]
        assert reads() == FeedReport(listed=1, changed=1)
        assert article(store) == Article(REF, "The ferry, corrected", str(FERRY.url), from_feed=True, version=2)
        assert article(store, ArticleRef("demo", "seals")) is not None, "feeds list the newest articles only"

    def test_a_feed_never_closes_opens_or_shows_an_article(
        self, store: MemoryStore, web: Web, reads: Callable[[], FeedReport]
    ) -> None:
        reads()
        held = replace(stored(store), state="hidden", opens_at=START, closes_at=START + 60)
        register(store, held, START, patient())
        web.lists[FEED.url] = [replace(FERRY, title="New")]
        assert reads() == FeedReport(listed=1, changed=1)
        assert article(store) == replace(held, title="New", version=3)

    def test_a_feed_never_changes_what_its_publisher_put(
        self, store: MemoryStore, reads: Callable[[], FeedReport]
    ) -> None:
        own = Article(REF, "Our title", "https://news.example/own")
        register(store, own, START, patient())
        assert reads() == FeedReport(listed=2, registered=1, kept=1)
        assert article(store) == replace(own, version=1)

    def test_an_article_that_was_put_is_the_publishers_from_then_on(
        self, store: MemoryStore, reads: Callable[[], FeedReport]
    ) -> None:
        reads()
        register(store, replace(stored(store), from_feed=False), START, patient())
        assert reads() == FeedReport(listed=2, unchanged=1, kept=1)
        register(store, replace(stored(store), from_feed=True), START, patient())
        assert reads() == FeedReport(listed=2, unchanged=2)

    def test_an_article_that_was_removed_does_not_come_back(
        self, store: MemoryStore, reads: Callable[[], FeedReport]
    ) -> None:
        reads()
        unregister(store, REF, START, patient(), NO_PRECONDITION)
        reset(store, REF, "key", START, patient())
        assert reads() == FeedReport(listed=2, unchanged=1, kept=1)
        assert article(store) is None
        register(store, Article(REF, "T", "https://news.example", from_feed=True), START, patient())
        assert reads() == FeedReport(listed=2, changed=1, unchanged=1)

    def test_an_article_that_only_had_votes_or_a_reset_is_registered(
        self, store: MemoryStore, reads: Callable[[], FeedReport]
    ) -> None:
        reset(store, REF, "key", START, patient())
        assert reads() == FeedReport(listed=2, registered=2)
        assert store.articles([REF], patient())[0].epoch == 1

    def test_a_put_while_the_feed_is_read_is_not_undone(
        self, store: MemoryStore, web: Web, reads: Callable[[], FeedReport], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        own = Article(REF, "Our title", "https://news.example/own")
        real = store.put_articles
        raced: list[bool] = []

        def put_articles(*arguments: object) -> bool:
            if not raced:
                raced.append(True)
                monkeypatch.setattr(store, "put_articles", real)
                register(store, own, START, patient())
                monkeypatch.setattr(store, "put_articles", put_articles)
            return real(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(store, "put_articles", put_articles)
        assert reads() == FeedReport(listed=2, registered=1, kept=1)
        assert article(store) == replace(own, version=1)

    def test_more_articles_than_one_transaction_takes(self, web: Web, reads: Callable[[], FeedReport]) -> None:
        web.lists[FEED.url] = [ListedArticle(None, f"https://news.example/{number}", "T") for number in range(1001)]
        assert reads() == FeedReport(listed=1001, registered=1000, skipped=1)
        assert reads() == FeedReport(listed=1001, unchanged=1000, skipped=1)

    def test_the_report_says_what_matched_and_why_the_rest_did_not(self, store: MemoryStore, web: Web) -> None:
        web.lists[FEED.url] = [
            FERRY,
            replace(FERRY, url="https://news.example/x/ferry"),
            ListedArticle("note"),
            ListedArticle(title="No address"),
            ListedArticle("3", "mailto:a@news.example", "T"),
            ListedArticle("4", "https://news.example/", "T"),
            ListedArticle("5", "https://news.example/" + "x" * 200, "T"),
            ListedArticle("6", "https://news.example/untitled", " \n"),
        ]
        syncing = Sync(store, store, store, web, web.parse)
        fetch = syncing.fetch(state_of(store), START, patient())
        assert fetch is not None
        report = syncing.register(fetch, START, patient()).report
        assert report == state_of(store).report
        assert report.matches == (Match("https://news.example/ferry", "ferry"),)
        assert report.reasons == (
            Skipped("https://news.example/x/ferry", "an entry above it has the same article id, ferry"),
            Skipped("note", "it has no address"),
            Skipped("No address", "it has no address"),
            Skipped("mailto:a@news.example", "its address is not an http or https address of at most 2048 characters"),
            Skipped("https://news.example/", "the rule last_segment finds no article id of 1 to 128 characters in it"),
            Skipped("https://news.example/" + "x" * 98 + "…", "the rule last_segment finds no article id of 1 to 128 characters in it"),
            Skipped("https://news.example/untitled", "it has no title"),
        )  # fmt: skip


def test_an_operator_sees_what_matched(
    store: MemoryStore, web: Web, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    web.lists[FEED.url] = [FERRY, ListedArticle("note")]
    monkeypatch.setattr("ops.articles.open_sync", lambda *, local: Sync(store, store, store, web, web.parse))
    for first in ("1 new, 0 changed, 0 unchanged", "0 new, 0 changed, 1 unchanged"):
        assert sync_articles(Namespace(local=True, site="demo")) == 0
        assert capsys.readouterr().out == (
            f"the feed of demo lists 2: {first}, 0 kept as their publisher put them, 1 skipped\n"
            "  ferry  <-  https://news.example/ferry\n"
            "  skipped note: it has no address\n"
        )

"""What becomes of the articles that a feed lists, and when a feed is read again."""

from __future__ import annotations

import threading
import time
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib import deadlines
from chalicelib.errors import Unavailable
from chalicelib.metrics import Metrics
from chalicelib.preconditions import NO_PRECONDITION
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.registering import register, reset, unregister
from chalicelib.publishing.site_feeds import SiteFeed
from chalicelib.syncing import schedule, sync
from chalicelib.syncing.feed_states import INTERVAL, MOST_BACK_OFF, FeedReport, FeedState, Match, Skipped
from chalicelib.syncing.fetched import FeedFailed, Fetched, Validators
from chalicelib.syncing.listed_articles import ListedArticle
from chalicelib.syncing.schedule import read_feeds
from chalicelib.syncing.sync import Sync, from_scratch
from ops.articles import sync_articles
from tests.support.fakes import DEMO, START, Clock, MemoryStore, patient

FEED = SiteFeed("https://news.example/feed")
REF = ArticleRef("demo", "ferry")
FERRY = ListedArticle(
    "1", "https://news.example/ferry", "The ferry", "Ann", "Harbour", "https://news.example/f.jpg", START
)
SEALS = ListedArticle("2", "https://news.example/seals", "The seals")


class Web:
    """What the feeds list, by address. An exception is raised. `known`: the validators that were sent."""

    def __init__(self) -> None:
        self.lists: dict[str, list[ListedArticle] | Exception] = {FEED.url: [FERRY, SEALS]}
        self.version = 1
        self.known: list[Validators] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def fetch(self, url: str, known: Validators) -> Fetched | None:
        self.known.append(known)
        self.meanwhile()
        if isinstance(found := self.lists[url], Exception):
            raise found
        validators = Validators(f'"{self.version}"')
        return None if known == validators else Fetched(repr(found).encode(), "", url, validators)

    def parse(self, fetched: Fetched) -> list[ListedArticle]:
        found = self.lists[fetched.url]
        assert not isinstance(found, Exception)
        return found


@pytest.fixture
def store() -> MemoryStore:
    made = MemoryStore()
    made.put_site(replace(DEMO, feed=FEED, version=1), patient())
    return made


@pytest.fixture
def web() -> Web:
    return Web()


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


def state_of(store: MemoryStore) -> FeedState:
    state = store.feed("demo", patient())
    assert state is not None
    return state


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


class TestWhenItIsRead:
    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    def run(self, store: MemoryStore, web: Web, clock: Clock) -> Callable[[], dict[str, int]]:
        """A run of the schedule. Returns what it counted."""

        def do() -> dict[str, int]:
            metrics = Metrics()
            syncing = Sync(store, store, store, web, web.parse)
            read_feeds(syncing, deadlines.Clock(clock.now, time.monotonic), metrics)
            report = metrics.take()
            return {} if report is None else dict(report.counts)  # type: ignore[arg-type]

        return do

    def test_at_the_first_run_and_then_at_each(
        self, store: MemoryStore, web: Web, clock: Clock, run: Callable[[], dict[str, int]]
    ) -> None:
        assert run() == {"read_feeds": 1}
        assert run() == {}
        clock.advance(300)
        assert run() == {"read_feeds": 1}
        assert web.known == [Validators(), Validators('"1"')]
        state = state_of(store)
        assert (state.tried_at, state.report.read_at, state.error) == (START + 300, START + 300, None)
        assert (state.report.registered, state.report.unchanged) == (2, 0), "the report is of the last change"

    def test_a_feed_without_validators_is_registered_only_when_it_changed(
        self, store: MemoryStore, web: Web, clock: Clock, run: Callable[[], dict[str, int]]
    ) -> None:
        run()
        clock.advance(300)
        web.version = 2
        run()
        assert state_of(store).report.registered == 2
        clock.advance(300)
        web.version, web.lists[FEED.url] = 3, [SEALS]
        run()
        assert (state_of(store).report.listed, state_of(store).report.unchanged) == (1, 1)

    def test_less_and_less_often_while_it_fails(
        self, store: MemoryStore, web: Web, clock: Clock, run: Callable[[], dict[str, int]]
    ) -> None:
        run()
        web.lists[FEED.url] = FeedFailed("Its server answered 500.")
        pauses = []
        for _ in range(12):
            clock.at = float(state_of(store).due_at)
            assert run() == {"failed_feeds": 1}
            pauses.append(state_of(store).due_at - clock.now())
        assert pauses[:4] == [INTERVAL, 2 * INTERVAL, 4 * INTERVAL, 8 * INTERVAL]
        assert pauses[-1] == MOST_BACK_OFF
        state = state_of(store)
        assert (state.error, state.failures) == ("Its server answered 500.", 12)
        assert state.report.registered == 2, "what the last reading came to is still known"
        web.lists[FEED.url] = [FERRY]
        clock.at = float(state.due_at)
        assert run() == {"read_feeds": 1}
        assert (state_of(store).error, state_of(store).failures) == (None, 0)

    def test_not_before_its_server_wants_it(
        self, store: MemoryStore, web: Web, run: Callable[[], dict[str, int]]
    ) -> None:
        web.lists[FEED.url] = FeedFailed("Its server answered 429.", wait=7200)
        run()
        assert state_of(store).due_at == START + 7200

    def test_at_once_when_the_site_changes_and_a_reading_of_before_does_not_count(
        self, store: MemoryStore, web: Web, run: Callable[[], dict[str, int]]
    ) -> None:
        other = replace(DEMO, feed=replace(FEED, url="https://news.example/other"), version=2)
        web.lists["https://news.example/other"] = [SEALS]

        def change_the_site() -> None:
            store.put_site(other, patient())

        web.meanwhile = change_the_site
        run()
        assert state_of(store) == FeedState("demo", 2)
        web.meanwhile = lambda: None
        run()
        assert state_of(store).report.listed == 1

    def test_never_again_when_the_site_names_none(
        self, store: MemoryStore, web: Web, run: Callable[[], dict[str, int]]
    ) -> None:
        store.put_site(replace(DEMO, version=2), patient())
        assert (run(), web.known) == ({}, [])

    def test_a_feed_that_ends_the_function_waits_like_one_that_failed(self, store: MemoryStore, web: Web) -> None:
        web.lists[FEED.url] = MemoryError()
        syncing = Sync(store, store, store, web, web.parse)
        with pytest.raises(MemoryError):
            syncing.fetch(state_of(store), START, patient())
        state = state_of(store)
        assert (state.due_at, state.failures) == (START + INTERVAL, 1)
        assert state.error is not None

    def test_one_that_takes_too_long_to_understand_is_reported(
        self, store: MemoryStore, web: Web, run: Callable[[], dict[str, int]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sync, "PARSE_SECONDS", 0.2)
        pattern = replace(FEED, ids="pattern", pattern="(a+)+$")
        store.put_site(replace(DEMO, feed=pattern, version=2), patient())
        web.lists[FEED.url] = [replace(FERRY, guid="a" * 60 + "!")]
        assert run() == {"failed_feeds": 1}
        assert "To understand it took longer" in str(state_of(store).error)

    def test_one_that_no_parser_takes_is_reported(
        self, store: MemoryStore, web: Web, run: Callable[[], dict[str, int]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(web, "parse", lambda _: {"a": 1}["entries"])
        assert run() == {"failed_feeds": 1}
        assert "not understood" in str(state_of(store).error)

    def test_what_a_server_says_is_shortened(
        self, store: MemoryStore, web: Web, run: Callable[[], dict[str, int]]
    ) -> None:
        web.lists[FEED.url] = FeedFailed("x\n" * 10_000)
        run()
        assert state_of(store).error == ("x " * 150)

    def test_one_site_that_fails_does_not_keep_the_others(
        self, store: MemoryStore, web: Web, run: Callable[[], dict[str, int]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(20):
            url = f"https://news.example/{number}"
            store.put_site(replace(DEMO, id=f"s{number}", feed=replace(FEED, url=url), version=1), patient())
            wrong = Unavailable("no") if number % 2 else ValueError("a bug")
            web.lists[url] = wrong if number % 3 == 0 else [SEALS]
        assert run() == {"read_feeds": 14, "failed_feeds": 7}

    def test_no_feed_is_understood_while_others_are_fetched(
        self, store: MemoryStore, web: Web, run: Callable[[], dict[str, int]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What takes long to understand takes the interpreter, and the ten seconds of the others would pass."""
        urls = [FEED.url, *(f"https://news.example/{number}" for number in range(3))]
        for number, url in enumerate(urls[1:]):
            store.put_site(replace(DEMO, id=f"s{number}", feed=replace(FEED, url=url), version=1), patient())
            web.lists[url] = [SEALS]
        order: list[str] = []
        fetch, parse = web.fetch, web.parse
        first_is_there = threading.Event()

        def slow(url: str, known: Validators) -> Fetched | None:
            found = fetch(url, known)
            if url == urls[0]:
                first_is_there.set()
            else:
                first_is_there.wait(5)
                time.sleep(0.02)  # time enough for the first one to be understood too early
            order.append("fetched")
            return found

        def understand(fetched: Fetched) -> list[ListedArticle]:
            order.append("understood")
            return parse(fetched)

        monkeypatch.setattr(web, "fetch", slow)
        monkeypatch.setattr(web, "parse", understand)
        assert run() == {"read_feeds": 4}
        assert order == ["fetched"] * 4 + ["understood"] * 4

    def test_what_there_is_no_time_for_is_due_at_the_next_run(
        self, web: Web, run: Callable[[], dict[str, int]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(schedule, "FEEDS_SECONDS", -1.0)
        assert (run(), web.known) == ({}, [])
        monkeypatch.undo()
        assert run() == {"read_feeds": 1}


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

"""When a feed is read again, and what the reading of others has to do with it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib import deadlines
from chalicelib.errors import Unavailable
from chalicelib.metrics import Metrics
from chalicelib.syncing import schedule, sync
from chalicelib.syncing.feed_states import INTERVAL, MOST_BACK_OFF, FeedState
from chalicelib.syncing.fetched import FeedFailed, Fetched, Validators
from chalicelib.syncing.listed_articles import ListedArticle
from chalicelib.syncing.schedule import read_feeds
from chalicelib.syncing.sync import Sync
from tests.support.fakes import DEMO, START, Clock, MemoryStore, patient
from tests.support.web import FEED, FERRY, SEALS, Web, state_of


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

"""The scheduled reading of feeds: every five minutes, those that are due."""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor, wait

from chalicelib.deadlines import Clock, Deadline
from chalicelib.errors import Unavailable
from chalicelib.metrics import Metrics
from chalicelib.settings import FEED_CALL_SECONDS, FEEDS_SECONDS
from chalicelib.syncing.feed_states import FeedState
from chalicelib.syncing.sync import Fetch, Sync

log = logging.getLogger("article-votes.syncing")

FETCHED_AT_ONCE = 8


def read_feeds(sync: Sync, clock: Clock, metrics: Metrics) -> None:
    """Read the feeds that are due, as many as there is time for. The others are due at the next run, and come first."""
    until = Deadline(clock.monotonic, FEEDS_SECONDS)

    def fetch(state: FeedState) -> Fetch | None:
        return None if until.passed() else sync.fetch(state, clock.now(), _new_deadline(clock))

    due = sync.due(clock.now(), _new_deadline(clock))
    with ThreadPoolExecutor(FETCHED_AT_ONCE) as threads:
        for start in range(0, len(due), FETCHED_AT_ONCE):  # each feed may be large: few are held at the same time
            some = due[start : start + FETCHED_AT_ONCE]
            fetching = [threads.submit(fetch, state) for state in some]
            wait(fetching)  # what is understood in this thread would take the time of those that are being fetched
            for state, future in zip(some, fetching, strict=True):
                _finish(sync, state.site, future, clock, metrics)


def _finish(sync: Sync, site: str, future: Future[Fetch | None], clock: Clock, metrics: Metrics) -> None:
    try:
        fetch = future.result()
        if fetch is None:
            return
        after = sync.register(fetch, clock.now(), _new_deadline(clock))
    except Unavailable as error:
        metrics.count("failed_feeds")
        log.warning("the feed of %s was not read, and will be later: %s", site, error.detail)
        return
    except Exception:  # one feed must not end the reading of the others. Its next turn comes as after a failure
        metrics.count("failed_feeds")
        log.exception("the feed of %s was not read", site)
        return
    metrics.count("read_feeds" if after.error is None else "failed_feeds")
    if after.error is not None:
        log.warning("the feed of %s cannot be read: %s", site, after.error)


def _new_deadline(clock: Clock) -> Deadline:
    return Deadline(clock.monotonic, FEED_CALL_SECONDS)

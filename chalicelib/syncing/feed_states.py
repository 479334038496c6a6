"""How the reading of a site's feed goes: when it is due, what the server said, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chalicelib.syncing.fetched import NO_VALIDATORS, Validators

INTERVAL = 240  # a little less than the five minutes between two runs of the schedule
MOST_BACK_OFF = 6 * 3600
MOST_SHOWN = 10
LONGEST_ERROR = 300  # servers say what they like


@dataclass(frozen=True, slots=True)
class Skipped:
    """An entry that was not used, and why."""

    entry: str
    reason: str


@dataclass(frozen=True, slots=True)
class Match:
    """An entry, and the id of the article that it is about."""

    entry: str
    article: str


@dataclass(frozen=True, slots=True)
class FeedReport:
    """What the last complete reading of a feed came to. `read_at`: its epoch second; None before the first.

    `listed`: the entries of the feed. Each is one of `registered` (new), `changed`, `unchanged`, `kept` (the article
    was put or removed by its publisher, or is an alias, so the feed leaves it alone) or `skipped`. The lists have the
    first few.
    """

    read_at: int | None = None
    listed: int = 0
    registered: int = 0
    changed: int = 0
    unchanged: int = 0
    kept: int = 0
    skipped: int = 0
    matches: tuple[Match, ...] = ()
    reasons: tuple[Skipped, ...] = ()


NOT_READ = FeedReport()


@dataclass(frozen=True, slots=True)
class FeedState:
    """How the reading of a site's feed goes. It begins anew with each change of the site (`site_version`).

    `due_at`: the epoch second from which on it is to be read again. `failures`: how often reading failed since it last
    worked; `error`: how. `validators` and `digest`: which version of the feed is known. `tried_at`: the last attempt.
    """

    site: str
    site_version: int
    due_at: int = 0
    tried_at: int | None = None
    failures: int = 0
    error: str | None = None
    validators: Validators = NO_VALIDATORS
    digest: str | None = None
    report: FeedReport = NOT_READ

    def begun(self, at: int) -> FeedState:
        """The state before a reading, as if it failed: a feed that ends the function is not read at once again."""
        return self.failed("The last reading did not come to its end.", at)

    def failed(self, error: str, at: int, wait: int = 0) -> FeedState:
        """The state after a reading that failed. The next one is later each time. `wait`: as its server asked."""
        text = " ".join(error.split())[:LONGEST_ERROR]
        back_off = min(INTERVAL * 2**self.failures, MOST_BACK_OFF)
        return replace(
            self, due_at=at + max(back_off, wait), tried_at=at, failures=min(self.failures + 1, 16), error=text
        )

    def succeeded(self, at: int, validators: Validators, digest: str | None, report: FeedReport) -> FeedState:
        """The state after a reading that worked."""
        return FeedState(self.site, self.site_version, at + INTERVAL, at, 0, None, validators, digest, report)

"""Leaderboards: which orders a ballot has, and an article's entry in each window, from its history alone.

An entry says what the article gained within its window, and what that is worth in each order. It depends on nothing
but the article's closings and its site's settings, not on when it is made: so it is the same however it came about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

from chalicelib.errors import InvalidValue
from chalicelib.insights.history import HOURS_ARE_KEPT_SECONDS, Closing, Timeline, gain
from chalicelib.insights.intervals import DAY, HOUR, WEEK, Step, Window, earlier, end_of, start_of
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.sites import Site
from chalicelib.voting.scores import bayesian_mean, controversy, score, surge
from chalicelib.voting.tallies import Tally

Order = Literal["voters", "net", "approval", "stars", "controversial", "rising"]
ORDERS: dict[str, tuple[Order, ...]] = {
    "like": ("voters", "rising"),
    "updown": ("voters", "net", "approval", "controversial", "rising"),
    "stars": ("voters", "stars", "rising"),
    "reactions": ("voters", "rising"),
}
EVERY_ORDER: tuple[Order, ...] = get_args(Order)
WINDOWS: tuple[Window, ...] = get_args(Window)
TREND_HOURS, TREND_DAYS = 24, 30
BASELINE_SECONDS = WEEK


@dataclass(frozen=True, slots=True)
class Trend:
    """How many voters were gained in each hour or day, one after the other, from `start` on."""

    step: Step
    start: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """What an article gained in the window that began at `start`.

    `gained.counts` and their sum may be negative: votes are retracted, too. `gained.version` grows whenever anything
    becomes known that the entry depends on: it is the sum of the versions of all tallies that it was made of. `total`:
    voters at the end of the window, or now. `values`: what it is ranked by, in each order that it has a place in.
    """

    ref: ArticleRef
    window: Window
    start: int
    gained: Tally
    total: int
    values: Mapping[Order, float]
    trend: Trend
    title: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """The entries of one site in one window, in one order."""

    site: str
    window: Window
    start: int
    order: Order


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of a board ended: the value and the article of its last entry."""

    value: str
    article: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries of a board, best first, and where to go on, if there may be more."""

    entries: Sequence[Entry]
    next: Place | None


def check_order(kind: str, order: Order, window: Window) -> None:
    """Refuse an order that articles with this kind of ballot, or in this window, are not ranked by."""
    if order not in ORDERS[kind]:
        raise InvalidValue(f"order must be one of: {', '.join(ORDERS[kind])}: this site votes {kind}.", field="order")
    if order == "rising" and window == "all":
        raise InvalidValue("rising needs a window: hour, day, week or month.", field="order")


def kept_windows(now: int) -> Iterator[tuple[Window, int]]:
    """The days, weeks and months whose leaderboards are kept, newest first."""
    for window in ("day", "week", "month"):
        start = start_of(window, now)
        while end_of(window, start) > now - HOURS_ARE_KEPT_SECONDS:
            yield window, start
            start = earlier(window, start, 1)


def earliest_needed(since: int) -> int:
    """From when on closings of days are needed to make the entries of every window from the moment `since` on."""
    return start_of("week", start_of("month", since)) - BASELINE_SECONDS  # a week may have begun in the month before


def entries(
    site: Site, ref: ArticleRef, article: Article | None, closings: Sequence[Closing], since: int
) -> list[Entry]:
    """The article's entries in every window that has something to do with a change at `since` or later."""
    timeline = Timeline(closings)
    days = [one.start for one in closings if one.step == "day" and one.end > since]
    hours = [one.start for one in closings if one.step == "hour" and one.end > since]
    touched: list[tuple[Window, int]] = [("hour", start) for start in hours]
    for window in ("day", "week", "month"):
        touched += [(window, start) for start in sorted({start_of(window, day) for day in days})]
    return [_entry(site, ref, article, timeline, window, start) for window, start in [*touched, ("all", 0)]]


def _entry(
    site: Site, ref: ArticleRef, article: Article | None, timeline: Timeline, window: Window, start: int
) -> Entry:
    before, after = timeline.before(start), timeline.before(end_of(window, start))
    counts = gain(after, before)
    updated_at = after.updated_at or start
    pace_began, pace_ended = _pace_of(timeline, start)
    step, bounds = _trend_bounds(window, start, max(start, updated_at))
    course = [timeline.before(bound) for bound in bounds]
    expected = 0.0
    if pace_began < pace_ended:
        grown = timeline.before(pace_ended).voters - timeline.before(pace_began).voters
        expected = max(0.0, grown / (pace_ended - pace_began) * (updated_at - start))
    known = [before, after, timeline.before(pace_began), timeline.before(pace_ended), *course]
    return Entry(
        ref=ref,
        window=window,
        start=start,
        gained=Tally(counts, sum(one.version for one in known), updated_at),
        total=after.voters,
        values=_values(site, counts, window, expected),
        trend=Trend(step, bounds[0], tuple(later.voters - one.voters for one, later in pairwise(course))),
        title=article.title if article else None,
        url=article.url if article else None,
    )


def _values(site: Site, counts: Mapping[str, int], window: Window, expected: float) -> dict[Order, float]:
    """Only what was voted on in the window is ranked: an article whose counts are what they were has no place."""
    if not any(counts.values()):
        return {}
    kind, voters = site.ballot.kind, sum(counts.values())
    values: dict[Order, float] = {"voters": voters}
    if window != "all":
        values["rising"] = surge(voters, expected)
    if kind == "updown":
        found = score(kind, counts)
        values["net"] = found.net or 0
        values["controversial"] = controversy(counts.get("up", 0), counts.get("down", 0))
        if found.approval is not None:
            values["approval"] = found.approval
    elif kind == "stars":
        values["stars"] = bayesian_mean(counts, site.star_prior)
    return values


def _pace_of(timeline: Timeline, start: int) -> tuple[int, int]:
    """From when to when an article's own pace is measured: the seven days before the window.

    Younger articles are measured by the days that they have; where there are none, both are the same. What is expected
    of the window at this pace is counted to the article's last change, not to the window's end: a stored value cannot
    fade, and early in a day nobody has gained what was expected of all of it.
    """
    today = start_of("day", start)
    first = today - BASELINE_SECONDS
    while first < today and not timeline.has_any_before(first + DAY):
        first += DAY
    return first, today


def _trend_bounds(window: Window, start: int, until: int) -> tuple[Step, range]:
    """The hours or days of the window until its last change; where that is too few or too many, the last ones."""
    step: Step = "hour" if window in ("hour", "day") else "day"
    length = HOUR if step == "hour" else DAY
    last = start_of(step, until)
    first = start
    if window == "hour":
        first = last - (TREND_HOURS - 1) * HOUR
    elif window == "all":
        first = last - (TREND_DAYS - 1) * DAY
    return step, range(first, last + length + 1, length)

"""Leaderboards: which ones there are, and how an article's entry in each window follows from its history.

An entry says what the article gained in its window, and its value in each order. It depends only on the article's
snapshots and on its site's settings. It does not depend on when it is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

from chalicelib.errors import InvalidValue
from chalicelib.insights.gains import Gain, gain_between
from chalicelib.insights.history import HOURS_ARE_KEPT_SECONDS, Snapshot, Timeline
from chalicelib.insights.intervals import DAY, HOUR, WEEK, Step, Window, earlier, end_of, start_of
from chalicelib.insights.ranking import bayesian_mean, controversy, surge
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.sites import Site
from chalicelib.voting.scores import score

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
    """How many voters were gained in each hour or day, in their order, from `start` on."""

    step: Step
    start: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """What an article gained in the window that began at `start`.

    `gained.version` is the sum of the versions of all tallies that the entry was made of. `total`: the voters at the
    end of the window, or now. `values`: what the article is ranked by, in each order in which it has a place.
    """

    ref: ArticleRef
    window: Window
    start: int
    gained: Gain
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
    """Where a page of a leaderboard ended: the value and the article of its last entry."""

    value: str
    article: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries of a leaderboard, best first. `next`: where the next page begins; None on the last page."""

    entries: Sequence[Entry]
    next: Place | None


def choose_board(site: Site, order: Order, window: Window, ago: int, now: int) -> Board:
    """A leaderboard. `ago`: 0 is the window that contains `now`, 1 is the window before it, and so on.

    Raises `InvalidValue` for an order that this ballot or this window does not have, and for a time too long ago.
    """
    kind = site.ballot.kind
    if order not in ORDERS[kind]:
        raise InvalidValue(
            f"order must be one of: {', '.join(ORDERS[kind])}. The ballot of this site is {kind}.", field="order"
        )
    if order == "rising" and window == "all":
        raise InvalidValue("rising needs a window: hour, day, week or month.", field="order")
    if ago and window == "all":
        raise InvalidValue("The window all has no window before it. ago must be 0.", field="ago")
    start = earlier(window, start_of(window, now), ago)
    if end_of(window, start) < now - HOURS_ARE_KEPT_SECONDS:
        raise InvalidValue(f"Leaderboards are kept for {HOURS_ARE_KEPT_SECONDS // DAY} days.", field="ago")
    return Board(site.id, window, start, order)


def kept_windows(now: int) -> Iterator[tuple[Window, int]]:
    """The days, weeks and months whose leaderboards are kept, newest first."""
    for window in ("day", "week", "month"):
        start = start_of(window, now)
        while end_of(window, start) > now - HOURS_ARE_KEPT_SECONDS:
            yield window, start
            start = earlier(window, start, 1)


def earliest_needed(since: int) -> int:
    """The first day whose snapshot is needed to make the entries of all windows from the moment `since` on."""
    return start_of("week", start_of("month", since)) - BASELINE_SECONDS  # a week may have begun in the month before


def entries(
    site: Site, ref: ArticleRef, article: Article | None, snapshots: Sequence[Snapshot], since: int
) -> list[Entry]:
    """The article's entries in every window that a change at `since` or later affects."""
    timeline = Timeline(snapshots)
    days = [one.start for one in snapshots if one.step == "day" and one.end > since]
    hours = [one.start for one in snapshots if one.step == "hour" and one.end > since]
    touched: list[tuple[Window, int]] = [("hour", start) for start in hours]
    for window in ("day", "week", "month"):
        touched += [(window, start) for start in sorted({start_of(window, day) for day in days})]
    return [_entry(site, ref, article, timeline, window, start) for window, start in [*touched, ("all", 0)]]


def _entry(
    site: Site, ref: ArticleRef, article: Article | None, timeline: Timeline, window: Window, start: int
) -> Entry:
    before, after = timeline.before(start), timeline.before(end_of(window, start))
    gained = gain_between(after, before)
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
        gained=Gain(gained.counts, sum(one.version for one in known), updated_at),
        total=after.voters,
        values=_values(site, gained.counts, window, expected),
        trend=Trend(step, bounds[0], tuple(later.voters - one.voters for one, later in pairwise(course))),
        title=article.title if article else None,
        url=article.url if article else None,
    )


def _values(site: Site, counts: Mapping[str, int], window: Window, expected: float) -> dict[Order, float]:
    """An article is ranked only if its counts changed in the window. Otherwise it has no values."""
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
    """When an article's own pace is measured, as (from, to): the seven days before the day in which the window begins.

    A younger article is measured in the days that it has. If it has none, the two are equal. The expected gain is for
    the time up to the article's last change. For the whole window it would be too high early in a day, and a stored
    value cannot change with time.
    """
    today = start_of("day", start)
    first = today - BASELINE_SECONDS
    while first < today and not timeline.has_any_before(first + DAY):
        first += DAY
    return first, today


def _trend_bounds(window: Window, start: int, until: int) -> tuple[Step, range]:
    """The hours or days of the window up to its last change. For `hour` and `all`: the last 24 hours or 30 days."""
    step: Step = "hour" if window in ("hour", "day") else "day"
    length = HOUR if step == "hour" else DAY
    last = start_of(step, until)
    first = start
    if window == "hour":
        first = last - (TREND_HOURS - 1) * HOUR
    elif window == "all":
        first = last - (TREND_DAYS - 1) * DAY
    return step, range(first, last + length + 1, length)

"""Leaderboards: which ones there are, and what an article gained in each window, from its history.

An article's entry in a window depends only on its history up to the end of the hour in which it last changed. It does
not depend on when the entry is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

from chalicelib.errors import InvalidValue
from chalicelib.insights.gains import Gain, gain_between
from chalicelib.insights.history import HOURS_ARE_KEPT_SECONDS, Day, Timeline
from chalicelib.insights.intervals import DAY, HOUR, WEEK, Step, Window, earlier, end_of, start_of
from chalicelib.insights.ranking import bayesian_mean, controversy, surge
from chalicelib.publishing.articles import ArticleRef
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
HOURS_ALONE: tuple[Window, ...] = ("hour",)
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
    """What an article gained in the window that began at `start`, up to the end of `hour`, in which it last changed.

    `gained.version` is the sum of the versions of all states that the entry may depend on. `total`: its voters at the
    end of the hour. `surge`: how far the gain is above the article's own pace; 0 in the window `all`.
    """

    ref: ArticleRef
    window: Window
    start: int
    hour: int
    gained: Gain
    total: int
    surge: float
    trend: Trend

    @property
    def newness(self) -> tuple[int, int]:
        """Of two entries of an article in a window, the one with the higher newness knows more."""
        return self.hour, self.gained.version


@dataclass(frozen=True, slots=True)
class Activity:
    """An article's entries in all windows at the end of an hour in which its counts changed.

    `version` grows whenever anything becomes known that one of the entries depends on.
    """

    ref: ArticleRef
    hour: int
    version: int
    entries: Mapping[Window, Entry]


@dataclass(frozen=True, slots=True)
class Board:
    """The entries of one site in one window, in one order."""

    site: str
    window: Window
    start: int
    order: Order


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


def orders_of(site: Site, window: Window) -> tuple[Order, ...]:
    """The orders of the site's leaderboards in this window."""
    return tuple(one for one in ORDERS[site.ballot.kind] if one != "rising" or window != "all")


def value(site: Site, entry: Entry, order: Order) -> float | None:
    """What the entry is ranked by in an order of its site. None if its counts did not change in the window."""
    counts = entry.gained.counts
    if not any(counts.values()):
        return None
    if order == "voters":
        return entry.gained.voters
    if order == "rising":
        return entry.surge
    if order == "controversial":
        return controversy(counts.get("up", 0), counts.get("down", 0))
    if order == "stars":
        return bayesian_mean(counts, site.star_prior)
    found = score("updown", counts)
    return found.net if order == "net" else found.approval


def earliest_needed(since: int) -> int:
    """The first day that is needed to make the entries of all windows from the moment `since` on."""
    month = start_of("week", start_of("month", since)) - BASELINE_SECONDS  # a week may have begun in the month before
    return min(month, start_of("day", since) - TREND_DAYS * DAY)


def activities(ref: ArticleRef, days: Sequence[Day], since: int) -> Iterator[Activity]:
    """The article's activity in every hour that a change at `since` or later affects, oldest first.

    `days` must hold every day from `earliest_needed(since)` on.
    """
    timeline = Timeline(days)
    for hour in sorted(hour for day in days for hour in day.hours if hour + HOUR > since):
        version = _version(days, hour)
        entries = {window: _entry(ref, timeline, window, start_of(window, hour), hour, version) for window in WINDOWS}
        yield Activity(ref, hour, version, entries)


def _version(days: Sequence[Day], hour: int) -> int:
    """The sum of the versions of all states on which an entry at the end of this hour may depend.

    It is not the sum over those that the entry was made of. Which ones these are depends on the states themselves, so
    that sum may fall when more becomes known.
    """
    first, today = earliest_needed(hour), start_of("day", hour)
    earlier = sum(day.version for day in days if first <= day.start < today)
    of_today = next((day.up_to(hour).version for day in days if day.start == today), 0)
    return earlier + of_today


def newest(entries: Iterable[Entry]) -> dict[str, Entry]:
    """The newest entry of each article."""
    found: dict[str, Entry] = {}
    for entry in entries:
        other = found.get(entry.ref.article)
        if other is None or entry.newness > other.newness:
            found[entry.ref.article] = entry
    return found


def trend_starts(window: Window, start: int, updated_at: int) -> tuple[Step, range]:
    """The beginnings of the hours or days of a trend: those of the window up to its last change.

    For `hour` and `all`: the last 24 hours or 30 days.
    """
    step: Step = "hour" if window in ("hour", "day") else "day"
    length = HOUR if step == "hour" else DAY
    last = start_of(step, max(start, updated_at))
    first = start
    if window == "hour":
        first = last - (TREND_HOURS - 1) * HOUR
    elif window == "all":
        first = last - (TREND_DAYS - 1) * DAY
    return step, range(first, last + 1, length)


def _entry(ref: ArticleRef, timeline: Timeline, window: Window, start: int, hour: int, version: int) -> Entry:
    before, after = timeline.before(start), timeline.before(hour + HOUR)
    gained = gain_between(after, before)
    updated_at = after.updated_at or start
    pace_began, pace_ended = _pace_of(timeline, start)
    expected = 0.0
    if pace_began < pace_ended:
        grown = timeline.before(pace_ended).voters - timeline.before(pace_began).voters
        expected = max(0.0, grown / (pace_ended - pace_began) * (updated_at - start))
    step, starts = trend_starts(window, start, updated_at)
    course = [timeline.before(min(bound, hour + HOUR)) for bound in [*starts, starts[-1] + starts.step]]
    return Entry(
        ref=ref,
        window=window,
        start=start,
        hour=hour,
        gained=Gain({choice: n for choice, n in gained.counts.items() if n}, version, updated_at),
        total=after.voters,
        surge=0.0 if window == "all" else surge(gained.voters, expected),
        trend=Trend(step, starts[0], tuple(later.voters - one.voters for one, later in pairwise(course))),
    )


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

"""Leaderboards: which ones there are, and what an article gained in each window, from its history.

An article's entry in a window depends only on its history up to the end of the slot in which it last changed. It does
not depend on when the entry is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, get_args

from chalicelib.errors import InvalidValue
from chalicelib.insights.excluded import NOTHING_EXCLUDED, Excluded
from chalicelib.insights.gains import Gain, gain_between
from chalicelib.insights.history import HOURS_ARE_KEPT_SECONDS, Day, Timeline
from chalicelib.insights.intervals import DAY, HOUR, UTC, Calendar, Step, Window
from chalicelib.insights.ranking import bayesian_mean, controversy, surge
from chalicelib.publishing.articles import NO_TERMS, ArticleRef, Terms
from chalicelib.publishing.sites import Site
from chalicelib.voting.scores import score
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
BASELINE_DAYS = 7


@dataclass(frozen=True, slots=True)
class Trend:
    """How many voters were gained in each hour, or in each day of the site, in their order, from `start` on."""

    step: Step
    start: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """What an article gained in the window that began at `start`, up to the end of `slot`, in which it last changed.

    `gained.version` is the sum of the versions of all states that the entry may depend on. `total`: its voters at the
    end of the slot. `surge`: how far the gain is above the article's own pace; 0 in the window `all`.
    """

    ref: ArticleRef
    window: Window
    start: int
    slot: int
    gained: Gain
    total: int
    surge: float
    trend: Trend

    def emptied(self) -> Entry:
        """The entry of an article whose votes are another one's."""
        trend = replace(self.trend, values=(0,) * len(self.trend.values))
        return replace(self, gained=replace(self.gained, counts={}), total=0, surge=0.0, trend=trend)

    @property
    def newness(self) -> tuple[int, int]:
        """Of two entries of an article in a window, the one with the higher newness knows more."""
        return self.slot, self.gained.version


@dataclass(frozen=True, slots=True)
class Activity:
    """An article's entries in all windows at the end of a slot in which its counts changed.

    `gained`: in the slot alone. `version` grows whenever anything becomes known that one of the entries depends on.
    """

    ref: ArticleRef
    slot: int
    version: int
    gained: Gain
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
    calendar = Calendar(site.time_zone)
    start = calendar.earlier(window, calendar.start_of(window, now), ago)
    if calendar.end_of(window, start) < now - HOURS_ARE_KEPT_SECONDS:
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


def earliest_needed(since: int, calendar: Calendar) -> int:
    """The first day of UTC that is needed to make the entries of all windows from the moment `since` on."""
    week = calendar.start_of("week", calendar.start_of("month", since))  # it may have begun in the month before
    pace = calendar.earlier("day", week, BASELINE_DAYS)
    trend = calendar.earlier("day", calendar.start_of("day", since), TREND_DAYS)
    return UTC.start_of("day", min(pace, trend))


def activities(
    ref: ArticleRef,
    days: Sequence[Day],
    since: int,
    calendar: Calendar,
    terms: Terms = NO_TERMS,
    excluded: Excluded = NOTHING_EXCLUDED,
) -> Iterator[Activity]:
    """The article's activity in every slot that a change at `since` or later affects, oldest first.

    `days` must hold every day from `earliest_needed(since, calendar)` on. An alias gained nothing: the days of its
    article have its votes.
    """
    timeline = Timeline(days, calendar, excluded)
    versions = {day.start: day.version for day in days}
    # A day may have been stored when the site had another time zone, so its slots may be other parts of an hour.
    changed = {calendar.slot_of(slot): day for day in days for slot in day.slots if calendar.end_of_slot(slot) > since}
    for slot, day in sorted(changed.items(), key=lambda one: one[0]):
        end = calendar.end_of_slot(slot)
        # With each change of the merges or exclusions, the same states make other entries.
        changes = terms.merges.changes + terms.exclusions.changes
        version = _version(versions, day.until(end), earliest_needed(slot, calendar)) + changes
        entries = {window: _entry(ref, timeline, window, slot, version, calendar) for window in WINDOWS}
        if terms.merges.moved_to is not None:
            nothing = Gain({}, version, slot)
            yield Activity(ref, slot, version, nothing, {window: one.emptied() for window, one in entries.items()})
            continue
        after = timeline.before(end)
        yield Activity(ref, slot, version, _gained(after, timeline.before(slot), version, slot), entries)


def _version(versions: Mapping[int, int], today: Day, first: int) -> int:
    """The sum of the versions of all states on which an entry may depend: those of the days from `first` on.

    It is not the sum over those that the entry was made of. Which ones these are depends on the states themselves, so
    that sum may fall when more becomes known.
    """
    return today.version + sum(version for start, version in versions.items() if first <= start < today.start)


def trend_starts(window: Window, start: int, updated_at: int, calendar: Calendar) -> tuple[Step, list[int]]:
    """The beginnings of the hours or days of a trend: those of the window up to its last change.

    For `hour` and `all`: the last 24 hours or 30 days. If a day begins within an hour, its trend begins with this hour.
    """
    step: Step = "hour" if window in ("hour", "day") else "day"
    last = calendar.start_of(step, max(start, updated_at))
    first = calendar.start_of(step, start)
    if window == "hour":
        first = last - (TREND_HOURS - 1) * HOUR
    elif window == "all":
        first = calendar.earlier("day", last, TREND_DAYS - 1)
    return step, calendar.starts(step, first, last + 1)


def _entry(ref: ArticleRef, timeline: Timeline, window: Window, slot: int, version: int, calendar: Calendar) -> Entry:
    start, end = calendar.start_of(window, slot), calendar.end_of_slot(slot)
    before, after = timeline.before(start), timeline.before(end)
    gained = _gained(after, before, version, start)
    epoch = after.terms.epoch  # what was before a reset counts neither for the trend nor for the pace
    updated_at = after.updated_at or start
    pace_began, pace_ended = _pace_of(timeline, start, calendar)
    expected = 0.0
    if pace_began < pace_ended:
        grown = timeline.voters_before(pace_ended, epoch) - timeline.voters_before(pace_began, epoch)
        expected = max(0.0, grown / (pace_ended - pace_began) * (updated_at - start))
    step, starts = trend_starts(window, start, updated_at, calendar)
    bounds = [max(starts[0], start) if window == "day" else starts[0], *starts[1:], calendar.end_of(step, starts[-1])]
    course = [timeline.voters_before(min(bound, end), epoch) for bound in bounds]
    return Entry(
        ref=ref,
        window=window,
        start=start,
        slot=slot,
        gained=gained,
        total=after.voters,
        surge=0.0 if window == "all" else surge(gained.voters, expected),
        trend=Trend(step, starts[0], tuple(later - one for one, later in pairwise(course))),
    )


def _gained(after: Tally, before: Tally, version: int, start: int) -> Gain:
    counts = gain_between(after, before).counts
    return Gain({choice: count for choice, count in counts.items() if count}, version, after.updated_at or start)


def _pace_of(timeline: Timeline, start: int, calendar: Calendar) -> tuple[int, int]:
    """When an article's own pace is measured, as (from, to): the seven days before the day in which the window begins.

    A younger article is measured in the days that it has. If it has none, the two are equal. The expected gain is for
    the time up to the article's last change. For the whole window it would be too high early in a day, and a stored
    value cannot change with time.
    """
    today = calendar.start_of("day", start)
    days = calendar.starts("day", calendar.earlier("day", today, BASELINE_DAYS), today)
    known = (day for day in days if timeline.has_any_before(calendar.end_of("day", day)))
    return next(known, today), today

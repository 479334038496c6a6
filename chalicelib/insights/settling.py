"""Settling the hours of a site: their activities go into the ranked lists and the totals.

An hour is settled when votes of a later hour arrive, GRACE_SECONDS after its end. Until then, and if it is never
settled, readers take its activities themselves.

A late vote may belong to a settled hour. Its activity is stored first. Then its writer reads how far the site is
settled. The settler stores how far it begins to settle, and then reads the activities. So either the settler finds the
activity, or the writer finds that the hour is settled, and settles it again. That changes nothing else: entries replace
older ones of the same article, and totals are added up again.

Lists of windows that are no longer kept are not made.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from chalicelib.deadlines import Deadline
from chalicelib.insights.editions import edition
from chalicelib.insights.gains import add_up_gains
from chalicelib.insights.history import HOURS_ARE_KEPT_SECONDS
from chalicelib.insights.intervals import HOUR, Calendar, Window
from chalicelib.insights.leaderboards import Activity, Entry
from chalicelib.insights.ports import InsightStore
from chalicelib.insights.ranked_lists import MOST_RANKED, ListTooLong, RankedList, merge
from chalicelib.insights.site_totals import Level, Settled, SiteTotal, add_up_totals
from chalicelib.publishing.sites import Site

GRACE_SECONDS = 60
LISTED: tuple[Window, ...] = ("day", "week", "month", "all")  # the articles of one hour are read as they are
SUMS: tuple[Literal["day", "month", "all"], ...] = ("day", "month", "all")


@dataclass
class Active:
    """The slots of a site for which activities were stored, and the time of the last change, in epoch seconds."""

    slots: set[int] = field(default_factory=set)
    last: int = 0

    def include(self, other: Active) -> None:
        """Add what another one has."""
        self.slots |= other.slots
        self.last = max(self.last, other.last)


def begin(insights: InsightStore, site: Site, now: int, deadline: Deadline) -> None:
    """Say of a new site that no hour before this one is to be settled, so that its first votes need not look for one.

    Votes of earlier hours that come nevertheless are late votes. A site that returns to settings which it had before
    goes on from where it was.
    """
    hour = Calendar(site.time_zone).start_of("hour", now)
    if insights.settled(site, deadline) == Settled():
        insights.put_settled(site, Settled(hour, hour), deadline)


def begin_if_new(insights: InsightStore, before: Site | None, after: Site, now: int, deadline: Deadline) -> None:
    """Begin, if this change of a site gives it leaderboards and totals of their own."""
    if before is None or edition(before) != edition(after):
        begin(insights, after, now, deadline)


def settle_after(insights: InsightStore, site: Site, active: Active, deadline: Deadline) -> None:
    """Settle what is to be settled after these activities were stored."""
    calendar = Calendar(site.time_zone)
    settled = insights.settled(site, deadline)
    known = max(settled.through, settled.begun)
    late = [slot for slot in active.slots if slot < known]
    if late:
        _settle(insights, site, min(late), known, active.last, deadline)
    end = max(calendar.start_of("hour", active.last - GRACE_SECONDS), known)
    through = settled.through
    while through < end:  # hour by hour, so that what is done is done, however much there is
        found = insights.activities(site, through, end, deadline, windows=(), most=1, consistent=True)
        if not found:
            break
        after = calendar.start_of("hour", found[0].slot) + HOUR
        insights.put_settled(site, Settled(through, after), deadline)
        _settle(insights, site, through, after, active.last, deadline)  # a vote of an earlier hour may have come since
        insights.put_settled(site, Settled(after, after), deadline)
        through = after


def _settle(insights: InsightStore, site: Site, first: int, through: int, last: int, deadline: Deadline) -> None:
    """Put the activities of the slots from `first` on and before `through` into the ranked lists and the totals."""
    calendar = Calendar(site.time_zone)
    found = insights.activities(site, first, through, deadline, windows=(), consistent=True)
    _add_up(insights, site, found, deadline)
    windows = {(window, calendar.start_of(window, one.slot)) for one in found for window in LISTED}
    pending = {one for one in windows if calendar.end_of(*one) >= last - HOURS_ARE_KEPT_SECONDS}
    while pending:
        # The lists are read before the activities. So an entry older than what made a list cannot come back. Another
        # container may have settled further hours in the meantime.
        lists = [
            insights.ranked_list(site, window, start, deadline, consistent=True) for window, start in sorted(pending)
        ]
        end = max(through, *(known.through for known in lists))
        found = insights.activities(site, first, end, deadline, windows=LISTED, consistent=True)
        pending = set()
        for known in lists:
            entries = [one.entries[known.window] for one in found]
            arose = [one for one in entries if one.start == known.start]
            if not _store_merged(insights, site, known, arose, deadline):
                pending.add((known.window, known.start))  # another container has stored the list in the meantime


def _store_merged(
    insights: InsightStore, site: Site, known: RankedList, arose: list[Entry], deadline: Deadline
) -> bool:
    """Store the list with these entries, as long as an item can be. Returns False if it is not the stored list."""
    most = MOST_RANKED
    while True:
        merged = merge(known, site, arose, most)
        try:
            return merged == known or insights.put_ranked_list(site, merged, deadline)
        except ListTooLong:
            most //= 2


def _add_up(insights: InsightStore, site: Site, found: Iterable[Activity], deadline: Deadline) -> None:
    """Add up these slots, then their days and months, and the site's total."""
    calendar = Calendar(site.time_zone)
    slots: dict[int, list[Activity]] = {}
    for one in found:
        slots.setdefault(one.slot, []).append(one)
    for slot, active in sorted(slots.items()):
        gained = add_up_gains(one.gained for one in active)
        insights.put_total(site, SiteTotal("slot", slot, gained, calendar.end_of_slot(slot)), deadline)
    parts: Level = "slot"
    for level in SUMS:
        for start in sorted({calendar.start_of(level, slot) for slot in slots}):
            end = calendar.end_of(level, start)
            totals = insights.totals(site, parts, start, end, deadline, consistent=True)
            insights.put_total(site, add_up_totals(level, start, totals), deadline)
        parts = level

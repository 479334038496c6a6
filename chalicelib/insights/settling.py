"""Settling the hours of a site: their activities go into the ranked lists and the totals.

An hour is settled when votes of a later hour arrive, GRACE_SECONDS after its end. Until then, and if it is never
settled, readers take its activities themselves.

A late vote may belong to a settled hour. Its activity is stored first. Then its writer reads how far the site is
settled. The settler stores how far it begins to settle, and then reads the activities. So either the settler finds the
activity, or the writer finds that the hour is settled, and settles it again. That changes nothing else: entries replace
older ones of the same article, and totals are added up again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from chalicelib.deadlines import Deadline
from chalicelib.insights.gains import add_up_gains
from chalicelib.insights.intervals import DAY, FOR_EVER, HOUR, Window, start_of
from chalicelib.insights.leaderboards import HOURS_ALONE, Activity, Entry
from chalicelib.insights.ports import InsightStore
from chalicelib.insights.ranked_lists import MOST_RANKED, ListTooLong, RankedList, merge
from chalicelib.insights.site_totals import Settled, SiteTotal, add_up_totals
from chalicelib.publishing.sites import Site

GRACE_SECONDS = 60
LISTED: tuple[Window, ...] = ("day", "week", "month", "all")  # the articles of one hour are read as they are


@dataclass
class Active:
    """The hours of a site for which activities were stored, and the time of the last change, in epoch seconds."""

    hours: set[int] = field(default_factory=set)
    last: int = 0

    def include(self, other: Active) -> None:
        """Add what another one has."""
        self.hours |= other.hours
        self.last = max(self.last, other.last)


def settle_after(insights: InsightStore, site: Site, active: Active, deadline: Deadline) -> None:
    """Settle what is to be settled after these activities were stored."""
    settled = insights.settled(site.id, deadline)
    known = max(settled.through, settled.begun)
    late = [hour for hour in active.hours if hour < known]
    if late:
        _settle(insights, site, min(late), known, deadline)
    end = max(start_of("hour", active.last - GRACE_SECONDS), known)
    through = settled.through
    while through < end:  # hour by hour, so that what is done is done, however much there is
        found = insights.activities(site.id, through, end, deadline, windows=(), most=1, consistent=True)
        if not found:
            break
        after = found[0].hour + HOUR
        insights.put_settled(site.id, Settled(through, after), deadline)
        _settle(insights, site, through, after, deadline)  # a vote of an earlier hour may have come since
        insights.put_settled(site.id, Settled(after, after), deadline)
        through = after


def _settle(insights: InsightStore, site: Site, first: int, through: int, deadline: Deadline) -> None:
    """Put the activities of the hours from `first` on and before `through` into the ranked lists and the totals."""
    found = insights.activities(site.id, first, through, deadline, windows=HOURS_ALONE, consistent=True)
    _add_up(insights, site.id, found, deadline)
    pending = {(window, start_of(window, one.hour)) for one in found for window in LISTED}
    while pending:
        # The lists are read before the activities. So an entry older than what made a list cannot come back. Another
        # container may have settled further hours in the meantime.
        lists = [
            insights.ranked_list(site.id, window, start, deadline, consistent=True) for window, start in sorted(pending)
        ]
        end = max(through, *(known.through for known in lists))
        found = insights.activities(site.id, first, end, deadline, windows=LISTED, consistent=True)
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
            return merged == known or insights.put_ranked_list(site.id, merged, deadline)
        except ListTooLong:
            most //= 2


def _add_up(insights: InsightStore, site: str, found: Iterable[Activity], deadline: Deadline) -> None:
    """Add up these hours, then their days, and the site's total."""
    hours: dict[int, list[Activity]] = {}
    for one in found:
        hours.setdefault(one.hour, []).append(one)
    for hour, active in sorted(hours.items()):
        gained = add_up_gains(one.entries["hour"].gained for one in active)
        insights.put_total(site, SiteTotal("hour", hour, gained, hour + HOUR), deadline)
    for day in sorted({start_of("day", hour) for hour in hours}):
        of_day = insights.totals(site, "hour", day, day + DAY, deadline, consistent=True)
        insights.put_total(site, add_up_totals("day", day, of_day), deadline)
    if hours:
        days = insights.totals(site, "day", 0, FOR_EVER, deadline, consistent=True)
        insights.put_total(site, add_up_totals("all", 0, days), deadline)

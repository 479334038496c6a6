"""Bringing everything that is derived from votes up to date: summaries, histories, leaderboards, site totals.

    a vote's transaction -> tally shard -> stream -> project(article, its changed shards)
                                                       summary       the shards' sum
                                                       closings      learn(what is stored, what came, what is there)
                                                       entries       made anew from the closings
                                                     -> add_up_site(site, the hours that changed)
                                                       part of an hour, hour, day, everything: sums of what is below

Nothing is counted up here. Each step reads what is there, decides in pure rules what must be, and stores it only over
something older. Records that come twice, late or in any order end in the same items; a step that dies half-way is
finished when its record comes again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from chalicelib.deadlines import Deadline
from chalicelib.errors import UnknownSite
from chalicelib.insights.history import HOURS_ARE_KEPT_SECONDS, Closing, Shards, ShardState, learn
from chalicelib.insights.intervals import DAY, FOR_EVER, HOUR, Step, start_of
from chalicelib.insights.leaderboards import TREND_DAYS, TREND_HOURS, earliest_needed, entries
from chalicelib.insights.site_totals import SiteTotal, hour_part
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.voting.ports import InsightStore, VoteStore
from chalicelib.voting.tallies import add_up


@dataclass(frozen=True, slots=True)
class HourPart:
    """A part of an hour of a site, whose total is to be added up again."""

    start: int
    part: int


def project(
    store: VoteStore,
    insights: InsightStore,
    sites: SiteDirectory,
    ref: ArticleRef,
    changed: Collection[ShardState],
    deadline: Deadline,
) -> set[HourPart]:
    """Bring one article's summary, closings and entries up to date after these states of its shards came about.

    Returns what is to be added up again. An article of a site that is gone has nothing but its summary.
    """
    article, current = store.article_and_shards(ref, deadline)
    store.put_summary(ref, add_up(current.values()), deadline)
    try:
        site = sites.site(ref.site, deadline)
    except UnknownSite:
        return set()
    if not changed:
        return set()
    latest = max(state.updated_at or 0 for state in [*(one for _, one in changed), *current.values()])
    # What came about longer ago than hours are kept is in days only: to learn its hours would need all hours since.
    recent = [one for one in changed if (one[1].updated_at or 0) > latest - HOURS_ARE_KEPT_SECONDS]
    since = min((state.updated_at or 0 for _, state in recent), default=latest)
    while (closings := _learn(insights, ref, changed, recent, current, since, latest, deadline)) is None:
        pass  # somebody else has learned something meanwhile: again, on what they left
    for entry in entries(site, ref, article, closings, since):
        insights.put_entry(entry, deadline)
    part = hour_part(ref.article)
    return {HourPart(one.start, part) for one in closings if one.step == "hour" and one.end > since}


def _learn(
    insights: InsightStore,
    ref: ArticleRef,
    changed: Collection[ShardState],
    recent: Collection[ShardState],
    current: Shards,
    since: int,
    latest: int,
    deadline: Deadline,
) -> list[Closing] | None:
    """Read the closings that matter, learn, store what is new; all of them as they are now, or None: do it again."""

    def learn_step(
        step: Step, first: int, states: Collection[ShardState], days: Sequence[Closing]
    ) -> list[Closing] | None:
        first = min([first, *(state.updated_at or 0 for _, state in states)])
        expected = (latest - start_of(step, first)) // (HOUR if step == "hour" else DAY) + 3
        known = list(insights.closings_back_to(ref, step, start_of(step, first), expected, deadline))[::-1]
        oldest = min([first, *(one.start for one in known)])
        earlier = next((one.shards for one in reversed(days) if one.end <= oldest), {})
        learned = learn(step, known, states, current, earlier)
        before = {one.start: one for one in known}
        for one in learned:
            was = before.get(one.start)
            if was is None or was.shards != one.shards:
                read_version = was.tally.version if was else 0
                if not insights.put_closing(ref, one, read_version, deadline):
                    return None
        return learned

    days = learn_step("day", min(earliest_needed(since), latest - (TREND_DAYS + 1) * DAY), changed, ())
    if days is None:
        return None
    first = min(start_of("day", since), start_of("hour", since) - (TREND_HOURS + 1) * HOUR)
    hours = learn_step("hour", first, recent, days)
    return None if hours is None else [*days, *hours]


def add_up_site(insights: InsightStore, site: str, hour_parts: Collection[HourPart], deadline: Deadline) -> None:
    """Add up these parts of a site's hours, the days of those hours, and the site's total."""
    for one in sorted(hour_parts, key=lambda part: (part.start, part.part)):
        gained = add_up(insights.gains_of_hour(site, one.start, one.part, deadline))
        insights.put_total(site, SiteTotal("part", one.start, gained, one.part), deadline)
    for hour in sorted({one.start for one in hour_parts}):
        gained = add_up(insights.parts_of_hour(site, hour, deadline))
        insights.put_total(site, SiteTotal("hour", hour, gained), deadline)
    for day in sorted({start_of("day", one.start) for one in hour_parts}):
        hours = insights.totals(site, "hour", day, day + DAY, deadline, consistent=True)
        insights.put_total(site, SiteTotal("day", day, add_up(one.gained for one in hours)), deadline)
    days = insights.totals(site, "day", 0, FOR_EVER, deadline, consistent=True)
    insights.put_total(site, SiteTotal("all", 0, add_up(one.gained for one in days)), deadline)

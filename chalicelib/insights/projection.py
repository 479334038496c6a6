"""Bringing the read models up to date with the votes: projected tallies, histories, leaderboards, site totals.

    a vote's transaction -> tally shard -> stream -> Projection.project_batch(the changed shards of some articles)
        for each article    projected tally  the sum of its shards
                            snapshots        learn(stored snapshots, the states in the batch, the shards now)
                            entries          made again from the snapshots
        for each site       totals           sums of the parts of an hour, the hour, the day, everything

No counter is incremented. Each step reads what is stored, computes the new item in pure rules, and never replaces an
item by an older one. So records that arrive twice, late or in any order lead to the same items, and a step
that stops half-way is completed when its record arrives again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.deadlines import Deadline
from chalicelib.errors import UnknownSite
from chalicelib.insights.gains import add_up_gains
from chalicelib.insights.history import HOURS_ARE_KEPT_SECONDS, Shards, ShardState, Snapshot, learn
from chalicelib.insights.intervals import DAY, FOR_EVER, HOUR, Step, start_of
from chalicelib.insights.leaderboards import TREND_DAYS, TREND_HOURS, earliest_needed, entries
from chalicelib.insights.ports import InsightStore
from chalicelib.insights.site_totals import SiteTotal, hour_part
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.voting.ports import VoteStore
from chalicelib.voting.tallies import add_up

Batch = Mapping[ArticleRef, Collection[ShardState]]


@dataclass(frozen=True, slots=True)
class HourPart:
    """A part of an hour of a site. Its total must be added up again."""

    start: int
    part: int


@dataclass(frozen=True, slots=True)
class Projection:
    """Derives the read models from the votes."""

    votes: VoteStore
    insights: InsightStore
    sites: SiteDirectory

    def project_batch(
        self, batch: Batch, article_deadline: Deadline, site_deadline: Deadline
    ) -> dict[ArticleRef, Exception]:
        """Project these articles, each once, and add up their sites. Returns the articles that failed, and why.

        One article's failure does not stop the others. If the totals of a site fail, all its articles have failed.
        """
        failed: dict[ArticleRef, Exception] = {}
        hour_parts: dict[str, set[HourPart]] = {}
        for ref, states in batch.items():
            try:
                hour_parts.setdefault(ref.site, set()).update(self._project(ref, states, article_deadline))
            except Exception as error:  # even a bug of ours that one article's numbers reveal
                failed[ref] = error
        for site, parts in hour_parts.items():
            try:
                if parts:
                    self._add_up_site(site, parts, site_deadline)
            except Exception as error:
                for ref in batch:
                    if ref.site == site:
                        failed.setdefault(ref, error)
        return failed

    def _project(self, ref: ArticleRef, changed: Collection[ShardState], deadline: Deadline) -> set[HourPart]:
        """Bring one article's projected tally, snapshots and entries up to date with these states of its shards.

        Returns what must be added up again. If the article's site is gone, only its tally is projected.
        """
        article, current = self.votes.article_and_shards(ref, deadline)
        self.votes.put_projected_tally(ref, add_up(current.values()), deadline)
        try:
            site = self.sites.site(ref.site, deadline)
        except UnknownSite:
            return set()
        if not changed:
            return set()
        latest = max(state.updated_at or 0 for state in [*(one for _, one in changed), *current.values()])
        # Hours are kept for 60 days before the last change. Older states change only the snapshots of days.
        recent = [one for one in changed if (one[1].updated_at or 0) > latest - HOURS_ARE_KEPT_SECONDS]
        since = min((state.updated_at or 0 for _, state in recent), default=latest)
        learning = _Learning(self.insights, ref, changed, recent, current, since, latest)
        while (snapshots := learning.learn(deadline)) is None:
            pass  # another container has stored a snapshot in the meantime: learn again, from what it stored
        for entry in entries(site, ref, article, snapshots, since):
            self.insights.put_entry(entry, deadline)
        part = hour_part(ref.article)
        return {HourPart(one.start, part) for one in snapshots if one.step == "hour" and one.end > since}

    def _add_up_site(self, site: str, hour_parts: Collection[HourPart], deadline: Deadline) -> None:
        """Add up these parts of a site's hours, then the hours, their days, and the site's total."""
        for one in sorted(hour_parts, key=lambda part: (part.start, part.part)):
            gained = add_up_gains(self.insights.gains_of_hour(site, one.start, one.part, deadline))
            self.insights.put_total(site, SiteTotal("part", one.start, gained, one.part), deadline)
        for hour in sorted({one.start for one in hour_parts}):
            gained = add_up_gains(self.insights.parts_of_hour(site, hour, deadline))
            self.insights.put_total(site, SiteTotal("hour", hour, gained), deadline)
        for day in sorted({start_of("day", one.start) for one in hour_parts}):
            hours = self.insights.totals(site, "hour", day, day + DAY, deadline, consistent=True)
            self.insights.put_total(site, SiteTotal("day", day, add_up_gains(one.gained for one in hours)), deadline)
        days = self.insights.totals(site, "day", 0, FOR_EVER, deadline, consistent=True)
        self.insights.put_total(site, SiteTotal("all", 0, add_up_gains(one.gained for one in days)), deadline)


@dataclass(frozen=True, slots=True)
class _Learning:
    """Updates one article's snapshots. `since`: the first change in the kept hours. `latest`: the last change."""

    insights: InsightStore
    ref: ArticleRef
    changed: Collection[ShardState]
    recent: Collection[ShardState]
    current: Shards
    since: int
    latest: int

    def learn(self, deadline: Deadline) -> list[Snapshot] | None:
        """All snapshots that the entries need, after new ones were stored. None if a stored one has changed."""
        first_day = min(earliest_needed(self.since), self.latest - (TREND_DAYS + 1) * DAY)
        days = self._learn_step("day", first_day, self.changed, (), deadline)
        if days is None:
            return None
        first_hour = min(start_of("day", self.since), start_of("hour", self.since) - (TREND_HOURS + 1) * HOUR)
        hours = self._learn_step("hour", first_hour, self.recent, days, deadline)
        return None if hours is None else [*days, *hours]

    def _learn_step(
        self, step: Step, first: int, states: Collection[ShardState], days: Sequence[Snapshot], deadline: Deadline
    ) -> list[Snapshot] | None:
        first = min([first, *(state.updated_at or 0 for _, state in states)])
        expected = (self.latest - start_of(step, first)) // (HOUR if step == "hour" else DAY) + 3
        newest_first = self.insights.snapshots_back_to(self.ref, step, start_of(step, first), expected, deadline)
        known = list(newest_first)[::-1]
        oldest = min([first, *(one.start for one in known)])
        earlier = next((one.shards for one in reversed(days) if one.end <= oldest), {})
        learned = learn(step, known, states, self.current, earlier)
        before = {one.start: one for one in known}
        for one in learned:
            was = before.get(one.start)
            if was is None or was.shards != one.shards:
                read_version = was.tally.version if was else 0
                if not self.insights.put_snapshot(self.ref, one, read_version, deadline):
                    return None
        return learned

"""Bringing the read models up to date with the votes: projected tallies, days, activities, ranked lists, site totals.

    a vote's transaction -> tally shard -> stream -> Projection.project_batch(the changed shards of some articles)
        for each article    projected tally  the sum of its shards
                            days             learn(stored days, the states in the batch, the shards now)
                            activities       made again from the days, for each hour that changed
        for each site       once an hour     ranked lists and totals, from the activities (`insights.settling`)

No counter is incremented. Each step reads what is stored, computes the new item in pure rules, and never replaces an
item by one that knows less. So records that arrive twice, late or in any order lead to the same items, and a step
that stops half-way is completed when its record arrives again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from chalicelib.deadlines import Deadline
from chalicelib.errors import UnknownSite
from chalicelib.insights.history import HOURS_ARE_KEPT_SECONDS, Day, Shards, ShardState, learn
from chalicelib.insights.leaderboards import activities, earliest_needed
from chalicelib.insights.ports import InsightStore
from chalicelib.insights.settling import Active, settle_after
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.publishing.sites import Site
from chalicelib.voting.ports import VoteStore
from chalicelib.voting.tallies import add_up

Batch = Mapping[ArticleRef, Collection[ShardState]]


@dataclass(frozen=True, slots=True)
class Projection:
    """Derives the read models from the votes."""

    votes: VoteStore
    insights: InsightStore
    sites: SiteDirectory

    def project_batch(
        self, batch: Batch, article_deadline: Deadline, site_deadline: Deadline
    ) -> dict[ArticleRef, Exception]:
        """Project these articles, each once, and settle hours of their sites. Returns what failed, and why.

        One article's failure does not stop the others. If a site cannot be settled, all its articles have failed.
        """
        failed, active = self.project_articles(batch, article_deadline)
        for site_id, of_site in active.items():
            try:
                self.settle(site_id, of_site, site_deadline)
            except Exception as error:
                for ref in batch:
                    if ref.site == site_id:
                        failed.setdefault(ref, error)
        return failed

    def project_articles(
        self, batch: Batch, deadline: Deadline
    ) -> tuple[dict[ArticleRef, Exception], dict[str, Active]]:
        """Project these articles. Returns those that failed, and what was active on which sites."""
        failed: dict[ArticleRef, Exception] = {}
        active: dict[str, Active] = {}
        for ref, states in batch.items():
            try:
                hours = self._project(ref, states, deadline)
            except Exception as error:  # even a bug of ours that one article's numbers reveal
                failed[ref] = error
                continue
            if hours:
                last = max(at or 0 for at in _times(states))
                active.setdefault(ref.site, Active()).include(Active(hours, last))
        return failed, active

    def settle(self, site_id: str, active: Active, deadline: Deadline) -> None:
        """Settle what is to be settled on a site after these activities were stored."""
        settle_after(self.insights, self.sites.site(site_id, deadline), active, deadline)

    def _project(self, ref: ArticleRef, changed: Collection[ShardState], deadline: Deadline) -> set[int]:
        """Bring one article's projected tally, days and activities up to date with these states of its shards.

        Returns the hours for which activities were made. If the article's site is gone, or if the site does not rank
        this article, there are none.
        """
        since = min((at or 0 for at in _times(changed)), default=0)
        shards, days = self._learn(ref, changed, since, deadline)
        self.votes.put_projected_tally(ref, add_up(shards.values()), deadline)
        site = self._site(ref, deadline)
        if site is None or not changed or not _is_ranked(site, shards):
            return set()
        latest = max(hour for day in days for hour in day.hours)
        made = set()
        for activity in activities(ref, days, since):
            # Windows are kept for 60 days. Of an older article, the list of all time needs the last hour.
            if activity.hour > latest - HOURS_ARE_KEPT_SECONDS or activity.hour == latest:
                self.insights.put_activity(activity, deadline)
                made.add(activity.hour)
        return made

    def _learn(
        self, ref: ArticleRef, changed: Collection[ShardState], since: int, deadline: Deadline
    ) -> tuple[Shards, list[Day]]:
        """The article's shards, and its days from the first one that entries need; new and changed days are stored.

        The first read may be a moment old. A day that another container has stored in the meantime is read again.
        """
        first = earliest_needed(since)
        consistent = False
        while True:
            state = self.insights.article_state(ref, first, deadline, consistent=consistent)
            shards = dict(state.shards)
            for number, one in changed:
                if number not in shards or one.version > shards[number].version:
                    shards[number] = one
            known = {day.start: day for day in state.days}
            days = learn(known.values(), changed, shards)
            if all(day == known.get(day.start) or self._put(ref, day, known.get(day.start), deadline) for day in days):
                return shards, days
            consistent = True

    def _put(self, ref: ArticleRef, day: Day, read: Day | None, deadline: Deadline) -> bool:
        return self.insights.put_day(ref, day, read.version if read else 0, deadline)

    def _site(self, ref: ArticleRef, deadline: Deadline) -> Site | None:
        try:
            return self.sites.site(ref.site, deadline)
        except UnknownSite:
            return None


def _times(states: Collection[ShardState]) -> list[int | None]:
    return [state.updated_at for _, state in states]


def _is_ranked(site: Site, shards: Shards) -> bool:
    return site.ranks == "any" or any(state.registered for state in shards.values())

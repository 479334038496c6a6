"""Bringing the read models up to date with the votes: projected tallies, days, activities, ranked lists, site totals.

    a vote's transaction -> tally shard -> stream -> Projection.project_batch(the changed shards of some articles)
        for each article    projected tally  the sum of its shards
                            days             learn(stored days, the states in the batch, the shards now)
                            activities       made again from the days, for each slot that changed
        for each site       once an hour     ranked lists and totals, from the activities (`insights.settling`)

No counter is incremented. Each step reads what is stored, computes the new item in pure rules, and never replaces an
item by one that knows less. So records that arrive twice, late or in any order lead to the same items, and a step
that stops half-way is completed when its record arrives again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Lock

from chalicelib.deadlines import Deadline
from chalicelib.errors import UnknownSite
from chalicelib.insights.excluded import Cast, Excluded
from chalicelib.insights.history import HOURS_ARE_KEPT_SECONDS, Day, ShardState, learn
from chalicelib.insights.intervals import DAY, UTC, Calendar
from chalicelib.insights.joined_history import join_casts, join_days
from chalicelib.insights.leaderboards import activities, earliest_needed
from chalicelib.insights.learned import Learned
from chalicelib.insights.ports import InsightStore
from chalicelib.insights.settling import Active, settle_after
from chalicelib.publishing.articles import NO_TERMS, ArticleRef
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.publishing.sites import Site
from chalicelib.voting.ports import VoteStore
from chalicelib.voting.tallies import TERMS, Tally, add_up, with_absorbed

CLOCKS_DIFFER_SECONDS = 60

Batch = Mapping[ArticleRef, Collection[ShardState]]


@dataclass(frozen=True, slots=True)
class Projection:
    """Derives the read models from the votes.

    `now`: the time in epoch seconds. `at_once`: how many articles are projected at the same time. They mostly wait for
    answers.
    """

    votes: VoteStore
    insights: InsightStore
    sites: SiteDirectory
    now: Callable[[], int]
    at_once: int = 1

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
        self, batch: Batch, deadline: Deadline, *, every_slot: bool = False
    ) -> tuple[dict[ArticleRef, Exception], dict[str, Active]]:
        """Project these articles. Returns those that failed, and what was active on which sites.

        `every_slot`: make the activities of all slots, and not only of those that changed.
        """
        failed: dict[ArticleRef, Exception] = {}
        active: dict[str, Active] = {}

        def project(ref: ArticleRef) -> None:
            try:
                slots = self._project(ref, batch[ref], deadline, every_slot=every_slot)
            except Exception as error:  # even a bug of ours that one article's numbers reveal
                failed[ref] = error
                return
            if slots:
                # A clock that is ahead would settle hours that are not over.
                last = min(self.now(), max((at or 0 for at in _times(batch[ref])), default=self.now()))
                with lock:
                    active.setdefault(ref.site, Active()).include(Active(slots, last))

        lock = Lock()
        with ThreadPoolExecutor(self.at_once) as threads:  # it starts no more threads than there are articles
            list(threads.map(project, batch))
        return {ref: failed[ref] for ref in batch if ref in failed}, active

    def settle(self, site_id: str, active: Active, deadline: Deadline) -> None:
        """Settle what is to be settled on a site after these activities were stored."""
        settle_after(self.insights, self.sites.site(site_id, deadline), active, deadline)

    def _project(
        self,
        ref: ArticleRef,
        changed: Collection[ShardState],
        deadline: Deadline,
        *,
        every_slot: bool,
        of_alias: int | None = None,
    ) -> set[int]:
        """Bring one article's days, activities and projected tally up to date with these states of its shards.

        Returns the slots for which activities were made. If the article's site is gone, or if the site does not rank
        this article, there are none. With an alias, its article is brought up to date, too. `of_alias`: when the shards
        of an alias of this article changed.
        """
        site = self._site(ref, deadline)
        of_terms = [state for number, state in changed if number == TERMS]
        changed = [(number, state) for number, state in changed if number != TERMS]
        calendar = Calendar(site.time_zone) if site else UTC
        times = [*(at or 0 for at in _times(changed)), *([] if of_alias is None else [of_alias])]
        since = calendar.slot_of(min(times, default=self.now()))
        learned = self._learn(ref, changed, of_terms, since, calendar, deadline)
        made = set()
        news = bool(times) or learned.is_news
        if site is not None and news and learned.is_ranked(site) and learned.has_ever_counted:
            latest = max(calendar.slot_of(slot) for day in learned.days for slot in day.slots)
            kept = 0 if every_slot else max(0, latest - HOURS_ARE_KEPT_SECONDS)
            if every_slot or learned.is_other or (site.ranks == "registered" and not learned.was_registered):
                learned = self._learn(ref, changed, of_terms, kept, calendar, deadline, consistent=True)
            terms = learned.tally.terms
            for activity in activities(ref, learned.days, learned.since, calendar, terms, learned.excluded):
                # Windows are kept for 60 days. Of an older article, the list of all time needs the last slot.
                if activity.slot >= kept or activity.slot == latest:
                    self.insights.put_activity(site, activity, deadline)
                    made.add(activity.slot)
        # Last, because it says whether the article was registered when its activities were made.
        self.votes.put_projected_tally(ref, learned.tally, deadline)
        if learned.merges.given_to is not None:
            target = replace(ref, article=learned.merges.given_to)
            made |= self._project(target, (), deadline, every_slot=every_slot, of_alias=since)
        return made

    def _learn(
        self,
        ref: ArticleRef,
        changed: Collection[ShardState],
        terms: Collection[Tally],
        since: int,
        calendar: Calendar,
        deadline: Deadline,
        *,
        consistent: bool = False,
    ) -> Learned:
        """Store the article's new and changed days.

        The first read may be a moment old, unless it must be `consistent`. If another container has stored a day in the
        meantime, all is read again. A new day says what was before it, and other days may follow one that is over. So
        after one of these was stored, all is read again, too: of two containers that did so at the same time, the later
        one sees both.
        """
        while True:
            first = earliest_needed(since, calendar)
            state = self.insights.article_state(ref, first, deadline, consistent=consistent)
            shards = dict(state.shards)
            for number, one in changed:
                if number not in shards or one.version > shards[number].version:
                    shards[number] = one
            known = {day.start: day for day in state.days}
            days = learn(known.values(), changed, shards, calendar)
            differing = [day for day in days if day != known.get(day.start)]
            stored = all(self._put(ref, day, known.get(day.start), deadline) for day in differing)
            consistent = True
            earlier = min([since, *(_first_difference(day, known.get(day.start)) for day in differing)])
            if earlier < since:
                since = earlier  # its entries need earlier days
            elif stored and not any(day.start not in known or self._is_over(day) for day in differing):
                known_terms = [*terms, *(() if state.terms is None else (state.terms,))]
                newest = max(known_terms, key=lambda one: one.version, default=None)
                before = NO_TERMS if state.projected is None else state.projected.terms
                tally = add_up(shards.values(), newest)
                excluded = Excluded(tally.terms.exclusions, [state.cast])
                learned = Learned(tally, days, since, before, excluded)
                return self._joined(ref, learned, state.cast, first, deadline) if learned.merges.absorbed else learned

    def _joined(self, ref: ArticleRef, learned: Learned, cast: Cast, first: int, deadline: Deadline) -> Learned:
        """With what the article absorbed (`joined_history`). `cast`: when its own excluded votes were."""
        days, states, casts = {}, {}, {}
        for article in {one.article for one in learned.merges.absorbed}:
            found = self.insights.article_state(replace(ref, article=article), first, deadline, consistent=True)
            days[article] = sorted(found.days, key=lambda day: day.start)
            states[article] = [*found.shards.values(), *(() if found.terms is None else (found.terms,))]
            casts[article] = found.cast
        joined = join_days(learned.days, days, learned.merges)
        excluded = Excluded(learned.tally.terms.exclusions, [cast, *join_casts(casts, learned.merges)])
        return replace(learned, tally=with_absorbed(learned.tally, states), days=joined, excluded=excluded)

    def _is_over(self, day: Day) -> bool:
        return self.now() >= day.start + DAY - CLOCKS_DIFFER_SECONDS

    def _put(self, ref: ArticleRef, day: Day, read: Day | None, deadline: Deadline) -> bool:
        return self.insights.put_day(ref, day, read.version if read else 0, deadline)

    def _site(self, ref: ArticleRef, deadline: Deadline) -> Site | None:
        try:
            return self.sites.site(ref.site, deadline)
        except UnknownSite:
            return None


def _times(states: Collection[ShardState]) -> list[int | None]:
    return [state.updated_at for _, state in states]


def _first_difference(day: Day, known: Day | None) -> int:
    """The start of the first slot of a changed day whose activity has to be made again."""
    if known is None or day.before != known.before:
        return min(day.slots, default=day.start)
    return min(slot for slot in day.slots if day.slots[slot] != known.slots.get(slot))

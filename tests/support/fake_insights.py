"""The read models over dictionaries, by the same contract as the table's; and services over fakes alone."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from dataclasses import replace

from chalicelib import deadlines
from chalicelib.bootstrap import assemble
from chalicelib.deadlines import Deadline
from chalicelib.errors import Unavailable
from chalicelib.insights.editions import edition
from chalicelib.insights.excluded import Cast
from chalicelib.insights.history import Day
from chalicelib.insights.intervals import Window
from chalicelib.insights.leaderboards import WINDOWS, Activity
from chalicelib.insights.ports import ArticleState
from chalicelib.insights.ranked_lists import RankedList
from chalicelib.insights.site_totals import Level, Settled, SiteTotal
from chalicelib.publishing.articles import Article, ArticleRef, Terms
from chalicelib.publishing.sites import Site
from chalicelib.services import Services, Stores
from tests.support.fake_exclusions import MemoryExclusions
from tests.support.fake_networks import MemoryNetworks
from tests.support.fakes import DEMO, Clock, MemoryKeyring, MemoryStore, patient


class MemoryInsights:
    """Next to a `MemoryStore`, which knows the sites, the articles and the shards."""

    def __init__(self, store: MemoryStore) -> None:
        self._lock = threading.Lock()
        self._store = store
        self._days: dict[ArticleRef, dict[int, Day]] = {}
        self._activities: dict[str, dict[tuple[int, str], Activity]] = {}
        self._lists: dict[tuple[str, Window, int], RankedList] = {}
        self._settled: dict[str, Settled] = {}
        self._totals: dict[str, dict[tuple[Level, int], SiteTotal]] = {}

    def _check(self, deadline: Deadline) -> None:
        if not self._store.answers or deadline.passed():
            raise Unavailable("The store is out of reach.")

    def article_state(self, ref: ArticleRef, first: int, deadline: Deadline, *, consistent: bool) -> ArticleState:
        shards = self._store.shards(ref, deadline)
        found = []
        for day in self.days(ref, 2**40, 10**6, deadline):
            found.append(day)
            if day.start < first:
                break
        (projected,) = self._store.projected_tallies([ref], deadline)
        return ArticleState(shards, found, projected, self._store.tally_of_terms(ref), self._store.cast_votes(ref))

    def put_day(self, ref: ArticleRef, day: Day, read_version: int, deadline: Deadline) -> bool:
        self._check(deadline)
        with self._lock:
            stored = self._days.setdefault(ref, {})
            if (stored[day.start].version if day.start in stored else 0) != read_version:
                return False
            stored[day.start] = day
            return True

    def days(self, ref: ArticleRef, last: int, most: int, deadline: Deadline) -> list[Day]:
        self._check(deadline)
        with self._lock:
            stored = self._days.get(ref, {})
            return [stored[start] for start in sorted(stored, reverse=True) if start <= last][:most]

    def described(self, ref: ArticleRef, deadline: Deadline) -> tuple[Article | None, Terms]:
        (stored,) = self._store.articles([ref], deadline)
        return stored.article, stored.terms

    def cast(self, ref: ArticleRef, deadline: Deadline) -> Cast:
        self._check(deadline)
        return self._store.cast_votes(ref)

    def registered(self, refs: Sequence[ArticleRef], deadline: Deadline) -> list[Article | None]:
        return [one.article for one in self._store.articles(refs, deadline)]

    def put_activity(self, site: Site, activity: Activity, deadline: Deadline) -> bool:
        self._check(deadline)
        with self._lock:
            stored = self._activities.setdefault(edition(site), {})
            key = (activity.slot, activity.ref.article)
            if key in stored and stored[key].version >= activity.version:
                return False
            stored[key] = activity
            return True

    def activities(
        self,
        site: Site,
        first: int,
        end: int,
        deadline: Deadline,
        *,
        windows: Collection[Window] = WINDOWS,
        most: int | None = None,
        consistent: bool = False,
    ) -> list[Activity]:
        self._check(deadline)
        with self._lock:
            stored = dict(self._activities.get(edition(site), {}))
        found = [stored[key] for key in sorted(stored) if first <= key[0] < end][:most]
        return [
            replace(one, entries={window: one.entries[window] for window in WINDOWS if window in windows})
            for one in found
        ]

    def ranked_list(
        self, site: Site, window: Window, start: int, deadline: Deadline, *, consistent: bool = False
    ) -> RankedList:
        self._check(deadline)
        return self._lists.get((edition(site), window, start), RankedList(window, start, start))

    def put_ranked_list(self, site: Site, ranked: RankedList, deadline: Deadline) -> bool:
        self._check(deadline)
        with self._lock:
            key = (edition(site), ranked.window, ranked.start)
            stored = self._lists.get(key)
            if (stored.digest if stored else "") != ranked.digest:
                return False
            self._lists[key] = replace(ranked, digest=f"{int(ranked.digest or 0) + 1}")
            return True

    def settled(self, site: Site, deadline: Deadline) -> Settled:
        self._check(deadline)
        return self._settled.get(edition(site), Settled())

    def put_settled(self, site: Site, settled: Settled, deadline: Deadline) -> bool:
        self._check(deadline)
        with self._lock:
            stored = self._settled.get(edition(site), Settled())
            if stored.begun > settled.begun or stored.through > settled.through:
                return False
            self._settled[edition(site)] = settled
            return True

    def put_total(self, site: Site, total: SiteTotal, deadline: Deadline) -> bool:
        self._check(deadline)
        with self._lock:
            stored = self._totals.setdefault(edition(site), {})
            key = (total.level, total.start)
            if key in stored and stored[key].gained.version >= total.gained.version:
                return False
            stored[key] = total
            return True

    def totals(
        self, site: Site, level: Level, first: int, end: int, deadline: Deadline, *, consistent: bool
    ) -> list[SiteTotal]:
        self._check(deadline)
        with self._lock:
            stored = dict(self._totals.get(edition(site), {}))
        return [stored[key] for key in sorted(stored) if key[0] == level and first <= key[1] < end]

    def totals_since(self, site: Site, first: int, deadline: Deadline) -> list[SiteTotal]:
        hours = self.totals(site, "slot", first, 2**63, deadline, consistent=False)
        return hours + self.totals(site, "all", 0, 1, deadline, consistent=False)


def fake_services(store: MemoryStore | None = None, clock: Clock | None = None) -> Services:
    """Services over fakes, with the site `demo` (up, down), which ranks any article, in the store."""
    store, clock = store or MemoryStore(), clock or Clock()
    store.put_site(DEMO, patient())
    exclusions = MemoryExclusions(store)
    stores = Stores(store, store, MemoryInsights(store), store, MemoryNetworks(), lambda: exclusions, MemoryKeyring())
    return assemble(stores, clock=deadlines.Clock(clock.now, clock.monotonic))

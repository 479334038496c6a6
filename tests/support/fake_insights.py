"""The read models over dictionaries, by the same contract as the table's; and services over fakes alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

from chalicelib import deadlines
from chalicelib.bootstrap import Services, Stores, assemble
from chalicelib.deadlines import Deadline
from chalicelib.errors import Unavailable
from chalicelib.insights.gains import Gain
from chalicelib.insights.history import Snapshot
from chalicelib.insights.intervals import FOR_EVER, Step, Window
from chalicelib.insights.leaderboards import Board, Entry, Page, Place
from chalicelib.insights.site_totals import Level, SiteTotal, hour_part
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.sites import Site
from tests.support.fakes import Clock, MemoryKeyring, MemoryStore, patient

DAYS_BEFORE_HOURS = {"day": 0, "hour": 1}


class MemoryInsights:
    """Next to a `MemoryStore`, which knows the sites."""

    def __init__(self, store: MemoryStore) -> None:
        self._lock = threading.Lock()
        self._store = store
        self._closings: dict[ArticleRef, dict[tuple[int, int], Snapshot]] = {}
        self._entries: dict[tuple[str, Window, int], dict[str, Entry]] = {}
        self._totals: dict[str, dict[tuple[Level, int, int], SiteTotal]] = {}

    def _check(self, deadline: Deadline) -> None:
        if not self._store.answers or deadline.passed():
            raise Unavailable("The store is out of reach.")

    def snapshots(self, ref: ArticleRef, step: Step, last: int, most: int, deadline: Deadline) -> list[Snapshot]:
        self._check(deadline)
        with self._lock:
            stored = self._closings.get(ref, {})
            keys = sorted((key for key in stored if key <= (DAYS_BEFORE_HOURS[step], last)), reverse=True)
            return [stored[key] for key in keys[:most]]

    def snapshots_back_to(
        self, ref: ArticleRef, step: Step, first: int, expected: int, deadline: Deadline
    ) -> Iterator[Snapshot]:
        for closing in self.snapshots(ref, step, FOR_EVER, 10**6, deadline):
            if closing.step == step:
                yield closing
                if closing.start < first:
                    return

    def put_snapshot(self, ref: ArticleRef, closing: Snapshot, read_version: int, deadline: Deadline) -> bool:
        self._check(deadline)
        with self._lock:
            stored = self._closings.setdefault(ref, {})
            key = (DAYS_BEFORE_HOURS[closing.step], closing.start)
            if (stored[key].tally.version if key in stored else 0) != read_version:
                return False
            stored[key] = closing
            return True

    def put_entry(self, entry: Entry, deadline: Deadline) -> bool:
        self._check(deadline)
        with self._lock:
            stored = self._entries.setdefault((entry.ref.site, entry.window, entry.start), {})
            old = stored.get(entry.ref.article)
            if old is not None and old.gained.version > entry.gained.version:
                return False
            stored[entry.ref.article] = entry
            return True

    def leaderboard(self, board: Board, limit: int, after: Place | None, deadline: Deadline) -> Page:
        self._check(deadline)

        def place(entry: Entry) -> tuple[float, str]:
            return entry.values[board.order], entry.ref.article

        with self._lock:
            entries = self._entries.get((board.site, board.window, board.start), {}).values()
            ranked = sorted((one for one in entries if board.order in one.values), key=place, reverse=True)
        if after is not None:
            ranked = [one for one in ranked if place(one) < (float(after.value), after.article)]
        page = ranked[:limit]
        more = len(page) == limit
        return Page(page, Place(f"{place(page[-1])[0]:g}", page[-1].ref.article) if more else None)

    def gains_of_hour(self, site: str, start: int, part: int, deadline: Deadline) -> Iterator[Gain]:
        self._check(deadline)
        with self._lock:
            entries = list(self._entries.get((site, "hour", start), {}).values())
        return (one.gained for one in entries if hour_part(one.ref.article) == part)

    def parts_of_hour(self, site: str, start: int, deadline: Deadline) -> list[Gain]:
        return [one.gained for one in self.totals(site, "part", start, start + 1, deadline, consistent=True)]

    def put_total(self, site: str, total: SiteTotal, deadline: Deadline) -> bool:
        self._check(deadline)
        with self._lock:
            stored = self._totals.setdefault(site, {})
            key = (total.level, total.start, total.part)
            if key in stored and stored[key].gained.version >= total.gained.version:
                return False
            stored[key] = total
            return True

    def totals(
        self, site: str, level: Level, first: int, end: int, deadline: Deadline, *, consistent: bool
    ) -> list[SiteTotal]:
        self._check(deadline)
        with self._lock:
            stored = dict(self._totals.get(site, {}))
        return [stored[key] for key in sorted(stored) if key[0] == level and first <= key[1] < end]

    def totals_since(self, site: str, first: int, deadline: Deadline) -> list[SiteTotal]:
        hours = self.totals(site, "hour", first, 2**63, deadline, consistent=False)
        return hours + self.totals(site, "all", 0, 1, deadline, consistent=False)

    def put_title(self, article: Article, window: Window, start: int, deadline: Deadline) -> bool:
        stored = self._entries.get((article.ref.site, window, start), {})
        old = stored.get(article.ref.article)
        if old is not None:
            stored[article.ref.article] = replace(old, title=article.title, url=article.url)
        return old is not None


def fake_services(store: MemoryStore | None = None, clock: Clock | None = None) -> Services:
    """Services over fakes, with the site `demo` (up, down) in the store."""
    store, clock = store or MemoryStore(), clock or Clock()
    store.put_site(Site("demo", make_ballot("updown")), patient())
    stores = Stores(store, store, MemoryInsights(store), MemoryKeyring())
    return assemble(stores, clock=deadlines.Clock(clock.now, clock.monotonic))

"""Exclusions over dictionaries, next to a `MemoryStore`, which has the votes."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace

from chalicelib.deadlines import Deadline
from chalicelib.publishing.articles import ArticleRef
from chalicelib.trust.exclusions import Exclusion
from chalicelib.trust.ports import Moved
from chalicelib.voting.tallies import add_counts, epoch_and_counted
from chalicelib.voting.votes import Vote
from tests.support.fakes import MemoryStore


class MemoryExclusions:
    """The contract of `ports.ExclusionStore`. One lock, so that every call is one transaction."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._exclusions: dict[tuple[str, str], Exclusion] = {}
        self._lock = threading.Lock()

    def exclusion(self, site: str, exclusion_id: str, deadline: Deadline) -> Exclusion | None:
        self._store.check(deadline)
        return self._exclusions.get((site, exclusion_id))

    def exclusions(self, site: str, deadline: Deadline) -> list[Exclusion]:
        self._store.check(deadline)
        return [one for (of, _), one in sorted(self._exclusions.items()) if of == site]

    def unfinished_exclusions(self, deadline: Deadline) -> list[tuple[str, str]]:
        self._store.check(deadline)
        return [key for key, one in sorted(self._exclusions.items()) if not one.is_finished]

    def put_exclusion(self, exclusion: Exclusion, deadline: Deadline) -> bool:
        self._store.check(deadline)
        key = exclusion.site, exclusion.rule.id
        with self._lock:
            stored = self._exclusions.get(key)
            if (stored.version if stored else 0) != exclusion.version:
                return False
            self._exclusions[key] = replace(exclusion, version=exclusion.version + 1)
            return True

    def move_votes(
        self, exclusion: Exclusion, ref: ArticleRef, votes: Sequence[tuple[str, Vote]], deadline: Deadline
    ) -> Moved:
        self._store.check(deadline)
        with self._lock:
            stored = self._exclusions[exclusion.site, exclusion.rule.id]
            if (stored.state, stored.name) != (exclusion.state, exclusion.name):
                return "ended"
            name = exclusion.name if exclusion.state == "applying" else ""
            return "moved" if self._store.move(ref, votes, name) else "changed"

    def excluded_votes(self, ref: ArticleRef, name: str, epoch: int, deadline: Deadline) -> Mapping[str, int]:
        self._store.check(deadline)
        counts: dict[str, int] = {}
        for of_hour in self._store.cast_votes(ref).get(name, {}).values():
            for counted, number in of_hour.items():
                of, choice = epoch_and_counted(counted)
                add_counts(counts, {choice: number} if of == epoch else {})
        return counts

    def forget_votes(self, ref: ArticleRef, name: str, at: int, deadline: Deadline) -> None:
        self._store.check(deadline)
        self._store.forget(ref, name)

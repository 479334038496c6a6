"""Which exclusions are in force on an article: readers' votes that an editor took out of its counts (`trust`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Exclusions:
    """The exclusions of an article. A shard counts their votes under names of their own (`voting.tallies`).

    `active`: those whose votes do not count now. `changes`: how much of the article's version is due to changes of
    this.
    """

    active: tuple[str, ...] = ()
    changes: int = 0

    def with_all(self, others: Iterable[str]) -> Exclusions:
        """With these in force as well."""
        return Exclusions(tuple(dict.fromkeys([*self.active, *others])), self.changes + 1)

    def without(self, one: str) -> Exclusions:
        """With this one not in force."""
        return Exclusions(tuple(other for other in self.active if other != one), self.changes + 1)


NO_EXCLUSIONS = Exclusions()

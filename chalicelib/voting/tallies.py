"""The tally: the sum of an article's shards.

A vote changes one shard in its own transaction. So the sum of the shards is exact at any quiet moment. The projection
stores the sum for lists: the projected tally, which replaces another one only if its version is higher.

Two transactions on one shard at the same time conflict. So a busy article gets more shards: up to MOST_PAGES pages of
16, each in a partition of its own. A vote keeps its shard for life. The number of a vote's shard is that of its
partition, plus 16 for each page before: votes in partition 3 count on the shards 3, 19, 35 and 51.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chalicelib.publishing.articles import NO_TERMS, Terms

PAGE_SHARDS = 16
MOST_PAGES = 4


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts per choice, and the terms on which the article takes votes. A choice that nobody has may be missing.

    `version` grows with each change of a count or of the terms. `updated_at`: the last change, in epoch seconds.
    """

    counts: Mapping[str, int]
    version: int
    updated_at: int | None = None
    terms: Terms = NO_TERMS

    @property
    def voters(self) -> int:
        """How many readers have a vote. A reader has one choice at a time."""
        return sum(self.counts.values())


EMPTY_TALLY = Tally(counts={}, version=0)


def add_counts(total: dict[str, int], counts: Mapping[str, int]) -> None:
    """Add counts per choice to a total."""
    for choice, number in counts.items():
        total[choice] = total.get(choice, 0) + number


def add_up(shards: Iterable[Tally], terms: Tally | None = None) -> Tally:
    """The tally of an article from its shards. `terms`: the article's terms, as a tally without counts.

    An article that was registered by an older release has terms in its shards only: then `terms` is None.
    """
    counts: dict[str, int] = {}
    version = 0
    updated_at: int | None = None
    found = NO_TERMS
    for one in shards if terms is None else (*shards, terms):
        version += one.version
        add_counts(counts, one.counts)
        if one.updated_at is not None and (updated_at is None or one.updated_at > updated_at):
            updated_at = one.updated_at
        if one.terms.registered:
            found = one.terms
    return Tally(counts, version, updated_at, found if terms is None else terms.terms)

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

from chalicelib.publishing.articles import State, is_closed

PAGE_SHARDS = 16
MOST_PAGES = 4


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts per choice. A choice that nobody has may be missing.

    `version` grows with each change of a count, of the closing time or of the registration.

    `updated_at` and `closes_at` are epoch seconds. `registered`: the article is registered.
    """

    counts: Mapping[str, int]
    version: int
    updated_at: int | None = None
    closes_at: int | None = None
    registered: bool = False

    @property
    def voters(self) -> int:
        """How many readers have a vote. A reader has one choice at a time."""
        return sum(self.counts.values())

    def state(self, now: int, *, registers_articles: bool) -> State:
        """The state of the article at `now`."""
        if registers_articles and not self.registered:
            return "unknown"
        return "closed" if is_closed(self.closes_at, now) else "open"


EMPTY_TALLY = Tally(counts={}, version=0)


def add_counts(total: dict[str, int], counts: Mapping[str, int]) -> None:
    """Add counts per choice to a total."""
    for choice, number in counts.items():
        total[choice] = total.get(choice, 0) + number


def add_up(shards: Iterable[Tally]) -> Tally:
    """The tally of an article from its shards."""
    counts: dict[str, int] = {}
    version = 0
    updated_at: int | None = None
    closes_at: int | None = None
    registered = False
    for shard in shards:
        version += shard.version
        add_counts(counts, shard.counts)
        if shard.updated_at is not None and (updated_at is None or shard.updated_at > updated_at):
            updated_at = shard.updated_at
        if shard.registered:  # then all shards are registered, with the same closing time
            registered, closes_at = True, shard.closes_at
    return Tally(counts, version, updated_at, closes_at, registered)

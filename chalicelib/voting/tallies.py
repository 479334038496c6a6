"""The tally: the sum of an article's shards, and nothing else.

A vote changes one shard in its own transaction, so sums of shards are exact at any quiet moment. A summary is
a stored sum; it replaces another only when its version is higher.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chalicelib.publishing.articles import State, is_closed

TALLY_SHARDS = 16


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts per choice (choices never voted for may be missing), and how often they ever changed.

    `updated_at` and `closes_at` are epoch seconds. `registered`: an operator registered the article.
    """

    counts: Mapping[str, int]
    version: int
    updated_at: int | None = None
    closes_at: int | None = None
    registered: bool = False

    @property
    def voters(self) -> int:
        """How many readers have a vote: a reader has one choice at a time."""
        return sum(self.counts.values())

    def state(self, now: int, *, registers_articles: bool) -> State:
        """What a page may say about the article at `now`."""
        if registers_articles and not self.registered:
            return "unknown"
        return "closed" if is_closed(self.closes_at, now) else "open"


EMPTY_TALLY = Tally(counts={}, version=0)


def add_up(shards: Iterable[Tally]) -> Tally:
    """The tally of an article from its shards."""
    counts: dict[str, int] = {}
    version = 0
    updated_at: int | None = None
    closes_at: int | None = None
    registered = False
    for shard in shards:
        version += shard.version
        for choice, number in shard.counts.items():
            counts[choice] = counts.get(choice, 0) + number
        if shard.updated_at is not None and (updated_at is None or shard.updated_at > updated_at):
            updated_at = shard.updated_at
        if shard.registered:  # then all shards are, with the same closing time
            registered, closes_at = True, shard.closes_at
    return Tally(counts, version, updated_at, closes_at, registered)

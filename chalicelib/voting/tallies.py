"""The tally: the sum of an article's shards.

A vote changes one shard in its own transaction. So the sum of the shards is exact at any quiet moment. The projection
stores the sum for lists: the projected tally, which replaces another one only if its version is higher.

An article's votes can be reset: then a new epoch begins. A shard keeps the counts of all epochs, each under a name of
its own, and the tally is the sum of those of the newest epoch.

Two transactions on one shard at the same time conflict. So a busy article gets more shards: up to MOST_PAGES pages of
16, each in a partition of its own. A vote keeps its shard for life. The number of a vote's shard is that of its
partition, plus 16 for each page before: votes in partition 3 count on the shards 3, 19, 35 and 51.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from chalicelib.publishing.articles import NO_TERMS, Terms

PAGE_SHARDS = 16
TERMS = -1  # where states of shards are listed by number, the state of the article's terms stands under this one
MOST_PAGES = 4


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts per choice, and the terms on which the article takes votes. A choice that nobody has may be missing.

    In a shard, the counts are those of all epochs, by the names that `count_name` gives them.

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


def count_name(epoch: int, choice: str) -> str:
    """The name of a choice's count in a shard, for example "up", or "2:up" after two resets."""
    return f"{epoch}:{choice}" if epoch else choice


def epoch_and_choice(name: str) -> tuple[int, str]:
    """What a name of `count_name` stands for."""
    epoch, colon, choice = name.rpartition(":")
    return (int(epoch), choice) if colon else (0, choice)


def add_counts(total: dict[str, int], counts: Mapping[str, int]) -> None:
    """Add counts per choice to a total."""
    for choice, number in counts.items():
        total[choice] = total.get(choice, 0) + number


def add_up(shards: Iterable[Tally], terms: Tally | None = None) -> Tally:
    """The tally of an article from its shards. `terms`: the article's terms, as a tally without counts.

    An article that never was registered or reset has none. The history has none either: there, the epoch is the newest
    one that a shard has been told of.
    """
    named: dict[str, int] = {}
    version = 0
    epoch = 0
    updated_at: int | None = None
    for one in shards if terms is None else (*shards, terms):
        version += one.version
        epoch = max(epoch, one.terms.epoch)
        add_counts(named, one.counts)
        if one.updated_at is not None and (updated_at is None or one.updated_at > updated_at):
            updated_at = one.updated_at
    found = replace(NO_TERMS, epoch=epoch) if terms is None else terms.terms
    return Tally(_of_epoch(named, found.epoch), version, updated_at, found)


def with_absorbed(own: Tally, absorbed: Mapping[str, Iterable[Tally]]) -> Tally:
    """The tally of an article with the votes that it absorbed (`publishing.merges`).

    `absorbed`: by the id of an absorbed article, the states of its shards and of its terms. Their versions are added,
    whether their votes count by now or not: who knew the tally of the other id must not find a lower version.
    """
    counts, version, updated_at = dict(own.counts), own.version, own.updated_at or 0
    for other, states in absorbed.items():
        named: dict[str, int] = {}
        for state in states:
            add_counts(named, state.counts)
            version += state.version
            updated_at = max(updated_at, state.updated_at or 0)
        for one in own.terms.merges.counted:
            if one.article == other and one.into == own.terms.epoch:
                add_counts(counts, _of_epoch(named, one.epoch))
    return Tally(counts, version, updated_at or None, own.terms)


def _of_epoch(named: dict[str, int], epoch: int) -> dict[str, int]:
    """The counts of one epoch by choice. Most articles have one epoch, whose counts are named by choice already."""
    if not any(":" in name for name in named):
        return {} if epoch else named
    return {choice: named[name] for name in named for of, choice in [epoch_and_choice(name)] if of == epoch}

"""The tally: the sum of an article's shards.

A vote changes one shard in its own transaction. So the sum of the shards is exact at any quiet moment. The projection
stores the sum for lists: the projected tally, which replaces another one only if its version is higher.

A shard keeps several counts of a choice, each under a name of its own. The tally is the sum of those that count now.

    up                 votes of the first epoch
    2:up               after two resets: only the newest epoch counts
    2:up:kq3x          votes of the exclusion kq3x (`trust.exclusions`): they count while it is not in force
    2:up:kq3x:moved    how many votes were moved from `2:up` to `2:up:kq3x`, which is for the history: they count never

Two transactions on one shard at the same time conflict. So a busy article gets more shards: up to MOST_PAGES pages of
16, each in a partition of its own. A vote keeps its shard for life. The number of a vote's shard is that of its
partition, plus 16 for each page before: votes in partition 3 count on the shards 3, 19, 35 and 51.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from chalicelib.publishing.articles import NO_TERMS, Terms
from chalicelib.publishing.exclusions import Exclusions

PAGE_SHARDS = 16
TERMS = -1  # where states of shards are listed by number, the state of the article's terms stands under this one
MOST_PAGES = 4
MOVED = ":moved"


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts per choice, and the terms on which the article takes votes. A choice that nobody has may be missing.

    In a shard, the counts are all that it keeps, by the names that `count_name` and `moved_name` give them.

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


def counted_as(choice: str, exclusion: str) -> str:
    """What a vote counts as: its choice, or the votes with this choice that this exclusion has."""
    return f"{choice}:{exclusion}" if exclusion else choice


def count_name(epoch: int, counted: str) -> str:
    """The name of a count in a shard. `counted`: a choice, or what `counted_as` says."""
    return f"{epoch}:{counted}" if epoch or ":" in counted else counted


def moved_name(epoch: int, choice: str, exclusion: str) -> str:
    """The name of the number of votes that were moved to an exclusion."""
    return count_name(epoch, counted_as(choice, exclusion)) + MOVED


def epoch_and_counted(name: str) -> tuple[int, str]:
    """What a name of `count_name` stands for."""
    epoch, colon, counted = name.partition(":")
    return (int(epoch), counted) if colon else (0, name)


def exclusion_of(name: str) -> str:
    """The exclusion whose votes have this count. Empty if it is of votes that no exclusion has."""
    return epoch_and_counted(name)[1].partition(":")[2].partition(":")[0]


def add_counts(total: dict[str, int], counts: Mapping[str, int]) -> None:
    """Add counts per choice to a total."""
    for choice, number in counts.items():
        total[choice] = total.get(choice, 0) + number


def add_up(shards: Iterable[Tally], terms: Tally | None = None) -> Tally:
    """The tally of an article from its shards. `terms`: the article's terms, as a tally without counts.

    An article that never was registered or reset has none. The history has none either: there, the epoch is the newest
    one that a shard has been told of.
    """
    total = add_up_names(shards if terms is None else (*shards, terms))
    found = replace(NO_TERMS, epoch=total.terms.epoch) if terms is None else terms.terms
    return Tally(counting(total.counts, found.epoch, found.exclusions), total.version, total.updated_at, found)


def add_up_names(states: Iterable[Tally]) -> Tally:
    """The sum of these states of shards, with all counts that they keep, and the newest epoch that one knows of."""
    named: dict[str, int] = {}
    version = 0
    epoch = 0
    updated_at: int | None = None
    for one in states:
        version += one.version
        epoch = max(epoch, one.terms.epoch)
        add_counts(named, one.counts)
        if one.updated_at is not None and (updated_at is None or one.updated_at > updated_at):
            updated_at = one.updated_at
    return Tally(named, version, updated_at, replace(NO_TERMS, epoch=epoch) if epoch else NO_TERMS)


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
                add_counts(counts, counting(named, one.epoch, own.terms.exclusions))
    return Tally(counts, version, updated_at or None, own.terms)


def counting(named: Mapping[str, int], epoch: int, exclusions: Exclusions) -> Mapping[str, int]:
    """The votes that count, by choice. Most articles have one epoch, whose counts are named by choice already."""
    if not any(":" in name for name in named):
        return {} if epoch else named
    counts: dict[str, int] = {}
    for name, number in named.items():
        of, counted = epoch_and_counted(name)
        choice, _, excluded = counted.partition(":")
        if of == epoch and excluded not in exclusions.active and not excluded.endswith(MOVED):
            add_counts(counts, {choice: number})
    return counts

"""Proving promise P1: count the stored votes again and compare them with the tally, while votes keep arriving.

Votes in partition p count on the shards p, p + 16, p + 32 and so on, and on no others. So a partition and its shards
can be compared alone: read the shards, count the votes, and read the shards again. If no version has changed, no count
has changed in between. Otherwise everything is read again.

Votes of earlier epochs and excluded votes are counted, too: a shard keeps counts of them (`tallies.count_name`). How
many votes were moved to an exclusion is no count of votes, so nothing is compared with it.

A transaction stores its two items some milliseconds apart, and a reader can see one without the other. So a drift is
read again a moment later, until two readings agree, at most 10 times. The last reading is reported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.deadlines import Deadline
from chalicelib.publishing.articles import ArticleRef
from chalicelib.voting.ports import OperatorStore
from chalicelib.voting.tallies import EMPTY_TALLY, MOVED, Tally, count_name
from chalicelib.voting.voters import VOTE_PARTITIONS

MOST_READINGS = 10


@dataclass(frozen=True, slots=True)
class Drift:
    """A shard whose counts differ from its votes. `certain` False: votes came too fast, so they may not differ."""

    ref: ArticleRef
    shard: int
    tallied: dict[str, int]
    counted: dict[str, int]
    version: int
    certain: bool = True


@dataclass(frozen=True, slots=True)
class PartitionCount:
    """One partition of an article: its votes that have a choice, and the shards that differ from them."""

    votes: int
    drifts: tuple[Drift, ...]


def recount_partition(
    store: OperatorStore,
    ref: ArticleRef,
    partition: int,
    new_deadline: Callable[[], Deadline],
    pause: Callable[[], None],
) -> PartitionCount:
    """Compare one vote partition with its shards. `pause` lets a transaction that is being stored finish."""
    count = _read(store, ref, partition, new_deadline)
    for _ in range(MOST_READINGS):
        if not count.drifts:
            break
        pause()
        again = _read(store, ref, partition, new_deadline)
        if again == count:
            break
        count = again
    return count


def _read(
    store: OperatorStore, ref: ArticleRef, partition: int, new_deadline: Callable[[], Deadline]
) -> PartitionCount:
    before = _shards_of(store, ref, partition, new_deadline)
    for reading in range(1, MOST_READINGS + 1):
        counted: dict[int, Counter[str]] = {}
        for _, vote in store.votes_in_partition(ref, partition, new_deadline):
            of_shard = counted.setdefault(vote.shard, Counter())
            of_shard.update(count_name(epoch, counted) for epoch, counted in vote.earlier.items())
            if vote.counted_as is not None:
                of_shard[count_name(vote.epoch, vote.counted_as)] += 1
        after = _shards_of(store, ref, partition, new_deadline)
        certain = _versions(before) == _versions(after)
        if certain or reading == MOST_READINGS:
            break
        before = after
    drifts = []
    for shard in sorted(counted.keys() | after.keys()):
        tally = after.get(shard, EMPTY_TALLY)
        tallied = {name: count for name, count in tally.counts.items() if count and not name.endswith(MOVED)}
        votes = dict(counted.get(shard, Counter()))
        if tallied != votes or not certain:
            drifts.append(Drift(ref, shard, tallied, votes, tally.version, certain))
    return PartitionCount(sum(sum(votes.values()) for votes in counted.values()), tuple(drifts))


def repair(store: OperatorStore, drift: Drift, now: int, new_deadline: Callable[[], Deadline]) -> bool:
    """Set the counts of a drifted shard to what was counted, if the shard has not changed since.

    Returns True if they were set. If not, recount and repeat.
    """
    counts = {choice: drift.counted.get(choice, 0) for choice in drift.tallied.keys() | drift.counted.keys()}
    return store.repair_shard(drift.ref, drift.shard, counts, drift.version, now, new_deadline())


def _shards_of(
    store: OperatorStore, ref: ArticleRef, partition: int, new_deadline: Callable[[], Deadline]
) -> dict[int, Tally]:
    shards = store.shards(ref, new_deadline())
    return {shard: tally for shard, tally in shards.items() if shard % VOTE_PARTITIONS == partition}


def _versions(shards: dict[int, Tally]) -> dict[int, int]:
    return {shard: tally.version for shard, tally in shards.items()}

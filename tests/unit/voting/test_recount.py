"""Recounting while votes move: what is compared is one consistent picture, or it is said that there was none."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chalicelib.deadlines import Deadline
from chalicelib.publishing.articles import ArticleRef
from chalicelib.voting.applying import apply
from chalicelib.voting.recount import MOST_READINGS, Drift, PartitionCount, recount_partition, repair
from chalicelib.voting.voters import vote_partition
from chalicelib.voting.votes import Vote, Wish
from tests.support.fakes import START, MemoryStore, no_pause, patient

REF = ArticleRef("demo", "a")
VOTERS = [f"v{n}" for n in range(200) if vote_partition(f"v{n}") == 3]


def vote(store: MemoryStore, voter: str) -> None:
    apply(store, Wish(REF, voter, "up", "r", START), patient(), registered_only=False)


class Busy(MemoryStore):
    """A vote commits each time the votes of a partition were read, for the first `times` times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.left = times

    def votes_in_partition(
        self, ref: ArticleRef, partition: int, deadline_for_page: Callable[[], Deadline]
    ) -> Iterator[tuple[str, Vote]]:
        found = list(super().votes_in_partition(ref, partition, deadline_for_page))
        if self.left:
            self.left -= 1
            vote(self, VOTERS[self.left % len(VOTERS)] if self.left < len(VOTERS) else f"w{self.left}")
        return iter(found)


def test_votes_that_commit_while_they_are_counted_are_no_drift() -> None:
    store = Busy(times=5)
    vote(store, VOTERS[7])
    count = recount_partition(store, REF, 3, patient, no_pause)
    assert (count.votes, count.drifts) == (6, ())


def test_when_votes_never_pause_nothing_is_claimed_and_nothing_repaired() -> None:
    class Hectic(MemoryStore):
        turn = 0

        def votes_in_partition(
            self, ref: ArticleRef, partition: int, deadline_for_page: Callable[[], Deadline]
        ) -> Iterator[tuple[str, Vote]]:
            found = list(super().votes_in_partition(ref, partition, deadline_for_page))
            self.turn += 1
            apply(
                self,
                Wish(REF, VOTERS[0], ("up", "down")[self.turn % 2], f"r{self.turn}", START + 3600 * self.turn),
                patient(),
                registered_only=False,
            )
            return iter(found)

    count = recount_partition(Hectic(), REF, 3, patient, no_pause)
    assert [drift.certain for drift in count.drifts] == [False]


def test_a_wrong_count_is_found_in_its_partition_only() -> None:
    store = MemoryStore()
    for voter in VOTERS[:4]:
        vote(store, voter)
    store.damage_shard(REF, 3, {"up": 3, "down": 1})
    (drift,) = recount_partition(store, REF, 3, patient, no_pause).drifts
    assert (drift.tallied, drift.counted, drift.certain) == ({"up": 3, "down": 1}, {"up": 4}, True)
    assert recount_partition(store, REF, 4, patient, no_pause).drifts == ()


def test_shards_added_later_belong_to_the_partition_they_are_congruent_to() -> None:
    store = MemoryStore()
    store.damage_shard(REF, 19, {"up": 1})
    assert [drift.shard for drift in recount_partition(store, REF, 3, patient, no_pause).drifts] == [19]


def test_drift_that_is_gone_a_moment_later_was_a_transaction_just_committing() -> None:
    """A transaction's two items may show up some milliseconds apart: the count first, the vote after it."""
    store = MemoryStore()
    store.damage_shard(REF, 3, {"up": 1})
    pauses = []

    def pause() -> None:
        pauses.append(1)
        store.damage_shard(REF, 3, {})
        vote(store, VOTERS[0])

    assert recount_partition(store, REF, 3, patient, pause).drifts == ()
    assert pauses == [1]


def test_votes_whose_shard_is_gone_are_drift() -> None:
    store = MemoryStore()
    for voter in VOTERS[:3]:
        vote(store, voter)
    store.lose_shard(REF, 3)
    count = recount_partition(store, REF, 3, patient, no_pause)
    assert count.votes == 3
    assert count.drifts == (Drift(REF, 3, {}, {"up": 3}, 0),)
    assert repair(store, count.drifts[0], START, patient)
    assert recount_partition(store, REF, 3, patient, no_pause).drifts == ()


def test_a_repair_sets_choices_that_the_tally_misses_and_those_that_nobody_has() -> None:
    store = MemoryStore()
    vote(store, VOTERS[0])
    store.damage_shard(REF, 3, {"down": 2})
    (drift,) = recount_partition(store, REF, 3, patient, no_pause).drifts
    assert repair(store, drift, START, patient)
    assert store.shards(REF, patient())[3].counts == {"up": 1, "down": 0}


def test_counts_that_are_equal_but_moved_all_the_time_are_not_called_right() -> None:
    class Restless(MemoryStore):
        def votes_in_partition(
            self, ref: ArticleRef, partition: int, deadline_for_page: Callable[[], Deadline]
        ) -> Iterator[tuple[str, Vote]]:
            found = list(super().votes_in_partition(ref, partition, deadline_for_page))
            self.damage_shard(REF, 3, self.shards(REF, patient())[3].counts)  # another version, the same counts
            return iter(found)

    store = Restless()
    vote(store, VOTERS[0])
    (drift,) = recount_partition(store, REF, 3, patient, no_pause).drifts
    assert (drift.tallied, drift.counted, drift.certain) == ({"up": 1}, {"up": 1}, False)


def test_it_reads_at_most_ten_times_and_pauses_only_where_it_found_something() -> None:
    class Counting(MemoryStore):
        readings = 0

        def votes_in_partition(
            self, ref: ArticleRef, partition: int, deadline_for_page: Callable[[], Deadline]
        ) -> Iterator[tuple[str, Vote]]:
            self.readings += 1
            return super().votes_in_partition(ref, partition, deadline_for_page)

    store, pauses = Counting(), list[int]()
    vote(store, VOTERS[0])
    assert recount_partition(store, REF, 3, patient, lambda: pauses.append(1)).votes == 1
    assert (store.readings, len(pauses)) == (1, 0)
    store.damage_shard(REF, 3, {"up": 5})
    recount_partition(store, REF, 3, patient, lambda: pauses.append(1))
    assert (store.readings, len(pauses)) == (3, 1)
    assert MOST_READINGS == 10


def test_drift_that_changes_with_every_reading_is_read_again_ten_times() -> None:
    store, pauses = MemoryStore(), list[int]()
    store.damage_shard(REF, 3, {"up": 1})

    def pause() -> None:
        pauses.append(1)
        store.damage_shard(REF, 3, {"up": 1 + len(pauses)})

    assert len(recount_partition(store, REF, 3, patient, pause).drifts) == 1
    assert len(pauses) == MOST_READINGS


def test_votes_without_a_choice_are_not_counted() -> None:
    store = MemoryStore()
    vote(store, VOTERS[0])
    apply(store, Wish(REF, VOTERS[0], None, "r2", START), patient(), registered_only=False)
    assert recount_partition(store, REF, 3, patient, no_pause) == PartitionCount(0, ())


def test_one_vote_in_between_needs_one_more_reading_and_no_pause() -> None:
    class Once(MemoryStore):
        readings = 0

        def votes_in_partition(
            self, ref: ArticleRef, partition: int, deadline_for_page: Callable[[], Deadline]
        ) -> Iterator[tuple[str, Vote]]:
            found = list(super().votes_in_partition(ref, partition, deadline_for_page))
            self.readings += 1
            if self.readings == 1:
                vote(self, VOTERS[0])
            return iter(found)

    store, pauses = Once(), list[int]()
    count = recount_partition(store, REF, 3, patient, lambda: pauses.append(1))
    assert (count, store.readings, len(pauses)) == (PartitionCount(1, ()), 2, 0)


def test_a_reading_that_never_settles_ends_after_ten_rounds() -> None:
    class Restless(MemoryStore):
        readings = 0

        def votes_in_partition(
            self, ref: ArticleRef, partition: int, deadline_for_page: Callable[[], Deadline]
        ) -> Iterator[tuple[str, Vote]]:
            self.readings += 1
            self.damage_shard(REF, 3, {"up": 1})
            return iter(())

    store, readings = Restless(), list[int]()
    recount_partition(store, REF, 3, patient, lambda: readings.append(store.readings))
    assert readings[0] == MOST_READINGS

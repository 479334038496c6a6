"""The scheduled recount: which part it takes, and what it counts, logs and leaves alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from chalicelib.deadlines import Clock as Clocks
from chalicelib.deadlines import Deadline
from chalicelib.errors import Unavailable
from chalicelib.metrics import Metrics
from chalicelib.publishing.articles import ArticleRef
from chalicelib.voting import schedule
from chalicelib.voting.applying import apply
from chalicelib.voting.schedule import SEGMENTS, recount_segment
from chalicelib.voting.voters import VOTE_PARTITIONS
from chalicelib.voting.votes import Vote, Wish
from tests.support.fakes import START, Clock, MemoryStore, patient

ARTICLES = [ArticleRef("demo", f"a-{number}") for number in range(30)]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "PAUSE_SECONDS", 0.0)


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    for ref in ARTICLES:
        for number in range(3):
            apply(store, Wish(ref, f"{ref.article}-v{number}", "up", None, START), patient(), registered_only=False)
    return store


def recount_of_a_week(store: MemoryStore) -> dict[str, int]:
    """What the runs of one week counted, added up."""
    clock, metrics = Clock(), Metrics()
    total: dict[str, int] = {}
    for hour in range(SEGMENTS):
        recount_segment(store, START + hour * 3600, Clocks(clock.now, clock.monotonic), metrics)
        report = metrics.take()
        assert report is not None
        for name, count in report.counts.items():
            total[name] = total.get(name, 0) + count
    return total


def test_a_week_recounts_every_partition_and_finds_nothing_wrong(store: MemoryStore) -> None:
    total = recount_of_a_week(store)
    assert total["recounted_partitions"] >= len(ARTICLES) * VOTE_PARTITIONS
    assert (total.get("drifted_shards", 0), total["finished_recounts"]) == (0, SEGMENTS)


def test_a_drift_is_counted_logged_with_both_counts_and_not_repaired(
    store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    store.damage_shard(ARTICLES[7], 5, {"up": 99})
    assert recount_of_a_week(store)["drifted_shards"] >= 1
    assert "drift: article a-7 of demo, shard 5: the tally says {'up': 99}" in caplog.text
    assert store.shards(ARTICLES[7], patient())[5].counts == {"up": 99}


def test_a_lost_tally_is_found(store: MemoryStore) -> None:
    for shard in store.shards(ARTICLES[3], patient()):
        store.lose_shard(ARTICLES[3], shard)
    assert recount_of_a_week(store)["drifted_shards"] >= 1


def test_a_run_that_has_no_time_left_says_so(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "INSPECTION_SECONDS", -1.0)
    total = recount_of_a_week(store)
    assert total.get("recounted_partitions", 0) == 0
    assert total["unfinished_recounts"] > 0


@pytest.mark.parametrize("off_seconds", [-900, 0, 900])
def test_a_run_that_begins_a_little_early_or_late_takes_the_same_part(store: MemoryStore, off_seconds: int) -> None:
    asked: list[int] = []

    class Asked(MemoryStore):
        def partitions_in_segment(
            self, segment: int, segments: int, deadline_for_page: Callable[[], Deadline]
        ) -> Iterator[tuple[ArticleRef, int]]:
            asked.append(segment)
            return iter(())

    hour = 1_790_002_800
    clock = Clock()
    for number in range(SEGMENTS):
        at = hour + number * 3600 + off_seconds
        recount_segment(Asked(), at, Clocks(clock.now, clock.monotonic), Metrics())
    assert sorted(asked) == list(range(SEGMENTS))


def test_what_was_found_before_a_failure_is_counted_and_logged(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for ref in ARTICLES:
        store.damage_shard(ref, 0, {"up": 99})
    monkeypatch.setattr(schedule, "SEGMENTS", 1)
    read = store.votes_in_partition

    def failing(
        ref: ArticleRef, partition: int, deadline_for_page: Callable[[], Deadline]
    ) -> Iterator[tuple[str, Vote]]:
        if "drift:" in caplog.text:
            raise Unavailable("The table does not answer.")
        return read(ref, partition, deadline_for_page)

    monkeypatch.setattr(store, "votes_in_partition", failing)
    clock, metrics = Clock(), Metrics()
    with pytest.raises(Unavailable):
        recount_segment(store, START, Clocks(clock.now, clock.monotonic), metrics)
    report = metrics.take()
    assert report is not None
    assert (report.counts["drifted_shards"], report.counts["unfinished_recounts"]) == (1, 1)

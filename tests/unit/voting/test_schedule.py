"""The scheduled recount: which part it takes, and what it counts, logs and leaves alone."""

from __future__ import annotations

import pytest

from chalicelib.deadlines import Clock as Clocks
from chalicelib.metrics import Metrics
from chalicelib.publishing.articles import ArticleRef
from chalicelib.voting import schedule
from chalicelib.voting.schedule import SEGMENTS, recount_this_hour
from chalicelib.voting.use_cases import apply
from chalicelib.voting.voters import VOTE_PARTITIONS
from chalicelib.voting.votes import Wish
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
    for _ in range(SEGMENTS):
        recount_this_hour(store, Clocks(clock.now, clock.monotonic), metrics)
        report = metrics.take()
        assert report is not None
        for name, count in report.counts.items():
            total[name] = total.get(name, 0) + count
        clock.advance(3600)
    return total


def test_a_week_recounts_every_partition_and_finds_nothing_wrong(store: MemoryStore) -> None:
    total = recount_of_a_week(store)
    assert total["recounted_partitions"] >= len(ARTICLES) * VOTE_PARTITIONS
    assert (total["drifted_shards"], total["unfinished_recounts"]) == (0, 0)


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
    assert total["recounted_partitions"] == 0
    assert total["unfinished_recounts"] > 0

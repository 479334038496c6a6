"""The same values, however the records of votes arrive: twice, late, shuffled, half-handled, two at once."""

from __future__ import annotations

import random
from itertools import chain
from typing import Any

import pytest

from chalicelib.deadlines import Deadline
from chalicelib.insights.editions import edition
from chalicelib.insights.history import Day, Timeline
from chalicelib.insights.intervals import DAY, HOUR, UTC
from chalicelib.insights.leaderboards import value
from chalicelib.insights.projection import Projection
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.registering import register
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.publishing.sites import Site
from chalicelib.voting.tallies import Tally
from chalicelib.voting.voters import vote_partition
from tests.support.fake_insights import MemoryInsights
from tests.support.fakes import patient
from tests.support.replays import (
    EDITION,
    NOON,
    REFS,
    RecordingStore,
    batches,
    check_against_truth,
    everything,
    projected,
    voted,
)
from tests.support.stream import deliver, deliver_batch


@pytest.mark.parametrize(
    ("seed", "time_zone"),
    [(0, "UTC"), (2, "America/Los_Angeles"), (3, "Asia/Kolkata"), (4, "Pacific/Chatham")],
)
def test_pauses_repeats_and_halved_batches_change_nothing(seed: int, time_zone: str) -> None:
    rng = random.Random(seed)
    store = RecordingStore(time_zone)
    insights = MemoryInsights(store)
    # Votes go on while nothing is projected. Then some of the records come, from all times. In the middle of this time,
    # the clocks of the Chatham Islands go forward.
    for day in range(2, 6):
        for hour in range(24):
            for _ in range(rng.randrange(4)):
                at = NOON + day * DAY + hour * HOUR + rng.randrange(HOUR)
                store.cast(rng.choice(REFS), f"v{rng.randrange(40)}", rng.choice(["up", "down", None]), at)
            if rng.random() < 0.1:
                late = rng.sample(store.records, rng.randrange(len(store.records) + 1))
                for batch in batches(late, rng, 10):
                    deliver_batch(store, insights, batch)
    rng.shuffle(store.records)
    for batch in batches(store.records, rng, 10):
        half = len(batch) // 2
        for part in (batch[:half], batch, batch[half:]):
            deliver_batch(store, insights, part)
    newest = max(store.records, key=lambda record: record[2].updated_at or 0)
    deliver(store, insights, newest[0], [newest[1:]])  # an hour is settled when a record of a later hour comes
    check_against_truth(store, insights)
    fresh = projected(store, [[one] for one in sorted(store.records, key=lambda record: record[2].updated_at or 0)])
    assert everything(insights) == everything(fresh)


def test_a_record_handled_only_half_is_finished_when_it_comes_again() -> None:
    rng = random.Random(3)
    store = voted(rng, 300, hours=30)
    whole = everything(projected(store, [store.records]))
    insights = MemoryInsights(store)
    for stop_after in (0, 1, 2, 5, 9, 14):
        calls = 0

        def dying(*arguments: Any, real: Any, stop: int = stop_after, **options: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls > stop:
                raise ConnectionError
            return real(*arguments, **options)

        broken = MemoryInsights(store)
        broken.__dict__.update(insights.__dict__)
        for name in ("put_day", "put_activity", "put_ranked_list", "put_total", "put_settled"):
            real = getattr(insights, name)
            setattr(broken, name, lambda *a, real=real, **o: dying(*a, real=real, **o))
        for ref in REFS:
            with pytest.raises(ConnectionError):
                deliver(store, broken, ref, [(shard, one) for of, shard, one in store.records if of == ref])
    for batch in batches(store.records, rng):
        deliver_batch(store, insights, batch)
    assert everything(insights) == whole


def test_articles_of_a_batch_that_are_projected_at_the_same_time_lead_to_the_same_items() -> None:
    store = voted(random.Random(4), 400, hours=20)
    whole = everything(projected(store, [store.records]))
    insights = MemoryInsights(store)
    batch: dict[ArticleRef, list[tuple[int, Tally]]] = {ref: [] for ref in REFS}
    for ref, shard, one in store.records:
        batch[ref].append((shard, one))
    broken, real = REFS[2:4], insights.put_day

    def breaking(ref: ArticleRef, day: Day, read_version: int, deadline: Deadline) -> bool:
        if ref in broken:
            raise ZeroDivisionError
        return real(ref, day, read_version, deadline)

    insights.put_day = breaking  # type: ignore[method-assign]
    projection = Projection(store, insights, SiteDirectory(store, lambda: 0.0), lambda: NOON + DAY, at_once=8)
    failed = projection.project_batch(batch, patient(), patient())
    assert list(failed) == broken
    insights.put_day = real  # type: ignore[method-assign]
    assert projection.project_batch({ref: batch[ref] for ref in failed}, patient(), patient()) == {}
    assert everything(insights) == whole


@pytest.mark.parametrize("seed", range(3))
def test_two_projections_of_an_article_at_once_lose_nothing(seed: int) -> None:
    rng = random.Random(seed)
    store = voted(rng, 200, hours=6)
    whole = everything(projected(store, [store.records]))
    insights = MemoryInsights(store)
    rng.shuffle(store.records)
    mine, theirs = store.records[:100], store.records[100:]  # what the one loses the other will not bring again
    others = iter(batches(theirs, rng, 10))
    real = insights.put_day

    def overtaken(ref: ArticleRef, day: Day, read_version: int, deadline: Deadline) -> bool:
        # Between what the one has read and what it stores, another one does all of its work.
        if (batch := next(others, None)) is not None:
            insights.put_day = real  # type: ignore[method-assign]
            deliver_batch(store, insights, batch)
            insights.put_day = overtaken  # type: ignore[method-assign]
        return real(ref, day, read_version, deadline)

    insights.put_day = overtaken  # type: ignore[method-assign]
    for batch in chain(batches(mine, rng, 10), others):
        deliver_batch(store, insights, batch)
    assert everything(insights) == whole


def test_last_states_that_come_again_change_nothing_however_old_some_are() -> None:
    store = RecordingStore()
    for day in (75, 40, 10, 9, 1, 0):
        for voter in range(40):  # enough for every shard
            store.cast(REFS[0], f"v{voter}-{day % 7}", "up", NOON - day * DAY + voter * 600)
    insights = projected(store, [[one] for one in store.records])
    before = everything(insights)
    for _ in range(2):
        deliver(store, insights, REFS[0], store.shards(REFS[0], patient()).items())
    assert everything(insights) == before


def test_a_state_of_a_clock_that_is_hours_ahead_hides_no_later_votes() -> None:
    store = RecordingStore()
    for voter in range(3):
        store.cast(REFS[0], f"a{voter}", "up", NOON)
    register(store, Article(REFS[0], "T", "https://news.example"), NOON + 3 * HOUR, patient())
    for shard, one in store.shards(REFS[0], patient()).items():
        store.records.append((REFS[0], shard, one))
    for voter in range(60):
        store.cast(REFS[0], f"b{voter}", "up", NOON + 60)
    insights = projected(store, [[one] for one in store.records])
    timeline = Timeline(insights.days(REFS[0], NOON + DAY, 100, patient()), UTC)
    assert {timeline.before(NOON + hours * HOUR).voters for hours in range(1, 9)} == {63}


def test_what_stood_before_hours_were_kept_stands_in_the_first_hour_since() -> None:
    store = RecordingStore()
    voters = {vote_partition(f"v{number}"): f"v{number}" for number in range(200)}
    store.cast(REFS[0], voters[0], "up", NOON - 100 * DAY)
    store.cast(REFS[0], voters[1], "up", NOON)
    store.cast(REFS[0], voters[0], "down", NOON + 3 * HOUR)
    old, first, second = store.records
    insights = projected(store, [[old], [first], [second]])
    timeline = Timeline(insights.days(REFS[0], NOON + DAY, 10, patient()), UTC)
    assert [timeline.before(NOON + hours * HOUR).counts for hours in (0, 1, 4)] == [
        {"up": 1}, {"up": 2}, {"up": 1, "down": 1}
    ]  # fmt: skip


def test_a_vote_that_comes_late_on_the_first_of_a_month_finds_the_week_that_began_before() -> None:
    store = RecordingStore()
    first = 1_793_491_200  # 2026-11-01, a Sunday
    for day in range(-20, 29):
        store.cast(REFS[0], f"a{day}", "up", first + day * DAY + 9 * HOUR)
        if day == 0:
            store.cast(REFS[0], "late", "up", first + 12 * HOUR)
    late = next(one for one in store.records if one[2].updated_at == first + 12 * HOUR)
    in_time = [one for one in store.records if one is not late]
    insights = projected(store, [*([one] for one in in_time), [late]])
    assert everything(insights) == everything(projected(store, [store.records]))
    check_against_truth(store, insights)


def test_a_clock_that_went_back_over_an_hour_leaves_a_trend_of_that_hour() -> None:
    store = RecordingStore()
    same = [f"v{number}" for number in range(200) if vote_partition(f"v{number}") == 3][:2]
    store.cast(REFS[0], same[0], "up", NOON)
    store.cast(REFS[0], same[1], "up", NOON - 2)
    insights = projected(store, [store.records])
    entry = insights._activities[EDITION][NOON, "a-0"].entries["hour"]
    assert (entry.gained.voters, len(entry.trend.values)) == (0, 24)


def test_stars_that_were_retracted_in_another_hour_are_projected_too() -> None:
    store = RecordingStore()
    store.put_site(Site("demo", make_ballot("stars"), ranks="any"), patient())
    store.cast(REFS[0], "v", "5", NOON - 10)
    store.cast(REFS[0], "v", None, NOON + 10)
    insights = projected(store, [store.records])
    site = store.site("demo", patient())
    assert site is not None
    entry = insights._activities[edition(site)][NOON, "a-0"].entries["hour"]
    assert (entry.gained.counts, value(site, entry, "stars")) == ({"5": -1}, 3.0)


@pytest.mark.parametrize("kind", ["stale", "two at once"])
def test_days_that_meet_at_midnight_know_of_each_other(kind: str) -> None:
    store = RecordingStore()
    midnight = NOON + 12 * HOUR
    same = [f"v{number}" for number in range(400) if vote_partition(f"v{number}") == 3][:3]
    for voter, at in zip(same, (midnight - 90, midnight - 5, midnight + 5), strict=True):
        store.cast(REFS[0], voter, "up", at)
    first, second, third = store.records
    insights = MemoryInsights(store)
    deliver(store, insights, REFS[0], [first[1:]])
    real_state, real_put = insights.article_state, insights.put_day
    before_second = real_state(REFS[0], 0, patient(), consistent=True)
    if kind == "stale":
        deliver(store, insights, REFS[0], [second[1:]])
        insights.article_state = lambda ref, first, deadline, *, consistent: (  # type: ignore[method-assign]
            real_state(ref, first, deadline, consistent=True) if consistent else before_second
        )
    else:

        def overtaken(ref: ArticleRef, day: Day, read_version: int, deadline: Deadline) -> bool:
            insights.put_day = real_put  # type: ignore[method-assign]
            deliver(store, insights, REFS[0], [second[1:]])
            return real_put(ref, day, read_version, deadline)

        insights.put_day = overtaken  # type: ignore[method-assign]
    deliver(store, insights, REFS[0], [third[1:]])
    assert insights._days == projected(store, [store.records])._days
    assert insights._activities == projected(store, [[first], [second], [third]])._activities

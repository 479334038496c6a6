"""When articles have activities, and when the hours of a site are settled."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.deadlines import Deadline
from chalicelib.insights.intervals import DAY, HOUR, Calendar
from chalicelib.insights.leaderboards import Activity
from chalicelib.insights.projection import Projection
from chalicelib.insights.settling import Active, begin
from chalicelib.insights.site_totals import Settled
from chalicelib.publishing.articles import Article
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.registering import register
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.publishing.sites import Site
from tests.support.fake_insights import MemoryInsights
from tests.support.fakes import DEMO, patient
from tests.support.replays import EDITION, NOON, REFS, RecordingStore, check_against_truth, projected
from tests.support.stream import deliver


def test_a_vote_that_was_taken_back_leaves_the_boards_and_a_registration_alone_makes_nothing() -> None:
    store = RecordingStore()
    register(store, Article(REFS[1], "T", "https://news.example"), NOON, patient())
    store.cast(REFS[0], "v", "up", NOON)
    store.cast(REFS[0], "v", None, NOON + 60)
    registered = [(REFS[1], shard, one) for shard, one in store.shards(REFS[1], patient()).items()]
    insights = projected(store, [*([one] for one in store.records), registered])
    (only,) = insights._activities[EDITION].values()
    assert (only.ref, only.entries["hour"].gained.counts) == (REFS[0], {})


def test_an_article_that_is_registered_after_its_votes_has_all_its_hours_then() -> None:
    store = RecordingStore()
    store.put_site(Site("demo", make_ballot("updown")), patient())
    for hour in range(3):
        store.cast(REFS[0], f"v{hour}", "up", NOON + hour * HOUR)
    insights = projected(store, [[one] for one in store.records])
    assert insights._activities == {}
    register(store, Article(REFS[0], "T", "https://news.example"), NOON + 5 * HOUR, patient())
    deliver(store, insights, REFS[0], store.shards(REFS[0], patient()).items())
    active = insights._activities[EDITION]
    assert [(hour - NOON) // HOUR for hour, _ in active] == [0, 1, 2]
    assert sum(one.entries["hour"].gained.voters for one in active.values()) == 3


def test_a_late_vote_is_settled_also_if_no_further_hour_is() -> None:
    store = RecordingStore()
    for number, at in enumerate((NOON, NOON + HOUR + 90, NOON + 2 * HOUR + 30)):
        store.cast(REFS[number], "v", "up", at)
    store.cast(REFS[3], "v", "up", NOON + HOUR - 1)
    insights = projected(store, [[one] for one in store.records[:3]])
    assert insights._settled[EDITION].through == NOON + HOUR
    deliver(store, insights, REFS[3], [store.records[3][1:]])
    assert insights._totals[EDITION]["slot", NOON].gained.voters == 2
    assert insights._lists[EDITION, "all", 0].entries.keys() == {"a-0", "a-3"}


def test_a_vote_of_an_earlier_hour_that_comes_when_settling_begins_is_settled_too() -> None:
    store = RecordingStore()
    for number, at in enumerate((NOON + HOUR, NOON, NOON + 2 * HOUR + 90)):
        store.cast(REFS[number], "v", "up", at)
    first, late, last = store.records
    insights = projected(store, [[first]])
    real = insights.put_settled

    def overtaken(site: Site, settled: Settled, deadline: Deadline) -> bool:
        insights.put_settled = real  # type: ignore[method-assign]
        deliver(store, insights, late[0], [late[1:]])
        return real(site, settled, deadline)

    insights.put_settled = overtaken  # type: ignore[method-assign]
    deliver(store, insights, last[0], [last[1:]])
    assert insights._totals[EDITION]["slot", NOON].gained.voters == 1
    assert insights._lists[EDITION, "all", 0].entries.keys() == {"a-0", "a-1"}


def test_a_clock_that_is_ahead_settles_no_hour_that_is_not_over() -> None:
    store = RecordingStore()
    store.cast(REFS[0], "v", "up", NOON)
    store.cast(REFS[1], "v", "up", NOON + 30 * HOUR)
    insights = MemoryInsights(store)
    projection = Projection(store, insights, SiteDirectory(store, lambda: 0.0), lambda: NOON + 60)
    for ref, shard, one in store.records:
        assert projection.project_batch({ref: [(shard, one)]}, patient(), patient()) == {}
    assert insights._settled == {}


def test_windows_of_long_ago_are_not_made_again_but_the_list_of_all_time_has_the_article() -> None:
    store = RecordingStore()
    store.cast(REFS[0], "early", "up", NOON - 100 * DAY)
    store.cast(REFS[0], "late", "up", NOON)
    insights = MemoryInsights(store)
    deliver(store, insights, REFS[0], [(shard, one) for _, shard, one in store.records])
    assert list(insights._activities[EDITION]) == [(NOON, "a-0")]
    assert insights._activities[EDITION][NOON, "a-0"].entries["all"].total == 2
    assert len(insights._days[REFS[0]]) == 2


def test_after_a_change_of_the_time_zone_everything_can_be_made_again_from_the_days() -> None:
    store = RecordingStore()
    for days in (100, 61, 60, 33, 32, 2, 1, 0):
        for number, hours in enumerate((0, 10, 11, 23)):
            store.cast(REFS[number], f"{days}-{hours}", "up", NOON - days * DAY + hours * HOUR)
    insights = projected(store, [[one] for one in store.records])
    store.demo = replace(DEMO, time_zone="America/New_York")
    store.put_site(store.demo, patient())
    projection = Projection(store, insights, SiteDirectory(store, lambda: 0.0), lambda: NOON + 30 * DAY)
    batch = {ref: list(store.shards(ref, patient()).items()) for ref in REFS}
    failed, active = projection.project_articles(batch, patient(), every_slot=True)
    assert failed == {}
    for _ in range(2):  # doing it again changes nothing
        projection.settle("demo", active["demo"], patient())
        check_against_truth(store, insights)
    (total,) = insights.totals(store.demo, "all", 0, 1, patient(), consistent=True)
    assert total.gained.voters == 32 - 1  # the last hour is not over
    months = {start for edition, window, start in insights._lists if window == "month" and "New_York" in edition}
    assert min(months) == Calendar("America/New_York").start_of("month", NOON - 60 * DAY)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Asia/Kolkata", "UTC"),
        ("Asia/Kathmandu", "Asia/Kolkata"),
        ("Asia/Kolkata", "Asia/Kathmandu"),
        ("UTC", "Asia/Kolkata"),
    ],
)
def test_no_vote_counts_twice_after_a_change_between_zones_that_cut_other_hours(before: str, after: str) -> None:
    store = RecordingStore(before)
    for minute in range(0, 6 * 60, 5):
        store.cast(REFS[0], f"v{minute}", "up", NOON + 4 * HOUR + minute * 60)
    insights = projected(store, [[one] for one in store.records])
    store.demo = replace(DEMO, time_zone=after)
    store.put_site(store.demo, patient())
    projection = Projection(store, insights, SiteDirectory(store, lambda: 0.0), lambda: NOON + 30 * DAY)
    batch = {REFS[0]: list(store.shards(REFS[0], patient()).items())}
    _, active = projection.project_articles(batch, patient(), every_slot=True)
    projection.settle("demo", Active(active["demo"].slots, NOON + 20 * DAY), patient())
    for level in ("slot", "day", "month", "all"):
        totals = insights.totals(store.demo, level, 0, 2**40, patient(), consistent=True)
        assert sum(one.gained.voters for one in totals) == 6 * 60 // 5, level


def test_of_a_new_site_nothing_is_looked_for_before_its_first_hour_and_late_votes_are_settled() -> None:
    store = RecordingStore()
    insights = MemoryInsights(store)
    begin(insights, store.demo, NOON + 60, patient())
    store.cast(REFS[0], "v", "up", NOON + 120)
    store.cast(REFS[1], "v", "up", NOON - 2 * HOUR)
    real, looked_for = insights.activities, []

    def watched(site: Site, first: int, end: int, deadline: Deadline, **options: Any) -> list[Activity]:
        looked_for.append((first - NOON) // HOUR)
        return real(site, first, end, deadline, **options)

    insights.activities = watched  # type: ignore[method-assign]
    first, late = store.records
    deliver(store, insights, first[0], [first[1:]])
    assert looked_for == []
    deliver(store, insights, late[0], [late[1:]])
    assert set(looked_for) == {-2}
    assert insights._lists[EDITION, "all", 0].entries.keys() == {"a-1"}
    begin(insights, store.demo, NOON + 5 * HOUR, patient())
    assert insights._settled[EDITION].through == NOON

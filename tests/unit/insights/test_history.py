"""What days learn from states of tally shards."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.insights.history import Day, Timeline, learn
from chalicelib.insights.intervals import DAY, HOUR, UTC
from chalicelib.voting.tallies import Tally
from tests.support.fakes import START

NOON = START - START % DAY + 12 * HOUR


def state(version: int, at: int, **counts: int) -> Tally:
    return Tally(counts, version, at)


def after_hours(days: list[Day], *hours: int) -> list[Any]:
    """The counts at the end of these hours, counted from noon."""
    timeline = Timeline(days, UTC)
    return [timeline.before(NOON + (hour + 1) * HOUR).counts for hour in hours]


class TestLearning:
    def test_an_hour_has_the_newest_state_from_before_its_end(self) -> None:
        states = [(0, state(1, NOON, up=1)), (0, state(2, NOON + 60, up=2)), (0, state(3, NOON + HOUR, up=3))]
        days = learn([], states, {}, UTC)
        assert after_hours(days, 0, 1) == [{"up": 2}, {"up": 3}]
        assert list(days[0].slots) == [NOON, NOON + HOUR]

    def test_the_counts_before_a_change_are_carried_over_hours_and_days(self) -> None:
        states = [(0, state(1, NOON, up=1)), (1, state(1, NOON + 5 * HOUR, down=1)), (1, state(2, NOON + DAY, down=2))]
        days = learn([], states, {}, UTC)
        assert [len(day.slots) for day in days] == [2, 1]
        assert after_hours(days, 4, 5, 24) == [{"up": 1}, {"up": 1, "down": 1}, {"up": 1, "down": 2}]

    def test_shards_that_have_been_silent_for_ever_are_taken_as_they_are(self) -> None:
        days = learn([], [(0, state(1, NOON, up=1))], {9: state(7, NOON - 90 * DAY, up=7)}, UTC)
        assert after_hours(days, 0) == [{"up": 8}]

    def test_a_state_of_later_says_nothing_of_earlier(self) -> None:
        days = learn([], [(0, state(1, NOON, up=1))], {9: state(7, NOON + HOUR, up=7)}, UTC)
        assert after_hours(days, 0, 1) == [{"up": 1}, {"up": 8}]

    def test_what_comes_late_changes_every_day_after_it(self) -> None:
        known = learn([], [(0, state(5, NOON + HOUR, up=1)), (0, state(6, NOON + DAY, up=2))], {}, UTC)
        late = learn(known, [(3, state(4, NOON + 10, up=4))], {}, UTC)
        assert after_hours(late, 0, 1, 24) == [{"up": 4}, {"up": 5}, {"up": 6}]
        assert late == learn(
            [], [(0, known[0].after[0]), (0, known[1].after[0]), (3, state(4, NOON + 10, up=4))], {}, UTC
        )

    def test_a_clock_that_is_behind_does_not_lose_the_newer_version(self) -> None:
        days = learn([], [(0, state(9, NOON + HOUR, up=9)), (0, state(10, NOON + HOUR - 1, up=10))], {}, UTC)
        assert after_hours(days, 0, 1) == [{"up": 10}, {"up": 10}]

    @given(st.data())
    def test_states_in_any_order_and_any_number_of_batches_lead_to_the_same_days(self, data: st.DataObject) -> None:
        times = data.draw(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 4 * 24)), min_size=1, max_size=12))
        newest = dict.fromkeys(range(3), 0)
        states = []
        for shard, hours in times:
            newest[shard] += 1
            states.append((shard, state(newest[shard], NOON + hours * HOUR, up=newest[shard])))
        whole = learn([], states, {}, UTC)
        days: list[Day] = []
        for one in data.draw(st.permutations(states)):
            days = learn(days, [one], {}, UTC)
        assert days == whole
        assert [day.version for day in days] == [day.version for day in whole]

    def test_a_day_that_learns_anything_has_a_higher_version(self) -> None:
        (known,) = learn([], [(0, state(6, NOON + HOUR, up=2))], {}, UTC)
        (more,) = learn([known], [(0, state(5, NOON, up=1))], {}, UTC)
        assert more.after == known.after
        assert more.version > known.version

    def test_a_timeline_knows_what_was_before_any_boundary(self) -> None:
        timeline = Timeline(learn([], [(0, state(1, NOON, up=1))], {}, UTC), UTC)
        assert [timeline.before(at).voters for at in (NOON, NOON + HOUR, NOON + DAY)] == [0, 1, 1]

"""Intervals, and what snapshots learn from states of tally shards."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.insights.history import Snapshot, Timeline, learn
from chalicelib.insights.intervals import DAY, HOUR, earlier, end_of, start_of
from chalicelib.insights.leaderboards import WINDOWS
from chalicelib.voting.tallies import Tally
from tests.support.fakes import START

NOON = START - START % DAY + 12 * HOUR


class TestIntervals:
    @given(st.sampled_from(WINDOWS), st.integers(0, 4 * 10**9))
    def test_a_moment_is_in_its_window_and_windows_do_not_overlap(self, window: Any, at: int) -> None:
        start = start_of(window, at)
        assert start <= at < end_of(window, start)
        assert start_of(window, start) == start
        if window != "all":
            assert start_of(window, end_of(window, start)) == end_of(window, start)

    def test_weeks_begin_on_monday_and_months_on_the_first(self) -> None:
        tuesday = 1_795_478_400  # 2026-11-24T00:00:00Z
        assert start_of("week", tuesday) == tuesday - DAY
        assert start_of("month", tuesday) == tuesday - 23 * DAY
        assert end_of("month", start_of("month", tuesday)) == tuesday + 7 * DAY
        assert earlier("month", start_of("month", tuesday), 9) == start_of("month", 1_770_000_000)  # of February 2026


def state(version: int, at: int, **counts: int) -> Tally:
    return Tally(counts, version, at)


class TestLearning:
    def test_a_closing_has_the_newest_state_from_before_its_end(self) -> None:
        states = [(0, state(1, NOON, up=1)), (0, state(2, NOON + 60, up=2)), (0, state(3, NOON + HOUR, up=3))]
        first, second = learn("hour", [], states, {}, {})
        assert (first.tally.counts, second.tally.counts) == ({"up": 2}, {"up": 3})

    def test_an_interval_without_a_change_has_no_closing_and_what_stood_is_carried_over(self) -> None:
        states = [(0, state(1, NOON, up=1)), (1, state(1, NOON + 5 * HOUR, down=1))]
        first, second = learn("hour", [], states, {}, {})
        assert (first.start, second.start) == (NOON, NOON + 5 * HOUR)
        assert second.tally.counts == {"up": 1, "down": 1}

    def test_shards_that_have_been_silent_for_ever_are_taken_as_they_are(self) -> None:
        (only,) = learn("hour", [], [(0, state(1, NOON, up=1))], {9: state(7, NOON - 90 * DAY, up=7)}, {})
        assert only.tally.counts == {"up": 8}

    def test_a_state_of_later_says_nothing_of_earlier(self) -> None:
        (only,) = learn("hour", [], [(0, state(1, NOON, up=1))], {9: state(7, NOON + HOUR, up=7)}, {})
        assert only.tally.counts == {"up": 1}

    def test_what_comes_late_changes_every_closing_after_it(self) -> None:
        known = [Snapshot("hour", NOON + hour * HOUR, {0: state(hour + 5, NOON, up=hour)}) for hour in (1, 2)]
        snapshots = learn("hour", known, [(3, state(4, NOON + 10, up=4))], {}, {})
        assert [one.tally.counts["up"] for one in snapshots] == [4, 5, 6]

    def test_a_clock_that_is_behind_does_not_lose_the_newer_version(self) -> None:
        states = [(0, state(9, NOON + HOUR, up=9)), (0, state(10, NOON + HOUR - 1, up=10))]
        first, second = learn("hour", [], states, {}, {})
        assert (first.tally.counts, second.tally.counts) == ({"up": 10}, {"up": 10})

    def test_a_timeline_knows_what_was_before_any_boundary(self) -> None:
        timeline = Timeline([Snapshot("hour", NOON, {0: state(1, NOON, up=1)})])
        assert [timeline.before(at).voters for at in (NOON, NOON + HOUR, NOON + DAY)] == [0, 1, 1]

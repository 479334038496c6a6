"""Windows and slots, in every kind of time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.insights.intervals import DAY, HOUR, Calendar
from chalicelib.insights.leaderboards import WINDOWS

# Whole hours, half and quarter hours, both sides of the date line, midnights that are skipped or come twice, a clock
# that moves by half an hour, and one that moves by two.
ZONES = [
    "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns", "Pacific/Chatham",
    "Pacific/Kiritimati", "Pacific/Pago_Pago", "Africa/Cairo", "America/Havana", "Australia/Lord_Howe",
    "Antarctica/Troll",
]  # fmt: skip
MOMENTS = st.integers(1_577_836_800, 2_500_000_000)  # from 2020 to 2049
SPRING, AUTUMN = "2026-03-29", "2026-10-25"  # in Berlin


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def day_of(zone: str, text: str) -> tuple[str, float]:
    """When the day begins in which this moment of UTC lies, and how many hours it has."""
    calendar = Calendar(zone)
    start = calendar.start_of("day", at(text))
    begins = datetime.fromtimestamp(start, UTC).strftime("%Y-%m-%dT%H:%M")
    return begins, (calendar.end_of("day", start) - start) / HOUR


@given(st.sampled_from(ZONES), st.sampled_from(WINDOWS), MOMENTS)
def test_a_moment_is_in_its_window_and_windows_do_not_overlap(zone: str, window: Any, moment: int) -> None:
    calendar = Calendar(zone)
    start = calendar.start_of(window, moment)
    end = calendar.end_of(window, start)
    assert start <= moment < end
    assert calendar.start_of(window, start) == calendar.start_of(window, end - 1) == start
    if window != "all":
        assert calendar.start_of(window, end) == end
        assert calendar.earlier(window, end, 1) == start


@given(st.sampled_from(ZONES), MOMENTS)
def test_a_slot_lies_in_one_hour_and_in_one_day(zone: str, moment: int) -> None:
    calendar = Calendar(zone)
    slot = calendar.slot_of(moment)
    end = calendar.end_of_slot(slot)
    assert slot <= moment < end
    assert calendar.slot_of(end - 1) == slot
    assert calendar.slot_of(end) == end
    for step in ("hour", "day"):
        assert calendar.start_of(step, slot) == calendar.start_of(step, end - 1)


@given(st.sampled_from(ZONES), MOMENTS, st.integers(0, 40))
def test_the_days_of_a_time_follow_each_other(zone: str, moment: int, days: int) -> None:
    calendar = Calendar(zone)
    first = calendar.start_of("day", moment)
    starts = calendar.starts("day", first, first + days * DAY)
    assert [calendar.end_of("day", one) for one in starts[:-1]] == starts[1:]
    assert calendar.earlier("day", starts[-1], len(starts) - 1) == first if starts else days == 0


@pytest.mark.parametrize(
    ("zone", "moment", "expected"),
    [
        ("Europe/Berlin", "2026-03-29T12:00", ("2026-03-28T23:00", 23)),
        ("Europe/Berlin", "2026-10-25T12:00", ("2026-10-24T22:00", 25)),
        ("Australia/Lord_Howe", "2026-10-04T00:00", ("2026-10-03T13:30", 23.5)),
        ("Asia/Kolkata", "2026-11-24T18:29", ("2026-11-23T18:30", 24)),
        ("Asia/Kolkata", "2026-11-24T18:30", ("2026-11-24T18:30", 24)),
        ("Pacific/Kiritimati", "2026-11-24T10:00", ("2026-11-24T10:00", 24)),
        ("Pacific/Pago_Pago", "2026-11-24T10:00", ("2026-11-23T11:00", 24)),
        ("Africa/Cairo", "2026-04-24T12:00", ("2026-04-23T22:00", 23)),  # midnight is skipped
        ("America/Havana", "2026-11-01T12:00", ("2026-11-01T04:00", 25)),  # midnight comes twice
        ("Pacific/Apia", "2011-12-30T09:59", ("2011-12-29T10:00", 24)),  # the day after, the 30th, was left out
        ("Pacific/Apia", "2011-12-30T10:00", ("2011-12-30T10:00", 24)),
    ],
)
def test_a_day_begins_when_the_clocks_say_so(zone: str, moment: str, expected: tuple[str, float]) -> None:
    assert day_of(zone, moment) == expected


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    for zone, hours in (("UTC", 0), ("Europe/Berlin", -1), ("America/New_York", 5)):
        calendar, tuesday = Calendar(zone), at("2026-11-24") + hours * HOUR
        assert calendar.start_of("week", tuesday) == tuesday - DAY
        month = calendar.start_of("month", tuesday)
        assert calendar.end_of("month", month) == tuesday + 7 * DAY
        assert calendar.earlier("month", month, 9) == calendar.start_of("month", at("2026-02-02"))


def test_an_hour_of_utc_in_which_a_day_begins_has_two_slots() -> None:
    kathmandu = Calendar("Asia/Kathmandu")  # 5:45 ahead: midnight is at 18:15 UTC
    noon = at("2026-11-24T12:00")
    slots = []
    while noon < at("2026-11-24T21:00"):
        slots.append((noon - at("2026-11-24")) // 60)
        noon = kathmandu.end_of_slot(noon)
    assert slots == [12 * 60, 13 * 60, 14 * 60, 15 * 60, 16 * 60, 17 * 60, 18 * 60, 18 * 60 + 15, 19 * 60, 20 * 60]


def test_a_day_before_is_when_the_clocks_showed_the_same_time() -> None:
    berlin = Calendar("Europe/Berlin")
    for text, hours in ((f"{SPRING}T12:00", 23), (f"{AUTUMN}T12:00", 25), ("2026-11-24T12:00", 24)):
        assert at(text) - berlin.a_day_before(at(text)) == hours * HOUR

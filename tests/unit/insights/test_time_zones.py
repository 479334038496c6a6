"""Insights of sites in several time zones, over HTTP, on fakes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.insights import wire as schemas
from chalicelib.insights.leaderboard_wire import LeaderboardBody
from tests.support.fakes import DEMO, START, Clock, MemoryStore, patient
from tests.support.gateway import send
from tests.support.insights import HISTORY, LEADERBOARD, Cast, get

SUMMARY, SITE_HISTORY = "/v1/sites/demo/summary", "/v1/sites/demo/history"

pytestmark = pytest.mark.usefixtures("services")


@pytest.fixture
def in_zone(store: MemoryStore, clock: Clock, cast: Cast) -> Cast:
    """Votes on the article `a` of a site in this zone, at these times of UTC; afterwards it is as late as the last."""

    def do(time_zone: str, *times: str) -> None:
        store.put_site(replace(DEMO, time_zone=time_zone), patient())
        for one in times:
            at = int(datetime.fromisoformat(one).replace(tzinfo=UTC).timestamp())
            clock.advance(max(0, at - int(clock.now())))
            cast("a", {"up": 1}, at)

    return do


def gained(path: str) -> list[tuple[str, int]]:
    found = get(path, schemas.HistoryBody if path.startswith(HISTORY) else schemas.SiteHistoryBody)
    return [(one["start"], one["gained"]["voters"]) for one in found["points"]]


@pytest.mark.parametrize("path", [HISTORY, SITE_HISTORY])
@pytest.mark.parametrize(
    ("time_zone", "times", "expected"),
    [
        (
            "Europe/Berlin",  # the last Sunday of October has 25 hours
            ["2026-10-24T21:59", "2026-10-24T22:00", "2026-10-25T22:59", "2026-10-25T23:00"],
            [("2026-10-23T22:00:00Z", 1), ("2026-10-24T22:00:00Z", 2), ("2026-10-25T23:00:00Z", 1)],
        ),
        (
            "Asia/Kolkata",  # midnight is at half past
            ["2026-11-24T18:29", "2026-11-24T18:30", "2026-11-25T18:29", "2026-11-25T18:30"],
            [("2026-11-23T18:30:00Z", 1), ("2026-11-24T18:30:00Z", 2), ("2026-11-25T18:30:00Z", 1)],
        ),
        (
            "Pacific/Auckland",  # beyond the date line; this Sunday has 23 hours
            ["2026-09-26T11:59", "2026-09-26T12:00", "2026-09-27T10:59", "2026-09-27T11:00"],
            [("2026-09-25T12:00:00Z", 1), ("2026-09-26T12:00:00Z", 2), ("2026-09-27T11:00:00Z", 1)],
        ),
    ],
)
def test_days_begin_at_midnight_in_the_sites_zone(
    in_zone: Cast, path: str, time_zone: str, times: list[str], expected: list[tuple[str, int]]
) -> None:
    in_zone(time_zone, *times)
    assert gained(f"{path}?step=day") == expected
    hours = gained(f"{path}?step=hour&since={times[0]}Z")
    assert all(start.endswith(":00:00Z") for start, _ in hours)
    assert sum(voters for _, voters in hours) == 4


def test_leaderboards_are_of_the_sites_day_week_and_month(in_zone: Cast) -> None:
    in_zone("America/Los_Angeles", "2026-11-01T06:59", "2026-11-02T07:59", "2026-11-02T08:00")  # the clocks went back
    for query, voters, start, end in (
        ("window=day", 1, "2026-11-02T08:00:00Z", "2026-11-03T08:00:00Z"),
        ("window=day&ago=1", 1, "2026-11-01T07:00:00Z", "2026-11-02T08:00:00Z"),
        ("window=week", 1, "2026-11-02T08:00:00Z", "2026-11-09T08:00:00Z"),
        ("window=month", 2, "2026-11-01T07:00:00Z", "2026-12-01T08:00:00Z"),
        ("window=hour", 1, "2026-11-02T08:00:00Z", "2026-11-02T09:00:00Z"),
        ("window=all", 3, None, None),
    ):
        board = get(f"{LEADERBOARD}?{query}", LeaderboardBody)
        assert (board["time_zone"], board["start"], board["end"]) == ("America/Los_Angeles", start, end), query
        assert [one["voters"] for one in board["entries"]] == [voters], query


def test_a_trend_of_a_day_that_begins_within_an_hour_leaves_out_what_was_before(in_zone: Cast) -> None:
    in_zone("Asia/Kolkata", "2026-11-24T18:05", "2026-11-24T18:35", "2026-11-24T20:00")
    (entry,) = get(LEADERBOARD, LeaderboardBody)["entries"]
    assert entry["trend"] == {"step": "hour", "start": "2026-11-24T18:00:00Z", "values": [1, 0, 1]}
    (entry,) = get(f"{LEADERBOARD}?window=week", LeaderboardBody)["entries"]
    assert (entry["trend"]["start"], entry["trend"]["values"]) == ("2026-11-22T18:30:00Z", [0, 1, 2])


def test_a_summary_compares_today_with_yesterday_up_to_the_same_time_of_day(in_zone: Cast) -> None:
    # Yesterday the clocks went back. The hour ends at 12:00 in Berlin, and yesterday 12:00 was at 11:00 UTC, too.
    in_zone("Europe/Berlin", "2026-10-24T22:30", "2026-10-25T10:59", "2026-10-25T11:00", "2026-10-26T10:20")
    found = get(SUMMARY, schemas.SummaryBody)
    assert found["time_zone"] == "Europe/Berlin"
    assert {name: (found[name]["start"], found[name]["end"], found[name]["gained"]["voters"]) for name in (
        "hour", "today", "yesterday", "yesterday_by_now"
    )} == {
        "hour": ("2026-10-26T10:00:00Z", "2026-10-26T11:00:00Z", 1),
        "today": ("2026-10-25T23:00:00Z", "2026-10-26T23:00:00Z", 1),
        "yesterday": ("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", 3),
        "yesterday_by_now": ("2026-10-24T22:00:00Z", "2026-10-25T11:00:00Z", 2),
    }  # fmt: skip


def test_yesterday_by_now_ends_with_yesterday_when_midnight_is_in_this_hour(in_zone: Cast) -> None:
    in_zone("Asia/Kolkata", "2026-11-23T20:00", "2026-11-24T18:45", "2026-11-25T18:10")
    found = get(SUMMARY, schemas.SummaryBody)
    assert found["yesterday_by_now"] == found["yesterday"]
    assert (found["yesterday"]["end"], found["yesterday"]["gained"]["voters"]) == ("2026-11-24T18:30:00Z", 1)


def test_yesterday_by_now_has_whole_slots_also_after_the_clocks_moved_by_half_an_hour(in_zone: Cast) -> None:
    in_zone("Australia/Lord_Howe", "2026-10-02T23:10", "2026-10-02T23:40", "2026-10-03T22:10")
    period = get(SUMMARY, schemas.SummaryBody)["yesterday_by_now"]
    assert (period["end"], period["gained"]["voters"]) == ("2026-10-03T00:00:00Z", 2)


@pytest.mark.parametrize("time_zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize("since", ["9999-12-31", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59-23:59"])
@pytest.mark.parametrize("step", ["hour", "day"])
def test_the_end_of_time_is_refused(in_zone: Cast, time_zone: str, since: str, step: str) -> None:
    in_zone(time_zone)
    answer = send("GET", f"{SITE_HISTORY}?step={step}&since={since}")
    assert (answer.status, answer.json()["field"]) == (422, "since")


def test_a_date_is_a_day_of_the_site(in_zone: Cast) -> None:
    in_zone("Asia/Kolkata", "2026-11-24T18:29", "2026-11-24T18:30", "2026-11-25T18:30")
    found = get(f"{SITE_HISTORY}?step=day&since=2026-11-25&until=2026-11-26", schemas.SiteHistoryBody)
    assert (found["since"], found["until"]) == ("2026-11-24T18:30:00Z", "2026-11-25T18:30:00Z")
    assert [one["gained"]["voters"] for one in found["points"]] == [1]
    hours = get(f"{SITE_HISTORY}?step=hour&since=2026-11-25&until=2026-11-26", schemas.SiteHistoryBody)
    assert (hours["since"], hours["until"]) == ("2026-11-24T18:00:00Z", "2026-11-25T19:00:00Z")


@pytest.mark.parametrize("window", ["day", "week", "month"])
def test_feeds_name_the_zone_of_their_days(in_zone: Cast, window: str) -> None:
    in_zone("Europe/Berlin", "2026-10-26T10:20")
    expected = f"demo: most voted on of the {window} (Europe/Berlin)"
    assert send("GET", f"{LEADERBOARD}.feed.json?window={window}").json()["title"] == expected
    assert f"<title>{expected}</title>" in send("GET", f"{LEADERBOARD}.atom?window={window}").text


def test_a_cursor_of_another_zone_is_refused(in_zone: Cast, store: MemoryStore, clock: Clock, cast: Cast) -> None:
    for article in "abc":
        cast(article, {"up": 1}, START)
    cursor = get(f"{LEADERBOARD}?limit=1", LeaderboardBody)["cursor"]
    store.put_site(replace(DEMO, time_zone="Asia/Tokyo"), patient())
    clock.advance(90)
    answer = send("GET", f"{LEADERBOARD}?cursor={cursor}")
    assert (answer.status, answer.json()["field"]) == (422, "cursor")

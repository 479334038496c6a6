"""The dashboard of a site whose days begin at half past an hour of UTC."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from datetime import datetime
from itertools import cycle

import pytest
from playwright.sync_api import Page

from chalicelib.insights.intervals import HOUR, Calendar
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.sites import Site
from tests.e2e.dashboard.conftest import Cast
from tests.support.editor import on_tile, rows, table_of, tile
from tests.support.expecting import expect
from tests.support.fakes import patient
from tests.support.http import fetch
from tests.support.stack import Stack


def far_from_midnight(calendar: Calendar) -> bool:
    """True if no test can run across midnight in this zone, or across the hour in which it is."""
    now = int(time.time())
    return calendar.start_of("day", now) + 3 * HOUR < now < calendar.end_of("day", calendar.start_of("day", now)) - HOUR


# In both, midnight is at half past an hour of UTC. Their clocks are fifteen hours apart.
ZONE = next(filter(far_from_midnight, [Calendar("Asia/Kolkata"), Calendar("Pacific/Marquesas")]))


@pytest.fixture(scope="module")
def midnight(stack: Stack, cast: Cast) -> int:
    """When today began in the zone. Two readers of the site `halves` voted before it, and three after it."""
    stack.table.put_site(Site("halves", make_ballot("updown"), ranks="any", time_zone=ZONE.time_zone), patient())
    start = ZONE.start_of("day", int(time.time()))
    cast("halves", "tram", {"up": 2}, start - 60)
    cast("halves", "tram", {"up": 3}, start)
    return start


def test_today_and_the_days_of_the_chart_begin_at_midnight_in_the_sites_zone(
    visit: Callable[[str], Page], midnight: int
) -> None:
    page = visit("?site=halves")
    expect(tile(page, "Today")).to_have_text("3")
    expect(tile(page, "Yesterday")).to_have_text("2")
    expect(on_tile(page, "Today")).to_contain_text(re.compile(r"yesterday by \d\d:30: \d"))
    expect(page.locator(".zone")).to_contain_text(f"All times are in the time zone {ZONE.time_zone}.")
    table_of(page, "history").locator("summary").click()
    found = table_of(page, "history").locator("tbody tr")
    for row, at, votes in ((0, midnight, "3"), (1, midnight - 60, "2")):
        expect(found.nth(row).locator("th, td").first).to_contain_text(weekday(at))
        expect(found.nth(row).locator("td").first).to_have_text(votes)


def test_the_hours_of_a_day_are_those_that_it_has(visit: Callable[[str], Page], midnight: int) -> None:
    date = datetime.fromtimestamp(midnight, ZONE.zone).strftime("%Y-%m-%d")
    page = visit(f"?site=halves&range=dates&since={date}&until={date}")
    expect(page.get_by_label("From")).to_have_value(date)
    table_of(page, "history").locator("summary").click()
    first = table_of(page, "history").locator("tbody tr").last
    # The hour of UTC in which midnight is. It is half of the day before, and so it has all five votes.
    expect(first.locator("th, td").first).to_contain_text("23:30")
    expect(first.locator("td").first).to_have_text("5")


def test_an_article_says_when_its_votes_came_in_the_sites_time(visit: Callable[[str], Page], midnight: int) -> None:
    page = visit("?site=halves&article=tram")
    expect(tile(page, "Today")).to_have_text("3")
    hours = page.get_by_role("img", name=re.compile("Votes by hour of the day. .*23:00: 5"))
    expect(hours).to_be_visible()
    assert rows(visit("?site=halves&window=yesterday")) == ["tram"]


def test_while_some_answers_name_the_old_zone_and_some_the_new_one_the_page_keeps_one(
    visit: Callable[[str], Page], page: Page, stack: Stack, midnight: int
) -> None:
    summary = fetch("GET", f"{stack.api}/v1/sites/halves/summary").json()
    zones = cycle(["Asia/Tokyo", "Europe/Paris"])
    headers = {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"}
    page.route(
        "**/summary",
        lambda route: route.fulfill(
            status=200, headers=headers, body=json.dumps({**summary, "time_zone": next(zones)})
        ),
    )
    visit("?site=halves")
    expect(tile(page, "Today")).to_have_text("3")
    expect(page.locator(".status")).to_have_text(re.compile(r"^As of"))


def weekday(at: int) -> str:
    return datetime.fromtimestamp(at, ZONE.zone).strftime("%a")

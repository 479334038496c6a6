"""An editor with a browser, and a site with votes of several days."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from chalicelib.bootstrap import operator_insights
from chalicelib.insights.intervals import DAY, FOR_EVER, HOUR, UTC
from chalicelib.insights.store import InsightsStore
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.registering import register
from chalicelib.publishing.sites import Site
from chalicelib.voting.applying import apply
from chalicelib.voting.votes import Wish
from local.emulator import CREDENTIALS
from tests.support.fakes import patient
from tests.support.stack import Stack

WAIT_SECONDS = 60

Cast = Callable[..., None]


@pytest.fixture(scope="session")
def insights(stack: Stack) -> InsightsStore:
    options = {"endpoint_url": stack.deployment.endpoint, **CREDENTIALS}
    return operator_insights(stack.deployment.table, **options)


@pytest.fixture(scope="session")
def cast(stack: Stack, insights: InsightsStore) -> Cast:
    """Casts votes of new readers, now or in the past, and waits until the stream has brought them everywhere."""
    voters = iter(range(10**6))

    def do(site: str, article: str, choices: dict[str, int], at: int | None = None) -> None:
        at = int(time.time()) if at is None else at
        before = all_votes(stack, insights, site)
        for choice, number in choices.items():
            for voter in [next(voters) for _ in range(number)]:
                wish = Wish(ArticleRef(site, article), f"w{voter}", choice, f"r{voter}", at)
                apply(stack.table, wish, patient(), registered_only=False)
        limit = time.monotonic() + WAIT_SECONDS
        while all_votes(stack, insights, site) != before + sum(choices.values()):
            assert time.monotonic() < limit, "the stream did not bring the votes"
            time.sleep(0.05)

    return do


def all_votes(stack: Stack, insights: InsightsStore, site_id: str) -> int:
    """The votes that the stream has brought: each hour's articles say what they gained in it."""
    site = stack.table.site(site_id, patient())
    assert site is not None
    found = insights.activities(site, 0, FOR_EVER, patient(), consistent=True)
    return sum(one.gained.voters for one in found)


@pytest.fixture(scope="session")
def newsroom(stack: Stack, cast: Cast) -> int:
    """A site with votes of several days; the time that it ends at."""
    stack.table.put_site(Site("newsroom", make_ballot("updown"), ranks="any"), patient())
    title, url = "Ferries, again", "https://news.example/ferries"
    register(stack.table, Article(ArticleRef("newsroom", "ferries"), title, url), int(time.time()) - 5 * DAY, patient())
    today = UTC.start_of("day", int(time.time()))
    cast("newsroom", "ferries", {"up": 6, "down": 2}, today - 4 * DAY)  # its life is shown in days, at any time of day
    cast("newsroom", "ferries", {"up": 3, "down": 1}, today - DAY + HOUR)
    cast("newsroom", "goose", {"up": 3}, today - DAY + 2 * HOUR)
    cast("newsroom", "ferries", {"up": 2})
    cast("newsroom", "goose", {"up": 1, "down": 4})
    return today


@pytest.fixture
def browser_options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """An editor in Britain, or with the locale and colour scheme that a test has as parameters."""
    asked = {"scheme": "color_scheme", "locale": "locale"}
    given = {option: request.getfixturevalue(name) for name, option in asked.items() if name in request.fixturenames}
    return {"locale": "en-GB", "timezone_id": "UTC"} | given


@pytest.fixture
def visit(page: Page, stack: Stack) -> Callable[[str], Page]:
    def do(search: str) -> Page:
        page.goto(f"{stack.api}/dashboard{search}")
        return page

    return do

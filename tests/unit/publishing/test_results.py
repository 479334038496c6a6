"""When readers see the counts of an article: always, after their vote, or after it is closed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.insights.leaderboard_wire import LeaderboardBody
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.registering import register
from chalicelib.publishing.sites import Results
from chalicelib.services import Services
from chalicelib.voting.wire import TalliesBody, TallyBody
from tests.support.fakes import DEMO, START, MemoryStore, patient
from tests.support.forms import has_form
from tests.support.gateway import send
from tests.support.insights import Cast, rows
from tests.support.keys import READ, issue, with_key

SITE = "/v1/sites/demo"
VOTE, TALLY, BOARD = f"{SITE}/articles/a/vote", f"{SITE}/articles/a/tally", f"{SITE}/leaderboard"
COUNTS = {"up": 2, "down": 1}


@pytest.fixture
def site(services: Services, store: MemoryStore, cast: Cast) -> Any:
    """Sets when the site shows results, after two readers voted up and one down."""
    issue(store, READ, "read")
    cast("a", COUNTS)

    def do(results: Results) -> None:
        store.put_site(replace(DEMO, results=results), patient())
        services.sites.forget("demo")

    return do


def counts_in(answer: Any) -> Any:
    assert answer.status in (200, 201), answer.text
    body = answer.json()
    return (body.get("tally") or body)["counts"]


@pytest.mark.parametrize("results", ["after_vote", "after_close"])
def test_the_public_tally_says_how_many_voted_and_not_what(site: Any, results: Results) -> None:
    site(results)
    tally = has_form(send("GET", TALLY), TallyBody)
    assert (tally["voters"], tally["counts"], tally["score"]) == (3, None, None)
    (listed,) = has_form(send("GET", f"{SITE}/tallies?articles=a"), TalliesBody)["tallies"]
    assert (listed["voters"], listed["counts"], listed["score"]) == (3, None, None)
    assert send("GET", TALLY).headers["vary"] == "Authorization"
    assert counts_in(with_key("GET", TALLY, READ)) == COUNTS


@pytest.mark.parametrize(("results", "shown"), [("always", True), ("after_vote", True), ("after_close", False)])
def test_a_readers_own_answer_has_the_counts_after_the_vote(
    site: Any, token: str, results: Results, shown: bool
) -> None:
    site(results)
    before = counts_in(send("GET", VOTE, token=token))
    assert before == (COUNTS if results == "always" else None)
    cast = send("PUT", VOTE, {"choice": "up"}, token=token)
    read = send("GET", VOTE, token=token)
    assert counts_in(cast) == counts_in(read) == ({"up": 3, "down": 1} if shown else None)
    refused = send("PUT", VOTE, {"choice": "down"}, {"If-Match": '"9"'}, token=token).json()
    assert refused["tally"]["counts"] == ({"up": 3, "down": 1} if shown else None)
    retracted = send("DELETE", VOTE, token=token)
    assert counts_in(retracted) == (COUNTS if results == "always" else None)


@pytest.mark.parametrize("results", ["after_vote", "after_close"])
def test_everybody_sees_the_counts_of_a_closed_article(site: Any, store: MemoryStore, results: Results) -> None:
    site(results)
    register(store, Article(ArticleRef("demo", "a"), "T", "https://news.example", state="closed"), START, patient())
    assert counts_in(send("GET", TALLY)) == COUNTS


@pytest.mark.parametrize("results", ["after_vote", "after_close"])
def test_insights_that_tell_what_readers_chose_need_a_key(site: Any, results: Results) -> None:
    site(results)
    for path in (f"{SITE}/summary", f"{SITE}/history", f"{SITE}/articles/a/history", f"{BOARD}?order=net"):
        assert (send("GET", path).status, with_key("GET", path, READ).status) == (401, 200), path
    for order in ("voters", "rising"):
        (entry,) = has_form(send("GET", f"{BOARD}?order={order}"), LeaderboardBody)["entries"]
        assert (entry["voters"], entry["counts"], entry["score"]) == (3, None, None)
    (row,) = rows(send("GET", f"{BOARD}.csv"))
    assert (row["gained"], row["gained_up"], row["gained_down"]) == ("3", "", "")
    feed = send("GET", f"{BOARD}.atom").text
    assert "+3 votes, 3 in all." in feed
    assert "+3 votes (up +2, down +1), 3 in all." in with_key("GET", f"{BOARD}.atom", READ).text
    assert send("GET", f"{BOARD}.feed.json?order=net").status == 401


def test_the_picture_and_the_frame_say_how_many_voted(site: Any) -> None:
    site("after_close")
    assert "3 users have voted." in send("GET", f"{SITE}/articles/a/tally.svg").text
    assert "3 users have voted." in send("GET", f"{SITE}/articles/a/embed").text

"""The pace of one voter, as one container sees it."""

from __future__ import annotations

import pytest

from chalicelib.errors import TooManyVotes
from chalicelib.voting.pace import ARTICLES_PER_HOUR, MOST_VOTERS, VOTES_PER_MINUTE, Pace
from tests.support.articles import SITE
from tests.support.fakes import START
from tests.support.gateway import send


def vote(pace: Pace, article: str = "a", at: int = START, voter: str = "ann") -> None:
    pace.check(voter, article, at)
    pace.record(voter, article, at)


def refused_for(pace: Pace, article: str, at: int) -> int:
    with pytest.raises(TooManyVotes) as refused:
        pace.check("ann", article, at)
    return refused.value.retry_after_seconds


def test_thirty_votes_fit_into_any_minute_and_no_more() -> None:
    pace = Pace()
    for number in range(VOTES_PER_MINUTE):
        vote(pace, at=START + number)
    assert refused_for(pace, "a", START + 40) == 20
    vote(pace, "a", START, voter="bob")
    vote(pace, at=START + 60)
    assert refused_for(pace, "a", START + 60) == 1
    vote(pace, at=START + 61)


def test_three_hundred_articles_fit_into_any_hour_and_known_ones_still_take_a_vote() -> None:
    pace = Pace()
    for number in range(ARTICLES_PER_HOUR):
        vote(pace, f"a-{number}", START + 10 * number)
    at = START + 10 * ARTICLES_PER_HOUR
    assert refused_for(pace, "another", at) == 3600 - 10 * ARTICLES_PER_HOUR
    vote(pace, "a-0", at)
    vote(pace, "another", START + 3600)
    assert refused_for(pace, "one more", START + 3600) == 10


def test_a_container_remembers_only_so_many_voters() -> None:
    pace = Pace()
    for _ in range(VOTES_PER_MINUTE):
        vote(pace)
    for number in range(MOST_VOTERS):
        vote(pace, voter=f"voter-{number}")
    assert len(pace._seen) == MOST_VOTERS
    vote(pace)


def test_a_script_with_one_token_is_told_when_to_go_on(token: str) -> None:
    answers = [
        send("PUT", f"{SITE}/articles/a-{number}/vote", {"choice": "up"}, token=token)
        for number in range(VOTES_PER_MINUTE + 1)
    ]
    assert [one.status for one in answers] == [201] * VOTES_PER_MINUTE + [429]
    problem = answers[-1].json()
    assert (problem["code"], answers[-1].headers["retry-after"]) == ("too_many_votes", "60")
    repeated = send("PUT", f"{SITE}/articles/a-0/vote", {"choice": "up"}, token=token)
    assert repeated.status == 429, "it waits like any other, and is answered then"


def test_repeats_of_one_wish_are_not_votes(token: str) -> None:
    key = {"Idempotency-Key": "0b3cc2f4-8c60-4d80-9d0a-9f3f29f0a001"}
    for _ in range(2 * VOTES_PER_MINUTE):
        assert send("PUT", f"{SITE}/articles/a/vote", {"choice": "up"}, key, token=token).status in (200, 201)

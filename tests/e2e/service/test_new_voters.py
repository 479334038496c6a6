"""New voters on the deployed stack: what they pay, and that no caller can choose its network."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.sites import Budget, Site
from tests.support.fakes import patient
from tests.support.gateway import Answer
from tests.support.http import fetch
from tests.support.solving import solve
from tests.support.stack import Stack
from tests.support.tags import fresh


@pytest.fixture
def site(stack: Stack) -> str:
    """A site with a small budget."""
    return new_site(stack, Budget(20, 60))


def new_site(stack: Stack, budget: Budget) -> str:
    site = Site(fresh("site"), make_ballot("updown"), ranks="any", version=1, new_voters=budget)
    stack.table.put_site(site, patient())
    return site.id


def come(stack: Stack, site: str, solution: str | None = None, address: str = "127.0.0.1", **headers: str) -> Answer:
    body = None if solution is None else {"solution": solution}
    return fetch("POST", f"{stack.api}/v1/sites/{site}/voters", body, headers, address=address)


def test_254_readers_behind_one_address_cast_254_votes(stack: Stack) -> None:
    site = new_site(stack, Budget(200, 1000))

    def read_and_vote(_: int) -> bool:
        answer = come(stack, site, address="127.1.2.3")
        worked = answer.status == 429
        if worked:
            answer = come(stack, site, solve(answer.json()["challenge"]), "127.1.2.3")
        assert answer.status == 201, answer.text
        vote = f"{stack.api}/v1/sites/{site}/articles/one/vote"
        assert (
            fetch("PUT", vote, {"choice": "up"}, token=answer.json()["voter_token"], address="127.1.2.3").status == 201
        )
        return worked

    with ThreadPoolExecutor(4) as pool:
        worked = list(pool.map(read_and_vote, range(254)))
    assert sum(worked) == 54
    assert fetch("GET", f"{stack.api}/v1/sites/{site}/articles/one/tally").json()["voters"] == 254


def test_spoofed_headers_share_the_budget_of_their_connection(stack: Stack, site: str) -> None:
    for number in range(40):
        spoofed = {
            "X-Forwarded-For": f"198.51.100.{number}", "X-Real-Ip": f"198.51.100.{number}",
            "Forwarded": f"for=198.51.100.{number}", "CloudFront-Viewer-Address": f"198.51.100.{number}:443",
            "X-Edge-Secret": "a guess that is long enough to be a secret",
        }  # fmt: skip
        assert come(stack, site, address="127.9.9.9", **spoofed).status == (201 if number < 20 else 429)
    assert come(stack, site, address="127.9.9.10").status == 201  # the /24 has more


def test_a_solution_is_used_once_and_only_in_its_network(stack: Stack, site: str) -> None:
    for _ in range(20):
        come(stack, site, address="127.5.5.5")
    challenge = come(stack, site, address="127.5.5.5").json()["challenge"]
    solution = solve(challenge)
    elsewhere = come(stack, site, solution, address="127.6.6.6")
    assert (elsewhere.status, elsewhere.json()["code"]) == (422, "solution_refused")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: come(stack, site, solution, "127.5.5.77"), range(12)))
    assert sorted(answer.status for answer in answers) == [201] + [422] * 11


def test_far_above_the_budget_the_answer_says_when_to_come_back(stack: Stack) -> None:
    site = new_site(stack, Budget(3, 3))
    for _ in range(3):
        come(stack, site, address="127.7.7.7")
    refused = come(stack, site, address="127.7.7.7")
    assert (refused.status, refused.json()["code"]) == (429, "too_many_new_voters")
    assert 0 < int(refused.headers["retry-after"]) <= 2 * 3600

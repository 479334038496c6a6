"""New voters over HTTP: free, for a solved challenge, or later. On fakes; the clock stands still."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import Any

import pytest

from chalicelib import bootstrap
from chalicelib.admission.salts import DAY
from chalicelib.admission.schedule import forget_old_salts
from chalicelib.deadlines import Clock as RealClock
from chalicelib.http.edge import Edge
from chalicelib.publishing.sites import Budget
from chalicelib.services import Services
from tests.support.fake_networks import MemoryNetworks
from tests.support.fakes import DEMO, START, Clock, MemoryStore, patient
from tests.support.gateway import Answer, call, event, prepared
from tests.support.solving import encoded, solve, solved

VOTERS = "/v1/sites/demo/voters"


@pytest.fixture(autouse=True)
def easy_challenges(services: Services) -> None:
    """Each challenge is solved by its first number, so that a test need not work."""
    bootstrap.install(replace(services, random_bytes=lambda size: bytes(8) if size == 8 else os.urandom(size)))


def come(address: str | None = "192.0.2.1", solution: str | None = None, **headers: str) -> Answer:
    body, sent = prepared(None if solution is None else {"solution": solution}, headers, None)
    return call(event("POST", VOTERS, body, sent, address=address))


def come_and_solve(address: str) -> tuple[Answer, int]:
    """A reader who solves what it must. The second value: at most how many steps that took."""
    answer = come(address)
    if answer.status != 429:
        return answer, 0
    challenge = answer.json()["challenge"]
    return come(address, solve(challenge)), challenge["parameters"]["data"]["steps"]


def test_254_readers_behind_one_address_all_become_voters_and_the_later_ones_work_a_little() -> None:
    came = [come_and_solve("192.0.2.1") for _ in range(254)]
    assert [answer.status for answer, _ in came] == [201] * 254
    assert len({answer.json()["voter_token"] for answer, _ in came}) == 254
    steps = [steps for _, steps in came]
    assert steps[:60] == [0] * 60
    assert steps[60] == 200
    assert steps[60:] == sorted(steps[60:])
    assert steps[-1] == -(-253 * 200 // 60)


def test_a_script_in_one_64_that_takes_a_new_address_each_time_gets_the_budget_and_no_more() -> None:
    answers = [come(f"2001:db8::{number:x}").status for number in range(1000)]
    assert answers == [201] * 60 + [429] * 940


def test_a_script_in_one_48_gets_sixteen_times_the_budget(store: MemoryStore) -> None:
    store.put_site(replace(DEMO, new_voters=Budget(3, 300)), patient())
    answers = [come(f"2001:db8:1:{number:x}::1").status for number in range(500)]
    assert answers.count(201) <= 16 * 3
    assert answers[0] == 201


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "198.51.100.{}"}, {"X-Real-Ip": "198.51.100.{}"}, {"Forwarded": "for=198.51.100.{}"},
        {"CloudFront-Viewer-Address": "198.51.100.{}:443"},
        {"CloudFront-Viewer-Address": "198.51.100.{}:443", "X-Edge-Secret": "guessed, and long enough to be one"},
    ],
)  # fmt: skip
def test_no_header_of_a_caller_changes_its_network(headers: dict[str, str]) -> None:
    spoofed = [{name: text.format(number) for name, text in headers.items()} for number in range(100)]
    assert [come(**one).status for one in spoofed] == [201] * 60 + [429] * 40


def test_addresses_that_cannot_be_read_share_one_budget() -> None:
    assert [come(raw).status for raw in ["", "unix:", None] * 30] == [201] * 60 + [429] * 30


def test_other_networks_and_other_sites_are_not_touched(store: MemoryStore) -> None:
    store.put_site(replace(DEMO, id="news"), patient())
    for _ in range(60):
        come("192.0.2.1")
    assert come("192.0.2.1").status == 429
    assert come("198.51.100.1").status == 201
    assert come("192.0.2.2").status == 201  # its /24 has four times the budget
    assert call(event("POST", "/v1/sites/news/voters", address="192.0.2.1")).status == 201


def fill_the_budget() -> dict[str, Any]:
    """Use the free budget up. Returns the challenge that the next reader gets."""
    for _ in range(60):
        assert come().status == 201
    refused = come()
    assert (refused.status, refused.json()["code"]) == (429, "work_needed")
    assert "retry-after" not in refused.headers
    challenge: dict[str, Any] = refused.json()["challenge"]
    return challenge


def test_a_solution_makes_one_voter() -> None:
    solution = solve(fill_the_budget())
    assert come(solution=solution).status == 201
    again = come(solution=solution)
    assert (again.status, again.json()["code"], again.json()["field"]) == (422, "solution_refused", "solution")
    assert "used before" in again.json()["detail"]


def test_a_solution_from_another_address_of_the_same_network_is_taken(services: Services) -> None:
    assert come("192.0.2.200", solve(fill_the_budget())).status == 201  # a phone whose carrier changed its address


def test_a_solution_from_elsewhere_is_refused() -> None:
    refused = come("198.51.100.1", solve(fill_the_budget()))
    assert (refused.status, refused.json()["code"]) == (422, "solution_refused")
    assert "another network" in refused.json()["detail"]


def test_a_solution_of_before_midnight_is_taken_after_it(clock: Clock) -> None:
    clock.advance(DAY - START % DAY - 30)
    solution = solve(fill_the_budget())
    clock.advance(60)
    assert come(solution=solution).status == 201


def test_after_ten_minutes_a_solution_is_refused(clock: Clock) -> None:
    solution = solve(fill_the_budget())
    clock.advance(600)
    refused = come(solution=solution)
    assert refused.status == 422
    assert "has expired" in refused.json()["detail"]


def test_challenges_that_were_collected_while_they_were_cheap_do_not_last() -> None:
    fill_the_budget()
    collected = [solve(come().json()["challenge"]) for _ in range(100)]
    statuses = [come(solution=one).status for one in collected]
    taken = statuses.index(429)
    assert statuses == [201] * taken + [429] * (100 - taken)
    assert 60 + taken == 2 * 60 + 1  # until the price had doubled


def test_far_above_the_budget_a_reader_must_wait(store: MemoryStore, clock: Clock) -> None:
    store.put_site(replace(DEMO, new_voters=Budget(2, 5)), patient())
    came = [come_and_solve("192.0.2.1")[0].status for _ in range(5)]
    assert came == [201] * 5
    refused = come()
    assert (refused.status, refused.json()["code"]) == (429, "too_many_new_voters")
    assert "challenge" not in refused.json()
    clock.advance(int(refused.headers["retry-after"]) - 1)
    assert come().json()["code"] == "too_many_new_voters"
    clock.advance(1)
    assert come().json()["code"] == "work_needed"


def test_a_quiet_hour_makes_new_voters_free_again(clock: Clock) -> None:
    fill_the_budget()
    clock.advance(2 * 3600)
    assert come().status == 201


def test_an_edge_with_its_secret_says_where_a_reader_is(services: Services) -> None:
    new, old = "n" * 40, "o" * 40
    edge = Edge("CloudFront-Viewer-Address", (new, old))
    bootstrap.install(replace(services, edge=edge))
    for number in range(200):
        secret = (new, old)[number % 2]
        sent = {"X-Edge-Secret": secret, "CloudFront-Viewer-Address": f"198.51.{number}.7:443"}
        assert come(**sent).status == 201
    statuses = [
        come(**{"X-Edge-Secret": "x" * 40, "CloudFront-Viewer-Address": f"203.0.{n}.7:1"}).status for n in range(70)
    ]
    assert statuses == [201] * 60 + [429] * 10  # without the secret, the address of the connection counts
    assert [come(**{"X-Edge-Secret": new}).status for _ in range(70)] == [201] * 60 + [
        429
    ] * 10  # the edge says nothing


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ('{"solution": 1}', 422, "solution"), ('{"solution": "###"}', 422, "solution"),
        ('{"solution": "e30="}', 422, "solution"), ('{"resolution": ""}', 422, "resolution"), ("[]", 422, "body"),
        ("{", 400, "body"), ('{"solution": "", "solution": ""}', 400, "body"),
        (json.dumps({"solution": "A" * 1601}), 422, "solution"), (json.dumps({"solution": "A" * 2048}), 413, "body"),
    ],
)  # fmt: skip
def test_bad_bodies_name_the_field_and_count_nobody(body: str, status: int, field: str, services: Services) -> None:
    answer = call(event("POST", VOTERS, body, {"Content-Type": "application/json"}))
    assert (answer.status, answer.json()["field"]) == (status, field)
    assert isinstance(services.stores.networks, MemoryNetworks)
    assert not services.stores.networks._uses


def test_an_empty_object_is_as_good_as_no_body() -> None:
    assert call(event("POST", VOTERS, "{}", {"Content-Type": "application/json"})).status == 201
    assert call(event("POST", VOTERS, '{"solution": null}', {"Content-Type": "application/json"})).status == 201
    assert call(event("POST", VOTERS, "{}", {"Content-Type": "text/plain"})).status == 415


def test_salts_are_deleted_48_hours_after_their_day_began(services: Services, clock: Clock) -> None:
    networks = services.stores.networks
    assert isinstance(networks, MemoryNetworks)
    first = START // DAY
    come()
    clock.advance(DAY - START % DAY)
    come()
    assert set(networks._salts) == {first, first + 1}
    clocked = RealClock(clock.now, clock.monotonic)
    clock.advance(DAY - 3600)
    forget_old_salts(networks, clock.now(), clocked)
    assert set(networks._salts) == {first, first + 1}
    clock.advance(3598)
    forget_old_salts(networks, clock.now(), clocked)  # two seconds before the hour at which it was due
    assert set(networks._salts) == {first + 1}


def test_a_solution_may_be_sent_with_what_its_solver_adds() -> None:
    payload = solved(fill_the_budget())
    payload["solution"]["time"] = 1234.5
    assert come(solution=encoded(payload)).status == 201

"""The store of networks: one contract for the one in memory, for moto and for DynamoDB Local.

And what takes longer than a fast test may: 100,000 addresses, and as many forgeries.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from ipaddress import IPv6Address
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib import bootstrap
from chalicelib.admission.challenges import Solution, Validity, check_solution, make_challenge
from chalicelib.admission.gate import Challenged, Gate, NewVoter
from chalicelib.admission.networks import networks_of
from chalicelib.admission.ports import Counted, NetworkStore, Spent
from chalicelib.admission.salts import Salts
from chalicelib.admission.store import NetworksTable
from chalicelib.admission.wire import VoterRequest
from chalicelib.clients import client
from chalicelib.dynamodb.attempts import Attempts
from chalicelib.errors import InvalidToken, SolutionRefused
from chalicelib.publishing.sites import Budget, Site
from chalicelib.voting.token_keys import TokenKey
from chalicelib.voting.tokens import issue_token, read_token
from local.dynamodb_local import create_table
from tests.contract.conftest import EVERY_STORE, WITHOUT_MOTO
from tests.support.fake_insights import fake_services
from tests.support.fake_networks import MemoryNetworks
from tests.support.fakes import DEMO, START, MemoryKeyring, MemoryStore, patient
from tests.support.gateway import call, event
from tests.support.solving import solve

HOUR, DAY = START // 3600, START // 86400
PEPPER = b"a pepper for challenges"


@pytest.fixture
def networks(request: pytest.FixtureRequest) -> Iterator[NetworkStore]:
    """An empty store of networks of the kind that the test is parametrized with."""
    if request.param == "memory":
        yield MemoryNetworks()
    elif request.param == "moto":
        with mock_aws():
            create_table(boto3.client("dynamodb"), "networks", "Networks")
            yield NetworksTable(client("dynamodb"), "networks", Attempts())
    else:
        name = request.getfixturevalue("new_local_table")("Networks")
        local = request.getfixturevalue("dynamodb_local")
        yield NetworksTable(client("dynamodb", **local.client_options), name, Attempts())


def one_of(mark: str, below: int = 100) -> Counted:
    return Counted(mark, HOUR, below)


@pytest.mark.parametrize("networks", EVERY_STORE, indirect=True)
class TestContract:
    def test_the_first_salt_of_a_day_stays(self, networks: NetworkStore) -> None:
        assert networks.salt(DAY, b"first", patient()) == b"first"
        assert networks.salt(DAY, b"second", patient()) == b"first"
        assert networks.salt(DAY + 1, b"other", patient()) == b"other"

    def test_salts_before_a_day_are_deleted_and_no_others(self, networks: NetworkStore) -> None:
        for day in range(5):
            networks.salt(DAY + day, b"old", patient())
        assert networks.forget_salts(DAY + 3, patient()) == 3
        assert networks.forget_salts(DAY + 3, patient()) == 0
        kept = [networks.salt(DAY + day, b"new", patient()) for day in range(5)]
        assert kept == [b"new", b"new", b"new", b"old", b"old"]

    def test_new_voters_are_counted_by_network_and_hour(self, networks: NetworkStore) -> None:
        for _ in range(3):
            assert networks.admit([one_of("narrow"), one_of("wide")], None, patient()) == "admitted"
        assert networks.admit([one_of("wide")], None, patient()) == "admitted"
        asked = [("narrow", HOUR), ("wide", HOUR), ("wide", HOUR - 1), ("unseen", HOUR)]
        assert networks.new_voters(asked, patient()) == [3, 4, 0, 0]

    def test_if_one_network_is_full_nothing_is_counted_or_used_up(self, networks: NetworkStore) -> None:
        assert networks.admit([one_of("wide", 1)], None, patient()) == "admitted"
        spent = Spent("solution", START + 600)
        assert networks.admit([one_of("narrow"), one_of("wide", 1)], spent, patient()) == "full"
        assert networks.new_voters([("narrow", HOUR), ("wide", HOUR)], patient()) == [0, 1]
        assert networks.admit([one_of("narrow")], spent, patient()) == "admitted"

    def test_a_solution_is_used_once_and_a_second_use_counts_nothing(self, networks: NetworkStore) -> None:
        spent = Spent("solution", START + 600)
        assert networks.admit([one_of("narrow")], spent, patient()) == "admitted"
        assert networks.admit([one_of("narrow")], spent, patient()) == "spent"
        assert networks.new_voters([("narrow", HOUR)], patient()) == [1]


@pytest.mark.parametrize("networks", WITHOUT_MOTO, indirect=True)
class TestRaces:
    def test_containers_agree_on_a_salt(self, networks: NetworkStore) -> None:
        with ThreadPoolExecutor(8) as pool:
            found = pool.map(lambda _: networks.salt(DAY, os.urandom(32), patient()), range(40))
        assert len(set(found)) == 1

    def test_one_solution_that_is_sent_1000_times_at_once_makes_one_voter(self, networks: NetworkStore) -> None:
        site = Site("demo", DEMO.ballot, new_voters=Budget(1, 1000))
        come(networks, site)
        with pytest.raises(Challenged) as refused:
            come(networks, site)
        solution = VoterRequest(solution=solve(refused.value.challenge)).solved()

        def send(_: int) -> bool:
            try:
                come(networks, site, solution)
            except (SolutionRefused, Challenged):
                return False
            return True

        with ThreadPoolExecutor(16) as pool:
            assert sum(pool.map(send, range(1000))) == 1

    def test_a_budget_is_not_exceeded_by_requests_at_the_same_time(self, networks: NetworkStore) -> None:
        site = Site("demo", DEMO.ballot, new_voters=Budget(20, 1000))

        def send(_: int) -> bool:
            try:
                come(networks, site)
            except Challenged:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(send, range(100))) == 20


def come(networks: NetworkStore, site: Site, solution: Solution | None = None) -> None:
    """A new voter, in a container of its own."""
    gate = Gate(networks, Salts(networks, lambda: os.urandom(32)), lambda below: 0)
    gate.admit(NewVoter(site, "192.0.2.1", solution, START), PEPPER, patient())


@pytest.fixture
def store_of_handlers() -> Iterator[MemoryStore]:
    """The handlers run on this store while it is in use."""
    store = MemoryStore()
    bootstrap.install(fake_services(store))
    yield store
    bootstrap.install(None)


def test_10_000_spoofed_headers_share_one_budget(store_of_handlers: MemoryStore) -> None:
    store_of_handlers.put_site(replace(DEMO, new_voters=Budget(60, 60)), patient())
    statuses = []
    for number in range(10_000):
        address = f"198.{number // 250 % 250}.{number % 250}.1"
        spoofed = {"X-Forwarded-For": address, "X-Edge-Secret": address * 4, "CloudFront-Viewer-Address": address}
        statuses.append(call(event("POST", "/v1/sites/demo/voters", None, spoofed)).status)
    assert statuses == [201] * 60 + [429] * 9_940


def flipped(text: str, rng: random.Random) -> str:
    at = rng.randrange(len(text))
    return text[:at] + rng.choice([c for c in "0123456789abcdef" if c != text[at]]) + text[at + 1 :]


def test_100_000_addresses_of_one_64_are_in_the_same_networks_and_so_share_one_budget() -> None:
    first = int(IPv6Address("2001:db8:1:23ff::"))
    addresses = (str(IPv6Address(first + number * 0x9E3779B97F4A7C15 % 2**64)) for number in range(100_000))
    assert len({networks_of(address) for address in addresses}) == 1


def test_of_100_000_forged_challenges_and_tokens_none_is_accepted() -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    rng, accepted = random.Random(seed), 0
    validity = Validity("demo", "mark", 5, START + 600)
    good = VoterRequest(solution=solve(make_challenge(PEPPER, validity, 2))).solved()
    assert good is not None
    key = MemoryKeyring().signing_key(patient())
    token = issue_token("A" * 22, "demo", key, START).token
    keys: Callable[[str], TokenKey | None] = lambda kid: key if kid == key.kid else None  # noqa: E731
    assert read_token(token, "demo", keys, START).voter_id == "A" * 22
    for number in range(50_000):
        forged = forge(good, number, rng)
        try:
            check_solution(PEPPER, forged, "demo", {"mark"}, START)
            accepted += 1
        except SolutionRefused:
            pass
        try:
            read_token(forge_token(token, rng), "demo", keys, START)
            accepted += 1
        except InvalidToken:
            pass
    assert accepted == 0


def forge(good: Solution, number: int, rng: random.Random) -> Solution:
    """A solution of the forger's own challenge, or the good one with something changed."""
    parameters: dict[str, Any] = dict(good.parameters)
    kinds = ("steps", "nonce", "keySignature", "signature", "key")
    kind = kinds[number % len(kinds)]
    if kind == "steps":
        parameters["data"] = {**parameters["data"], "steps": rng.choice([0, 1, 2, 3, 4, 6])}
    elif kind in parameters:
        parameters[kind] = flipped(parameters[kind], rng)
    signature = flipped(good.signature, rng) if kind == "signature" else good.signature
    derived = flipped(good.derived_key, rng) if kind == "key" else good.derived_key
    return Solution(parameters, signature, good.counter, derived)


def forge_token(token: str, rng: random.Random) -> str:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    places = [at for at, letter in enumerate(token) if letter != "."]
    at = rng.choice(places)
    return token[:at] + rng.choice([letter for letter in letters if letter != token[at]]) + token[at + 1 :]

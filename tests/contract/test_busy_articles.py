"""An article whose votes conflict gets more shards. No count is lost, and it can be closed at any time."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib import bootstrap
from chalicelib.dynamodb.attempts import Attempts
from chalicelib.errors import VotingClosed
from chalicelib.insights.projection import Projection
from chalicelib.insights.store import InsightsStore
from chalicelib.publishing.articles import Article
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.registering import register
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.publishing.sites import Site
from chalicelib.voting.operator_store import VotingOperatorStore
from chalicelib.voting.recount import recount_partition
from chalicelib.voting.voters import VOTE_PARTITIONS, vote_partition
from tests.contract.test_store import REF, cast, counts, drifts, wish
from tests.support.fakes import START, no_pause, patient
from tests.support.faults import conflict
from tests.support.metering import Meter

MakeStore = Callable[[float], VotingOperatorStore]


class ConflictingSession:
    """Stands in for `client._endpoint.http_session`. `rate`: the fraction of votes that meet another one's shard."""

    def __init__(self, real: Any, rng: random.Random, rate: float) -> None:
        self._real, self._rng, self.rate = real, rng, rate

    def send(self, request: Any) -> Any:
        if b"TransactWriteItems" in request.headers.get("X-Amz-Target", b"") and self._rng.random() < self.rate:
            sent = json.loads(request.body)["TransactItems"]
            if len(sent) == 2:
                return conflict(request, action=1)
        return self._real.send(request)

    def close(self) -> None:
        self._real.close()


@pytest.fixture
def make_store(dynamodb_local: Any, new_local_table: Callable[[], str]) -> MakeStore:
    """Stores on one table, each as if it were in a container of its own, with a rate of conflicts."""
    name = new_local_table()
    seeds = random.Random(random.randrange(10**9))

    def make(rate: float) -> VotingOperatorStore:
        store = bootstrap.operator_store(name, **dynamodb_local.client_options)
        store._attempts = Attempts(sleep=lambda seconds: time.sleep(seconds / 50))
        endpoint = store._client._endpoint
        endpoint.http_session = ConflictingSession(endpoint.http_session, random.Random(seeds.random()), rate)
        return store

    return make


def shards_of_votes(store: VotingOperatorStore, number: int) -> list[int]:
    return [store.vote(REF, f"voter-{one}", patient()).shard for one in range(number)]


def test_votes_that_conflict_are_spread_over_more_and_more_shards(make_store: MakeStore) -> None:
    store = make_store(0.7)
    for number in range(200):
        cast(store, wish(f"voter-{number}", "up", f"r{number}"))
    shards = shards_of_votes(store, 200)
    assert {shard // 16 for shard in shards} == {0, 1, 2, 3}
    assert [shard % 16 for shard in shards] == [vote_partition(f"voter-{number}") for number in range(200)]
    assert (counts(store), drifts(store)) == ({"up": 200}, 0)
    assert len(store.shards(REF, patient())) == 64


def test_a_vote_stays_on_its_shard_when_it_changes(make_store: MakeStore) -> None:
    quiet, busy = make_store(0.0), make_store(0.9)
    for number in range(20):
        cast(quiet, wish(f"voter-{number}", "up", f"a{number}"))
    before = shards_of_votes(quiet, 20)
    for number in range(20, 60):
        cast(busy, wish(f"voter-{number}", "up", f"a{number}"))
    for number in range(20):
        cast(busy, wish(f"voter-{number}", "down", f"b{number}"))
    assert shards_of_votes(quiet, 20) == before
    assert (counts(quiet), drifts(quiet)) == ({"up": 40, "down": 20}, 0)


def test_a_container_learns_of_pages_from_the_tally_that_it_reads(make_store: MakeStore) -> None:
    busy, other = make_store(0.9), make_store(0.0)
    for number in range(40):
        cast(busy, wish(f"voter-{number}", "up", f"a{number}"))
    other.tally(REF, patient(), consistent=True)
    for number in range(40, 140):
        cast(other, wish(f"voter-{number}", "up", f"a{number}"))
    assert {shard // 16 for shard in shards_of_votes(other, 140)[40:]} == {0, 1, 2, 3}


def test_a_quiet_article_costs_no_more_than_its_first_page(make_store: MakeStore) -> None:
    store = make_store(0.0)
    meter = Meter(store._client)
    for number in range(60):
        cast(store, wish(f"voter-{number}", "up", f"a{number}"))
    assert {(one.operation, one.write_units) for one in meter.calls} == {("TransactWriteItems", 4.0)}
    meter.calls.clear()
    store.tally(REF, patient(), consistent=False)
    assert [(one.operation, one.read_units) for one in meter.calls] == [("Query", 0.5)]


def test_new_shards_take_the_votes_of_registered_articles(make_store: MakeStore) -> None:
    store = make_store(0.0)
    register(store, Article(REF, "T", "https://news.example", closes_at=START + 10), START, patient())
    store._client._endpoint.http_session.rate = 0.8
    for number in range(60):
        cast(store, wish(f"voter-{number}", "up", f"a{number}", at=START), registered_only=True)
    shards = store.shards(REF, patient())
    assert len(shards) > 16
    assert {(one.terms.registered, one.terms.closes_at) for one in shards.values()} == {(True, START + 10)}


@pytest.mark.parametrize("seed", range(3))
def test_after_the_answer_closed_no_vote_is_taken_on_any_shard_while_pages_grow(
    make_store: MakeStore, seed: int
) -> None:
    stores = [make_store(0.5) for _ in range(6)]
    operator = make_store(0.2)
    last_before = random.Random(seed).randrange(240)

    def vote(number: int) -> bool:
        try:
            cast(stores[number % 6], wish(f"voter-{number}", "up", f"r{number}", at=START))
        except VotingClosed:
            return False
        return True

    with ThreadPoolExecutor(7) as pool:
        voting = [pool.submit(vote, number) for number in range(240)]
        voting[last_before].result()
        register(operator, Article(REF, "T", "https://news.example", closes_at=START), START, patient())
        closed_at = counts(operator).get("up", 0)
        taken = sum(one.result() for one in voting)
    assert counts(operator).get("up", 0) == closed_at == taken
    assert drifts(operator) == 0
    assert {one.terms.closes_at for one in operator.shards(REF, patient()).values()} == {START}


def test_nothing_drifts_while_pages_grow_and_a_recount_runs(make_store: MakeStore) -> None:
    stores = [make_store(0.4) for _ in range(6)]
    operator = make_store(0.0)
    picks = ["up", "down", None]
    with ThreadPoolExecutor(7) as pool:
        voting = [
            pool.submit(cast, stores[number % 6], wish(f"voter-{number % 90}", picks[number % 3], f"r{number}"))
            for number in range(360)
        ]
        for partition in range(VOTE_PARTITIONS):
            found = recount_partition(operator, REF, partition, patient, no_pause)
            assert not [drift for drift in found.drifts if drift.certain]
        for one in voting:
            one.result()
    assert drifts(operator) == 0
    assert max(operator.shards(REF, patient())) == 63
    chosen = [operator.vote(REF, f"voter-{number}", patient()).choice for number in range(90)]
    for choice in ("up", "down"):
        assert counts(operator).get(choice, 0) == chosen.count(choice)


def test_the_projection_adds_up_the_shards_of_all_pages(make_store: MakeStore) -> None:
    store = make_store(0.8)
    store.put_site(Site("demo", make_ballot("updown"), ranks="any"), patient())
    for number in range(100):
        cast(store, wish(f"voter-{number}", "up", f"a{number}"))
    insights = InsightsStore(store._client, store._name, store._attempts, lambda: START)
    states = list(store.shards(REF, patient()).items())
    assert max(shard for shard, _ in states) == 63
    projection = Projection(store, insights, SiteDirectory(store, lambda: 0.0), lambda: START)
    counted = [(shard, state) for shard, state in states if state.version]
    assert projection.project_batch({REF: counted[:1]}, patient(), patient()) == {}
    (projected,) = store.projected_tallies([REF], patient())
    assert projected is not None
    assert projected.counts == {"up": 100}
    (day,) = insights.days(REF, START, 10, patient())
    assert sum(state.counts["up"] for state in day.after.values()) == 100


class HookedSession:
    """Stands in for an HTTP session, and does something right before the first request whose body has a text."""

    def __init__(self, real: Any, text: bytes, before: Callable[[], object]) -> None:
        self._real, self._text, self._before = real, text, before

    def send(self, request: Any) -> Any:
        if self._text in request.body:
            self._text = b"\0 no body has this"
            self._before()
        return self._real.send(request)

    def close(self) -> None:
        self._real.close()


CLOSED = Article(REF, "T", "https://news.example", closes_at=START)


def everything_is_closed(store: VotingOperatorStore) -> bool:
    shards = store.shards(REF, patient())
    for number in range(100, 160):
        with pytest.raises(VotingClosed):
            cast(store, wish(f"voter-{number}", "up", f"r{number}", at=START))
    return {one.terms.closes_at for one in shards.values()} == {START}


def test_an_article_that_closes_while_shards_are_added_gets_no_open_ones(make_store: MakeStore) -> None:
    busy, operator = make_store(0.0), make_store(0.0)
    cast(busy, wish("voter", "up", at=START - 1))
    session = busy._client._endpoint.http_session
    hooked = HookedSession(session, b'":pages": {"N": "2"}', lambda: register(operator, CLOSED, START, patient()))
    busy._client._endpoint.http_session = hooked
    busy._grow(REF, patient())
    assert hooked._text != b'":pages": {"N": "2"}', "nothing was interleaved"
    assert everything_is_closed(busy)
    busy._grow(REF, patient())
    assert max(operator.shards(REF, patient())) == 31
    assert everything_is_closed(operator)


def test_shards_that_are_added_while_an_article_closes_are_closed_too(make_store: MakeStore) -> None:
    busy, operator = make_store(0.0), make_store(0.0)
    cast(busy, wish("voter", "up", at=START - 1))
    session = operator._client._endpoint.http_session
    hooked = HookedSession(session, b'"UpdateExpression"', lambda: busy._grow(REF, patient()))
    operator._client._endpoint.http_session = hooked
    register(operator, CLOSED, START, patient())
    assert max(operator.shards(REF, patient())) == 31
    assert everything_is_closed(busy)
    again = HookedSession(session, b"TALLY#PAGES", lambda: busy._grow(REF, patient()))
    operator._client._endpoint.http_session = again
    register(operator, Article(REF, "T", "https://news.example", closes_at=START - 5), START, patient())
    assert {one.terms.closes_at for one in operator.shards(REF, patient()).values()} == {START - 5}
    assert max(operator.shards(REF, patient())) == 63

"""A reset: the tally is zero at once, old votes stay on record, and late wishes of before change nothing."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from chalicelib import bootstrap
from chalicelib.errors import UnknownArticle
from chalicelib.preconditions import Precondition
from chalicelib.publishing.articles import Article
from chalicelib.publishing.registering import register, reset, unregister
from chalicelib.voting.applying import apply
from chalicelib.voting.operator_store import VotingOperatorStore
from chalicelib.voting.ports import OperatorStore
from chalicelib.voting.voters import VOTE_PARTITIONS
from chalicelib.voting.votes import VoteHasChanged
from tests.contract.test_store import REF, cast, counts, drifts, every_store, wish, without_moto
from tests.support.fakes import START, patient
from tests.support.faults import DyingSession
from tests.support.metering import Meter


def votes_by_epoch(store: OperatorStore) -> dict[int, int]:
    """How many stored votes have a choice in each epoch."""
    found: dict[int, int] = {}
    for partition in range(VOTE_PARTITIONS):
        for _, vote in store.votes_in_partition(REF, partition, patient):
            for epoch in [*vote.earlier, *([vote.epoch] if vote.choice is not None else [])]:
                found[epoch] = found.get(epoch, 0) + 1
    return found


@every_store
class TestResets:
    def test_the_tally_is_zero_at_once_and_old_votes_stay_on_record(self, store: OperatorStore) -> None:
        for number in range(40):
            cast(store, wish(f"v{number}", "up"))
        before = store.tally(REF, patient(), consistent=True)
        assert reset(store, REF, "k1", START, patient()).epoch == 1
        after = store.tally(REF, patient(), consistent=True)
        assert (after.voters, after.terms.epoch, after.version > before.version) == (0, 1, True)
        assert votes_by_epoch(store) == {0: 40}
        assert drifts(store) == 0

    def test_the_same_readers_may_vote_again_and_both_votes_are_on_record(self, store: OperatorStore) -> None:
        for number in range(40):
            cast(store, wish(f"v{number}", "up"))
        reset(store, REF, "k1", START, patient())
        for number in range(30):
            outcome = cast(store, wish(f"v{number}", "down", "r2"))
            assert (outcome.first, outcome.changed, outcome.vote.choice) == (True, True, "down")
        assert counts(store) == {"down": 30}
        cast(store, wish("v1", None, "r3"))
        assert counts(store) == {"down": 29}
        reset(store, REF, "k2", START, patient())
        cast(store, wish("v1", "up", "r4"))
        assert counts(store) == {"up": 1}
        assert votes_by_epoch(store) == {0: 40, 1: 29, 2: 1}
        assert drifts(store) == 0

    def test_late_copies_of_old_wishes_change_nothing(self, store: OperatorStore) -> None:
        first, changed = wish("v1", "up", "r1", ordered=True), wish("v1", "down", "r2", ordered=True)
        unordered_key = wish("v2", "up", "r9", ordered=True)
        for one in (first, changed, unordered_key):
            cast(store, one)
        reset(store, REF, "k1", START, patient())
        for one in (first, changed, unordered_key):
            again = cast(store, one)
            assert (again.changed, again.vote.choice) == (False, None)
        for version in (0, 1, 2):
            late = replace(wish("v1", "up", f"late-{version}"), precondition=Precondition(match=frozenset({version})))
            with pytest.raises(VoteHasChanged):
                cast(store, late)
        assert counts(store) == {}
        known = store.vote(REF, "v1", patient()).in_epoch(1).version
        cast(store, replace(wish("v1", "up", "new"), precondition=Precondition(match=frozenset({known}))))
        assert counts(store) == {"up": 1}

    def test_the_same_request_again_does_not_reset_what_came_after_it(self, store: OperatorStore) -> None:
        reset(store, REF, "k1", START, patient())
        cast(store, wish("v1", "up"))
        assert reset(store, REF, "k1", START, patient()).epoch == 1
        assert counts(store) == {"up": 1}

    def test_the_terms_of_the_article_stay(self, store: OperatorStore) -> None:
        closing = Article(REF, "T", "https://news.example", closes_at=START + 9)
        register(store, closing, START, patient())
        reset(store, REF, "k1", START, patient())
        tally = store.tally(REF, patient(), consistent=True)
        assert tally.terms == replace(closing.terms, epoch=1)
        assert register(store, replace(closing, title="Other"), START, patient()).version == 3
        assert store.tally(REF, patient(), consistent=True).terms.epoch == 1
        (stored,) = store.articles([REF], patient())
        assert (stored.epoch, stored.resets) == (1, ("k1",))

    def test_the_epochs_of_many_articles_are_known(self, store: OperatorStore) -> None:
        other = replace(REF, article="b")
        reset(store, REF, "k1", START, patient())
        register(store, Article(other, "T", "https://news.example"), START, patient())
        found = store.terms([REF, other, replace(REF, article="c")], patient())
        assert {ref: terms.epoch for ref, terms in found.items()} == {REF: 1, other: 0}


@without_moto
@pytest.mark.parametrize("seed", range(4))
def test_resets_while_readers_vote_leave_no_drift_and_no_vote_in_two_epochs_at_once(
    store: OperatorStore, seed: int
) -> None:
    rng = random.Random(seed)

    def vote(number: int) -> None:
        choice = rng.choice(["up", "down", None])
        cast(store, wish(f"v{rng.randrange(60)}", choice, f"r{number}", ordered=rng.random() < 0.5))

    with ThreadPoolExecutor(9) as pool:
        voting = [pool.submit(vote, number) for number in range(300)]
        for key in range(5):
            voting[rng.randrange(50) + 50 * key].result()
            reset(store, REF, f"k{key}", START, patient())
        for one in voting:
            one.result()
    tally = store.tally(REF, patient(), consistent=True)
    assert tally.terms.epoch == 5
    current = [
        vote.choice
        for partition in range(VOTE_PARTITIONS)
        for _, vote in store.votes_in_partition(REF, partition, patient)
        if vote.epoch == 5 and vote.choice is not None
    ]
    assert tally.voters == len(current)
    assert drifts(store) == 0


@pytest.fixture
def make_store(dynamodb_local: Any, new_local_table: Callable[[], str]) -> Callable[[], VotingOperatorStore]:
    """Stores on one table, each as if it were in a container of its own."""
    name = new_local_table()
    return lambda: bootstrap.operator_store(name, **dynamodb_local.client_options)


def test_another_container_learns_of_the_reset_from_the_vote_that_it_has_to_store(
    make_store: Callable[[], VotingOperatorStore],
) -> None:
    one, other = make_store(), make_store()
    for number in range(20):
        cast(other, wish(f"v{number}", "up"))
    reset(one, REF, "k1", START, patient())
    meter = Meter(other._client)
    cast(other, wish("w1", "up"))
    assert len(meter.calls) == 2
    meter.calls.clear()
    cast(other, wish("w2", "up"))
    assert [(call.operation, call.write_units) for call in meter.calls] == [("TransactWriteItems", 4)]
    assert counts(one) == {"up": 2}
    assert drifts(one) == 0


def test_a_reset_that_was_killed_counts_and_is_completed_by_votes_and_by_the_same_request(
    make_store: Callable[[], VotingOperatorStore],
) -> None:
    one, other = make_store(), make_store()
    for number in range(60):
        cast(other, wish(f"v{number}", "up"))
    session = one._client._endpoint.http_session
    one._client._endpoint.http_session = DyingSession(session, updates=3)
    with pytest.raises(KeyboardInterrupt):
        reset(one, REF, "k1", START, patient())
    one._client._endpoint.http_session = session
    assert counts(other) == {}
    # This container has read the tally, and so knows the epoch. Shards that do not know it yet learn it from the vote.
    for number in range(60):
        cast(other, wish(f"v{number}", "down", "r2"))
    assert counts(other) == {"down": 60}
    assert reset(one, REF, "k1", START, patient()).epoch == 1
    assert counts(one) == {"down": 60}
    assert {shard.terms.epoch for shard in one.shards(REF, patient()).values()} == {1}
    assert drifts(one) == 0


def test_new_pages_of_shards_are_in_the_epoch_of_the_article(make_store: Callable[[], VotingOperatorStore]) -> None:
    one, fresh = make_store(), make_store()
    cast(one, wish("v1", "up"))
    reset(one, REF, "k1", START, patient())
    one._grow(REF, patient())
    assert len(one.shards(REF, patient())) == 32
    for number in range(40):
        apply(fresh, wish(f"w{number}", "up"), patient(), registered_only=False)
    assert counts(fresh) == {"up": 40}
    assert {shard.terms.epoch for shard in one.shards(REF, patient()).values()} == {1}


def test_a_repeat_and_a_refusal_in_a_container_that_is_behind_are_decided_in_the_new_epoch(
    make_store: Callable[[], VotingOperatorStore],
) -> None:
    one, other = make_store(), make_store()
    cast(other, wish("v1", "up"))
    reset(one, REF, "k1", START, patient())
    without_key = replace(wish("v1", "up"), receipt_key=None)
    assert cast(other, without_key).changed, "the reader has no vote after the reset, so this wish adds one"
    assert counts(one) == {"up": 1}
    third = make_store()
    reset(one, REF, "k2", START, patient())
    shown = one.vote(REF, "v1", patient()).in_epoch(2).version
    assert cast(third, replace(wish("v1", "down", "r5"), precondition=Precondition(match=frozenset({shown})))).changed
    assert counts(one) == {"down": 1}


@pytest.mark.parametrize("before", ["never registered", "removed"])
def test_where_articles_are_registered_an_unregistered_one_that_was_reset_is_refused_at_once(
    make_store: Callable[[], VotingOperatorStore], before: str
) -> None:
    one = make_store()
    if before == "removed":
        register(one, Article(REF, "T", "https://news.example"), START, patient())
        cast(one, wish("v1", "up"), registered_only=True)
    reset(one, REF, "k1", START, patient())
    unregister(one, REF, START, patient())
    meter = Meter(one._client)
    with pytest.raises(UnknownArticle):
        cast(one, wish("v2", "up"), registered_only=True)
    assert len(meter.calls) < 6


def test_a_wish_of_before_two_resets_does_not_match_after_them(make_store: Callable[[], VotingOperatorStore]) -> None:
    one = make_store()
    cast(one, wish("v1", "up"))
    reset(one, REF, "k1", START, patient())
    shown = one.vote(REF, "v1", patient()).in_epoch(1).version
    reset(one, REF, "k2", START, patient())
    late = replace(wish("v1", "down", "late"), precondition=Precondition(match=frozenset({shown})))
    with pytest.raises(VoteHasChanged):
        cast(one, late)


def test_the_keys_of_the_last_resets_are_known(make_store: Callable[[], VotingOperatorStore]) -> None:
    one = make_store()
    for number in range(20):
        reset(one, REF, f"k{number}", START, patient())
    assert reset(one, REF, "k5", START, patient()).epoch == 20
    assert reset(one, REF, "k3", START, patient()).epoch == 21

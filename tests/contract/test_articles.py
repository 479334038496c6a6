"""What every store of articles must do, and that votes obey the terms of an article whoever copies them, and when."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.clients import client
from chalicelib.dynamodb.attempts import Attempts
from chalicelib.errors import UnknownArticle, VotingClosed, VotingError, VotingNotOpen
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.registering import register, register_all, reset, unregister
from chalicelib.syncing.registering import register_listed
from chalicelib.voting.operator_store import VotingOperatorStore
from chalicelib.voting.ports import OperatorStore
from tests.contract.test_store import REF, cast, counts, drifts, every_store, wish, without_moto
from tests.support.fakes import START, patient
from tests.support.faults import DyingSession
from tests.support.metering import Meter

ARTICLE = Article(REF, "Title", "https://news.example/a-1")


@every_store
class TestRegistering:
    def test_every_fact_is_kept_and_the_version_grows(self, store: OperatorStore) -> None:
        full = replace(
            ARTICLE, author="Ann", section="Sport", image="https://news.example/a.jpg", published_at=START - 60,
            state="hidden", opens_at=START, closes_at=START + 9,
        )  # fmt: skip
        assert register(store, ARTICLE, START, patient()).version == 1
        assert register(store, ARTICLE, START, patient()).version == 1
        assert register(store, full, START, patient()).version == 2
        (stored,) = store.articles([REF], patient())
        assert stored.article == replace(full, version=2)

    def test_a_removed_article_is_none_and_keeps_its_version(self, store: OperatorStore) -> None:
        register(store, ARTICLE, START, patient())
        for _ in range(2):
            unregister(store, REF, START, patient())
            assert [(one.article, one.version) for one in store.articles([REF], patient())] == [(None, 2)]
        assert register(store, ARTICLE, START, patient()).version == 3

    def test_many_articles_are_stored_at_once_and_again_nothing_is(self, store: OperatorStore) -> None:
        wanted = [replace(ARTICLE, ref=ArticleRef("demo", f"a-{number}")) for number in range(130)]
        wanted[7] = replace(wanted[7], closes_at=START)
        expected = [replace(one, version=1) for one in wanted]
        assert register_all(store, wanted, START, patient()) == expected
        assert register_all(store, wanted, START, patient()) == expected
        assert [one.article for one in store.articles([one.ref for one in wanted], patient())] == expected
        with pytest.raises(VotingClosed):
            cast(store, wish("v1", "up", ref=wanted[7].ref))


@every_store
class TestVotesObeyTheTerms:
    @pytest.mark.parametrize("registered_only", [True, False])
    def test_in_every_state(self, store: OperatorStore, registered_only: bool) -> None:
        def refusal(voter: str, at: int = START) -> str:
            try:
                cast(store, wish(voter, "up", at=at), registered_only=registered_only)
            except VotingError as error:
                return error.code
            return ""

        assert refusal("v1") == ("unknown_article" if registered_only else "")
        register(store, ARTICLE, START, patient())
        assert [refusal(f"v{number}") for number in range(2, 40)] == [""] * 38
        register(store, replace(ARTICLE, state="closed"), START, patient())
        assert refusal("v40") == "voting_closed"
        register(store, replace(ARTICLE, state="hidden"), START, patient())
        assert refusal("v41") == "unknown_article"
        register(store, replace(ARTICLE, opens_at=START, closes_at=START + 2), START, patient())
        assert [refusal(f"v{50 + at}", START + at) for at in (-1, 0, 1, 2)] == [
            "voting_not_open",
            "",
            "",
            "voting_closed",
        ]
        register(store, ARTICLE, START, patient())
        assert [refusal(f"v{number}") for number in range(60, 99)] == [""] * 39
        unregister(store, REF, START, patient())
        assert [refusal(f"v{number}") for number in range(100, 140)] == (
            ["unknown_article"] * 40 if registered_only else [""] * 40
        )
        assert drifts(store) == 0

    def test_a_change_of_mind_and_a_retraction_obey_them_too(self, store: OperatorStore) -> None:
        register(store, ARTICLE, START, patient())
        cast(store, wish("v1", "up"), registered_only=True)
        register(store, replace(ARTICLE, opens_at=START + 1), START, patient())
        for late in (wish("v1", "down", "r2"), wish("v1", None, "r3"), wish("v1", "up", "r4", ordered=True)):
            with pytest.raises(VotingNotOpen):
                cast(store, late, registered_only=True)
        assert counts(store) == {"up": 1}


@without_moto
def test_where_articles_are_registered_votes_at_once_with_changes_of_the_terms_never_slip_through(
    store: OperatorStore,
) -> None:
    terms = [ARTICLE, replace(ARTICLE, state="closed"), replace(ARTICLE, state="hidden"), None]
    for attempt in range(6):
        ref = ArticleRef("demo", f"a-{attempt}")
        voting_ends = [replace(one, ref=ref) if one else None for one in terms][1 + attempt % 3]
        register(store, replace(ARTICLE, ref=ref), START, patient())

        def vote(number: int, ref: ArticleRef = ref) -> bool:
            try:
                cast(store, wish(f"v{number}", "up", ref=ref), registered_only=True)
            except (UnknownArticle, VotingClosed):
                return False
            return True

        with ThreadPoolExecutor(9) as pool:
            voting = [pool.submit(vote, number) for number in range(120)]
            voting[random.Random(attempt).randrange(80)].result()
            if voting_ends is None:
                unregister(store, ref, START, patient())
            else:
                register(store, voting_ends, START, patient())
            ended_at = counts(store, ref).get("up", 0)
            taken = sum(one.result() for one in voting)
        assert counts(store, ref).get("up", 0) == ended_at == taken
        assert drifts(store, ref) == 0


@pytest.fixture
def local_store(dynamodb_local: Any, new_local_table: Callable[[], str]) -> VotingOperatorStore:
    return VotingOperatorStore(client("dynamodb", **dynamodb_local.client_options), new_local_table(), Attempts())


def test_to_register_an_article_that_takes_votes_writes_two_items_and_no_shard(
    local_store: VotingOperatorStore,
) -> None:
    meter = Meter(local_store._client)
    register(local_store, ARTICLE, START, patient())
    assert [(one.operation, one.write_units) for one in meter.calls] == [("BatchGetItem", 0), ("TransactWriteItems", 4)]
    assert local_store.shards(REF, patient()) == {}


def test_only_the_first_vote_on_a_shard_pays_for_its_copy_of_the_terms(local_store: VotingOperatorStore) -> None:
    register(local_store, ARTICLE, START, patient())
    meter = Meter(local_store._client)
    for number in range(100):
        cast(local_store, wish(f"v{number}", "up"), registered_only=True)
    calls = [one.operation for one in meter.calls]
    assert calls.count("GetItem") == 16
    assert calls.count("TransactWriteItems") == 100 + 2 * 16
    meter.calls.clear()
    for number in range(100, 140):
        cast(local_store, wish(f"v{number}", "up"), registered_only=True)
    assert {(one.operation, one.write_units) for one in meter.calls} == {("TransactWriteItems", 4)}


def test_a_vote_marks_its_shard_for_the_stream_once_the_container_knows_that_the_article_is_registered(
    local_store: VotingOperatorStore,
) -> None:
    def listed() -> list[str]:
        shards, _ = local_store._shards_and_terms(REF, patient(), consistent=True)
        return [item["SK"]["S"] for item in shards if "listed" in item]

    register(local_store, ARTICLE, START, patient())
    cast(local_store, wish("v1", "up"))
    assert listed() == []
    local_store.tally(REF, patient(), consistent=True)
    cast(local_store, wish("v2", "up"))
    assert len(listed()) == 1
    unregister(local_store, REF, START, patient())
    assert listed() == [], "records of an article that was removed are not those of registered articles"


def test_a_change_that_stopped_half_way_is_completed_by_the_same_request(local_store: VotingOperatorStore) -> None:
    closed = replace(ARTICLE, state="closed")
    session = local_store._client._endpoint.http_session
    local_store._client._endpoint.http_session = DyingSession(session, updates=5)
    with pytest.raises(KeyboardInterrupt):
        register(local_store, closed, START, patient())
    local_store._client._endpoint.http_session = session
    assert [(one.spread, one.version) for one in local_store.articles([REF], patient())] == [(False, 1)]
    assert register(local_store, closed, START, patient()).version == 1
    assert [(one.spread, one.version) for one in local_store.articles([REF], patient())] == [(True, 1)]
    for number in range(60):
        with pytest.raises(VotingClosed):
            cast(local_store, wish(f"v{number}", "up"))


def test_a_feed_completes_what_it_left_half_way(local_store: VotingOperatorStore) -> None:
    reset(local_store, REF, "key", START, patient())  # so that the article's terms are copied to its shards
    listed = replace(ARTICLE, from_feed=True)
    session = local_store._client._endpoint.http_session
    local_store._client._endpoint.http_session = DyingSession(session, updates=5)
    with pytest.raises(KeyboardInterrupt):
        register_listed(local_store, [listed], START, patient())
    local_store._client._endpoint.http_session = session
    assert [(one.spread, one.version) for one in local_store.articles([REF], patient())] == [(False, 2)]
    assert register_listed(local_store, [listed], START, patient()) == {"unchanged": 1}
    assert [(one.spread, one.version) for one in local_store.articles([REF], patient())] == [(True, 2)]


def test_an_article_and_its_terms_are_never_taken_from_two_changes(local_store: VotingOperatorStore) -> None:
    """A BatchGetItem is no transaction. Here, a change is made between its two reads."""
    register(local_store, ARTICLE, START, patient())
    real = local_store._batch_get
    torn = [True]

    def tear(keys: Any, deadline: Any, *, consistent: bool) -> Any:
        if not torn:
            return real(keys, deadline, consistent=consistent)
        torn.clear()
        first = real(keys[:1], deadline, consistent=consistent)
        register(local_store, replace(ARTICLE, state="closed"), START, patient())
        return first + real(keys[1:], deadline, consistent=consistent)

    local_store._batch_get = tear  # type: ignore[method-assign]
    (stored,) = local_store.articles([REF], patient())
    assert stored.article == replace(ARTICLE, state="closed", version=2)
    assert stored.version == 2

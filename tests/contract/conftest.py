"""The stores that the contract is run against."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.clients import client
from chalicelib.dynamodb.attempts import Attempts
from chalicelib.insights.ports import InsightStore
from chalicelib.insights.store import InsightsStore
from chalicelib.syncing.ports import FeedStore
from chalicelib.trust.ports import ExclusionStore
from chalicelib.voting.operator_store import VotingOperatorStore
from chalicelib.voting.ports import OperatorStore
from local.dynamodb_local import create_table
from tests.support.fake_exclusions import MemoryExclusions
from tests.support.fake_insights import MemoryInsights
from tests.support.fakes import START, MemoryStore
from tests.support.installing import exclusions_of, feeds_of

# moto is a single-threaded fake that loses updates under threads (see test_emulator_facts): races leave it out. It is
# also slow with terms: 20 ms for an update, where DynamoDB Local takes 6 (measured once). Each article has 16 copies of
# its terms, and merges and exclusions change them often: only their first tests are run on moto, too.
EVERY_STORE = ["memory", "moto", "dynamodb_local"]
WITHOUT_MOTO = ["memory", "dynamodb_local"]


@pytest.fixture
def store(request: pytest.FixtureRequest) -> Iterator[OperatorStore]:
    """An empty store of the kind that the test is parametrized with."""
    kind = request.param
    if kind == "memory":
        yield MemoryStore()
    elif kind == "moto":
        with mock_aws():
            create_table(boto3.client("dynamodb"), "votes")
            yield VotingOperatorStore(client("dynamodb"), "votes", Attempts())
    else:
        name = request.getfixturevalue("new_local_table")()
        local = request.getfixturevalue("dynamodb_local")
        yield VotingOperatorStore(
            client(
                "dynamodb",
                **local.client_options,
            ),
            name,
            Attempts(),
        )


@pytest.fixture
def insights(store: OperatorStore) -> InsightStore:
    """The read models of the store that the test is parametrized with."""
    if isinstance(store, MemoryStore):
        return MemoryInsights(store)
    assert isinstance(store, VotingOperatorStore)
    return InsightsStore(store._client, store._name, Attempts(), lambda: START)


@pytest.fixture
def feeds(store: OperatorStore) -> FeedStore:
    """The readings of feeds in the store that the test is parametrized with."""
    if isinstance(store, MemoryStore):
        return store
    assert isinstance(store, VotingOperatorStore)
    return feeds_of(store)


@pytest.fixture
def exclusions(store: OperatorStore) -> ExclusionStore:
    """The exclusions in the store that the test is parametrized with."""
    if isinstance(store, MemoryStore):
        return MemoryExclusions(store)
    assert isinstance(store, VotingOperatorStore)
    return exclusions_of(store)


@pytest.fixture
def raw_table(dynamodb_local: Any, new_local_table: Callable[[], str]) -> tuple[Any, str]:
    """A plain client and a fresh table on DynamoDB Local."""
    return dynamodb_local.client(), new_local_table()

"""Services on real stores with test keys, for the handlers in this process."""

from __future__ import annotations

from chalicelib import bootstrap
from chalicelib.dynamodb.attempts import Attempts
from chalicelib.insights.ports import InsightStore
from chalicelib.syncing.store import FeedStore
from chalicelib.voting.operator_store import VotingOperatorStore
from tests.support.fakes import MemoryKeyring


def feeds_of(store: VotingOperatorStore) -> FeedStore:
    """The readings of feeds in the same table."""
    return FeedStore(store._client, store._name, Attempts())


def services_on(store: VotingOperatorStore, insights: InsightStore) -> bootstrap.Services:
    """Services whose sites and votes are in one store."""
    return bootstrap.assemble(bootstrap.Stores(store, store, insights, feeds_of(store), MemoryKeyring()))

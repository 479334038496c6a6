"""Services on real stores with test keys, for the handlers in this process."""

from __future__ import annotations

from chalicelib import bootstrap
from chalicelib.admission.ports import NetworkStore
from chalicelib.admission.store import NetworksTable
from chalicelib.dynamodb.attempts import Attempts
from chalicelib.insights.ports import InsightStore
from chalicelib.services import Services, Stores
from chalicelib.syncing.store import FeedStore
from chalicelib.trust.store import ExclusionsTable
from chalicelib.voting.operator_store import VotingOperatorStore
from tests.support.fake_networks import MemoryNetworks
from tests.support.fakes import MemoryKeyring


def feeds_of(store: VotingOperatorStore) -> FeedStore:
    """The readings of feeds in the same table."""
    return FeedStore(store._client, store._name, Attempts())


def networks_of(store: VotingOperatorStore) -> NetworksTable:
    """The store of networks behind the same client; its table has another name."""
    return NetworksTable(store._client, f"{store._name}-networks", Attempts())


def exclusions_of(store: VotingOperatorStore) -> ExclusionsTable:
    """The store of exclusions behind the same client and table."""
    return ExclusionsTable(store._client, store._name, Attempts())


def services_on(store: VotingOperatorStore, insights: InsightStore, networks: NetworkStore | None = None) -> Services:
    """Services whose sites and votes are in one store. New voters are counted in `networks`, or in memory."""
    return bootstrap.assemble(
        Stores(
            store,
            store,
            insights,
            feeds_of(store),
            networks or MemoryNetworks(),
            lambda: exclusions_of(store),
            MemoryKeyring(),
        )
    )

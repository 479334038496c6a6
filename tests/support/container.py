"""A Lambda container for tests: a process with a handler of its own, on a client whose network is faulty."""

from __future__ import annotations

import logging
import random
from multiprocessing.connection import Connection

from chalicelib import bootstrap, clients
from chalicelib.dynamodb.attempts import Attempts
from chalicelib.insights.store import InsightsStore
from chalicelib.publishing.store import PublishingStore
from chalicelib.services import Stores
from chalicelib.syncing.store import FeedStore
from chalicelib.trust.store import ExclusionsTable
from chalicelib.voting.article_store import ArticleStore
from tests.support.fake_networks import MemoryNetworks
from tests.support.fakes import MemoryKeyring
from tests.support.faults import FaultySession
from tests.support.gateway import call


def container(pipe: Connection, options: dict[str, str], table: str, seed: int) -> None:
    """One Lambda container: a handler on its own client; answers events until it is told None or killed.

    With each event comes the rate of faults that its calls to the table shall meet.
    """
    logging.getLogger("article-votes").setLevel(logging.CRITICAL)  # in a storm every call would have something to say
    client = clients.client("dynamodb", **options)
    session = FaultySession(client._endpoint.http_session, random.Random(seed))
    client._endpoint.http_session = session
    attempts = Attempts()
    votes = ArticleStore(client, table, attempts)
    stores = Stores(
        sites=PublishingStore(client, table, attempts),
        votes=votes,
        insights=InsightsStore(client, table, attempts, bootstrap.CLOCK.now),
        feeds=FeedStore(client, table, attempts),
        networks=MemoryNetworks(),
        exclusions=lambda: ExclusionsTable(client, table, attempts),
        keyring=MemoryKeyring(),
    )
    bootstrap.install(bootstrap.assemble(stores))
    while (asked := pipe.recv()) is not None:
        session.rate, proxy_event = asked
        pipe.send(call(proxy_event))
    pipe.send(session.counted)

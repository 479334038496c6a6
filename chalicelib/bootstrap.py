"""The composition root: it makes everything once in each container. No other module reads a clock, or random
bytes. (The library `altcha` makes the nonces of challenges by itself.)

Handlers call `services()`. Tests and tools make their own services with `assemble` or `build`, and use them with
`install`.
"""

from __future__ import annotations

import os
import time
from contextlib import nullcontext
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from chalicelib.admission.store import NetworksTable
from chalicelib.clients import client, impatient_client
from chalicelib.deadlines import Clock
from chalicelib.dynamodb.attempts import Attempts
from chalicelib.insights.store import InsightsStore
from chalicelib.metrics import Metrics
from chalicelib.publishing.store import PublishingStore
from chalicelib.services import Services, Stores
from chalicelib.settings import API, FEEDS, MERGES, PROJECTION, RECOUNT, Settings, function_name
from chalicelib.syncing.store import FeedStore
from chalicelib.voting.article_store import ArticleStore

if TYPE_CHECKING:
    from chalicelib.publishing.ports import ArticleStore as ArticlePort
    from chalicelib.publishing.ports import SiteStore
    from chalicelib.syncing.ports import FeedStore as FeedPort
    from chalicelib.syncing.sync import Sync
    from chalicelib.trust.ports import ExclusionStore
    from chalicelib.voting.operator_store import VotingOperatorStore

CLOCK = Clock(now=lambda: int(time.time()), monotonic=time.monotonic)


def operator_store(name: str, **client_options: Any) -> VotingOperatorStore:
    """Sites and votes for the command line. The options, such as an endpoint and credentials, are the client's."""
    from chalicelib.voting.operator_store import VotingOperatorStore  # noqa: PLC0415

    return VotingOperatorStore(client("dynamodb", **client_options), name, Attempts())


def operator_insights(name: str, **client_options: Any) -> InsightsStore:
    """The read models for the command line, with the same options."""
    return InsightsStore(client("dynamodb", **client_options), name, Attempts(), CLOCK.now)


def feed_sync(sites: SiteStore, articles: ArticlePort, feeds: FeedPort, *, loopback: bool) -> Sync:
    """The reading of feeds on these stores. `loopback`: also of feeds on this machine."""
    from chalicelib.syncing.fetching import Fetcher  # noqa: PLC0415
    from chalicelib.syncing.parsing import parse_feed  # noqa: PLC0415
    from chalicelib.syncing.sync import Sync  # noqa: PLC0415

    return Sync(sites, articles, feeds, Fetcher(CLOCK, loopback), parse_feed)


@cache
def sync() -> Sync:
    """The reading of feeds as the schedule starts it."""
    stores = services().stores
    return feed_sync(stores.sites, stores.votes, stores.feeds, loopback=Settings.from_environment().loopback_feeds)


@cache
def recount_store() -> VotingOperatorStore:
    """The table as the scheduled recount reads it."""
    return operator_store(Settings.from_environment().table)


def assemble(stores: Stores, public_url: str = "", clock: Clock = CLOCK, metrics: Metrics | None = None) -> Services:
    """Services on these stores. They remember nothing yet, and report nothing."""
    return Services(stores, public_url, clock, metrics or Metrics(), os.urandom, lambda _: nullcontext())


def build(settings: Settings) -> Services:
    """Services on the AWS endpoints that the environment names."""
    from chalicelib.voting.keyring import SecretsKeyring  # noqa: PLC0415

    metrics = Metrics()
    dynamodb, attempts = client("dynamodb"), Attempts(metrics=metrics)
    votes = ArticleStore(dynamodb, settings.table, attempts)
    keyring = SecretsKeyring(
        lambda: client("secretsmanager"),
        settings.pepper_secret,
        settings.token_key_secret,
        votes.agreed_pepper,
        CLOCK,
    )
    if function_name() == API:
        keyring.connect()
    stores = Stores(
        sites=PublishingStore(dynamodb, settings.table, attempts),
        votes=votes,
        insights=InsightsStore(dynamodb, settings.table, attempts, CLOCK.now),
        feeds=FeedStore(dynamodb, settings.table, attempts),
        networks=NetworksTable(impatient_client("dynamodb"), settings.networks_table, attempts),
        exclusions=lambda: _exclusions(dynamodb, settings.table, attempts),
        keyring=keyring,
    )
    services = assemble(stores, settings.public_url, CLOCK, metrics)
    if settings.edge_secrets:
        from chalicelib.http.edge import Edge  # noqa: PLC0415

        services = replace(services, edge=Edge(settings.edge_address_header, settings.edge_secrets))
    if settings.stack:
        from chalicelib.telemetry import Telemetry  # noqa: PLC0415

        services = replace(services, observed=Telemetry(settings.stack, metrics).request)
    return services


def _exclusions(dynamodb: Any, table: str, attempts: Attempts) -> ExclusionStore:
    from chalicelib.trust.store import ExclusionsTable  # noqa: PLC0415

    return ExclusionsTable(dynamodb, table, attempts)


_services: Services | None = None


def services() -> Services:
    """The container's services. They are made at the first call and kept."""
    global _services
    if _services is None:
        _services = build(Settings.from_environment())
    return _services


def prepare(function: str | None) -> None:
    """Make what the requests to this Lambda function will use, before the first of them comes."""
    if function == API:
        made = services()
        _ = made.server, made.publishing, made.voting, made.insights, made.syncing, made.aliases
    elif function == PROJECTION:
        _ = services().projection
    elif function == RECOUNT:
        _ = services(), recount_store()
    elif function == FEEDS:
        _ = sync()
    elif function == MERGES:
        _ = services()


def install(replacement: Services | None) -> None:
    """Use these services from now on. None: make new ones from the environment at the next call."""
    global _services
    _services = replacement

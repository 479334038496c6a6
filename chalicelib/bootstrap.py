"""The composition root: it makes everything once in each container. No other module reads a clock.

Handlers call `services()`. Tests and tools make their own services with `assemble` or `build`, and use them with
`install`. A feature is imported when it is made: each Lambda function imports only what it uses.
"""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from chalicelib.clients import client
from chalicelib.deadlines import Clock, Deadline
from chalicelib.dynamodb.attempts import Attempts
from chalicelib.insights.store import InsightsStore
from chalicelib.metrics import Metrics
from chalicelib.publishing.key_directory import KeyDirectory
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.publishing.store import PublishingStore
from chalicelib.settings import API, FEEDS, MERGES, PROJECTION, RECOUNT, START_WITHIN_SECONDS, Settings, function_name
from chalicelib.syncing.store import FeedStore
from chalicelib.voting.article_store import ArticleStore

if TYPE_CHECKING:
    from chalicelib.http.requests import Server
    from chalicelib.insights.ports import InsightStore
    from chalicelib.insights.projection import Projection
    from chalicelib.insights.use_cases import Insights
    from chalicelib.publishing.ports import ArticleStore as ArticlePort
    from chalicelib.publishing.ports import SiteStore
    from chalicelib.publishing.sites import Site
    from chalicelib.publishing.use_cases import Publishing
    from chalicelib.syncing.ports import FeedStore as FeedPort
    from chalicelib.syncing.sync import Sync
    from chalicelib.syncing.use_cases import Syncing
    from chalicelib.voting.aliases import Aliases
    from chalicelib.voting.operator_store import VotingOperatorStore
    from chalicelib.voting.ports import Keyring, MergeStore
    from chalicelib.voting.use_cases import Voting

PROJECTED_AT_ONCE = 8  # `python -m bench batches`: more are hardly faster, and the client has ten connections
CLOCK = Clock(now=lambda: int(time.time()), monotonic=time.monotonic)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Stores:
    """The stores and the keys that services work on. Tests put fakes here. `votes`: of votes and of articles."""

    sites: SiteStore
    votes: MergeStore
    insights: InsightStore
    feeds: FeedPort
    keyring: Keyring


@dataclass(frozen=True, eq=False, repr=False)
class Services:
    """The features on these stores. Each is made at its first use and then kept.

    `public_url`: where readers reach the API if a CDN is in front of it; otherwise "". `observed(request_id)`: what
    each request and each batch runs in (`telemetry`).
    """

    stores: Stores
    public_url: str
    clock: Clock
    metrics: Metrics
    observed: Callable[[str], AbstractContextManager[None]]

    @cached_property
    def server(self) -> Server:
        """The server's own values that each request needs."""
        from chalicelib.http.requests import Server  # noqa: PLC0415

        return Server(self.clock, self.public_url, START_WITHIN_SECONDS, self.metrics, self.observed)

    @cached_property
    def sites(self) -> SiteDirectory:
        """Sites by their ids, remembered for a while."""
        return SiteDirectory(self.stores.sites, self.clock.monotonic)

    @cached_property
    def keys(self) -> KeyDirectory:
        """Keys of sites, remembered for a while."""
        return KeyDirectory(self.stores.sites, self.clock.monotonic)

    @cached_property
    def publishing(self) -> Publishing:
        """Sites, their keys and their articles."""
        from chalicelib.publishing.use_cases import Publishing  # noqa: PLC0415

        return Publishing(
            self.sites,
            self.keys,
            self.stores.sites,
            self.stores.votes,
            lambda: random_text(32),
            self._begin_edition,
        )

    def _begin_edition(self, before: Site, after: Site, at: int, deadline: Deadline) -> None:
        from chalicelib.insights.settling import begin_if_new  # noqa: PLC0415 - few requests change a site

        begin_if_new(self.stores.insights, before, after, at, deadline)

    @cached_property
    def voting(self) -> Voting:
        """Votes and tallies."""
        from chalicelib.voting.use_cases import Voting  # noqa: PLC0415

        return Voting(
            self.sites, self.keys, self.stores.votes, self.stores.keyring, lambda: random_text(16), self.metrics
        )

    @cached_property
    def aliases(self) -> Aliases:
        """Aliases of articles."""
        from chalicelib.voting.aliases import Aliases  # noqa: PLC0415

        return Aliases(self.keys, self.stores.votes, self.stores.keyring)

    @cached_property
    def insights(self) -> Insights:
        """Leaderboards, histories and summaries."""
        from chalicelib.insights.use_cases import Insights  # noqa: PLC0415

        return Insights(self.sites, self.keys, self.stores.insights)

    @cached_property
    def projection(self) -> Projection:
        """What makes insights from the stream."""
        from chalicelib.insights.projection import Projection  # noqa: PLC0415

        return Projection(self.stores.votes, self.stores.insights, self.sites, self.clock.now, PROJECTED_AT_ONCE)

    @cached_property
    def syncing(self) -> Syncing:
        """What publishers see of the reading of their feeds."""
        from chalicelib.syncing.use_cases import Syncing  # noqa: PLC0415

        return Syncing(self.keys, self.stores.feeds)


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


def random_text(size: int) -> str:
    """This many random bytes, as base64url."""
    return base64.urlsafe_b64encode(os.urandom(size)).rstrip(b"=").decode()


def assemble(stores: Stores, public_url: str = "", clock: Clock = CLOCK, metrics: Metrics | None = None) -> Services:
    """Services on these stores. They remember nothing yet, and report nothing."""
    return Services(stores, public_url, clock, metrics or Metrics(), lambda _: nullcontext())


def build(settings: Settings) -> Services:
    """Services on the AWS endpoints that the environment names."""
    from chalicelib.voting.keyring import SecretsKeyring  # noqa: PLC0415

    metrics = Metrics()
    dynamodb, attempts = client("dynamodb"), Attempts(metrics=metrics)
    votes = ArticleStore(dynamodb, settings.table, attempts)
    keyring = SecretsKeyring(
        lambda: client("secretsmanager"), settings.pepper_secret, settings.token_key_secret, votes.agreed_pepper, CLOCK
    )
    if function_name() == API:
        keyring.connect()
    stores = Stores(
        sites=PublishingStore(dynamodb, settings.table, attempts),
        votes=votes,
        insights=InsightsStore(dynamodb, settings.table, attempts, CLOCK.now),
        feeds=FeedStore(dynamodb, settings.table, attempts),
        keyring=keyring,
    )
    services = assemble(stores, settings.public_url, CLOCK, metrics)
    if settings.stack:
        from chalicelib.telemetry import Telemetry  # noqa: PLC0415

        services = replace(services, observed=Telemetry(settings.stack, metrics).request)
    return services


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

"""The composition root: it makes everything once in each container. No other module reads a clock or makes a client.

Handlers call `services()`. Tests and tools make their own services with `assemble` or `build`, and use them with
`install`.
"""

from __future__ import annotations

import base64
import os
import time
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from chalicelib import settings as limits
from chalicelib.deadlines import Clock, Deadline
from chalicelib.dynamodb.attempts import Attempts
from chalicelib.http.requests import Server
from chalicelib.insights.ports import InsightStore
from chalicelib.insights.projection import Projection
from chalicelib.insights.store import InsightsStore
from chalicelib.insights.use_cases import Insights
from chalicelib.publishing.key_directory import KeyDirectory
from chalicelib.publishing.ports import SiteStore
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.publishing.store import PublishingStore
from chalicelib.settings import Settings
from chalicelib.voting.keyring import SecretsKeyring
from chalicelib.voting.operator_store import VotingOperatorStore
from chalicelib.voting.ports import Keyring, VoteStore
from chalicelib.voting.store import VotingStore
from chalicelib.voting.use_cases import Voting

USER_AGENT = "article-votes/1"
PROJECTED_AT_ONCE = 8  # `python -m bench batches`: more are hardly faster, and the client has ten connections
CLOCK = Clock(now=lambda: int(time.time()), monotonic=time.monotonic)


@dataclass(frozen=True, slots=True)
class Services:
    """The features, and the server's own values that each request needs."""

    server: Server
    site_store: SiteStore
    sites: SiteDirectory
    voting: Voting
    insights: Insights
    projection: Projection

    def batch_deadlines(self) -> tuple[Deadline, Deadline]:
        """The time that one batch of stream records has from now on: for its articles, and for their sites' totals."""
        monotonic = self.server.clock.monotonic
        return Deadline(monotonic, limits.PROJECT_SECONDS), Deadline(monotonic, limits.BATCH_SECONDS)


@dataclass(frozen=True, slots=True)
class Stores:
    """The stores and the keys that services work on. Tests put fakes here."""

    sites: SiteStore
    votes: VoteStore
    insights: InsightStore
    keyring: Keyring


def client(service: str, **options: Any) -> Any:
    """An AWS client that makes one attempt, which ends in time. `dynamodb.attempts` repeats attempts.

    The user agent is fixed, because boto3 would assemble it again for each request. Parameters are not checked, because
    only our own stores make them. Both save CPU time in each call (`make bench`).
    """
    return boto3.client(
        service,
        **options,
        config=Config(
            connect_timeout=limits.CONNECT_TIMEOUT_SECONDS,
            read_timeout=limits.READ_TIMEOUT_SECONDS,
            retries={"total_max_attempts": 1, "mode": "standard"},
            user_agent=USER_AGENT,
            parameter_validation=False,
        ),
    )


def operator_store(name: str, **client_options: Any) -> VotingOperatorStore:
    """Sites and votes for the command line. The options, such as an endpoint and credentials, are the client's."""
    return VotingOperatorStore(client("dynamodb", **client_options), name, Attempts())


def operator_insights(name: str, **client_options: Any) -> InsightsStore:
    """The read models for the command line, with the same options."""
    return InsightsStore(client("dynamodb", **client_options), name, Attempts(), CLOCK.now)


def random_id() -> str:
    """22 random characters of base64url: 128 bits."""
    return base64.urlsafe_b64encode(os.urandom(16)).rstrip(b"=").decode()


def assemble(stores: Stores, public_url: str = "", clock: Clock = CLOCK) -> Services:
    """Services on these stores. They remember nothing yet."""
    sites = SiteDirectory(stores.sites, clock.monotonic)
    return Services(
        server=Server(clock, public_url, limits.START_WITHIN_SECONDS),
        site_store=stores.sites,
        sites=sites,
        voting=Voting(sites, stores.votes, stores.keyring, random_id),
        insights=Insights(sites, KeyDirectory(stores.sites, clock.monotonic), stores.insights),
        projection=Projection(stores.votes, stores.insights, sites, clock.now, PROJECTED_AT_ONCE),
    )


def build(settings: Settings) -> Services:
    """Services on the AWS endpoints that the environment names."""
    dynamodb, attempts = client("dynamodb"), Attempts()
    keyring = SecretsKeyring(
        lambda: client("secretsmanager"), settings.pepper_secret, settings.token_key_secret, time.monotonic
    )
    stores = Stores(
        sites=PublishingStore(dynamodb, settings.table, attempts),
        votes=VotingStore(dynamodb, settings.table, attempts),
        insights=InsightsStore(dynamodb, settings.table, attempts, CLOCK.now),
        keyring=keyring,
    )
    return assemble(stores, settings.public_url)


_services: Services | None = None


def services() -> Services:
    """The container's services. They are made at the first call and kept."""
    global _services
    if _services is None:
        _services = build(Settings.from_environment())
    return _services


def install(replacement: Services | None) -> None:
    """Use these services from now on. None: make new ones from the environment at the next call."""
    global _services
    _services = replacement

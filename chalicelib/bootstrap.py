"""The composition root: builds everything once per container, and is the only one that knows the clock.

`services()` is what handlers call. Tests and tools build their own with `build`, or put fakes in with `install`.
"""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.config import Config
from botocore.session import get_session

from chalicelib import settings as limits
from chalicelib.deadlines import Deadline
from chalicelib.dynamodb.attempts import Attempts
from chalicelib.insights.store import InsightsTable, OperatorInsights
from chalicelib.publishing.key_directory import ReadKeys
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.settings import Settings
from chalicelib.voting.keyring import Secrets
from chalicelib.voting.operator_store import OperatorTable
from chalicelib.voting.ports import InsightStore, Keyring, VoteStore
from chalicelib.voting.store import Table

USER_AGENT = "article-votes/1"


@dataclass(frozen=True, slots=True)
class Services:
    """What a request handler works with. `now` gives epoch seconds, `monotonic` seconds for measuring."""

    store: VoteStore
    insights: InsightStore
    keyring: Keyring
    sites: SiteDirectory
    read_keys: ReadKeys
    public_url: str = ""
    now: Callable[[], int] = field(default=lambda: int(time.time()))
    monotonic: Callable[[], float] = time.monotonic
    random_id: Callable[[], str] = field(default=lambda: base64.urlsafe_b64encode(os.urandom(16)).rstrip(b"=").decode())

    def new_deadline(self) -> Deadline:
        """The time that one request has, from now on."""
        return Deadline(self.monotonic, limits.START_WITHIN_SECONDS)

    def batch_deadlines(self) -> tuple[Deadline, Deadline]:
        """The time that one batch of stream records has, from now on: for its articles, and for their sites' totals."""
        return Deadline(self.monotonic, limits.PROJECT_SECONDS), Deadline(self.monotonic, limits.BATCH_SECONDS)


def client(service: str, **options: Any) -> Any:
    """An AWS client whose one attempt ends in time; repeating is done where the outcome is understood.

    The client that `boto3.client` would give, made without importing boto3, which loads S3 transfers and resources
    that nothing here uses: a third of its cold start (`make bench`, docs/adr/0006).
    """
    return get_session().create_client(
        service,
        **options,
        config=Config(
            connect_timeout=limits.CONNECT_TIMEOUT_SECONDS,
            read_timeout=limits.READ_TIMEOUT_SECONDS,
            retries={"total_max_attempts": 1, "mode": "standard"},
            # Both are a matter of CPU time per call (`make bench`): a fixed name instead of one put together anew for
            # each request, and no second check of parameters that only `storage.items` and `storage.table` make.
            user_agent=USER_AGENT,
            parameter_validation=False,
        ),
    )


def operator_table(name: str, **client_options: Any) -> OperatorTable:
    """The table for the command line, without keys; the options (an endpoint, credentials) are the client's."""
    return OperatorTable(client("dynamodb", **client_options), name, Attempts())


def operator_insights(name: str, **client_options: Any) -> OperatorInsights:
    """The read models for the command line, likewise."""
    return OperatorInsights(client("dynamodb", **client_options), name, Attempts())


def assemble(store: VoteStore, insights: InsightStore, keyring: Keyring, public_url: str = "") -> Services:
    """Services over these stores and keys, with nothing remembered yet."""
    sites, read_keys = SiteDirectory(store, time.monotonic), ReadKeys(insights, time.monotonic)
    return Services(store, insights, keyring, sites, read_keys, public_url)


def build(settings: Settings) -> Services:
    """Everything, against the AWS endpoints that the environment names."""
    dynamodb = client("dynamodb")
    store = Table(dynamodb, settings.table, Attempts())
    insights = InsightsTable(dynamodb, settings.table, Attempts())
    secrets = Secrets(
        lambda: client("secretsmanager"), settings.pepper_secret, settings.token_key_secret, time.monotonic
    )
    return assemble(store, insights, secrets, settings.public_url)


_services: Services | None = None


def services() -> Services:
    """The container's services, built at the first request and kept."""
    global _services
    if _services is None:
        _services = build(Settings.from_environment())
    return _services


def install(replacement: Services | None) -> None:
    """Use these services from now on; None: build anew from the environment at the next request."""
    global _services
    _services = replacement

"""The features on their stores: which needs what. Each is made at its first use and then kept.

A feature is imported when it is made: each Lambda function imports only what it uses.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.deadlines import Clock, Deadline
from chalicelib.metrics import Metrics
from chalicelib.publishing.key_directory import KeyDirectory
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.settings import START_WITHIN_SECONDS

if TYPE_CHECKING:
    from chalicelib.admission.ports import NetworkStore
    from chalicelib.http.edge import Edge
    from chalicelib.http.requests import Server
    from chalicelib.insights.ports import InsightStore
    from chalicelib.insights.projection import Projection
    from chalicelib.insights.use_cases import Insights
    from chalicelib.publishing.ports import SiteStore
    from chalicelib.publishing.sites import Site
    from chalicelib.publishing.use_cases import Publishing
    from chalicelib.syncing.ports import FeedStore
    from chalicelib.syncing.use_cases import Syncing
    from chalicelib.trust.ports import ExclusionStore
    from chalicelib.trust.use_cases import Trust
    from chalicelib.voting.aliases import Aliases
    from chalicelib.voting.ports import Keyring, MergeStore
    from chalicelib.voting.use_cases import Voting

PROJECTED_AT_ONCE = 8  # `python -m bench batches`: more are hardly faster, and the client has ten connections


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Stores:
    """The stores and the keys that services work on. Tests put fakes here. `votes`: of votes and of articles.

    `exclusions` makes its store. Few requests need it, so a cold start does without its modules.
    """

    sites: SiteStore
    votes: MergeStore
    insights: InsightStore
    feeds: FeedStore
    networks: NetworkStore
    exclusions: Callable[[], ExclusionStore]
    keyring: Keyring


@dataclass(frozen=True, eq=False, repr=False)
class Services:
    """The features on these stores.

    `public_url`: where readers reach the API if a CDN is in front of it; otherwise "". `random_bytes(n)`: n of them.
    `observed(request_id)`: what each request and each batch runs in (`telemetry`). `edge`: a CDN that says where
    requests came from, or None.
    """

    stores: Stores
    public_url: str
    clock: Clock
    metrics: Metrics
    random_bytes: Callable[[int], bytes]
    observed: Callable[[str], AbstractContextManager[None]]
    edge: Edge | None = None

    @cached_property
    def server(self) -> Server:
        """The server's own values that each request needs."""
        from chalicelib.http.requests import Server  # noqa: PLC0415

        return Server(self.clock, self.public_url, START_WITHIN_SECONDS, self.metrics, self.observed, self.edge)

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
            lambda: self._random_text(32),
            self._begin_edition,
        )

    def _begin_edition(self, before: Site, after: Site, at: int, deadline: Deadline) -> None:
        from chalicelib.insights.settling import begin_if_new  # noqa: PLC0415 - few requests change a site

        begin_if_new(self.stores.insights, before, after, at, deadline)

    @cached_property
    def voting(self) -> Voting:
        """Votes and tallies."""
        from chalicelib.admission.gate import Gate  # noqa: PLC0415
        from chalicelib.admission.salts import SALT_BYTES, Salts  # noqa: PLC0415
        from chalicelib.voting.use_cases import Voting  # noqa: PLC0415

        salts = Salts(self.stores.networks, lambda: self.random_bytes(SALT_BYTES))
        return Voting(
            self.sites,
            self.keys,
            self.stores.votes,
            self.stores.keyring,
            Gate(self.stores.networks, salts, lambda below: int.from_bytes(self.random_bytes(8)) % below),
            salts,
            lambda: self._random_text(16),
            self.metrics,
        )

    @cached_property
    def aliases(self) -> Aliases:
        """Aliases of articles."""
        from chalicelib.voting.aliases import Aliases  # noqa: PLC0415

        return Aliases(self.keys, self.stores.votes, self.stores.keyring)

    @cached_property
    def trust(self) -> Trust:
        """Which votes stand out, and exclusions."""
        from chalicelib.trust.use_cases import Trust  # noqa: PLC0415

        return Trust(self.sites, self.keys, self.stores.votes, self.stores.exclusions())

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

    def _random_text(self, size: int) -> str:
        """This many random bytes, as base64url."""
        return base64.urlsafe_b64encode(self.random_bytes(size)).rstrip(b"=").decode()

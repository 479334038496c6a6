"""What syncing needs from the table and from the network. `syncing.store` and `syncing.fetching` implement it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from chalicelib.deadlines import Deadline

if TYPE_CHECKING:  # a cold start of the API does not need them
    from chalicelib.syncing.feed_states import FeedState
    from chalicelib.syncing.fetched import Fetched, Validators


class FeedStore(Protocol):
    """How the readings of feeds go. Every method raises `Unavailable` if there is no answer by the deadline."""

    def feeds(self, deadline: Deadline) -> list[FeedState]: ...
    def feed(self, site: str, deadline: Deadline) -> FeedState | None: ...
    def put_feed(self, state: FeedState, deadline: Deadline) -> bool: ...


class FeedFetcher(Protocol):
    """Where feeds come from."""

    def fetch(self, url: str, known: Validators) -> Fetched | None: ...

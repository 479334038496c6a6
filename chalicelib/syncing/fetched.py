"""The result of fetching a feed: its text and what its server said about it, or the failure."""

from __future__ import annotations

from dataclasses import dataclass


class FeedFailed(Exception):
    """A feed could not be read. The message is for the publisher. `wait`: how many seconds its server asked for."""

    def __init__(self, message: str, wait: int = 0) -> None:
        super().__init__(message)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server said about the version of a feed, for the next request (RFC 9110, section 8.8)."""

    etag: str | None = None
    last_modified: str | None = None


NO_VALIDATORS = Validators()


@dataclass(frozen=True, slots=True)
class Fetched:
    """A feed as it came. `url`: where it was at last, for relative addresses in it."""

    body: bytes
    content_type: str
    url: str
    validators: Validators

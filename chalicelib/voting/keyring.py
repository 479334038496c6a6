"""The secrets, from Secrets Manager, kept in the container.

Two secrets with different lives. The pepper behind voter keys never changes: with another one every reader could
vote twice. The token key may be replaced at any time (`put-secret-value`): Secrets Manager keeps the one before
under the stage AWSPREVIOUS, and those two are the keys whose tokens are accepted.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.deadlines import Deadline
from chalicelib.errors import Unavailable
from chalicelib.voting.voters import TokenKey, make_token_key

log = logging.getLogger("article-votes.storage")

REFRESH_SECONDS = 900.0
SHORTEST_REFRESH_SECONDS = 5.0


class Secrets:
    """Fetches on first use. `Unavailable` when Secrets Manager does not answer and nothing is kept yet."""

    def __init__(
        self, make_client: Callable[[], Any], pepper_id: str, token_key_id: str, monotonic: Callable[[], float]
    ) -> None:
        self._make_client = make_client
        self._client: Any = None
        self._pepper_id = pepper_id
        self._token_key_id = token_key_id
        self._monotonic = monotonic
        self._pepper: bytes | None = None
        self._keys: list[TokenKey] = []
        self._keys_read_at = 0.0

    def pepper(self, deadline: Deadline) -> bytes:
        """What voter keys are made with."""
        if self._pepper is None:
            self._pepper = self._read(self._pepper_id, "AWSCURRENT", deadline).encode()
        return self._pepper

    def signing_key(self, deadline: Deadline) -> TokenKey:
        """The key that new tokens are signed with."""
        self._refresh_if_possible(deadline)
        return self._keys[0]

    def key_named(self, kid: str, deadline: Deadline) -> TokenKey | None:
        """The key of this name if it is one of the two in use.

        A name never seen may be a key that another container already signs with, so the keys are read again, though
        not more often than every few seconds, whatever names strangers make up. When that cannot be done the answer
        is `Unavailable`, not None: a reader who is told that a good token is bad would throw it away.
        """
        self._refresh_if_possible(deadline)
        found = self._kept(kid)
        if found is None:
            self._refresh(SHORTEST_REFRESH_SECONDS, deadline)
            found = self._kept(kid)
        return found

    def _kept(self, kid: str) -> TokenKey | None:
        return next((key for key in self._keys if key.kid == kid), None)

    def _refresh_if_possible(self, deadline: Deadline) -> None:
        try:
            self._refresh(REFRESH_SECONDS, deadline)
        except Unavailable:
            if not self._keys:
                raise
            log.warning("keeping the token keys read before")

    def _refresh(self, after_seconds: float, deadline: Deadline) -> None:
        if self._keys and self._monotonic() - self._keys_read_at < after_seconds:
            return
        keys = [make_token_key(self._read(self._token_key_id, "AWSCURRENT", deadline))]
        with contextlib.suppress(_NoSuchVersion):  # the key was never replaced yet
            keys.append(make_token_key(self._read(self._token_key_id, "AWSPREVIOUS", deadline)))
        self._keys = keys
        self._keys_read_at = self._monotonic()

    def _read(self, secret_id: str, stage: str, deadline: Deadline) -> str:
        if deadline.passed():
            raise Unavailable("There was no time left to fetch the keys.")
        if self._client is None:  # public reads and the projection never need it, nor its time to build
            self._client = self._make_client()
        try:
            answer = self._client.get_secret_value(SecretId=secret_id, VersionStage=stage)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException" and stage == "AWSPREVIOUS":
                raise _NoSuchVersion from None
            log.error("secrets manager refused the request: %s", error)
            raise Unavailable("The keys are out of reach.") from error
        except Exception as error:
            log.error("secrets manager did not answer: %s", type(error).__name__)
            raise Unavailable("The keys are out of reach.") from error
        return str(answer["SecretString"])


class _NoSuchVersion(Exception):
    pass

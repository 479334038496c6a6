"""The secrets by which voters are recognised: read from Secrets Manager and kept in the container.

There are two secrets, and they are replaced differently. The pepper makes voter keys and never changes: with another
pepper every reader could vote twice. The token key signs voter tokens and can be replaced (`put-secret-value`).
Secrets Manager keeps the previous key under the stage AWSPREVIOUS, and tokens of these two keys are accepted. A
second replacement drops the oldest key, so tokens that it signed are refused although they have not expired.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.deadlines import Deadline
from chalicelib.errors import Unavailable
from chalicelib.voting.voters import TokenKey, make_token_key

log = logging.getLogger("article-votes.voting")

REFRESH_SECONDS = 900.0
SHORTEST_REFRESH_SECONDS = 5.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 30.0


class SecretsKeyring:
    """Implements `ports.Keyring`. Raises `Unavailable` if a secret cannot be read and no kept key will do.

    After a failed read it does not ask for this secret again for a while: 1 s, then 2 s, and so on up to 30 s.
    Otherwise each request would spend the time that it needs for DynamoDB on an answer that does not come.
    """

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
        self._keys_read_at = float("-inf")
        self._pauses: dict[str, _Pause] = {}

    def connect(self) -> None:
        """Make the client, unless it is there already. The projection needs none."""
        if self._client is None:
            self._client = self._make_client()

    def pepper(self, deadline: Deadline) -> bytes:
        """The key of the HMAC that makes voter keys."""
        if self._pepper is None:
            self._pepper = self._read(self._pepper_id, "AWSCURRENT", deadline).encode()
        return self._pepper

    def signing_key(self, deadline: Deadline) -> TokenKey:
        """The key that signs new tokens."""
        self._refresh_if_possible(deadline)
        return self._keys[0]

    def key_named(self, kid: str, deadline: Deadline) -> TokenKey | None:
        """The key of this name, if it is one of the two in use.

        A name that is unknown here may be new: another container may use that key. So the keys are read again, at most
        every 5 seconds. If that fails, it raises `Unavailable`: after "invalid token" a browser drops a good token.
        (So a token of a new key can be refused if this container read the keys in the 5 seconds before.)
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
            log.warning("using the token keys that were read before")

    def _refresh(self, after_seconds: float, deadline: Deadline) -> None:
        if self._keys and self._monotonic() - self._keys_read_at < after_seconds:
            return
        current = make_token_key(self._read(self._token_key_id, "AWSCURRENT", deadline))
        # If the next read fails, the current key is good all the same, and so is what was kept before.
        self._keys = [current, *(key for key in self._keys if key.kid != current.kid)]
        previous: list[TokenKey] = []
        with contextlib.suppress(_NoSuchVersion):  # the key was never replaced
            previous = [make_token_key(self._read(self._token_key_id, "AWSPREVIOUS", deadline))]
        self._keys = [current, *previous]
        self._keys_read_at = self._monotonic()
        self._pauses.pop(self._token_key_id, None)

    def _read(self, secret_id: str, stage: str, deadline: Deadline) -> str:
        if deadline.passed():
            raise Unavailable("There was no time left to read the keys.")
        pause = self._pauses.get(secret_id)
        if pause is not None and self._monotonic() < pause.until:
            raise Unavailable("The keys could not be read a moment ago. Please try again in a few seconds.")
        try:
            self.connect()
            answer = self._client.get_secret_value(SecretId=secret_id, VersionStage=stage)
            return str(answer["SecretString"])
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException" and stage == "AWSPREVIOUS":
                raise _NoSuchVersion from None
            log.error("Secrets Manager refused the request: %s", error)
            self._pause(secret_id)
            raise Unavailable("The keys cannot be read.") from error
        except Exception as error:  # no answer, or a secret that is no text
            log.error("Secrets Manager did not answer: %s", type(error).__name__)
            self._pause(secret_id)
            raise Unavailable("The keys cannot be read.") from error

    def _pause(self, secret_id: str) -> None:
        before = self._pauses.get(secret_id)
        seconds = FIRST_PAUSE_SECONDS if before is None else min(LONGEST_PAUSE_SECONDS, before.seconds * 2)
        self._pauses[secret_id] = _Pause(seconds, self._monotonic() + seconds)


@dataclass(frozen=True, slots=True)
class _Pause:
    """A secret is not read again before `until`. `seconds`: how long this pause is."""

    seconds: float
    until: float


class _NoSuchVersion(Exception):
    pass

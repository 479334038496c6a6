"""The secrets by which voters are recognised: read from Secrets Manager and kept in the container.

The ring of token keys signs voter tokens (`voting.token_keys`). It is read again from time to time. The pepper makes
voter keys and never changes: with another pepper every reader could vote twice. So its fingerprint is stored in the
table at its first use, and with another pepper no vote is taken.
"""

from __future__ import annotations

import hmac
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.deadlines import Clock, Deadline
from chalicelib.errors import InvalidValue, TooEarly, Unavailable
from chalicelib.voting.token_keys import READ_AGAIN_SECONDS, Ring, TokenKey, parse_ring

log = logging.getLogger("article-votes.voting")

KEY_NAME = re.compile(r"[0-9a-f]{12}", re.ASCII)
SHORTEST_PEPPER = 32
MOST_STRANGERS = 1000
SHORTEST_REFRESH_SECONDS = 5.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 30.0


def fingerprint_of(pepper: bytes) -> str:
    """16 hexadecimal characters that tell two peppers apart and do not help to guess one."""
    return hmac.digest(pepper, b"the fingerprint of article-votes' pepper", "sha256").hex()[:16]


class SecretsKeyring:
    """Implements `ports.Keyring`. Raises `Unavailable` if a secret cannot be read and no kept key will do.

    `agree(fingerprint, deadline)` returns the fingerprint that the table has. The first call stores its own there.
    After a failed read it does not ask for this secret again for a while: 1 s, then 2 s, and so on up to 30 s.
    Otherwise each request would spend the time that it needs for DynamoDB on an answer that does not come.
    """

    def __init__(
        self,
        make_client: Callable[[], Any],
        pepper_id: str,
        token_key_id: str,
        agree: Callable[[str, Deadline], str],
        clock: Clock,
    ) -> None:
        self._make_client = make_client
        self._client: Any = None
        self._pepper_id = pepper_id
        self._token_key_id = token_key_id
        self._agree = agree
        self._now = clock.now
        self._monotonic = clock.monotonic
        self._pepper: bytes | None = None
        self._ring = Ring()
        self._ring_read_at = float("-inf")
        self._strangers: set[str] = set()
        self._pauses: dict[str, _Pause] = {}

    def connect(self) -> None:
        """Make the client, unless it is there already. The projection needs none."""
        if self._client is None:
            self._client = self._make_client()

    def pepper(self, deadline: Deadline) -> bytes:
        """The key of the HMAC that makes voter keys."""
        if self._pepper is None:
            text = self._read(self._pepper_id, deadline)
            if len(text.strip()) < SHORTEST_PEPPER or text != text.strip():
                log.error("there is no pepper, or it was changed by hand. Run `ops pepper create`")
                self._pause(self._pepper_id)
                raise Unavailable("Votes cannot be taken until the service has its keys.")
            pepper = text.encode()
            ours, stored = fingerprint_of(pepper), self._agree(fingerprint_of(pepper), deadline)
            if ours != stored:
                log.error(
                    "wrong pepper: its fingerprint is %s, and this table's votes were made with %s. No votes are "
                    "taken. See docs/secrets.md", ours, stored,
                )  # fmt: skip
                self._pause(self._pepper_id)
                raise Unavailable("Votes cannot be taken until the service has its own keys again.")
            self._pepper = pepper
        return self._pepper

    def signing_key(self, deadline: Deadline) -> TokenKey:
        """The key that signs new tokens."""
        self._refresh_if_possible(deadline)
        key = self._ring.signing_key(self._now())
        if key is None:
            log.error("no key of the ring signs. Run `ops token-key rotate --now`")
            raise Unavailable("There is no key for new voters.")
        return key

    def key_named(self, kid: str, deadline: Deadline) -> TokenKey | None:
        """The key with this name. Returns None if the ring has no such key.

        A name that is unknown here may be new: another container may use that key already. So the ring is read again,
        at most every 5 seconds. Before that, it raises `TooEarly`: after "invalid token" a browser would drop a good
        token.
        """
        if not KEY_NAME.fullmatch(kid):
            return None
        up_to_date = self._refresh_if_possible(deadline)
        key = self._ring.named(kid)
        if key is None and kid not in self._strangers and kid not in self._ring.retired:
            if not up_to_date and not self._refresh(SHORTEST_REFRESH_SECONDS, deadline):
                raise TooEarly("This key may be new. Please send the same request again in a few seconds.")
            key = self._ring.named(kid)
            if key is None:
                self._remember_stranger(kid)
        return key

    def _remember_stranger(self, kid: str) -> None:
        """The ring was read after this name had been seen, and did not have it. So it is not a new key's name."""
        if len(self._strangers) >= MOST_STRANGERS:
            self._strangers.clear()
        self._strangers.add(kid)

    def _refresh_if_possible(self, deadline: Deadline) -> bool:
        try:
            return self._refresh(READ_AGAIN_SECONDS, deadline)
        except Unavailable:
            if not self._ring.keys:
                raise
            log.warning("using the token keys that were read before")
            return False

    def _refresh(self, after_seconds: float, deadline: Deadline) -> bool:
        """Read the ring if what is kept is that old. Returns True if it was read."""
        if self._ring.keys and self._monotonic() - self._ring_read_at < after_seconds:
            return False
        try:
            self._ring = parse_ring(self._read(self._token_key_id, deadline))
        except InvalidValue as error:
            log.error("%s", error)
            self._pause(self._token_key_id)
            raise Unavailable("The keys cannot be read.") from None
        self._ring_read_at = self._monotonic()
        self._pauses.pop(self._token_key_id, None)
        return True

    def _read(self, secret_id: str, deadline: Deadline) -> str:
        if deadline.passed():
            raise Unavailable("There was no time left to read the keys.")
        pause = self._pauses.get(secret_id)
        if pause is not None and self._monotonic() < pause.until:
            raise Unavailable("The keys could not be read a moment ago. Please try again in a few seconds.")
        try:
            self.connect()
            secret = str(self._client.get_secret_value(SecretId=secret_id)["SecretString"])
        except ClientError as error:
            log.error("Secrets Manager refused the request: %s", error)
            self._pause(secret_id)
            raise Unavailable("The keys cannot be read.") from error
        except Exception as error:  # no answer, or a secret that is no text
            log.error("Secrets Manager did not answer: %s", type(error).__name__)
            self._pause(secret_id)
            raise Unavailable("The keys cannot be read.") from error
        return secret

    def _pause(self, secret_id: str) -> None:
        before = self._pauses.get(secret_id)
        seconds = FIRST_PAUSE_SECONDS if before is None else min(LONGEST_PAUSE_SECONDS, before.seconds * 2)
        self._pauses[secret_id] = _Pause(seconds, self._monotonic() + seconds)


@dataclass(frozen=True, slots=True)
class _Pause:
    """A secret is not read again before `until`. `seconds`: how long this pause is."""

    seconds: float
    until: float

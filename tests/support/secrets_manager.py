"""A keyring on a Secrets Manager that can fall silent, refuse, and give odd values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib.deadlines import Clock as Clocks
from chalicelib.deadlines import Deadline
from chalicelib.voting.keyring import SecretsKeyring
from chalicelib.voting.token_keys import Ring, parse_ring, ring_text, rotate
from tests.support.fakes import Clock

PEPPER, OTHER_PEPPER = "a pepper of 32 characters, or more", "another pepper of 32 characters, or more"
UNKNOWN = "0123456789ab"  # the name of no key
FIRST, SECOND = "first key, long enough for HS256", "second key, long enough for HS256"


class Counting:
    """A Secrets Manager client that counts its calls. It can fall silent, and refuse to read a secret."""

    def __init__(self, client: Any) -> None:
        self.client, self.calls, self.answers = client, 0, True
        self.refused: dict[str, str] = {}

    def get_secret_value(self, **request: str) -> Any:
        self.calls += 1
        if not self.answers:
            raise ReadTimeoutError(endpoint_url="x")
        if request["SecretId"] in self.refused:
            raise ClientError({"Error": {"Code": self.refused[request["SecretId"]]}}, "GetSecretValue")
        return self.client.get_secret_value(**request)


class Odd:
    """A Secrets Manager whose secrets have an odd value."""

    def __init__(self, value: str) -> None:
        self.value = value

    def get_secret_value(self, **_: str) -> dict[str, str]:
        return {"SecretString": self.value}


class Table:
    """Keeps the first fingerprint that it is told."""

    def __init__(self) -> None:
        self.fingerprint = ""

    def agree(self, fingerprint: str, _: Deadline) -> str:
        self.fingerprint = self.fingerprint or fingerprint
        return self.fingerprint


def keyring(manager: Any, clock: Clock, table: Table | None = None) -> SecretsKeyring:
    return with_client(lambda: manager, clock, table)


def with_client(make_client: Callable[[], Any], clock: Clock, table: Table | None = None) -> SecretsKeyring:
    agree, clocks = (table or Table()).agree, Clocks(clock.now, clock.monotonic)
    return SecretsKeyring(make_client, "pepper", "token-key", agree, clocks)


def put_ring(manager: Any, ring: Ring) -> None:
    manager.client.put_secret_value(SecretId="token-key", SecretString=ring_text(ring))


def add_key(manager: Any, secret: str, clock: Clock, *, at_once: bool = True) -> None:
    ring = parse_ring(manager.client.get_secret_value(SecretId="token-key")["SecretString"])
    put_ring(manager, rotate(ring, secret, clock.now(), at_once=at_once))

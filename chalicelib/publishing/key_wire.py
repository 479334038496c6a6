"""Keys as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import Field

from chalicelib.http.wire import Timestamp, Wire, timestamp
from chalicelib.publishing.keys import KEY_ID, Key, Scope

KeyId = Annotated[str, Field(pattern=f"^({KEY_ID.pattern})$", examples=["0a1b2c3d4e5f"])]


class KeyBody(Wire):
    """What is stored of a key. `used_on`: the last day of UTC on which it was used, or null."""

    id: KeyId
    label: str
    scope: Scope
    created_at: Timestamp
    used_on: Annotated[str | None, Field(json_schema_extra={"format": "date"}, examples=["2026-01-31"])]

    @classmethod
    def of(cls, key: Key) -> KeyBody:
        return cls.model_construct(**_key_facts(key))


class IssuedKeyBody(KeyBody):
    """A new key. `key` is shown this once: only a hash of it is stored."""

    key: str

    @classmethod
    def with_secret(cls, key: Key, raw: str) -> IssuedKeyBody:
        return cls.model_construct(**_key_facts(key), key=raw)


def _key_facts(key: Key) -> dict[str, Any]:
    return {
        "id": key.id,
        "label": key.label,
        "scope": key.scope,
        "created_at": timestamp(key.issued_at),
        "used_on": None if key.used_on is None else timestamp(key.used_on)[: len("2026-01-31")],
    }


class KeysBody(Wire):
    """The keys of a site, oldest first."""

    keys: list[KeyBody]

    @classmethod
    def of(cls, keys: Iterable[Key]) -> KeysBody:
        ordered = sorted(keys, key=lambda key: (key.issued_at, key.hash))
        return cls.model_construct(keys=[KeyBody.of(key) for key in ordered])


class KeyRequest(Wire):
    """A key to be issued. `label`: what it is for. Each scope may do what those before it may: read, write, admin."""

    label: Annotated[str, Field(min_length=1, max_length=64)]
    scope: Scope

"""Keys of publishers for tests, one of each scope, and requests with them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from chalicelib.publishing.keys import Key, Scope, hash_key
from chalicelib.publishing.ports import SiteStore
from tests.support.fakes import START, patient
from tests.support.gateway import Answer, send

READ, WRITE, ADMIN = ("avk_" + letter * 43 for letter in "rwa")
FOREIGN = "avk_" + "f" * 43  # an admin key of another site


def issue(store: SiteStore, raw: str, scope: Scope, site: str = "demo") -> Key:
    """Store this key."""
    key = Key(site, hash_key(raw), f"a {scope} key", scope, START)
    store.put_key(key, patient())
    return key


def with_key(
    method: str, url: str, key: str, json_body: Any = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """A request with a key as a bearer token."""
    return send(method, url, json_body, headers, token=key)


def basic(user: str, password: str = "") -> dict[str, str]:
    """The header of HTTP Basic."""
    return {"Authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"}

"""The site demo with a key of each scope."""

from __future__ import annotations

import pytest

from chalicelib.services import Services
from tests.support.fakes import MemoryStore
from tests.support.keys import ADMIN, READ, WRITE, issue


@pytest.fixture
def keys(services: Services, store: MemoryStore) -> None:
    for raw, scope in ((READ, "read"), (WRITE, "write"), (ADMIN, "admin")):
        issue(store, raw, scope)  # type: ignore[arg-type]  # the three scopes

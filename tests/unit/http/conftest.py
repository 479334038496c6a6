"""Fixtures for requests that are refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chalicelib.services import Services
from tests.support.fakes import MemoryStore


@pytest.fixture
def nothing_stored(services: Services, store: MemoryStore) -> Iterator[None]:
    before = repr(vars(store))
    yield
    assert repr(vars(store)) == before, "something was stored"

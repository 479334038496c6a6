"""A site with a feed, and what that feed lists."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.fakes import DEMO, MemoryStore, patient
from tests.support.web import FEED, Web


@pytest.fixture
def store() -> MemoryStore:
    made = MemoryStore()
    made.put_site(replace(DEMO, feed=FEED, version=1), patient())
    return made


@pytest.fixture
def web() -> Web:
    return Web()

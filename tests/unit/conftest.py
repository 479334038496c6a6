"""Fixtures of the fast tests: readers with tokens, on fakes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chalicelib.bootstrap import Services
from tests.support.gateway import send


@pytest.fixture
def new_token(services: Services) -> Callable[[], str]:
    """Registers a voter on the site demo and gives the token."""

    def make() -> str:
        token: str = send("POST", "/v1/sites/demo/voters").json()["voter_token"]
        return token

    return make


@pytest.fixture
def token(new_token: Callable[[], str]) -> str:
    return new_token()

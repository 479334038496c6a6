"""Fixtures of the fast tests: readers with tokens, and votes that are projected, on fakes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chalicelib.publishing.articles import ArticleRef
from chalicelib.services import Services
from chalicelib.voting.applying import apply
from chalicelib.voting.votes import Wish
from tests.support.fakes import START, MemoryStore, patient
from tests.support.gateway import send
from tests.support.insights import Cast
from tests.support.stream import project_all


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


@pytest.fixture
def cast(services: Services, store: MemoryStore) -> Cast:
    """Casts votes of new readers on an article of a site, at a time, and projects them."""
    voters = iter(range(10**6))

    def do(article: str, choices: dict[str, int], at: int = START, site: str = "demo") -> None:
        ref = ArticleRef(site, article)
        for choice, number in choices.items():
            for voter in [next(voters) for _ in range(number)]:
                wish = Wish(ref, f"v{voter}", choice, f"r{voter}", at)
                apply(store, wish, patient(), registered_only=False)
        project_all(store, services.insights.store, ref)

    return do

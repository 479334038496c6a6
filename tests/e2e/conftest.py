"""The packaged stack, deployed on ministack, driven over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from chalicelib.domain.ballots import make_ballot
from chalicelib.domain.sites import Site
from chalicelib.storage.operator_table import OperatorTable
from local.deploy import Deployment
from local.emulator import free_port
from local.stack import LocalStack, deployed_table
from tests.support.fakes import patient
from tests.support.http import fetch


@dataclass(frozen=True)
class Stack:
    """A running stack with the sites that the tests use."""

    local: LocalStack
    deployment: Deployment
    table: OperatorTable

    @property
    def api(self) -> str:
        return self.deployment.api

    def new_token(self, site: str = "demo") -> str:
        answer = fetch("POST", f"{self.api}/v1/sites/{site}/voters")
        assert answer.status == 201, answer.text
        token: str = answer.json()["voter_token"]
        return token


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    local = LocalStack(tmp_path_factory.mktemp("stack"), free_port())
    try:
        deployment = local.up()
        table = deployed_table(deployment)
        table.put_site(Site("demo", make_ballot("updown")), patient())
        table.put_site(Site("strict", make_ballot("like"), ("https://news.example",), True), patient())
        yield Stack(local, deployment, table)
    finally:
        local.down()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where a `make run` of its own keeps its state."""
    return tmp_path / "home"


@pytest.fixture
def new_token(stack: Stack) -> Callable[[], str]:
    return stack.new_token

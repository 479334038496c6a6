"""The deployed stack that the end-to-end tests share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chalicelib.publishing.sites import Budget, Site
from chalicelib.voting.operator_store import VotingOperatorStore
from local.deploy import Deployment
from local.emulator import free_port
from local.stack import LocalStack, deployed_table
from tests.support.fakes import patient
from tests.support.http import fetch

FOR_TESTS = Budget(100_000, 100_000)  # all readers of the tests come from one address


@dataclass(frozen=True)
class Stack:
    """A running stack with the sites that the tests use."""

    local: LocalStack
    deployment: Deployment
    table: VotingOperatorStore

    @property
    def api(self) -> str:
        return self.deployment.api

    def new_token(self, site: str = "demo") -> str:
        answer = fetch("POST", f"{self.api}/v1/sites/{site}/voters")
        assert answer.status == 201, answer.text
        token: str = answer.json()["voter_token"]
        return token


@contextmanager
def running(home: Path, *sites: Site) -> Iterator[Stack]:
    """A stack with these sites, until the end."""
    local = LocalStack(home, free_port())
    try:
        deployment = local.up()
        table = deployed_table(deployment)
        for site in sites:
            table.put_site(site, patient())
        yield Stack(local, deployment, table)
    finally:
        local.down()

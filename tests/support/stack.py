"""The deployed stack that the end-to-end tests share."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.voting.operator_store import VotingOperatorStore
from local.deploy import Deployment
from local.stack import LocalStack
from tests.support.http import fetch


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

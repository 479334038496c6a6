"""The one-machine stack as one object: package, emulator, deployment. `make run` and the tests use the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from chalicelib import bootstrap
from chalicelib.voting.operator_store import VotingOperatorStore
from local import deploy, package
from local.deploy import Deployment
from local.emulator import CREDENTIALS, Emulator


class LocalStack:
    """Everything that would be in AWS, under `home`. `say` is told each step as it begins."""

    def __init__(self, home: Path, port: int, say: Callable[[str], None] = lambda _: None) -> None:
        self.emulator = Emulator(home, port)
        self._say = say

    def up(self) -> Deployment:
        """Build, start, deploy. Raises `BuildFailed`, `EmulatorFailed` or `DeployFailed` with what to do next."""
        self._say("Building the Lambda package")
        built = package.build()
        self._say("Starting ministack")
        self.emulator.start()
        self._say("Deploying the template through CloudFormation")
        return deploy.deploy(self.emulator, built)

    def down(self) -> None:
        """Stop everything; the state is kept."""
        self.emulator.stop()


def deployed_table(deployment: Deployment) -> VotingOperatorStore:
    """The deployed table, for the command line's operations on it."""
    return bootstrap.operator_store(deployment.table, endpoint_url=deployment.endpoint, **CREDENTIALS)

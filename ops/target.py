"""Which table and secrets a command works on: those of `make run`, or those that the environment names."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.bootstrap import feed_sync, operator_insights, operator_store
from chalicelib.clients import client
from chalicelib.deadlines import Deadline
from chalicelib.dynamodb.attempts import Attempts
from chalicelib.insights.store import InsightsStore
from chalicelib.syncing.store import FeedStore
from chalicelib.syncing.sync import Sync
from chalicelib.voting.operator_store import VotingOperatorStore

RUN_FILE = Path(__file__).resolve().parent.parent / ".local" / "run.json"
OPERATOR_SECONDS = 30.0


class NoTarget(Exception):
    """No table is named; the message says how to name one."""


def new_deadline() -> Deadline:
    """Nobody waits behind a page: an operator's call may be tried for half a minute."""
    return Deadline(time.monotonic, OPERATOR_SECONDS)


def open_store(*, local: bool) -> VotingOperatorStore:
    """The table to work on, or `NoTarget`."""
    name, options = _target(local)
    return operator_store(name, **options)


def open_insights(*, local: bool) -> InsightsStore:
    """The read models in that table, or `NoTarget`."""
    name, options = _target(local)
    return operator_insights(name, **options)


def open_sync(*, local: bool) -> Sync:
    """The reading of feeds into that table, or `NoTarget`. With `local`, feeds may be on this machine."""
    name, options = _target(local)
    store = operator_store(name, **options)
    return feed_sync(store, store, FeedStore(client("dynamodb", **options), name, Attempts()), loopback=local)


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret in Secrets Manager."""

    client: Any
    id: str

    def read(self) -> str | None:
        """Its value; None if it has none yet."""
        try:
            return self.client.get_secret_value(SecretId=self.id)["SecretString"] or None
        except self.client.exceptions.ResourceNotFoundException:
            self._check_exists()
            return None

    def write(self, value: str) -> None:
        """Give it this value."""
        self.client.put_secret_value(SecretId=self.id, SecretString=value)

    def _check_exists(self) -> None:
        try:
            self.client.describe_secret(SecretId=self.id)
        except ClientError as error:
            raise NoTarget(f"The secret {self.id} cannot be found: {error}") from None


def pepper_secret(*, local: bool) -> Secret:
    """The secret of the pepper, or `NoTarget`."""
    return _secret("PEPPER_SECRET", local)


def token_key_secret(*, local: bool) -> Secret:
    """The secret of the token keys, or `NoTarget`."""
    return _secret("TOKEN_KEY_SECRET", local)


def open_client(*, local: bool) -> tuple[Any, str]:
    """A DynamoDB client, and the name of the table, or `NoTarget`."""
    name, options = _target(local)
    return client("dynamodb", **options), name


def _secret(variable: str, local: bool) -> Secret:
    name, options = _target(local, variable)
    return Secret(client("secretsmanager", **options), name)


def _target(local: bool, variable: str = "TABLE_NAME") -> tuple[str, dict[str, Any]]:
    if local:
        if not RUN_FILE.exists():
            raise NoTarget(f"{RUN_FILE} does not exist. Start the local stack with `make run` first.")
        try:
            run = json.loads(RUN_FILE.read_text())
            return run[variable.lower()], {"endpoint_url": run["endpoint"], **run["credentials"]}
        except (ValueError, KeyError, TypeError):
            raise NoTarget(f"{RUN_FILE} is damaged. Start the local stack with `make run` again.") from None
    name = os.environ.get(variable)
    if not name:
        output = "".join(word.capitalize() for word in variable.split("_"))
        raise NoTarget(
            f"Set {variable} to the data stack's output {output}, or use --local for the stack of `make run`."
        )
    return name, {}


def fail(message: str) -> int:
    """Print what is wrong. Returns the exit status of a command that could not be done."""
    print(f"ops: {message}", file=sys.stderr)
    return 2

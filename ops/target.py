"""Which table a command works on: the one of `make run`, or the one the environment names."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from chalicelib.bootstrap import operator_insights, operator_store
from chalicelib.deadlines import Deadline
from chalicelib.insights.store import InsightsStore
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


def _target(local: bool) -> tuple[str, dict[str, Any]]:
    if local:
        if not RUN_FILE.exists():
            raise NoTarget(f"{RUN_FILE} does not exist. Start the local stack with `make run` first.")
        try:
            run = json.loads(RUN_FILE.read_text())
            return run["table"], {"endpoint_url": run["endpoint"], **run["credentials"]}
        except (ValueError, KeyError, TypeError):
            raise NoTarget(f"{RUN_FILE} is damaged. Start the local stack with `make run` again.") from None
    name = os.environ.get("TABLE_NAME")
    if not name:
        raise NoTarget("Set TABLE_NAME to the stack's output TableName, or use --local for the stack of `make run`.")
    return name, {}


def fail(message: str) -> int:
    """Print what is wrong. Returns the exit status of a command that could not be done."""
    print(f"ops: {message}", file=sys.stderr)
    return 2

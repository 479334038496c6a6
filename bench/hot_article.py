"""One hot article: the product's own code on a simulated DynamoDB, in simulated time.

Votes arrive as a Poisson process. A transaction holds its two items for some milliseconds. Another one that wants one
of them is rejected, as DynamoDB rejects it. A partition takes 1,000 write units per second, and what it did not use in
the last 300 seconds. Each vote runs `use_cases.apply` and reads the tally, in the first container that is free, on a
`VotingStore` of that container. Containers know only what they read themselves.
"""

from __future__ import annotations

import argparse
import heapq
import random
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError
from rich.console import Console
from rich.table import Table as Grid

from chalicelib import settings
from chalicelib.deadlines import Deadline
from chalicelib.dynamodb.attempts import Attempts
from chalicelib.errors import Unavailable
from chalicelib.publishing.articles import ArticleRef
from chalicelib.voting.applying import apply
from chalicelib.voting.items import terms_key
from chalicelib.voting.store import VotingStore
from chalicelib.voting.votes import Wish

REF = ArticleRef("site", "hot")
UNITS_PER_SECOND, BURST_SECONDS = 1000.0, 300.0
WRITE_UNITS, READ_SECONDS = 2.0, 0.004  # of an item in a transaction; of a read
RATES, MILLISECONDS = (50, 200, 500, 1000, 2000), (10, 15, 25)


class Simulation:
    """Runs functions in threads of which one works at a time, on a clock that jumps to what comes next."""

    def __init__(self) -> None:
        self.now = 0.0
        self._numbers = count()
        self._queue: list[tuple[float, int, threading.Event]] = []
        self._idle = threading.Event()

    def start(self, at: float, work: Callable[[], None]) -> None:
        """Run this at a time."""
        turn = threading.Event()

        def run() -> None:
            turn.wait()
            try:
                work()
            finally:
                self._idle.set()

        threading.Thread(target=run, daemon=True).start()
        heapq.heappush(self._queue, (at, next(self._numbers), turn))

    def sleep(self, seconds: float) -> None:
        """Let others work until this time is over."""
        turn = threading.Event()
        heapq.heappush(self._queue, (self.now + seconds, next(self._numbers), turn))
        self._idle.set()
        turn.wait()

    def run(self) -> None:
        """Until nothing is left to do."""
        while self._queue:
            self.now, _, turn = heapq.heappop(self._queue)
            self._idle.clear()
            turn.set()
            self._idle.wait()


@dataclass
class Partition:
    """Write units that are left, and when that was."""

    left: float = UNITS_PER_SECOND * BURST_SECONDS
    at: float = 0.0

    def take(self, units: float, now: float) -> bool:
        self.left = min(UNITS_PER_SECOND * BURST_SECONDS, self.left + (now - self.at) * UNITS_PER_SECOND)
        self.at = now
        if self.left < units:
            return False
        self.left -= units
        return True


@dataclass
class SimulatedTable:
    """What VotingStore calls, with items in memory. Only conditions that the simulation needs are checked."""

    simulation: Simulation
    transaction_seconds: float
    attempts: int = 0
    conflicts: int = 0
    throttles: int = 0
    pages: int = 1
    votes: set[str] = field(default_factory=set)
    held: set[tuple[str, str]] = field(default_factory=set)
    partitions: dict[str, Partition] = field(default_factory=lambda: defaultdict(Partition))
    meta: Any = field(default_factory=lambda: SimpleNamespace(events=SimpleNamespace(register=lambda *_: None)))

    def transact_write_items(self, TransactItems: list[Any], **_: Any) -> dict[str, Any]:  # noqa: N803  boto3's name
        self.attempts += len(TransactItems) == 2
        keys = [_key(next(iter(action.values()))) for action in TransactItems]
        reasons = ["TransactionConflict" if key in self.held else "None" for key in keys]
        if "TransactionConflict" in reasons:
            self.conflicts += 1
            self.simulation.sleep(self.transaction_seconds)
            raise _cancelled(reasons)
        taken = [self.partitions[key[0]].take(WRITE_UNITS, self.simulation.now) for key in keys]
        if not all(taken):
            self.throttles += 1
            self.simulation.sleep(READ_SECONDS)
            raise _cancelled(["ProvisionedThroughputExceeded"] * len(keys))
        self.held.update(keys)
        self.simulation.sleep(self.transaction_seconds)
        self.held.difference_update(keys)
        if len(TransactItems) > 2:
            update = TransactItems[0]["Update"]
            self.pages = max(self.pages, int(update["ExpressionAttributeValues"][":pages"]["N"]))
        return {}

    def query(self, **_: Any) -> dict[str, Any]:
        self.simulation.sleep(READ_SECONDS)
        return {"Items": self._pages_items()}

    def get_item(self, **_: Any) -> dict[str, Any]:
        self.simulation.sleep(READ_SECONDS)
        found = self._pages_items()
        return {"Item": found[0]} if found else {}

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803  boto3's name
        self.simulation.sleep(READ_SECONDS)
        return {"Responses": {name: self._pages_items() for name in RequestItems}}

    def _pages_items(self) -> list[dict[str, Any]]:
        return [{**terms_key(REF), "pages": {"N": str(self.pages)}}] if self.pages > 1 else []


def _key(action: dict[str, Any]) -> tuple[str, str]:
    key = action.get("Key") or action["Item"]
    return key["PK"]["S"], key["SK"]["S"]


def _cancelled(reasons: list[str]) -> ClientError:
    answer: Any = {
        "Error": {"Code": "TransactionCanceledException", "Message": ""},
        "CancellationReasons": [{"Code": one} for one in reasons],
    }
    return ClientError(answer, "TransactWriteItems")


@dataclass(frozen=True, slots=True)
class Result:
    """`refused`: the fraction of votes that got no answer in time. `p99`: seconds, of the answered ones."""

    refused: float
    attempts_per_vote: float
    p99: float
    pages: int
    throttled: float


def simulate(rate: float, milliseconds: float, seconds: float, seed: int) -> Result:
    """Votes at a steady rate, for some simulated seconds from a cold start on."""
    simulation, rng = Simulation(), random.Random(seed)
    table = SimulatedTable(simulation, milliseconds / 1000)
    free: list[VotingStore] = []
    times: list[float] = []
    refused = 0

    def vote(number: int) -> None:
        nonlocal refused
        attempts = Attempts(simulation.sleep, rng.random)
        store = free.pop() if free else VotingStore(table, "votes", attempts)
        began = simulation.now
        deadline = Deadline(lambda: simulation.now, settings.START_WITHIN_SECONDS)
        try:
            wish = Wish(REF, f"voter-{seed}-{number}", "up", f"r{number}", int(began))
            apply(store, wish, deadline, registered_only=False)
            times.append(simulation.now - began)
            store.tally(REF, deadline, consistent=True)
        except Unavailable:
            refused += 1
        free.append(store)

    arrives, number = 0.0, 0
    while (arrives := arrives + rng.expovariate(rate)) < seconds:
        simulation.start(arrives, lambda number=number: vote(number))  # type: ignore[misc]
        number += 1
    simulation.run()
    times.sort()
    return Result(
        refused / number, table.attempts / number, times[int(len(times) * 0.99)], table.pages, table.throttles / number
    )


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`python -m bench hot-article`."""
    parser = commands.add_parser("hot-article", help="one article at 50 to 2,000 votes per second, simulated")
    parser.add_argument("--seconds", type=float, default=10.0, help="simulated seconds for each figure")
    parser.add_argument("--seed", type=int, default=1)
    parser.set_defaults(run=lambda arguments: show(Console(), arguments.seconds, arguments.seed))


def show(console: Console, seconds: float = 10.0, seed: int = 1) -> int:
    """Print every rate at every length of a transaction."""
    grid = Grid("votes/s", "transaction, ms", "refused", "attempts per vote", "p99, s", "pages", "throttled")
    for milliseconds in MILLISECONDS:
        for rate in RATES:
            found = simulate(rate, milliseconds, seconds, seed)
            grid.add_row(
                f"{rate:,}", str(milliseconds), f"{found.refused:.2%}", f"{found.attempts_per_vote:.2f}",
                f"{found.p99:.2f}", str(found.pages), f"{found.throttled:.2%}",
            )  # fmt: skip
    console.print(grid)
    return 0

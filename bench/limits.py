"""How well the limits of one token hold against a script that spreads its requests over many containers.

The script sends as fast as it likes, to the containers in turn, for ten minutes. `pace.Pace` is what is deployed.
"""

from __future__ import annotations

import argparse
import random

from rich.console import Console
from rich.table import Table as Grid

from chalicelib.errors import TooManyVotes
from chalicelib.voting.pace import VOTES_PER_MINUTE, Pace

MINUTES, REQUESTS_PER_SECOND = 10, 200
CONTAINERS = (1, 2, 5, 10, 50)


def accepted(containers: int, seed: int = 1) -> float:
    """How many votes a minute are taken from one token, by this many containers."""
    rng = random.Random(seed)
    paces = [Pace() for _ in range(containers)]
    taken = 0
    for second in range(MINUTES * 60):
        for _ in range(REQUESTS_PER_SECOND):
            pace, article = rng.choice(paces), f"a-{rng.randrange(100)}"
            try:
                pace.check("script", article, second)
            except TooManyVotes:
                continue
            pace.record("script", article, second)
            taken += 1
    return taken / MINUTES


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`python -m bench limits`."""
    parser = commands.add_parser("limits", help="one token against many containers, simulated")
    parser.set_defaults(run=lambda _: show(Console()))


def show(console: Console) -> int:
    """Prints the table."""
    grid = Grid("containers", "votes a minute", "times the limit")
    for containers in CONTAINERS:
        found = accepted(containers)
        grid.add_row(str(containers), f"{found:.0f}", f"{found / VOTES_PER_MINUTE:.1f}")
    console.print(grid)
    return 0

"""A flood of votes on invented articles, simulated: how long after it was cast a vote on a real article is projected.

A stream has STREAM_SHARDS shards, and each has LANES batches under way at a time. A batch begins when the one before it
has ended and its window is over; it projects each of its articles once. Each vote of the flood is on another article.
Once all records come through one mapping, and once those of registered articles through a mapping of their own.
"""

from __future__ import annotations

import argparse
import random

from rich.console import Console
from rich.table import Table as Grid

from bench.traces import BATCH_SIZE, LANES, STREAM_SHARDS, WINDOW_SECONDS

SECONDS_PER_ARTICLE = 0.012  # `python -m bench batches`, with 1,024 MB
MINUTES, HONEST_RATE, HONEST_ARTICLES = 10, 12.0, 1000
FLOODS = (0, 100, 500, 1000, 2000)


def simulate(flood: float, *, apart: bool, seed: int = 1) -> list[float]:
    """Seconds from each honest vote to the end of the batch that projects it, in order; for MINUTES of flood."""
    rng = random.Random(seed)
    lanes = STREAM_SHARDS * LANES
    waited: list[float] = []
    for _ in range(lanes):
        records = [(at, True) for at in _arrivals(rng, HONEST_RATE / lanes)]
        if not apart:
            records += [(at, False) for at in _arrivals(rng, flood / lanes)]
        waited += _projected(rng, sorted(records))
    return sorted(waited)


def _arrivals(rng: random.Random, rate: float) -> list[float]:
    times: list[float] = []
    at = rng.expovariate(rate) if rate else float("inf")
    while at < MINUTES * 60:
        times.append(at)
        at += rng.expovariate(rate)
    return times


def _projected(rng: random.Random, records: list[tuple[float, bool]]) -> list[float]:
    waited: list[float] = []
    free, first = 0.0, 0
    while first < len(records):
        begins = max(free, records[first][0] + WINDOW_SECONDS)
        end = first
        while end < len(records) and end - first < BATCH_SIZE and records[end][0] <= begins:
            end += 1
        batch = records[first:end]
        honest = [at for at, is_honest in batch if is_honest]
        articles = len({rng.randrange(HONEST_ARTICLES) for _ in honest}) + len(batch) - len(honest)
        free, first = begins + articles * SECONDS_PER_ARTICLE, end
        waited += [free - at for at in honest]
    return waited


def show(console: Console) -> None:
    """Print the waits with one mapping and with two."""
    grid = Grid("Flood, votes/s", "one mapping: median, s", "99th of 100, s", "two: median, s", "99th of 100, s")
    for flood in FLOODS:
        figures = []
        for apart in (False, True):
            waited = simulate(flood, apart=apart)
            figures += [waited[len(waited) // 2], waited[int(len(waited) * 0.99)]]
        grid.add_row(str(flood), *(f"{one:.1f}" for one in figures))
    console.print(f"Votes on registered articles during {MINUTES} minutes of flood, simulated")
    console.print(grid)


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`python -m bench flood`."""
    parser = commands.add_parser("flood", help="votes on invented articles, and how long those on real ones wait")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Print the figures."""
    show(Console())
    return 0

"""`make bench`: every figure with its goal, as ratios within this run, against DynamoDB Local.

`python -m bench cost`: what the votes of one trace cost. `hot-article`: one article, simulated. `batches`: what the
projection takes and costs with how much memory. `flood`: votes on invented articles, simulated. `limits`: one token
against many containers, simulated. `challenges`: what a new voter costs. `trust`: which stuffed votes are
found. `exclusions`: excluding votes and restoring them. `freshness`: how soon a vote is on the leaderboard.
"""

from __future__ import annotations

import argparse
import statistics
import sys

from rich.console import Console
from rich.table import Table as Grid

from bench import (
    batches,
    bill,
    challenges,
    cold_start,
    cost,
    exclusions,
    flood,
    growth,
    handlers,
    hot_article,
    insights,
    limits,
    lone_votes,
    traces,
    trust,
)
from bench.insights import GOAL_SECONDS, NARROW, WIDE
from bench.traces import WINDOW_SECONDS
from chalicelib.bootstrap import operator_store
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.sites import Site
from local.dynamodb_local import DynamoDBLocal, create_table
from tests.support.fakes import patient


def main() -> int:
    """Measure everything, or what the command says."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Without a command: everything.")
    parser.set_defaults(run=measure_everything)
    commands = parser.add_subparsers(metavar="command")
    for one in (traces, hot_article, batches, flood, bill, limits, challenges, trust, exclusions):
        one.add_command(commands)
    commands.add_parser("freshness", help="how soon a vote is on the leaderboard").set_defaults(run=run_freshness)
    commands.add_parser("cold-start", help="what a cold start costs, by part").set_defaults(run=run_cold_start)
    arguments = parser.parse_args()
    return int(arguments.run(arguments))


def measure_everything(_: argparse.Namespace) -> int:
    """Prints the tables. The exit status is 0: figures are for reading, not for failing builds on a busy machine."""
    console = Console()
    with DynamoDBLocal() as local:
        create_table(local.client(), "bench")
        operator_store("bench", **local.client_options).put_site(Site("demo", make_ballot("updown")), patient())

        grid = Grid("CPU in the handler / in raw boto3 calls", "raw, ms", "ratio, median", "min to max", "goal")
        for name, raw, ratios in handlers.measure(local.client_options, "bench"):
            grid.add_row(name, f"{raw:.2f}", *spread(ratios), "1.10")
        console.print(grid)

        grid = Grid("DynamoDB per operation", "round trips", "write units", "read units", "budget")
        for row in cost.measure(local.client_options, "bench"):
            grid.add_row(*row)
        console.print(grid)

        create_table(local.client(), "lone")
        grid = Grid("A lone vote + its projection", "calls", "write units", "read units")
        for lone in lone_votes.measure(local.client_options, "lone"):
            grid.add_row(*lone)
        console.print(grid)

        create_table(local.client(), "growth")
        operator_store("growth", **local.client_options).put_site(Site("demo", make_ballot("updown")), patient())
        grid = Grid("One article growing", "ratio, median", "min to max", "goal")
        for name, ratios in growth.measure(console, local.client_options, "growth"):
            grid.add_row(name, *spread(ratios), "1.10")
        console.print(grid)

        create_table(local.client(), "insights")
        columns = [f"{what}, {articles:,} articles" for what in ("round trips", "units") for articles in (NARROW, WIDE)]
        grid = Grid("Insights", *columns)
        for row in insights.measure(console, local.client_options, "insights"):
            grid.add_row(*row)
        console.print(grid)

        create_table(local.client(), "batches")
        console.print(batches.measure(console, local.client_options, "batches"))
        exclusions.show(console, local)

    traces.show(console)
    flood.show(console)
    limits.show(console)
    challenges.show(console)
    trust.show(console)
    console.print("One hot article, simulated")
    hot_article.show(console)

    show_freshness(console)

    show_cold_start(console)
    bill.show(console)
    return 0


def run_cold_start(_: argparse.Namespace) -> int:
    """`python -m bench cold-start`."""
    show_cold_start(Console())
    return 0


def show_cold_start(console: Console) -> None:
    """What a cold start costs, by part, and the size of the package."""
    size, alone, parts = cold_start.measure(console)
    grid = Grid("CPU of a cold start, as deployed", "ms", "ratio, median", "min to max", "goal")
    grid.add_row("boto3 as installed, and a client", f"{alone:.0f}", "1", "", "")
    for part in parts:
        grid.add_row(part.name, f"{part.ms:.0f}", *spread(part.ratios), part.goal)
    console.print(grid)
    console.print(
        f"The package: {size.unpacked / 1e6:.1f} MB unpacked (goal 12), {size.zipped / 1e6:.2f} MB zipped (goal 4)."
    )


def run_freshness(_: argparse.Namespace) -> int:
    """`python -m bench freshness`."""
    show_freshness(Console())
    return 0


def show_freshness(console: Console) -> None:
    """How long after its answer a vote stands on the leaderboard.

    The emulator does not wait for the batching window. So each vote is taken to wait for all of it.
    """
    grid = Grid("Freshness", "median, s", "99th of 100, s", f"within 4 s, window {WINDOW_SECONDS:.0f} s", "goal")
    for name, seconds in insights.freshness(console).items():
        within = sum(one + WINDOW_SECONDS <= GOAL_SECONDS for one in seconds) / len(seconds)
        last = seconds[int(len(seconds) * 0.99) - 1]
        grid.add_row(name, f"{statistics.median(seconds):.2f}", f"{last:.2f}", f"{within:.1%}", "99%")
    console.print(grid)


def spread(ratios: list[float]) -> tuple[str, str]:
    """The median, and the range it comes from."""
    return f"{statistics.median(ratios):.2f}", f"{min(ratios):.2f} to {max(ratios):.2f}"


if __name__ == "__main__":
    sys.exit(main())

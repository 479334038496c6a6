"""Projecting a batch: one article after the other or several at once, and with how much memory.

DynamoDB Local answers, and each call waits WAIT_SECONDS longer, as for a network. CPU time is this process's alone.
Lambda gives a function a share of a processor that grows with its memory, and 1,769 MB are one (AWS Lambda developer
guide, "Configure Lambda function memory"). From these two the table computes what a vote's projection takes and costs.
"""

from __future__ import annotations

import argparse
import time

from rich.console import Console
from rich.table import Table as Grid

from chalicelib import bootstrap
from chalicelib.insights.projection import Projection
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.services import PROJECTED_AT_ONCE
from chalicelib.voting.applying import apply
from chalicelib.voting.operator_store import VotingOperatorStore
from chalicelib.voting.tallies import Tally
from chalicelib.voting.votes import Wish
from local.dynamodb_local import DynamoDBLocal, create_table
from tests.support.fakes import DEMO, START, patient
from tests.support.metering import Meter
from tests.support.stream import last_state

ARTICLES, WAIT_SECONDS = 150, 0.005
MEMORY_MB = (256, 512, 1024, 1769)
MB_OF_A_PROCESSOR = 1769
USD_PER_GB_SECOND, USD_PER_REQUEST = 16.67e-6, 0.20e-6


def measure(console: Console, options: dict[str, str], table: str) -> Grid:
    """What the projection of a vote takes, alone and in a batch."""
    store, insights = bootstrap.operator_store(table, **options), bootstrap.operator_insights(table, **options)
    store.put_site(DEMO, patient())
    sites = SiteDirectory(store, time.monotonic)
    meter = Meter(insights._client)
    insights._client.meta.events.register("before-send.dynamodb", lambda **_: time.sleep(WAIT_SECONDS))
    found = {}
    for at_once in (1, PROJECTED_AT_ONCE):
        batch = _batch(store, f"by-{at_once}")
        projection = Projection(store, insights, sites, lambda: START, at_once)
        meter.calls.clear()
        cpu, wall = time.process_time(), time.monotonic()
        failed, _ = projection.project_articles(batch, patient())
        assert not failed
        found[at_once] = (time.process_time() - cpu) / ARTICLES, (time.monotonic() - wall) / ARTICLES
        calls = len(meter.calls) / ARTICLES
    (cpu, alone), (_, together) = found[1], found[PROJECTED_AT_ONCE]
    console.print(
        f"An article of a batch: {cpu * 1000:.1f} ms of CPU; {alone * 1000:.1f} ms one after the other, "
        f"{together * 1000:.1f} ms with {PROJECTED_AT_ONCE} at once ({alone / together:.1f} times as fast)"
    )
    grid = Grid("Memory", "a lone vote, ms", "in a batch, ms", "a second", "USD, a million alone", "in batches")
    for memory in MEMORY_MB:
        busy = cpu * MB_OF_A_PROCESSOR / memory
        lone = busy + calls * WAIT_SECONDS
        batched = max(busy, lone / PROJECTED_AT_ONCE)
        usd = [1e6 * one * memory / 1024 * USD_PER_GB_SECOND for one in (lone, batched)]
        grid.add_row(
            f"{memory} MB", f"{lone * 1000:.0f}", f"{batched * 1000:.1f}", f"{1 / batched:.0f}",
            f"{usd[0] + 1e6 * USD_PER_REQUEST:.2f}", f"{usd[1]:.2f}",
        )  # fmt: skip
    return grid


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`python -m bench batches`."""
    parser = commands.add_parser("batches", help="projecting several articles at once, and with how much memory")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Print the figures."""
    console = Console()
    with DynamoDBLocal() as local:
        create_table(local.client(), "batches")
        console.print(measure(console, local.client_options, "batches"))
    return 0


def _batch(store: VotingOperatorStore, name: str) -> dict[ArticleRef, list[tuple[int, Tally]]]:
    batch = {}
    for number in range(ARTICLES):
        ref, voter = ArticleRef(DEMO.id, f"{name}-{number}"), f"voter-{number}"
        apply(store, Wish(ref, voter, "up", f"r-{voter}", START), patient(), registered_only=False)
        batch[ref] = [last_state(store, ref, voter)]
    return batch

"""What it takes to exclude votes and to restore them: half of the votes on an article, of ten hours.

The table is DynamoDB Local on this machine, so the seconds are for comparing with each other. Units are DynamoDB's.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.table import Table as Grid

from chalicelib.admission.provenance import provenance_of
from chalicelib.bootstrap import operator_store
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.key_directory import KeyDirectory
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.trust.exclusions import Rule
from chalicelib.trust.states import HOUR
from chalicelib.trust.use_cases import Trust
from chalicelib.voting.applying import apply
from chalicelib.voting.votes import Wish
from local.dynamodb_local import DynamoDBLocal, create_table
from tests.support.fakes import DEMO, START, patient
from tests.support.installing import exclusions_of
from tests.support.metering import Meter

VOTES = 4000
REF = ArticleRef("demo", "stuffed")
NOON = START - START % HOUR
RULE = Rule(REF.article, NOON, NOON + 9 * HOUR, choice="down")
KEY = "0a1b2c3d4e5f"


def measure(options: dict[str, Any], table: str) -> list[tuple[str, ...]]:
    """For each step: its name, seconds, calls, write units and read units."""
    store = operator_store(table, **options)
    store.put_site(DEMO, patient())
    for number in range(VOTES):
        provenance = provenance_of(b"salt", REF.site, REF.article, f"10.{number // 250}.{number % 250}.1", 5)
        at, choice = NOON + number * 9 * HOUR // VOTES, "down" if number % 2 else "up"
        wish = Wish(REF, f"reader-{number}", choice, None, at, provenance=provenance)
        apply(store, wish, patient(), registered_only=False)
    trust = Trust(SiteDirectory(store, lambda: 0.0), KeyDirectory(store, lambda: 0.0), store, exclusions_of(store))
    meter, rows = Meter(store._client), list[tuple[str, ...]]()

    def step(name: str, act: Callable[[], object]) -> None:
        meter.calls.clear()
        started = time.perf_counter()
        act()
        seconds = time.perf_counter() - started
        writes, reads = (sum(getattr(one, unit) for one in meter.calls) for unit in ("write_units", "read_units"))
        rows.append((name, f"{seconds:.2f}", f"{len(meter.calls):,}", f"{writes:,.0f}", f"{reads:,.0f}"))

    step("a preview", lambda: trust.preview("demo", RULE, patient()))
    step(f"excluding {VOTES // 2:,} votes", lambda: trust.exclude("demo", RULE, KEY, START, patient()))
    step("the tally then", lambda: store.tally(REF, patient(), consistent=False))
    step("the same rule again", lambda: trust.exclude("demo", RULE, KEY, START, patient()))
    step("restoring them", lambda: trust.restore("demo", RULE.id, KEY, START, patient()))
    return rows


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`python -m bench exclusions`."""
    parser = commands.add_parser("exclusions", help="excluding votes and restoring them")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Measures on a table of its own, and prints."""
    with DynamoDBLocal() as local:
        return show(Console(), local)


def show(console: Console, local: DynamoDBLocal) -> int:
    """Prints the table."""
    create_table(local.client(), "exclusions")
    grid = Grid(f"On an article with {VOTES:,} votes", "seconds", "calls", "write units", "read units")
    for row in measure(local.client_options, "exclusions"):
        grid.add_row(*row)
    console.print(grid)
    return 0

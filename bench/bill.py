"""What a million votes and a million page views cost: measured quantities, times the prices of AWS.

Measured on DynamoDB Local and in this process: units, calls, CPU time, log lines. Two things are not, because only AWS
knows them: a call to DynamoDB takes 5 ms, and Lambda's 512 MB are 0.29 of a CPU, which here is as fast as there.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import itertools
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from rich.console import Console
from rich.table import Table as Grid

import app as entry
from bench import traces
from bench.handlers import Handler, cpu_seconds, voters
from bench.traces import Trace
from chalicelib import bootstrap
from chalicelib.admission.store import NetworksTable
from chalicelib.clients import client
from chalicelib.dynamodb.attempts import Attempts
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.sites import Site
from chalicelib.telemetry import Telemetry
from local.dynamodb_local import DynamoDBLocal, create_table
from local.paths import ROOT
from tests.support.fakes import patient
from tests.support.gateway import event
from tests.support.metering import Meter

PRICES_OF = "us-east-1, on demand, 2026-11"
USD_PER_API_CALL = 3.50e-6
USD_PER_LAMBDA_CALL = 0.20e-6
USD_PER_GB_SECOND = 16.67e-6
USD_PER_LOG_BYTE = 0.50e-9
USD_PER_OUTGOING_BYTE = 0.09e-9

CALL_SECONDS = 0.005
CPUS_PER_GB = 1 / 1.769
ACCESS_LOG_BYTES, START_AND_END_BYTES = 330, 330  # of one request: the gateway's line, and Lambda's own three
SAMPLES, MILLION = 300, 10**6


@dataclass(frozen=True)
class Use:
    """What one request uses: units and calls of DynamoDB, CPU seconds, bytes that it logs and that it answers."""

    writes: float
    reads: float
    calls: float
    cpu_seconds: float
    log_bytes: int
    answer_bytes: int


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`python -m bench bill`."""
    parser = commands.add_parser("bill", help="what a million votes and a million page views cost")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Measure and print."""
    show(Console())
    return 0


def show(console: Console) -> None:
    """Print each line: its quantity per million, its price, its USD."""
    with DynamoDBLocal() as local, console.status("The bill"):
        create_table(local.client(), "bill")
        create_table(local.client(), "bill-networks", "Networks")
        options = local.client_options
        bootstrap.operator_store("bill", **options).put_site(Site("demo", make_ballot("updown")), patient())
        new_voter, vote, view = _measure(options)
    projection = traces.measure(Trace(12.0, traces.WINDOW_SECONDS, traces.VOTES, traces.ARTICLES, 1))
    for title, lines in (
        ("A million votes, each of a new voter", _votes(new_voter, vote, projection)),
        ("A million page views without a CDN, each reads one tally", _requests(view, 1)),
    ):
        grid = Grid(title, "for one", "price of a million", "USD")
        for name, quantity, price in lines:
            grid.add_row(name, f"{quantity:.4g}", f"{price * MILLION:.4g}", f"{quantity * price * MILLION:.2f}")
        grid.add_row("together", "", "", f"{MILLION * sum(quantity * price for _, quantity, price in lines):.2f}")
        console.print(grid)
    console.print(f"Prices: {PRICES_OF}. Assumed: {CALL_SECONDS * 1000:.0f} ms for a call to DynamoDB.")


Line = tuple[str, float, float]


def _votes(new_voter: Use, vote: Use, projection: traces.Cost) -> list[Line]:
    both = Use(*(one + other for one, other in zip(vars(new_voter).values(), vars(vote).values(), strict=True)))
    seconds = projection.projection_calls * CALL_SECONDS  # of a function with 1 GB, which waits most of its time
    return [
        *_requests(both, 2),
        ("projection: write units", projection.projection_write_units, traces.USD_PER_WRITE_UNIT),
        ("projection: read units", projection.projection_read_units, traces.USD_PER_READ_UNIT),
        ("projection: GB-s", seconds, USD_PER_GB_SECOND),
    ]


def _requests(use: Use, requests: int) -> list[Line]:
    memory = json.loads((ROOT / ".chalice" / "config.json").read_text())["lambda_memory_size"] / 1024
    seconds = use.cpu_seconds / (memory * CPUS_PER_GB) + use.calls * CALL_SECONDS
    logged = use.log_bytes + requests * (ACCESS_LOG_BYTES + START_AND_END_BYTES)
    return [
        ("calls of the API", requests, USD_PER_API_CALL),
        ("calls of Lambda", requests, USD_PER_LAMBDA_CALL),
        ("GB-s", seconds * memory, USD_PER_GB_SECOND),
        ("write units", use.writes, traces.USD_PER_WRITE_UNIT),
        ("read units", use.reads, traces.USD_PER_READ_UNIT),
        ("bytes logged", logged, USD_PER_LOG_BYTE),
        ("bytes answered", use.answer_bytes, USD_PER_OUTGOING_BYTE),
    ]


def _measure(options: dict[str, str]) -> tuple[Use, Use, Use]:
    """A new voter, their first vote, and a view of the tally, with the reports that a function prints."""
    handler = Handler(options, "bill")
    made = bootstrap.services()
    networks = NetworksTable(client("dynamodb", **options), "bill-networks", Attempts())
    made = replace(made, stores=replace(made.stores, networks=networks))
    bootstrap.install(replace(made, observed=Telemetry("article-votes", made.metrics).request))
    logging.getLogger("article-votes").setLevel(logging.ERROR)
    ids = voters("bill")
    store: Any = made.stores.votes
    meter = Meter(store._client)
    return (
        _new_voter(networks),
        _use(lambda: handler.put(next(ids), "up"), meter),
        _use(handler.get_tally, meter),
    )


def _new_voter(networks: NetworksTable) -> Use:
    """A new voter whose networks are within their budgets. IPv6 costs most: an address is in three networks."""
    numbers = itertools.count()
    meter = Meter(networks._client)
    return _use(lambda: event("POST", "/v1/sites/demo/voters", address=f"2001:db8:{next(numbers):x}::1"), meter)


def _use(make: Callable[[], dict[str, Any]], meter: Meter) -> Use:
    answers: list[dict[str, Any]] = []
    events = [make() for _ in range(SAMPLES)]
    with contextlib.redirect_stdout(io.StringIO()):
        entry.app(make(), None)
    meter.calls.clear()
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        seconds = cpu_seconds([partial(_answer, one, answers) for one in events])
    size = sum(len(answer["body"]) + len(json.dumps(answer["headers"])) for answer in answers)
    return Use(
        writes=sum(call.write_units for call in meter.calls) / SAMPLES,
        reads=sum(call.read_units for call in meter.calls) / SAMPLES,
        calls=len(meter.calls) / SAMPLES,
        cpu_seconds=seconds / SAMPLES,
        log_bytes=len(printed.getvalue()) // SAMPLES,
        answer_bytes=size // SAMPLES,
    )


def _answer(proxy_event: dict[str, Any], answers: list[dict[str, Any]]) -> None:
    answers.append(entry.app(proxy_event, None))

"""What a million votes cost: votes of a realistic trace, projected in batches as Lambda forms them.

Votes arrive as a Poisson process. Articles are drawn from Zipf's law with exponent 1. 3 % of the votes are changes of
mind. DynamoDB Local counts the units. Prices are those of us-east-1, on demand.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import accumulate

from rich.console import Console
from rich.table import Table as Grid

from chalicelib import bootstrap
from chalicelib.insights.projection import Projection
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.publishing.sites import Site
from chalicelib.voting.applying import apply
from chalicelib.voting.votes import Wish
from local.dynamodb_local import DynamoDBLocal, create_table
from tests.support.fakes import START, patient
from tests.support.metering import Meter
from tests.support.stream import last_state

USD_PER_WRITE_UNIT, USD_PER_READ_UNIT = 0.625e-6, 0.125e-6
CHANGES_OF_MIND = 0.03
STREAM_SHARDS = 4  # a new table on demand has four partitions, and its stream has a shard for each
POLL_SECONDS = 0.25  # without a window, Lambda asks each shard four times a second
BATCH_SIZE, LANES, WINDOW_SECONDS = 1000, 2, 2.0  # as the template has them; a lane is a batch under way at a time
VOTES, ARTICLES = 2000, 3000


@dataclass(frozen=True, slots=True)
class Trace:
    """`rate`: votes per second. `window`: the batching window in seconds."""

    rate: float
    window: float
    votes: int
    articles: int
    seed: int


@dataclass(frozen=True, slots=True)
class Cost:
    """Units and calls for each vote. `usd_per_million`: all these units, for a million votes."""

    vote_write_units: float
    projection_write_units: float
    projection_read_units: float
    projection_calls: float
    usd_per_million: float


def wishes(trace: Trace) -> Iterator[tuple[float, Wish]]:
    """The votes of a trace, each with the second at which it arrives."""
    rng = random.Random(trace.seed)
    weights = list(accumulate(1 / rank for rank in range(1, trace.articles + 1)))
    cast: list[tuple[ArticleRef, str, str]] = []
    arrives = 0.0
    for number in range(trace.votes):
        arrives += rng.expovariate(trace.rate)
        if cast and rng.random() < CHANGES_OF_MIND:
            index = rng.randrange(len(cast))
            ref, voter, before = cast[index]
            choice = "down" if before == "up" else "up"
            cast[index] = ref, voter, choice
        else:
            (rank,) = rng.choices(range(trace.articles), cum_weights=weights)
            ref, voter, choice = ArticleRef("trace", f"article-{rank}"), f"voter-{number}", rng.choice(("up", "down"))
            cast.append((ref, voter, choice))
        yield arrives, Wish(ref, voter, choice, f"receipt-{number}", START + int(arrives))


def measure(trace: Trace) -> Cost:
    """The cost of a vote of this trace, on a table of its own."""
    with DynamoDBLocal() as local:
        create_table(local.client(), "trace")
        store = bootstrap.operator_store("trace", **local.client_options)
        insights = bootstrap.operator_insights("trace", **local.client_options)
        unmetered = bootstrap.operator_store("trace", **local.client_options)
        store.put_site(Site("trace", make_ballot("updown"), ranks="any"), patient())
        votes, projecting, reads = Meter(store._client), Meter(insights._client), Meter(store._client)
        projection = Projection(store, insights, SiteDirectory(unmetered, lambda: 0.0), lambda: START + int(clock[0]))
        vote_units = 0.0
        spent = [0.0, 0.0, 0.0]
        batches = _Batches(trace.window)
        clock = [0.0]

        def project(batch: dict[ArticleRef, list[tuple[int, object]]]) -> None:
            reads.calls.clear()
            projecting.calls.clear()
            assert not projection.project_batch(batch, patient(), patient())  # type: ignore[arg-type]
            for call in (*reads.calls, *projecting.calls):
                spent[0] += call.write_units
                spent[1] += call.read_units
                spent[2] += 1

        for arrives, wish in wishes(trace):
            clock[0] = arrives
            for due in batches.due(arrives):
                project(due)
            votes.calls.clear()
            apply(store, wish, patient(), registered_only=False)
            vote_units += sum(call.write_units for call in votes.calls)
            batches.add(arrives, wish.ref, last_state(unmetered, wish.ref, wish.voter_key))
        for due in batches.due(float("inf")):
            project(due)
    vote, write, read, calls = (one / trace.votes for one in (vote_units, *spent))
    usd = 1e6 * ((vote + write) * USD_PER_WRITE_UNIT + read * USD_PER_READ_UNIT)
    return Cost(vote, write, read, calls, usd)


class _Batches:
    """Forms batches as Lambda does: for each shard of the stream, until the window ends or the batch is full."""

    def __init__(self, window: float) -> None:
        self._window = max(window, POLL_SECONDS)
        self._open: dict[int, tuple[float, list[tuple[ArticleRef, tuple[int, object]]]]] = {}

    def add(self, arrives: float, ref: ArticleRef, state: tuple[int, object]) -> None:
        # All tally shards of an article have one partition key, so they are in one shard of the stream.
        shard = hashlib.blake2b(f"{ref.site}#{ref.article}".encode()).digest()[0] % STREAM_SHARDS
        self._open.setdefault(shard, (arrives, []))[1].append((ref, state))

    def due(self, now: float) -> Iterator[dict[ArticleRef, list[tuple[int, object]]]]:
        for shard, (began, records) in sorted(self._open.items(), key=lambda one: one[1][0]):
            if now >= began + self._window or len(records) >= BATCH_SIZE:
                del self._open[shard]
                batch: dict[ArticleRef, list[tuple[int, object]]] = defaultdict(list)
                for ref, state in records:
                    batch[ref].append(state)
                yield batch


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`python -m bench cost`."""
    parser = commands.add_parser("cost", help="what the votes of one trace cost")
    parser.add_argument("--rate", type=float, default=12.0, help="votes per second")
    parser.add_argument(
        "--window", type=float, default=WINDOW_SECONDS, help="the batching window in seconds; 0 is no window"
    )
    parser.add_argument("--votes", type=int, default=VOTES)
    parser.add_argument("--articles", type=int, default=ARTICLES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def show(console: Console) -> None:
    """Print what the votes of three traces cost: of a quiet site without a window, and of two busier ones with it."""
    grid = Grid("A vote of a trace", "vote, write units", "projection: write", "read", "calls", "USD, a million votes")
    for rate, window in ((0.4, 0.0), (12.0, WINDOW_SECONDS), (100.0, WINDOW_SECONDS)):
        cost = measure(Trace(rate, window, VOTES, ARTICLES, 1))
        figures = (
            cost.vote_write_units,
            cost.projection_write_units,
            cost.projection_read_units,
            cost.projection_calls,
            cost.usd_per_million,
        )
        grid.add_row(f"{rate:g}/s, window {window:g} s", *(f"{one:.2f}" for one in figures))
    console.print(grid)


def run(arguments: argparse.Namespace) -> int:
    """Measure one trace and print it."""
    trace = Trace(arguments.rate, arguments.window, arguments.votes, arguments.articles, arguments.seed)
    cost = asdict(measure(trace))
    if arguments.json:
        print(json.dumps(asdict(trace) | cost))
    else:
        for name, value in cost.items():
            print(f"{name:24} {value:8.2f}")
    return 0

"""A vote on an article with 100,000 votes, divided by a vote on one with 100: wall time and capacity units."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rich.console import Console
from rich.progress import Progress

from bench.handlers import Handler, send, voters
from chalicelib import bootstrap
from chalicelib.publishing.articles import ArticleRef
from chalicelib.voting.applying import apply
from chalicelib.voting.votes import Wish, receipt_key
from tests.support.fakes import patient
from tests.support.metering import Meter

SMALL, LARGE, SAMPLES, ROUNDS = 100, 100_000, 40, 9


def measure(console: Console, options: dict[str, str], table: str) -> list[tuple[str, list[float]]]:
    """Ratios large / small, one for each round: the wall time of the votes, and the sum of their units."""
    handler = Handler(options, table)
    store: Any = bootstrap.services().voting.store
    _fill(console, store, "small", SMALL)
    _fill(console, store, "large", LARGE)
    meter = Meter(store._client)
    ids = voters("g")
    seconds: list[float] = []
    units: list[float] = []
    for turn in range(ROUNDS + 1):
        spent: dict[str, tuple[float, float]] = {}
        for article in ("small", "large") if turn % 2 else ("large", "small"):
            events = [handler.put(next(ids), "up", article) for _ in range(SAMPLES)]
            meter.calls.clear()
            started = time.perf_counter()
            for one in events:
                send(one, 201)
            spent[article] = (
                time.perf_counter() - started,
                sum(call.read_units + call.write_units for call in meter.calls),
            )
        if turn:
            seconds.append(spent["large"][0] / spent["small"][0])
            units.append(spent["large"][1] / spent["small"][1])
    return [(f"time of a vote, at {LARGE:,} votes / at {SMALL}", seconds), ("capacity of a vote, likewise", units)]


def _fill(console: Console, store: Any, article: str, number: int) -> None:
    ref, now = ArticleRef("demo", article), int(time.time())

    def cast(voter: int) -> None:
        key = f"{article}-{voter}"
        wish = Wish(ref, key, "up" if voter % 3 else "down", receipt_key(key, "fill"), now)
        apply(store, wish, patient(), registered_only=False)

    with ThreadPoolExecutor(8) as pool, Progress(console=console, transient=True) as progress:
        for _ in progress.track(pool.map(cast, range(number)), total=number, description=f"{number:,} votes"):
            pass

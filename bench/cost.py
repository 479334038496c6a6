"""Round trips and consumed capacity per operation, as DynamoDB Local counts them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import app as entry
from bench.handlers import Handler, voters
from chalicelib import bootstrap
from chalicelib.publishing.articles import ArticleRef
from chalicelib.voting.applying import apply
from chalicelib.voting.tallies import Tally
from chalicelib.voting.voters import VoterKeys
from chalicelib.voting.votes import Wish
from tests.support.fakes import START, MemoryKeyring, patient
from tests.support.gateway import event
from tests.support.metering import Meter


def measure(options: dict[str, str], table: str) -> list[tuple[str, str, str, str, str]]:
    """(operation, round trips, write units, read units, budget of the design)."""
    handler = Handler(options, table)
    store: Any = bootstrap.services().voting.store
    voter = next(voters("cost"))
    token = {"Authorization": f"Bearer {handler.token(voter)}"}
    many = ",".join(f"handler{number}" for number in range(100))
    base = "/v1/sites/demo"
    vote = f"{base}/articles/handler/vote"
    operations: list[tuple[str, Callable[[], dict[str, Any]], str]] = [
        ("first vote", lambda: handler.put(voter, "up"), "2 trips, 4 write, 1 read"),
        ("repeated vote", lambda: handler.put(voter, "up"), ""),
        ("changed vote, version unknown", lambda: handler.put(voter, "down"), ""),
        ("changed vote, If-Match", lambda: handler.put(voter, "up", If_Match='"2"'), ""),
        ("retracted vote", lambda: event("DELETE", vote, None, token), ""),
        ("own vote", lambda: event("GET", vote, None, token), ""),
        ("100 own votes", lambda: event("GET", f"{base}/votes?articles={many}", None, token), ""),
        ("tally", handler.get_tally, "1 trip, 0.5 read"),
        ("100 tallies", lambda: event("GET", f"{base}/tallies?articles={many}"), "1 trip"),
    ]
    entry.app(handler.get_tally(), None)  # the site is remembered from here on
    keys = VoterKeys(MemoryKeyring().pepper(patient()), voter)
    for ref in (ArticleRef("demo", f"handler{number}") for number in range(100)):
        # Not by requests: a voter has only so many in a minute.
        apply(store, Wish(ref, keys.on(ref), "up", None, START), patient(), registered_only=False)
        store.put_projected_tally(ref, Tally({"up": 1}, 1, START), patient())
    meter = Meter(store._client)
    rows = []
    for name, make, budget in operations:
        meter.calls.clear()
        answer = entry.app(make(), None)
        assert answer["statusCode"] in (200, 201), answer["body"]
        written = sum(call.write_units for call in meter.calls)
        read = sum(call.read_units for call in meter.calls)
        rows.append((name, str(len(meter.calls)), f"{written:g}", f"{read:g}", budget))
    return rows

"""Promises P1 to P4 under fire. The long storm is `make chaos N=100000`."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from tests.chaos.storm import RATES, storm
from tests.support.faults import KINDS

REQUESTS = 10_000


def test_a_storm_of_10_000_requests_loses_doubles_and_reorders_nothing(
    dynamodb_local: Any, new_local_table: Callable[[], str], capsys: Any
) -> None:
    seed = random.SystemRandom().getrandbits(31)
    with capsys.disabled():
        print(f"\nstorm of {REQUESTS} requests, seed {seed} …", flush=True)
        report = storm(dynamodb_local.client_options, new_local_table(), REQUESTS, RATES, seed)
        print(report, flush=True)
    assert report.exact(), str(report)
    assert report.requests >= REQUESTS
    assert set(report.faults) == set(KINDS), "a kind of fault never came up: the storm shows less than it claims"
    assert report.statuses["killed"] > 0
    assert set(report.statuses) <= {"200", "201", "412", "503", "killed"}

"""What a request of a reader costs on the table, as `make bench` prints it: the budget of the design."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bench import cost
from chalicelib import bootstrap
from tests.support.fakes import DEMO, patient


def test_a_first_vote_and_a_tally_stay_within_the_budget(
    dynamodb_local: Any, new_local_table: Callable[[], str]
) -> None:
    table = new_local_table()
    bootstrap.operator_store(table, **dynamodb_local.client_options).put_site(DEMO, patient())
    try:
        found = {name: costs for name, *costs, _ in cost.measure(dynamodb_local.client_options, table)}
    finally:
        bootstrap.install(None)
    assert found["first vote"] == ["2", "4", "1"], "round trips, write units, read units"
    assert found["tally"] == ["1", "0", "0.5"]
    assert found["100 tallies"] == ["1", "0", "50"]

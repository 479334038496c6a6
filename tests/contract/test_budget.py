"""What a request of a reader costs on the table, as `make bench` prints it: the budget of the design."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bench import cost
from chalicelib import bootstrap
from chalicelib.dynamodb.attempts import Attempts
from chalicelib.insights.store import InsightsStore
from tests.support.excluding import Editor
from tests.support.fakes import DEMO, START, patient
from tests.support.installing import exclusions_of
from tests.support.merging import OLD, Newsroom
from tests.support.metering import Meter


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


def test_a_vote_that_an_exclusion_has_costs_what_any_vote_does(
    dynamodb_local: Any, new_local_table: Callable[[], str]
) -> None:
    store = bootstrap.operator_store(new_local_table(), **dynamodb_local.client_options)
    store.put_site(DEMO, patient())
    insights = InsightsStore(store._client, store._name, Attempts(), lambda: START)
    newsroom, editor, meter = Newsroom(store), Editor(store, exclusions_of(store), insights), Meter(store._client)

    def cost_of(act: Callable[[], object]) -> list[tuple[str, float, float]]:
        meter.calls.clear()
        act()
        return [(one.operation, one.write_units, one.read_units) for one in meter.calls]

    newsroom.vote("ann", OLD, "down")
    newsroom.vote("bob", OLD, "up")
    editor.exclude(OLD)
    assert cost_of(lambda: newsroom.vote("ann", OLD, "up")) == cost_of(lambda: newsroom.vote("bob", OLD, "down"))
    with_exclusion = cost_of(lambda: editor.history(OLD))
    editor.restore(editor.exclude(OLD))
    assert len(with_exclusion) == len(cost_of(lambda: editor.history(OLD))) + 1

"""docs/access-patterns.md is true: every method of the table is in it, with the calls it makes and what they cost."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chalicelib import bootstrap
from chalicelib.domain.articles import Article, ArticleRef
from chalicelib.domain.ballots import make_ballot
from chalicelib.domain.sites import Site
from chalicelib.domain.tallies import Tally
from chalicelib.storage.operator_table import OperatorTable
from tests.contract.test_store import REF, wish
from tests.support.fakes import START, patient
from tests.support.metering import Meter

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "access-patterns.md"
ROW = re.compile(r"\| `(\w+)` \|[^|]*\| (\w+) \| (?:`([^`]*)`)? ?\| ([\d.*]+) \| ([\d.*]+) \|")
HUNDRED = [ArticleRef("demo", f"many-{number}") for number in range(100)]
SHARD_MAKERS = 400  # enough voters that each of the 16 shards has some

USES: dict[str, Callable[[OperatorTable], Any]] = {
    "apply": lambda table: table.apply(wish("a-new-voter", "up"), patient(), registered_only=False),
    "vote": lambda table: table.vote(REF, "voter-1", patient()),
    "votes": lambda table: table.votes([(ref, "voter-1") for ref in HUNDRED], patient()),
    "tally": lambda table: table.tally(REF, patient(), consistent=False),
    "summaries": lambda table: table.summaries(HUNDRED, patient()),
    "site": lambda table: table.site("demo", patient()),
    "put_summary": lambda table: table.put_summary(REF, Tally({"up": 1}, 10**6, START), patient()),
    "put_site": lambda table: table.put_site(Site("demo", make_ballot("updown")), patient()),
    "article": lambda table: table.article(REF, patient()),
    "put_article": lambda table: table.put_article(Article(REF, "T", "https://news.example"), START, patient()),
    "articles_with_votes": lambda table: list(table.articles_with_votes(None, patient)),
    "shards": lambda table: table.shards(REF, patient()),
    "votes_in_partition": lambda table: list(table.votes_in_partition(REF, 3, patient)),
    "repair_shard": lambda table: table.repair_shard(
        REF, 3, {"up": 1}, table.shards(REF, patient())[3].version, START, patient()
    ),
}


def documented() -> dict[str, tuple[str, str, str, str]]:
    return {
        name: (call, condition or "", write, read)
        for name, call, condition, write, read in ROW.findall(PAGE.read_text())
    }


@pytest.fixture(scope="module")
def table(dynamodb_local: Any, new_local_table: Callable[[], str]) -> OperatorTable:
    made = bootstrap.operator_table(new_local_table(), **dynamodb_local.client_options)
    made.put_site(Site("demo", make_ballot("updown")), patient())
    made.put_article(Article(REF, "T", "https://news.example"), START, patient())
    for number in range(SHARD_MAKERS):
        made.apply(wish(f"voter-{number}", "up"), patient(), registered_only=False)
    for ref in HUNDRED:
        made.apply(wish("voter-1", "up", ref=ref), patient(), registered_only=False)
        made.put_summary(ref, Tally({"up": 1}, 1, START), patient())
    return made


def test_every_method_of_the_table_is_documented_and_nothing_else() -> None:
    methods = {name for name, _ in inspect.getmembers(OperatorTable, inspect.isfunction) if not name.startswith("_")}
    assert set(documented()) == methods == set(USES)


@pytest.mark.parametrize("method", USES)
def test_a_method_makes_the_calls_that_are_documented_at_the_cost_that_is_documented(
    method: str, table: OperatorTable
) -> None:
    call, condition, write, read = documented()[method]
    meter = Meter(table._client)
    USES[method](table)
    if method == "repair_shard":
        meter.calls.pop(0)  # reading the version to repair is its caller's
    assert {one.operation for one in meter.calls} == {call}
    assert {one.condition for one in meter.calls} == {condition}
    assert {one.index for one in meter.calls} == {""}
    if "*" not in (write, read):
        assert len(meter.calls) == 1
        assert f"{meter.calls[0].write_units:g}" == write
        assert f"{meter.calls[0].read_units:g}" == read

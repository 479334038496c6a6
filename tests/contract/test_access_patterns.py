"""docs/access-patterns.md is true: every method of the table is in it, with the calls it makes and what they cost."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib import bootstrap
from chalicelib.dynamodb.attempts import Attempts
from chalicelib.insights.gains import Gain
from chalicelib.insights.history import Snapshot
from chalicelib.insights.intervals import DAY, HOUR, start_of
from chalicelib.insights.leaderboards import Board, Entry, Trend
from chalicelib.insights.operator_store import InsightsOperatorStore
from chalicelib.insights.parameters import MOST_POINTS
from chalicelib.insights.site_totals import SiteTotal
from chalicelib.insights.use_cases import Insights, Span
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.key_directory import KeyDirectory
from chalicelib.publishing.read_keys import ReadKey
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.publishing.sites import Site
from chalicelib.voting.operator_store import VotingOperatorStore
from chalicelib.voting.tallies import Tally
from chalicelib.voting.use_cases import apply
from tests.contract.test_store import REF, wish
from tests.support.fakes import START, MemoryStore, patient
from tests.support.metering import Meter

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "access-patterns.md"
ROW = re.compile(r"\| `(\w+)` \|[^|]*\| (\w+) \| (?:`([^`]*)`)? ?\| ([\d.*]+) \| ([\d.*]+) \|")
HUNDRED = [ArticleRef("demo", f"many-{number}") for number in range(100)]
SHARD_MAKERS = 400  # enough voters that each of the 16 shards has some

TODAY = start_of("day", START)
SNAPSHOT = Snapshot("hour", TODAY, {shard: Tally({"up": shard}, shard + 1, START) for shard in range(16)})
ENTRY = Entry(REF, "day", TODAY, Gain({"up": 1}, 1, START), 1, {"voters": 1.0}, Trend("hour", TODAY, (1,)))
BOARD = Board("demo", "day", TODAY, "voters")
KEY = ReadKey("demo", "ab" * 32, "x", START)

INSIGHT_USES: dict[str, Callable[[InsightsOperatorStore], Any]] = {
    "snapshots": lambda table: table.snapshots(REF, "hour", TODAY, 400, patient()),
    "snapshots_back_to": lambda table: list(table.snapshots_back_to(REF, "hour", TODAY, 30, patient())),
    "put_snapshot": lambda table: table.put_snapshot(REF, SNAPSHOT, SNAPSHOT.tally.version, patient()),
    "put_entry": lambda table: table.put_entry(ENTRY, patient()),
    "leaderboard": lambda table: table.leaderboard(BOARD, 20, None, patient()),
    "gains_of_hour": lambda table: list(table.gains_of_hour("demo", TODAY, 3, patient())),
    "parts_of_hour": lambda table: table.parts_of_hour("demo", TODAY, patient()),
    "put_total": lambda table: table.put_total("demo", SiteTotal("all", 0, Gain({"up": 1}, 10**6)), patient()),
    "totals": lambda table: table.totals("demo", "hour", TODAY, TODAY + DAY, patient(), consistent=False),
    "totals_since": lambda table: table.totals_since("demo", TODAY, patient()),
    "put_title": lambda table: table.put_title(Article(REF, "T", "https://news.example"), "day", TODAY, patient()),
}
USES: dict[str, Callable[[VotingOperatorStore], Any]] = {
    "commit": lambda table: apply(table, wish("a-new-voter", "up"), patient(), registered_only=False),
    "vote": lambda table: table.vote(REF, "voter-1", patient()),
    "votes": lambda table: table.votes([(ref, "voter-1") for ref in HUNDRED], patient()),
    "tally": lambda table: table.tally(REF, patient(), consistent=False),
    "projected_tallies": lambda table: table.projected_tallies(HUNDRED, patient()),
    "site": lambda table: table.site("demo", patient()),
    "article_and_shards": lambda table: table.article_and_shards(REF, patient()),
    "put_projected_tally": lambda table: table.put_projected_tally(REF, Tally({"up": 1}, 10**6, START), patient()),
    "put_site": lambda table: table.put_site(Site("demo", make_ballot("updown")), patient()),
    "article": lambda table: table.article(REF, patient()),
    "put_article": lambda table: table.put_article(Article(REF, "T", "https://news.example"), START, patient()),
    "articles_with_votes": lambda table: list(table.articles_with_votes(None, patient)),
    "shards": lambda table: table.shards(REF, patient()),
    "votes_in_partition": lambda table: list(table.votes_in_partition(REF, 3, patient)),
    "repair_shard": lambda table: table.repair_shard(
        REF, 3, {"up": 1}, table.shards(REF, patient())[3].version, START, patient()
    ),
    "has_read_key": lambda table: table.has_read_key("demo", KEY.hash, patient()),
    "listed_sites": lambda table: table.listed_sites(patient()),
    "put_read_key": lambda table: table.put_read_key(replace(KEY, hash="cd" * 32), patient()),
    "read_keys": lambda table: table.read_keys("demo", patient()),
    "delete_read_key": lambda table: table.delete_read_key(replace(KEY, hash="cd" * 32), patient()),
}


def documented() -> dict[str, tuple[str, str, str, str]]:
    return {
        name: (call, condition or "", write, read)
        for name, call, condition, write, read in ROW.findall(PAGE.read_text())
    }


@pytest.fixture(scope="module")
def table(dynamodb_local: Any, new_local_table: Callable[[], str]) -> VotingOperatorStore:
    made = bootstrap.operator_store(new_local_table(), **dynamodb_local.client_options)
    made.put_site(Site("demo", make_ballot("updown")), patient())
    made.put_article(Article(REF, "T", "https://news.example"), START, patient())
    for number in range(SHARD_MAKERS):
        apply(made, wish(f"voter-{number}", "up"), patient(), registered_only=False)
    for ref in HUNDRED:
        apply(made, wish("voter-1", "up", ref=ref), patient(), registered_only=False)
        made.put_projected_tally(ref, Tally({"up": 1}, 1, START), patient())
    return made


@pytest.fixture(scope="module")
def insights(table: VotingOperatorStore) -> InsightsOperatorStore:
    made = InsightsOperatorStore(table._client, table._name, Attempts())
    made.put_snapshot(REF, SNAPSHOT, 0, patient())
    made.put_entry(ENTRY, patient())
    return made


def methods_of(kind: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}


def test_every_method_of_the_table_is_documented_and_nothing_else() -> None:
    assert methods_of(VotingOperatorStore) == set(USES)
    assert methods_of(InsightsOperatorStore) == set(INSIGHT_USES)
    assert set(documented()) == set(USES) | set(INSIGHT_USES)


@pytest.mark.parametrize("method", [*USES, *INSIGHT_USES])
def test_a_method_makes_the_calls_that_are_documented_at_the_cost_that_is_documented(
    method: str, table: VotingOperatorStore, insights: InsightsOperatorStore
) -> None:
    call, condition, write, read = documented()[method]
    meter = Meter(table._client)
    if method in USES:
        USES[method](table)
    else:
        INSIGHT_USES[method](insights)
    if method == "repair_shard":
        meter.calls.pop(0)  # reading the version to repair is its caller's
    assert {one.operation for one in meter.calls} == {call}
    assert {one.condition for one in meter.calls} == {condition}
    assert {one.index for one in meter.calls} == {"by_voters" if method == "leaderboard" else ""}
    if "*" not in (write, read):
        assert len(meter.calls) == 1
        assert f"{meter.calls[0].write_units:g}" == write
        assert f"{meter.calls[0].read_units:g}" == read


@pytest.mark.parametrize("step", ["hour", "day"])
def test_the_longest_history_of_the_widest_ballot_is_one_call(
    step: str, dynamodb_local: Any, new_local_table: Callable[[], str]
) -> None:
    sites = MemoryStore()
    insights = bootstrap.operator_insights(new_local_table(), **dynamodb_local.client_options)
    choices = [f"{number:02d}" + "x" * 30 for number in range(12)]
    length = HOUR if step == "hour" else DAY
    for index in range(MOST_POINTS + 62):
        counts = dict.fromkeys(choices, 10**6 + index)
        at = TODAY - index * length
        shards = {shard: Tally(counts, 10**6 + index, at) for shard in range(16)}
        insights.put_snapshot(REF, Snapshot(step, at, shards), 0, patient())  # type: ignore[arg-type]
        total = SiteTotal(step, at, Tally(counts, 10**6))  # type: ignore[arg-type]
        insights.put_total("demo", total, patient())
    meter = Meter(insights._client)
    span = Span(step, TODAY - (MOST_POINTS - 1) * length, TODAY + length)  # type: ignore[arg-type]
    reading = Insights(SiteDirectory(sites, lambda: 0.0), KeyDirectory(sites, lambda: 0.0), insights)
    assert len(reading.article_history(REF, span, patient())) == MOST_POINTS
    assert len(reading.site_history("demo", span, patient())) == MOST_POINTS
    assert [one.operation for one in meter.calls] == ["Query", "Query"]


def test_a_page_of_a_leaderboard_costs_the_same_on_a_site_of_ten_and_of_two_thousand_articles(
    table: VotingOperatorStore, insights: InsightsOperatorStore
) -> None:
    costs = []
    for site, articles in (("narrow", 30), ("wide", 2000)):
        for number in range(articles):
            ref = ArticleRef(site, f"article-{number:04d}")
            insights.put_entry(replace(ENTRY, ref=ref, values={"voters": number}), patient())
        meter = Meter(table._client)
        page = insights.leaderboard(replace(BOARD, site=site), 20, None, patient())
        assert [one.values["voters"] for one in page.entries] == list(range(articles - 1, articles - 21, -1))
        costs.append([(one.operation, one.read_units) for one in meter.calls])
    assert costs[0] == costs[1]
    assert len(costs[0]) == 1

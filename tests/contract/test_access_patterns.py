"""docs/access-patterns.md is true: every method of the table is in it, with the calls it makes and what they cost."""

from __future__ import annotations

import inspect
import random
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib import bootstrap, clients
from chalicelib.admission.ports import Counted
from chalicelib.admission.store import NetworksTable
from chalicelib.dynamodb.attempts import Attempts
from chalicelib.insights import store as insight_store
from chalicelib.insights.gains import Gain
from chalicelib.insights.history import Day, learn
from chalicelib.insights.intervals import DAY, HOUR, UTC, Step
from chalicelib.insights.leaderboards import WINDOWS, Board, orders_of
from chalicelib.insights.parameters import MOST_POINTS
from chalicelib.insights.ranked_lists import RankedList, merge
from chalicelib.insights.settling import LISTED, Active, settle_after
from chalicelib.insights.site_totals import Settled, SiteTotal
from chalicelib.insights.store import InsightsStore
from chalicelib.insights.use_cases import Insights, Span
from chalicelib.publishing.article_changes import ArticleChange, StoredArticle
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.items import article_item, listed_merge_key
from chalicelib.publishing.key_directory import KeyDirectory
from chalicelib.publishing.keys import Key
from chalicelib.publishing.registering import register
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.publishing.site_feeds import SiteFeed
from chalicelib.publishing.sites import Site
from chalicelib.syncing.feed_states import FeedState
from chalicelib.syncing.store import FeedStore
from chalicelib.trust.exclusions import Exclusion, Rule
from chalicelib.trust.store import ExclusionsTable
from chalicelib.voting.applying import apply
from chalicelib.voting.items import cast_key, terms_key
from chalicelib.voting.operator_store import VotingOperatorStore
from chalicelib.voting.tallies import Tally
from chalicelib.voting.voters import vote_partition
from chalicelib.voting.votes import Vote
from tests.contract.test_store import REF, wish
from tests.support.activities import activity
from tests.support.fakes import DEMO, START, MemoryStore, patient
from tests.support.installing import exclusions_of, feeds_of
from tests.support.metering import Meter
from tests.support.policies import METHODS, allows

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "access-patterns.md"
ROW = re.compile(r"\| `(\w+)` \|[^|]*\| ([\w ]+) \| (?:`([^`]*)`)? ?\| ([\d.*]+) \| ([\d.*]+) \|")
HUNDRED = [ArticleRef("demo", f"many-{number}") for number in range(100)]
SHARD_MAKERS = 400  # enough voters that each of the 16 shards has some

TODAY = UTC.start_of("day", START)
(LAST_DAY,) = learn([], [(shard, Tally({"up": shard + 1}, shard + 1, TODAY)) for shard in range(16)], {}, UTC)
ACTIVITY = activity(REF, TODAY, {"up": 3})
NEW = ArticleRef("demo", "new")
SITE = Site("demo", make_ballot("updown"), feed=SiteFeed("https://news.example/feed"))
RULE = Rule(HUNDRED[0].article, START - START % HOUR, START - START % HOUR)
EXCLUSION = Exclusion("demo", RULE, "a-key", START)
THE_VOTE = ("voter-1", Vote("up", 1, vote_partition("voter-1"), changed_at=RULE.first_hour))
KEY = Key("demo", "ab" * 32, "x", "admin", START)

INSIGHT_USES: dict[str, Callable[[InsightsStore], Any]] = {
    "days": lambda table: table.days(REF, TODAY, 400, patient()),
    "article_state": lambda table: table.article_state(REF, TODAY - 45 * DAY, patient(), consistent=False),
    "put_day": lambda table: table.put_day(REF, LAST_DAY, LAST_DAY.version, patient()),
    "put_activity": lambda table: table.put_activity(DEMO, activity(REF, TODAY, {"up": 3}, 10**6), patient()),
    "activities": lambda table: table.activities(DEMO, TODAY, TODAY + HOUR, patient()),
    "ranked_list": lambda table: table.ranked_list(DEMO, "day", TODAY, patient()),
    "put_ranked_list": lambda table: table.put_ranked_list(DEMO, RankedList("week", TODAY, TODAY), patient()),
    "registered": lambda table: table.registered(HUNDRED[:20], patient()),
    "settled": lambda table: table.settled(DEMO, patient()),
    "put_settled": lambda table: table.put_settled(DEMO, Settled(TODAY, TODAY), patient()),
    "put_total": lambda table: table.put_total(DEMO, SiteTotal("all", 0, Gain({}, 10**6), TODAY), patient()),
    "totals": lambda table: table.totals(DEMO, "slot", TODAY, TODAY + DAY, patient(), consistent=False),
    "described": lambda table: table.described(REF, patient()),
    "cast": lambda table: table.cast(REF, patient()),
    "totals_since": lambda table: table.totals_since(DEMO, TODAY, patient()),
}
FEED_USES: dict[str, Callable[[FeedStore], Any]] = {
    "feeds": lambda table: table.feeds(patient()),
    "feed": lambda table: table.feed("demo", patient()),
    "put_feed": lambda table: table.put_feed(FeedState("demo", 0), patient()),
}
NETWORK_USES: dict[str, Callable[[NetworksTable], Any]] = {
    "salt": lambda table: table.salt(3, b"salt", patient()),
    "forget_salts": lambda table: table.forget_salts(3, patient()),
    "new_voters": lambda table: table.new_voters([(mark, 1) for mark in "abcdef"], patient()),
    "admit": lambda table: table.admit([Counted(mark, 1, 9) for mark in "abc"], None, patient()),
}
EXCLUSION_USES: dict[str, Callable[[ExclusionsTable], Any]] = {
    "exclusion": lambda table: table.exclusion("demo", RULE.id, patient()),
    "exclusions": lambda table: table.exclusions("demo", patient()),
    "unfinished_exclusions": lambda table: table.unfinished_exclusions(patient()),
    "put_exclusion": lambda table: table.put_exclusion(replace(EXCLUSION, version=1), patient()),
    "move_votes": lambda table: table.move_votes(EXCLUSION, HUNDRED[0], [THE_VOTE], patient()),
    "excluded_votes": lambda table: table.excluded_votes(HUNDRED[0], EXCLUSION.name, 0, patient()),
    "forget_votes": lambda table: table.forget_votes(HUNDRED[0], EXCLUSION.name, START, patient()),
}
USES: dict[str, Callable[[VotingOperatorStore], Any]] = {
    "commit": lambda table: apply(table, wish("a-new-voter", "up"), patient(), registered_only=False),
    "vote": lambda table: table.vote(REF, "voter-1", patient()),
    "votes": lambda table: table.votes([(ref, "voter-1") for ref in HUNDRED], patient()),
    "terms": lambda table: table.terms(HUNDRED, patient()),
    "tally": lambda table: table.tally(REF, patient(), consistent=False),
    "projected_tallies": lambda table: table.projected_tallies(HUNDRED, patient()),
    "site": lambda table: table.site("demo", patient()),
    "put_projected_tally": lambda table: table.put_projected_tally(REF, Tally({"up": 1}, 10**6, START), patient()),
    "put_site": lambda table: table.put_site(SITE, patient()),
    "articles": lambda table: table.articles([REF], patient()),
    "put_articles": lambda table: table.put_articles(
        [ArticleChange(NEW, StoredArticle(None, 0, True), Article(NEW, "T", "https://news.example", version=1))],
        START,
        patient(),
    ),
    "spread_terms": lambda table: table.spread_terms(REF, START, patient()),
    "articles_with_votes": lambda table: list(table.articles_with_votes(None, patient)),
    "partitions_in_segment": lambda table: list(table.partitions_in_segment(0, 1, patient)),
    "agreed_pepper": lambda table: table.agreed_pepper("fingerprint", patient()),
    "unfinished_merges": lambda table: table.unfinished_merges(patient()),
    "stored_pepper": lambda table: table.stored_pepper(patient()),
    "shards": lambda table: table.shards(REF, patient()),
    "votes_in_partition": lambda table: list(table.votes_in_partition(REF, 3, patient)),
    "repair_shard": lambda table: table.repair_shard(
        REF, 3, {"up": 1}, table.shards(REF, patient())[3].version, START, patient()
    ),
    "key": lambda table: table.key("demo", KEY.hash, patient()),
    "listed_sites": lambda table: table.listed_sites(patient()),
    "put_key": lambda table: table.put_key(replace(KEY, hash="cd" * 32), patient()),
    "keys": lambda table: table.keys("demo", patient()),
    "record_use": lambda table: table.record_use(KEY, START, patient()),
    "revoke_key": lambda table: table.revoke_key(replace(KEY, hash="cd" * 32), patient(), while_there_is=KEY),
}


def documented() -> dict[str, tuple[str, str, str, str]]:
    return {
        name: (call, condition or "", write, read)
        for name, call, condition, write, read in ROW.findall(PAGE.read_text())
    }


@pytest.fixture(scope="module")
def table(dynamodb_local: Any, new_local_table: Callable[[], str]) -> VotingOperatorStore:
    made = bootstrap.operator_store(new_local_table(), **dynamodb_local.client_options)
    assert made.agreed_pepper("fingerprint", patient()) == made.agreed_pepper("another", patient()) == "fingerprint"
    made.put_site(SITE, patient())
    made.put_key(KEY, patient())
    register(made, Article(REF, "T", "https://news.example"), START, patient())
    for number in range(SHARD_MAKERS):
        apply(made, wish(f"voter-{number}", "up"), patient(), registered_only=False)
    for ref in HUNDRED:
        apply(made, wish("voter-1", "up", ref=ref), patient(), registered_only=False)
        made.put_projected_tally(ref, Tally({"up": 1}, 1, START), patient())
        made._client.put_item(TableName=made._name, Item={**terms_key(ref), "pages": {"N": "1"}})
    made._client.put_item(TableName=made._name, Item=listed_merge_key(REF))
    for ref in HUNDRED[:20]:
        made._client.put_item(TableName=made._name, Item=article_item(Article(ref, "T", "https://news.example")))
    return made


@pytest.fixture(scope="module")
def insights(table: VotingOperatorStore) -> InsightsStore:
    made = InsightsStore(table._client, table._name, Attempts(), lambda: START)
    made.put_day(REF, LAST_DAY, 0, patient())
    made.put_activity(DEMO, ACTIVITY, patient())
    made.put_settled(DEMO, Settled(TODAY - HOUR, TODAY), patient())
    return made


@pytest.fixture(scope="module")
def networks(dynamodb_local: Any, new_local_table: Callable[..., str]) -> NetworksTable:
    options = dynamodb_local.client_options
    made = NetworksTable(clients.client("dynamodb", **options), new_local_table("Networks"), Attempts())
    for day in range(4):
        made.salt(day, b"salt", patient())
    for mark in "abcdef":
        made.admit([Counted(mark, 1, 9)], None, patient())
    return made


@pytest.fixture(scope="module")
def exclusions(table: VotingOperatorStore) -> ExclusionsTable:
    made = exclusions_of(table)
    assert made.put_exclusion(EXCLUSION, patient())
    table._client.put_item(TableName=table._name, Item=cast_key(REF, EXCLUSION.name, 3))
    return made


def methods_of(kind: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}


def test_every_method_of_the_table_is_documented_and_nothing_else() -> None:
    assert methods_of(VotingOperatorStore) - {"known_terms"} == set(USES)  # that one only remembers
    assert methods_of(InsightsStore) == set(INSIGHT_USES)
    assert methods_of(FeedStore) == set(FEED_USES)
    assert methods_of(NetworksTable) == set(NETWORK_USES)
    assert methods_of(ExclusionsTable) == set(EXCLUSION_USES)
    every_use = {*USES, *INSIGHT_USES, *FEED_USES, *NETWORK_USES, *EXCLUSION_USES}
    assert set(documented()) == every_use


@pytest.mark.parametrize("method", [*USES, *INSIGHT_USES, *FEED_USES, *NETWORK_USES, *EXCLUSION_USES])
def test_a_method_makes_the_calls_that_are_documented_at_the_cost_that_is_documented(
    method: str,
    table: VotingOperatorStore,
    insights: InsightsStore,
    networks: NetworksTable,
    exclusions: ExclusionsTable,
) -> None:
    call, condition, write, read = documented()[method]
    meter = Meter(networks._client if method in NETWORK_USES else table._client)
    if method in USES:
        USES[method](table)
    elif method in FEED_USES:
        FEED_USES[method](feeds_of(table))
    elif method in NETWORK_USES:
        NETWORK_USES[method](networks)
    elif method in EXCLUSION_USES:
        assert EXCLUSION_USES[method](exclusions) != "changed"
    else:
        INSIGHT_USES[method](insights)
    if method == "repair_shard":
        meter.calls.pop(0)  # reading the version to repair is its caller's
    assert {one.operation for one in meter.calls} == set(call.split())
    assert {one.condition for one in meter.calls} - ({""} if condition else set()) == {condition}
    for function, methods in METHODS.items():
        if method in methods:
            for asked in {asked for one in meter.calls for asked in one.asked}:
                assert allows(function, *asked), f"the policy of {function} does not allow {asked}"
    if "*" not in (write, read):
        assert len(meter.calls) == 1
        assert f"{meter.calls[0].write_units:g}" == write
        assert f"{meter.calls[0].read_units:g}" == read


@pytest.mark.parametrize("step", ["hour", "day"])
def test_the_longest_history_of_the_widest_ballot_takes_at_most_two_calls(
    step: Step, dynamodb_local: Any, new_local_table: Callable[[], str]
) -> None:
    sites = MemoryStore()
    insights = bootstrap.operator_insights(new_local_table(), **dynamodb_local.client_options)
    choices = [f"{number:02d}" + "x" * 30 for number in range(12)]
    length = HOUR if step == "hour" else DAY
    span = Span(step, TODAY - (MOST_POINTS - 1) * length, TODAY + length)
    rng = random.Random(1)
    days = [Day(UTC.start_of("day", span.since) - DAY, {}, {})]
    for index, at in enumerate(range(days[0].start, span.until, HOUR)):
        if at >= days[-1].start + DAY:
            insights.put_day(REF, days[-1], 0, patient())
            days.append(Day(UTC.start_of("day", at), days[-1].after, {}))
        if step == "hour" or at % (6 * HOUR) == 0:
            counts = {choice: 10**4 + 9 * index + rng.randrange(9) for choice in choices}
            shards = {shard: Tally(counts, 10**4 + index, at + rng.randrange(HOUR)) for shard in range(16)}
            days[-1] = replace(days[-1], slots={**days[-1].slots, at: shards})
        if at % length == 0:
            gained = Gain(dict.fromkeys(choices, 10**6), 1)
            insights.put_total(DEMO, SiteTotal("slot" if step == "hour" else "day", at, gained, at + length), patient())
    insights.put_day(REF, days[-1], 0, patient())
    meter = Meter(insights._client)
    reading = Insights(SiteDirectory(sites, lambda: 0.0), KeyDirectory(sites, lambda: 0.0), insights)
    assert len(reading.article_history(DEMO, REF.article, span, patient())[0]) == MOST_POINTS
    assert 2 <= len(meter.calls) <= 3  # the widest ballot may take two pages of a Query; then the title
    meter.calls.clear()
    assert len(reading.site_history(DEMO, span, patient())) == MOST_POINTS
    assert 1 <= len(meter.calls) <= 2


def test_a_page_of_a_leaderboard_takes_three_calls_and_sixty_units_while_a_thousand_articles_are_active(
    table: VotingOperatorStore, insights: InsightsStore
) -> None:
    site = Site("wide", make_ballot("updown"), ranks="any")
    rng = random.Random(1)
    refs = [ArticleRef("wide", f"old-{number}") for number in range(9000)]
    listed = [activity(ref, TODAY, {"up": rng.randrange(500)}) for ref in refs]
    for window in LISTED:
        start = UTC.start_of(window, TODAY)
        entries = [one.entries[window] for one in listed]
        ranked = merge(RankedList(window, start, start), site, entries)
        insights.put_ranked_list(site, ranked, patient())
    for number in range(1000):
        now = activity(ArticleRef("wide", f"new-{number}"), TODAY + HOUR, {"up": rng.randrange(500), "down": number})
        insights.put_activity(site, now, patient())
    reading = Insights(SiteDirectory(table, lambda: 0.0), KeyDirectory(table, lambda: 0.0), insights)
    meter = Meter(table._client)
    for window in WINDOWS:
        for order in orders_of(site, window):
            meter.calls.clear()
            start = UTC.start_of(window, TODAY + HOUR)
            page, _ = reading.leaderboard(site, Board("wide", window, start, order), 20, None, patient())
            assert len(page.entries) == 20
            assert len(meter.calls) <= 3
            assert sum(one.read_units for one in meter.calls) + 10 <= 60  # 20 titles; here nothing is registered


def test_a_list_that_is_too_long_for_an_item_has_fewer_of_each_order(
    insights: InsightsStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(insight_store, "MOST_LIST_BYTES", 20_000)
    site, rng = Site("long", make_ballot("updown"), ranks="any"), random.Random(1)
    signs = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ._~:-"
    for number in range(400):
        ref = ArticleRef("long", "a" + "".join(rng.choices(signs, k=127)))
        counts = {"up": rng.randrange(999) if number % 2 else 1, "down": rng.randrange(999) if number % 3 else 0}
        insights.put_activity(site, activity(ref, TODAY, counts), patient())
    settle_after(insights, site, Active({TODAY}, TODAY + 2 * HOUR), patient())
    ranked = insights.ranked_list(site, "all", 0, patient())
    assert 60 < len(ranked.entries) < 200
    assert ranked.fallen.keys() == {"voters", "net", "approval", "controversial"}

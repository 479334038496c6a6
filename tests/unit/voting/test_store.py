"""What the stores ask DynamoDB for: consistent reads, pages, limits and conditions. The answers are made up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.dynamodb.attempts import Attempts
from chalicelib.insights.history import Day, learn
from chalicelib.insights.intervals import UTC
from chalicelib.insights.items import day_item
from chalicelib.insights.ports import ArticleState
from chalicelib.insights.store import InsightsStore
from chalicelib.publishing.articles import Article, ArticleRef, Terms
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.items import article_item
from chalicelib.publishing.keys import Key
from chalicelib.publishing.registering import register
from chalicelib.publishing.sites import Site
from chalicelib.voting import items
from chalicelib.voting.operator_store import VotingOperatorStore
from chalicelib.voting.tallies import Tally
from chalicelib.voting.votes import Vote
from tests.support.fakes import START, patient

REF = ArticleRef("demo", "a")
TODAY = UTC.start_of("day", START)
ARTICLE = Article(REF, "T", "https://news.example", closes_at=START)
SHARD = {**items.tally_key(REF, 3), **items.tally_attributes(Tally({"up": 2}, 2, START))}
TERMS = {
    **items.terms_key(REF), "version": {"N": "4"}, "updated_at": {"N": str(START)}, "registered": {"BOOL": True},
}  # fmt: skip
PROJECTED = {**items.projected_tally_key(REF), **items.tally_attributes(Tally({"up": 9}, 9, START))}


class Answering:
    """A client that gives these answers, one after the other, and keeps what it was asked."""

    meta = SimpleNamespace(events=SimpleNamespace(register=lambda *_: None))

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.asked: list[dict[str, Any]] = []
        self._answers = list(answers)

    def _answer(self, **request: Any) -> dict[str, Any]:
        self.asked.append(dict(request))
        return self._answers.pop(0)

    query = scan = get_item = batch_get_item = transact_write_items = put_item = update_item = _answer


def store_on(client: Answering) -> VotingOperatorStore:
    return VotingOperatorStore(client, "votes", Attempts())


def test_a_readers_own_vote_is_read_consistently_and_a_site_is_not() -> None:
    client = Answering({}, {})
    store_on(client).vote(REF, "v", patient())
    store_on(client).site("demo", patient())
    assert [one["ConsistentRead"] for one in client.asked] == [True, False]


def test_a_readers_votes_are_read_consistently_and_projected_tallies_are_not() -> None:
    client = Answering({"Responses": {}}, {"Responses": {}})
    store_on(client).votes([(REF, "v")], patient())
    store_on(client).projected_tallies([REF], patient())
    assert [one["RequestItems"]["votes"]["ConsistentRead"] for one in client.asked] == [True, False]


@pytest.mark.parametrize("consistent", [True, False])
def test_the_tally_is_read_as_consistently_as_asked(consistent: bool) -> None:
    client = Answering({"Items": []})
    store_on(client).tally(REF, patient(), consistent=consistent)
    assert client.asked[0]["ConsistentRead"] is consistent


def test_what_a_recount_reads_is_consistent() -> None:
    client = Answering({"Items": [SHARD]}, {"Items": []})
    store = store_on(client)
    assert store.shards(REF, patient()) == {3: Tally({"up": 2}, 2, START)}
    assert list(store.votes_in_partition(REF, 3, patient)) == []
    assert [one["ConsistentRead"] for one in client.asked] == [True, True]


def test_terms_shards_days_and_the_projected_tally_of_an_article_are_told_apart() -> None:
    day = learn([], [(3, Tally({"up": 2}, 2, START))], {}, UTC)[0]
    client = Answering({"Items": [TERMS, SHARD, PROJECTED, day_item(REF, day)]})
    insights = InsightsStore(client, "votes", Attempts(), lambda: START)
    assert insights.article_state(REF, START, patient(), consistent=False) == ArticleState(
        {3: Tally({"up": 2}, 2, START)}, [day], Tally({"up": 9}, 9, START), Tally({}, 4, START, Terms(registered=True))
    )


def test_every_page_of_a_query_is_read_and_each_continues_where_the_last_one_ended() -> None:
    other = {**SHARD, "SK": {"S": "TALLY#04"}}
    client = Answering({"Items": [SHARD], "LastEvaluatedKey": {"PK": "x"}}, {"Items": [other]})
    assert set(store_on(client).shards(REF, patient())) == {3, 4}
    assert "Limit" not in client.asked[0]
    assert client.asked[1]["ExclusiveStartKey"] == {"PK": "x"}


def days(*pages: tuple[int, bool]) -> list[int]:
    """The limits that were asked for, when at most 5 days are wanted and pages have these sizes."""
    item = day_item(REF, Day(TODAY, {}, {}))
    answers = [{"Items": [item] * size, **({"LastEvaluatedKey": {}} if more else {})} for size, more in pages]
    client = Answering(*answers)
    found = InsightsStore(client, "votes", Attempts(), lambda: START).days(REF, TODAY, 5, patient())
    assert len(found) == sum(size for size, _ in pages)
    return [one["Limit"] for one in client.asked]


@pytest.mark.parametrize(
    ("pages", "limits"),
    [
        ([(5, True)], [5]),
        ([(5, False)], [5]),
        ([(2, True), (3, True)], [5, 3]),
        ([(4, True), (1, False)], [5, 1]),
        ([(1, True), (0, True), (2, False)], [5, 4, 4]),
    ],
)
def test_at_most_as_many_items_are_read_as_are_wanted(pages: Sequence[tuple[int, bool]], limits: list[int]) -> None:
    assert days(*pages) == limits


def test_an_article_that_takes_votes_is_registered_in_one_transaction_that_leaves_its_shards_alone() -> None:
    client = Answering({"Responses": {}}, {})
    register(store_on(client), replace(ARTICLE, closes_at=None), START, patient())
    put, update = client.asked[1]["TransactItems"]
    assert put["Put"]["Item"] == article_item(replace(ARTICLE, closes_at=None, version=1))
    assert update["Update"]["Key"] == items.terms_key(REF)
    assert update["Update"]["ConditionExpression"] == "attribute_not_exists(version)"


def test_terms_that_refuse_votes_are_copied_to_each_shard_whose_copy_is_older() -> None:
    copied = {**SHARD, **items.tally_key(REF, 5), "terms_version": {"N": "3"}}
    client = Answering(
        {
            "Responses": {
                "votes": [{**TERMS, "version": {"N": "2"}}, article_item(replace(ARTICLE, title="Old", version=2))]
            }
        },
        {},
        {"Items": [{**TERMS, "version": {"N": "3"}, "closes_at": {"N": str(START)}}, SHARD, copied]},
        *[{}] * 16,
    )
    register(store_on(client), ARTICLE, START, patient())
    *shards, done = client.asked[3:]
    assert [one["Key"] for one in shards] == [items.tally_key(REF, number) for number in range(16) if number != 5]
    for one in shards:
        assert one["ExpressionAttributeValues"] == {
            ":one": {"N": "1"}, ":updated_at": {"N": str(START)}, ":registered": {"BOOL": True},
            ":listed": {"BOOL": True}, ":closes_at": {"N": str(START)}, ":terms": {"N": "3"},
            ":terms_version": {"N": "3"},
        }  # fmt: skip
    assert done["Key"] == items.terms_key(REF)


def test_a_private_site_is_taken_off_the_list() -> None:
    client = Answering({}, {})
    store_on(client).put_site(Site("demo", make_ballot("like"), insights="private"), patient())
    store_on(client).put_site(Site("demo", make_ballot("like")), patient())
    key = {"PK": {"S": "SITES"}, "SK": {"S": "demo"}}
    assert client.asked[0]["TransactItems"][1] == {"Delete": {"TableName": "votes", "Key": key}}
    assert client.asked[1]["TransactItems"][1] == {"Put": {"TableName": "votes", "Item": key}}


def test_a_late_attempt_to_store_a_key_has_the_token_of_the_first_one() -> None:
    """Otherwise it would bring a key back that was revoked in between."""
    client = Answering({})
    store_on(client).put_key(Key("demo", "ab" * 32, "x", "admin", START), patient())
    assert client.asked[0]["ClientRequestToken"]


def test_each_transaction_has_a_token_of_its_own() -> None:
    client = Answering({}, {})
    for _ in range(2):
        store_on(client).put_site(Site("demo", make_ballot("like")), patient())
    assert len({one["ClientRequestToken"] for one in client.asked}) == 2


def test_votes_and_tallies_are_stored_with_these_attributes() -> None:
    """Tables have these items. Another name would lose what they hold."""
    vote = Vote("up", 3, 7, cast_at=1, changed_at=2, receipts=("a:up", "b:"))
    stored = {
        "version": {"N": "3"}, "shard": {"N": "7"}, "receipts": {"S": "a:up b:"}, "choice": {"S": "up"},
        "cast_at": {"N": "1"}, "changed_at": {"N": "2"},
    }  # fmt: skip
    assert items.vote_attributes(vote, at=2) == stored
    assert items.read_vote(stored) == vote
    retracted = items.vote_attributes(replace(vote, choice=None), at=7_205)
    assert retracted.pop("expires_at") == {"N": str(7_200 + 90 * 86_400)}
    assert retracted == {name: value for name, value in stored.items() if name != "choice"}
    tally = Tally({"up": 2, "down": 0}, 5, 1, Terms(True, 8, 9, True))
    attributes = {
        "n_up": {"N": "2"}, "n_down": {"N": "0"}, "version": {"N": "5"}, "updated_at": {"N": "1"},
        "opens_at": {"N": "8"}, "closes_at": {"N": "9"}, "registered": {"BOOL": True}, "is_hidden": {"BOOL": True},
    }  # fmt: skip
    assert items.tally_attributes(tally) == attributes
    assert items.tally_from(attributes) == tally
    assert items.is_shard(SHARD) is True
    assert items.is_shard(PROJECTED) is False
    assert (items.tally_key(REF, 3), items.vote_key(REF, 7, "k")) == (
        {"PK": {"S": "ARTICLE#demo#a"}, "SK": {"S": "TALLY#03"}},
        {"PK": {"S": "BALLOTS#demo#a#07"}, "SK": {"S": "VOTE#k"}},
    )

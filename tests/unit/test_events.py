"""The stream handler: absolute totals, once per article, partial failures reported."""

from __future__ import annotations

import random
from typing import Any

import pytest

from chalicelib import events
from chalicelib.bootstrap import Services
from chalicelib.domain.articles import ArticleRef
from chalicelib.domain.deadlines import Deadline
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.tallies import Tally
from chalicelib.domain.votes import Wish
from tests.support.fakes import START, MemoryStore, patient

A, B = ArticleRef("demo", "a"), ArticleRef("demo", "b")


def record(ref: ArticleRef, sequence_number: int, shard: int = 0) -> dict[str, Any]:
    keys = {"PK": {"S": f"ARTICLE#{ref.site}#{ref.article}"}, "SK": {"S": f"TALLY#{shard:02d}"}}
    return {
        "eventID": str(sequence_number),
        "eventName": "MODIFY",
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:000000000000:table/votes/stream/x",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "Keys": keys,
            "SequenceNumber": str(sequence_number),
            "ApproximateCreationDateTime": START,
            "SizeBytes": 1,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }


def deliver(*records: dict[str, Any]) -> dict[str, Any]:
    import app  # noqa: F401  registers the handler, as in Lambda

    answer: dict[str, Any] = events.project_tally({"Records": list(records)}, None)
    return answer


def vote(store: MemoryStore, ref: ArticleRef, voter: str, choice: str = "up") -> None:
    store.apply(Wish(ref, voter, choice, f"r-{voter}-{choice}", START), patient(), registered_only=False)


def test_each_article_of_a_batch_is_projected_once(services: Services, store: MemoryStore) -> None:
    for number in range(5):
        vote(store, A, f"v{number}")
    vote(store, B, "v0")
    reads: list[ArticleRef] = []
    real = store.tally

    def counting(ref: ArticleRef, deadline: Deadline, *, consistent: bool) -> Tally:
        reads.append(ref)
        assert consistent
        return real(ref, deadline, consistent=consistent)

    store.tally = counting  # type: ignore[method-assign]
    assert deliver(*(record(A, n) for n in range(5)), record(B, 6)) == {"batchItemFailures": []}
    assert reads == [A, B]
    assert [one.voters if one else None for one in store.summaries([A, B], patient())] == [5, 1]


def test_records_twice_late_and_shuffled_end_in_the_same_summary(services: Services, store: MemoryStore) -> None:
    rng = random.Random(7)
    records = []
    for number in range(50):
        vote(store, A, f"v{number % 20}", rng.choice(["up", "down"]))
        records += [record(A, number)] * rng.choice([1, 2])
        if rng.random() < 0.3:
            deliver(*rng.sample(records, k=min(5, len(records))))
    rng.shuffle(records)
    deliver(*records)
    assert store.summaries([A], patient()) == [store.tally(A, patient(), consistent=True)]


def test_an_article_that_fails_is_reported_with_its_first_record_and_the_others_are_done(
    services: Services, store: MemoryStore
) -> None:
    vote(store, A, "v")
    vote(store, B, "v")
    real = store.put_summary

    def failing(ref: ArticleRef, tally: Tally, deadline: Deadline) -> bool:
        if ref == A:
            raise Unavailable("not now")
        return real(ref, tally, deadline)

    store.put_summary = failing  # type: ignore[method-assign]
    answer = deliver(record(B, 1), record(A, 2), record(A, 3))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "2"}]}
    assert [one is not None for one in store.summaries([A, B], patient())] == [False, True]


def test_a_retracted_vote_is_projected_as_zero(services: Services, store: MemoryStore) -> None:
    vote(store, A, "v")
    deliver(record(A, 1))
    store.apply(Wish(A, "v", None, "r2", START), patient(), registered_only=False)
    deliver(record(A, 2))
    (summary,) = store.summaries([A], patient())
    assert summary is not None
    assert (summary.voters, summary.version) == (0, 2)


@pytest.mark.parametrize("key", ["SITE#demo", "SOMETHING#else"])
def test_records_of_other_items_are_passed_over(services: Services, key: str) -> None:
    foreign = record(A, 1)
    foreign["dynamodb"]["Keys"]["PK"]["S"] = key
    assert deliver(foreign) == {"batchItemFailures": []}

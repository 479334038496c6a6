"""The stream handler: absolute totals, once per article, partial failures reported."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.deadlines import Deadline
from chalicelib.errors import Unavailable
from chalicelib.insights.intervals import HOUR, UTC
from chalicelib.insights.leaderboards import Activity, Board
from chalicelib.insights.site_totals import Settled
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.sites import Site
from chalicelib.services import Services
from chalicelib.voting.applying import apply
from chalicelib.voting.tallies import Tally
from chalicelib.voting.votes import Wish
from tests.support.fakes import START, MemoryStore, patient
from tests.support.stream import record

DEMO = Site("demo", make_ballot("updown"), ranks="any")
A, B = ArticleRef("demo", "a"), ArticleRef("demo", "b")
OTHER = replace(DEMO, id="other")


def deliver(*records: dict[str, Any]) -> dict[str, Any]:
    import app

    answer: dict[str, Any] = app.project_tally({"Records": list(records)}, None)
    return answer


def vote(store: MemoryStore, ref: ArticleRef, voter: str, choice: str = "up") -> None:
    apply(store, Wish(ref, voter, choice, f"r-{voter}-{choice}", START), patient(), registered_only=False)


def test_each_article_of_a_batch_is_projected_once(services: Services, store: MemoryStore) -> None:
    for number in range(5):
        vote(store, A, f"v{number}")
    vote(store, B, "v0")
    reads: list[ArticleRef] = []
    insights: Any = services.insights.store
    real = insights.article_state

    def counting(ref: ArticleRef, *arguments: Any, **options: Any) -> Any:
        reads.append(ref)
        return real(ref, *arguments, **options)

    insights.article_state = counting
    assert deliver(*(record(A, n) for n in range(5)), record(B, 6)) == {"batchItemFailures": []}
    assert reads == [A, B]
    assert [one.voters if one else None for one in store.projected_tallies([A, B], patient())] == [5, 1]


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
    assert store.projected_tallies([A], patient()) == [store.tally(A, patient(), consistent=True)]


def test_an_article_that_fails_is_reported_with_its_first_record_and_the_others_are_done(
    services: Services, store: MemoryStore
) -> None:
    vote(store, A, "v")
    vote(store, B, "v")
    real = store.put_projected_tally

    def failing(ref: ArticleRef, tally: Tally, deadline: Deadline) -> bool:
        if ref == A:
            raise Unavailable("not now")
        return real(ref, tally, deadline)

    store.put_projected_tally = failing  # type: ignore[method-assign]
    answer = deliver(record(B, 1), record(A, 2), record(A, 3))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "2"}]}
    assert [one is not None for one in store.projected_tallies([A, B], patient())] == [False, True]


def test_a_retracted_vote_is_projected_as_zero(services: Services, store: MemoryStore) -> None:
    vote(store, A, "v")
    deliver(record(A, 1))
    apply(store, Wish(A, "v", None, "r2", START), patient(), registered_only=False)
    deliver(record(A, 2))
    (summary,) = store.projected_tallies([A], patient())
    assert summary is not None
    assert (summary.voters, summary.version) == (0, 2)


def states_of(store: MemoryStore, ref: ArticleRef, first_number: int) -> list[dict[str, Any]]:
    shards = store.shards(ref, patient()).items()
    return [record(ref, first_number + number, shard, state) for number, (shard, state) in enumerate(shards)]


def test_what_the_records_say_reaches_leaderboards_and_the_sites_totals(services: Services, store: MemoryStore) -> None:
    for number in range(5):
        vote(store, A, f"v{number}")
    vote(store, B, "v0", "down")
    assert deliver(*states_of(store, A, 1), *states_of(store, B, 50)) == {"batchItemFailures": []}
    board = Board("demo", "hour", UTC.start_of("hour", START), "voters")
    page, _ = services.insights.leaderboard(DEMO, board, 10, None, patient())
    assert [(one.ref, one.gained.counts) for one in page.entries] == [(A, {"up": 5}), (B, {"down": 1})]
    assert services.insights.overview(DEMO, START, patient()).total.counts == {"up": 5, "down": 1}


def test_every_state_of_an_article_in_a_batch_counts_not_only_the_last(services: Services, store: MemoryStore) -> None:
    records = []
    for number, at in enumerate((START - 2 * HOUR, START - HOUR, START)):
        wish = Wish(A, "v", "down" if number % 2 else "up", f"r{number}", at)
        apply(store, wish, patient(), registered_only=False)
        ((shard, state),) = store.shards(A, patient()).items()
        records.append(record(A, number, shard, state))
    deliver(*records)
    for at, gained in ((START - 2 * HOUR, {"up": 1}), (START - HOUR, {"down": 1, "up": -1})):
        board = Board("demo", "hour", UTC.start_of("hour", at), "voters")
        page, _ = services.insights.leaderboard(DEMO, board, 1, None, patient())
        assert page.entries[0].gained.counts == gained


def test_a_site_that_cannot_be_settled_is_reported_with_all_its_articles(
    services: Services, store: MemoryStore
) -> None:
    store.put_site(OTHER, patient())
    other = ArticleRef(OTHER.id, "a")
    for ref in (A, other, B):
        vote(store, ref, "v0")
    real = services.insights.store.settled

    def failing(site: Site, deadline: Deadline) -> Settled:
        if site == DEMO:
            raise Unavailable("not now")
        return real(site, deadline)

    services.insights.store.settled = failing  # type: ignore[method-assign]
    answer = deliver(*states_of(store, A, 1), *states_of(store, other, 2), *states_of(store, B, 3))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}, {"itemIdentifier": "3"}]}
    assert services.insights.overview(OTHER, START, patient()).total.voters == 1


def test_a_mistake_in_one_articles_numbers_does_not_hold_up_the_others(services: Services, store: MemoryStore) -> None:
    for ref in (A, B):
        vote(store, ref, "v0")
    real = services.insights.store.put_activity

    def mistaken(site: Site, activity: Activity, deadline: Deadline) -> bool:
        if activity.ref == A:
            raise ZeroDivisionError
        return real(site, activity, deadline)

    services.insights.store.put_activity = mistaken  # type: ignore[method-assign]
    answer = deliver(*states_of(store, A, 1), *states_of(store, B, 2))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert services.insights.overview(DEMO, START, patient()).total.voters == 1


def test_of_a_site_that_is_gone_only_summaries_are_projected(services: Services, store: MemoryStore) -> None:
    gone = ArticleRef("gone", "a")
    vote(store, gone, "v0")
    assert deliver(*states_of(store, gone, 1)) == {"batchItemFailures": []}
    assert store.projected_tallies([gone], patient())[0] is not None
    assert services.insights.overview(replace(DEMO, id="gone"), START, patient()).total.voters == 0


@pytest.mark.parametrize("key", ["SITE#demo", "SOMETHING#else"])
def test_records_of_other_items_are_passed_over(services: Services, key: str) -> None:
    foreign = record(A, 1)
    foreign["dynamodb"]["Keys"]["PK"]["S"] = key
    assert deliver(foreign) == {"batchItemFailures": []}

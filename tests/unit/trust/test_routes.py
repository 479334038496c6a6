"""GET …/suspicions, on the handlers over fakes."""

from __future__ import annotations

import random

import pytest

from chalicelib.admission.provenance import provenance_of
from chalicelib.publishing.articles import ArticleRef, Terms
from chalicelib.publishing.merges import Absorbed, Merges
from chalicelib.services import Services
from chalicelib.trust import use_cases
from chalicelib.trust.wire import SuspicionsBody
from chalicelib.voting.applying import apply
from chalicelib.voting.tallies import Tally
from chalicelib.voting.votes import Wish
from tests.support.fakes import START, MemoryStore, patient
from tests.support.gateway import Answer
from tests.support.keys import ADMIN, FOREIGN, READ, WRITE, issue, with_key

REF = ArticleRef("demo", "ferry")
URL = "/v1/sites/demo/articles/ferry/suspicions"


@pytest.fixture(autouse=True)
def keys(services: Services, store: MemoryStore) -> None:
    issue(store, ADMIN, "admin")
    issue(store, WRITE, "write")
    issue(store, READ, "read")


def ask(url: str = URL) -> Answer:
    return with_key("GET", url, ADMIN)


def vote(store: MemoryStore, voter: str, choice: str | None, address: str, hour: int = 0, age: int = 5) -> None:
    at = START + hour * 3600
    provenance = provenance_of(b"salt", REF.site, REF.article, address, age)
    apply(store, Wish(REF, voter, choice, None, at, provenance=provenance), patient(), registered_only=False)


def fill(store: MemoryStore) -> None:
    """300 readers who came alone, and 50 votes from one address."""
    rng = random.Random(1)
    for number in range(300):
        choice, age = ("up" if rng.random() < 0.7 else "down"), rng.choice([5, 90_000])
        vote(store, f"r{number}", choice, f"{20 + number // 250}.{number % 250}.1.1", rng.randrange(24), age)
    for number in range(50):
        vote(store, f"s{number}", "down", "192.0.2.7", 9)


def test_a_burst_from_one_address_is_shown_with_its_evidence(store: MemoryStore) -> None:
    fill(store)
    answer = ask()
    assert answer.status == 200
    assert "private" in answer.headers["cache-control"]
    body = SuspicionsBody.model_validate_json(answer.text)
    (group,) = body.groups
    assert (group.network, group.votes, group.choices) == ("IPv4 /32", 50, {"down": 50})
    assert group.token_ages == {"minute": 50}
    assert group.first_hour == group.last_hour
    assert group.chance < 0.001
    assert body.complete
    assert body.alone == 300
    assert sum(body.counts.values()) == 350
    assert body.counts_without == {"up": body.counts["up"], "down": body.counts["down"] - 50}
    assert "192.0.2" not in answer.text


def test_votes_that_do_not_count_are_not_looked_at(store: MemoryStore) -> None:
    fill(store)
    for number in range(50):
        vote(store, f"s{number}", None, "192.0.2.7", 10)
    body = ask().json()
    assert (body["groups"], sum(body["counts"].values())) == ([], 300)


def test_an_article_without_votes_has_no_groups() -> None:
    body = ask("/v1/sites/demo/articles/unseen/suspicions").json()
    assert (body["groups"], body["counts"], body["complete"]) == ([], {"up": 0, "down": 0}, True)


def test_of_very_many_votes_a_sample_is_read_and_the_answer_says_so(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store)
    monkeypatch.setattr(use_cases, "MOST_VOTES", 200)
    body = ask().json()
    assert not body["complete"]
    assert 200 <= sum(body["counts"].values()) < 350


def test_while_a_merge_is_not_finished_the_votes_of_the_old_id_are_not_looked_at(store: MemoryStore) -> None:
    fill(store)
    old = Absorbed(0, 0, "old")
    for number in range(30):
        wish = Wish(ArticleRef("demo", "old"), f"o{number}", "up", None, START)
        apply(store, wish, patient(), registered_only=False)
    for merging, votes in (((old,), 350), ((), 380)):
        store._terms[REF] = Tally({}, 1, terms=Terms(merges=Merges(absorbed=(old,), merging=merging, changes=1)))
        assert sum(ask().json()["counts"].values()) == votes


def test_a_choice_that_is_not_on_the_ballot_is_not_looked_at(store: MemoryStore) -> None:
    fill(store)
    for number in range(40):
        vote(store, f"c{number}", "constructor", "192.0.2.9", 9)
    body = ask().json()
    assert sum(body["counts"].values()) == 350
    assert [group["votes"] for group in body["groups"]] == [50]


@pytest.mark.parametrize(("key", "status"), [(READ, 403), (WRITE, 403), (FOREIGN, 401), ("avk_" + "x" * 43, 401)])
def test_only_an_admin_key_of_the_site_sees_it(key: str, status: int) -> None:
    assert with_key("GET", URL, key).status == status

"""Renewing a voter token over HTTP: the voter stays, also after the key that signed the token was revoked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.registering import reset
from chalicelib.publishing.sites import Site
from chalicelib.services import Services
from chalicelib.voting.token_keys import TOKEN_LIFETIME_SECONDS, make_token_key
from tests.support.fakes import Clock, MemoryKeyring, MemoryStore, patient
from tests.support.gateway import Answer, send

pytestmark = pytest.mark.usefixtures("services")

RENEW = "/v1/sites/demo/voters/renew"
HOUR = 3600


def renew(token: str | None, *voted_on: str, **headers: str) -> Answer:
    return send("POST", RENEW, {"voted_on": list(voted_on)}, headers, token)


def vote(token: str, choice: str = "up", article: str = "a-1") -> Answer:
    return send("PUT", f"/v1/sites/demo/articles/{article}/vote", {"choice": choice}, token=token)


@pytest.fixture
def keyring(services: Services) -> Any:
    assert isinstance(services.stores.keyring, MemoryKeyring)
    return services.stores.keyring


def revoke_all(keyring: MemoryKeyring, clock: Clock) -> None:
    new = make_token_key("the key after the leak, long enough for HS256")
    keyring.keys = [new, *(replace(key, revoked_at=clock.now()) for key in keyring.keys)]


class TestATokenOfAKeyInUse:
    def test_is_renewed_for_the_same_voter_and_the_old_one_stays_valid(self, token: str, clock: Clock) -> None:
        assert vote(token).status == 201
        clock.advance(31 * 24 * HOUR)
        answer = renew(token)
        assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
        fresh = answer.json()["voter_token"]
        assert fresh != token
        for one in (fresh, token):
            changed = vote(one, "down")
            assert (changed.status, changed.json()["tally"]["voters"]) == (200, 1)

    def test_lives_for_its_whole_lifetime_from_now_on(self, token: str, clock: Clock) -> None:
        clock.advance(TOKEN_LIFETIME_SECONDS - 1)
        fresh = renew(token).json()["voter_token"]
        clock.advance(TOKEN_LIFETIME_SECONDS - 1)
        assert vote(fresh).status == 201
        assert (vote(token).status, renew(token).status) == (401, 401)

    def test_of_another_site_is_refused(self, token: str, store: MemoryStore) -> None:
        store.put_site(Site("other", make_ballot("like")), patient())
        answer = send("POST", "/v1/sites/other/voters/renew", {"voted_on": []}, token=token)
        assert (answer.status, answer.json()["field"]) == (401, "Authorization")

    def test_is_not_renewed_for_a_page_that_may_not_vote(self, token: str, store: MemoryStore, clock: Clock) -> None:
        clock.advance(HOUR)  # functions forget what they knew of the site
        store.put_site(Site("demo", make_ballot("updown"), ("https://news.example",)), patient())
        assert renew(token, Origin="https://evil.example").status == 403
        assert renew(token, Origin="https://news.example").status == 200


class TestATokenOfARevokedKey:
    def test_is_refused_for_everything_else(self, token: str, keyring: MemoryKeyring, clock: Clock) -> None:
        vote(token)
        revoke_all(keyring, clock)
        for answer in (vote(token, "down"), send("GET", "/v1/sites/demo/votes?articles=a-1", token=token)):
            assert (answer.status, answer.json()["field"]) == (401, "Authorization")
            assert "voters/renew" in answer.json()["detail"]

    def test_is_renewed_for_a_voter_who_voted_before(self, token: str, keyring: MemoryKeyring, clock: Clock) -> None:
        vote(token)
        clock.advance(2 * HOUR)
        revoke_all(keyring, clock)
        fresh = renew(token, "elsewhere", "a-1").json()["voter_token"]
        assert vote(fresh, "down").json()["tally"]["voters"] == 1

    def test_is_renewed_for_a_voter_who_retracted_that_vote(
        self, token: str, keyring: MemoryKeyring, clock: Clock
    ) -> None:
        vote(token)
        send("DELETE", "/v1/sites/demo/articles/a-1/vote", token=token)
        clock.advance(2 * HOUR)
        revoke_all(keyring, clock)
        assert renew(token, "a-1").status == 200

    @pytest.mark.parametrize("votes_again", [True, False])
    def test_is_renewed_for_a_voter_whose_article_was_reset(
        self, token: str, store: MemoryStore, keyring: MemoryKeyring, clock: Clock, votes_again: bool
    ) -> None:
        vote(token)
        reset(store, ArticleRef("demo", "a-1"), "k", clock.now(), patient())
        clock.advance(2 * HOUR)
        if votes_again:
            vote(token, "down")
        revoke_all(keyring, clock)
        assert renew(token, "a-1").status == 200

    @pytest.mark.parametrize("named", [(), ("a-2",)])
    def test_is_refused_without_such_a_vote(
        self, token: str, keyring: MemoryKeyring, clock: Clock, named: tuple[str, ...]
    ) -> None:
        vote(token)
        clock.advance(2 * HOUR)
        revoke_all(keyring, clock)
        assert renew(token, *named).status == 401

    def test_is_refused_if_the_vote_is_not_older_than_the_hour_of_the_revocation(
        self, token: str, keyring: MemoryKeyring, clock: Clock
    ) -> None:
        vote(token)
        revoke_all(keyring, clock)
        assert renew(token, "a-1").status == 401


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"voted_on": ["a b"]}, 422, "voted_on.0"),
        ({"voted_on": [f"a-{number}" for number in range(21)]}, 422, "voted_on"),
        ({"voted_on": "a-1"}, 422, "voted_on"),
        ({"voter": "x"}, 422, "voter"),
        ([], 422, "body"),
        ({"voted_on": ["a" * 2048]}, 413, "body"),
    ],
)
def test_a_bad_body_is_refused_with_its_field(body: object, status: int, field: str, token: str) -> None:
    answer = send("POST", RENEW, body, {"Content-Type": "application/json"}, token)
    assert (answer.status, answer.json()["field"]) == (status, field)


def test_a_body_of_another_type_and_a_missing_token_are_refused(token: str, new_token: Callable[[], str]) -> None:
    assert send("POST", RENEW, {}, {"Content-Type": "text/plain"}, token).status == 415
    assert renew(None).status == 401
    assert renew(new_token()[:-2] + "xx").status == 401

"""The HTTP contract, through the Lambda handler, on fakes."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.about import HealthBody
from chalicelib.errors import Unavailable
from chalicelib.http import wire
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.registering import register
from chalicelib.publishing.sites import Site
from chalicelib.services import Services
from chalicelib.voting import wire as schemas
from chalicelib.voting.tallies import Tally
from chalicelib.voting.token_keys import TOKEN_LIFETIME_SECONDS
from tests.support.fakes import START, Clock, MemoryStore, patient
from tests.support.forms import has_form
from tests.support.gateway import Answer, call, event, send
from tests.support.stream import project_all

ARTICLE = "/v1/sites/demo/articles/a-1"
VOTE, TALLY = f"{ARTICLE}/vote", f"{ARTICLE}/tally"

pytestmark = pytest.mark.usefixtures("services")


def vote(token: str, choice: str | None, **headers: str) -> Answer:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    body = None if choice is None else {"choice": choice}
    return send("DELETE" if choice is None else "PUT", VOTE, body, sent, token)


class TestTally:
    def test_of_an_article_that_nobody_voted_on_is_zeros_at_version_0(self) -> None:
        answer = send("GET", TALLY)
        assert answer.status == 200
        assert has_form(answer, schemas.TallyBody) == {
            "site": "demo",
            "article": "a-1",
            "state": "open",
            "ballot": {"kind": "updown", "choices": ["up", "down"], "retired": [], "labels": {}, "icons": {}},
            "noun": "users",
            "voters": 0,
            "counts": {"up": 0, "down": 0},
            "score": {"net": 0, "approval": None, "mean": None},
            "version": 0,
            "updated_at": None,
        }

    def test_says_what_the_counts_come_to(self, new_token: Callable[[], str]) -> None:
        for choice in ("up", "up", "down"):
            vote(new_token(), choice)
        # Wilson's lower end for 2 of 3; the same in a list, which a projection makes.
        assert send("GET", TALLY).json()["score"] == {"net": 1, "approval": 0.2077, "mean": None}

    def test_may_be_kept_by_every_cache_for_a_moment(self) -> None:
        assert send("GET", TALLY).headers["cache-control"] == (
            "public, max-age=5, stale-while-revalidate=60, stale-if-error=86400"
        )

    def test_is_the_same_bytes_for_everybody(self, token: str) -> None:
        vote(token, "up")
        mine, theirs = send("GET", TALLY, token=token), send("GET", TALLY)
        assert (mine.text, mine.headers["etag"]) == (theirs.text, theirs.headers["etag"])

    @pytest.mark.parametrize("written", ["{}", "W/{}", '"other", {}', '"other",W/{}', "*"])
    def test_with_the_tag_that_the_caller_has_answers_304_without_a_body(self, written: str) -> None:
        tag = send("GET", TALLY).headers["etag"]
        answer = send("GET", TALLY, headers={"If-None-Match": written.format(tag)})
        assert (answer.status, answer.text, answer.headers["etag"]) == (304, "", tag)
        assert answer.headers["cache-control"].startswith("public")

    def test_has_another_tag_after_a_vote(self, token: str) -> None:
        tag = send("GET", TALLY).headers["etag"]
        vote(token, "up")
        assert send("GET", TALLY, headers={"If-None-Match": tag}).status == 200

    def test_lists_the_choices_in_the_order_of_the_site(self, store: MemoryStore, new_token: Callable[[], str]) -> None:
        store.put_site(Site("demo", make_ballot("reactions", ["wow", "joy", "sad"])), patient())
        vote(new_token(), "sad")
        body = send("GET", TALLY).json()
        assert list(body["counts"].items()) == [("wow", 0), ("joy", 0), ("sad", 1)]

    def test_says_when_voting_is_closed(self, store: MemoryStore, clock: Clock) -> None:
        closing = Article(ArticleRef("demo", "a-1"), "T", "https://news.example", closes_at=START + 10)
        register(store, closing, START, patient())
        tag = send("GET", TALLY).headers["etag"]
        assert send("GET", TALLY).json()["state"] == "open"
        clock.advance(10)
        answer = send("GET", TALLY, headers={"If-None-Match": tag})
        assert (answer.status, answer.json()["state"]) == (200, "closed")

    def test_of_an_unregistered_article_is_404_where_articles_are_registered(self, store: MemoryStore) -> None:
        store.put_site(Site("strict", make_ballot("like"), registers_articles=True), patient())
        answer = send("GET", "/v1/sites/strict/articles/a-1/tally")
        assert (answer.status, answer.json()["code"]) == (404, "unknown_article")

    def test_of_an_unknown_site_is_404(self) -> None:
        answer = send("GET", "/v1/sites/nowhere/articles/a-1/tally")
        assert (answer.status, answer.json()["code"], answer.json()["field"]) == (404, "unknown_site", "site")


class TestTallies:
    def test_come_in_the_order_asked_repeats_and_unknown_ones_included(
        self, services: Services, store: MemoryStore, token: str
    ) -> None:
        vote(token, "up")
        project_all(store, services.insights.store, ArticleRef("demo", "a-1"))
        answer = send("GET", "/v1/sites/demo/tallies?articles=b,a-1,c,a-1")
        tallies = has_form(answer, schemas.TalliesBody)["tallies"]
        assert [(one["article"], one["voters"]) for one in tallies] == [("b", 0), ("a-1", 1), ("c", 0), ("a-1", 1)]

    def test_of_registered_articles_say_which_ones_are_unknown(self, services: Services, store: MemoryStore) -> None:
        store.put_site(Site("strict", make_ballot("like"), registers_articles=True), patient())
        known = ArticleRef("strict", "a-1")
        register(store, Article(known, "T", "https://news.example"), START, patient())
        project_all(store, services.insights.store, known)
        tallies = send("GET", "/v1/sites/strict/tallies?articles=a-1,b").json()["tallies"]
        assert [one["state"] for one in tallies] == ["open", "unknown"]

    def test_are_cached_like_a_tally(self) -> None:
        first = send("GET", "/v1/sites/demo/tallies?articles=a,b")
        again = send("GET", "/v1/sites/demo/tallies?articles=a,b", headers={"If-None-Match": first.headers["etag"]})
        assert (first.headers["cache-control"][:6], again.status) == ("public", 304)

    def test_a_hundred_are_allowed_and_no_more(self) -> None:
        ids = ",".join(f"a{number}" for number in range(100))
        assert len(send("GET", f"/v1/sites/demo/tallies?articles={ids}").json()["tallies"]) == 100
        refused = send("GET", f"/v1/sites/demo/tallies?articles={ids},one-more")
        assert (refused.status, refused.json()["field"]) == (422, "articles")


class TestVoters:
    def test_a_new_voter_gets_a_token_that_nobody_keeps(self) -> None:
        answer = send("POST", "/v1/sites/demo/voters")
        body = has_form(answer, schemas.VoterBody)
        assert (answer.status, answer.headers["cache-control"]) == (201, "no-store")
        assert body["expires_at"] == wire.timestamp(START + TOKEN_LIFETIME_SECONDS)

    def test_every_voter_is_another(self, new_token: Callable[[], str]) -> None:
        assert len({new_token() for _ in range(20)}) == 20

    def test_a_token_that_ran_out_is_refused(self, token: str, clock: Clock) -> None:
        clock.advance(TOKEN_LIFETIME_SECONDS)
        answer = vote(token, "up")
        assert (answer.status, answer.json()["code"]) == (401, "invalid_token")
        assert answer.headers["www-authenticate"] == "Bearer"

    def test_a_token_of_another_site_is_refused(self, store: MemoryStore, token: str) -> None:
        store.put_site(Site("other", make_ballot("updown")), patient())
        answer = send("PUT", "/v1/sites/other/articles/a-1/vote", {"choice": "up"}, token=token)
        assert (answer.status, answer.json()["code"]) == (401, "invalid_token")


class TestVote:
    def test_a_first_vote_is_created(self, token: str) -> None:
        answer = vote(token, "up")
        body = has_form(answer, schemas.SetVoteBody)
        assert (answer.status, answer.headers["etag"], answer.headers["cache-control"]) == (201, '"1"', "no-store")
        hour = wire.timestamp(START - START % 3600)
        assert body["vote"] == {"choice": "up", "version": 1, "cast_at": hour, "changed_at": hour}
        assert (body["changed"], body["tally"]["voters"], body["tally"]["version"]) == (True, 1, 1)

    def test_the_same_vote_again_changes_nothing(self, token: str) -> None:
        vote(token, "up")
        answer = vote(token, "up")
        assert (answer.status, answer.json()["changed"], answer.json()["tally"]["version"]) == (200, False, 1)

    def test_another_choice_moves_the_vote(self, token: str) -> None:
        vote(token, "up")
        answer = vote(token, "down")
        assert (answer.status, answer.headers["etag"]) == (200, '"2"')
        assert answer.json()["tally"]["counts"] == {"up": 0, "down": 1}

    def test_a_retracted_vote_has_no_choice(self, token: str) -> None:
        vote(token, "up")
        answer = vote(token, None)
        body = has_form(answer, schemas.SetVoteBody)
        assert (answer.status, body["vote"]["choice"], body["changed"], body["tally"]["voters"]) == (200, None, True, 0)
        assert vote(token, None).json()["changed"] is False

    def test_a_reader_reads_their_own_vote_with_the_tally(self, token: str) -> None:
        assert has_form(send("GET", VOTE, token=token), schemas.MyVoteBody)["vote"]["version"] == 0
        vote(token, "up")
        answer = send("GET", VOTE, token=token)
        assert (answer.headers["cache-control"], answer.headers["etag"]) == ("private, no-store", '"1"')
        assert (answer.json()["vote"]["choice"], answer.json()["tally"]["voters"]) == ("up", 1)
        assert "changed" not in answer.json()

    def test_a_reader_reads_their_votes_on_many_articles(self, token: str) -> None:
        vote(token, "up")
        answer = send("GET", "/v1/sites/demo/votes?articles=b,a-1,a-1", token=token)
        votes = has_form(answer, schemas.VotesBody)["votes"]
        assert [(one["article"], one["choice"]) for one in votes] == [("b", None), ("a-1", "up"), ("a-1", "up")]
        assert answer.headers["cache-control"] == "private, no-store"

    def test_reading_writes_nothing(self, store: MemoryStore, token: str) -> None:
        before = repr(vars(store))
        for url in (TALLY, VOTE, "/v1/sites/demo/votes?articles=a", "/v1/sites/demo/tallies?articles=a", "/v1/health"):
            assert send("GET", url, token=token).status == 200
        assert repr(vars(store)) == before

    def test_if_match_holds_or_answers_412_with_what_is_there(self, token: str) -> None:
        vote(token, "up", If_Match='"0"')
        assert vote(token, "down", If_Match='"1"').json()["vote"]["version"] == 2
        refused = vote(token, "up", If_Match='"1"')
        body = has_form(refused, schemas.VoteProblemBody)
        assert (refused.status, refused.headers["etag"]) == (412, '"2"')
        assert (body["code"], body["field"], body["vote"]["choice"], body["tally"]["counts"]["down"]) == (
            "precondition_failed", "If-Match", "down", 1,
        )  # fmt: skip

    def test_if_none_match_star_is_for_first_votes_only(self, token: str) -> None:
        assert vote(token, "up", If_None_Match="*").status == 201
        assert vote(token, "down", If_None_Match="*").status == 412

    def test_several_lines_of_a_header_are_one_list(self, token: str) -> None:
        vote(token, "up")
        asked = event("PUT", VOTE, '{"choice": "down"}', {"Content-Type": "application/json"})
        asked["headers"] |= {"Authorization": f"Bearer {token}", "If-None-Match": '"7"'}
        asked["multiValueHeaders"] |= {"Authorization": [f"Bearer {token}"], "if-none-match": ["*", '"7"']}
        assert call(asked).status == 400  # "*" in a list is not allowed
        asked["multiValueHeaders"]["if-none-match"] = ['"1"', '"7"']
        assert call(asked).status == 412

    def test_a_weak_tag_never_matches_a_write(self, token: str) -> None:
        vote(token, "up")
        assert vote(token, "down", If_Match='W/"1"').status == 412

    def test_a_repeated_key_is_recognised_even_when_its_precondition_no_longer_holds(self, token: str) -> None:
        key = str(uuid.uuid4())
        assert vote(token, "up", Idempotency_Key=key, If_None_Match="*").status == 201
        again = vote(token, "up", Idempotency_Key=key.upper(), If_None_Match="*")
        assert (again.status, again.json()["changed"]) == (200, False)

    def test_a_late_duplicate_does_not_override_a_newer_wish(self, token: str) -> None:
        first, second = str(uuid.uuid4()), str(uuid.uuid4())
        vote(token, "up", Idempotency_Key=first)
        vote(token, "down", Idempotency_Key=second)
        late = vote(token, "up", Idempotency_Key=first)
        assert (late.status, late.json()["vote"]["choice"], late.json()["changed"]) == (200, "down", False)

    def test_a_key_reused_for_another_wish_is_refused(self, token: str) -> None:
        key = str(uuid.uuid4())
        vote(token, "up", Idempotency_Key=key)
        refused = vote(token, "down", Idempotency_Key=key)
        assert (refused.status, refused.json()["code"], refused.json()["field"]) == (
            422, "idempotency_key_reused", "Idempotency-Key",
        )  # fmt: skip

    def test_a_closed_article_answers_409(self, store: MemoryStore, token: str) -> None:
        register(store, Article(ArticleRef("demo", "a-1"), "T", "https://n.example", START), START, patient())
        refused = vote(token, "up")
        assert (refused.status, refused.json()["code"]) == (409, "voting_closed")

    def test_only_listed_origins_may_vote_and_everybody_may_read(self, store: MemoryStore) -> None:
        store.put_site(Site("picky", make_ballot("like"), origins=("https://news.example",)), patient())
        allowed, foreign = {"Origin": "https://news.example"}, {"Origin": "https://evil.example"}
        token = send("POST", "/v1/sites/picky/voters", headers=allowed).json()["voter_token"]
        url = "/v1/sites/picky/articles/a/vote"
        refused = send("PUT", url, {"choice": "like"}, foreign, token)
        assert (refused.status, refused.json()["code"], refused.json()["field"]) == (
            403,
            "origin_not_allowed",
            "Origin",
        )
        assert send("POST", "/v1/sites/picky/voters", headers=foreign).status == 403
        assert send("DELETE", url, headers=foreign, token=token).status == 403
        assert send("PUT", url, {"choice": "like"}, allowed, token).status == 201
        assert send("PUT", url, {"choice": "like"}, None, token).status == 200
        assert send("GET", "/v1/sites/picky/articles/a/tally", headers=foreign).status == 200

    def test_a_vote_whose_tally_cannot_be_read_stands_all_the_same(
        self, store: MemoryStore, token: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = store.commit

        def commit_then_go_away(*arguments: Any, **named: Any) -> Any:
            outcome = real(*arguments, **named)
            store.answers = False
            return outcome

        monkeypatch.setattr(store, "commit", commit_then_go_away)
        answer = vote(token, "up")
        assert (answer.status, answer.json()["changed"], answer.json()["tally"]) == (201, True, None)
        has_form(answer, schemas.SetVoteBody)
        store.answers = True
        assert send("GET", TALLY).json()["voters"] == 1


class TestOutages:
    def test_a_store_that_does_not_answer_is_503_with_retry_after(self, store: MemoryStore, token: str) -> None:
        store.answers = False
        for answer in (vote(token, "up"), vote(token, None), send("GET", TALLY), send("GET", "/v1/health")):
            assert (answer.status, answer.headers["retry-after"]) == (503, "2")
            assert has_form(answer, wire.ProblemBody)["code"] == "unavailable"

    def test_a_vote_can_be_read_while_the_tally_cannot(
        self, store: MemoryStore, token: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def gone(*_: Any, **__: Any) -> Tally:
            raise Unavailable("not now")

        vote(token, "up")
        monkeypatch.setattr(store, "tally", gone)
        answer = send("GET", VOTE, token=token)
        assert (answer.status, answer.json()["vote"]["choice"], answer.json()["tally"]) == (200, "up", None)

    def test_health_is_200_when_the_table_answers(self) -> None:
        answer = send("GET", "/v1/health")
        assert (answer.status, has_form(answer, HealthBody)) == (200, {"status": "ok"})

    def test_an_unexpected_error_is_a_problem_with_a_request_id_and_cors_and_no_details(
        self, store: MemoryStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def broken(*_: Any, **__: Any) -> Tally:
            raise ZeroDivisionError("secret detail")

        monkeypatch.setattr(store, "tally", broken)
        answer = send("GET", TALLY)
        body = has_form(answer, wire.ProblemBody)
        assert (answer.status, body["code"]) == (500, "internal_error")
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "secret" not in answer.text
        assert body["request_id"]
        assert "unexpected error" in caplog.text

    def test_sites_are_remembered_for_a_minute(self, services: Services, store: MemoryStore, clock: Clock) -> None:
        assert send("GET", TALLY).json()["ballot"]["kind"] == "updown"
        store.put_site(Site("demo", make_ballot("like")), patient())
        assert send("GET", TALLY).json()["ballot"]["kind"] == "updown"
        clock.advance(60)
        assert send("GET", TALLY).json()["ballot"]["kind"] == "like"

"""Aliases over HTTP, and what leaderboards, histories and totals say of a merge."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.deadlines import Clock
from chalicelib.errors import Unavailable
from chalicelib.metrics import Metrics
from chalicelib.publishing.articles import ArticleRef
from chalicelib.services import Services
from chalicelib.voting.merge_schedule import finish_all_merges
from chalicelib.voting.wire import AliasBody, RemovedAliasBody
from tests.support import fakes
from tests.support.articles import ARTICLE, BODY, SITE, TALLY, VOTE, put
from tests.support.counting import counted
from tests.support.fakes import START, MemoryKeyring, MemoryStore
from tests.support.forms import has_form
from tests.support.gateway import call, event, send
from tests.support.insights import Cast
from tests.support.keys import READ, WRITE, with_key
from tests.support.stream import project_all

pytestmark = pytest.mark.usefixtures("keys")
ALIAS, LAST = f"{ARTICLE}/aliases/old", f"{SITE}/articles/last/aliases/a"
OLD_VOTE, OLD_TALLY = f"{SITE}/articles/old/vote", f"{SITE}/articles/old/tally"
HOUR = 3600


class TestRequests:
    def test_an_old_address_shows_and_takes_the_articles_votes(self, new_token: Callable[[], str]) -> None:
        ann, bob = new_token(), new_token()
        send("PUT", OLD_VOTE, {"choice": "up"}, token=ann)
        answer = with_key("PUT", ALIAS, WRITE)
        assert answer.status == 200, answer.text
        assert has_form(answer, AliasBody) == {"alias": "old", "article": "a", "merged": True}
        voted = send("PUT", OLD_VOTE, {"choice": "down"}, {"Idempotency-Key": str(uuid.uuid4())}, token=bob)
        assert voted.status == 201
        assert voted.json()["tally"]["counts"] == {"up": 1, "down": 1}
        assert voted.json()["tally"]["article"] == "old", "the page asked about this id"
        for vote in (VOTE, OLD_VOTE):
            mine = send("GET", vote, token=ann).json()
            assert (mine["vote"]["choice"], mine["tally"]["voters"]) == ("up", 2)
        assert send("GET", OLD_TALLY).json()["counts"] == send("GET", TALLY).json()["counts"]

    def test_a_page_with_a_list_follows_aliases(
        self, services: Services, store: MemoryStore, cast: Cast, token: str
    ) -> None:
        cast("old", {"up": 2})
        cast("a", {"down": 1})
        with_key("PUT", ALIAS, WRITE)
        project_all(store, services.insights.store, ArticleRef("demo", "old"))
        send("PUT", VOTE, {"choice": "up"}, token=token)
        project_all(store, services.insights.store, ArticleRef("demo", "a"))
        tallies = send("GET", f"{SITE}/tallies?articles=old,a,b").json()["tallies"]
        assert [(one["article"], one["voters"]) for one in tallies] == [("old", 4), ("a", 4), ("b", 0)]
        votes = send("GET", f"{SITE}/votes?articles=old,a,b", token=token).json()["votes"]
        assert [one["choice"] for one in votes] == ["up", "up", None]

    def test_what_cannot_be_done_with_an_alias_says_which_article_it_is(self, token: str) -> None:
        with_key("PUT", ALIAS, WRITE)
        for answer in (put(article="old"), with_key("POST", f"{SITE}/articles/old/reset", WRITE)):
            assert (answer.status, answer.json()["code"], answer.json()["field"]) == (409, "article_moved", "article")
            assert "alias of a" in answer.json()["detail"]
        line = {"article": "old", "title": "T", "url": "https://news.example"}
        sent = {"Authorization": f"Bearer {WRITE}", "Content-Type": "application/x-ndjson"}
        (result,) = call(event("POST", f"{SITE}/articles", json.dumps(line), sent)).json()["results"]
        assert (result["status"], result["code"]) == (409, "article_moved")
        refused = with_key("PUT", f"{SITE}/articles/old/aliases/a", WRITE)
        assert (refused.status, refused.json()["code"], refused.json()["field"]) == (409, "alias_refused", "old")

    def test_a_removed_alias_is_an_article_of_its_own_without_votes(self, token: str) -> None:
        send("PUT", OLD_VOTE, {"choice": "up"}, token=token)
        with_key("PUT", ALIAS, WRITE)
        for _ in range(2):
            answer = with_key("DELETE", ALIAS, WRITE)
            assert has_form(answer, RemovedAliasBody) == {"alias": "old"}
        assert send("GET", OLD_TALLY).json()["voters"] == 0
        assert send("GET", TALLY).json()["voters"] == 1
        assert put(article="old").json()["article"] == "old"
        assert with_key("GET", f"{SITE}/articles/old", WRITE).json()["title"] == "A title"
        assert with_key("DELETE", f"{SITE}/articles/old", WRITE).status == 200
        assert with_key("POST", f"{SITE}/articles/old/reset", WRITE).json()["epoch"] == 1

    def test_an_alias_of_another_article_is_left_as_it_is(self, token: str) -> None:
        with_key("PUT", ALIAS, WRITE)
        answer = with_key("DELETE", f"{SITE}/articles/b/aliases/old", WRITE)
        assert (answer.status, answer.json()["code"]) == (409, "alias_refused")
        assert send("PUT", OLD_VOTE, {"choice": "up"}, token=token).status == 201
        assert send("GET", TALLY).json()["voters"] == 1

    def test_no_answer_names_the_life_of_an_id(self, token: str) -> None:
        for method in ("PUT", "DELETE", "PUT", "DELETE"):
            with_key(method, ALIAS, WRITE)
        put({**BODY, "state": "hidden"}, article="old")
        answers = [
            send("PUT", OLD_VOTE, {"choice": "up"}, token=token),
            send("GET", OLD_TALLY),
            with_key("PUT", f"{SITE}/articles/old/aliases/x", WRITE),
            put(article="x"),
            with_key("GET", f"{SITE}/articles/old", WRITE),
        ]
        assert [one.status for one in answers] == [404, 404, 200, 409, 200]
        assert not [one.text for one in answers if "@" in one.text]

    @pytest.mark.parametrize("method", ["PUT", "DELETE"])
    def test_bad_ids_and_keys_change_nothing(self, method: str, store: MemoryStore) -> None:
        bad = with_key(method, f"{ARTICLE}/aliases/-x", WRITE)
        assert (bad.status, bad.json()["field"]) == (422, "old")
        assert with_key(method, ALIAS, READ).json()["code"] == "scope_too_low"
        assert send(method, ALIAS).status == 401
        assert store.tally_of_terms(ArticleRef("demo", "old")) is None

    def test_a_merge_that_takes_too_long_goes_on_by_itself(
        self, store: MemoryStore, monkeypatch: pytest.MonkeyPatch, new_token: Callable[[], str]
    ) -> None:
        ann, bob = new_token(), new_token()
        for vote, token in ((OLD_VOTE, ann), (VOTE, ann), (OLD_VOTE, bob)):
            send("PUT", vote, {"choice": "up"}, token=token)

        def no_answer(*_: Any) -> Any:
            raise Unavailable("The table does not answer.")

        with monkeypatch.context() as patch:
            patch.setattr(store, "votes_in_partition", no_answer)
            assert with_key("PUT", ALIAS, WRITE).json()["merged"] is False
            metrics, clock = Metrics(), Clock(fakes.Clock().now, fakes.Clock().monotonic)
            finish_all_merges(store, MemoryKeyring(), clock, metrics)
            assert counted(metrics) == {"failed_merges": 1}
        assert send("GET", TALLY).json()["voters"] == 1, "bob's vote does not count twice, so it does not count yet"
        finish_all_merges(store, MemoryKeyring(), clock, metrics)
        assert counted(metrics) == {"finished_merges": 1}
        assert send("GET", TALLY).json()["voters"] == 2
        assert with_key("PUT", ALIAS, WRITE).json()["merged"] is True


class TestInsights:
    def test_votes_of_the_old_id_were_gained_when_they_were_cast(
        self, services: Services, store: MemoryStore, cast: Cast
    ) -> None:
        cast("old", {"up": 40}, START - 50 * HOUR)
        cast("a", {"up": 3}, START - 2 * HOUR)
        before = send("GET", f"{SITE}/summary").json()
        with_key("PUT", ALIAS, WRITE)
        project_all(store, services.insights.store, ArticleRef("demo", "old"), ArticleRef("demo", "a"))
        (today,) = send("GET", f"{SITE}/leaderboard?window=day").json()["entries"]
        assert (today["article"], today["voters"], today["total"]) == ("a", 3, 43)
        (ever,) = send("GET", f"{SITE}/leaderboard?window=all").json()["entries"]
        assert (ever["article"], ever["voters"]) == ("a", 43)
        for address in (f"{ARTICLE}/history?step=day", f"{SITE}/articles/old/history?step=day"):
            points = send("GET", address).json()["points"]
            assert [one["gained"]["voters"] for one in points] == [40, 0, 3]
            assert [one["voters"] for one in points] == [40, 40, 43]
        assert send("GET", f"{SITE}/summary").json()["total"] == before["total"]
        assert send("GET", f"{SITE}/history?step=day").json()["points"][0]["gained"]["voters"] == 40

    def test_a_reader_who_is_counted_once_now_is_one_less_today(
        self, services: Services, store: MemoryStore, cast: Cast, token: str
    ) -> None:
        for vote in (VOTE, OLD_VOTE):
            send("PUT", vote, {"choice": "up"}, token=token)
        refs = ArticleRef("demo", "old"), ArticleRef("demo", "a")
        project_all(store, services.insights.store, *refs)
        assert send("GET", f"{SITE}/summary").json()["total"]["voters"] == 2
        with_key("PUT", ALIAS, WRITE)
        project_all(store, services.insights.store, *refs)
        assert send("GET", f"{SITE}/summary").json()["total"]["voters"] == 1
        for window in ("hour", "day", "week", "month", "all"):
            (entry,) = send("GET", f"{SITE}/leaderboard?window={window}").json()["entries"]
            assert (entry["article"], entry["voters"]) == ("a", 1), window

    def test_votes_that_come_for_the_old_id_are_the_articles(
        self, services: Services, store: MemoryStore, cast: Cast, token: str
    ) -> None:
        refs = ArticleRef("demo", "old"), ArticleRef("demo", "a")
        cast("old", {"up": 4}, START - 5 * HOUR)
        with_key("PUT", ALIAS, WRITE)
        project_all(store, services.insights.store, *refs)
        send("PUT", OLD_VOTE, {"choice": "down"}, token=token)
        project_all(store, services.insights.store, refs[1])
        (entry,) = send("GET", f"{SITE}/leaderboard?window=all").json()["entries"]
        assert (entry["article"], entry["counts"]) == ("a", {"up": 4, "down": 1})

    def test_an_id_that_is_its_own_again_has_a_place_of_its_own(
        self, services: Services, store: MemoryStore, cast: Cast, new_token: Callable[[], str]
    ) -> None:
        refs = ArticleRef("demo", "old"), ArticleRef("demo", "a")
        cast("old", {"up": 4}, START - 5 * HOUR)
        for method in ("PUT", "DELETE"):
            with_key(method, ALIAS, WRITE)
            project_all(store, services.insights.store, *refs)
        for _ in range(2):
            send("PUT", OLD_VOTE, {"choice": "down"}, token=new_token())
        project_all(store, services.insights.store, *refs, refs[0].next_life)
        entries = send("GET", f"{SITE}/leaderboard?window=all").json()["entries"]
        assert [(one["article"], one["counts"]) for one in entries] == [
            ("a", {"up": 4, "down": 0}), ("old", {"up": 0, "down": 2}),
        ]  # fmt: skip
        assert send("GET", f"{SITE}/summary").json()["total"]["voters"] == 6
        points = send("GET", f"{SITE}/articles/old/history").json()["points"]
        assert [one["voters"] for one in points] == [2]

    def test_an_alias_in_the_middle_of_a_chain_takes_nothing_along(
        self, services: Services, store: MemoryStore, cast: Cast
    ) -> None:
        refs = [ArticleRef("demo", one) for one in ("old", "a", "last")]
        for number, hours, ref in ((4, 50, refs[0]), (2, 30, refs[1]), (1, 5, refs[2])):
            cast(ref.article, {"up": number}, START - hours * HOUR)
        for method, path in (("PUT", ALIAS), ("PUT", LAST), ("DELETE", LAST)):
            assert with_key(method, path, WRITE).status == 200
            project_all(store, services.insights.store, *refs)
        assert send("GET", f"{SITE}/summary").json()["total"]["voters"] == 7
        assert send("GET", f"{SITE}/articles/last/tally").json()["voters"] == 7
        assert send("GET", OLD_TALLY).json()["voters"] == send("GET", TALLY).json()["voters"] == 0

    def test_an_alias_that_is_taken_back_before_it_was_projected_changes_no_total(
        self, services: Services, store: MemoryStore, cast: Cast
    ) -> None:
        refs = ArticleRef("demo", "old"), ArticleRef("demo", "a")
        cast("old", {"up": 4}, START - 50 * HOUR)
        cast("a", {"up": 2}, START - 5 * HOUR)
        for method in ("PUT", "DELETE", "PUT", "DELETE"):
            assert with_key(method, ALIAS, WRITE).status == 200
        project_all(store, services.insights.store, *refs)
        assert send("GET", f"{SITE}/summary").json()["total"]["voters"] == 6
        (entry,) = send("GET", f"{SITE}/leaderboard?window=all").json()["entries"]
        assert (entry["article"], entry["voters"]) == ("a", 6)

    def test_a_retraction_of_a_vote_under_an_id_that_left_is_seen(
        self, services: Services, store: MemoryStore, new_token: Callable[[], str]
    ) -> None:
        refs = ArticleRef("demo", "old"), ArticleRef("demo", "a")
        ann, bob = new_token(), new_token()
        send("PUT", OLD_VOTE, {"choice": "up"}, token=ann)
        send("PUT", VOTE, {"choice": "up"}, token=bob)
        for method in ("PUT", "DELETE"):
            with_key(method, ALIAS, WRITE)
            project_all(store, services.insights.store, *refs)
        send("DELETE", VOTE, token=ann)
        project_all(store, services.insights.store, refs[0])
        assert send("GET", f"{SITE}/tallies?articles=a").json()["tallies"][0]["voters"] == 1
        assert send("GET", f"{SITE}/summary").json()["total"]["voters"] == 1

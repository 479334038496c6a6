"""Articles over HTTP: registered, changed, opened, closed, hidden and removed; one by one and in bulk."""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.bootstrap import Services
from chalicelib.errors import Unavailable
from chalicelib.publishing.article_wire import ArticleBody, LinesBody, RemovedArticleBody, ResetBody
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.voting.use_cases import apply
from chalicelib.voting.votes import Wish
from tests.support.fakes import DEMO, START, Clock, MemoryStore, patient
from tests.support.forms import has_form
from tests.support.gateway import Answer, call, event, send
from tests.support.insights import Cast
from tests.support.keys import ADMIN, READ, WRITE, issue, with_key
from tests.support.stream import project_all

SITE = "/v1/sites/demo"
ARTICLE = f"{SITE}/articles/a"
VOTE, TALLY = f"{ARTICLE}/vote", f"{ARTICLE}/tally"
BODY = {"title": "A title", "url": "https://news.example/a"}


@pytest.fixture(autouse=True)
def keys(services: Services, store: MemoryStore) -> None:
    for raw, scope in ((READ, "read"), (WRITE, "write"), (ADMIN, "admin")):
        issue(store, raw, scope)  # type: ignore[arg-type]  # the three scopes


def put(body: Any = BODY, key: str = WRITE, article: str = "a", **headers: str) -> Answer:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return with_key("PUT", f"{SITE}/articles/{article}", key, body, sent)


def bulk(*lines: Any, key: str = WRITE, content_type: str = "application/x-ndjson") -> Answer:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": content_type}
    return call(event("POST", f"{SITE}/articles", text, headers))


class TestOneArticle:
    def test_what_is_put_is_read_again_and_can_be_sent_back(self) -> None:
        wanted = {
            **BODY, "author": "Ann", "section": "Sport", "image": "https://news.example/a.jpg", "state": "closed",
            "published_at": "2026-01-31T12:00:00+01:00", "opens_at": "2026-02-01T00:00:00Z", "closes_at": "2026-03-01T00:00:00.9Z",
        }  # fmt: skip
        answer = put(wanted)
        assert (answer.status, answer.headers["etag"], answer.headers["cache-control"]) == (200, '"1"', "no-store")
        body = has_form(answer, ArticleBody)
        assert body == {
            **wanted, "article": "a", "version": 1, "published_at": "2026-01-31T11:00:00Z", "closes_at": "2026-03-01T00:00:00Z",
            "from_feed": False,
        }  # fmt: skip
        read = with_key("GET", ARTICLE, WRITE)
        assert (read.json(), read.headers["cache-control"]) == (body, "private, no-store")
        again = put(body)
        assert (again.status, again.json()) == (200, body)

    def test_it_may_be_left_to_the_feed(self) -> None:
        assert put({**BODY, "from_feed": True}).json()["from_feed"] is True
        body = with_key("GET", ARTICLE, WRITE).json()
        assert put({**body, "state": "closed"}).json()["from_feed"] is True
        assert put(BODY).json()["from_feed"] is False

    def test_an_article_that_is_not_registered_is_404(self) -> None:
        assert with_key("GET", ARTICLE, WRITE).json()["code"] == "unknown_article"

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
    def test_a_read_key_does_not_write(self, method: str, store: MemoryStore) -> None:
        answer = with_key(method, ARTICLE, READ, BODY if method == "PUT" else None)
        assert (answer.status, answer.json()["code"]) == (403, "scope_too_low")
        assert store.articles([ArticleRef("demo", "a")], patient())[0].article is None

    def test_a_removed_article_keeps_its_votes_and_can_come_back(self, token: str) -> None:
        put()
        assert send("PUT", VOTE, {"choice": "up"}, token=token).status == 201
        for _ in range(2):
            assert has_form(with_key("DELETE", ARTICLE, WRITE), RemovedArticleBody) == {"article": "a"}
        assert with_key("GET", ARTICLE, WRITE).status == 404
        assert send("GET", TALLY).json()["voters"] == 1
        assert put().json()["version"] == 3

    def test_a_change_of_an_older_version_is_refused_but_the_same_change_again_is_not(self) -> None:
        assert put(If_None_Match="*").status == 200
        assert put(If_None_Match="*").status == 200
        second = {**BODY, "title": "Another"}
        assert put(second, If_Match='"1"').json()["version"] == 2
        assert put(second, If_Match='"1"').json()["version"] == 2
        late = put({**BODY, "title": "A third"}, If_Match='"1"')
        assert (late.status, late.json()["field"], late.headers["etag"]) == (412, "If-Match", '"2"')
        removal = with_key("DELETE", ARTICLE, WRITE, headers={"If-Match": '"1"'})
        assert removal.status == 412

    @pytest.mark.parametrize(
        ("changed", "field"),
        [({"title": ""}, "title"), ({"title": " "}, "title"), ({"title": "a\nb"}, "title"), ({"title": "x" * 301}, "title"), ({"title": None}, "title"),
         ({"url": "javascript:alert(1)"}, "url"), ({"url": "news.example"}, "url"), ({"url": "https://news.example/" + "a" * 2040}, "url"),
         ({"author": ""}, "author"), ({"author": " Ann"}, "author"), ({"section": "x" * 101}, "section"), ({"image": "data:,x"}, "image"),
         ({"state": "gone"}, "state"), ({"opens_at": "tomorrow"}, "opens_at"), ({"opens_at": "2026-01-31"}, "opens_at"),
         ({"opens_at": "2026-01-31T12:00:00"}, "opens_at"), ({"closes_at": "2026-13-31T12:00:00Z"}, "closes_at"), ({"closes_at": 1}, "closes_at"),
         ({"closes_at": "1969-01-31T12:00:00Z"}, "closes_at"), ({"closes_at": "9999-12-31T23:59:59-14:00"}, "closes_at"),
         ({"opens_at": "2026-01-02T00:00:00Z", "closes_at": "2026-01-02T00:00:00Z"}, "closes_at"), ({"published_at": ""}, "published_at"),
         ({"article": "b"}, "article"), ({"votes": 5}, "votes"), ({"title": "\ud800"}, "title")],
    )  # fmt: skip
    def test_a_fact_that_is_wrong_is_named_and_nothing_is_stored(
        self, changed: dict[str, Any], field: str, store: MemoryStore
    ) -> None:
        answer = put({**BODY, **changed})
        assert (answer.status, answer.json()["field"]) == (422, field), answer.text
        assert store.articles([ArticleRef("demo", "a")], patient())[0].version == 0


class TestTerms:
    def test_voting_opens_and_closes_at_the_second(self, token: str, clock: Clock) -> None:
        assert put({**BODY, "opens_at": "2026-09-21T14:13:30Z", "closes_at": "2026-09-21T14:13:40Z"}).status == 200
        assert START == 1_790_000_000  # 2026-09-21T14:13:20Z

        def vote(choice: str) -> tuple[int, str]:
            answer = send("PUT", VOTE, {"choice": choice}, token=token)
            return answer.status, answer.json().get("code", "")

        assert (vote("up"), send("GET", TALLY).json()["state"]) == ((409, "voting_not_open"), "upcoming")
        clock.advance(10)
        assert (vote("up"), send("GET", TALLY).json()["state"]) == ((201, ""), "open")
        clock.advance(9)
        assert vote("down") == (200, "")
        clock.advance(1)
        assert (vote("up"), send("GET", TALLY).json()["state"]) == ((409, "voting_closed"), "closed")

    def test_a_publisher_closes_and_opens_an_article(self, token: str) -> None:
        put({**BODY, "state": "closed"})
        assert send("PUT", VOTE, {"choice": "up"}, token=token).json()["code"] == "voting_closed"
        assert send("GET", TALLY).json()["state"] == "closed"
        put()
        assert send("PUT", VOTE, {"choice": "up"}, token=token).status == 201

    def test_a_hidden_article_is_as_good_as_unknown_to_readers(self, token: str) -> None:
        put()
        send("PUT", VOTE, {"choice": "up"}, token=token)
        put({**BODY, "state": "hidden"})
        for method, path, body in (
            ("GET", TALLY, None), ("GET", VOTE, None), ("PUT", VOTE, {"choice": "down"}), ("DELETE", VOTE, None),
            ("GET", f"{ARTICLE}/tally.svg", None), ("GET", f"{ARTICLE}/embed", None),
        ):  # fmt: skip
            answer = send(method, path, body, token=token)
            assert (answer.status, answer.json()["code"]) == (404, "unknown_article"), path
        with_a_key = with_key("GET", TALLY, READ)
        assert (with_a_key.status, with_a_key.json()["voters"]) == (200, 1)
        assert with_a_key.headers["cache-control"] == "private, no-cache"
        put()
        assert send("GET", VOTE, token=token).json()["vote"]["choice"] == "up"

    def test_where_articles_are_registered_a_removed_one_takes_no_votes(
        self, services: Services, store: MemoryStore, token: str
    ) -> None:
        store.put_site(replace(DEMO, registers_articles=True), patient())
        services.sites.forget("demo")
        assert send("PUT", VOTE, {"choice": "up"}, token=token).json()["code"] == "unknown_article"
        put()
        assert send("PUT", VOTE, {"choice": "up"}, token=token).status == 201
        with_key("DELETE", ARTICLE, WRITE)
        assert send("PUT", VOTE, {"choice": "down"}, token=token).json()["code"] == "unknown_article"


class TestHiddenInLists:
    def test_a_hidden_article_is_in_no_public_list(self, services: Services, store: MemoryStore, cast: Cast) -> None:
        for name in ("a", "b"):
            put(article=name)
            cast(name, {"up": 2})
        put({**BODY, "state": "hidden"})
        project_all(store, services.insights.store, ArticleRef("demo", "a"))
        board = f"{SITE}/leaderboard"
        assert [one["article"] for one in send("GET", board).json()["entries"]] == ["b"]
        assert "article:demo:b" in send("GET", f"{board}.atom").text
        for form in (".atom", ".feed.json", ".csv"):
            assert "article:demo:a" not in send("GET", board + form).text
        for path in (f"{ARTICLE}/history", f"{ARTICLE}/history.csv"):
            assert (send("GET", path).status, with_key("GET", path, READ).status) == (404, 200)
        tallies = send("GET", f"{SITE}/tallies?articles=a,b").json()["tallies"]
        assert [(one["state"], one["voters"]) for one in tallies] == [("unknown", 0), ("open", 2)]
        shown = with_key("GET", board, READ).json()["entries"]
        assert [(one["article"], one["voters"]) for one in shown] == [("b", 2), ("a", 2)]

    def test_a_removed_article_does_not_come_back_to_public_lists(
        self, services: Services, store: MemoryStore, cast: Cast
    ) -> None:
        store.put_site(replace(DEMO, registers_articles=True, ranks="registered"), patient())
        services.sites.forget("demo")
        put()
        cast("a", {"up": 3})
        put({**BODY, "state": "hidden"})
        with_key("DELETE", ARTICLE, WRITE)
        project_all(store, services.insights.store, ArticleRef("demo", "a"))
        assert send("GET", f"{SITE}/leaderboard").json()["entries"] == []
        assert send("GET", f"{ARTICLE}/history").json()["code"] == "unknown_article"
        (tally,) = send("GET", f"{SITE}/tallies?articles=a").json()["tallies"]
        assert (tally["state"], tally["voters"], tally["version"]) == ("unknown", 0, 0)
        assert with_key("GET", f"{SITE}/leaderboard", READ).json()["entries"][0]["voters"] == 3

    def test_a_cursor_never_names_a_hidden_article(self, cast: Cast) -> None:
        for number in range(12):
            cast(f"a-{number}", {"up": number + 1})
            put(article=f"a-{number}")
        for number in (11, 10, 9, 7, 5, 4, 0):
            put({**BODY, "state": "hidden"}, article=f"a-{number}")
        found, cursor = [], ""
        while cursor is not None:
            page = send("GET", f"{SITE}/leaderboard?limit=2{cursor}").json()
            found += [one["article"] for one in page["entries"]]
            cursor = page["cursor"] and f"&cursor={page['cursor']}"
            place = base64.urlsafe_b64decode(page["cursor"] + "==").decode() if page["cursor"] else ""
            assert not [one for one in (11, 10, 9, 7, 5, 4, 0) if f'"a-{one}"' in place]
        assert found == ["a-8", "a-6", "a-3", "a-2", "a-1"]

    def test_a_vote_that_is_sent_again_after_its_article_was_hidden_is_acknowledged(self, token: str) -> None:
        key = {"Idempotency-Key": str(uuid.uuid4())}
        assert send("PUT", VOTE, {"choice": "up"}, key, token=token).status == 201
        put({**BODY, "state": "hidden"})
        again = send("PUT", VOTE, {"choice": "up"}, key, token=token)
        assert (again.status, again.json()["changed"], again.json()["tally"]) == (200, False, None)


class TestBulk:
    def test_each_line_is_an_article_and_the_same_file_again_changes_nothing(self, store: MemoryStore) -> None:
        lines = [{**BODY, "article": f"a-{number}", "title": f"Title {number}"} for number in range(1000)]
        first, again = bulk(*lines), bulk(*lines)
        results = has_form(first, LinesBody)["results"]
        assert [(one["line"], one["article"], one["status"], one["version"]) for one in results] == [
            (number + 1, f"a-{number}", 200, 1) for number in range(1000)
        ]
        assert again.json() == first.json()
        assert store.articles([ArticleRef("demo", "a-999")], patient())[0].article == Article(
            ArticleRef("demo", "a-999"), "Title 999", "https://news.example/a", version=1
        )

    def test_a_bad_line_harms_no_other_line(self) -> None:
        good = {**BODY, "article": "good"}
        answer = bulk(
            good, "", "{", '"text"', {**good, "article": "bad id"}, {**BODY}, {**good, "article": "b", "url": "x"},
            good, "\ufffd", {**good, "article": "c", "state": "closed"}, "[" * 5000, '{"article": "d", "article": "e"}',
        )  # fmt: skip
        found = [(one["line"], one["status"], one["field"]) for one in has_form(answer, LinesBody)["results"]]
        assert found == [
            (1, 200, None), (3, 400, "body"), (4, 422, "body"), (5, 422, "article"), (6, 422, "article"), (7, 422, "url"),
            (8, 422, "article"), (9, 400, "body"), (10, 200, None), (11, 400, "body"), (12, 400, "body"),
        ]  # fmt: skip

    def test_lines_that_there_was_no_time_for_are_to_be_sent_again(
        self, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        calls, real = iter(range(10**6)), store.put_articles

        def slow(*arguments: Any) -> bool:
            if next(calls) >= 2:
                raise Unavailable("No answer.")
            return real(*arguments)

        lines = [{**BODY, "article": f"a-{number}"} for number in range(150)]
        with monkeypatch.context() as patch:
            patch.setattr(store, "put_articles", slow)
            results = bulk(*lines).json()["results"]
        assert [one["status"] for one in results] == [200] * 100 + [503] * 50
        assert {one["code"] for one in results[100:]} == {"unavailable"}
        assert {one["status"] for one in bulk(*lines).json()["results"]} == {200}

    def test_articles_that_somebody_changes_meanwhile_are_changed_on_their_new_version(
        self, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real, overtaken = store.put_articles, [False]

        def overtake(changes: Any, *arguments: Any) -> bool:
            if not overtaken[0]:
                overtaken[0] = True
                put({**BODY, "title": "Meanwhile"})
            return real(changes, *arguments)

        monkeypatch.setattr(store, "put_articles", overtake)
        results = bulk({**BODY, "article": "a"}, {**BODY, "article": "b"}).json()["results"]
        assert [(one["status"], one["version"]) for one in results] == [(200, 2), (200, 1)]
        assert with_key("GET", ARTICLE, WRITE).json()["title"] == "A title"

    def test_what_is_no_file_of_lines_is_refused(self) -> None:
        line = {**BODY, "article": "a"}
        assert bulk(line, content_type="application/json").json()["field"] == "Content-Type"
        assert bulk(line, key=READ).json()["code"] == "scope_too_low"
        assert bulk(*["{}"] * 1001).status == 413
        assert bulk("x" * 4_000_001).status == 413
        assert bulk("").json() == {"results": []}


class TestReset:
    RESET = f"{ARTICLE}/reset"

    def test_the_count_begins_again_and_the_reader_may_vote_again(self, token: str) -> None:
        for choice in ("up", "down"):
            send("PUT", VOTE, {"choice": choice}, {"Idempotency-Key": str(uuid.uuid4())}, token=token)
        answer = with_key("POST", self.RESET, WRITE)
        assert has_form(answer, ResetBody) == {"article": "a", "epoch": 1, "version": 1}
        assert send("GET", TALLY).json()["counts"] == {"up": 0, "down": 0}
        mine = send("GET", VOTE, token=token)
        assert (mine.json()["vote"]["choice"], mine.headers["etag"]) == (None, '"3"')
        assert send("GET", f"{SITE}/votes?articles=a,b", token=token).json()["votes"][0]["choice"] is None
        late = send("PUT", VOTE, {"choice": "up"}, {"If-Match": '"2"'}, token=token)
        assert (late.status, late.json()["vote"]) == (412, mine.json()["vote"])
        again = send("PUT", VOTE, {"choice": "up"}, {"If-Match": '"3"'}, token=token)
        assert (again.status, again.json()["tally"]["counts"], again.headers["etag"]) == (
            201,
            {"up": 1, "down": 0},
            '"4"',
        )
        assert send("GET", f"{SITE}/votes?articles=a,b", token=token).json()["votes"][0]["choice"] == "up"

    def test_the_same_request_again_resets_nothing(self, token: str) -> None:
        key = {"Idempotency-Key": str(uuid.uuid4())}
        first = with_key("POST", self.RESET, WRITE, headers=key)
        send("PUT", VOTE, {"choice": "up"}, token=token)
        again = with_key("POST", self.RESET, WRITE, headers=key)
        assert (again.status, again.json()) == (200, first.json())
        assert send("GET", TALLY).json()["voters"] == 1
        assert with_key("POST", self.RESET, WRITE).json()["epoch"] == 2

    def test_a_read_key_and_a_bad_key_of_a_request_reset_nothing(self, token: str) -> None:
        send("PUT", VOTE, {"choice": "up"}, token=token)
        assert with_key("POST", self.RESET, READ).json()["code"] == "scope_too_low"
        bad = with_key("POST", self.RESET, WRITE, headers={"Idempotency-Key": "x"})
        assert (bad.status, bad.json()["field"]) == (400, "Idempotency-Key")
        assert send("GET", TALLY).json()["voters"] == 1

    def test_the_history_keeps_both_epochs_and_leaderboards_count_the_new_one(
        self, services: Services, store: MemoryStore, cast: Cast
    ) -> None:
        hour = 3600
        ref = ArticleRef("demo", "a")
        cast("a", {"up": 40}, START - 2 * hour)
        with_key("POST", self.RESET, WRITE)
        project_all(store, services.insights.store, ref)
        assert send("GET", f"{SITE}/tallies?articles=a").json()["tallies"][0]["voters"] == 0
        for voter in range(3):
            wish = Wish(ref, f"w{voter}", "down", f"r{voter}", START)
            apply(store, wish, patient(), registered_only=False)
        project_all(store, services.insights.store, ref)
        points = send("GET", f"{ARTICLE}/history").json()["points"]
        assert [(one["counts"], one["gained"]["counts"]) for one in points] == [
            ({"up": 40, "down": 0}, {"up": 40, "down": 0}), ({"up": 40, "down": 0}, {"up": 0, "down": 0}),
            ({"up": 0, "down": 3}, {"up": 0, "down": 3}),
        ]  # fmt: skip
        assert all(one >= 0 for one in send("GET", f"{SITE}/leaderboard").json()["entries"][0]["trend"]["values"])
        for window in ("hour", "day", "all"):
            (entry,) = send("GET", f"{SITE}/leaderboard?window={window}").json()["entries"]
            assert (entry["voters"], entry["counts"], entry["total"]) == (3, {"up": 0, "down": 3}, 3), window

    def test_nothing_of_an_old_epoch_comes_back_when_the_new_one_has_no_votes(
        self, services: Services, store: MemoryStore, cast: Cast
    ) -> None:
        hour, ref = 3600, ArticleRef("demo", "a")
        cast("a", {"up": 40}, START - 3 * hour)
        with_key("POST", self.RESET, WRITE)

        def state() -> tuple[int, list[int], int]:
            project_all(store, services.insights.store, ref)
            points = [one["voters"] for one in send("GET", f"{ARTICLE}/history").json()["points"]]
            boards = (send("GET", f"{SITE}/leaderboard?window={one}").json()["entries"] for one in ("day", "all"))
            return send("GET", TALLY).json()["voters"], points, sum(one["total"] for found in boards for one in found)

        assert state() == (0, [40, 40, 40, 0], 0)
        for choice in ("up", None):
            wish = Wish(ref, "w", choice, f"r{choice}", START)
            apply(store, wish, patient(), registered_only=False)
            assert state()[1][-1] == (1 if choice else 0)
        assert state() == (0, [40, 40, 40, 0], 0)

    def test_the_list_of_votes_says_the_same_as_each_vote(self, token: str) -> None:
        for method, body in (("PUT", {"choice": "up"}), ("DELETE", None)):
            send(method, VOTE, body, token=token)
        with_key("POST", self.RESET, WRITE)
        (listed,) = send("GET", f"{SITE}/votes?articles=a", token=token).json()["votes"]
        assert listed["version"] == send("GET", VOTE, token=token).json()["vote"]["version"] == 3

"""Articles over HTTP: registered, changed and removed."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.publishing.article_wire import ArticleBody, RemovedArticleBody
from chalicelib.publishing.articles import ArticleRef
from tests.support.articles import ARTICLE, BODY, TALLY, VOTE, put
from tests.support.fakes import MemoryStore, patient
from tests.support.forms import has_form
from tests.support.gateway import send
from tests.support.keys import READ, WRITE, with_key

pytestmark = pytest.mark.usefixtures("keys")


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

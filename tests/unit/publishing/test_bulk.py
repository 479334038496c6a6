"""Articles over HTTP in bulk: a result for each line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.errors import Unavailable
from chalicelib.publishing.article_wire import LinesBody
from chalicelib.publishing.articles import Article, ArticleRef
from tests.support.articles import ARTICLE, BODY, SITE, put
from tests.support.fakes import MemoryStore, patient
from tests.support.forms import has_form
from tests.support.gateway import Answer, call, event
from tests.support.keys import READ, WRITE, with_key

pytestmark = pytest.mark.usefixtures("keys")


def bulk(*lines: Any, key: str = WRITE, content_type: str = "application/x-ndjson") -> Answer:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": content_type}
    return call(event("POST", f"{SITE}/articles", text, headers))


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

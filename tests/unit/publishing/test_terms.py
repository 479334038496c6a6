"""When articles take votes, and who sees those that are hidden or removed."""

from __future__ import annotations

import base64
import uuid
from dataclasses import replace

import pytest

from chalicelib.publishing.articles import ArticleRef
from chalicelib.services import Services
from tests.support.articles import ARTICLE, BODY, SITE, TALLY, VOTE, put
from tests.support.fakes import DEMO, START, Clock, MemoryStore, patient
from tests.support.gateway import send
from tests.support.insights import Cast
from tests.support.keys import READ, WRITE, with_key
from tests.support.stream import project_all

pytestmark = pytest.mark.usefixtures("keys")


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

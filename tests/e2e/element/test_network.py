"""Votes on `<article-vote>` over a network that loses, delays, refuses and caches: none is lost or made up."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import BrowserContext, Request, Route

from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.registering import register
from tests.support.expecting import expect
from tests.support.fakes import patient
from tests.support.http import fetch
from tests.support.reader import Reader, answer_with, let_through, refuse_renewals
from tests.support.stack import Stack


class TestTheNetwork:
    def test_an_answer_lost_after_the_vote_was_stored_is_asked_for_again_with_the_same_key(
        self, reader: Reader
    ) -> None:
        def swallow(route: Route) -> None:
            assert let_through(route, "up").status == 201
            route.abort()

        reader.open().sees("Be the first to vote.")
        reader.page.route("**/vote", swallow, times=1)
        reader.click("Like")
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        reader.sees("Only you voted.", "Like")
        first, second = (one.all_headers()["idempotency-key"] for one in reader.votes_sent())
        assert first == second
        assert (reader.tally()["voters"], reader.tally()["version"]) == (1, 1)

    def test_offline_the_vote_waits_says_so_and_goes_out_when_the_network_is_back(
        self, reader: Reader, context: BrowserContext
    ) -> None:
        reader.page.clock.install()
        reader.open().sees("Be the first to vote.")
        context.set_offline(True)
        reader.click("Like")
        reader.sees("Only you voted.", "Like", "Not saved yet, trying again…")
        for _ in range(20):  # long enough for pauses of a minute; from here on no time passes
            reader.page.clock.run_for(30_000)
        assert reader.tally()["voters"] == 0
        context.set_offline(False)
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        reader.sees("Only you voted.", "Like")
        assert reader.tally()["voters"] == 1

    @pytest.mark.parametrize("where", ["the same page", "another page of the site"])
    def test_a_vote_that_never_got_through_goes_out_on_the_next_page(
        self, reader: Reader, context: BrowserContext, where: str
    ) -> None:
        reader.open().sees("Be the first to vote.")
        reader.page.route("**/vote", lambda route: route.abort())
        reader.click("Like")
        reader.sees("Only you voted.", "Like", "Not saved yet, trying again…")
        first = reader.votes_sent()[0].all_headers()["idempotency-key"]
        reader.page.close()
        assert reader.tally()["voters"] == 0
        later = context.new_page()
        sent: list[Request] = []
        later.on("request", lambda request: sent.append(request) if request.method == "PUT" else None)
        tag = reader.tag() if where == "the same page" else '<article-vote site="demo" article="other"></article-vote>'
        later.goto(reader.publisher.put(tag, path="/later"))
        reader.page = later
        reader.until("the request", lambda: len(sent), lambda number: number == 1)
        reader.until("the vote", lambda: reader.tally()["voters"], lambda voters: voters == 1)
        assert {one.all_headers()["idempotency-key"] for one in sent} == {first}

    @pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 422])
    def test_a_refused_vote_is_rolled_back_and_the_reader_is_told_why(self, reader: Reader, status: int) -> None:
        why = {
            403: "Votes are not taken from this page.",
            404: "This article takes no votes.",
            409: "Your vote came too late.",
            422: "This choice is not offered any more.",
        }
        reader.others_vote(3)
        reader.open().sees("3 users have voted.")
        answer_with(reader.page, status, {"code": "some_code", "detail": "<b>No.</b>"})
        reader.click("Like")
        reader.sees("3 users have voted.", None, why.get(status, "Your vote was not taken."))
        reader.was_told(["vote-refused", "up", status, "article-vote"])
        reader.click("Like")
        reader.sees("4 users have voted, including you.", "Like")

    @pytest.mark.parametrize("status", [429, 503])
    def test_retry_after_is_obeyed(self, reader: Reader, status: int) -> None:
        reader.page.clock.install()
        reader.open().sees("Be the first to vote.")
        met = answer_with(reader.page, status, headers={"Retry-After": "120"})
        reader.click("Like")
        reader.sees("Only you voted.", "Like", "Not saved yet, trying again…")
        reader.page.clock.run_for(119_000)
        assert len(reader.votes_sent()) == len(met) == 1
        reader.page.clock.run_for(3_000)
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        assert len(reader.votes_sent()) == 2

    @pytest.mark.parametrize("status", [408, 500, 502, 504])
    def test_trouble_on_the_way_is_unknown_not_failed(self, reader: Reader, status: int) -> None:
        reader.open().sees("Be the first to vote.")
        answer_with(reader.page, status, times=2)
        reader.click("Like")
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        assert len({one.all_headers()["idempotency-key"] for one in reader.votes_sent()}) == 1
        assert reader.tally()["voters"] == 1

    def test_a_garbled_success_is_unknown_too(self, reader: Reader) -> None:
        reader.open().sees("Be the first to vote.")
        cors = {"Access-Control-Allow-Origin": "*"}
        reader.page.route(
            "**/vote", lambda route: route.fulfill(status=200, headers=cors, body='{"vote": {"ch'), times=1
        )
        reader.click("Like")
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        assert reader.tally()["voters"] == 1

    def test_a_token_that_is_not_known_any_more_is_replaced_once(self, reader: Reader) -> None:
        reader.open().click("Like")
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        refuse_renewals(reader.page)
        answer_with(reader.page, 401)
        reader.click("Dislike")
        reader.was_told(["vote-cast", "up", None, "article-vote"], ["vote-cast", "down", None, "article-vote"])
        reader.sees("2 users have voted, including you.", "Dislike")
        answer_with(reader.page, 401, times=2)
        reader.click("Like")
        reader.until(
            "the refusal", lambda: reader.told()[-1], lambda last: last == ["vote-refused", "up", 401, "article-vote"]
        )

    def test_a_vote_changed_elsewhere_is_read_again_and_shown_as_it_is(self, reader: Reader) -> None:
        reader.open().click("Like")
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        token = reader.page.evaluate(
            "JSON.parse(Object.entries(localStorage).find(([key]) => key.endsWith('/sites/demo'))[1])"
        )
        assert fetch("DELETE", f"{reader.url}/vote", token=token).json()["tally"]["voters"] == 0
        reader.click("Dislike")
        reader.sees("Be the first to vote.", None, "Your vote had changed elsewhere.")
        reader.was_told(["vote-cast", "up", None, "article-vote"], ["vote-refused", "down", 412, "article-vote"])
        reader.click("Dislike")
        reader.sees("Only you voted.", "Dislike")

    def test_voting_that_closed_meanwhile_is_said_and_shown(self, reader: Reader, stack: Stack) -> None:
        reader.others_vote(1)
        reader.open().sees("1 user has voted.")
        ref = ArticleRef("demo", reader.article)
        register(stack.table, Article(ref, "T", "https://news.example", closes_at=1), 1, patient())
        reader.click("Like")
        reader.sees("Voting is closed. 1 user has voted.", None, "Your vote came too late.")
        expect(reader.button("Like").first).to_be_disabled()

    @pytest.mark.parametrize("several", [False, True], ids=["an article", "a list"])
    def test_a_stale_tally_out_of_a_cache_never_leaves_out_the_readers_own_vote(
        self, reader: Reader, several: bool
    ) -> None:
        more = "" if not several else '><article-vote site="demo" article="other"></article-vote'
        reader.others_vote(2)
        old = fetch("GET", f"{reader.url}/tally").text
        reader.open(more)
        line = reader.page.locator("[part=line]").first
        expect(line).to_have_text("2 users have voted.")
        reader.click("Like")
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        body = json.dumps({"tallies": [json.loads(old)] * 2}) if several else old
        stale: list[Request] = []

        def from_the_cache(route: Route) -> None:
            stale.append(route.request)
            route.fulfill(status=200, headers={"Access-Control-Allow-Origin": "*"}, body=body)

        reader.page.route("**/tallies?*" if several else "**/tally", from_the_cache)
        reader.page.reload()
        reader.until("the stale answer", lambda: len(stale), lambda number: number >= 1)
        expect(line).to_have_text("3 users have voted, including you.")
        reader.page.evaluate("document.querySelector('article-vote').refresh()")
        expect(line).to_have_text("3 users have voted, including you.")

    def test_an_answer_without_a_tally_counts_the_vote_all_the_same(self, reader: Reader) -> None:
        reader.others_vote(2)
        reader.open().sees("2 users have voted.")

        def without(route: Route) -> None:
            response = let_through(route, "up")
            route.fulfill(response=response, body=json.dumps(response.json() | {"tally": None}))

        reader.page.route("**/vote", without, times=1)
        reader.click("Like")
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        reader.sees("3 users have voted, including you.", "Like")

"""A reader's clicks on `<article-vote>`, in a real browser, against the deployed stack: what comes of them."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Request, Route, expect

from chalicelib.domain.articles import Article, ArticleRef
from tests.e2e.conftest import Stack
from tests.support.fakes import patient
from tests.support.http import fetch, until
from tests.support.publisher import Publisher

T = TypeVar("T")
NUMBERS = itertools.count()
EVENTS = """
    window.told = [];
    for (const type of ["vote-cast", "vote-retracted", "vote-refused"])
      document.addEventListener(type, ({ type, detail, target }) =>
        told.push([type, detail.choice, detail.status ?? null, target.localName]));
"""


class Reader:
    """One article on a page of the publisher's, and what its reader sees and does."""

    def __init__(self, page: Page, publisher: Publisher, stack: Stack, site: str = "demo") -> None:
        self.page, self.publisher, self.stack, self.site = page, publisher, stack, site
        self.article = f"article-{next(NUMBERS)}"
        self.url = f"{stack.api}/v1/sites/{site}/articles/{self.article}"
        self.requests: list[Request] = []
        page.on("request", lambda request: self.requests.append(request))
        page.add_init_script(EVENTS)

    def tag(self, more: str = "", fallback: str = "Fallback.") -> str:
        return f'<article-vote site="{self.site}" article="{self.article}" {more}>{fallback}</article-vote>'

    def open(self, more: str = "", path: str = "/") -> Reader:
        self.page.goto(self.publisher.put(self.tag(more), path=path))
        return self

    def sees(self, line: str, pressed: str | None = None, note: str = "") -> None:
        expect(self.page.locator("[part=line]")).to_have_text(line)
        expect(self.page.locator("[part=note]")).to_have_text(note)
        chosen = self.page.locator("button[aria-pressed=true]")
        if pressed is None:
            expect(chosen).to_have_count(0)
        else:
            expect(chosen).to_have_count(1)
            expect(chosen).to_contain_text(pressed)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=re.compile(f"^{name}"))

    def click(self, name: str) -> None:
        self.button(name).first.click()

    def until(self, what: str, read: Callable[[], T], holds: Callable[[T], bool]) -> T:
        # Waiting inside the browser's loop, so that what happens there reaches the test meanwhile.
        return until(what, read, holds, pause=lambda: self.page.wait_for_timeout(50))

    def told(self) -> list[list[Any]]:
        found: list[list[Any]] = self.page.evaluate("told")
        return found

    def was_told(self, *events: list[Any]) -> None:
        self.until("the events", self.told, lambda told: told == list(events))

    def tally(self) -> dict[str, Any]:
        found: dict[str, Any] = fetch("GET", f"{self.url}/tally").json()
        return found

    def votes_sent(self) -> list[Request]:
        return [one for one in self.requests if one.method in ("PUT", "DELETE")]

    def others_vote(self, number: int, choice: str = "up") -> None:
        for _ in range(number):
            token = self.stack.new_token(self.site)
            assert fetch("PUT", f"{self.url}/vote", {"choice": choice}, token=token).status == 201


@pytest.fixture
def reader(page: Page, publisher: Publisher, stack: Stack) -> Reader:
    return Reader(page, publisher, stack)


@pytest.fixture
def reader_of(page: Page, publisher: Publisher, stack: Stack) -> Callable[[str], Reader]:
    return lambda site: Reader(page, publisher, stack, site)


def answer_with(
    page: Page, status: int, body: object = None, headers: dict[str, str] | None = None, times: int = 1
) -> list[Request]:
    """The next votes do not reach the service and get this answer; the requests that got it."""
    met: list[Request] = []

    def answer(route: Route) -> None:
        if route.request.method == "OPTIONS":
            return route.continue_()
        met.append(route.request)
        cors = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag, Retry-After"}
        return route.fulfill(status=status, headers=cors | (headers or {}), body=json.dumps(body or {"code": "x"}))

    page.route("**/vote", answer, times=times)
    return met


class TestVoting:
    def test_a_first_vote_a_change_a_retraction_and_a_reload(self, reader: Reader) -> None:
        reader.others_vote(2)
        reader.open().sees("2 users have voted.")
        reader.click("Like")
        reader.sees("3 users have voted, including you.", "Like")
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        assert reader.tally()["counts"] == {"up": 3, "down": 0}
        reader.click("Dislike")
        reader.sees("3 users have voted, including you.", "Dislike")
        reader.was_told(["vote-cast", "up", None, "article-vote"], ["vote-cast", "down", None, "article-vote"])
        assert reader.tally()["counts"] == {"up": 2, "down": 1}
        reader.page.reload()
        reader.sees("3 users have voted, including you.", "Dislike")
        reader.click("Dislike")
        reader.sees("2 users have voted.")
        reader.was_told(["vote-retracted", None, None, "article-vote"])
        assert reader.tally()["counts"] == {"up": 2, "down": 0}
        reader.page.reload()
        reader.sees("2 users have voted.")

    def test_the_only_voter_and_nobody_have_words_of_their_own(self, reader: Reader) -> None:
        reader.open().sees("Be the first to vote.")
        reader.click("Like")
        reader.sees("Only you voted.", "Like")

    def test_nothing_is_stored_or_sent_that_tells_readers_apart_before_the_first_click(
        self, reader: Reader, context: BrowserContext
    ) -> None:
        reader.open().sees("Be the first to vote.")
        assert reader.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
        reader.click("Like")
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        before = reader.requests[: reader.requests.index(reader.votes_sent()[0])]
        sent = [one.all_headers() for one in before if "/voters" not in one.url]
        assert not [headers for headers in sent if "authorization" in headers or "cookie" in headers]
        assert context.cookies() == []
        assert reader.page.evaluate("Object.keys(localStorage).length") == 2

    def test_a_vote_says_what_it_knows_and_has_a_key_of_its_own(self, reader: Reader) -> None:
        reader.open().click("Like")
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        reader.click("Dislike")
        reader.until("both votes", lambda: len(reader.votes_sent()), lambda number: number == 2)
        first, second = (one.all_headers() for one in reader.votes_sent())
        assert (first["if-match"], second["if-match"]) == ('"0"', '"1"')
        assert first["idempotency-key"] != second["idempotency-key"]

    def test_the_vote_shows_at_once_however_slow_the_network_is(self, reader: Reader) -> None:
        held: list[Route] = []
        reader.others_vote(1)
        reader.open().sees("1 user has voted.")
        reader.page.route("**/vote", lambda route: held.append(route), times=1)
        reader.click("Like")
        reader.sees("2 users have voted, including you.", "Like")
        reader.until("the request", lambda: len(held), lambda number: number == 1)
        assert reader.tally()["voters"] == 1
        assert reader.told() == []
        held[0].continue_()
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        reader.sees("2 users have voted, including you.", "Like")

    def test_a_click_while_one_is_on_its_way_is_sent_after_it_and_wins(self, reader: Reader) -> None:
        held: list[Route] = []
        reader.open().sees("Be the first to vote.")
        reader.page.route("**/vote", lambda route: held.append(route), times=1)
        for name in ("Like", "Dislike", "Dislike", "Dislike"):
            reader.click(name)
        reader.sees("Only you voted.", "Dislike")
        reader.until("the request", lambda: len(held), lambda number: number == 1)
        held[0].continue_()
        reader.was_told(["vote-cast", "up", None, "article-vote"], ["vote-cast", "down", None, "article-vote"])
        assert reader.tally()["counts"] == {"up": 0, "down": 1}
        assert len(reader.votes_sent()) == 2, "what was changed again in between need not be sent"

    def test_methods_vote_retract_and_refresh_do_what_their_names_say(self, reader: Reader) -> None:
        reader.open().sees("Be the first to vote.")
        run = reader.page.evaluate
        assert run("document.querySelector('article-vote').vote('down')") is True
        reader.sees("Only you voted.", "Dislike")
        assert run("document.querySelector('article-vote').vote('sideways')") is False
        reader.sees("Only you voted.", "Dislike", "This choice is not offered any more.")
        assert run("document.querySelector('article-vote').retract()") is True
        reader.sees("Be the first to vote.")
        reader.others_vote(1)
        run("document.querySelector('article-vote').refresh()")
        reader.sees("1 user has voted.")

    def test_a_method_called_at_once_waits_for_the_element_and_one_that_changes_nothing_ends(
        self, reader: Reader
    ) -> None:
        reader.open()
        at_once = f"""async () => {{
            const element = document.createElement("article-vote");
            element.setAttribute("site", "demo");
            element.setAttribute("article", "{reader.article}");
            document.querySelector("main").append(element);
            const retract = await element.retract();
            return [retract, await element.vote("up"), await element.vote("up"), await element.retract()];
        }}"""
        assert reader.page.evaluate(at_once) == [True, True, True, True]
        assert reader.tally()["version"] == 2

    def test_a_readonly_element_shows_and_does_not_take(self, reader: Reader) -> None:
        reader.others_vote(1)
        reader.open("readonly").sees("1 user has voted.")
        expect(reader.button("Like").first).to_be_disabled()
        assert reader.page.evaluate("document.querySelector('article-vote').vote('up')") is False
        assert reader.tally()["voters"] == 1

    def test_stars_are_radio_buttons_and_the_chosen_one_takes_the_vote_back(
        self, reader_of: Callable[[str], Reader]
    ) -> None:
        reader = reader_of("stars")
        reader.others_vote(1, "5")
        reader.open().sees("1 user has voted. Average: 5 of 5.")
        stars = reader.page.get_by_role("radio")
        expect(stars).to_have_count(5)
        reader.page.get_by_role("radio", name="2 stars").press("Space")
        reader.sees("2 users have voted, including you. Average: 3.5 of 5.")
        reader.was_told(["vote-cast", "2", None, "article-vote"])
        reader.page.get_by_role("radio", name="2 stars").press("ArrowRight")
        expect(reader.page.get_by_role("radio", name="3 stars")).to_be_checked()
        expect(reader.page.get_by_role("radio", name="3 stars")).to_be_focused()
        reader.until("the change", lambda: reader.tally()["counts"]["3"], lambda count: count == 1)
        reader.page.locator("label").nth(2).click()
        reader.sees("1 user has voted. Average: 5 of 5.")
        reader.until("the retraction", lambda: reader.tally()["voters"], lambda voters: voters == 1)
        reader.page.locator("label").nth(0).click()
        reader.sees("2 users have voted, including you. Average: 3 of 5.")
        reader.click("Remove my vote")
        reader.sees("1 user has voted. Average: 5 of 5.")
        expect(reader.page.get_by_role("radio", name="1 star")).to_be_focused()

    def test_reactions_may_have_any_name(self, reader_of: Callable[[str], Reader]) -> None:
        reader = reader_of("reactions")
        reader.open().sees("Be the first to vote.")
        for name in ("constructor", "null", "joy"):
            reader.click(name)
            reader.sees("Only you voted.", name)
        reader.until("the vote", lambda: reader.tally()["counts"]["joy"], lambda count: count == 1)
        assert reader.tally()["voters"] == 1

    def test_a_click_by_keyboard_keeps_the_focus_and_is_told_to_screen_readers(self, reader: Reader) -> None:
        reader.open().sees("Be the first to vote.")
        expect(reader.page.get_by_role("status")).to_have_text("")
        reader.page.keyboard.press("Tab")
        expect(reader.button("Like").first).to_be_focused()
        reader.page.keyboard.press("Enter")
        reader.sees("Only you voted.", "Like")
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        expect(reader.page.get_by_role("status")).to_contain_text("Only you voted.")
        expect(reader.button("Like").first).to_be_focused()


class TestTheNetwork:
    def test_an_answer_lost_after_the_vote_was_stored_is_asked_for_again_with_the_same_key(
        self, reader: Reader
    ) -> None:
        def swallow(route: Route) -> None:
            assert route.fetch().status == 201
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
        assert [one.all_headers()["idempotency-key"] for one in sent] == [first]

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
        stack.table.put_article(Article(ref, "T", "https://news.example", closes_at=1), 1, patient())
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
            response = route.fetch()
            route.fulfill(response=response, body=json.dumps(response.json() | {"tally": None}))

        reader.page.route("**/vote", without, times=1)
        reader.click("Like")
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        reader.sees("3 users have voted, including you.", "Like")


class TestOddities:
    """What went wrong once, in the hands of somebody who tried."""

    @pytest.mark.parametrize(
        "how",
        [
            "localStorage.clear()",
            "Object.keys(localStorage).filter(k => k.endsWith('/sites/demo')).forEach(k => localStorage[k] = '{broken')",
        ],
        ids=["cleared", "a broken token"],
    )
    def test_a_reader_whose_token_is_gone_votes_on_as_a_new_voter(self, reader: Reader, how: str) -> None:
        reader.open().click("Like")
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        reader.page.evaluate(how)
        reader.click("Dislike")
        reader.was_told(["vote-cast", "up", None, "article-vote"], ["vote-cast", "down", None, "article-vote"])
        reader.sees("2 users have voted, including you.", "Dislike")
        assert reader.tally()["counts"] == {"up": 1, "down": 1}
        reader.click("Dislike")
        reader.sees("1 user has voted.")

    def test_a_token_replaced_for_one_article_is_a_new_voter_on_all(self, reader: Reader) -> None:
        tags = reader.tag() + '<article-vote site="demo" article="beside"></article-vote>'
        reader.page.goto(reader.publisher.put(tags))
        for number in (0, 1):
            reader.button("Like").nth(number).click()
        reader.was_told(*[["vote-cast", "up", None, "article-vote"]] * 2)
        answer_with(reader.page, 401)
        reader.button("Dislike").nth(0).click()
        reader.until("the third event", lambda: len(reader.told()), lambda number: number == 3)
        reader.button("Dislike").nth(1).click()
        reader.until("the fourth event", lambda: len(reader.told()), lambda number: number == 4)
        assert [event[:2] for event in reader.told()[2:]] == [["vote-cast", "down"]] * 2

    def test_a_private_answer_that_is_refused_is_not_asked_for_again_at_once(self, reader: Reader) -> None:
        def without(route: Route) -> None:
            if route.request.method == "GET":
                cors = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After"}
                route.fulfill(status=503, headers=cors | {"Retry-After": "60"}, body="{}")
            else:
                response = route.fetch()
                route.fulfill(response=response, body=json.dumps(response.json() | {"tally": None}))

        reader.open().sees("Be the first to vote.")
        reader.page.route("**/vote", without)
        reader.click("Like")
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        for _ in range(5):
            reader.page.evaluate("document.querySelector('article-vote').refresh()")
        assert len([one for one in reader.requests if one.url.endswith("/vote") and one.method == "GET"]) == 5

    def test_two_refused_tokens_leave_the_count_as_it_is(self, reader: Reader) -> None:
        reader.others_vote(1)
        reader.open().click("Like")
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        answer_with(reader.page, 401, times=3)
        reader.click("Dislike")
        reader.until("the refusal", lambda: reader.told()[-1][2], lambda status: status == 401)
        reader.page.reload()
        reader.sees("2 users have voted.")

    @pytest.mark.parametrize(
        "body",
        ["{}", "[]", "1", '"x"', "true", '{"vote": true}', '{"vote": {}}', '{"vote": {"version": 1}, "tally": {}}',
         '{"vote": {"version": 1, "choice": "up"}, "tally": "x"}'],
    )  # fmt: skip
    def test_a_success_that_makes_no_sense_is_no_answer(self, reader: Reader, body: str) -> None:
        reader.open().sees("Be the first to vote.")
        cors = {"Access-Control-Allow-Origin": "*"}
        reader.page.route("**/vote", lambda route: route.fulfill(status=200, headers=cors, body=body), times=1)
        reader.click("Like")
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        assert reader.tally()["voters"] == 1
        reader.page.reload()
        reader.sees("Only you voted.", "Like")

    def test_a_new_voter_without_a_token_is_no_answer(self, reader: Reader) -> None:
        reader.open().sees("Be the first to vote.")
        cors = {"Access-Control-Allow-Origin": "*"}
        reader.page.route("**/voters", lambda route: route.fulfill(status=201, headers=cors, body="{}"), times=2)
        reader.click("Like")
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        assert reader.tally()["voters"] == 1

    @pytest.mark.parametrize("body", ["{}", "[]", '{"tallies": []}', '{"tallies": [null, null]}', "0"])
    def test_a_list_that_makes_no_sense_is_asked_for_again(self, reader: Reader, body: str) -> None:
        warnings: list[str] = []
        reader.page.on("console", lambda one: warnings.append(one.text) if one.type == "warning" else None)
        reader.page.clock.install()
        cors = {"Access-Control-Allow-Origin": "*"}
        reader.page.route("**/tallies?*", lambda route: route.fulfill(status=200, headers=cors, body=body), times=1)
        reader.page.goto(reader.publisher.put(reader.tag() + '<article-vote site="demo" article="b"></article-vote>'))
        expect(reader.page.locator("article-vote").first).to_have_text("Fallback.")

        def time_passes() -> None:
            reader.page.clock.run_for(5_000)
            reader.page.wait_for_timeout(50)

        until("the lines", reader.page.locator("[part=line]").count, lambda number: number == 2, pause=time_passes)
        assert warnings == []

    @pytest.mark.parametrize(
        "kept",
        ["{broken", "7", '{"vote": true}', '{"vote": {}, "tally": {}}', '{"vote": {"version": 1}, "tally": "x", "at": 9e15}'],
    )  # fmt: skip
    def test_what_somebody_else_wrote_into_our_storage_upsets_nothing(self, reader: Reader, kept: str) -> None:
        reader.others_vote(1)
        reader.page.add_init_script(f"localStorage['article-vote {reader.url.replace('/articles', '')}'] = {kept!r}")
        reader.open().sees("1 user has voted.")
        reader.click("Like")
        reader.sees("2 users have voted, including you.", "Like")
        reader.was_told(["vote-cast", "up", None, "article-vote"])

    def test_where_storage_is_full_votes_work_and_forget_leaves_nothing(self, reader: Reader) -> None:
        reader.open().click("Like")
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        reader.page.evaluate(
            "let text = 'x'.repeat(2 ** 20); for (let n = 0; text.length;) try { localStorage['fill' + n++] = text }"
            " catch { text = text.slice(text.length / 2 + 1) }"
        )
        reader.click("Dislike")
        reader.was_told(["vote-cast", "up", None, "article-vote"], ["vote-cast", "down", None, "article-vote"])
        reader.page.evaluate("ArticleVote.forget()")
        assert reader.page.evaluate("Object.keys(localStorage).filter(key => !key.startsWith('fill'))") == []
        reader.page.reload()
        reader.sees("1 user has voted.")

    def test_forget_outruns_a_private_answer_on_its_way(self, reader: Reader) -> None:
        held: list[Route] = []
        reader.others_vote(1)
        reader.open().click("Like")
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        reader.page.route("**/vote", lambda route: held.append(route), times=1)
        reader.page.evaluate("window.read = document.querySelector('article-vote').refresh(); 0")
        reader.until("the request", lambda: len(held), lambda number: number == 1)
        reader.page.evaluate("ArticleVote.forget()")
        held[0].continue_()
        reader.page.evaluate("read")
        reader.sees("2 users have voted.")
        reader.click("Like")
        reader.sees("3 users have voted, including you.", "Like")

    def test_forget_in_one_tab_keeps_another_from_becoming_a_voter(
        self, reader: Reader, context: BrowserContext
    ) -> None:
        held: list[Route] = []
        reader.open().sees("Be the first to vote.")
        reader.page.route("**/voters", lambda route: held.append(route), times=1)
        reader.click("Like")
        reader.until("the request", lambda: len(held), lambda number: number == 1)
        second = context.new_page()
        second.goto(reader.publisher.url)
        expect(second.locator("[part=line]")).to_have_text("Only you voted.")
        second.evaluate("ArticleVote.forget()")
        reader.sees("Be the first to vote.")
        with reader.page.expect_response("**/voters"):
            held[0].continue_()
        reader.page.evaluate("new Promise(requestAnimationFrame)")
        assert reader.page.evaluate("localStorage.length") == 0

    def test_forget_works_where_the_script_was_loaded_twice(self, reader: Reader) -> None:
        scripts = "".join(
            f'<script type="module" src="{reader.stack.api}/embed/v1/article-vote.js{query}"></script>'
            for query in ("", "?again")
        )
        reader.page.goto(reader.publisher.put(reader.tag(), head=scripts))
        reader.click("Like")
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        reader.page.evaluate("ArticleVote.forget()")
        reader.sees("1 user has voted.")

    def test_a_click_after_forget_does_not_wait_for_the_pause_of_the_one_before(self, reader: Reader) -> None:
        reader.page.clock.install()
        reader.open().sees("Be the first to vote.")
        answer_with(reader.page, 503, headers={"Retry-After": "3000"})
        reader.click("Like")
        reader.sees("Only you voted.", "Like", "Not saved yet, trying again…")
        reader.page.evaluate("ArticleVote.forget()")
        reader.sees("Be the first to vote.")
        reader.click("Like")
        reader.was_told(["vote-cast", "up", None, "article-vote"])

    def test_the_event_of_an_element_that_left_the_page_comes_from_another_of_its_article(self, reader: Reader) -> None:
        held: list[Route] = []
        reader.page.goto(reader.publisher.put(reader.tag() + reader.tag("readonly")))
        reader.page.route("**/vote", lambda route: held.append(route), times=1)
        reader.click("Like")
        reader.until("the request", lambda: len(held), lambda number: number == 1)
        reader.page.evaluate("document.querySelector('article-vote').remove()")
        held[0].continue_()
        reader.was_told(["vote-cast", "up", None, "article-vote"])

    def test_an_element_taken_into_another_document_breaks_nothing(self, reader: Reader) -> None:
        reader.open().sees("Be the first to vote.")
        reader.page.evaluate(
            "const frame = document.createElement('iframe'); document.body.append(frame);"
            "frame.contentDocument.body.append(document.querySelector('article-vote'))"
        )
        expect(reader.page.frame_locator("iframe").locator("article-vote")).to_have_count(1)


class TestManyOnAPage:
    def test_fifty_elements_share_one_request_and_once_there_is_a_token_one_more(self, reader: Reader) -> None:
        tags = [f'<article-vote site="demo" article="fifty-{n}"></article-vote>' for n in range(50)]
        url = reader.publisher.put("".join(tags))
        reader.page.goto(url)
        expect(reader.page.locator("[part=line]")).to_have_count(50)

        def read() -> list[str]:
            return [one.url.split("?")[0].rsplit("/", 1)[-1] for one in reader.requests if "/v1/sites/" in one.url]

        assert set(read()) == {"tallies"}
        assert len({id(one) for one in reader.requests if "tallies" in one.url}) == 1
        reader.button("Like").nth(3).click()
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        reader.requests.clear()
        reader.page.reload()
        expect(reader.page.locator("[part=line]")).to_have_count(50)
        expect(reader.page.locator("button[aria-pressed=true]")).to_have_count(1)
        expect(reader.page.locator("[part=line]").nth(3)).to_have_text("Only you voted.")
        assert sorted(set(read())) == ["tallies", "votes"]

    def test_more_than_a_hundred_are_asked_for_in_chunks(self, reader: Reader) -> None:
        tags = [f'<article-vote site="demo" article="many-{n}"></article-vote>' for n in range(130)]
        reader.page.goto(reader.publisher.put("".join(tags)))
        expect(reader.page.locator("[part=line]")).to_have_count(130)
        asked = [one.url for one in reader.requests if "/tallies?" in one.url]
        assert sorted(len(url.split("=")[1].split(",")) for url in asked) == [30, 100]

    def test_elements_of_one_article_on_one_page_agree(self, reader: Reader) -> None:
        reader.page.goto(reader.publisher.put(reader.tag() + reader.tag('layout="compact"')))
        reader.click("Like")
        lines = reader.page.locator("[part=line]")
        expect(lines.nth(0)).to_have_text("Only you voted.")
        expect(lines.nth(1)).to_have_text("Only you voted.")
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        assert len(reader.votes_sent()) == 1

    def test_two_tabs_agree(self, reader: Reader, context: BrowserContext) -> None:
        reader.others_vote(1)
        reader.open().sees("1 user has voted.")
        second = Reader(context.new_page(), reader.publisher, reader.stack)
        second.page.goto(reader.publisher.url)
        second.sees("1 user has voted.")
        reader.click("Like")
        second.sees("2 users have voted, including you.", "Like")
        second.click("Dislike")
        reader.sees("2 users have voted, including you.", "Dislike")
        second.click("Dislike")
        reader.sees("1 user has voted.")
        reader.until("the retraction", lambda: reader.tally()["voters"], lambda voters: voters == 1)

    def test_two_tabs_that_click_for_the_first_time_at_once_become_one_voter(
        self, reader: Reader, context: BrowserContext
    ) -> None:
        reader.open().sees("Be the first to vote.")
        second = context.new_page()
        second.goto(reader.publisher.url)
        expect(second.locator("[part=line]")).to_have_text("Be the first to vote.")
        for page, choice in ((reader.page, "up"), (second, "down")):
            page.evaluate(f"void document.querySelector('article-vote').vote('{choice}')")
        reader.until("both", lambda: reader.tally()["version"], lambda version: version >= 1)
        for page in (reader.page, second):
            expect(page.locator("[part=line]")).to_have_text("Only you voted.")
        assert reader.tally()["voters"] == 1

    def test_forget_erases_what_the_browser_keeps_in_all_tabs(self, reader: Reader, context: BrowserContext) -> None:
        reader.open().click("Like")
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        reader.page.evaluate("localStorage.setItem('of the page', '1')")
        second = context.new_page()
        second.goto(reader.publisher.url)
        expect(second.locator("[part=line]")).to_have_text("Only you voted.")
        reader.page.evaluate("ArticleVote.forget()")
        assert reader.page.evaluate("Object.keys(localStorage)") == ["of the page"]
        reader.sees("1 user has voted.")
        expect(second.locator("[part=line]")).to_have_text("1 user has voted.")
        reader.click("Like")
        reader.sees("2 users have voted, including you.", "Like")

    def test_a_click_that_is_forgotten_on_its_way_leaves_nothing_behind(self, reader: Reader) -> None:
        held: list[Route] = []
        reader.open().sees("Be the first to vote.")
        reader.page.route("**/voters", lambda route: held.append(route), times=1)
        reader.click("Like")
        reader.until("the request", lambda: len(held), lambda number: number == 1)
        reader.page.evaluate("ArticleVote.forget()")
        with reader.page.expect_response("**/voters"):
            held[0].continue_()
        reader.sees("Be the first to vote.")
        reader.page.evaluate("new Promise(requestAnimationFrame)")
        assert reader.page.evaluate("localStorage.length") == 0
        assert reader.votes_sent() == []

"""What went wrong with `<article-vote>` once, in the hands of somebody who tried."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import BrowserContext, Route

from tests.support.expecting import expect
from tests.support.http import until
from tests.support.reader import Reader, answer_with, let_through, refuse_renewals

NO_PAUSES = "Math.random = () => 0;"  # a pause before the next attempt is a random part of what it may be


def answer_next(route: Route, bodies: list[str]) -> None:
    """A success with the next of these bodies; when there are none left, the service answers."""
    if route.request.method != "OPTIONS" and bodies:
        route.fulfill(status=200, headers={"Access-Control-Allow-Origin": "*"}, body=bodies.pop(0))
    else:
        route.continue_()


class TestOddities:
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
        refuse_renewals(reader.page)
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
                response = let_through(route, "up")
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
        refuse_renewals(reader.page)
        answer_with(reader.page, 401, times=3)
        reader.click("Dislike")
        reader.until("the refusal", lambda: reader.told()[-1][2], lambda status: status == 401)
        reader.page.reload()
        reader.sees("2 users have voted.")

    def test_a_success_that_makes_no_sense_is_no_answer(self, reader: Reader) -> None:
        bodies = [
            "{}", "[]", "1", '"x"', "true", '{"vote": true}', '{"vote": {}}', '{"vote": {"version": 1}, "tally": {}}',
            '{"vote": {"version": 1, "choice": "up"}, "tally": "x"}',
        ]  # fmt: skip
        reader.page.add_init_script(NO_PAUSES)
        reader.open().sees("Be the first to vote.")
        waiting = list(bodies)
        reader.page.route("**/vote", lambda route: answer_next(route, waiting))
        reader.click("Like")
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        assert (waiting, reader.tally()["voters"]) == ([], 1)
        reader.page.reload()
        reader.sees("Only you voted.", "Like")

    def test_a_new_voter_without_a_token_is_no_answer(self, reader: Reader) -> None:
        reader.open().sees("Be the first to vote.")
        cors = {"Access-Control-Allow-Origin": "*"}
        reader.page.route("**/voters", lambda route: route.fulfill(status=201, headers=cors, body="{}"), times=2)
        reader.click("Like")
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        assert reader.tally()["voters"] == 1

    def test_a_list_that_makes_no_sense_is_asked_for_again(self, reader: Reader) -> None:
        warnings: list[str] = []
        reader.page.on("console", lambda one: warnings.append(one.text) if one.type == "warning" else None)
        reader.page.clock.install()
        waiting = ["{}", "[]", '{"tallies": []}', '{"tallies": [null, null]}', "0"]
        reader.page.route("**/tallies?*", lambda route: answer_next(route, waiting))
        reader.page.goto(reader.publisher.put(reader.tag() + '<article-vote site="demo" article="b"></article-vote>'))
        expect(reader.page.locator("article-vote").first).to_have_text("Fallback.")

        def time_passes() -> None:
            reader.page.clock.run_for(60_000)
            reader.page.wait_for_timeout(50)

        until("the lines", reader.page.locator("[part=line]").count, lambda number: number == 2, pause=time_passes)
        assert (waiting, warnings) == ([], [])

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

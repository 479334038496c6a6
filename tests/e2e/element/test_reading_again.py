"""When `<article-vote>` reads its count again, and what that costs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.support.expecting import expect
from tests.support.http import until
from tests.support.publisher import Publisher
from tests.support.stack import Stack
from tests.support.tags import fresh, shown, tag, vote


def clock_of(page: Page) -> Callable[[int], list[str]]:
    """Take the page's clock. Returns a function that lets seconds pass, and tells which tallies were asked for in them.

    The clock stands still until the service has answered. Otherwise the page would give an answer up that takes half a
    second, since half a minute passes meanwhile.
    """
    page.clock.install()
    asked: list[str] = []
    answered: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/tall" in request.url else None)
    page.on("response", lambda answer: answered.append(answer.url) if "/tall" in answer.url else None)

    def pause() -> None:
        page.wait_for_timeout(20)

    def let_pass(seconds: int) -> list[str]:
        before = len(asked)
        for _ in range(seconds):
            page.clock.run_for(1_000)
            pause()
            until("all answers", lambda: len(asked) - len(answered), lambda missing: missing == 0, pause=pause)
        return asked[before:]

    return let_pass


class TestReadingAgain:
    def test_live_elements_are_read_again_while_they_are_in_sight_and_not_otherwise(
        self, page: Page, publisher: Publisher, stack: Stack
    ) -> None:
        let_pass = clock_of(page)
        spacer = "<p class=far>far</p>" + "<p>line</p>" * 200
        article = fresh("live")
        page.goto(publisher.put(tag(article=article, more="live") + spacer))
        expect(page.locator("[part=line]")).to_have_text("Be the first to vote.")
        vote(stack, "demo", article, "up")

        assert len(let_pass(30)) >= 2
        expect(page.locator("[part=line]")).to_have_text("1 user has voted.")
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.wait_for_timeout(200)
        let_pass(6)
        assert let_pass(30) == []
        page.evaluate("scrollTo(0, 0)")
        page.wait_for_timeout(200)
        assert len(let_pass(30)) >= 2
        hide = "Object.defineProperty(document, 'hidden', { value: %s, configurable: true });"
        tell = "document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))"
        page.evaluate(hide % "true" + tell)
        let_pass(6)
        assert let_pass(30) == []
        page.evaluate(hide % "false" + tell)
        assert len(let_pass(30)) >= 2

    def test_live_is_a_matter_of_each_element(self, page: Page, publisher: Publisher) -> None:
        let_pass = clock_of(page)
        page.goto(publisher.put(tag(article="live-two", more="live") * 2))
        shown(page, 2)
        page.locator("article-vote").first.evaluate("one => one.remove()")
        assert let_pass(20) != []
        page.locator("article-vote").evaluate("one => one.setAttribute('article', 'live-three')")
        let_pass(6)
        asked = let_pass(20)
        assert asked != []
        assert [one for one in asked if "live-two" in one] == []

    @pytest.mark.engines("chromium")  # the only driver that tells of an answer without a body
    def test_reading_again_sends_the_tag_it_has_and_costs_no_body(self, page: Page, publisher: Publisher) -> None:
        page.goto(publisher.put(tag()))
        shown(page)
        network = page.context.new_cdp_session(page)
        statuses: list[int] = []
        network.on("Network.responseReceivedExtraInfo", lambda event: statuses.append(event["statusCode"]))
        network.send("Network.enable")
        page.evaluate("document.querySelector('article-vote').refresh()")
        until("the answer", lambda: statuses, bool, pause=lambda: page.wait_for_timeout(50))
        assert statuses == [304]


AXE_STATES = {
    "before the first click": "",
    "voted": "vote",
    "refused": "refuse",
    "not saved yet": "offline",
}

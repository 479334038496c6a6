"""The dashboard while votes arrive, while nobody looks, and while the service has its troubles."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from playwright.sync_api import Page, Route

from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.sites import Site
from tests.support.editor import open_site, tile
from tests.support.expecting import expect
from tests.support.fakes import patient
from tests.support.http import fetch
from tests.support.stack import Stack

ASK_NOW = "dispatchEvent(new Event('online'))"  # else the page asks every five seconds
# How much of a chart is drawn in a colour of its own: lines and points are, axes and their texts are grey.
COLOURED_PIXELS = """canvas => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let found = 0;
  for (let at = 0; at < data.length; at += 4) {
    found += data[at + 3] > 200 && Math.max(...data.slice(at, at + 3)) - Math.min(...data.slice(at, at + 3)) > 60;
  }
  return found;
}"""


class TestLive:
    def test_votes_arrive_on_the_open_page(
        self, stack: Stack, newsroom: int, visit: Callable[[str], Page], new_token: Callable[[], str]
    ) -> None:
        site = f"live-{time.time_ns()}"
        stack.table.put_site(Site(site, make_ballot("updown"), ranks="any"), patient())
        page = visit(f"?site={site}")
        expect(tile(page, "This hour")).to_have_text("0")
        url = f"{stack.api}/v1/sites/{site}/articles/a-1/vote"
        headers = {"Authorization": f"Bearer {stack.new_token(site)}"}
        assert fetch("PUT", url, {"choice": "up"}, headers).status == 201
        expect(tile(page, "This hour")).to_have_text("1")
        expect(page.locator(".top tbody th a")).to_have_text(["a-1"])
        expect(page.locator(".sum .value")).to_have_text("1")
        # The one hour that is known has no line to either side: it is drawn as a point.
        assert page.locator(".chart canvas").evaluate(COLOURED_PIXELS) > 0

    def test_what_has_not_changed_is_not_sent_again(
        self, newsroom: int, visit: Callable[[str], Page], page: Page
    ) -> None:
        statuses: list[int] = []
        visit("?site=newsroom")
        expect(page.locator(".status")).to_contain_text("As of")
        page.wait_for_load_state("networkidle")
        page.on("response", lambda answer: statuses.append(answer.status))
        with page.expect_response("**/leaderboard?*"):
            page.evaluate(ASK_NOW)
        assert set(statuses) == {304}

    def test_a_service_that_does_not_answer_makes_the_page_stale_visibly_and_keeps_its_numbers(
        self, newsroom: int, visit: Callable[[str], Page], page: Page
    ) -> None:
        visit("?site=newsroom")
        expect(tile(page, "All votes")).to_have_text("22")
        page.route("**/v1/**", lambda route: route.abort())
        page.evaluate(ASK_NOW)
        expect(page.locator(".status")).to_have_text(
            re.compile(r"^Not up to date. The last answer came at \d\d:\d\d:\d\d\.$")
        )
        expect(page.locator("main")).to_have_class("stale")
        expect(tile(page, "All votes")).to_have_text("22")
        page.unroute("**/v1/**")
        page.evaluate(ASK_NOW)
        expect(page.locator(".status")).to_have_text(re.compile("^As of"))
        expect(page.locator("main")).not_to_have_class("stale")

    def test_a_service_that_never_answered_shows_no_numbers(
        self, newsroom: int, visit: Callable[[str], Page], page: Page
    ) -> None:
        troubles: list[Callable[[Route], None]] = [
            lambda route: route.abort(),
            lambda route: route.fulfill(status=200, body="{{{"),
            lambda route: route.fulfill(status=500, body="oops"),
            lambda route: None,  # never answered: the page gives up by itself
        ]
        for trouble in troubles:
            page.route("**/v1/**", trouble)
            visit("?site=newsroom")
            expect(page.locator(".status")).to_have_text("The service does not answer. Trying again.")
            assert page.locator(".tile, canvas, .top tbody tr").count() == 0
            page.unroute("**/v1/**")
            page.evaluate(ASK_NOW)
            expect(tile(page, "All votes")).to_have_text("22")

    def test_an_unknown_site_is_said_to_be_one(self, newsroom: int, visit: Callable[[str], Page]) -> None:
        page = visit("?site=nowhere")
        expect(page.get_by_role("alert")).to_contain_text("There is no site nowhere.")
        expect(page.locator(".status")).to_have_text("")  # it did answer
        expect(page.get_by_role("heading", name="Top articles")).to_be_hidden()
        open_site(page, "newsroom")
        expect(tile(page, "All votes")).to_have_text("22")
        expect(page.get_by_role("alert")).to_have_count(0)

    def test_a_hidden_page_asks_for_nothing(self, newsroom: int, visit: Callable[[str], Page], page: Page) -> None:
        page.clock.install()
        visit("?site=newsroom")
        expect(page.locator(".status")).to_contain_text("As of")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.evaluate(
            "Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
            "document.dispatchEvent(new Event('visibilitychange'))"
        )
        page.clock.run_for(120_000)
        assert asked == []
        expect(page.locator(".status")).to_contain_text("Not up to date.")
        page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
        expect(page.locator(".status")).to_contain_text("As of")
        assert asked

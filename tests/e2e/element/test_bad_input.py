"""`<article-vote>` with sites, articles and endpoints that are not there."""

from __future__ import annotations

import pytest
from playwright.sync_api import ConsoleMessage, Page, Request

from tests.support.expecting import expect
from tests.support.http import until
from tests.support.publisher import Publisher
from tests.support.stack import Stack
from tests.support.tags import fresh, shown, tag, vote


class TestBadInput:
    @pytest.mark.parametrize(
        ("attributes", "named"),
        [
            ('site="no-such-site" article="a"', "site"),
            ('site="UPPER CASE" article="a"', "site"),
            ('article="a"', "site"),
            ('site="demo"', "article"),
            ('site="demo" article="-a"', "article"),
            ('site="demo" article="a/b"', "article"),
            ('site="strict" article="never-registered"', "article"),
        ],
    )
    def test_an_unknown_site_or_article_keeps_the_fallback_and_warns_once(
        self, attributes: str, named: str, page: Page, publisher: Publisher
    ) -> None:
        warnings: list[ConsoleMessage] = []
        page.on("console", lambda message: warnings.append(message) if message.type == "warning" else None)
        page.goto(publisher.put(f"<article-vote {attributes}>Our <b>words</b>.</article-vote>" * 2 + tag()))
        shown(page)
        until("a warning", lambda: len(warnings), bool, pause=lambda: page.wait_for_timeout(50))
        page.evaluate("document.querySelector('article-vote').refresh()")
        assert len(warnings) == 1
        assert f"{named}=" in warnings[0].text
        expect(page.locator("article-vote").first).to_have_text("Our words.")
        assert page.locator("article-vote").first.evaluate("one => one.shadowRoot.querySelectorAll('slot').length") == 1

    def test_a_dead_endpoint_keeps_the_fallback_and_is_asked_again_slowly(
        self, page: Page, publisher: Publisher
    ) -> None:
        page.clock.install()
        asked: list[Request] = []
        page.on("request", lambda request: asked.append(request) if "/tally" in request.url else None)
        page.goto(publisher.put(tag(more='endpoint="http://127.0.0.1:65535"') + tag()))
        shown(page)
        expect(page.locator("article-vote").first).to_have_text("Fallback.")
        # A pause has a random length, so the dead one may have been asked again already.
        until("the questions", lambda: len(asked), lambda number: number >= 2, pause=lambda: page.wait_for_timeout(50))
        for _ in range(60):
            page.clock.run_for(60_000)
        dead = [one for one in asked if ":65535" in one.url]
        assert 5 <= len(dead) <= 120, "an hour: not silence, not a flood"
        expect(page.locator("article-vote").first).to_have_text("Fallback.")

    def test_an_endpoint_that_comes_back_is_shown(self, page: Page, publisher: Publisher) -> None:
        page.clock.install()
        page.route("**/tally", lambda route: route.abort(), times=3)
        page.goto(publisher.put(tag()))
        expect(page.locator("article-vote")).to_have_text("Fallback.")

        def time_passes() -> None:
            page.clock.run_for(5_000)
            page.wait_for_timeout(50)

        until("the line", page.locator("[part=line]").count, bool, pause=time_passes)

    def test_attributes_that_change_are_followed(self, page: Page, publisher: Publisher, stack: Stack) -> None:
        article = fresh("followed")
        vote(stack, "demo", article, "up")
        page.goto(publisher.put(tag(article=article)))
        line = page.locator("[part=line]")
        expect(line).to_have_text("1 user has voted.")
        element = page.locator("article-vote")
        for name, value, text in (
            ("noun", "people", "1 person has voted."),
            ("lang", "de", "1 Person hat abgestimmt."),
            ("noun", "martians", "1 Nutzer hat abgestimmt."),
            ("article", "another-one", "Geben Sie die erste Stimme ab."),
        ):
            element.evaluate("(one, [name, value]) => one.setAttribute(name, value)", [name, value])
            expect(line).to_have_text(text)
        element.evaluate("one => one.setAttribute('article', '!')")
        expect(line).to_have_count(0)
        expect(element).to_have_text("Fallback.")

"""A reader of one article on a publisher's page, in a real browser: what they see, do and send."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

from playwright.sync_api import Locator, Page, Request, Route

from tests.support.expecting import expect
from tests.support.http import fetch, until
from tests.support.publisher import Publisher
from tests.support.stack import Stack
from tests.support.tags import fresh

T = TypeVar("T")
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
        self.article = fresh("article")
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


def let_through(route: Route, choice: str) -> Any:
    """The service's answer to a vote. Playwright does not know the body that Firefox sends, so it is given here."""
    return route.fetch(post_data=json.dumps({"choice": choice}))


def refuse_renewals(page: Page) -> None:
    """The service does not know the token's key any more: a renewal gets 401."""
    cors = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*, Authorization"}
    page.route("**/voters/renew", lambda route: route.fulfill(status=401, headers=cors, body="{}"))


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

"""`<article-vote>` for readers with a screen reader, forced colours or a wish for little motion."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.registering import register
from local.browsers.engines import Engine
from tests.support.axe import checked
from tests.support.expecting import expect
from tests.support.fakes import patient
from tests.support.publisher import Publisher
from tests.support.stack import Stack
from tests.support.tags import fresh, shown, tag, vote

NOT_TAKEN, NOT_SAVED = "Votes are not taken from this page.", "Not saved yet, trying again…"


def vote_everywhere(page: Page, note: str = "") -> None:
    """A click on each ballot, and what is said then."""
    for name in ("demo", "like", "reactions"):
        page.locator(f"article-vote[site={name}] button").first.click()
    page.locator("article-vote[site=stars] label").nth(3).click()
    expect(page.locator("[part=note]").first).to_have_text(note)


def axe_finds_nothing(page: Page, state: str) -> None:
    found = checked(page)["violations"]
    assert [(state, one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


class TestAccessibility:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_axe_finds_nothing_in_any_state(self, scheme: str, page: Page, publisher: Publisher, stack: Stack) -> None:
        closed = fresh("closed")
        vote(stack, "demo", closed, "up")
        ref = ArticleRef("demo", closed)
        register(stack.table, Article(ref, "T", "https://news.example", closes_at=1), 1, patient())
        head = (
            f'<meta name="color-scheme" content="light dark">'
            f'<script type="module" src="{stack.api}/embed/v1/article-vote.js"></script>'
        )
        tags = [tag(site) for site in ("demo", "like", "stars", "reactions")]
        tags += [tag(more='layout="compact"'), tag(article=closed), tag(more="readonly"), tag("no-such-site")]
        tags += [tag(more='lang="ar"')]
        assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") == (scheme == "dark")
        publisher.serve("/canvas.css", "body { background: Canvas; color: CanvasText }", "text/css")
        head += '<link rel="stylesheet" href="/canvas.css">'  # axe takes a page without a background for a white one
        page.goto(publisher.put("<h1>Votes</h1>" + "".join(tags), head=head))
        shown(page, 8)
        axe_finds_nothing(page, "before the first click")
        cors = {"Access-Control-Allow-Origin": "*"}
        page.route("**/vote", lambda route: route.fulfill(status=403, headers=cors, body="{}"))
        vote_everywhere(page, NOT_TAKEN)
        axe_finds_nothing(page, "refused")
        page.unroute("**/vote")
        vote_everywhere(page)
        axe_finds_nothing(page, "voted")
        page.route("**/vote", lambda route: route.abort())
        vote_everywhere(page, NOT_SAVED)
        axe_finds_nothing(page, "not saved yet")

    @pytest.mark.engines("chromium")  # no other driver can force colours
    def test_with_forced_colours_the_chosen_button_still_differs(self, engine: Engine, publisher: Publisher) -> None:
        page = engine.new_context(forced_colors="active").new_page()
        page.goto(publisher.put(tag()))
        page.get_by_role("button", name=re.compile("^Like")).click()
        chosen, other = page.locator("button[aria-pressed=true]"), page.locator("button[aria-pressed=false]")
        style = "one => getComputedStyle(one).outlineStyle"
        assert (chosen.evaluate(style), other.evaluate(style)) == ("solid", "none")
        page.context.close()

    def test_nothing_moves_by_itself(self, page: Page, publisher: Publisher) -> None:
        page.goto(publisher.put(tag()))
        shown(page)
        assert page.evaluate("document.querySelector('article-vote').getAnimations({ subtree: true }).length") == 0
        assert page.locator("button").first.evaluate("one => getComputedStyle(one).transitionDuration") == "0s"

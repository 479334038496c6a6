"""What a publisher does with an article on the dashboard: open, close and hide it, with a write key."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page, Route

from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.registering import register
from chalicelib.publishing.sites import Site
from tests.support.expecting import expect
from tests.support.fakes import patient
from tests.support.keys import READ, WRITE, issue
from tests.support.stack import Stack


@pytest.fixture
def ref(stack: Stack) -> ArticleRef:
    """A registered article of a site with a read key and a write key."""
    site = f"pub-{uuid.uuid4().hex[:8]}"
    stack.table.put_site(Site(site, make_ballot("updown")), patient())
    issue(stack.table, READ, "read", site)
    issue(stack.table, WRITE, "write", site)
    made = ArticleRef(site, "ferry")
    register(stack.table, Article(made, "The ferry", "https://news.example/ferry"), 1, patient())
    return made


@pytest.fixture
def panel(visit: Callable[[str], Page], ref: ArticleRef) -> Callable[[str], Page]:
    """The article's page, where this key was typed in."""

    def do(key: str) -> Page:
        page = visit(f"?site={ref.site}&article={ref.article}")
        expect(page.get_by_text("With a write key you can open, close and hide this article.")).to_be_visible()
        page.get_by_label("Write key").fill(key)
        page.get_by_label("Write key").press("Enter")
        return page

    return do


def stored(stack: Stack, ref: ArticleRef) -> Article:
    article = stack.table.articles([ref], patient())[0].article
    assert article is not None
    return article


def pressed(page: Page, name: str) -> None:
    expect(page.locator(".publish button[aria-pressed=true]")).to_have_text(name)


def test_an_article_is_closed_hidden_and_opened_again(
    panel: Callable[[str], Page], stack: Stack, ref: ArticleRef
) -> None:
    page = panel(WRITE)
    pressed(page, "Open")
    for name, state in (("Closed", "closed"), ("Hidden", "hidden"), ("Open", "open")):
        page.locator(".publish").get_by_role("button", name=name).click()
        pressed(page, name)
        assert stored(stack, ref).state == state
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.reload()
    pressed(page, "Open")
    assert page.evaluate("localStorage.length") == 0, "the key is kept for this tab only"


def test_to_open_means_now(panel: Callable[[str], Page], stack: Stack, ref: ArticleRef) -> None:
    now = int(time.time())
    times = replace(stored(stack, ref), version=0, opens_at=now - 60, closes_at=now - 30, from_feed=True)
    register(stack.table, times, now, patient())
    page = panel(WRITE)
    page.locator(".publish").get_by_role("button", name="Open").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    article = stored(stack, ref)
    assert (article.opens_at, article.closes_at, article.from_feed) == (now - 60, None, True)


def test_a_key_that_may_not_write_changes_nothing(panel: Callable[[str], Page], stack: Stack, ref: ArticleRef) -> None:
    page = panel(READ)
    expect(page.get_by_text("The service says: This needs a key with the scope write.")).to_be_visible()
    expect(page.get_by_label("Write key")).to_be_visible()
    assert stored(stack, ref).version == 1


def test_what_somebody_else_changed_meanwhile_is_shown_and_not_undone(
    panel: Callable[[str], Page], stack: Stack, ref: ArticleRef
) -> None:
    page = panel(WRITE)
    pressed(page, "Open")
    register(stack.table, replace(stored(stack, ref), version=0, title="Corrected", state="closed"), 1, patient())
    page.locator(".publish").get_by_role("button", name="Hidden").click()
    expect(page.get_by_text("The service says: The article is at version 2 now.")).to_be_visible()
    pressed(page, "Closed")
    assert (stored(stack, ref).title, stored(stack, ref).state) == ("Corrected", "closed")


def test_an_answer_that_is_lost_is_asked_for_again(
    panel: Callable[[str], Page], stack: Stack, ref: ArticleRef, page: Page
) -> None:
    panel(WRITE)
    pressed(page, "Open")

    def lose(route: Route) -> None:
        register(stack.table, replace(stored(stack, ref), version=0, state="closed"), 1, patient())  # it is carried out
        route.abort()

    page.route(f"**/articles/{ref.article}", lose, times=1)
    page.locator(".publish").get_by_role("button", name="Closed").click()
    pressed(page, "Closed")
    assert (stored(stack, ref).state, stored(stack, ref).version) == ("closed", 2)

"""Pages that the browser keeps whole while the reader is elsewhere (the back-forward cache), and shows again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route

from tests.support.expecting import expect
from tests.support.reader import Reader

# Chromium's headless build under Playwright keeps no pages; the test of what a page does then holds there, too, by
# loading it anew.
KEPT = "addEventListener('pageshow', (event) => { document.documentElement.dataset.kept = event.persisted })"


@pytest.fixture
def pages(reader: Reader) -> Reader:
    """The reader's article on two pages of the publisher's that link to each other; the first is open."""
    reader.page.add_init_script(KEPT)
    tags = reader.tag()
    reader.publisher.put(f'<a href="/b">to b</a>{tags}', path="/a")
    reader.publisher.put(f'<h1>B</h1><a href="/a">to a</a>{tags}', path="/b")
    reader.page.goto(f"{reader.publisher.url}/a")
    return reader


def leave(reader: Reader) -> None:
    reader.page.get_by_role("link", name="to b").click()
    expect(reader.page.get_by_role("heading", name="B")).to_be_visible()


def go_back(reader: Reader) -> None:
    # Not with the driver's own "back": in Firefox it waits for a page to load, and a kept one does not.
    reader.page.evaluate("setTimeout(() => history.back())")


def come_back(reader: Reader, engine: str) -> None:
    go_back(reader)
    expect(reader.page.get_by_role("link", name="to b")).to_be_visible()
    if engine != "chromium":
        assert reader.page.locator("html").get_attribute("data-kept") == "true", "the page was loaded anew"


class TestCachedPages:
    def test_a_vote_on_the_next_page_is_shown_when_the_reader_comes_back(self, pages: Reader, engine_name: str) -> None:
        pages.sees("Be the first to vote.")
        leave(pages)
        pages.click("Like")
        pages.sees("Only you voted.", "Like")
        pages.until("the vote", lambda: pages.tally()["voters"], lambda voters: voters == 1)
        come_back(pages, engine_name)
        pages.sees("Only you voted.", "Like")
        pages.click("Dislike")
        pages.sees("Only you voted.", "Dislike")
        pages.until("the change", lambda: pages.tally()["counts"], lambda counts: counts == {"up": 0, "down": 1})
        pages.sees("Only you voted.", "Dislike")

    def test_a_vote_changed_on_the_next_page_is_shown_too(self, pages: Reader, engine_name: str) -> None:
        pages.click("Like")
        pages.until("the vote", lambda: pages.tally()["voters"], lambda voters: voters == 1)
        pages.sees("Only you voted.", "Like")
        leave(pages)
        pages.sees("Only you voted.", "Like")
        pages.click("Dislike")
        pages.until("the change", lambda: pages.tally()["counts"]["down"], lambda count: count == 1)
        come_back(pages, engine_name)
        pages.sees("Only you voted.", "Dislike")

    def test_a_reader_erased_on_the_next_page_is_erased_here(self, pages: Reader, engine_name: str) -> None:
        pages.click("Like")
        pages.until("the vote", lambda: pages.tally()["voters"], lambda voters: voters == 1)
        leave(pages)
        pages.page.evaluate("ArticleVote.forget()")
        pages.sees("1 user has voted.")
        come_back(pages, engine_name)
        pages.sees("1 user has voted.")
        pages.click("Like")
        pages.sees("2 users have voted, including you.", "Like")

    def test_a_vote_that_was_on_its_way_is_settled_once(self, pages: Reader, engine_name: str) -> None:
        held: list[Route] = []
        pages.sees("Be the first to vote.")
        pages.page.route("**/vote", lambda route: held.append(route), times=1)
        pages.click("Like")
        pages.until("the request", lambda: len(held), lambda number: number == 1)
        leave(pages)
        pages.sees("Only you voted.", "Like")
        pages.until("the vote", lambda: pages.tally()["voters"], lambda voters: voters == 1)
        go_back(pages)
        pages.sees("Only you voted.", "Like")
        pages.click("Dislike")
        pages.until("the change", lambda: pages.tally()["counts"], lambda counts: counts == {"up": 0, "down": 1})
        pages.sees("Only you voted.", "Dislike")
        assert pages.tally()["voters"] == 1

"""Pages that the browser keeps whole while the reader is elsewhere (the back-forward cache), and shows again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route

from tests.support.expecting import expect
from tests.support.reader import Reader

# A page that is put aside hears no storage events.
DEAF = "addEventListener('storage', (event) => window.away && event.stopImmediatePropagation())"
SHOWN_AGAIN = "window.away = false; dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"


class Journey:
    """A reader on page A of the publisher's, who goes to page B with the same article, and comes back.

    WebKit keeps page A whole. Playwright loses a page that Firefox kept, and its Chromium keeps none: there, page A
    stays open, hears nothing while page B is open beside it, and is then told what a page that comes back is told.
    """

    def __init__(self, reader: Reader, engine: str) -> None:
        self.reader, self._real, self._first = reader, engine == "webkit", reader.page
        reader.page.add_init_script(DEAF)
        reader.publisher.put(f'<a href="/b">to b</a>{reader.tag()}', path="/a")
        reader.publisher.put(f"<h1>B</h1>{reader.tag()}", path="/b")
        reader.page.goto(f"{reader.publisher.url}/a")

    def leave(self) -> None:
        page = self.reader.page
        if self._real:
            page.evaluate("window.kept = true")
            page.get_by_role("link", name="to b").click()
        else:
            page.evaluate("window.away = true")
            self.reader.page = page.context.new_page()
            self.reader.page.goto(f"{self.reader.publisher.url}/b")
        expect(self.reader.page.get_by_role("heading", name="B")).to_be_visible()

    def come_back(self) -> None:
        if self._real:
            self.reader.page.go_back()
            expect(self.reader.page.get_by_role("link", name="to b")).to_be_visible()
            assert self.reader.page.evaluate("window.kept"), "the page was loaded anew"
        else:
            self.reader.page.close()
            self.reader.page = self._first
            self.reader.page.evaluate(SHOWN_AGAIN)


@pytest.fixture
def journey(reader: Reader, engine_name: str) -> Journey:
    return Journey(reader, engine_name)


def stored(reader: Reader, counts: dict[str, int]) -> None:
    reader.until("the vote", lambda: reader.tally()["counts"], lambda found: found == counts)


def come_back_and_change(journey: Journey) -> None:
    """The page that comes back shows the reader's vote, and takes another."""
    journey.come_back()
    journey.reader.sees("Only you voted.", "Like")
    journey.reader.click("Dislike")
    stored(journey.reader, {"up": 0, "down": 1})
    journey.reader.sees("Only you voted.", "Dislike")


class TestCachedPages:
    def test_a_vote_on_the_next_page_is_shown_when_the_reader_comes_back(self, journey: Journey) -> None:
        reader = journey.reader
        reader.sees("Be the first to vote.")
        journey.leave()
        reader.click("Like")
        reader.sees("Only you voted.", "Like")
        stored(reader, {"up": 1, "down": 0})
        come_back_and_change(journey)

    def test_a_vote_changed_on_the_next_page_is_shown_too(self, journey: Journey) -> None:
        reader = journey.reader
        reader.click("Like")
        stored(reader, {"up": 1, "down": 0})
        reader.sees("Only you voted.", "Like")
        journey.leave()
        reader.sees("Only you voted.", "Like")
        reader.click("Dislike")
        stored(reader, {"up": 0, "down": 1})
        journey.come_back()
        reader.sees("Only you voted.", "Dislike")

    def test_a_reader_erased_on_the_next_page_is_erased_here(self, journey: Journey) -> None:
        reader = journey.reader
        reader.click("Like")
        stored(reader, {"up": 1, "down": 0})
        journey.leave()
        reader.page.evaluate("ArticleVote.forget()")
        reader.sees("1 user has voted.")
        journey.come_back()
        reader.sees("1 user has voted.")
        reader.click("Like")
        reader.sees("2 users have voted, including you.", "Like")

    def test_a_vote_that_was_on_its_way_is_settled_once(self, journey: Journey) -> None:
        held: list[Route] = []
        reader = journey.reader
        reader.sees("Be the first to vote.")
        reader.page.route("**/vote", lambda route: held.append(route), times=1)
        reader.click("Like")
        reader.until("the request", lambda: len(held), lambda number: number == 1)
        journey.leave()
        reader.sees("Only you voted.", "Like")
        held[0].continue_()
        stored(reader, {"up": 1, "down": 0})
        come_back_and_change(journey)
        assert reader.tally()["voters"] == 1

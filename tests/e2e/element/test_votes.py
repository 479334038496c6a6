"""A reader's clicks on `<article-vote>`, in a real browser, against the deployed stack: what comes of them."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Route

from tests.support.expecting import expect
from tests.support.reader import Reader


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

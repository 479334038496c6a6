"""Many elements, several tabs, one reader: requests are shared, and all agree."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Route

from tests.support.expecting import expect
from tests.support.reader import Reader


class TestManyOnAPage:
    def test_fifty_elements_share_one_request_and_once_there_is_a_token_one_more(self, reader: Reader) -> None:
        tags = [f'<article-vote site="demo" article="{reader.article}-{n}"></article-vote>' for n in range(50)]
        url = reader.publisher.put("".join(tags))
        reader.page.goto(url)
        expect(reader.page.locator("[part=line]")).to_have_count(50)

        def read() -> list[str]:
            return [one.url.split("?")[0].rsplit("/", 1)[-1] for one in reader.requests if "/v1/sites/" in one.url]

        assert set(read()) == {"tallies"}
        assert len({id(one) for one in reader.requests if "tallies" in one.url}) == 1
        reader.button("Like").nth(3).click()
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        reader.requests.clear()
        reader.page.reload()
        expect(reader.page.locator("[part=line]")).to_have_count(50)
        expect(reader.page.locator("button[aria-pressed=true]")).to_have_count(1)
        expect(reader.page.locator("[part=line]").nth(3)).to_have_text("Only you voted.")
        assert sorted(set(read())) == ["tallies", "votes"]

    def test_more_than_a_hundred_are_asked_for_in_chunks(self, reader: Reader) -> None:
        tags = [f'<article-vote site="demo" article="many-{n}"></article-vote>' for n in range(130)]
        reader.page.goto(reader.publisher.put("".join(tags)))
        expect(reader.page.locator("[part=line]")).to_have_count(130)
        asked = [one.url for one in reader.requests if "/tallies?" in one.url]
        assert sorted(len(url.split("=")[1].split(",")) for url in asked) == [30, 100]

    def test_elements_of_one_article_on_one_page_agree(self, reader: Reader) -> None:
        reader.page.goto(reader.publisher.put(reader.tag() + reader.tag('layout="compact"')))
        reader.click("Like")
        lines = reader.page.locator("[part=line]")
        expect(lines.nth(0)).to_have_text("Only you voted.")
        expect(lines.nth(1)).to_have_text("Only you voted.")
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        assert len(reader.votes_sent()) == 1

    def test_two_tabs_agree(self, reader: Reader, context: BrowserContext) -> None:
        reader.others_vote(1)
        reader.open().sees("1 user has voted.")
        second = Reader(context.new_page(), reader.publisher, reader.stack)
        second.page.goto(reader.publisher.url)
        second.sees("1 user has voted.")
        reader.click("Like")
        second.sees("2 users have voted, including you.", "Like")
        second.click("Dislike")
        reader.sees("2 users have voted, including you.", "Dislike")
        second.click("Dislike")
        reader.sees("1 user has voted.")
        reader.until("the retraction", lambda: reader.tally()["voters"], lambda voters: voters == 1)

    def test_two_tabs_that_click_for_the_first_time_at_once_become_one_voter(
        self, reader: Reader, context: BrowserContext
    ) -> None:
        reader.open().sees("Be the first to vote.")
        second = context.new_page()
        second.goto(reader.publisher.url)
        expect(second.locator("[part=line]")).to_have_text("Be the first to vote.")
        for page, choice in ((reader.page, "up"), (second, "down")):
            page.evaluate(f"void document.querySelector('article-vote').vote('{choice}')")
        reader.until("both", lambda: reader.tally()["version"], lambda version: version >= 1)
        for page in (reader.page, second):
            expect(page.locator("[part=line]")).to_have_text("Only you voted.")
        assert reader.tally()["voters"] == 1

    def test_forget_erases_what_the_browser_keeps_in_all_tabs(self, reader: Reader, context: BrowserContext) -> None:
        reader.open().click("Like")
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        reader.page.evaluate("localStorage.setItem('of the page', '1')")
        second = context.new_page()
        second.goto(reader.publisher.url)
        expect(second.locator("[part=line]")).to_have_text("Only you voted.")
        reader.page.evaluate("ArticleVote.forget()")
        assert reader.page.evaluate("Object.keys(localStorage)") == ["of the page"]
        reader.sees("1 user has voted.")
        expect(second.locator("[part=line]")).to_have_text("1 user has voted.")
        reader.click("Like")
        reader.sees("2 users have voted, including you.", "Like")

    def test_a_click_that_is_forgotten_on_its_way_leaves_nothing_behind(self, reader: Reader) -> None:
        held: list[Route] = []
        reader.open().sees("Be the first to vote.")
        reader.page.route("**/voters", lambda route: held.append(route), times=1)
        reader.click("Like")
        reader.until("the request", lambda: len(held), lambda number: number == 1)
        reader.page.evaluate("ArticleVote.forget()")
        with reader.page.expect_response("**/voters"):
            held[0].continue_()
        reader.sees("Be the first to vote.")
        reader.page.evaluate("new Promise(requestAnimationFrame)")
        assert reader.page.evaluate("localStorage.length") == 0
        assert reader.votes_sent() == []

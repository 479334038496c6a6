"""`<article-vote>` where no script is allowed: the embed page and the picture."""

from __future__ import annotations

from playwright.sync_api import Page

from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.sites import Site
from tests.support.expecting import expect
from tests.support.fakes import patient
from tests.support.http import fetch, until
from tests.support.publisher import Publisher
from tests.support.stack import Stack
from tests.support.tags import fresh, vote


class TestFrames:
    def test_the_embed_page_votes_and_tells_its_height_to_the_page_around_it_alone(
        self, page: Page, publisher: Publisher, stack: Stack
    ) -> None:
        article = fresh("framed")
        origins = (publisher.url, "https://news.example")
        stack.table.put_site(Site("framing", make_ballot("updown"), origins), patient())
        frame = f'<iframe title="Votes" src="{stack.api}/v1/sites/framing/articles/{article}/embed?lang=fr"></iframe>'
        page.add_init_script("window.heights = []; addEventListener('message', e => heights.push([e.origin, e.data]))")
        page.goto(publisher.put(frame))
        inner = page.frame_locator("iframe")
        expect(inner.locator("[part=line]")).to_have_text("Soyez la première personne à voter.")
        inner.locator("button").first.click()
        expect(inner.locator("[part=line]")).to_have_text("Vous êtes la seule personne à avoir voté.")
        url = f"{stack.api}/v1/sites/framing/articles/{article}/tally"
        until("the vote", lambda: fetch("GET", url).json()["voters"], lambda voters: voters == 1)
        heights = page.evaluate("heights")
        assert {one[0] for one in heights} == {stack.deployment.endpoint}
        assert heights[-1][1]["type"] == "article-vote:height"
        assert heights[-1][1]["height"] == inner.locator("body").evaluate(
            "b => Math.ceil(b.getBoundingClientRect().height)"
        )

    def test_a_page_that_may_not_vote_may_not_frame_either(
        self, page: Page, publisher: Publisher, stack: Stack
    ) -> None:
        stack.table.put_site(Site("framing-elsewhere", make_ballot("updown"), ("https://news.example",)), patient())
        page.add_init_script(
            "window.told = []; addEventListener('message', e => told.push(e.source === frames[1] ? 1 : 0))"
        )
        frames = "".join(
            f'<iframe title="Votes" src="{stack.api}/v1/sites/{site}/articles/a/embed"></iframe>'
            for site in ("framing-elsewhere", "demo")
        )
        page.goto(publisher.put(frames))
        told = "told.length"  # a frame that is shown tells its height
        until("a height", lambda: page.evaluate(told), bool, pause=lambda: page.wait_for_timeout(50))
        page.wait_for_load_state("networkidle")
        assert set(page.evaluate("told")) == {1}

    def test_the_picture_shows_and_speaks(self, page: Page, publisher: Publisher, stack: Stack) -> None:
        article = fresh("pictured")
        vote(stack, "demo", article, "up")
        src = f"{stack.api}/v1/sites/demo/articles/{article}/tally.svg?lang=ru&theme=dark"
        page.goto(publisher.put(f'<img alt="" src="{src}">', head=""))
        assert page.locator("img").evaluate("async one => { await one.decode(); return one.naturalWidth > 100; }")
        page.goto(src)
        assert page.locator("title").text_content() == "Проголосовал 1 пользователь."
        text, picture = page.locator("text").bounding_box(), page.locator("svg").bounding_box()
        assert text is not None
        assert picture is not None
        assert text["width"] <= picture["width"]

"""`<article-top>`: the leaderboard of a site, on pages of its publisher."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.registering import register
from chalicelib.publishing.sites import Site
from chalicelib.voting.applying import apply
from chalicelib.voting.votes import Wish
from tests.support.axe import checked
from tests.support.expecting import expect
from tests.support.fakes import patient
from tests.support.http import fetch, until
from tests.support.publisher import Publisher
from tests.support.stack import Stack

LANGUAGES = {
    "ar": "صوّت مستخدمان.", "de": "2 Nutzer haben abgestimmt.", "en": "2 users have voted.", "es": "2 usuarios han votado.",
    "fr": "2 utilisateurs ont voté.", "hi": "2 उपयोगकर्ताओं ने वोट दिया है।", "ja": "2 人のユーザーが投票しました。",
    "pl": "Zagłosowało 2 użytkowników.", "pt": "2 usuários votaram.", "ru": "Проголосовали 2 пользователя.",
    "tr": "2 kullanıcı oy verdi.", "zh": "2 位用户已投票。",
}  # fmt: skip
CORS = {"Access-Control-Allow-Origin": "*", "Content-Type": "application/json"}


def entry(title: str | None = "The ferry", url: str | None = "https://news.example/ferry", total: int = 2) -> Any:
    return {"article": "a", "title": title, "url": url, "total": total}


@pytest.fixture
def open_top(page: Page, publisher: Publisher) -> Callable[..., Page]:
    """Opens a page with the element; the publisher's own text in it is "Fallback."."""

    def do(attributes: str = 'site="demo"', body: str = "", **more: Any) -> Page:
        head = f'<script type="module" src="{publisher.api}/embed/v1/article-top.js"></script>'
        head += '<meta name="color-scheme" content="light dark"><link rel="stylesheet" href="/canvas.css">'
        publisher.serve("/canvas.css", "body { background: Canvas; color: CanvasText }", "text/css")
        text = f"<h1>Most liked today</h1><article-top {attributes}>Fallback.</article-top>{body}"
        page.goto(publisher.put(text, head=head, **more))
        return page

    return do


@pytest.fixture
def answers(page: Page) -> list[tuple[int, Any]]:
    """What the service answers to questions for the leaderboard, one after the other; the last one for ever."""
    waiting: list[tuple[int, Any]] = []

    def answer(route: Route) -> None:
        status, body = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if status == 0:
            route.abort()
        else:
            route.fulfill(status=status, headers=CORS, body=json.dumps(body))

    page.route("**/leaderboard?*", answer)
    return waiting


def lines(page: Page) -> list[str]:
    found: list[str] = page.evaluate(
        "[...document.querySelector('article-top').shadowRoot.querySelectorAll('li')].map((one) => one.innerText.replaceAll(/\\s+/g, ' ').trim())"
    )
    return found


def board(*entries: Any, noun: str = "users") -> tuple[int, Any]:
    return 200, {"entries": list(entries), "noun": noun}


def test_readers_see_what_others_voted_on_and_get_there(open_top: Callable[..., Page], stack: Stack) -> None:
    site = f"top-{uuid.uuid4().hex[:8]}"
    stack.table.put_site(Site(site, make_ballot("updown"), ranks="any", noun="readers"), patient())
    now = int(time.time())
    for article, votes in {"ferry": 1, "seals": 3, "unknown": 2}.items():
        ref = ArticleRef(site, article)
        if article != "unknown":
            url = f"https://news.example/{article}"
            register(stack.table, Article(ref, f"The {article} & more", url, section="Harbour"), now, patient())
        for voter in range(votes):
            apply(stack.table, Wish(ref, f"v{voter}", "up", None, now), patient(), registered_only=False)
    until(
        "the leaderboard", lambda: fetch("GET", f"{stack.api}/v1/sites/{site}/leaderboard"),
        lambda one: [entry["total"] for entry in one.json()["entries"]] == [3, 2, 1],
    )  # fmt: skip
    page = open_top(f'site="{site}" order="net" window="day" limit="3"')
    expect(page.locator("article-top a")).to_have_count(2)
    assert lines(page) == ["The seals & more 3 readers have voted.", "The ferry & more 1 reader has voted."]
    assert page.locator("article-top a").first.get_attribute("href") == "https://news.example/seals"
    page = open_top(f'site="{site}" section="Sport"')
    expect(page.locator("article-top")).to_have_text("Fallback.")


class TestWords:
    def test_lines_are_in_the_language_of_their_part_of_the_page(
        self, open_top: Callable[..., Page], answers: list[tuple[int, Any]]
    ) -> None:
        answers.append(board(entry()))
        sections = (f'<section lang="{one}"><article-top site="demo"></article-top></section>' for one in LANGUAGES)
        page = open_top(body="".join(sections), lang="ja")
        found = page.locator("article-top [part=line]")
        expect(found).to_have_text([LANGUAGES["ja"], *LANGUAGES.values()])
        directions = found.evaluate_all("all => all.map((one) => getComputedStyle(one).direction)")
        assert directions == ["ltr", *("rtl" if language == "ar" else "ltr" for language in LANGUAGES)]

    def test_they_follow_the_page_and_the_publishers_own_words(
        self, open_top: Callable[..., Page], answers: list[tuple[int, Any]]
    ) -> None:
        answers.append(board(entry(), noun="people"))
        own = '<script type="application/json" data-article-vote="de">{"people": {"others": {"other": "{n} Leute"}}}</script>'
        page = open_top(body=own)
        expect(page.locator("[part=line]")).to_have_text("2 people have voted.")
        page.evaluate("document.documentElement.lang = 'de'")
        expect(page.locator("[part=line]")).to_have_text("2 Leute")
        page.locator("article-top").evaluate("one => { one.noun = 'readers'; }")
        expect(page.locator("[part=line]")).to_have_text("2 Leser haben abgestimmt.")


class TestWhatIsShown:
    def test_hostile_titles_are_text_and_only_web_addresses_are_links(
        self, open_top: Callable[..., Page], answers: list[tuple[int, Any]]
    ) -> None:
        answers.append(board(
            entry("<img src=x onerror=alert(1)>"), entry("Bad", "javascript:alert(1)"), entry("Bad", "data:text/html,x"),
            entry("Bad", "/relative"), entry("Bad", None), entry(None), entry("שלום <b>", total=0),
        ))  # fmt: skip
        page = open_top()
        expect(page.locator("article-top a")).to_have_count(2)
        assert lines(page) == ["<img src=x onerror=alert(1)> 2 users have voted.", "שלום <b> Nobody has voted."]

    @pytest.mark.parametrize("answer", [board(), (200, {}), (200, {"entries": [entry(None, None)]})])
    def test_the_publishers_text_stays_when_there_is_nothing_to_show(
        self, open_top: Callable[..., Page], answers: list[tuple[int, Any]], answer: tuple[int, Any]
    ) -> None:
        answers.append(answer)
        page = open_top()
        loaded = "performance.getEntriesByType('resource').filter(({ name }) => /leaderboard|words/.test(name)).length"
        until("both answers", lambda: page.evaluate(loaded), lambda number: number == 2)
        expect(page.locator("article-top")).to_have_text("Fallback.")
        assert page.evaluate("document.querySelector('article-top').shadowRoot.querySelectorAll('ol').length") == 0

    def test_attributes_are_what_is_asked_for_and_properties_too(
        self, open_top: Callable[..., Page], answers: list[tuple[int, Any]], page: Page
    ) -> None:
        asked: list[str] = []
        page.on("request", lambda one: asked.append(one.url.partition("/v1/sites/")[2]))
        answers.append(board(entry()))
        open_top('site="demo" order="net" limit="3" author="Ann &amp; Bob"')
        expect(page.locator("article-top a")).to_have_count(1)
        page.locator("article-top").evaluate(
            "one => { setTimeout(() => { one.window = 'week'; one.limit = 5; one.author = null; }); }"
        )
        until(
            "the second question",
            lambda: [one for one in asked if one],
            lambda found: len(found) == 2,
            pause=lambda: page.wait_for_timeout(50),
        )
        assert [one for one in asked if one] == [
            "demo/leaderboard?order=net&limit=3&author=Ann+%26+Bob", "demo/leaderboard?order=net&window=week&limit=5",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("attributes", "says"),
        [
            ('site="No Site"', 'site="No Site"'),
            ('site="no-such-site"', "There is no site no-such-site."),
            ('site="demo" order="best"', "order must be one of"),
            ('site="demo" limit="many"', "limit must be"),
        ],
    )
    def test_a_wrong_attribute_is_explained_in_the_console_and_the_publishers_text_stays(
        self, open_top: Callable[..., Page], page: Page, attributes: str, says: str
    ) -> None:
        warnings: list[str] = []
        page.on("console", lambda one: warnings.append(one.text) if one.type == "warning" else None)
        open_top(attributes)
        until(
            "the warning",
            lambda: warnings,
            lambda found: any(f"<article-top>: {says}" in one for one in found),
            pause=lambda: page.wait_for_timeout(50),
        )
        expect(page.locator("article-top")).to_have_text("Fallback.")

    def test_a_failure_is_tried_again(
        self, open_top: Callable[..., Page], answers: list[tuple[int, Any]], page: Page
    ) -> None:
        page.add_init_script("Math.random = () => 0;")  # no pause
        answers += [(0, None), (503, {}), board(entry())]
        open_top()
        expect(page.locator("article-top a")).to_have_count(1)

    def test_an_element_that_is_moved_or_comes_back_shows_its_list(
        self, open_top: Callable[..., Page], answers: list[tuple[int, Any]]
    ) -> None:
        answers.append(board(entry()))
        page = open_top(body="<div id=there></div>")
        expect(page.locator("article-top a")).to_have_count(1)
        page.evaluate("there.append(document.querySelector('article-top'))")
        expect(page.locator("#there article-top a")).to_have_count(1)
        page.evaluate("{ const one = document.querySelector('article-top'); one.remove(); document.body.append(one); }")
        expect(page.locator("article-top a")).to_have_count(1)

    @pytest.mark.engines("chromium")  # the other driver cannot hold an answer back; the module is the same
    def test_an_element_that_is_moved_in_an_outage_asks_no_more_often_than_one_that_stays(
        self, open_top: Callable[..., Page], page: Page
    ) -> None:
        held: list[Route] = []
        page.add_init_script("Math.random = () => 0;")  # no pause
        page.route("**/leaderboard?*", lambda route: held.append(route))
        open_top()
        page.evaluate(
            "for (let times = 0; times < 5; times++) {"
            "  const one = document.querySelector('article-top'); one.remove(); document.body.append(one); }"
        )
        until("the first questions", lambda: len(held), bool, pause=lambda: page.wait_for_timeout(20))
        page.evaluate("new Promise((done) => setTimeout(done, 100))")
        asked, held[:] = list(held), []
        for route in asked:
            route.fulfill(status=503, headers=CORS, body="{}")
        until("the next question", lambda: len(held), bool, pause=lambda: page.wait_for_timeout(20))
        page.evaluate("new Promise((done) => setTimeout(done, 100))")
        assert len(held) == 1
        for route in held:
            route.abort()

    def test_it_stands_beside_the_vote_and_either_script_may_come_twice(
        self, page: Page, publisher: Publisher, answers: list[tuple[int, Any]]
    ) -> None:
        answers.append(board(entry()))
        names = ("article-top.js", "article-vote.js", "article-top.js?again")
        head = "".join(f'<script type="module" src="{publisher.api}/embed/v1/{name}"></script>' for name in names)
        body = '<article-top site="demo"></article-top><article-vote site="demo" article="beside-top"></article-vote>'
        page.goto(publisher.put(body, head=head))
        expect(page.locator("article-top a")).to_have_count(1)
        expect(page.locator("article-vote button")).to_have_count(2)


class TestLooks:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_axe_finds_nothing(
        self, open_top: Callable[..., Page], answers: list[tuple[int, Any]], scheme: str
    ) -> None:
        answers.append(board(entry(), entry("A second one", "https://news.example/2", 0)))
        page = open_top(body='<article-top site="demo" lang="ar"></article-top>')
        assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") == (scheme == "dark")
        expect(page.locator("article-top a")).to_have_count(4)
        found = checked(page)
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]] == []

    def test_pages_can_style_it(
        self, open_top: Callable[..., Page], answers: list[tuple[int, Any]], publisher: Publisher
    ) -> None:
        answers.append(board(entry()))
        publisher.serve(
            "/top.css",
            "article-top { --article-top-link: rgb(1, 2, 3) } article-top::part(line) { font-style: italic }"
            "article-top[hidden] { color: red }",
            "text/css",
        )
        page = open_top(body='<link rel="stylesheet" href="/top.css"><article-top site="demo" hidden></article-top>')
        expect(page.locator("article-top a").first).to_have_text("The ferry")
        assert page.locator("article-top a").first.evaluate("one => getComputedStyle(one).color") == "rgb(1, 2, 3)"
        line = page.locator("article-top [part=line]").first
        assert line.evaluate("one => getComputedStyle(one).fontStyle") == "italic"
        expect(page.locator("article-top").nth(1)).to_be_hidden()

"""`<article-vote>` as a guest on a page: policies, layout, accessibility, bad input, and whoever frames it."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import ConsoleMessage, Page, Request, Route

from chalicelib.domain.articles import Article, ArticleRef
from chalicelib.domain.ballots import make_ballot
from chalicelib.domain.sites import Site
from local.browsers.engines import Engine
from local.demo import policy
from tests.support.axe import checked
from tests.support.expecting import expect
from tests.support.fakes import patient
from tests.support.http import fetch, until
from tests.support.publisher import Publisher
from tests.support.stack import Stack

NUMBERS = itertools.count()
# What a page gives away of itself: scripts that ran because a text was taken for markup.
EXECUTED = "window.executed = []; window.alert = window.hit = value => executed.push(String(value))"

HOSTILE = [
    "<script>hit(1)</script>", "<img src=x onerror=hit(2)>", "\"><img src=x onerror=hit(3)>", "'><svg onload=hit(4)>",
    "javascript:hit(5)", "JaVaScRiPt:hit(6)//", "data:text/html,<script>hit(7)</script>", "vbscript:hit(8)",
    "<iframe src=javascript:hit(9)>", "<svg><script>hit(10)</script></svg>", "<math><mi//xlink:href='data:x,<script>hit(11)'>",
    "<style>@import'javascript:hit(12)';</style>", "<link rel=stylesheet href=javascript:hit(13)>", "<base href=//evil.example/>",
    "<meta http-equiv=refresh content=0;url=javascript:hit(14)>", "<body onload=hit(15)>", "<details open ontoggle=hit(16)>",
    "<input autofocus onfocus=hit(17)>", "<video><source onerror=hit(18)>", "<a href=javascript:hit(19) id=x>", "{{constructor.constructor('hit(20)')()}}",
    "${hit(21)}", "`${hit(22)}`", "#{hit(23)}", "<%= hit(24) %>", "[[hit(25)]]", "{n}{n}{n}", "$&$`$'$1", "\\u003cscript\\u003ehit(26)",
    "&lt;script&gt;hit(27)&lt;/script&gt;", "&#60;img src=x onerror=hit(28)&#62;", "</script><script>hit(29)</script>",
    "</article-vote><script>hit(30)</script>", "<!--<script>hit(31)</script>-->", "]]><script>hit(32)</script>", "<![CDATA[<script>hit(33)</script>]]>",
    "\x00<script>hit(34)</script>", "\u202e<script>hit(35)</script>", "\ufeff<img src=x onerror=hit(36)>", "＜script＞hit(37)＜/script＞",
    "<scr\x00ipt>hit(38)</scr\x00ipt>", "<<script>>hit(39)<</script>>", "<svg/onload=hit(40)>", "<x onclick=hit(41) tabindex=1 autofocus>",
    "../../../../etc/passwd", "..%2f..%2fv1%2fhealth", "a/../../b", "?articles=x&y=z", "#fragment", "a,b,c", "a b", " ", "",
    "__proto__", "constructor", "prototype", "hasOwnProperty", "toString", "null", "undefined", "NaN", "-1", "1e309",
    "a" * 5000, "\U0001f600" * 40, "’”«»", "http://evil.example/", "//evil.example/", "https://", "http://[::1", "ftp://x",
]  # fmt: skip


def tag(site: str = "demo", article: str | None = None, more: str = "", fallback: str = "Fallback.") -> str:
    name = f"page-{next(NUMBERS)}" if article is None else article
    return f'<article-vote site="{site}" article="{name}" {more}>{fallback}</article-vote>'


def shown(page: Page, number: int = 1) -> None:
    expect(page.locator("[part=line]")).to_have_count(number)


def vote(stack: Stack, site: str, article: str, choice: str) -> None:
    url = f"{stack.api}/v1/sites/{site}/articles/{article}/vote"
    assert fetch("PUT", url, {"choice": choice}, token=stack.new_token(site)).status == 201


class TestPolicies:
    @pytest.mark.parametrize("chunk", range(6))
    def test_no_hostile_text_in_an_attribute_or_a_message_is_ever_executed(
        self, chunk: int, page: Page, publisher: Publisher
    ) -> None:
        assert len(HOSTILE) >= 60
        page.add_init_script(EXECUTED)
        page.on("dialog", lambda dialog: dialog.dismiss())
        # A page without a policy: nothing but the element itself stands between the texts and the page.
        page.goto(publisher.put(tag(), csp="default-src * 'unsafe-inline' 'unsafe-eval' data: blob:"))
        shown(page)
        for text in HOSTILE[chunk::6]:
            page.evaluate(
                """text => {
                    const make = attributes => {
                        const element = document.createElement("article-vote");
                        for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
                        element.textContent = text;
                        document.querySelector("main").append(element);
                    };
                    const good = { site: "demo", article: "hostile" };
                    const names = ["site", "article", "endpoint", "lang", "noun", "layout", "readonly", "live"];
                    for (const name of names) make({ ...good, [name]: text });
                    const script = document.createElement("script");
                    script.type = "application/json";
                    script.dataset.articleVote = "en";
                    const same = { one: text, other: text };
                    const messages = { first: text, none: text, only: text, closed: text, mean: text, group: text,
                        retract: text, space: text, dir: text, lang: text, choices: { up: text, down: text, [text]: text },
                        icons: { up: text }, star: same, users: { others: same, including: same }, troubles: { late: text },
                        [text]: text };
                    script.text = JSON.stringify(messages);
                    document.head.append(script);
                    make(good);
                    script.remove();
                }""",
                text,
            )
        page.wait_for_function(
            "[...document.querySelectorAll('article-vote[article=hostile][site=demo]')].some(one =>"
            " one.shadowRoot.querySelector('[part=line]'))"
        )
        page.get_by_role("button", name=re.compile("^Like")).first.click()
        expect(page.locator("[part=line]").first).to_have_text("Only you voted.")
        assert page.evaluate("executed") == []
        assert page.evaluate("[...document.querySelectorAll('article-vote')].filter(one => one.shadowRoot.querySelector('script,img,iframe,svg,a,style,link,object,input[autofocus]')).length") == 0  # fmt: skip

    def test_hostile_answers_of_a_service_are_shown_as_text_or_not_at_all(
        self, page: Page, publisher: Publisher
    ) -> None:
        page.add_init_script(EXECUTED)
        bad = "<img src=x onerror=hit(1)>"
        bodies: list[Any] = [
            None, [], 7, "x", {}, {"voters": bad}, {"ballot": bad, "counts": bad, "voters": 1, "version": 1},
            {"ballot": {"kind": bad, "choices": [bad]}, "counts": {bad: bad}, "voters": bad, "version": 1, "state": bad},
        ]  # fmt: skip
        page.goto(publisher.put("".join(tag(article=f"bad-{number}") for number in range(2))))
        shown(page, 2)
        met: list[str] = []

        def answer(route: Route) -> None:
            met.append(route.request.url)
            text = json.dumps(bodies[len(met) - 1])
            route.fulfill(status=200, headers={"Access-Control-Allow-Origin": "*"}, body=text)

        page.route("**/tally", answer, times=len(bodies))
        for _ in bodies:
            page.evaluate("document.querySelector('article-vote').refresh()")
        assert len(met) == len(bodies)
        expect(page.locator("[part=line]").nth(1)).to_have_text("Be the first to vote.")
        assert page.evaluate("executed") == []

    def test_a_pinned_script_loads_with_its_hash_and_its_name_never_expires(
        self, page: Page, publisher: Publisher, stack: Stack
    ) -> None:
        scripts = fetch("GET", f"{stack.api}/embed/v1").json()["scripts"]
        page.goto(publisher.put(tag(), head=scripts[0]["pinned_tag"]))
        shown(page)
        answer = fetch("GET", scripts[0]["pinned_src"])
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.text == fetch("GET", scripts[0]["src"]).text
        broken = scripts[0]["pinned_tag"].replace("sha384-", "sha384-AAAA")
        page.goto(publisher.put(tag(), head=broken))
        assert page.evaluate("customElements.get('article-vote')") is None
        expect(page.locator("article-vote")).to_have_text("Fallback.")

    def test_the_class_can_be_had_without_registering_it(self, page: Page, publisher: Publisher, stack: Stack) -> None:
        page.goto(publisher.put("", head=""))
        page.evaluate(
            f"""async () => {{
                const {{ ArticleVote }} = await import("{stack.api}/embed/v1/article-vote-element.js");
                if (customElements.get("article-vote")) throw new Error("it was registered");
                customElements.define("my-vote", class extends ArticleVote {{}});
                const mine = document.createElement("my-vote");
                mine.setAttribute("site", "demo");
                mine.setAttribute("article", "page-of-its-own");
                document.querySelector("main").append(mine);
            }}"""
        )
        expect(page.locator("my-vote [part=line]")).to_have_text("Be the first to vote.")

    def test_the_readable_sources_work_as_they_are(self, page: Page, publisher: Publisher, stack: Stack) -> None:
        source = f'<script type="module" src="{stack.api}/embed/v1/source/article-vote.js"></script>'
        page.goto(publisher.put(tag(), head=source))
        expect(page.locator("[part=line]")).to_have_text("Be the first to vote.")

    def test_a_page_that_loads_the_script_twice_is_served_all_the_same(
        self, page: Page, publisher: Publisher, stack: Stack
    ) -> None:
        both = "".join(
            f'<script type="module" src="{stack.api}/embed/v1/article-vote.js{query}"></script>'
            for query in ("", "?again")
        )
        page.goto(publisher.put(tag(), head=both))
        shown(page)

    def test_where_storage_is_refused_the_page_itself_remembers(self, page: Page, publisher: Publisher) -> None:
        inner = publisher.put(tag(), path="/inner")
        page.goto(publisher.put(
            f'<iframe sandbox="allow-scripts" src="{inner}"></iframe>', head="", csp="default-src *"
        ))  # fmt: skip
        frame = page.frame_locator("iframe")
        frame.get_by_role("button", name=re.compile("^Like")).click()
        expect(frame.locator("[part=line]")).to_have_text("Only you voted.")
        frame.get_by_role("button", name=re.compile("^Dislike")).click()
        expect(frame.locator("button[aria-pressed=true]")).to_contain_text("Dislike")
        expect(frame.locator("[part=note]")).to_have_text("")


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
        until("the question", lambda: len(asked), lambda number: number == 2, pause=lambda: page.wait_for_timeout(50))
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
        article = f"followed-{next(NUMBERS)}"
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


class TestLayout:
    @pytest.mark.parametrize("width", [360, 1200])
    @pytest.mark.parametrize(
        "rule", ["", "article-vote { display: block; min-height: 5.5rem }"], ids=["", "with a rule"]
    )
    def test_nothing_moves_while_the_line_and_its_buttons_come(
        self, rule: str, width: int, page: Page, publisher: Publisher, stack: Stack
    ) -> None:
        page.set_viewport_size({"width": width, "height": 900})
        page.add_init_script(
            "window.shifts = []; new PerformanceObserver(list => shifts.push(...list.getEntries().map(one => one.value)))"
            ".observe({ type: 'layout-shift', buffered: true })"
        )
        held: dict[str, list[Route]] = {"script": [], "style": [], "tallies": []}
        page.route("**/article-vote.js", lambda route: held["script"].append(route))
        page.route("**/words/en.json", lambda route: held["style"].append(route))
        page.route("**/tallies?*", lambda route: held["tallies"].append(route))

        def let_go(what: str) -> None:
            until(what, lambda: held[what], bool, pause=lambda: page.wait_for_timeout(50))
            held[what][0].continue_()

        script = f'<script type="module" src="{stack.api}/embed/v1/article-vote.js"></script>'
        style = f"data:text/css,{quote(rule)}"
        head = f'<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="{style}">{script}'
        below = "<p>Below.</p>"
        csp = policy(stack.api).replace("style-src 'self'", "style-src data:")
        body = "".join(tag(more=more) + below for more in ("", 'noun="people"', 'layout="compact"'))
        page.goto(publisher.put(body, head=head, csp=csp), wait_until="commit")
        expect(page.locator("article-vote").first).to_have_text("Fallback.")
        page.wait_for_timeout(300)  # the fallback has been painted; a slow script comes after it
        let_go("script")
        page.locator("article-vote #choices").first.wait_for(state="attached")
        upgraded = page.locator("main > p").last.bounding_box()
        before = page.evaluate("shifts.length")
        let_go("style")
        let_go("tallies")
        shown(page, 3)
        page.wait_for_timeout(300)
        assert page.locator("main > p").last.bounding_box() == upgraded
        assert page.evaluate("shifts.length") == before
        if rule:
            assert page.evaluate("shifts") == []

    @pytest.mark.parametrize("width", [320, 390, 1200])
    def test_compact_buttons_stay_where_they_are_when_the_line_grows(
        self, width: int, page: Page, publisher: Publisher
    ) -> None:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(publisher.put(tag(more='layout="compact" noun="readers" lang="de"') + "<p>Below.</p>"))
        shown(page)
        button, below = page.locator("button").first, page.locator("main > p")
        before = button.bounding_box(), below.bounding_box()
        button.click()
        expect(page.locator("[part=line]")).to_have_text("Nur Sie haben abgestimmt.")
        assert (button.bounding_box(), below.bounding_box()) == before

    def test_targets_are_large_enough_for_a_thumb(self, page: Page, publisher: Publisher) -> None:
        page.set_viewport_size({"width": 320, "height": 700})
        sites = ("demo", "like", "stars", "reactions")
        page.goto(publisher.put("".join(tag(site) for site in sites) + tag(more='layout="compact"')))
        shown(page, 5)
        boxes = [one.bounding_box() for one in page.locator("button:visible, label:visible").all()]
        assert len(boxes) >= 14
        for box in boxes:
            assert box is not None
            assert (box["width"] >= 44, box["height"] >= 44) == (True, True)

    def test_live_elements_are_read_again_while_they_are_in_sight_and_not_otherwise(
        self, page: Page, publisher: Publisher, stack: Stack
    ) -> None:
        page.clock.install()
        asked: list[Request] = []
        page.on("request", lambda request: asked.append(request) if request.url.endswith("/tally") else None)
        spacer = "<p class=far>far</p>" + "<p>line</p>" * 200
        article = f"live-{next(NUMBERS)}"
        page.goto(publisher.put(tag(article=article, more="live") + spacer))
        expect(page.locator("[part=line]")).to_have_text("Be the first to vote.")
        vote(stack, "demo", article, "up")

        def let_pass(seconds: int) -> int:
            before = len(asked)
            for _ in range(seconds):
                page.clock.run_for(1_000)
                page.wait_for_timeout(20)
            return len(asked) - before

        assert let_pass(30) >= 2
        expect(page.locator("[part=line]")).to_have_text("1 user has voted.")
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.wait_for_timeout(200)
        let_pass(6)
        assert let_pass(30) == 0
        page.evaluate("scrollTo(0, 0)")
        page.wait_for_timeout(200)
        assert let_pass(30) >= 2
        hide = "Object.defineProperty(document, 'hidden', { value: %s, configurable: true });"
        tell = "document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))"
        page.evaluate(hide % "true" + tell)
        let_pass(6)
        assert let_pass(30) == 0
        page.evaluate(hide % "false" + tell)
        assert let_pass(30) >= 2

    def test_live_is_a_matter_of_each_element(self, page: Page, publisher: Publisher) -> None:
        page.clock.install()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if "/tall" in request.url else None)
        page.goto(publisher.put(tag(article="live-two", more="live") * 2))
        shown(page, 2)

        def let_pass(seconds: int) -> list[str]:
            asked.clear()
            for _ in range(seconds):
                page.clock.run_for(1_000)
                page.wait_for_timeout(20)
            return asked

        page.locator("article-vote").first.evaluate("one => one.remove()")
        assert let_pass(20) != []
        page.locator("article-vote").evaluate("one => one.setAttribute('article', 'live-three')")
        let_pass(6)
        assert [one for one in let_pass(20) if "live-two" in one] == []
        assert asked != []

    @pytest.mark.engines("chromium")  # the only driver that tells of an answer without a body
    def test_reading_again_sends_the_tag_it_has_and_costs_no_body(self, page: Page, publisher: Publisher) -> None:
        page.goto(publisher.put(tag()))
        shown(page)
        network = page.context.new_cdp_session(page)
        statuses: list[int] = []
        network.on("Network.responseReceivedExtraInfo", lambda event: statuses.append(event["statusCode"]))
        network.send("Network.enable")
        page.evaluate("document.querySelector('article-vote').refresh()")
        until("the answer", lambda: statuses, bool, pause=lambda: page.wait_for_timeout(50))
        assert statuses == [304]


AXE_STATES = {
    "before the first click": "",
    "voted": "vote",
    "refused": "refuse",
    "not saved yet": "offline",
}


class TestAccessibility:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("state", AXE_STATES)
    def test_axe_finds_nothing(self, state: str, scheme: str, page: Page, publisher: Publisher, stack: Stack) -> None:
        closed = f"closed-{next(NUMBERS)}"
        vote(stack, "demo", closed, "up")
        ref = ArticleRef("demo", closed)
        stack.table.put_article(Article(ref, "T", "https://news.example", closes_at=1), 1, patient())
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
        action = AXE_STATES[state]
        if action:
            cors = {"Access-Control-Allow-Origin": "*"}
            if action == "refuse":
                page.route("**/vote", lambda route: route.fulfill(status=403, headers=cors, body="{}"))
            if action == "offline":
                page.route("**/vote", lambda route: route.abort())
            for name in ("demo", "like", "reactions"):
                page.locator(f"article-vote[site={name}] button").first.click()
            page.locator("article-vote[site=stars] label").nth(3).click()
            note = {
                "refuse": "Votes are not taken from this page.",
                "offline": "Not saved yet, trying again…",
                "vote": "",
            }
            expect(page.locator("[part=note]").first).to_have_text(note[action])
        found = checked(page)
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]] == []

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


class TestFrames:
    def test_the_embed_page_votes_and_tells_its_height_to_the_page_around_it_alone(
        self, page: Page, publisher: Publisher, stack: Stack
    ) -> None:
        article = f"framed-{next(NUMBERS)}"
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
        article = f"pictured-{next(NUMBERS)}"
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

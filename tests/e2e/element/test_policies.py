"""`<article-vote>` under the policies of publishers, with hostile texts in every place."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from tests.support.expecting import expect
from tests.support.http import fetch, until
from tests.support.publisher import Publisher
from tests.support.stack import Stack
from tests.support.tags import shown, tag

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
        page.goto(publisher.put(tag(), head=source), wait_until="commit")
        # Each module is a request, all at once, and the emulator starts a function for each: long, on a busy machine.
        until(
            "the line",
            page.locator("[part=line]").all_text_contents,
            lambda lines: lines == ["Be the first to vote."],
            seconds=120,
            pause=lambda: page.wait_for_timeout(100),
        )

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

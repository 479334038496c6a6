"""Where `<article-vote>` stands on a page, and that nothing moves."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from playwright.sync_api import Page, Route

from local.demo import policy
from tests.support.expecting import expect
from tests.support.http import until
from tests.support.publisher import Publisher
from tests.support.stack import Stack
from tests.support.tags import shown, tag


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
            "window.shifts = [];"
            "new PerformanceObserver(list => shifts.push(...list.getEntries().map(one => one.value)))"
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

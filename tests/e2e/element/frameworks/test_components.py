"""`<article-vote>` in pages of React, Vue and Svelte: what these frameworks do to elements loses no vote."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Route

from tests.e2e.element.frameworks.bundles import script
from tests.support.expecting import expect
from tests.support.reader import Reader

FRAMEWORKS = ["react18", "react19", "vue", "svelte"]
# Policies that a framework makes for markup of its own.
TRUSTED_TYPES = {"vue": "vue", "svelte": "svelte-trusted-html"}


def open_app(reader: Reader, framework: str) -> None:
    """A page of the publisher's with this framework, which shows the reader's article."""
    publisher = reader.publisher
    publisher.serve(f"/{framework}.js", script(framework), "text/javascript")
    props = json.dumps({"site": reader.site, "article": reader.article, "noun": "readers"})
    head = "".join(
        f'<script type="module" src="{src}"></script>'
        for src in (f"{publisher.api}/embed/v1/article-vote.js", f"/{framework}.js")
    )
    page = publisher.put(
        "", head=head, csp=publisher.policy(TRUSTED_TYPES.get(framework)), main=f"data-props='{props}'"
    )
    reader.page.goto(page)


def app(reader: Reader, call: str, argument: Any = None) -> None:
    reader.page.evaluate(f"async (argument) => {{ await app.{call}(argument) }}", argument)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_rendering_moving_and_mounting_again_keep_the_vote_and_the_line(reader: Reader, framework: str) -> None:
    reader.others_vote(2)
    open_app(reader, framework)
    reader.sees("2 readers have voted.")
    element = reader.page.locator("article-vote")
    assert element.evaluate("one => [one.readonly, one.live, one.article]") == [False, False, reader.article]
    app(reader, "render", {"readonly": True})
    expect(reader.button("Like").first).to_be_disabled()
    app(reader, "render", {"readonly": False, "noun": "people"})
    reader.sees("2 people have voted.")
    reader.click("Like")
    reader.sees("3 people have voted, including you.", "Like")
    reader.until(
        "the event", lambda: reader.page.evaluate("app.votes.map((one) => one.choice)"), lambda heard: heard == ["up"]
    )
    app(reader, "move")
    reader.sees("3 people have voted, including you.", "Like")
    app(reader, "unmount")
    expect(element).to_have_count(0)
    app(reader, "remount")
    reader.sees("3 people have voted, including you.", "Like")
    app(reader, "render", {"article": f"{reader.article}-next"})
    reader.sees("Be the first to vote.")
    app(reader, "render", {"article": reader.article})
    reader.sees("3 people have voted, including you.", "Like")
    assert reader.tally()["counts"] == {"up": 3, "down": 0}


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_click_just_before_the_element_is_unmounted_counts(reader: Reader, framework: str) -> None:
    held: list[Route] = []
    open_app(reader, framework)
    reader.sees("Be the first to vote.")
    reader.page.route("**/vote", lambda route: held.append(route), times=1)
    reader.click("Like")
    reader.until("the request", lambda: len(held), lambda number: number == 1)
    app(reader, "unmount")
    held[0].continue_()
    reader.until("the vote", lambda: reader.tally()["voters"], lambda voters: voters == 1)
    app(reader, "remount")
    reader.sees("Only you voted.", "Like")

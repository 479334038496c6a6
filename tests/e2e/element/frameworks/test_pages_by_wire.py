"""`<article-vote>` where Turbo or htmx exchange parts of a page for markup that the server sends."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route

from tests.e2e.element.frameworks.bundles import script
from tests.support.expecting import expect
from tests.support.reader import Reader

QUIET_HTMX = """<meta name="htmx-config" content='{"includeIndicatorStyles":false,"allowEval":false}'>"""


def put_pages(reader: Reader, library: str, one: str, two: str) -> None:
    """Two pages of the publisher's with this library. Both hand markup to the browser as plain text."""
    publisher = reader.publisher
    publisher.serve(f"/{library}.js", script(library), "text/javascript")
    head = (
        f'<meta name="csp-nonce" content="of-turbo">{QUIET_HTMX}<script type="module" src="/{library}.js"></script>'
        f'<script type="module" src="{publisher.api}/embed/v1/article-vote.js"></script>'
    )
    csp = publisher.policy(None).replace("require-trusted-types-for 'script'; ", "")
    csp = csp.replace("style-src 'self'", "style-src 'self' 'nonce-of-turbo'")
    for path, body in (("/one", one), ("/two", two)):
        publisher.put(body, path=path, head=head, csp=csp)
    reader.page.goto(f"{publisher.url}/one")


def test_turbo_visits_and_goes_back(reader: Reader) -> None:
    reader.others_vote(1)
    put_pages(reader, "turbo", f'<a href="/two">go</a>{reader.tag()}', f"<h1>Two</h1>{reader.tag('readonly')}")
    reader.page.evaluate("window.same = true")
    reader.sees("1 user has voted.")
    reader.click("Like")
    reader.page.get_by_role("link", name="go").click()
    expect(reader.page.get_by_role("heading", name="Two")).to_be_visible()
    reader.sees("2 users have voted, including you.", "Like")
    reader.page.go_back()
    expect(reader.page.get_by_role("link", name="go")).to_be_visible()
    reader.sees("2 users have voted, including you.", "Like")
    reader.click("Dislike")
    reader.until("the change", lambda: reader.tally()["counts"]["down"], lambda count: count == 1)
    assert reader.page.evaluate("same") is True, "Turbo did not take over the visits"


def test_a_turbo_frame_is_exchanged_and_shows_the_other_article(reader: Reader) -> None:
    reader.others_vote(1)
    frame = '<turbo-frame id="frame">{}</turbo-frame>'
    other = reader.tag().replace(reader.article, f"{reader.article}-other")
    put_pages(reader, "turbo", frame.format(f'<a href="/two">go</a>{other}'), frame.format(reader.tag()))
    reader.sees("Be the first to vote.")
    reader.page.get_by_role("link", name="go").click()
    reader.sees("1 user has voted.")


@pytest.mark.parametrize("swap", ["innerHTML", "outerHTML"])
def test_htmx_exchanges_the_element_while_a_vote_is_on_its_way(reader: Reader, swap: str) -> None:
    held: list[Route] = []
    target = "#around" if swap == "innerHTML" else "#around article-vote"
    button = f'<button hx-get="/piece" hx-target="{target}" hx-swap="{swap}">swap</button>'
    reader.publisher.serve("/piece", reader.tag('noun="readers"'), "text/html")
    put_pages(reader, "htmx", f'{button}<div id="around">{reader.tag()}</div>', "")
    reader.sees("Be the first to vote.")
    reader.page.route("**/vote", lambda route: held.append(route), times=1)
    reader.click("Like")
    reader.until("the request", lambda: len(held), lambda number: number == 1)
    reader.page.get_by_role("button", name="swap").click()
    expect(reader.page.locator("article-vote[noun=readers]")).to_have_count(1)
    reader.sees("Only you voted.", "Like")
    held[0].continue_()
    reader.until("the vote", lambda: reader.tally()["voters"], lambda voters: voters == 1)
    reader.others_vote(1)
    reader.page.locator("article-vote").evaluate("one => one.refresh()")
    reader.sees("2 readers have voted, including you.", "Like")

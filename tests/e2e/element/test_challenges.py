"""`<article-vote>` in a network with many new voters: it solves the service's challenge, says so, and the vote counts.

Every page here has the strictest policy that docs/element.md gives (`Publisher`).
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, Request

from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.sites import Budget, Site
from tests.support.expecting import expect
from tests.support.fakes import patient
from tests.support.publisher import Publisher
from tests.support.reader import Reader
from tests.support.stack import Stack
from tests.support.tags import fresh

WORKING = "Many votes come from your network. Preparing yours…"
# A slow phone: each key takes 30 ms longer.
SLOW = """
    const derive = crypto.subtle?.deriveBits.bind(crypto.subtle);
    if (derive)
      crypto.subtle.deriveBits = async (...rest) => {
        await new Promise(resolve => setTimeout(resolve, 30));
        return derive(...rest);
      };
"""
NO_WORKER = "delete window.Worker; delete window.SharedWorker"
PLAIN_HTTP = "Object.defineProperty(crypto, 'subtle', { value: undefined })"
NOTES = """
    window.notes = new Set();
    window.statuses = new Set();
    addEventListener("load", () => {
      const root = document.querySelector("article-vote").shadowRoot;
      new MutationObserver(() => {
        notes.add(root.querySelector("[part=note]")?.textContent);
        statuses.add(root.querySelector("[role=status]")?.textContent);
      }).observe(root, { subtree: true, childList: true, characterData: true });
    });
"""


def busy_site(stack: Stack) -> str:
    """A site on which this machine has just used up its budget."""
    site = Site(fresh("busy"), make_ballot("updown"), ranks="any", version=1, new_voters=Budget(1, 1000))
    stack.table.put_site(site, patient())
    stack.new_token(site.id)
    return site.id


@pytest.fixture
def busy(page: Page, publisher: Publisher, stack: Stack) -> Reader:
    """A reader on such a site."""
    return Reader(page, publisher, stack, busy_site(stack))


def asked_for_voters(requests: list[Request]) -> list[str]:
    """Whether each request for a voter had a solution."""
    sent = [one for one in requests if one.method == "POST" and one.url.endswith("/voters")]
    return ["solution" if one.headers.get("content-type") == "application/json" else "nothing" for one in sent]


def loaded_solvers(requests: list[Request]) -> int:
    return sum("article-vote-solver" in one.url for one in requests)


@pytest.mark.parametrize("script", [SLOW, NO_WORKER, PLAIN_HTTP], ids=["slow", "no worker", "plain HTTP"])
def test_a_challenge_is_solved_and_the_vote_counts(busy: Reader, script: str) -> None:
    busy.page.add_init_script(script + NOTES)
    busy.open().sees("Be the first to vote.")
    assert loaded_solvers(busy.requests) == 0
    busy.click("Like")
    busy.until("the vote", lambda: busy.tally()["voters"], lambda voters: voters == 1)
    busy.was_told(["vote-cast", "up", None, "article-vote"])
    busy.sees("Only you voted.", "Like")
    assert asked_for_voters(busy.requests) == ["nothing", "solution"]
    assert loaded_solvers(busy.requests) == 1
    notes, statuses = busy.page.evaluate("[[...notes], [...statuses]]")
    shares = [note.removeprefix(WORKING) for note in notes if note and note.startswith(WORKING)]
    assert len(shares) > 1
    assert all(re.fullmatch(r" \d{1,3}%", share) for share in shares)
    told = [one for one in statuses if one and WORKING in one]
    assert told == [f"Only you voted. {WORKING}"]  # a screen reader is told once, and not of every step


def test_the_page_stays_usable_meanwhile_and_a_change_of_mind_counts(busy: Reader) -> None:
    busy.page.add_init_script(SLOW)
    busy.open().sees("Be the first to vote.")
    busy.click("Like")
    expect(busy.page.locator("[part=note]")).to_contain_text(WORKING)
    busy.click("Dislike")
    expect(busy.button("Dislike").first).to_have_attribute("aria-pressed", "true")
    busy.until("the vote", lambda: busy.tally()["counts"], lambda counts: counts == {"up": 0, "down": 1})
    busy.sees("Only you voted.", "Dislike")
    assert asked_for_voters(busy.requests) == ["nothing", "solution"]


def test_offline_in_the_middle_the_vote_waits_and_goes_out_later(busy: Reader, context: BrowserContext) -> None:
    busy.page.add_init_script(SLOW)
    busy.open().sees("Be the first to vote.")
    busy.click("Like")
    expect(busy.page.locator("[part=note]")).to_contain_text(WORKING)
    context.set_offline(True)
    expect(busy.page.locator("[part=note]")).to_have_text("Not saved yet, trying again…")
    assert busy.tally()["voters"] == 0
    context.set_offline(False)
    busy.until("the vote", lambda: busy.tally()["voters"], lambda voters: voters == 1)
    busy.was_told(["vote-cast", "up", None, "article-vote"])
    busy.sees("Only you voted.", "Like")


def test_of_two_tabs_one_works_for_both(busy: Reader, context: BrowserContext, engine_name: str) -> None:
    context.add_init_script(SLOW)
    busy.open().sees("Be the first to vote.")
    second = Reader(context.new_page(), busy.publisher, busy.stack, busy.site)
    second.article, second.url = busy.article, busy.url
    second.page.goto(busy.publisher.url)
    second.sees("Be the first to vote.")
    busy.click("Like")
    expect(busy.page.locator("[part=note]")).to_contain_text(WORKING)
    second.click("Dislike")
    busy.until("the votes", lambda: busy.tally()["counts"], lambda counts: counts == {"up": 0, "down": 1})
    busy.sees("Only you voted.", "Dislike")
    second.sees("Only you voted.", "Dislike")
    # In WebKit, each page sees the requests of both.
    seen = busy.requests if engine_name == "webkit" else busy.requests + second.requests
    assert asked_for_voters(seen).count("solution") == 1


def test_a_tab_that_is_closed_in_the_middle_leaves_the_work_to_the_next_page(
    busy: Reader, context: BrowserContext
) -> None:
    busy.page.add_init_script(SLOW)
    busy.open().sees("Be the first to vote.")
    busy.click("Like")
    expect(busy.page.locator("[part=note]")).to_contain_text(WORKING)
    busy.page.close()
    busy.page = context.new_page()
    busy.page.goto(busy.publisher.url)
    busy.until("the vote", lambda: busy.tally()["voters"], lambda voters: voters == 1)
    busy.sees("Only you voted.", "Like")


def test_a_solver_that_does_not_load_is_loaded_later(busy: Reader) -> None:
    busy.page.route("**/article-vote-solver.js*", lambda route: route.abort(), times=1)
    busy.open().sees("Be the first to vote.")
    busy.click("Like")
    busy.was_told(["vote-cast", "up", None, "article-vote"])
    assert loaded_solvers(busy.requests) == 2


def test_far_above_the_budget_the_vote_is_late_and_says_so(stack: Stack, page: Page, publisher: Publisher) -> None:
    site = Site(fresh("full"), make_ballot("updown"), ranks="any", version=1, new_voters=Budget(1, 1))
    stack.table.put_site(site, patient())
    stack.new_token(site.id)
    reader = Reader(page, publisher, stack, site.id)
    reader.open().sees("Be the first to vote.")
    reader.click("Like")
    reader.sees("Only you voted.", "Like", "Not saved yet, trying again…")
    assert loaded_solvers(reader.requests) == 0

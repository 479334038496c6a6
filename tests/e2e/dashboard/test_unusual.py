"""Which votes stand out, as an editor sees it on the dashboard with an admin key."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from chalicelib.admission.provenance import provenance_of
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.sites import Site
from chalicelib.voting.applying import apply
from chalicelib.voting.votes import Wish
from tests.support.expecting import expect
from tests.support.fakes import patient
from tests.support.keys import ADMIN, READ, issue
from tests.support.stack import Stack

SALT = b"the salt of these tests"


@pytest.fixture(scope="module")
def ref(stack: Stack) -> ArticleRef:
    """An article with 120 readers who came alone and 40 votes from one address, and a quiet one on the same site.

    Each test leaves them as they were.
    """
    site = f"odd-{uuid.uuid4().hex[:8]}"
    stack.table.put_site(Site(site, make_ballot("updown"), ranks="any"), patient())
    issue(stack.table, READ, "read", site)
    issue(stack.table, ADMIN, "admin", site)
    made, rng = ArticleRef(site, "ferry"), random.Random(1)
    for number in range(120):
        choice, age = ("up" if rng.random() < 0.8 else "down"), rng.choice([5, 90_000])
        vote(stack, made, choice, f"20.{number}.1.1", rng.randrange(48), age)
    for _ in range(40):
        vote(stack, made, "down", "192.0.2.7", 5, 5)
    vote(stack, ArticleRef(site, "harbour"), "up", "20.1.1.1", 0, 5)
    return made


def vote(stack: Stack, ref: ArticleRef, choice: str, address: str, hours_ago: int, age: int) -> None:
    provenance = provenance_of(SALT, ref.site, ref.article, address, age)
    at = int(time.time()) - hours_ago * 3600
    wish = Wish(ref, uuid.uuid4().hex, choice, None, at, provenance=provenance)
    apply(stack.table, wish, patient(), registered_only=False)


@pytest.fixture
def panel(visit: Callable[[str], Page], ref: ArticleRef) -> Callable[[str], Page]:
    """The article's page, where this key was typed in as the admin key."""

    def do(key: str) -> Page:
        page = visit(f"?site={ref.site}&article={ref.article}")
        expect(page.get_by_text("With an admin key you can look for unusual votes.")).to_be_visible()
        page.get_by_label("Admin key").fill(key)
        page.get_by_label("Admin key").press("Enter")
        expect(page.locator(".status")).to_contain_text("As of")
        return page

    return do


def test_a_burst_from_one_address_is_shown_with_its_evidence(panel: Callable[[str], Page]) -> None:
    page = panel(ADMIN)
    page.get_by_role("button", name="Look for unusual votes").click()
    expect(page.get_by_text("120 votes without these groups")).to_be_visible()
    row = page.locator("section[aria-labelledby=unusual] tbody tr")
    expect(row).to_have_count(1)
    expect(row.locator("th")).to_have_text("IPv4\u00a0/32")
    cells = row.locator("td")
    expect(cells.nth(1)).to_have_text("40")
    expect(cells.nth(2)).to_have_text("Dislike: 40")
    expect(cells.nth(4)).to_have_text("under a minute: 40")
    expect(cells.nth(5)).to_contain_text("1 : ")


def test_with_a_key_that_may_not_look_another_one_is_asked_for(panel: Callable[[str], Page]) -> None:
    page = panel(READ)
    page.get_by_role("button", name="Look for unusual votes").click()
    expect(page.get_by_text("The service says:").first).to_be_visible()
    expect(page.get_by_label("Admin key")).to_be_visible()


def test_an_article_with_few_votes_says_that_there_is_nothing_to_compare(
    panel: Callable[[str], Page], visit: Callable[[str], Page], ref: ArticleRef
) -> None:
    panel(ADMIN)
    page = visit(f"?site={ref.site}&article=unseen")
    page.get_by_role("button", name="Look for unusual votes").click()
    expect(page.get_by_text("Too few readers came alone to compare with: 0.")).to_be_visible()


def test_a_group_is_excluded_with_one_click_and_counts_again_after_undo(
    panel: Callable[[str], Page], stack: Stack, ref: ArticleRef
) -> None:
    page = panel(ADMIN)
    page.get_by_role("button", name="Look for unusual votes").click()
    page.get_by_role("button", name="Exclude").click()
    expect(page.get_by_text("40 votes do not count any more.")).to_be_visible()
    assert stack.table.tally(ref, patient(), consistent=True).voters == 120
    expect(page.get_by_role("button", name="Exclude")).to_have_count(0)
    excluded = page.locator("section[aria-labelledby=unusual] tbody tr")
    expect(excluded.locator("th")).to_have_text("Dislike: 40")
    expect(page.get_by_role("button", name="Look for unusual votes")).to_be_focused()
    page.reload()
    page.get_by_role("button", name="Look for unusual votes").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("The votes count again.")).to_be_visible()
    assert stack.table.tally(ref, patient(), consistent=True).voters == 160
    expect(page.get_by_role("button", name="Exclude")).to_be_visible()


def test_the_page_of_a_site_says_which_articles_have_unusual_votes_and_which_are_excluded(
    visit: Callable[[str], Page], stack: Stack, ref: ArticleRef
) -> None:
    page = visit(f"?site={ref.site}")
    expect(page.locator("table.top tbody tr")).to_have_count(2)
    page.get_by_label("Admin key").fill(ADMIN)
    page.get_by_label("Admin key").press("Enter")
    expect(page.locator("table.top tbody tr")).to_have_count(2)
    page.get_by_role("button", name="Look for unusual votes").click()
    expect(page.get_by_text("Articles looked at: 2. With unusual votes: 1.")).to_be_visible()
    panel = page.locator("section[aria-labelledby=unusual]")
    expect(panel.locator("tbody th")).to_have_text(["ferry"])
    expect(panel.locator("tbody td")).to_have_text(["40", "1"])
    panel.get_by_role("link", name="ferry").click()
    page.get_by_role("button", name="Look for unusual votes").click()
    page.get_by_role("button", name="Exclude").click()
    expect(page.get_by_text("40 votes do not count any more.")).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Look for unusual votes").click()
    expect(panel.locator("tbody th")).to_have_text(["ferry"])
    panel.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("The votes count again.")).to_be_visible()
    assert stack.table.tally(ref, patient(), consistent=True).voters == 160

"""What a site's settings do to `<article-vote>`: labels, retired choices, the noun, when results and voting begin."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.ballots import Ballot, make_ballot, succeed
from chalicelib.publishing.registering import register
from chalicelib.publishing.sites import Site
from chalicelib.voting.applying import apply
from chalicelib.voting.votes import Wish
from tests.support.expecting import expect
from tests.support.fakes import patient
from tests.support.reader import Reader
from tests.support.stack import Stack

UPDOWN = make_ballot("updown")


@pytest.fixture
def reader_on(reader_of: Callable[[str], Reader], stack: Stack) -> Callable[..., Reader]:
    """A reader on a site with these settings, which no function remembers yet."""

    def make(ballot: Ballot = UPDOWN, **settings: Any) -> Reader:
        site = Site(f"s-{uuid.uuid4().hex[:8]}", ballot, **settings)
        stack.table.put_site(site, patient())
        return reader_of(site.id)

    return make


def test_choices_have_the_labels_and_icons_of_the_site_and_voters_are_called_as_it_says(
    reader_on: Callable[..., Reader],
) -> None:
    ballot = make_ballot("updown", labels={"up": "Worth <b>reading</b>"}, icons={"up": "📖"})
    reader = reader_on(ballot, noun="people")
    reader.others_vote(2)
    reader.open().sees("2 people have voted.")
    up, down = reader.page.locator("button").all()
    expect(up.locator("[part=name]")).to_have_text("Worth <b>reading</b>")
    expect(up.locator("[part=icon]")).to_have_text("📖")
    expect(down.locator("[part=name]")).to_have_text("Dislike")
    reader.open('noun="readers"', path="/again").sees("2 readers have voted.")


def test_a_retired_choice_is_shown_with_its_count_and_takes_no_votes(
    reader_on: Callable[..., Reader], stack: Stack
) -> None:
    reader = reader_on(succeed(UPDOWN, make_ballot("like")))
    ref = ArticleRef(reader.site, reader.article)
    for voter in range(2):
        apply(stack.table, Wish(ref, f"v{voter}", "down", None, int(time.time())), patient(), registered_only=False)
    reader.open().sees("2 users have voted.")
    expect(reader.page.locator("button")).to_have_count(2)  # "up" is retired, too, and nobody has it
    expect(reader.button("Dislike").first).to_be_disabled()
    expect(reader.button("Dislike").first.locator("[part=count]")).to_have_text("2")
    reader.page.locator("button").first.click()
    reader.sees("3 users have voted, including you.", "Like")
    reader.was_told(["vote-cast", "like", None, "article-vote"])
    assert reader.tally()["counts"] == {"like": 1, "up": 0, "down": 2}


def test_results_come_after_the_vote_where_the_site_says_so(reader_on: Callable[..., Reader]) -> None:
    reader = reader_on(results="after_vote")
    reader.others_vote(3)
    reader.open().sees("3 users have voted.")
    assert reader.page.locator("[part=count]").all_text_contents() == ["", ""]
    reader.click("Dislike")
    reader.sees("4 users have voted, including you.", "Dislike")
    counts = reader.page.locator("[part=count]")
    reader.until("the counts", counts.all_text_contents, lambda texts: texts == ["3", "1"])
    reader.page.reload()
    reader.sees("4 users have voted, including you.", "Dislike")
    reader.until("the counts", counts.all_text_contents, lambda texts: texts == ["3", "1"])


def test_an_article_that_opens_later_says_so_and_takes_no_votes(reader_on: Callable[..., Reader], stack: Stack) -> None:
    reader = reader_on()
    ref = ArticleRef(reader.site, reader.article)
    tomorrow = int(time.time()) + 24 * 3600
    register(stack.table, Article(ref, "T", "https://news.example", opens_at=tomorrow), int(time.time()), patient())
    reader.open().sees("Voting has not started yet. Nobody has voted.")
    for name in ("Like", "Dislike"):
        expect(reader.button(name).first).to_be_disabled()


def test_a_hidden_article_leaves_the_text_of_the_page(reader_on: Callable[..., Reader], stack: Stack) -> None:
    reader = reader_on()
    ref = ArticleRef(reader.site, reader.article)
    register(stack.table, Article(ref, "T", "https://news.example", state="hidden"), int(time.time()), patient())
    reader.open()
    reader.until(
        "the question", lambda: [one.url for one in reader.requests], lambda urls: any("tally" in url for url in urls)
    )
    expect(reader.page.get_by_text("Fallback.")).to_be_visible()
    expect(reader.page.locator("[part=line]")).to_have_count(0)

"""How `<article-vote>` looks as a guest: alignment, what it inherits, stars, compact rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.support.expecting import expect
from tests.support.reader import Reader

GUIDE_RULE = "article-vote { display: block; min-height: 5.5rem }"
# How much of each star is filled, in tenths.
FILLS = """all => all.map((one) => (
  Math.round(parseFloat(getComputedStyle(one, '::before').width) / one.getBoundingClientRect().width * 10)))"""


def styled(reader: Reader, rule: str, body: str, lang: str = "en") -> None:
    """A page with the guide's rule, a rule of its own, and this body."""
    publisher = reader.publisher
    publisher.serve("/page.css", f"body {{ margin: 16px }} {GUIDE_RULE} {rule}", "text/css")
    script = f'<script type="module" src="{publisher.api}/embed/v1/article-vote.js"></script>'
    head = f'<link rel="stylesheet" href="/page.css">{script}'
    reader.page.goto(publisher.put(body, head=head, lang=lang))


def box(page: Page, selector: str, index: int = 0) -> dict[str, float]:
    found: Any = page.locator(selector).nth(index).bounding_box()
    assert found is not None
    return dict(found)


def test_hidden_hides_it_whatever_the_pages_rules_say(reader: Reader) -> None:
    styled(reader, "", reader.tag("hidden") + reader.tag())
    reader.page.locator("[part=line]").nth(1).wait_for()
    assert reader.page.locator("article-vote").first.evaluate("one => one.offsetHeight") == 0


def test_the_pages_alignment_places_the_buttons_as_it_places_the_line(reader: Reader) -> None:
    reader.page.set_viewport_size({"width": 800, "height": 600})
    styled(reader, "main { text-align: center }", reader.tag())
    reader.sees("Be the first to vote.")
    first, last = box(reader.page, "button"), box(reader.page, "button", 1)
    assert abs((first["x"] + last["x"] + last["width"]) / 2 - 400) < 1.5
    reader.page.evaluate("document.querySelector('main').style.textAlign = 'end'")
    last = box(reader.page, "button", 1)
    assert abs(last["x"] + last["width"] - 784) < 1.5


def test_an_indent_and_unbroken_lines_of_the_page_do_not_reach_it(reader: Reader) -> None:
    styled(reader, "main { text-indent: 50px; white-space: nowrap }", reader.tag())
    reader.sees("Be the first to vote.")
    assert box(reader.page, "[part=line]")["x"] == box(reader.page, "article-vote")["x"]
    assert reader.page.locator("#box").evaluate("one => getComputedStyle(one).whiteSpace") == "normal"


@pytest.mark.parametrize("how", ["readonly", "stars"])
def test_rows_begin_where_the_line_begins(reader_of: Callable[[str], Reader], how: str) -> None:
    reader = reader_of("stars" if how == "stars" else "demo")
    reader.others_vote(1, "4" if how == "stars" else "up")
    styled(reader, "", reader.tag("readonly" if how == "readonly" else ""))
    reader.page.locator("[part=line]").wait_for()
    first = "label span" if how == "stars" else "button [part=icon]"
    assert abs(box(reader.page, first)["x"] - box(reader.page, "[part=line]")["x"]) < 3


def test_stars_are_filled_to_the_mean_and_to_the_readers_own_rating(reader_of: Callable[[str], Reader]) -> None:
    reader = reader_of("stars")
    for choice in ("5", "4", "4"):
        reader.others_vote(1, choice)
    reader.open().sees("3 users have voted. Average: 4.3 of 5.")
    glyphs = reader.page.locator("label span")
    assert glyphs.evaluate_all(FILLS) == [10, 10, 10, 10, 3]
    quiet = glyphs.first.evaluate("one => getComputedStyle(one, '::before').color")
    reader.page.locator("label").nth(1).click()
    reader.sees("4 users have voted, including you. Average: 3.8 of 5.")
    assert glyphs.evaluate_all(FILLS) == [10, 10, 0, 0, 0]
    assert glyphs.first.evaluate("one => getComputedStyle(one, '::before').color") != quiet


def test_many_compact_reactions_leave_the_line_in_one_row(reader_of: Callable[[str], Reader]) -> None:
    reader = reader_of("reactions")
    reader.page.set_viewport_size({"width": 360, "height": 600})
    reader.others_vote(1, "joy")
    styled(reader, "", reader.tag('layout="compact"'))
    reader.sees("1 user has voted.")
    assert box(reader.page, "[part=line]")["height"] < 32


@pytest.mark.parametrize(("lang", "raising"), [("en", "ArrowRight"), ("ar", "ArrowLeft")])
def test_arrow_keys_go_where_they_point(reader_of: Callable[[str], Reader], lang: str, raising: str) -> None:
    reader = reader_of("stars")
    reader.page.goto(reader.publisher.put(reader.tag(), lang=lang))
    stars = reader.page.get_by_role("radio")
    stars.nth(1).press("Space")
    expect(stars.nth(1)).to_be_checked()
    stars.nth(1).press(raising)
    expect(stars.nth(2)).to_be_checked()
    expect(stars.nth(2)).to_be_focused()
    stars.nth(2).press("ArrowRight" if raising == "ArrowLeft" else "ArrowLeft")
    expect(stars.nth(1)).to_be_checked()
    reader.until("the vote", lambda: reader.tally()["counts"]["2"], lambda count: count == 1)

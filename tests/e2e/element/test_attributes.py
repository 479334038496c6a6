"""Attributes and properties of `<article-vote>`, the language around it, and elements that are moved."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.support.expecting import expect
from tests.support.reader import Reader

PROPERTIES = {"site": "demo", "article": "b", "endpoint": "/x", "noun": "people", "layout": "compact"}


def element(reader: Reader, function: str, argument: Any = None) -> Any:
    return reader.page.locator("article-vote").first.evaluate(function, argument)


class TestFlags:
    def test_a_flag_that_says_false_is_one_that_is_not_there(self, reader: Reader) -> None:
        reader.open('readonly="false" live="false"').sees("Be the first to vote.")
        assert element(reader, "one => [one.readonly, one.live]") == [False, False]
        reader.click("Like")
        reader.sees("Only you voted.", "Like")

    @pytest.mark.parametrize("value", ["", "readonly", "true"])
    def test_any_other_value_is_one_that_is(self, reader: Reader, value: str) -> None:
        reader.open(f'readonly="{value}"').sees("Nobody has voted.")
        expect(reader.button("Like").first).to_be_disabled()
        assert element(reader, "one => one.readonly") is True


class TestProperties:
    def test_properties_are_attributes(self, reader: Reader) -> None:
        reader.open()
        for name, value in PROPERTIES.items():
            assert (
                element(
                    reader,
                    "(one, [name, value]) => { one[name] = value; return one.getAttribute(name); }",
                    [name, value],
                )
                == value
            )
            assert element(reader, "(one, name) => one[name]", name) == value
            assert element(reader, "(one, name) => { one[name] = null; return one.hasAttribute(name); }", name) is False
            assert element(reader, "(one, name) => one[name]", name) == ""
        for name in ("readonly", "live"):
            for given, there in ((True, True), (False, False), ("", True), ("false", False), (None, False)):
                found = element(
                    reader, "(one, [name, value]) => { one[name] = value; return one[name]; }", [name, given]
                )
                assert found is there, (name, given)

    def test_a_property_changes_what_is_shown(self, reader: Reader) -> None:
        reader.others_vote(1)
        reader.open().sees("1 user has voted.")
        element(reader, "one => { one.noun = 'people'; }")
        reader.sees("1 person has voted.")
        element(reader, "one => { one.readonly = true; }")
        expect(reader.button("Like").first).to_be_disabled()
        element(reader, "(one, article) => { one.article = article; one.readonly = false; }", f"{reader.article}-b")
        reader.sees("Be the first to vote.")

    def test_properties_set_before_the_element_is_defined_count(self, reader: Reader) -> None:
        reader.others_vote(1)
        script = f'<script type="module" src="{reader.stack.api}/embed/v1/article-vote.js"></script>'
        reader.publisher.serve("/early.js", (
            "const one = document.querySelector('article-vote');"
            f"one.site = 'demo'; one.article = '{reader.article}'; one.noun = 'readers'; one.readonly = true;"
        ), "text/javascript")  # fmt: skip
        head = f'<script type="module" src="/early.js"></script>{script}'
        reader.page.goto(
            reader.publisher.put("<article-vote></article-vote>", head=head, csp=reader.publisher.policy())
        )
        reader.sees("1 reader has voted.")
        expect(reader.button("Like").first).to_be_disabled()
        assert element(reader, "one => one.getAttribute('article')") == reader.article


class TestTheLanguageAround:
    @pytest.mark.parametrize("where", ["document.documentElement", "document.querySelector('main')"])
    def test_a_later_change_is_followed(self, reader: Reader, where: str) -> None:
        reader.others_vote(1)
        reader.open().sees("1 user has voted.")
        reader.page.evaluate(f"{where}.lang = 'de'")
        reader.sees("1 Nutzer hat abgestimmt.")
        reader.page.evaluate(f"{where}.lang = 'ru'")
        reader.sees("Проголосовал 1 пользователь.")


class TestOtherArticles:
    def test_the_number_of_the_article_before_is_not_shown_for_the_next(self, reader: Reader) -> None:
        reader.others_vote(1)
        reader.page.goto(reader.publisher.put(reader.tag(fallback="1 user has voted.")))
        reader.sees("1 user has voted.")
        reader.page.route("**/tally", lambda route: route.abort())
        element(reader, "(one, article) => { one.article = article; }", f"{reader.article}-next")
        expect(reader.page.locator("article-vote").locator("#choices button")).to_have_count(0)
        assert element(reader, "one => one.shadowRoot.querySelectorAll('slot').length") == 0
        assert element(reader, "one => one.shadowRoot.textContent.trim()") == ""


class TestMoves:
    @pytest.mark.engines("chromium", "firefox")  # WebKit has no moveBefore
    def test_move_before_keeps_the_focus(self, reader: Reader) -> None:
        reader.page.goto(reader.publisher.put(f"<p>first</p>{reader.tag()}"))
        reader.sees("Be the first to vote.")
        reader.button("Like").first.focus()
        reader.page.evaluate(
            "const main = document.querySelector('main');main.moveBefore(main.lastElementChild, main.firstElementChild)"
        )
        expect(reader.button("Like").first).to_be_focused()
        reader.page.keyboard.press("Enter")
        reader.sees("Only you voted.", "Like")

    def test_the_status_for_screen_readers_goes_when_it_is_true_no_more(self, reader: Reader) -> None:
        reader.open().click("Like")
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        expect(reader.page.get_by_role("status")).to_have_text("Only you voted.")
        reader.others_vote(1)
        element(reader, "one => one.refresh()")
        reader.sees("2 users have voted, including you.", "Like")
        expect(reader.page.get_by_role("status")).to_have_text("")


class TestManyIds:
    def test_a_hundred_long_ids_are_asked_for_in_addresses_that_gateways_take(self, page: Page, reader: Reader) -> None:
        ids = [f"{reader.article}-{number:03}-".ljust(100, "x") for number in range(100)]
        tags = "".join(f'<article-vote site="demo" article="{one}"></article-vote>' for one in ids)
        page.goto(reader.publisher.put(tags))
        expect(page.locator("[part=line]")).to_have_count(100)
        asked = [one.url for one in reader.requests if "/tallies?" in one.url]
        assert len(asked) == 3
        assert max(map(len, asked)) < 8_000

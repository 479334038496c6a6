"""Private sites and their read keys on the dashboard."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page

from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.keys import Key, hash_key
from chalicelib.publishing.sites import Site
from tests.support.editor import open_site, tile
from tests.support.expecting import expect
from tests.support.fakes import patient
from tests.support.stack import Stack

KEY = "avk_" + "x" * 43


class TestKeys:
    @pytest.fixture(autouse=True)
    def locked(self, stack: Stack) -> None:
        stack.table.put_site(Site("locked", make_ballot("updown"), insights="private"), patient())
        stack.table.put_key(Key("locked", hash_key(KEY), "test", "read", int(time.time())), patient())

    def test_a_private_site_is_opened_with_its_key_which_stays_in_the_tab(
        self, visit: Callable[[str], Page], context: BrowserContext, stack: Stack
    ) -> None:
        page = visit("?site=locked")
        expect(page.get_by_text("The insights of this site are private.")).to_be_visible()
        assert page.locator(".tile").count() == 0
        page.get_by_label("Read key").fill("avk_wrong")
        page.get_by_role("button", name="Use the key").click()
        expect(page.get_by_text("This key does not read this site.")).to_be_visible()
        page.get_by_label("Read key").fill(KEY)
        page.get_by_label("Read key").press("Enter")
        expect(tile(page, "All votes")).to_have_text("0")
        page.reload()
        expect(tile(page, "All votes")).to_have_text("0")
        assert page.evaluate("localStorage.length") == 0
        assert page.evaluate("document.cookie") == ""
        assert KEY not in page.url
        other = context.new_page()
        other.goto(f"{stack.api}/dashboard?site=locked")
        expect(other.get_by_text("The insights of this site are private.")).to_be_visible()
        page.get_by_role("button", name="Forget the key").click()
        expect(page.get_by_text("The insights of this site are private.")).to_be_visible()
        assert page.evaluate("sessionStorage.length") == 0

    def test_the_key_is_not_shown_to_other_sites(self, visit: Callable[[str], Page], page: Page) -> None:
        visit("?site=locked")
        page.get_by_label("Read key").fill(KEY)
        page.get_by_label("Read key").press("Enter")
        expect(tile(page, "All votes")).to_have_text("0")
        shown: list[str | None] = []
        page.on("request", lambda request: shown.append(request.headers.get("authorization")))
        open_site(page, "demo")
        expect(page.locator(".status")).to_contain_text("As of")
        assert set(shown) == {None}

"""`expect` for pages of every engine."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect as playwright_expect

from local.browsers.webkit.expectations import Expectation
from local.browsers.webkit.locators import Locator
from local.browsers.webkit.page import Page

playwright_expect.set_options(timeout=30_000)  # a cold emulator on a busy machine takes its time


def expect(subject: Any) -> Any:
    """What is expected of a locator or a page: Playwright's assertions, which wait until they hold."""
    return Expectation(subject) if isinstance(subject, Page | Locator) else playwright_expect(subject)

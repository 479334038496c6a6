"""The engines: which this machine has, how to install the others, and how each is started.

All three are used through the same interface, Playwright's, so that each test is written once. Playwright itself drives
Chromium and Firefox. `webkit` offers the part of the interface that the tests use on top of WebKit's own WebDriver.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, cast

from playwright.sync_api import Browser, BrowserContext, Playwright

from local.browsers import chromium, firefox
from local.browsers.webkit import session
from local.browsers.webkit.context import Context

ENGINES = ("chromium", "firefox", "webkit")


class Engine(Protocol):
    """A started browser."""

    name: str

    @property
    def version(self) -> str:
        """The browser's version."""

    def new_context(self, *, color_scheme: str = "light", **options: Any) -> BrowserContext:
        """A reader's browser with nothing in it. The options are those of Playwright's `Browser.new_context`."""

    def close(self) -> None:
        """End the browser and everything it started."""


def how_to_install(name: str) -> str | None:
    """The command that installs this engine; None if the machine has it, or if it comes with the project."""
    if name == "firefox" and firefox.missing():
        return firefox.INSTALL
    if name == "webkit" and session.missing():
        return session.INSTALL
    return None


def start(name: str, playwright: Playwright) -> Engine:
    """Start an engine that is not missing."""
    if name == "chromium":
        return _Chromium(playwright.chromium.launch(**chromium.launch_options()))
    return _Firefox(playwright) if name == "firefox" else _WebKit()


@dataclass
class _Chromium:
    browser: Browser
    name: str = "chromium"

    @property
    def version(self) -> str:
        return self.browser.version

    def new_context(self, *, color_scheme: str = "light", **options: Any) -> BrowserContext:
        return self.browser.new_context(color_scheme="dark" if color_scheme == "dark" else "light", **options)

    def close(self) -> None:
        self.browser.close()


class _Firefox:
    """Firefox has its colour scheme as a whole, so a second browser is started for the second scheme."""

    name = "firefox"

    def __init__(self, playwright: Playwright) -> None:
        self._playwright = playwright
        self._browsers: dict[str, Browser] = {}

    @property
    def version(self) -> str:
        return self._browser("light").version

    def new_context(self, *, color_scheme: str = "light", **options: Any) -> BrowserContext:
        return self._browser(color_scheme).new_context(**options)

    def _browser(self, scheme: str) -> Browser:
        # Firefox ends as a whole when the process of one page crashes. The next test gets a new one.
        if scheme not in self._browsers or not self._browsers[scheme].is_connected():
            self._browsers[scheme] = self._playwright.firefox.launch(**firefox.launch_options(scheme))
        return self._browsers[scheme]

    def close(self) -> None:
        for browser in self._browsers.values():
            browser.close()


class _WebKit:
    """WebKit has its language, time zone and colour scheme from its environment, so each context is a new process."""

    name = "webkit"

    def __init__(self) -> None:
        self._display = session.Display()
        self.version = ""

    def new_context(self, *, color_scheme: str = "light", **options: Any) -> BrowserContext:
        size = options.get("viewport", {"width": 1280, "height": 720})
        reader = session.Reader(options.get("locale", "en-US"), options.get("timezone_id", "UTC"), color_scheme)
        context = Context(self._display, reader, (size["width"], size["height"]))
        self.version = context.session.version
        return cast(BrowserContext, context)

    def close(self) -> None:
        self._display.close()

"""A reader's WebKit: a browser of its own, the network between it and everything else, and its pages."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local.browsers.webkit.page import Page
from local.browsers.webkit.proxy import Proxy
from local.browsers.webkit.session import Display, Reader, Session

RECORDER = (Path(__file__).parent / "recorder.js").read_text()


class RouteFailed(Exception):
    """A test's handler of a request raised something."""


class Context:
    """A browser with nothing in it. All its pages share one network, so request listeners hear of all of them."""

    def __init__(self, display: Display, reader: Reader, size: tuple[int, int]) -> None:
        self.proxy = Proxy()
        self.proxy.scripts.append(RECORDER)
        self._home = tempfile.TemporaryDirectory()
        try:
            self.session = Session(display, self.proxy.port, reader, Path(self._home.name))
        except BaseException:
            self._leave()
            raise
        self.listeners: dict[str, list[Callable[[Any], Any]]] = {"weberror": [], "console": []}
        self.pages: list[Page] = []
        self._size = size
        self._shown = ""
        self._spare: str | None = self.session.get("window")  # a window that no page has yet

    def new_page(self) -> Page:
        """A new window: a tab would sleep while another is shown."""
        page = Page(self, self._spare or self._new_window())
        self._spare = None
        self.pages.append(page)
        page.set_viewport_size({"width": self._size[0], "height": self._size[1]})
        return page

    def show(self, handle: str) -> None:
        """Commands go to this window from now on."""
        if handle != self._shown:
            self.session.post("window", handle=handle)
            self._shown = handle

    def close_window(self, handle: str) -> None:
        if len(self.session.get("window/handles")) == 1:
            self._spare = self._new_window()  # the last window's end would be the browser's
        self.show(handle)
        self.session.delete("window")
        self._shown = ""

    def _new_window(self) -> str:
        return str(self.session.post("window/new", type="window")["handle"])

    def add_init_script(self, script: str) -> None:
        self.proxy.scripts.append(script)

    def on(self, event: str, listener: Callable[[Any], Any]) -> None:
        self.listeners[event].append(listener)

    def set_offline(self, offline: bool) -> None:
        self.proxy.offline = offline
        for page in self.pages:
            page.evaluate(f"dispatchEvent(new Event('{'offline' if offline else 'online'}'))")

    def cookies(self) -> list[Any]:
        found: list[Any] = self.session.get("cookie")
        return found

    def close(self) -> None:
        """End the browser. Raises what routes of the test raised meanwhile."""
        for page in self.pages:
            page.collect()
        self.session.close()
        self._leave()
        if self.proxy.failures:
            raise RouteFailed(self.proxy.failures)

    def _leave(self) -> None:
        self.proxy.stop()
        self._home.cleanup()

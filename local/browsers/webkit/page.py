"""A page in WebKit: where it goes, what runs in it, its network, and how a test waits for it."""

from __future__ import annotations

import base64
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.browsers.webkit.hands import Clock, Keyboard, Mouse
from local.browsers.webkit.locators import PAUSE_SECONDS, WAIT_SECONDS, Finder, Frame, Locator, NotThere, Step
from local.browsers.webkit.proxy import Response, Route, Rule, compiled
from local.browsers.webkit.session import WebDriverFailed

if TYPE_CHECKING:
    from local.browsers.webkit.context import Context

QUERIES = (Path(__file__).parent / "queries.js").read_text()
QUIET_SECONDS = 0.5
AS_ON_SCREEN = """(media) => {
  for (const sheet of document.styleSheets) for (const rule of sheet.cssRules) {
    if (rule.media?.mediaText.includes(media)) rule.media.mediaText = rule.media.mediaText.replaceAll(media, "screen");
  }
}"""


@dataclass(frozen=True)
class Message:
    """A line of a page's console, or (`type` is "error") an error that nothing caught."""

    type: str
    text: str

    @property
    def error(self) -> str:
        return self.text

    @property
    def message(self) -> str:
        return self.text


class Download:
    """A file that the browser saved."""

    def __init__(self, found: Callable[[], list[Path]]) -> None:
        self._found = found

    def is_there(self) -> bool:
        """Whether it is there, and whole: while WebKit writes, an empty file of the name has another one beside it."""
        found = self._found()
        return bool(found) and not any(path.name.endswith(".wkdownload") for path in found)

    @property
    def value(self) -> Download:
        return self

    @property
    def suggested_filename(self) -> str:
        return self._found()[0].name

    def save_as(self, path: Path) -> None:
        shutil.copyfile(self._found()[0], path)


class Page(Finder):
    """A tab."""

    def __init__(self, context: Context, handle: str) -> None:
        self.context, self._handle = context, handle
        self.keyboard, self.mouse, self.clock = Keyboard(self), Mouse(self), Clock(self)
        self._listeners: dict[str, list[Callable[[Any], Any]]] = {"console": [], "dialog": []}

    def within(self, step: Step) -> Locator:
        return Locator(self, (step,))

    def frame_locator(self, selector: str) -> Frame:
        return Frame(self, selector)

    @property
    def url(self) -> str:
        self.context.show(self._handle)
        return str(self.context.session.get("url"))

    # Going somewhere.

    def goto(self, url: str, *, wait_until: str = "load") -> None:
        self._load(
            lambda: self.context.session.post("url", url=url), "loading" if wait_until == "commit" else "complete"
        )

    def reload(self) -> None:
        self._load(lambda: self.context.session.post("refresh"), "complete")

    def _load(self, go: Callable[[], Any], state: str) -> None:
        """Go somewhere, and wait until another document than this one is that far."""
        self.collect()
        self.run("globalThis.left = true")
        go()
        fits = "document.readyState === 'complete'" if state == "complete" else "true"
        self._wait(lambda: self.run(f"!globalThis.left && {fits}"), "the page")

    def go_back(self) -> None:
        self.collect()
        self.context.session.post("back")

    def close(self) -> None:
        self.collect()
        self.context.pages.remove(self)
        self.context.close_window(self._handle)
        self.context.proxy.drop_rules(self)  # last, so that nothing of the page gets through while it closes

    # Scripts.

    def add_init_script(self, script: str) -> None:
        self.context.add_init_script(script)

    def run(self, expression: str, *arguments: Any, frame: str | None = None, spread: bool = False) -> Any:
        """The value of an expression, awaited. `spread`: each part of the list that it gives is awaited."""
        awaited = "Promise.all(value)" if spread else "value"
        script = f"""{QUERIES}
            const done = arguments[arguments.length - 1];
            (async () => {{ const value = await ({expression}); return {awaited}; }})().then(
                (value) => done(["value", value ?? null]),
                (error) => done(["error", String(error?.stack ?? error)]));"""
        session = self.context.session
        self.context.show(self._handle)
        if frame is not None:
            self._wait(lambda: self.run("document.querySelector(arguments[0])", frame) is not None, f"frame {frame}")
            session.post("frame", id=self.within({"kind": "css", "selector": frame}).reference())
        try:
            kind, value = session.post("execute/async", script=script, args=list(arguments))
        finally:
            if frame is not None:
                session.post("frame", id=None)
        if kind == "error":
            raise WebDriverFailed("error in the page", str(value))
        return value

    def evaluate(self, source: str, argument: Any = None) -> Any:
        """The value of an expression, of a function called with the argument, or null of statements."""
        called = (
            f"(async () => {{ const it = ({source}\n); return typeof it === 'function' ? it(arguments_0) : it; }})()"
        )
        prelude = "((arguments_0) => %s)(arguments[0])"
        try:
            return self.run(prelude % called, argument)
        except WebDriverFailed as failed:
            if failed.code != "javascript error":  # the source is no expression
                raise
        return self.run(f"(() => {{ {source} }})()")

    def inject(self, script: str) -> None:
        """Run a script in the page, whatever the page's policy says."""
        self.context.show(self._handle)
        self.context.session.post("execute/sync", script=script, args=[])

    def wait_for_function(self, source: str) -> None:
        self._wait(lambda: bool(self.evaluate(source)), source)

    # The reader's hands.

    def act(self, *sources: dict[str, Any]) -> None:
        self.context.show(self._handle)
        self.context.session.post("actions", actions=list(sources))

    def click_at(self, point: list[float], frame: str | None = None) -> None:
        box = {"x": 0.0, "y": 0.0} if frame is None else self.locator(frame).bounding_box() or {}
        self.mouse.click(point[0] + box["x"], point[1] + box["y"])

    def set_viewport_size(self, size: dict[str, int]) -> None:
        self.context.show(self._handle)
        around = self.run("[outerWidth - innerWidth, outerHeight - innerHeight]")
        width, height = size["width"] + around[0], size["height"] + around[1]
        self.context.session.post("window/rect", x=0, y=0, width=width, height=height)
        self._wait(lambda: self.run("innerWidth") == size["width"], f"a width of {size['width']}")

    # The network.

    def on(self, event: str, listener: Callable[[Any], Any]) -> None:
        listeners = self._listeners if event in self._listeners else self.context.proxy.listeners
        listeners[event].append(listener)

    def route(self, glob: str, handler: Callable[[Route], Any], *, times: int | None = None) -> None:
        self.context.proxy.add_rule(Rule(self, glob, handler, times))

    def unroute(self, glob: str) -> None:
        self.context.proxy.drop_rules(self, glob)

    @contextmanager
    def expect_response(self, glob: str) -> Iterator[None]:
        form, seen = compiled(glob), list[Response]()
        self.on("response", lambda answer: seen.append(answer) if form.fullmatch(answer.url) else None)
        yield
        self._wait(lambda: bool(seen), f"an answer of {glob}")

    @contextmanager
    def expect_download(self, *, timeout: float = WAIT_SECONDS * 1000) -> Iterator[Download]:
        folder = self.context.session.downloads
        before = {path.name for path in folder.iterdir()}
        download = Download(lambda: [path for path in folder.iterdir() if path.name not in before])
        yield download
        self._wait(download.is_there, "a download", timeout / 1000)

    def emulate_media(self, *, media: str) -> None:
        """WebKit's driver cannot print: the rules for that medium are made rules of the screen."""
        self.run(f"({AS_ON_SCREEN})(arguments[0])", media)

    def wait_for_event(self, event: str, fits: Callable[[Any], bool]) -> None:
        seen: list[Any] = []
        self.on(event, lambda one: seen.append(one) if fits(one) else None)
        self._wait(lambda: bool(seen), event)

    def wait_for_load_state(self, state: str = "load") -> None:
        self._wait(lambda: self.run("document.readyState") == "complete", "the page")
        quiet_since = time.monotonic()
        while state == "networkidle" and time.monotonic() - quiet_since < QUIET_SECONDS:
            if self.context.proxy.in_flight:
                quiet_since = time.monotonic()
            time.sleep(PAUSE_SECONDS)

    # Waiting and looking.

    def wait_for_timeout(self, milliseconds: float) -> None:
        time.sleep(milliseconds / 1000)
        self.collect()

    def screenshot(self, *, path: Path, full_page: bool = False) -> None:
        if full_page:
            size = self.run("[innerWidth, Math.ceil(document.documentElement.scrollHeight)]")
            self.set_viewport_size({"width": size[0], "height": size[1]})
        self.context.show(self._handle)
        path.write_bytes(base64.b64decode(self.context.session.get("screenshot")))

    def collect(self) -> None:
        """Hand what the page said on its console, and its errors, to those who listen."""
        try:
            said = self.run("globalThis.said?.splice(0) ?? []")
        except WebDriverFailed:
            return  # there is no page
        for kind, text in said:
            message = Message(kind, text)
            heard = "weberror" if kind == "uncaught" else "console"
            for listener in self.context.listeners[heard]:
                listener(message)
            for listener in self._listeners["dialog" if kind == "dialog" else "console"] if kind != "uncaught" else []:
                listener(message)

    def _wait(self, holds: Callable[[], bool], what: str, seconds: float = WAIT_SECONDS) -> None:
        limit = time.monotonic() + seconds
        while not self._holds(holds):
            if time.monotonic() > limit:
                raise NotThere(f"{what} did not come within {seconds:.0f} s")
            time.sleep(PAUSE_SECONDS)

    @staticmethod
    def _holds(holds: Callable[[], bool]) -> bool:
        try:
            return holds()
        except WebDriverFailed:
            return False  # the old page is gone, and the new one is not there yet

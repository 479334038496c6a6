"""Locators: which elements of a page are meant, what is done with them, and what is read from them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from local.browsers.webkit.session import ELEMENT, WebDriverFailed

if TYPE_CHECKING:
    from local.browsers.webkit.page import Page

Text = str | re.Pattern[str]
Step = dict[str, Any]
WAIT_SECONDS, PAUSE_SECONDS = 30.0, 0.02
WATCH = """(steps) => {
  globalThis.pressed = false;
  globalThis.watching?.abort();
  globalThis.watching = new AbortController();
  const { signal } = globalThis.watching;
  let missed = false;
  const guard = (event) => {
    const hit = query(steps).some((one) => event.composedPath().includes(one));
    if (event.type === "pointerdown") missed = !hit;
    // A page that changes between pressing and letting go makes no click of it.
    if (event.type === "click") globalThis.pressed = hit && !missed;
    if (missed) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  };
  for (const type of ["pointerdown", "mousedown", "pointerup", "mouseup", "click"]) {
    window.addEventListener(type, guard, { capture: true, signal });
  }
}"""
TEXT = "one => squeeze(textOf(one))"
VISIBLE = "one => visible(one)"
CENTRE = """one => {
  one.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
  const box = one.getBoundingClientRect();
  if (!visible(one) || one.disabled) return null;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  return x >= 0 && y >= 0 && x < innerWidth && y < innerHeight ? [x, y] : null;
}"""
BOX = "one => { const b = one.getBoundingClientRect(); return { x: b.x, y: b.y, width: b.width, height: b.height }; }"
FILL = """(one, text) => {
  one.focus();
  one.select?.();
  one.value = text;
  one.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
  one.dispatchEvent(new Event("change", { bubbles: true }));
}"""
CHOOSE = """(one, value) => {
  const option = [...one.options].find((each) => each.value === value || each.label === value);
  one.value = option.value;
  one.dispatchEvent(new Event("input", { bubbles: true }));
  one.dispatchEvent(new Event("change", { bubbles: true }));
}"""


class NotThere(Exception):
    """No element, or more than one, where one is meant."""


def wanted(text: Text, exact: bool = False) -> dict[str, Any]:
    """A text or a pattern, as `queries.js` takes it."""
    if isinstance(text, str):
        return {"text": re.sub(r"\s+", " ", text).strip(), "exact": exact}
    return {"source": text.pattern, "flags": "i" if text.flags & re.IGNORECASE else ""}


class Finder:
    """What a page, a frame and a locator have in common: they find elements within themselves."""

    def within(self, step: Step) -> Locator:
        raise NotImplementedError

    def locator(self, selector: str, *, has_text: Text | None = None) -> Locator:
        found = self.within({"kind": "css", "selector": selector})
        return found if has_text is None else found.within({"kind": "text_filter", "text": wanted(has_text)})

    def get_by_role(
        self, role: str, *, name: Text | None = None, exact: bool = False, level: int | None = None
    ) -> Locator:
        named = None if name is None else wanted(name, exact)
        return self.within({"kind": "role", "role": role, "name": named, "level": level})

    def get_by_label(self, text: Text, *, exact: bool = False) -> Locator:
        return self.within({"kind": "label", "text": wanted(text, exact)})

    def get_by_text(self, text: Text, *, exact: bool = False) -> Locator:
        return self.within({"kind": "text", "text": wanted(text, exact)})


@dataclass(frozen=True)
class Frame(Finder):
    """The page inside a frame that a selector finds."""

    page: Page
    selector: str

    def within(self, step: Step) -> Locator:
        return Locator(self.page, (step,), self.selector)


@dataclass(frozen=True)
class Locator(Finder):
    """Steps to elements of a page, or of a frame in it. They are looked for anew each time."""

    page: Page
    steps: tuple[Step, ...]
    frame: str | None = None

    def within(self, step: Step) -> Locator:
        return replace(self, steps=(*self.steps, step))

    def nth(self, index: int) -> Locator:
        return self.within({"kind": "nth", "index": index})

    @property
    def first(self) -> Locator:
        return self.nth(0)

    @property
    def last(self) -> Locator:
        return self.nth(-1)

    def filter(self, *, has: Locator | None = None, has_text: Text | None = None) -> Locator:
        found = self if has is None else self.within({"kind": "having", "steps": has.steps})
        return found if has_text is None else found.within({"kind": "text_filter", "text": wanted(has_text)})

    # What is there.

    def evaluate_all(self, function: str, argument: Any = None) -> Any:
        return self.page.run(f"({function})(query(arguments[0]), arguments[1])", self.steps, argument, frame=self.frame)

    def count(self) -> int:
        return int(self.evaluate_all("all => all.length"))

    def all(self) -> list[Locator]:
        return [self.nth(index) for index in range(self.count())]

    def all_text_contents(self) -> list[str]:
        texts: list[str] = self.evaluate_all("all => all.map((one) => one.textContent)")
        return texts

    def all_inner_texts(self) -> list[str]:
        texts: list[str] = self.evaluate_all("all => all.map((one) => one.innerText)")
        return texts

    def evaluate(self, function: str, argument: Any = None) -> Any:
        """Wait until there is one such element, and run the function on it."""
        called = f"(all, more) => all.length === 1 ? ['one', ({function})(all[0], more)] : ['not', all.length]"
        outcome: list[Any] = []

        def there() -> bool:
            nonlocal outcome
            outcome = self.page.run(
                f"({called})(query(arguments[0]), arguments[1])", self.steps, argument, frame=self.frame, spread=True
            )
            return bool(outcome[0] == "one")

        self._until(there, lambda: f"{outcome[1]} elements")
        return outcome[1]

    def text_content(self) -> str | None:
        text: str | None = self.evaluate("one => one.textContent")
        return text

    def get_attribute(self, name: str) -> str | None:
        value: str | None = self.evaluate("(one, name) => one.getAttribute(name)", name)
        return value

    def bounding_box(self) -> dict[str, float] | None:
        box: dict[str, float] | None = self.evaluate(BOX)
        return box

    def wait_for(self, *, state: str = "visible") -> None:
        checks: dict[str, Callable[[], bool]] = {
            "attached": lambda: self.count() > 0,
            "detached": lambda: self.count() == 0,
            "visible": lambda: bool(self.evaluate_all(f"all => all.length > 0 && ({VISIBLE})(all[0])")),
            "hidden": lambda: not self.evaluate_all("all => all.some(visible)"),
        }
        self._until(checks[state], lambda: f"not {state}")

    # What a reader does.

    def click(self) -> None:
        """Click until the element was pressed: a page may move between the look at it and the press.

        A press that hits another element does nothing there.
        """

        def pressed() -> bool:
            point = self._point()
            self.page.run(f"({WATCH})(arguments[0])", self.steps, frame=self.frame)
            self.page.click_at(point, self.frame)
            try:
                return bool(self.page.run("globalThis.watching?.abort(), globalThis.pressed ?? true", frame=self.frame))
            except WebDriverFailed:
                return True  # the click led away

        self._until(pressed, lambda: "not pressed")

    def _point(self) -> list[float]:
        point: list[float] | None = None

        def reachable() -> bool:
            nonlocal point
            before, point = point, self.evaluate(CENTRE)
            return point is not None and point == before  # it has come to rest

        self._until(reachable, lambda: "not to be clicked")
        assert point is not None
        return point

    def focus(self) -> None:
        self.evaluate("one => one.focus()")

    def press(self, key: str) -> None:
        self.focus()
        self.page.keyboard.press(key)

    def fill(self, text: str) -> None:
        self.evaluate(FILL, text)

    def select_option(self, value: str) -> None:
        self.evaluate(CHOOSE, value)

    def scroll_into_view_if_needed(self) -> None:
        self.evaluate("one => one.scrollIntoView({ block: 'nearest' })")

    def reference(self) -> dict[str, str]:
        """WebDriver's reference to the element, which must not be in a shadow tree."""
        found: dict[str, str] = self.page.run("query(arguments[0])[0]", self.steps)
        assert ELEMENT in found
        return found

    def _until(self, holds: Callable[[], bool], why_not: Callable[[], str]) -> None:
        limit = time.monotonic() + WAIT_SECONDS
        while not holds():
            if time.monotonic() > limit:
                raise NotThere(f"{self.steps}: {why_not()}")
            time.sleep(PAUSE_SECONDS)

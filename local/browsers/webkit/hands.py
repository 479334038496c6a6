"""What a reader of a page in WebKit has: keys, a pointer, and time, which a test can stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from local.browsers.webkit.page import Page

KEYS = {
    "Enter": "\ue007", "Tab": "\ue004", "Space": " ", "Escape": "\ue00c", "Shift": "\ue008", "Home": "\ue011",
    "End": "\ue010",
    "ArrowLeft": "\ue012", "ArrowUp": "\ue013", "ArrowRight": "\ue014", "ArrowDown": "\ue015",
}  # fmt: skip
DOWN, UP = {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}


class Keyboard:
    """Real key presses, to whatever has the focus."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def press(self, key: str) -> None:
        *held, last = key.split("+") if key != "+" else [key]
        strokes = [KEYS.get(one, one) for one in (*held, last)]
        down = [{"type": "keyDown", "value": one} for one in strokes]
        up = [{"type": "keyUp", "value": one} for one in reversed(strokes)]
        self._page.act({"type": "key", "id": "keyboard", "actions": [*down, *up]})


class Mouse:
    """A real pointer."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def _act(self, *actions: dict[str, Any]) -> None:
        self._page.act({
            "type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": list(actions)
        })  # fmt: skip

    def move(self, x: float, y: float, *, steps: int = 1) -> None:
        self._act(_to(x, y, 20 * steps))

    def down(self) -> None:
        self._act(DOWN)

    def up(self) -> None:
        self._act(UP)

    def click(self, x: float, y: float) -> None:
        """Press and release in one command, so that the page has no time to move."""
        self._act(_to(x, y, 0), DOWN, UP)


def _to(x: float, y: float, milliseconds: int) -> dict[str, Any]:
    return {"type": "pointerMove", "duration": milliseconds, "origin": "viewport", "x": round(x), "y": round(y)}


class Clock:
    """Stops and moves a page's time, by the timers that were put into it."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def install(self) -> None:
        from local.browsers.webkit.timers import source  # noqa: PLC0415  it fetches a package, which few pages need

        self._page.add_init_script(source())

    def run_for(self, milliseconds: int) -> None:
        self._page.evaluate(f"clock.tickAsync({milliseconds})")

"""`expect`: waits until something holds of a locator or a page, and fails with what holds instead."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from local.browsers.webkit.locators import PAUSE_SECONDS, WAIT_SECONDS, Locator
from local.browsers.webkit.page import Page

Expected = str | re.Pattern[str]


def _fits(actual: str, wanted: Expected, part: bool = False) -> bool:
    if isinstance(wanted, re.Pattern):
        return wanted.search(actual) is not None
    plain = re.sub(r"\s+", " ", wanted).strip()
    return plain in actual if part else plain == actual


class Expectation:
    """What is expected of a locator or a page."""

    def __init__(self, subject: Locator | Page, negated: bool = False) -> None:
        self._subject, self._negated = subject, negated

    def _holds(self, what: str, read: Callable[[], Any], fits: Callable[[Any], bool]) -> None:
        limit = time.monotonic() + WAIT_SECONDS
        while True:
            actual = read()
            if fits(actual) != self._negated:
                return
            if time.monotonic() > limit:
                raise AssertionError(f"{'not ' * self._negated}{what}; it is {actual!r}")
            time.sleep(PAUSE_SECONDS)

    def _one(self, what: str, function: str, fits: Callable[[Any], bool], argument: Any = None) -> None:
        """Of the one element; without one, nothing holds."""
        assert isinstance(self._subject, Locator)
        found = f"(all, more) => all.length ? ['one', ({function})(all[0], more)] : null"
        locator = self._subject
        self._holds(
            what, lambda: locator.evaluate_all(found, argument), lambda actual: actual is not None and fits(actual[1])
        )

    def to_have_text(self, wanted: Expected | list[Expected], *, part: bool = False) -> None:
        assert isinstance(self._subject, Locator)
        locator = self._subject
        if isinstance(wanted, list):
            self._holds(
                f"texts {wanted}",
                lambda: locator.evaluate_all("all => all.map((one) => squeeze(textOf(one)))"),
                lambda actual: len(actual) == len(wanted) and all(map(_fits, actual, wanted)),
            )
        else:
            self._one(f"text {wanted!r}", "one => squeeze(textOf(one))", lambda actual: _fits(actual, wanted, part))

    def not_to_have_text(self, wanted: Expected) -> None:
        Expectation(self._subject, True).to_have_text(wanted)

    def to_contain_text(self, wanted: Expected) -> None:
        self.to_have_text(wanted, part=True)

    def to_have_count(self, wanted: int) -> None:
        assert isinstance(self._subject, Locator)
        self._holds(f"{wanted} elements", self._subject.count, lambda actual: actual == wanted)

    def to_be_visible(self) -> None:
        self._one("visible", "one => visible(one)", bool)

    def to_be_hidden(self) -> None:
        assert isinstance(self._subject, Locator)
        locator = self._subject
        self._holds("hidden", lambda: locator.evaluate_all("all => all.some(visible)"), lambda shown: not shown)

    def to_be_focused(self) -> None:
        self._one("focused", "one => one.getRootNode().activeElement === one", bool)

    def to_be_disabled(self) -> None:
        self._one("disabled", "one => Boolean(one.disabled)", bool)

    def to_be_checked(self) -> None:
        self._one("checked", "one => Boolean(one.checked)", bool)

    def to_have_value(self, wanted: Expected) -> None:
        self._one(f"value {wanted!r}", "one => one.value", lambda actual: _fits(actual, wanted))

    def to_have_attribute(self, name: str, wanted: Expected) -> None:
        read = "(one, name) => one.getAttribute(name)"
        self._one(f"{name}={wanted!r}", read, lambda actual: actual is not None and _fits(actual, wanted), name)

    def to_have_class(self, wanted: Expected) -> None:
        self._one(f"class {wanted!r}", "one => one.className", lambda actual: _fits(actual, wanted))

    def not_to_have_class(self, wanted: Expected) -> None:
        Expectation(self._subject, True).to_have_class(wanted)

    def to_have_url(self, wanted: Expected) -> None:
        assert isinstance(self._subject, Page)
        page = self._subject
        self._holds(f"address {wanted!r}", lambda: page.url, lambda actual: _fits(actual, wanted))

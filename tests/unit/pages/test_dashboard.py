"""The dashboard's page and files as they are served: its policy, nothing inline, nothing else to be had."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urljoin

import pytest

from chalicelib.pages.files import BUILD, STATIC
from tests.support.gateway import send

pytestmark = pytest.mark.usefixtures("services")

WAYS_TO_MARKUP = (
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|srcdoc|eval\(|new Function"
)


class Page(HTMLParser):
    """What a page loads, and what it carries inline."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.inline: list[str] = []
        self._script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._script = tag == "script"
        self.inline += [f"{tag} {name}" for name in given if name.startswith("on") or name == "style"]
        self.inline += [tag] if tag == "style" or (tag == "script" and "src" not in given) else []
        self.loaded += [given[name] or "" for name in ("src", "href") if name in given]

    def handle_data(self, data: str) -> None:
        if self._script and data.strip():
            self.inline.append(data)


def test_the_page_loads_only_files_that_are_there_and_carries_nothing_inline() -> None:
    page = Page(send("GET", "/dashboard").text)
    assert page.inline == []
    files = [urljoin("/dashboard", one) for one in page.loaded if not one.startswith("data:")]
    assert len(files) == 2
    for file in files:
        assert send("GET", file).status == 200


def test_its_policy_allows_this_origins_files_and_nothing_else() -> None:
    answer = send("GET", "/dashboard")
    rules = dict(rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; "))
    assert rules["default-src"] == "'none'"
    assert {rules[name] for name in ("script-src", "style-src", "connect-src")} == {"'self'"}
    assert rules["require-trusted-types-for"] == "'script'"
    assert {rules[name] for name in ("frame-ancestors", "base-uri", "form-action", "trusted-types")} == {"'none'"}
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_no_text_becomes_markup_in_its_sources_or_in_the_chart_library() -> None:
    for path in [*(STATIC / "dashboard").glob("*.js"), BUILD / "dashboard" / "dashboard.js"]:
        assert not re.search(WAYS_TO_MARKUP, path.read_text()), path


def test_files_that_belong_together_are_asked_for_each_time() -> None:
    for url in (
        "/dashboard",
        "/dashboard/boot.js",
        "/dashboard/dashboard.js",
        "/dashboard/dashboard.css",
        "/dashboard/de.json",
    ):
        answer = send("GET", url)
        assert answer.headers["cache-control"] == "public, no-cache"
        assert send("GET", url, headers={"If-None-Match": answer.headers["etag"]}).status == 304
    assert send("GET", "/dashboard/dashboard.js").headers["sourcemap"] == "dashboard.js.map"
    assert send("GET", "/dashboard/dashboard.js.map").status == 200


@pytest.mark.parametrize(
    "name", ["nothing.js", "..", "%2e%2e%2fpinned.json", "pinned.json", "dashboard.html", "DE.json", "%00", "a" * 3000]
)
def test_there_are_no_other_files(name: str) -> None:
    answer = send("GET", f"/dashboard/{name}")
    assert (answer.status, answer.json()["code"], answer.json()["field"]) == (404, "unknown_file", "file")

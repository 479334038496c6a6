"""The files that browsers load: which ones there are, their types, and how long they may be cached.

`static/build` is made from the other folders when the package is built. `static/releases` keeps every script that a
page may have pinned, for ever. Files are read once in each container.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from chalicelib.errors import UnknownFile
from chalicelib.pages.wording import Words

STATIC = Path(__file__).resolve().parent.parent / "static"
BUILD = STATIC / "build"
SCRIPT = "article-vote.js"
ENGLISH = "en"
WORDS_NAME = re.compile(r"([A-Za-z]{2,8})\.json", re.ASCII)

FOR_AN_HOUR = "public, max-age=3600, stale-while-revalidate=86400, stale-if-error=604800"
PUBLIC_NO_CACHE = "public, no-cache"  # the files of the dashboard must be of one version
FOR_EVER = "public, max-age=31536000, immutable"
TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".map": "application/json",
}
PLAIN = "text/plain"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file: its text, its media type, its Cache-Control, and the name of its source map, if it has one."""

    text: str
    media_type: str
    caching: str
    source_map: str | None = None


@cache
def pinned() -> dict[str, dict[str, str]]:
    """For each script: the name under which it never changes (`pinned`), and its hash (`integrity`)."""
    known: dict[str, dict[str, str]] = json.loads((BUILD / "pinned.json").read_text())
    return known


@cache
def script_file(name: str) -> StaticFile:
    """A file of /embed/v1/: a script under its short or its pinned name, the style sheet, types, a map."""
    for short, one in pinned().items():
        if name == one["pinned"]:
            return _read(BUILD / short, FOR_EVER)
    if name in _names(BUILD):
        return _read(BUILD / name, FOR_AN_HOUR)
    if name in _names(STATIC / "releases"):
        return _read(STATIC / "releases" / name, FOR_EVER)
    raise _unknown(name)


@cache
def dashboard_page() -> StaticFile:
    """The page /dashboard."""
    return _read(STATIC / "dashboard" / "dashboard.html", PUBLIC_NO_CACHE)


@cache
def dashboard_file(name: str) -> StaticFile:
    """A file that the dashboard loads: its script, its style sheet, the words of a language."""
    if name not in _names(BUILD / "dashboard"):
        raise _unknown(name)
    return _read(BUILD / "dashboard" / name, PUBLIC_NO_CACHE)


@cache
def source_file(name: str) -> StaticFile:
    """A module of /embed/v1/source/, as it was written."""
    if name not in _names(STATIC / "element") or not name.endswith(".js"):
        raise _unknown(name)
    return _read(STATIC / "element" / name, FOR_AN_HOUR)


def words_file(name: str) -> StaticFile:
    """The words of a language, of /embed/v1/words/. English if there are none in this language."""
    found = WORDS_NAME.fullmatch(name)
    if found is None:
        raise UnknownFile(f"Files of words have names such as de.json, not {name!r}.", field="file")
    return _words_text(found[1] if found[1] in languages() else ENGLISH)


@cache
def languages() -> frozenset[str]:
    """The languages for which there is a file of words."""
    return frozenset(name.removesuffix(".json") for name in _names(BUILD / "words"))


@cache
def words(language: str) -> Words:
    """The words of one of `languages()`."""
    parsed: dict[str, Any] = json.loads(_words_text(language).text)
    return parsed


@cache
def _words_text(language: str) -> StaticFile:
    return _read(BUILD / "words" / f"{language}.json", FOR_AN_HOUR)


@cache
def _names(folder: Path) -> frozenset[str]:
    return frozenset(path.name for path in folder.iterdir() if path.is_file()) if folder.is_dir() else frozenset()


def _read(path: Path, caching: str) -> StaticFile:
    media_type = TYPES.get("" if path.name.endswith(".d.ts") else path.suffix, PLAIN)
    source_map = f"{path.name}.map" if f"{path.name}.map" in _names(path.parent) else None
    return StaticFile(path.read_text("utf-8"), f"{media_type}; charset=utf-8", caching, source_map)


def _unknown(name: str) -> UnknownFile:
    return UnknownFile(f"There is no file {name!r} here.", field="file")

"""The docs keep to their form: short lines, links that lead somewhere, words of the glossary."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.paths import ROOT

MOST_CHARACTERS = 120
DOCS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / ".github").rglob("*.md")]


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a page with their numbers, without code, tables and pictures, which cannot be broken."""
    code = False
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.lstrip().startswith("```"):
            code = not code
        elif not code and not line.lstrip().startswith(("|", "![")):
            yield number, line


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_lines_are_short(path: Path) -> None:
    assert [number for number, line in prose(path) if len(line) > MOST_CHARACTERS] == []


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_to_files_lead_somewhere(path: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text()):
        assert link.startswith(("https://", "http://")) or (path.parent / link).exists(), link


def test_every_decision_is_in_the_index() -> None:
    index = (ROOT / "docs" / "adr" / "README.md").read_text()
    for path in (ROOT / "docs" / "adr").glob("0*.md"):
        title = path.read_text().splitlines()[0].split(". ", 1)[1]
        status = re.search(r"^\*\*Status:\*\* (.*)$", path.read_text(), re.MULTILINE)
        assert status is not None
        assert f"]({path.name}) | {title} | {status[1]} |" in index, path.name


def test_every_file_that_the_docs_name_exists() -> None:
    roots = [ROOT, ROOT / "chalicelib", ROOT / "chalicelib" / "static", ROOT / "docs"]
    for path in DOCS:
        for name in re.findall(r"`((?:[a-z_]+/)+[a-z_0-9-]+\.(?:py|js|md|json|yaml))`", path.read_text()):
            assert any((root / name).exists() for root in roots), f"{path.name} names {name}"

"""The server's words for pictures are the browser's: plural forms and numbers against Intl, as Node has it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.pages.files import languages, words
from chalicelib.pages.wording import format_number, plural_category, sentence

NUMBERS = [*range(250), 999, 1000, 1001, 1234, 9_999, 10_000, 12_345, 99_999, 100_000, 123_456, 999_999]
NUMBERS += [1_000_000, 1_000_001, 1_234_567, 2_000_000, 10_000_000, 123_456_789, 1_000_000_000]
ASK_INTL = """
const { languages, numbers } = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(Object.fromEntries(languages.map((language) => [language, numbers.map((number) => [
  new Intl.PluralRules(language).select(number), new Intl.NumberFormat(language).format(number),
])]))));
"""


@pytest.fixture(scope="module")
def intl() -> dict[str, list[list[str]]]:
    """For each language and each of NUMBERS: the plural category and the number as Intl has them."""
    asked = json.dumps({"languages": sorted(languages()), "numbers": NUMBERS})
    node = str(Path(sys.executable).with_name("node"))
    done = subprocess.run([node, "-e", ASK_INTL], input=asked, capture_output=True, text=True, check=True)
    found: dict[str, list[list[str]]] = json.loads(done.stdout)
    return found


def test_plural_forms_and_numbers_are_those_of_intl(intl: dict[str, list[list[str]]]) -> None:
    assert len(intl) == 12
    for language, expected in intl.items():
        ours = [[plural_category(language, number), format_number(language, number)] for number in NUMBERS]
        assert ours == expected, language


@given(st.sampled_from(sorted(languages())), st.integers(0, 10**12), st.sampled_from(["open", "upcoming", "closed"]))
def test_every_sentence_says_a_number_or_that_there_is_none(language: str, voters: int, state: str) -> None:
    spoken = words(language)
    line = sentence(spoken, "readers", voters, state=state)
    assert "{" not in line
    for other in ("closed", "upcoming"):
        assert line.startswith(spoken[other]) == (state == other)
    if voters == 0:
        assert line.endswith(spoken["first" if state == "open" else "none"])
    elif voters > 2:
        assert format_number(language, voters) in line

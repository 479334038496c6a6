"""The line as a sentence, for pictures: which message fits, its plural form, and its number.

Browsers have `Intl` for plural forms and numbers. Here are the same rules, for the languages that have words.
Plural categories of whole numbers: https://www.unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html.
Number formats: CLDR's decimal patterns. A test compares both with `Intl` in Node.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

NARROW_NO_BREAK_SPACE, NO_BREAK_SPACE = "\u202f", "\u00a0"
GROUP_SEPARATORS = {
    "de": ".", "es": ".", "fr": NARROW_NO_BREAK_SPACE, "pl": NO_BREAK_SPACE, "pt": ".", "ru": NO_BREAK_SPACE, "tr": ".",
}  # fmt: skip
GROUP_FROM_FIVE_DIGITS = ("es", "pl")
# The zero of each numbering system, and the separator of groups in systems that have their own.
LATIN = "latn"
ZEROS = {LATIN: "0", "arab": "\u0660", "arabext": "\u06f0", "deva": "\u0966"}
GROUP_SIGNS = {"arab": "\u066c", "arabext": "\u066c"}
NUMBERING = re.compile(r"-u-nu-([a-z]+)", re.IGNORECASE)

Words = Mapping[str, Any]


def _arabic(number: int) -> str:
    if number < 3:
        return ("zero", "one", "two")[number]
    hundreds = number % 100
    return "few" if 3 <= hundreds <= 10 else "many" if hundreds >= 11 else "other"


def _slavic(number: int) -> str:
    return "few" if 2 <= number % 10 <= 4 and not 12 <= number % 100 <= 14 else "many"


def _russian(number: int) -> str:
    return "one" if number % 10 == 1 and number % 100 != 11 else _slavic(number)


def _polish(number: int) -> str:
    return "one" if number == 1 else _slavic(number)


def _germanic(number: int) -> str:
    return "one" if number == 1 else "other"


def _romance(number: int) -> str:
    if number == 1:
        return "one"
    return "many" if number and number % 1_000_000 == 0 else "other"


CATEGORIES: Mapping[str, Callable[[int], str]] = {
    "ar": _arabic,
    "es": _romance,
    "fr": lambda number: _romance(number or 1),
    "hi": lambda number: "one" if number < 2 else "other",
    "ja": lambda _: "other",
    "pl": _polish,
    "pt": lambda number: _romance(number or 1),
    "ru": _russian,
    "zh": lambda _: "other",
}


def plural_category(language: str, number: int) -> str:
    """The CLDR category of a whole number from 0 on: zero, one, two, few, many or other."""
    return CATEGORIES.get(language, _germanic)(number)


def numbering_system(words: Words, tag: str) -> str:
    """The numbering system for the language of a BCP 47 tag: the one in the tag, otherwise that of its region."""
    asked = NUMBERING.search(tag)
    if asked and asked[1].lower() in ZEROS:
        return asked[1].lower()
    digits: Mapping[str, str] = words.get("digits", {})
    return digits.get(tag[-2:], digits.get("", LATIN))


def format_number(language: str, number: int, system: str = LATIN) -> str:
    """A whole number as the language writes it, with the digits of a numbering system."""
    zero = ord(ZEROS[system])
    signs: dict[int, str] = {ord("0") + digit: chr(zero + digit) for digit in range(10)}
    if language == "ar" and system in GROUP_SIGNS:
        signs[ord(",")] = GROUP_SIGNS[system]
    return _in_latin_digits(language, number).translate(signs)


def _in_latin_digits(language: str, number: int) -> str:
    if language in GROUP_FROM_FIVE_DIGITS and number < 10_000:
        return str(number)
    if language == "hi" and number >= 1000:
        return _in_lakhs(number)
    return f"{number:,}".replace(",", GROUP_SEPARATORS.get(language, ","))


def _in_lakhs(number: int) -> str:
    """Groups of two digits above the thousands: 1,23,456."""
    rest, groups = number // 1000, [f"{number % 1000:03}"]
    while rest:
        rest, group = divmod(rest, 100)
        groups.insert(0, f"{group:02}" if rest else str(group))
    return ",".join(groups)


def sentence(words: Words, noun: str, voters: int, *, state: str = "open", system: str = LATIN) -> str:
    """The sentence for a reader without a vote, for example "Voting is closed. 132 users have voted."

    `state`: that of the article. The words have a message before the line if it is closed or upcoming.
    """
    language = words["lang"]
    if voters == 0:
        line = words["first" if state == "open" else "none"]
    else:
        forms = words[noun]["others"]
        form = forms.get(plural_category(language, voters), forms["other"])
        line = form.replace("{n}", format_number(language, voters, system))
    return f"{words[state]}{words['space']}{line}" if state in ("closed", "upcoming") else str(line)

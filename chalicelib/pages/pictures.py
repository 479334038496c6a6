"""The line as a picture, for newsletters, feeds and `<noscript>`: an SVG that says what the page says to everybody."""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from dataclasses import dataclass
from html import escape

from chalice.app import Blueprint, Response

from chalicelib.errors import InvalidValue
from chalicelib.http.requests import header, optional_choice, optional_value
from chalicelib.http.responses import PUBLIC, tagged_answer
from chalicelib.http.routing import Call, endpoint
from chalicelib.pages.files import ENGLISH, languages, words
from chalicelib.pages.wording import Words, numbering_system, sentence
from chalicelib.publishing.sites import Site
from chalicelib.voting.reading import get_tally

routes = Blueprint(__name__)

LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,8}", re.ASCII)
NOUNS = ("users", "readers", "people")
THEMES = ("light", "dark", "auto")  # the first is what most letters and pages are
STYLE = {
    "auto": "text{fill:#1f1f1f}@media(prefers-color-scheme:dark){text{fill:#ececec}}",
    "light": "text{fill:#1f1f1f}",
    "dark": "text{fill:#ececec}",
}
HEIGHT, FONT_SIZE, MARGIN = 32, 16, 4


@endpoint(routes, "GET", "/v1/sites/{site}/articles/{article}/tally.svg")
def read_picture(call: Call) -> Response:
    """The line as a picture"""
    article, tongue = call.article(), tongue_of(call)
    noun = optional_choice(call.request, "noun", NOUNS) or NOUNS[0]
    theme = optional_choice(call.request, "theme", THEMES) or THEMES[0]
    picture = draw(line(call, call.site(), article, tongue, noun), tongue.words, theme)
    style_hash = base64.b64encode(hashlib.sha256(STYLE[theme].encode()).digest()).decode()
    # Opened by itself, an SVG is a document that could run scripts; this one may do nothing but look right.
    policy = f"default-src 'none'; style-src 'sha256-{style_hash}'; sandbox"
    more = {"Content-Security-Policy": policy}
    return tagged_answer(picture, "image/svg+xml; charset=utf-8", PUBLIC, header(call.request, "If-None-Match"), more)


@dataclass(frozen=True, slots=True)
class Tongue:
    """How a text speaks: its words, the BCP 47 tag of its language, and its numbering system."""

    words: Words
    tag: str
    system: str


def line(call: Call, site: Site, article: str, tongue: Tongue, noun: str) -> str:
    """What the page says of the article to everybody, from its exact tally."""
    tally = get_tally(call.services.store, site, article, call.deadline)
    closed = tally.state(call.now, registers_articles=site.registers_articles) == "closed"
    return sentence(tongue.words, noun, tally.voters, closed=closed, system=tongue.system)


def tongue_of(call: Call) -> Tongue:
    """The language of `lang`, a BCP 47 tag; English where we do not speak it or none is asked for."""
    tag = optional_value(call.request, "lang")
    if tag is None:
        tag = ENGLISH
    if not LANGUAGE_TAG.fullmatch(tag):
        raise InvalidValue("lang must be a language tag such as en or pt-BR.", field="lang")
    language = tag.split("-")[0].lower()
    if language not in languages():
        language = tag = ENGLISH
    spoken = words(language)
    return Tongue(spoken, tag, numbering_system(spoken, tag))


def draw(text: str, spoken: Words, theme: str) -> str:
    """The picture's SVG. The text is a title as well: for screen readers, and for viewers without the fonts."""
    width = _width(text)
    start = width - MARGIN if spoken["dir"] == "rtl" else MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{HEIGHT}"'
        f' viewBox="0 0 {width} {HEIGHT}" lang="{escape(spoken["lang"])}">'
        f"<title>{escape(text)}</title><style>{STYLE[theme]}</style>"
        f'<text x="{start}" y="{HEIGHT // 2}" dominant-baseline="central" direction="{spoken["dir"]}"'
        f' font-family="system-ui, sans-serif" font-size="{FONT_SIZE}">{escape(text)}</text></svg>'
    )


def _width(text: str) -> int:
    """Enough pixels for the text in any usual font: nobody can measure it here."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return 2 * MARGIN + round(FONT_SIZE * (wide + 0.62 * (len(text) - wide)))

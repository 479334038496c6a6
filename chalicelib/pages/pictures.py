"""The line as an SVG picture, for newsletters, feeds and `<noscript>`. It says what the page says to everybody."""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from dataclasses import dataclass
from html import escape

from chalice.app import Response

from chalicelib.errors import InvalidValue, UnknownArticle
from chalicelib.http.descriptions import IF_NONE_MATCH, NOT_MODIFIED, text_of
from chalicelib.http.requests import Request
from chalicelib.http.responses import PUBLIC, tagged_answer
from chalicelib.http.routing import Routes
from chalicelib.pages.files import ENGLISH, languages, words
from chalicelib.pages.parameters import LANGUAGE, LANGUAGE_TAG, NOUN, NOUNS, PATH_PARAMETERS, THEME, THEMES
from chalicelib.pages.wording import Words, numbering_system, sentence
from chalicelib.publishing.parameters import article_id_of, site_id_of
from chalicelib.publishing.sites import Site
from chalicelib.voting.tally_routes import READING_A_SITE
from chalicelib.voting.use_cases import Voting

routes: Routes[Voting] = Routes("pages", PATH_PARAMETERS)

STYLE = {
    "auto": "text{fill:#1f1f1f}@media(prefers-color-scheme:dark){text{fill:#ececec}}",
    "light": "text{fill:#1f1f1f}",
    "dark": "text{fill:#ececec}",
}
HEIGHT, FONT_SIZE, MARGIN = 32, 16, 4


@routes.route(
    "GET",
    "/v1/sites/{site}/articles/{article}/tally.svg",
    answers={200: text_of("image/svg+xml"), **NOT_MODIFIED},
    problems=(*READING_A_SITE, UnknownArticle),
    parameters=(LANGUAGE, NOUN, THEME, IF_NONE_MATCH),
)
def read_picture(request: Request, voting: Voting) -> Response:
    """The line as a picture"""
    article, tongue = article_id_of(request), tongue_of(request)
    noun = request.optional_choice("noun", NOUNS)
    theme = request.optional_choice("theme", THEMES) or THEMES[0]
    site = voting.sites.site(site_id_of(request), request.deadline)
    picture = draw(line(request, voting, site, article, tongue, noun), tongue.words, theme)
    style_hash = base64.b64encode(hashlib.sha256(STYLE[theme].encode()).digest()).decode()
    # An SVG that is opened by itself is a document that could run scripts. This one may only use its own style.
    policy = f"default-src 'none'; style-src 'sha256-{style_hash}'; sandbox"
    more = {"Content-Security-Policy": policy}
    return tagged_answer(request, picture, "image/svg+xml; charset=utf-8", PUBLIC, more)


@dataclass(frozen=True, slots=True)
class Tongue:
    """The language of a text: its words, its BCP 47 tag, and its numbering system."""

    words: Words
    tag: str
    system: str


def line(request: Request, voting: Voting, site: Site, article: str, tongue: Tongue, noun: str | None) -> str:
    """The sentence that the page shows to everybody, from the article's exact tally. `noun`: None is the site's."""
    tally = voting.tally(site, article, request.deadline)
    state = tally.terms.state(request.at, registers_articles=site.registers_articles)
    return sentence(tongue.words, noun or site.noun, tally.voters, state=state, system=tongue.system)


def tongue_of(request: Request) -> Tongue:
    """The language of the parameter `lang`, a BCP 47 tag. English by default, and for languages without words."""
    tag = request.optional_value("lang")
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
    """The SVG. The text is also its title, for screen readers and for viewers without the fonts."""
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
    """A width in pixels that is enough for the text in usual fonts. It is an estimate: no font can be measured here."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return 2 * MARGIN + round(FONT_SIZE * (wide + 0.62 * (len(text) - wide)))

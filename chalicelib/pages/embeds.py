"""For pages that allow no scripts: a page with the element for an `<iframe>`, and oEmbed, which returns it."""

from __future__ import annotations

import re
from html import escape
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlencode

from chalice.app import Response

from chalicelib.errors import InvalidValue, UnknownArticle, UnknownEmbed, UnsupportedFormat
from chalicelib.http.descriptions import IF_NONE_MATCH, NOT_MODIFIED, json_of, one_of, query, text, text_of
from chalicelib.http.requests import Request
from chalicelib.http.responses import PUBLIC, tagged_answer
from chalicelib.http.routing import Routes
from chalicelib.http.wire import JSON, Count, Wire
from chalicelib.pages.files import FOR_AN_HOUR, SCRIPT
from chalicelib.pages.parameters import (
    LANGUAGE,
    LAYOUT,
    LAYOUTS,
    NOUN,
    NOUNS,
    PATH_PARAMETERS,
    PIXELS,
    THEME,
    THEMES,
)
from chalicelib.pages.pictures import Tongue, line, tongue_of
from chalicelib.publishing.articles import parse_article_id
from chalicelib.publishing.parameters import article_id_of, site_id_of
from chalicelib.publishing.sites import Site, parse_site_id
from chalicelib.voting.tally_routes import READING_A_SITE
from chalicelib.voting.use_cases import Voting

routes: Routes[Voting] = Routes("pages", PATH_PARAMETERS)

EMBED_URL = re.compile(r"/v1/sites/(?P<site>[^/]+)/articles/(?P<article>[^/]+)/embed")
OPTIONS = ("lang", "noun", "layout", "theme")
COLOR_SCHEMES = {"light": "light", "dark": "dark", "auto": "light dark"}
OPTION = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
WIDTH, HEIGHT = 600, 110
TITLE = "Article Votes"
PIXELS_SCHEMA = {"type": "integer", "minimum": 0, "maximum": 99_999}


class EmbedBody(Wire):
    """An oEmbed answer of type rich (https://oembed.com). `cache_age` is in seconds, sizes are in CSS pixels."""

    version: Literal["1.0"]
    type: Literal["rich"]
    provider_name: str
    provider_url: str
    title: str
    html: str
    width: Count
    height: Count
    cache_age: Count


@routes.route(
    "GET",
    "/v1/sites/{site}/articles/{article}/embed",
    answers={200: text_of("text/html"), **NOT_MODIFIED},
    problems=(*READING_A_SITE, UnknownArticle),
    parameters=(LANGUAGE, NOUN, LAYOUT, THEME, IF_NONE_MATCH),
)
def read_embed(request: Request, voting: Voting) -> Response:
    """A page with the element, for an iframe"""
    article, tongue = article_id_of(request), tongue_of(request)
    asked = {
        "lang": request.optional_value("lang"),
        "noun": request.optional_choice("noun", NOUNS),
        "layout": request.optional_choice("layout", LAYOUTS),
        "theme": request.optional_choice("theme", THEMES),
    }
    options = {name: value for name, value in asked.items() if value is not None}
    site = voting.sites.site(site_id_of(request), request.deadline)
    fallback = line(request, voting, site, article, tongue, options.get("noun"))
    page = _page(request.public_url, site.id, article, options, fallback, tongue)
    more = {"Content-Security-Policy": _policy(request.public_origin, site), "Referrer-Policy": "strict-origin"}
    return tagged_answer(request, page, "text/html; charset=utf-8", PUBLIC, more)


def _page(base: str, site: str, article: str, options: dict[str, str], fallback: str, tongue: Tongue) -> str:
    attributes = {"site": site, "article": article} | {
        name: value for name, value in options.items() if name in ("noun", "layout")
    }
    element = " ".join(f'{name}="{escape(value)}"' for name, value in attributes.items())
    announced = f"{base}/oembed?{urlencode({'url': _address(base, site, article, options)})}"
    scheme = COLOR_SCHEMES[options.get("theme", THEMES[0])]
    files = f"{escape(base)}/embed/v1"
    return (
        f'<!doctype html>\n<html lang="{escape(tongue.tag)}" dir="{tongue.words["dir"]}">\n<meta charset="utf-8">\n'
        f"<title>{escape(tongue.words['group'])}</title>\n"
        f'<meta name="viewport" content="width=device-width">\n<meta name="color-scheme" content="{scheme}">\n'
        f'<link rel="alternate" type="application/json+oembed" href="{escape(announced)}">\n'
        f'<link rel="stylesheet" href="{files}/frame.css">\n'
        f'<script type="module" src="{files}/{SCRIPT}"></script>\n'
        f'<script type="module" src="{files}/frame.js"></script>\n'
        f"<main><article-vote {element}>{escape(fallback)}</article-vote></main>\n</html>\n"
    )


def _address(base: str, site: str, article: str, options: dict[str, str]) -> str:
    """The address of an embed page."""
    asked = f"?{urlencode(options)}" if options else ""
    return f"{base}/v1/sites/{site}/articles/{article}/embed{asked}"


def _policy(origin: str, site: Site) -> str:
    """The page loads only our own files and API. If the site lists origins, only their pages can frame it."""
    ancestors = " ".join(site.origins) or "*"
    return (
        f"default-src 'none'; script-src {origin}; style-src {origin}; connect-src {origin}; base-uri 'none'; "
        f"form-action 'none'; frame-ancestors {ancestors}; require-trusted-types-for 'script'; trusted-types 'none'"
    )


@routes.route(
    "GET",
    "/oembed",
    answers={200: json_of(EmbedBody), **NOT_MODIFIED},
    problems=(*READING_A_SITE, UnknownEmbed, UnsupportedFormat),
    parameters=(
        query("url", "The address of an embed page of this API.", text(format="uri"), required=True),
        query("maxwidth", "In CSS pixels.", PIXELS_SCHEMA),
        query("maxheight", "In CSS pixels.", PIXELS_SCHEMA),
        query("format", "Only json is offered.", one_of(("json",))),
        IF_NONE_MATCH,
    ),
)
def read_oembed(request: Request, voting: Voting) -> Response:
    """The iframe for the address of an embed page (https://oembed.com)"""
    if request.optional_value("format") not in (None, "json"):
        raise UnsupportedFormat("Only format=json is offered.", field="format")
    width, height = _at_most(request, "maxwidth", WIDTH), _at_most(request, "maxheight", HEIGHT)
    source = _embed_url(request, voting, request.query_value("url"))
    frame = (
        f'<iframe src="{escape(source)}" title="{TITLE}" width="{width}" height="{height}" loading="lazy"'
        ' referrerpolicy="strict-origin"></iframe>'
    )
    body = EmbedBody(
        version="1.0", type="rich", provider_name=TITLE, provider_url=request.public_url, title=TITLE, html=frame,
        width=width, height=height, cache_age=3600,
    )  # fmt: skip
    return tagged_answer(request, body.model_dump_json(), JSON, FOR_AN_HOUR)


def _embed_url(request: Request, voting: Voting, url: str) -> str:
    """The address of the same embed page in our own spelling. Raises `UnknownEmbed` if it is not one of ours."""
    base = request.public_url
    path, _, query = url.partition("?")
    found = EMBED_URL.fullmatch(path.removeprefix(base)) if path.startswith(base) else None
    if found is None:
        raise UnknownEmbed(f"url must be {base}/v1/sites/{{site}}/articles/{{article}}/embed.", field="url")
    site, article = parse_site_id(unquote(found["site"])), parse_article_id(unquote(found["article"]))
    voting.sites.site(site, request.deadline)
    options = {name: value for name, value in parse_qsl(query) if name in OPTIONS and OPTION.fullmatch(value)}
    return _address(base, site, article, options)


def _at_most(request: Request, name: str, otherwise: int) -> int:
    value = request.optional_value(name)
    if value is None:
        return otherwise
    if not PIXELS.fullmatch(value):
        raise InvalidValue(f"{name} must be a number of pixels.", field=name)
    return min(otherwise, int(value))

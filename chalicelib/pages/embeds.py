"""For pages that take no scripts: the element in a page of its own, for an `<iframe>`, and oEmbed to hand that out."""

from __future__ import annotations

import re
from html import escape
from urllib.parse import parse_qsl, unquote, urlencode

from chalice.app import Blueprint, Response

from chalicelib.errors import InvalidValue, UnknownEmbed, UnsupportedFormat
from chalicelib.http.requests import header, optional_choice, optional_value, query_value
from chalicelib.http.responses import PUBLIC, tagged_answer
from chalicelib.http.routing import Call, endpoint
from chalicelib.pages.files import FOR_AN_HOUR, SCRIPT
from chalicelib.pages.pictures import NOUNS, THEMES, Tongue, line, tongue_of
from chalicelib.publishing.articles import parse_article_id
from chalicelib.publishing.sites import Site, parse_site_id
from chalicelib.voting.wire import EmbedBody

routes = Blueprint(__name__)

EMBED_URL = re.compile(r"/v1/sites/(?P<site>[^/]+)/articles/(?P<article>[^/]+)/embed")
LAYOUTS = ("buttons", "compact", "reactions", "stars")
PIXELS = re.compile(r"[0-9]{1,5}", re.ASCII)
OPTIONS = ("lang", "noun", "layout", "theme")
COLOR_SCHEMES = {"light": "light", "dark": "dark", "auto": "light dark"}
OPTION = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
WIDTH, HEIGHT = 600, 110
TITLE = "Article Votes"


@endpoint(routes, "GET", "/v1/sites/{site}/articles/{article}/embed")
def read_embed(call: Call) -> Response:
    """A page with the element, for an iframe"""
    article, tongue, request = call.article(), tongue_of(call), call.request
    asked = {
        "lang": optional_value(request, "lang"),
        "noun": optional_choice(request, "noun", NOUNS),
        "layout": optional_choice(request, "layout", LAYOUTS),
        "theme": optional_choice(request, "theme", THEMES),
    }
    options = {name: value for name, value in asked.items() if value is not None}
    site = call.site()
    fallback = line(call, site, article, tongue, options.get("noun", NOUNS[0]))
    page = _page(call.public_url(), site.id, article, options, fallback, tongue)
    more = {"Content-Security-Policy": _policy(call.public_origin(), site), "Referrer-Policy": "strict-origin"}
    return tagged_answer(page, "text/html; charset=utf-8", PUBLIC, header(request, "If-None-Match"), more)


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
    """An embed page's address."""
    asked = f"?{urlencode(options)}" if options else ""
    return f"{base}/v1/sites/{site}/articles/{article}/embed{asked}"


def _policy(origin: str, site: Site) -> str:
    """Nothing but our own files and API; framed by the pages that may vote, and by them only."""
    ancestors = " ".join(site.origins) or "*"
    return (
        f"default-src 'none'; script-src {origin}; style-src {origin}; connect-src {origin}; base-uri 'none'; "
        f"form-action 'none'; frame-ancestors {ancestors}; require-trusted-types-for 'script'; trusted-types 'none'"
    )


@endpoint(routes, "GET", "/oembed")
def read_oembed(call: Call) -> Response:
    """The iframe for the address of an embed page (https://oembed.com)"""
    if optional_value(call.request, "format") not in (None, "json"):
        raise UnsupportedFormat("Only format=json is offered.", field="format")
    width, height = _at_most(call, "maxwidth", WIDTH), _at_most(call, "maxheight", HEIGHT)
    source = _embed_url(call, query_value(call.request, "url"))
    frame = (
        f'<iframe src="{escape(source)}" title="{TITLE}" width="{width}" height="{height}" loading="lazy"'
        ' referrerpolicy="strict-origin"></iframe>'
    )
    body = EmbedBody(
        version="1.0", type="rich", provider_name=TITLE, provider_url=call.public_url(), title=TITLE, html=frame,
        width=width, height=height, cache_age=3600,
    )  # fmt: skip
    return tagged_answer(body.model_dump_json(), "application/json", FOR_AN_HOUR, header(call.request, "If-None-Match"))


def _embed_url(call: Call, url: str) -> str:
    """The embed page that the address names, spelled our way; `UnknownEmbed` when it is none of ours."""
    base = call.public_url()
    path, _, query = url.partition("?")
    found = EMBED_URL.fullmatch(path.removeprefix(base)) if path.startswith(base) else None
    if found is None:
        raise UnknownEmbed(f"url must be {base}/v1/sites/{{site}}/articles/{{article}}/embed.", field="url")
    site, article = parse_site_id(unquote(found["site"])), parse_article_id(unquote(found["article"]))
    call.services.sites.site(site, call.deadline)
    options = {name: value for name, value in parse_qsl(query) if name in OPTIONS and OPTION.fullmatch(value)}
    return _address(base, site, article, options)


def _at_most(call: Call, name: str, otherwise: int) -> int:
    value = optional_value(call.request, name)
    if value is None:
        return otherwise
    if not PIXELS.fullmatch(value):
        raise InvalidValue(f"{name} must be a number of pixels.", field=name)
    return min(otherwise, int(value))

"""The parts of a request that name a site, an article or a key, with their descriptions for OpenAPI."""

from __future__ import annotations

from chalicelib.errors import InvalidKey
from chalicelib.http.descriptions import Security, path, query, text
from chalicelib.http.requests import Request
from chalicelib.publishing.articles import ARTICLE_ID, MOST_ARTICLES_PER_REQUEST, parse_article_id, parse_article_ids
from chalicelib.publishing.keys import KEY_ID, PREFIX, parse_key_id
from chalicelib.publishing.sites import SITE_ID, parse_site_id

SITE = path("site", "The id of the site.", text(SITE_ID.pattern, examples=["demo"]))
ARTICLE = path("article", "The id of the article.", text(ARTICLE_ID.pattern, examples=["nato-office-amman"]))
KEY_ID_PATH = path("key", "A key's id, as the list of keys has it.", text(KEY_ID.pattern, examples=["0a1b2c3d4e5f"]))
OLD = path(
    "old",
    "The old id: it becomes an alias (PUT), or an article of its own (DELETE).",
    text(ARTICLE_ID.pattern, examples=["nato-office"]),
)
PATH_PARAMETERS = {"site": SITE, "article": ARTICLE, "key": KEY_ID_PATH, "old": OLD}
KEY = Security(("key", "keyAsUser"))
OPTIONAL_KEY = Security(("key", "keyAsUser"), optional=True)
ARTICLES = query(
    "articles",
    f"Article ids, separated by commas; at most {MOST_ARTICLES_PER_REQUEST}.",
    text(f"{ARTICLE_ID.pattern}(,{ARTICLE_ID.pattern}){{0,{MOST_ARTICLES_PER_REQUEST - 1}}}"),
    required=True,
)


def site_id_of(request: Request) -> str:
    """The site id in the path. Raises `InvalidValue` if it is malformed."""
    return parse_site_id(request.path_value("site"))


def article_id_of(request: Request) -> str:
    """The article id in the path. Raises `InvalidValue` if it is malformed."""
    return parse_article_id(request.path_value("article"))


def old_id_of(request: Request) -> str:
    """The old id of an article in the path. Raises `InvalidValue` if it is malformed."""
    return parse_article_id(request.path_value("old"), field="old")


def key_id_of(request: Request) -> str:
    """The id of a key in the path. Raises `InvalidValue` if it is malformed."""
    return parse_key_id(request.path_value("key"))


def optional_key_of(request: Request) -> str | None:
    """The key that the request shows, as a bearer token or as the user name of HTTP Basic.

    None without one: voter tokens are bearer tokens, too.
    """
    shown = request.bearer() or request.basic_user()
    return shown if shown is not None and shown.startswith(PREFIX) else None


def key_of(request: Request) -> str:
    """The key that the request shows. Raises `InvalidKey` without one."""
    key = optional_key_of(request)
    if key is None:
        raise no_key()
    return key


def no_key() -> InvalidKey:
    """The refusal of a request that shows no key."""
    return InvalidKey(
        "Send a key of this site as Authorization: Bearer avk_…, or as the user name of HTTP Basic.",
        field="Authorization",
    )


def article_ids_of(request: Request) -> list[str]:
    """The ids of the query parameter `articles`, in its order. Raises `InvalidValue` or `MalformedRequest`."""
    return parse_article_ids(request.query_value("articles"))

"""The parts of a request that name a site or an article, with their descriptions for OpenAPI."""

from __future__ import annotations

from chalicelib.http.descriptions import path, query, text
from chalicelib.http.requests import Request
from chalicelib.publishing.articles import ARTICLE_ID, MOST_ARTICLES_PER_REQUEST, parse_article_id, parse_article_ids
from chalicelib.publishing.sites import SITE_ID, parse_site_id

SITE = path("site", "The id of the site.", text(SITE_ID.pattern, examples=["demo"]))
ARTICLE = path("article", "The id of the article.", text(ARTICLE_ID.pattern, examples=["nato-office-amman"]))
PATH_PARAMETERS = {"site": SITE, "article": ARTICLE}
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


def article_ids_of(request: Request) -> list[str]:
    """The ids of the query parameter `articles`, in its order. Raises `InvalidValue` or `MalformedRequest`."""
    return parse_article_ids(request.query_value("articles"))

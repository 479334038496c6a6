"""Aliases of an article: old ids, whose reads and votes are the article's."""

from __future__ import annotations

from chalice.app import Response

from chalicelib.errors import AliasRefused, BodyTooLarge
from chalicelib.http.bodies import check_body_size
from chalicelib.http.descriptions import json_of
from chalicelib.http.requests import Request
from chalicelib.http.responses import NO_STORE, json_answer
from chalicelib.http.routing import Routes
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.parameters import KEY, PATH_PARAMETERS, article_id_of, key_of, old_id_of, site_id_of
from chalicelib.publishing.routes import WITH_A_SCOPE
from chalicelib.voting.aliases import Aliases
from chalicelib.voting.wire import AliasBody, RemovedAliasBody

routes: Routes[Aliases] = Routes("articles", PATH_PARAMETERS)

ALIAS_PATH = "/v1/sites/{site}/articles/{article}/aliases/{old}"


@routes.route(
    "PUT",
    ALIAS_PATH,
    answers={200: json_of(AliasBody)},
    problems=(*WITH_A_SCOPE, AliasRefused, BodyTooLarge),
    security=KEY,
)
def put_alias(request: Request, aliases: Aliases) -> Response:
    """Make an old id an alias of the article, and merge their votes. Each reader counts once"""
    ref, old = _ids(request, aliases)
    target, merged = aliases.add(ref, old, request.at, request.deadline)
    body = AliasBody.model_construct(alias=old, article=target.public_id, merged=merged)
    return json_answer(body, caching=NO_STORE)


@routes.route(
    "DELETE",
    ALIAS_PATH,
    answers={200: json_of(RemovedAliasBody)},
    problems=(*WITH_A_SCOPE, AliasRefused, BodyTooLarge),
    security=KEY,
)
def delete_alias(request: Request, aliases: Aliases) -> Response:
    """Make an old id an article of its own, without votes. Votes that were merged stay with the article"""
    ref, old = _ids(request, aliases)
    aliases.remove(ref, old, request.at, request.deadline)
    return json_answer(RemovedAliasBody.model_construct(alias=old), caching=NO_STORE)


def _ids(request: Request, aliases: Aliases) -> tuple[ArticleRef, str]:
    """The article and the old id in the path, if the request shows a key that may write."""
    site_id = site_id_of(request)
    aliases.keys.check(site_id, key_of(request), "write", request.at, request.deadline)
    ref, old = ArticleRef(site_id, article_id_of(request)), old_id_of(request)
    check_body_size(request)
    return ref, old

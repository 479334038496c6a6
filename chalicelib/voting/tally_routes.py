"""Tallies are public and the same for everybody. A key of the site shows what readers do not see."""

from __future__ import annotations

from chalice.app import Response

from chalicelib.errors import InvalidKey, InvalidValue, MalformedRequest, Unavailable, UnknownArticle, UnknownSite
from chalicelib.http.descriptions import IF_NONE_MATCH, NOT_MODIFIED, json_of
from chalicelib.http.requests import Request
from chalicelib.http.responses import PUBLIC, REVALIDATED, public_answer, tagged_answer
from chalicelib.http.routing import Routes
from chalicelib.http.wire import JSON
from chalicelib.publishing.parameters import (
    ARTICLES,
    OPTIONAL_KEY,
    PATH_PARAMETERS,
    article_id_of,
    article_ids_of,
    optional_key_of,
    site_id_of,
)
from chalicelib.voting.use_cases import Voting
from chalicelib.voting.wire import TalliesBody, TallyBody

routes: Routes[Voting] = Routes("votes", PATH_PARAMETERS)

READING_A_SITE = (MalformedRequest, UnknownSite, InvalidValue, Unavailable)


@routes.route(
    "GET",
    "/v1/sites/{site}/articles/{article}/tally",
    answers={200: json_of(TallyBody), **NOT_MODIFIED},
    problems=(*READING_A_SITE, InvalidKey, UnknownArticle),
    parameters=(IF_NONE_MATCH,),
    security=OPTIONAL_KEY,
)
def read_tally(request: Request, voting: Voting) -> Response:
    """The exact tally of one article. With a key also of a hidden one, and its counts at any time"""
    article, site_id, key = article_id_of(request), site_id_of(request), optional_key_of(request)
    if key is not None:
        voting.keys.check(site_id, key, "read", request.at, request.deadline)
    site = voting.sites.site(site_id, request.deadline)
    tally = voting.tally(site, article, request.deadline, hidden_too=key is not None)
    body = TallyBody.of(site, article, tally, request.at, in_full=key is not None)
    if key is None and site.results == "always":
        return public_answer(request, body)
    caching = PUBLIC if key is None else REVALIDATED
    return tagged_answer(request, body.model_dump_json(), JSON, caching, {"Vary": "Authorization"})


@routes.route(
    "GET",
    "/v1/sites/{site}/tallies",
    answers={200: json_of(TalliesBody), **NOT_MODIFIED},
    problems=READING_A_SITE,
    parameters=(ARTICLES, IF_NONE_MATCH),
)
def read_tallies(request: Request, voting: Voting) -> Response:
    """The tallies of at most 100 articles, a few seconds behind"""
    articles = article_ids_of(request)
    site = voting.sites.site(site_id_of(request), request.deadline)
    found = voting.tallies(site, articles, request.deadline)
    bodies = [TallyBody.of(site, article, tally, request.at) for article, tally in zip(articles, found, strict=True)]
    return public_answer(request, TalliesBody.model_construct(tallies=bodies))

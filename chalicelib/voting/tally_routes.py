"""Public reads: the same bytes for everybody."""

from __future__ import annotations

from chalice.app import Blueprint, Response

from chalicelib.http.requests import header, query_value
from chalicelib.http.responses import public_answer
from chalicelib.http.routing import Call, endpoint
from chalicelib.publishing.articles import parse_article_ids
from chalicelib.voting.reading import get_tallies, get_tally
from chalicelib.voting.wire import TalliesBody, TallyBody

routes = Blueprint(__name__)


@endpoint(routes, "GET", "/v1/sites/{site}/articles/{article}/tally")
def read_tally(call: Call) -> Response:
    """The exact tally of one article"""
    article, site = call.article(), call.site()
    tally = get_tally(call.services.store, site, article, call.deadline)
    return public_answer(TallyBody.of(site, article, tally, call.now), header(call.request, "If-None-Match"))


@endpoint(routes, "GET", "/v1/sites/{site}/tallies")
def read_tallies(call: Call) -> Response:
    """The tallies of up to 100 articles, about a second behind"""
    articles, site = parse_article_ids(query_value(call.request, "articles")), call.site()
    found = get_tallies(call.services.store, site, articles, call.deadline)
    bodies = [TallyBody.of(site, article, tally, call.now) for article, tally in zip(articles, found, strict=True)]
    return public_answer(TalliesBody.model_construct(tallies=bodies), header(call.request, "If-None-Match"))

"""Suspicions: which votes of an article stand out. For the holder of an admin key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalice.app import Response

from chalicelib.errors import UnknownSite
from chalicelib.http.descriptions import json_of
from chalicelib.http.requests import Request
from chalicelib.http.responses import PRIVATE, json_answer
from chalicelib.http.routing import Routes
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.parameters import KEY, PATH_PARAMETERS, article_id_of, key_of, site_id_of
from chalicelib.publishing.routes import WITH_A_SCOPE
from chalicelib.trust.wire import SuspicionsBody

if TYPE_CHECKING:  # few requests ask for suspicions, so a cold start does without their rules
    from chalicelib.trust.use_cases import Trust

routes: Routes[Trust] = Routes("trust", PATH_PARAMETERS)


@routes.route(
    "GET",
    "/v1/sites/{site}/articles/{article}/suspicions",
    answers={200: json_of(SuspicionsBody)},
    problems=(*WITH_A_SCOPE, UnknownSite),
    security=KEY,
)
def read_suspicions(request: Request, trust: Trust) -> Response:
    """Groups of an article's votes from one network that stand out"""
    site_id, article = site_id_of(request), article_id_of(request)
    trust.keys.check(site_id, key_of(request), "admin", request.at, request.deadline)
    site = trust.sites.site(site_id, request.deadline)
    report = trust.suspicions(ArticleRef(site_id, article), site.ballot.counted, request.deadline)
    return json_answer(SuspicionsBody.of(site, report), caching=PRIVATE)

"""What publishers see of the reading of their feed."""

from __future__ import annotations

from chalice.app import Response

from chalicelib.errors import UnknownFeed
from chalicelib.http.descriptions import json_of
from chalicelib.http.requests import Request
from chalicelib.http.responses import PRIVATE, json_answer
from chalicelib.http.routing import Routes
from chalicelib.publishing.parameters import KEY, PATH_PARAMETERS, key_of, site_id_of
from chalicelib.publishing.routes import WITH_A_SCOPE
from chalicelib.syncing.use_cases import Syncing
from chalicelib.syncing.wire import FeedStateBody

routes: Routes[Syncing] = Routes("sites", PATH_PARAMETERS)


@routes.route(
    "GET",
    "/v1/sites/{site}/feed",
    answers={200: json_of(FeedStateBody)},
    problems=(*WITH_A_SCOPE, UnknownFeed),
    security=KEY,
)
def read_feed(request: Request, syncing: Syncing) -> Response:
    """How the reading of the publisher's own feed goes, and which articles its entries are"""
    site_id = site_id_of(request)
    syncing.keys.check(site_id, key_of(request), "write", request.at, request.deadline)
    return json_answer(FeedStateBody.of(syncing.feed(site_id, request.deadline)), caching=PRIVATE)

"""What the service says about itself: its health and its description."""

from __future__ import annotations

from chalice.app import Blueprint, Response

from chalicelib.health import check_health
from chalicelib.http.responses import NO_STORE, json_answer
from chalicelib.http.routing import Call, endpoint
from chalicelib.voting.wire import HealthBody

routes = Blueprint(__name__)


@endpoint(routes, "GET", "/v1/health")
def read_health(call: Call) -> Response:
    """200 when the table answers"""
    check_health(call.services.store, call.deadline)
    return json_answer(HealthBody(status="ok"), caching=NO_STORE)


@endpoint(routes, "GET", "/openapi.json")
def read_openapi(call: Call) -> Response:
    """This API, as OpenAPI 3.1"""
    from chalicelib.http.openapi import document  # noqa: PLC0415  kept out of the cold start of all other routes

    return Response(document(), {"Content-Type": "application/json", "Cache-Control": "public, max-age=300"})

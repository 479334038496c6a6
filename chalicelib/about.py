"""What the service says about itself: whether it works, and the description of its API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from chalice.app import Response

from chalicelib.errors import Unavailable
from chalicelib.http.descriptions import Operation, json_of, text_of
from chalicelib.http.requests import Request
from chalicelib.http.responses import NO_SNIFFING, NO_STORE, json_answer
from chalicelib.http.routing import Routes
from chalicelib.http.wire import JSON, Wire
from chalicelib.publishing.ports import SiteStore

VERSION = "1.0.0"
DESCRIPTION = (
    "Counts every vote exactly once. Errors are problems (RFC 9457). Query parameters that an operation does not "
    "list are ignored: a cache in front of this API should key on the listed ones only. JSON of insights also comes as "
    "CSV with `Accept: text/csv`; prefer the addresses that end in .csv."
)
TAGS = {
    "votes": "Votes and tallies.",
    "trust": "Which votes stand out.",
    "sites": "Publishers' sites and their keys.",
    "articles": "What publishers register.",
    "insights": "Leaderboards, histories and overviews.",
    "pages": "What browsers load.",
    "service": "What the service says about itself.",
}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class About:
    """`document` makes the OpenAPI document of every operation of the API."""

    store: SiteStore
    document: Callable[[], str]


class HealthBody(Wire):
    """The table answers."""

    status: Literal["ok"]


routes: Routes[About] = Routes("service", {})


@routes.route("GET", "/v1/health", answers={200: json_of(HealthBody)}, problems=(Unavailable,))
def read_health(request: Request, about: About) -> Response:
    """200 if the table answers"""
    about.store.site("health", request.deadline)  # the key need not exist
    return json_answer(HealthBody(status="ok"), caching=NO_STORE)


@routes.route("GET", "/openapi.json", answers={200: text_of(JSON)})
def read_openapi(_: Request, about: About) -> Response:
    """This API, as OpenAPI 3.1"""
    headers: dict[str, str | list[str]] = {"Content-Type": JSON, "Cache-Control": "public, max-age=300", **NO_SNIFFING}
    return Response(about.document(), headers)


def document_of(operations: Sequence[Operation]) -> str:
    """The OpenAPI document of these operations."""
    from chalicelib.http.openapi import Api, document  # noqa: PLC0415  few cold starts need it

    return document(Api("Article Votes", VERSION, DESCRIPTION, TAGS), operations)

"""Every route of the service, and the feature that each works with."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from chalice.app import Chalice

from chalicelib import about
from chalicelib.about import About, document_of
from chalicelib.bootstrap import services
from chalicelib.http.descriptions import Operation
from chalicelib.http.methods import refuse_other_methods
from chalicelib.http.routing import Routes, register
from chalicelib.insights import feed_routes
from chalicelib.insights import routes as insights
from chalicelib.pages import dashboard, embeds, pictures, scripts
from chalicelib.publishing import article_routes
from chalicelib.publishing import routes as publishing
from chalicelib.syncing import routes as syncing
from chalicelib.trust import exclusion_routes
from chalicelib.trust import routes as trust
from chalicelib.voting import alias_routes, tally_routes, voter_routes
from chalicelib.voting import routes as voting


@cache
def _document() -> str:
    return document_of(OPERATIONS)


_PARTS: tuple[tuple[Routes[Any], Callable[[], Any]], ...] = (
    (publishing.routes, lambda: services().publishing),
    (article_routes.routes, lambda: services().publishing),
    (alias_routes.routes, lambda: services().aliases),
    (syncing.routes, lambda: services().syncing),
    (tally_routes.routes, lambda: services().voting),
    (voter_routes.routes, lambda: services().voting),
    (voting.routes, lambda: services().voting),
    (trust.routes, lambda: services().trust),
    (exclusion_routes.routes, lambda: services().trust),
    (insights.routes, lambda: services().insights),
    (feed_routes.routes, lambda: services().insights),
    (scripts.routes, lambda: None),
    (dashboard.routes, lambda: None),
    (pictures.routes, lambda: services().voting),
    (embeds.routes, lambda: services().voting),
    (about.routes, lambda: About(services().stores.sites, _document)),
)
OPERATIONS: tuple[Operation, ...] = tuple(route.operation for routes, _ in _PARTS for route in routes.routes)


def register_routes(app: Chalice) -> None:
    """Connect every route with the app."""
    for routes, feature in _PARTS:
        register(app, routes, feature, lambda: services().server)
    refuse_other_methods(app)

"""The list of sites."""

from __future__ import annotations

from chalice.app import Response

from chalicelib.http.descriptions import IF_NONE_MATCH, NOT_MODIFIED, READING_THE_TABLE, json_of
from chalicelib.http.requests import Request
from chalicelib.http.responses import public_answer
from chalicelib.http.routing import Routes
from chalicelib.publishing.parameters import PATH_PARAMETERS
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.publishing.wire import ListedSiteBody, SitesBody

routes: Routes[SiteDirectory] = Routes("sites", PATH_PARAMETERS)


@routes.route(
    "GET",
    "/v1/sites",
    answers={200: json_of(SitesBody), **NOT_MODIFIED},
    problems=READING_THE_TABLE,
    parameters=(IF_NONE_MATCH,),
)
def read_sites(request: Request, sites: SiteDirectory) -> Response:
    """The sites whose insights are public"""
    listed = [ListedSiteBody.model_construct(site=site) for site in sites.listed(request.deadline)]
    return public_answer(request, SitesBody.model_construct(sites=listed))

"""Sites and their keys. What publishers may do depends on the scope of the key that they show."""

from __future__ import annotations

from chalice.app import Response

from chalicelib.errors import (
    BodyTooLarge,
    InvalidKey,
    InvalidValue,
    LastAdminKey,
    MalformedRequest,
    PreconditionFailed,
    ScopeTooLow,
    Unavailable,
    UnknownSite,
    UnsupportedMediaType,
)
from chalicelib.http.bodies import check_body_size, json_body
from chalicelib.http.descriptions import IF_NONE_MATCH, NOT_MODIFIED, READING_THE_TABLE, json_of
from chalicelib.http.preconditions import if_match, if_none_match, precondition
from chalicelib.http.problems import version_tag
from chalicelib.http.requests import Request
from chalicelib.http.responses import NO_STORE, PRIVATE, PUBLIC, json_answer, public_answer, tagged_answer
from chalicelib.http.routing import Routes
from chalicelib.http.wire import JSON
from chalicelib.publishing.key_wire import IssuedKeyBody, KeyRequest, KeysBody
from chalicelib.publishing.keys import Scope, parse_label
from chalicelib.publishing.parameters import (
    KEY,
    OPTIONAL_KEY,
    PATH_PARAMETERS,
    key_id_of,
    key_of,
    optional_key_of,
    site_id_of,
)
from chalicelib.publishing.use_cases import Publishing
from chalicelib.publishing.wire import ListedSiteBody, SiteBody, SiteRequest, SitesBody

routes: Routes[Publishing] = Routes("sites", PATH_PARAMETERS)

SITE_PATH = "/v1/sites/{site}"
KEYS_PATH = "/v1/sites/{site}/keys"
MOST_SITE_BYTES = 32_768
WITH_A_KEY = (MalformedRequest, InvalidKey, InvalidValue, Unavailable)
WITH_A_SCOPE = (*WITH_A_KEY, ScopeTooLow)


@routes.route(
    "GET",
    "/v1/sites",
    answers={200: json_of(SitesBody), **NOT_MODIFIED},
    problems=READING_THE_TABLE,
    parameters=(IF_NONE_MATCH,),
)
def read_sites(request: Request, publishing: Publishing) -> Response:
    """The sites whose insights are public"""
    listed = [ListedSiteBody.model_construct(site=site) for site in publishing.sites.listed(request.deadline)]
    return public_answer(request, SitesBody.model_construct(sites=listed))


@routes.route(
    "GET",
    SITE_PATH,
    answers={200: json_of(SiteBody), **NOT_MODIFIED},
    problems=(*WITH_A_KEY, UnknownSite),
    parameters=(IF_NONE_MATCH,),
    security=OPTIONAL_KEY,
)
def read_site(request: Request, publishing: Publishing) -> Response:
    """A site: with an admin key all of its settings, otherwise the public part"""
    site_id, raw = site_id_of(request), optional_key_of(request)
    varies = {"Vary": "Authorization"}
    if raw is not None:
        key = publishing.keys.check(site_id, raw, "read", request.at, request.deadline)
        if key.may("admin"):
            site = publishing.settings(site_id, request.deadline)
            body = SiteBody.of(site, in_full=True)
            return json_answer(body, caching=PRIVATE, etag=version_tag(site.version))
    body = SiteBody.of(publishing.sites.site(site_id, request.deadline), in_full=False)
    return tagged_answer(request, body.model_dump_json(), JSON, PUBLIC if raw is None else PRIVATE, varies)


@routes.route(
    "PUT",
    SITE_PATH,
    answers={200: json_of(SiteBody)},
    problems=(*WITH_A_SCOPE, UnknownSite, PreconditionFailed, BodyTooLarge, UnsupportedMediaType),
    parameters=(if_match("the site"), if_none_match("the site")),
    body=SiteRequest,
    security=KEY,
)
def put_site(request: Request, publishing: Publishing) -> Response:
    """Make the site's settings these"""
    site_id = site_with_scope(request, publishing, "admin")
    wanted = json_body(request, SiteRequest, MOST_SITE_BYTES).wanted(site_id)
    site = publishing.put_site(wanted, precondition(request), request.at, request.deadline)
    return json_answer(SiteBody.of(site, in_full=True), caching=NO_STORE, etag=version_tag(site.version))


@routes.route(
    "GET",
    KEYS_PATH,
    answers={200: json_of(KeysBody)},
    problems=WITH_A_SCOPE,
    security=KEY,
)
def read_keys(request: Request, publishing: Publishing) -> Response:
    """The keys of a site"""
    site_id = site_with_scope(request, publishing, "admin")
    return json_answer(KeysBody.of(publishing.issued_keys(site_id, request.deadline)), caching=PRIVATE)


@routes.route(
    "POST",
    KEYS_PATH,
    answers={201: json_of(IssuedKeyBody)},
    problems=(*WITH_A_SCOPE, BodyTooLarge, UnsupportedMediaType),
    body=KeyRequest,
    security=KEY,
)
def create_key(request: Request, publishing: Publishing) -> Response:
    """A new key, which is shown this once"""
    site_id = site_with_scope(request, publishing, "admin")
    wanted = json_body(request, KeyRequest)
    raw, key = publishing.issue_key(site_id, parse_label(wanted.label), wanted.scope, request.at, request.deadline)
    return json_answer(IssuedKeyBody.with_secret(key, raw), status=201, caching=NO_STORE)


@routes.route(
    "DELETE",
    f"{KEYS_PATH}/{{key}}",
    answers={200: json_of(KeysBody)},
    problems=(*WITH_A_SCOPE, LastAdminKey, BodyTooLarge),
    security=KEY,
)
def delete_key(request: Request, publishing: Publishing) -> Response:
    """Revoke a key, and list those that are left"""
    site_id = site_with_scope(request, publishing, "admin")
    check_body_size(request)
    left = publishing.revoke_key(site_id, key_id_of(request), request.deadline)
    return json_answer(KeysBody.of(left), caching=NO_STORE)


def site_with_scope(request: Request, publishing: Publishing, scope: Scope) -> str:
    """The site's id, if the request shows a key of this site with this scope. Nothing else is read before."""
    site_id = site_id_of(request)
    publishing.keys.check(site_id, key_of(request), scope, request.at, request.deadline)
    return site_id

"""What every route shares: its time limit, its services, and errors turned into answers.

Errors are mapped here, in a wrapper around the view, because an exception that leaves a Chalice view becomes a 500
before middleware sees it and then lacks its CORS headers.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from chalice.app import Blueprint, Request, Response

from chalicelib import bootstrap
from chalicelib import settings as limits
from chalicelib.errors import MalformedRequest, VotingError
from chalicelib.http import requests
from chalicelib.http.responses import CORS, problem
from chalicelib.http.time_limits import answer_within
from chalicelib.publishing.articles import parse_article_id
from chalicelib.publishing.sites import Site, parse_site_id
from chalicelib.voting import use_cases as voting

log = logging.getLogger("article-votes.web")
HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?", re.ASCII)


class Call:
    """One request on its way through a view."""

    __slots__ = ("deadline", "now", "request", "services")

    def __init__(self, request: Request) -> None:
        self.request = request
        self.services = bootstrap.services()
        self.deadline = self.services.new_deadline()
        self.now = self.services.now()

    @property
    def request_id(self) -> str:
        """API Gateway's id of this request, for logs and problems."""
        return str(self.request.context.get("requestId", ""))

    def site_id(self) -> str:
        """The well-formed site id of the path."""
        return parse_site_id(requests.path_value(self.request, "site"))

    def site(self) -> Site:
        """The site of the path; `UnknownSite` when there is none."""
        return self.services.sites.site(self.site_id(), self.deadline)

    def writable_site(self) -> Site:
        """The site of the path, if pages of the caller's origin may vote there."""
        site = self.site()
        origin = requests.header(self.request, "Origin")
        # Our own embed page may vote where origins are listed: who may frame it is said in its answer.
        if site.origins and origin != self.public_origin():
            site.check_origin(origin)
        return site

    def readable_site(self) -> Site:
        """The site of the path, if the caller may read its insights."""
        site = self.site()
        if site.insights == "private":
            self.services.read_keys.check(site.id, requests.read_key(self.request), self.deadline)
        return site

    def public_url(self) -> str:
        """Where this API is for browsers: what the paths of its routes are appended to."""
        if self.services.public_url:
            return self.services.public_url
        context = self.request.context
        host = str(context.get("domainName") or requests.header(self.request, "Host"))
        if not HOST.fullmatch(host):
            raise MalformedRequest("The Host header is not a host.", field="Host")
        segments = str(context["resourcePath"]).count("/")
        return f"https://{host}" + "/".join(str(context.get("path", "")).split("/")[:-segments])

    def public_origin(self) -> str:
        """The origin of pages that this API itself serves."""
        parts = urlsplit(self.public_url())
        return f"{parts.scheme}://{parts.netloc}"

    def article(self) -> str:
        """The well-formed article id of the path."""
        return parse_article_id(requests.path_value(self.request, "article"))

    def voter_id(self) -> str:
        """The voter behind the request's token."""
        token = requests.bearer_token(self.request)
        return voting.recognise_voter(self.services.keyring, self.site_id(), token, self.now, self.deadline)


View = Callable[[Call], Response]


def endpoint(blueprint: Blueprint, method: str, path: str) -> Callable[[View], View]:
    """Register a view. Content types are judged by the view, so that a refusal is a problem like any other."""

    def register(view: View) -> View:
        def answer(**_path_parameters: str) -> Response:
            request = blueprint.current_request
            try:
                with answer_within(limits.ANSWER_WITHIN_SECONDS):
                    return view(Call(request))
            except VotingError as error:
                return problem(error, str(request.context.get("requestId", "")))
            except Exception:
                request_id = str(request.context.get("requestId", ""))
                log.exception("unexpected error, request_id=%s", request_id)
                return problem(VotingError("An unexpected error occurred."), request_id)

        answer.__name__ = view.__name__
        answer.__doc__ = view.__doc__
        blueprint.route(path, methods=[method], cors=CORS, content_types=["*/*"])(answer)
        return view

    return register

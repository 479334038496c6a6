"""A request: what came in, when, and how long its answer may take.

The methods read one part each and raise an error that names the part. What a value means is decided by the features.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from chalice.app import Request as ChaliceRequest

from chalicelib.deadlines import Clock, Deadline
from chalicelib.errors import InvalidValue, MalformedRequest
from chalicelib.http.edge import SECRET_HEADER, Edge
from chalicelib.metrics import Metrics

MOST_HEADER_CHARACTERS = 2048
HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?", re.ASCII)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Server:
    """The values that each request needs from the server.

    `public_url`: where readers reach this API, if a CDN or a domain of its own is in front of it; otherwise "".
    `start_within_seconds`: how long attempts against the table may start (see `Deadline`). `observed(request_id)`: what
    a request runs in, so that its logs have its id and its counts are reported. `edge`: a CDN that says where a request
    came from, or None.
    """

    clock: Clock
    public_url: str
    start_within_seconds: float
    metrics: Metrics
    observed: Callable[[str], AbstractContextManager[None]]
    edge: Edge | None = None


class Request:
    """One HTTP request. `at`: when it came in, in epoch seconds.

    `answer_headers`: headers that its answer has, whether it is a refusal or not.
    """

    __slots__ = ("_configured_url", "_edge", "_request", "answer_headers", "at", "deadline")

    def __init__(self, request: ChaliceRequest, server: Server) -> None:
        self._request = request
        self._configured_url = server.public_url
        self._edge = server.edge
        self.answer_headers: dict[str, str] = {}
        self.at = server.clock.now()
        self.deadline = Deadline(server.clock.monotonic, server.start_within_seconds)

    @property
    def id(self) -> str:
        """API Gateway's id of this request, for logs and problems."""
        return str(self._request.context.get("requestId", ""))

    @property
    def route(self) -> str:
        """The path of the route as it was declared, such as /v1/sites/{site}."""
        return str(self._request.context["resourcePath"])

    @property
    def body(self) -> bytes:
        """The body's bytes. Raises `MalformedRequest` if its base64 cannot be decoded."""
        try:
            raw = self._request.raw_body
        except ValueError:
            raise MalformedRequest("The encoding of the body cannot be read.", field="body") from None
        return raw.encode() if isinstance(raw, str) else raw

    def path_value(self, name: str) -> str:
        """A path parameter, decoded: REST APIs hand it over as it is written in the URL."""
        return unquote((self._request.uri_params or {})[name])

    def query_names(self) -> list[str]:
        """The names of all query parameters, in the order of the query."""
        return list(self._request.query_params or ())

    def query_value(self, name: str) -> str:
        """The value of a required query parameter. Raises `MalformedRequest` if it is missing or repeated."""
        given = self._request.query_params
        values = given.getlist(name) if given and name in given else []
        if len(values) != 1:
            raise MalformedRequest(f"Give the query parameter {name} exactly once.", field=name)
        return str(values[0])

    def optional_value(self, name: str) -> str | None:
        """The value of a query parameter, or None. Raises `MalformedRequest` if it is repeated."""
        return self.query_value(name) if name in self.query_names() else None

    def optional_choice(self, name: str, allowed: Sequence[str]) -> str | None:
        """The value of a query parameter that has a fixed set of values, or None."""
        value = self.optional_value(name)
        if value is not None and value not in allowed:
            raise InvalidValue(f"{name} must be one of: {', '.join(allowed)}.", field=name)
        return value

    def values_given(self, *names: str) -> dict[str, str]:
        """The named query parameters that the request has."""
        values = {name: self.optional_value(name) for name in names}
        return {name: value for name, value in values.items() if value is not None}

    def header(self, name: str) -> str | None:
        """A header's value, or None. Raises `MalformedRequest` if it is too long."""
        value = self._lines(name)
        if value is not None and len(value) > MOST_HEADER_CHARACTERS:
            raise MalformedRequest(f"The header {name} is too long.", field=name)
        return value

    def _lines(self, name: str) -> str | None:
        """A header of any length, or None. Several lines of one header are one list (RFC 9110, section 5.2)."""
        if self._request.headers.get(name) is None:
            return None
        lines = (self._request.to_original_event().get("multiValueHeaders") or {}).items()
        return ", ".join(one for line, values in lines if line.lower() == name.lower() for one in values)

    def bearer(self) -> str | None:
        """What follows `Authorization: Bearer`, or None."""
        scheme, _, token = (self.header("Authorization") or "").partition(" ")
        return token.strip() or None if scheme.lower() == "bearer" else None

    def basic_user(self) -> str | None:
        """The user name in `Authorization: Basic`, or None (RFC 7617). The password is not looked at."""
        scheme, _, credentials = (self.header("Authorization") or "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            return b64decode(credentials.strip(), validate=True).decode().partition(":")[0] or None
        except ValueError:
            return None

    @property
    def reader_address(self) -> str | None:
        """The address that the request came from: what the edge says, or whoever connected to the gateway.

        None if it is not known. It is not checked, and must not be stored or logged.
        """
        if self._edge is not None and self._edge.knows(self._lines(SECRET_HEADER) or ""):
            return self._lines(self._edge.address_header)
        address = (self._request.context.get("identity") or {}).get("sourceIp")
        return None if address is None else str(address)

    @property
    def public_url(self) -> str:
        """The address of this API for browsers. Paths of routes are appended to it."""
        if self._configured_url:
            return self._configured_url
        context = self._request.context
        host = str(context.get("domainName") or self.header("Host"))
        if not HOST.fullmatch(host):
            raise MalformedRequest("The Host header is not a host.", field="Host")
        segments = self.route.count("/")
        return f"https://{host}" + "/".join(str(context.get("path", "")).split("/")[:-segments])

    @property
    def public_origin(self) -> str:
        """The origin of the pages that this API itself serves."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"

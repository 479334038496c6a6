"""The parts of a request that order votes, name voters and say which page sent it, some with their descriptions."""

from __future__ import annotations

from chalicelib.errors import InvalidToken
from chalicelib.http.descriptions import Security
from chalicelib.http.preconditions import IDEMPOTENCY_KEY, if_match, if_none_match
from chalicelib.http.requests import Request
from chalicelib.publishing.sites import Site

VOTER = Security(("voter",))
ORDERING = (
    if_match("the vote"),
    if_none_match("the vote"),
    IDEMPOTENCY_KEY,
)


def bearer_token(request: Request) -> str:
    """The voter token in `Authorization: Bearer <token>`. Raises `InvalidToken` if the header is missing or wrong."""
    token = request.bearer()
    if token is None:
        raise InvalidToken("Send the voter token as Authorization: Bearer <voter_token>.", field="Authorization")
    return token


def check_origin(request: Request, site: Site) -> None:
    """Refuse pages whose origin the site does not list. Our own embed page may vote: a header says who may frame it.

    The answer then depends on the origin, and says so to caches (https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches).
    """
    if not site.origins:
        return
    request.answer_headers["Vary"] = "Origin"
    origin = request.header("Origin")
    if origin != request.public_origin:
        site.check_origin(origin)
    if origin is not None:
        request.answer_headers["Access-Control-Allow-Origin"] = origin

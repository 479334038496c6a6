"""The parts of a request that order votes and name voters, with their descriptions for OpenAPI."""

from __future__ import annotations

import re

from chalicelib.errors import InvalidToken, MalformedRequest
from chalicelib.http.descriptions import Security, header, text
from chalicelib.http.preconditions import if_match, if_none_match
from chalicelib.http.requests import Request

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)

VOTER = Security(("voter",))
ORDERING = (
    if_match("the vote"),
    if_none_match("the vote"),
    header(
        "Idempotency-Key",
        "A UUID for each wish. A request that is sent again with the same UUID changes nothing.",
        text(format="uuid", examples=["0d9e8c1e-5c0f-4c3e-9d5f-2b6a7c1f0e11"]),
    ),
)


def bearer_token(request: Request) -> str:
    """The voter token in `Authorization: Bearer <token>`. Raises `InvalidToken` if the header is missing or wrong."""
    token = request.bearer()
    if token is None:
        raise InvalidToken("Send the voter token as Authorization: Bearer <voter_token>.", field="Authorization")
    return token


def idempotency_key(request: Request) -> str | None:
    """The UUID in `Idempotency-Key`, in lower case and without quotes. None without that header."""
    raw = request.header("Idempotency-Key")
    if raw is None:
        return None
    key = raw.strip().strip('"')
    if not UUID.fullmatch(key):
        raise MalformedRequest("Idempotency-Key must be a UUID.", field="Idempotency-Key")
    return key.lower()

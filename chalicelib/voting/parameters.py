"""The parts of a request that order votes and name voters, with their descriptions for OpenAPI."""

from __future__ import annotations

from chalicelib.errors import InvalidToken
from chalicelib.http.descriptions import Security
from chalicelib.http.preconditions import IDEMPOTENCY_KEY, if_match, if_none_match
from chalicelib.http.requests import Request

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

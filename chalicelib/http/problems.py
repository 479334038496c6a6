"""Errors as answers (RFC 9457). Nowhere else does an error become an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalice.app import Response

from chalicelib.errors import PreconditionFailed, TooEarly, TooManyNewVoters, TooManyVotes, Unavailable, VotingError
from chalicelib.http.responses import NO_SNIFFING, NO_STORE
from chalicelib.http.wire import ProblemBody

TYPE_PREFIX = "urn:article-votes:problem:"
MEDIA_TYPE = "application/problem+json"


def version_tag(version: int) -> str:
    """The entity tag of something that has a version. Callers send it back in `If-Match`."""
    return f'"{version}"'


def problem(
    error: VotingError,
    request_id: str,
    model: type[ProblemBody] = ProblemBody,
    more: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer to an error. `model` may add members to a problem, and `more` holds their values."""
    members: dict[str, Any] = {
        "type": TYPE_PREFIX + error.code,
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        "request_id": request_id,
    }
    if error.field is not None:
        members["field"] = error.field
    sent: dict[str, str | list[str]] = {"Content-Type": MEDIA_TYPE, "Cache-Control": NO_STORE, **NO_SNIFFING}
    if isinstance(error, TooEarly | TooManyNewVoters | TooManyVotes | Unavailable):
        sent["Retry-After"] = str(error.retry_after_seconds)
    elif error.status == 401:
        sent["WWW-Authenticate"] = "Bearer"
    elif isinstance(error, PreconditionFailed):
        sent["ETag"] = version_tag(error.version)
    body = model.model_construct(**members, **(more or {}))
    return Response(body.model_dump_json(exclude_unset=True), {**sent, **(headers or {})}, error.status)

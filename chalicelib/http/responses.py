"""Answers: JSON bodies, cache rules, entity tags, and every error as a problem (RFC 9457)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from chalice.app import CORSConfig, Response
from pydantic import BaseModel

from chalicelib.errors import PreconditionFailed, Unavailable, VotingError
from chalicelib.voting.wire import ProblemBody, TallyBody, VoteBody

PUBLIC = "public, max-age=5, stale-while-revalidate=60, stale-if-error=86400"
PRIVATE = "private, no-store"
FOR_KEYS = "private, no-cache"  # kept by the one who showed a read key, and asked after each time
NO_STORE = "no-store"
PROBLEM_TYPE_PREFIX = "urn:article-votes:problem:"

# Any page may ask: there are no cookies, and what a voter may do is decided by the token that the page holds.
CORS = CORSConfig(
    allow_origin="*",
    allow_headers=["If-Match", "If-None-Match", "Idempotency-Key"],
    expose_headers=["ETag", "Link", "Retry-After"],
    max_age=7200,
)


def json_answer(body: BaseModel, *, status: int = 200, caching: str, etag: str | None = None) -> Response:
    """A JSON answer that says how long it may be kept."""
    headers: dict[str, str | list[str]] = {"Content-Type": "application/json", "Cache-Control": caching}
    if etag is not None:
        headers["ETag"] = etag
    return Response(body.model_dump_json(), headers, status)


def public_answer(body: BaseModel, if_none_match: str | None) -> Response:
    """The same bytes for everybody, with a tag made of them; 304 when the caller has them already."""
    return tagged_answer(body.model_dump_json(), "application/json", PUBLIC, if_none_match)


def tagged_answer(
    text: str, media_type: str, caching: str, if_none_match: str | None, more: Mapping[str, str] | None = None
) -> Response:
    """Any text that is the same for everybody; `more` are further headers."""
    digest = hashlib.blake2b(text.encode(), digest_size=12).digest()
    tag = f'"{base64.urlsafe_b64encode(digest).decode()}"'
    headers: dict[str, str | list[str]] = {"Cache-Control": caching, "ETag": tag, **(more or {})}
    if if_none_match is not None and _mentions(if_none_match, tag):
        return Response("", headers, 304)
    return Response(text, {"Content-Type": media_type, **headers}, 200)


def _mentions(if_none_match: str, tag: str) -> bool:
    """Weak comparison (RFC 9110, section 8.8.3.2): a cache on the way may have marked our tag as weak."""
    if if_none_match.strip() == "*":
        return True
    return any(one.strip().removeprefix("W/") == tag for one in if_none_match.split(","))


def vote_etag(version: int) -> str:
    """The tag of a reader's own vote, to be sent back as `If-Match`."""
    return f'"{version}"'


def problem(error: VotingError, request_id: str, *, tally: TallyBody | None = None) -> Response:
    """The one place where an error becomes an answer."""
    members: dict[str, Any] = {
        "type": PROBLEM_TYPE_PREFIX + error.code,
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        "request_id": request_id,
    }
    if error.field is not None:
        members["field"] = error.field
    headers: dict[str, str | list[str]] = {"Content-Type": "application/problem+json", "Cache-Control": NO_STORE}
    if isinstance(error, Unavailable):
        headers["Retry-After"] = str(error.retry_after_seconds)
    elif error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    elif isinstance(error, PreconditionFailed):
        headers["ETag"] = vote_etag(error.current.version)
        members |= {"vote": VoteBody.of(error.current), "tally": tally}
    body = ProblemBody.model_construct(**members)
    return Response(body.model_dump_json(exclude_unset=True), headers, error.status)

"""Answers that are not errors: JSON and text, their entity tags and cache rules, and the CORS rule for all of them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

from chalice.app import CORSConfig, Response
from pydantic import BaseModel

from chalicelib.http.requests import Request
from chalicelib.http.wire import JSON

PUBLIC = "public, max-age=5, stale-while-revalidate=60, stale-if-error=86400"
PRIVATE = "private, no-store"
REVALIDATED = "private, no-cache"  # the caller's own cache may keep it, but must ask before each use
NO_STORE = "no-store"
# A browser must not guess another type, for example HTML, from the bytes (https://fetch.spec.whatwg.org/#x-content-type-options-header).
NO_SNIFFING = {"X-Content-Type-Options": "nosniff"}

# Any page may ask. There are no cookies: what a voter may do is decided by the token that the page holds.
CORS = CORSConfig(
    allow_origin="*",
    allow_headers=["If-Match", "If-None-Match", "Idempotency-Key"],
    expose_headers=["ETag", "Link", "Retry-After"],
    max_age=7200,
)


def json_answer(body: BaseModel, *, status: int = 200, caching: str, etag: str | None = None) -> Response:
    """A JSON answer. `caching` is its Cache-Control."""
    headers: dict[str, str | list[str]] = {"Content-Type": JSON, "Cache-Control": caching, **NO_SNIFFING}
    if etag is not None:
        headers["ETag"] = etag
    return Response(body.model_dump_json(), headers, status)


def public_answer(request: Request, body: BaseModel) -> Response:
    """A JSON answer with the same bytes for everybody; 304 if the caller has these bytes already."""
    return tagged_answer(request, body.model_dump_json(), JSON, PUBLIC)


def tagged_answer(
    request: Request, text: str, media_type: str, caching: str, more: Mapping[str, str] | None = None
) -> Response:
    """A text with an entity tag made of its bytes; 304 if the caller has them already. `more`: further headers."""
    digest = hashlib.blake2b(text.encode(), digest_size=12).digest()
    tag = f'"{base64.urlsafe_b64encode(digest).decode()}"'
    headers: dict[str, str | list[str]] = {"Cache-Control": caching, "ETag": tag, **NO_SNIFFING, **(more or {})}
    if_none_match = request.header("If-None-Match")
    if if_none_match is not None and _mentions(if_none_match, tag):
        return Response("", headers, 304)
    return Response(text, {"Content-Type": media_type, **headers}, 200)


def _mentions(if_none_match: str, tag: str) -> bool:
    """Weak comparison (RFC 9110, section 8.8.3.2): a cache on the way may have marked our tag as weak."""
    if if_none_match.strip() == "*":
        return True
    return any(one.strip().removeprefix("W/") == tag for one in if_none_match.split(","))

"""`If-Match`, `If-None-Match` and `Idempotency-Key` as clients send them, with their descriptions for OpenAPI."""

from __future__ import annotations

import re
from typing import Final, Literal

from chalicelib.errors import MalformedRequest
from chalicelib.http.descriptions import Parameter, header, text
from chalicelib.http.requests import MOST_HEADER_CHARACTERS, Request
from chalicelib.preconditions import ANY, Precondition

MOST_TAGS = 8
TAG = r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"'
ENTITY_TAG, ENTITY_TAGS = re.compile(TAG), re.compile(rf"\s*{TAG}(\s*,\s*{TAG})*\s*")
VERSION = re.compile(r"0|[1-9][0-9]{0,14}", re.ASCII)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
NO_VERSION: Final = -1
TAG_LIST = text(r'\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*"){0,7}', maxLength=MOST_HEADER_CHARACTERS, examples=['"3"', "*"])


IDEMPOTENCY_KEY = header(
    "Idempotency-Key",
    "A UUID for each wish. A request that is sent again with the same UUID changes nothing.",
    text(format="uuid", examples=["0d9e8c1e-5c0f-4c3e-9d5f-2b6a7c1f0e11"]),
)


def if_match(what: str) -> Parameter:
    """The description of `If-Match` on a change of `what`, such as "the vote"."""
    return header("If-Match", f"Change {what} only if this is its version, or, with `*`, if it is stored.", TAG_LIST)


def if_none_match(what: str) -> Parameter:
    """The description of `If-None-Match` on a change of `what`."""
    return header(
        "If-None-Match",
        f"Change {what} only if this is not its version, or, with `*`, if none is stored.",
        TAG_LIST,
    )


def idempotency_key(request: Request) -> str | None:
    """The UUID in `Idempotency-Key`, in lower case and without quotes. None without that header."""
    raw = request.header("Idempotency-Key")
    if raw is None:
        return None
    key = raw.strip().strip('"')
    if not UUID.fullmatch(key):
        raise MalformedRequest("Idempotency-Key must be a UUID.", field="Idempotency-Key")
    return key.lower()


def precondition(request: Request) -> Precondition:
    """`If-Match` and `If-None-Match` on a change."""
    return Precondition(match=_versions(request, "If-Match"), none_match=_versions(request, "If-None-Match"))


def _versions(request: Request, name: str) -> frozenset[int] | Literal["*"] | None:
    """The versions in a list of entity tags. A weak tag, or a tag that is not ours, is allowed and matches nothing."""
    raw = request.header(name)
    if raw is None:
        return None
    if raw.strip() == ANY:
        return ANY
    if not ENTITY_TAGS.fullmatch(raw):
        raise MalformedRequest(f'{name} must be * or entity tags such as "3".', field=name)
    tags = ENTITY_TAG.findall(raw)
    if len(tags) > MOST_TAGS:
        raise MalformedRequest(f"{name} may list at most {MOST_TAGS} entity tags.", field=name)
    return frozenset(int(tag) if not weak and VERSION.fullmatch(tag) else NO_VERSION for weak, tag in tags)

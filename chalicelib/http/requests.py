"""Requests: everything that can be wrong with one is found here, before anything is done, and named."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Final, Literal, TypeVar
from urllib.parse import unquote

from chalice.app import Request
from pydantic import BaseModel, ValidationError

from chalicelib.errors import (
    BodyTooLarge,
    InvalidReadKey,
    InvalidToken,
    InvalidValue,
    MalformedRequest,
    UnsupportedMediaType,
)
from chalicelib.voting.votes import ANY, Precondition

Model = TypeVar("Model", bound=BaseModel)

MOST_BODY_BYTES = 2048
MOST_HEADER_CHARACTERS = 2048
MOST_TAGS = 8
JSON_TYPE = re.compile(r"application/json\s*(;.*)?", re.ASCII | re.IGNORECASE)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
ENTITY_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
VERSION = re.compile(r"0|[1-9][0-9]{0,14}", re.ASCII)
NO_VERSION: Final = -1


def path_value(request: Request, name: str) -> str:
    """A path parameter, decoded. REST APIs hand it over as it stood in the URL."""
    return unquote((request.uri_params or {})[name])


def query_value(request: Request, name: str) -> str:
    """The one value of a query parameter; missing or repeated, the request is malformed."""
    values = request.query_params.getlist(name) if request.query_params and name in request.query_params else []
    if len(values) != 1:
        raise MalformedRequest(f"Give the query parameter {name} exactly once.", field=name)
    return str(values[0])


def optional_value(request: Request, name: str) -> str | None:
    """The value of a query parameter, or None; repeated, the request is malformed."""
    return query_value(request, name) if request.query_params and name in request.query_params else None


def values_given(request: Request, *names: str) -> dict[str, str]:
    """Those of these query parameters that were given."""
    values = {name: optional_value(request, name) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def optional_choice(request: Request, name: str, allowed: Sequence[str]) -> str | None:
    """The value of a query parameter out of a closed set, or None."""
    value = optional_value(request, name)
    if value is not None and value not in allowed:
        raise InvalidValue(f"{name} must be one of: {', '.join(allowed)}.", field=name)
    return value


def header(request: Request, name: str) -> str | None:
    """A header's value, or None. Several lines of one header are one list (RFC 9110, section 5.2)."""
    if request.headers.get(name) is None:
        return None
    lines = (request.to_original_event().get("multiValueHeaders") or {}).items()
    value = ", ".join(one for line, values in lines if line.lower() == name.lower() for one in values)
    if len(value) > MOST_HEADER_CHARACTERS:
        raise MalformedRequest(f"The header {name} is too long.", field=name)
    return value


def bearer_token(request: Request) -> str:
    """The voter token of `Authorization: Bearer <token>`."""
    token = _bearer(request)
    if token is None:
        raise InvalidToken("Send the voter token as Authorization: Bearer <voter_token>.", field="Authorization")
    return token


def read_key(request: Request) -> str:
    """The read key of `Authorization: Bearer <key>`."""
    key = _bearer(request)
    if key is None:
        raise InvalidReadKey("Send a read key of this site as Authorization: Bearer <avk_…>.", field="Authorization")
    return key


def _bearer(request: Request) -> str | None:
    scheme, _, token = (header(request, "Authorization") or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def check_body_size(request: Request) -> bytes:
    """The body's bytes, if they are few enough."""
    try:
        raw = request.raw_body
    except ValueError:
        raise MalformedRequest("The body's encoding cannot be read.", field="body") from None
    body = raw.encode() if isinstance(raw, str) else raw
    if len(body) > MOST_BODY_BYTES:
        raise BodyTooLarge(f"The body may have {MOST_BODY_BYTES} bytes at most.", field="body")
    return body


def json_body(request: Request, model: type[Model]) -> Model:
    """The body as `model`. Stricter than `json`: no repeated keys, no NaN, no surprises."""
    body = check_body_size(request)
    if not JSON_TYPE.fullmatch(header(request, "Content-Type") or ""):
        raise UnsupportedMediaType("Send the body as Content-Type: application/json.", field="Content-Type")
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise MalformedRequest("The body is not valid JSON.", field="body") from None
    if not isinstance(value, dict):
        raise InvalidValue("The body must be a JSON object.", field="body")
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "body"
        printable = field.encode("ascii", "backslashreplace").decode()[:64]
        raise InvalidValue(f"{printable}: {first['msg']}.", field=printable) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key is repeated")
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def idempotency_key(request: Request) -> str | None:
    """`Idempotency-Key`, a UUID, in one spelling; None when there is none."""
    raw = header(request, "Idempotency-Key")
    if raw is None:
        return None
    key = raw.strip().strip('"')
    if not UUID.fullmatch(key):
        raise MalformedRequest("Idempotency-Key must be a UUID.", field="Idempotency-Key")
    return key.lower()


def precondition(request: Request) -> Precondition:
    """`If-Match` and `If-None-Match` on a vote."""
    return Precondition(match=_versions(request, "If-Match"), none_match=_versions(request, "If-None-Match"))


def _versions(request: Request, name: str) -> frozenset[int] | Literal["*"] | None:
    """The versions in a list of entity tags. A tag that is weak or not ours is allowed and matches nothing."""
    raw = header(request, name)
    if raw is None:
        return None
    if raw.strip() == ANY:
        return ANY
    tags = [ENTITY_TAG.fullmatch(one.strip()) for one in raw.split(",")]
    if len(tags) > MOST_TAGS:
        raise MalformedRequest(f"{name} may list {MOST_TAGS} entity tags at most.", field=name)
    versions = set()
    for tag in tags:
        if tag is None:
            raise MalformedRequest(f'{name} must be * or entity tags such as "3".', field=name)
        ours = tag[1] is None and VERSION.fullmatch(tag[2])
        versions.add(int(tag[2]) if ours else NO_VERSION)
    return frozenset(versions)

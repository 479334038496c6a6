"""Request bodies: their size, and JSON that is checked more strictly than `json` does."""

from __future__ import annotations

import json
import re
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from chalicelib.errors import BodyTooLarge, InvalidValue, MalformedRequest, UnsupportedMediaType
from chalicelib.http.requests import Request
from chalicelib.http.wire import NDJSON

Model = TypeVar("Model", bound=BaseModel)

MOST_BODY_BYTES = 2048
JSON_TYPE = re.compile(r"application/json\s*(;.*)?", re.ASCII | re.IGNORECASE)
NDJSON_TYPE = re.compile(rf"{re.escape(NDJSON)}\s*(;.*)?", re.ASCII | re.IGNORECASE)
MOST_FIELD_CHARACTERS = 64


def check_body_size(request: Request, most_bytes: int = MOST_BODY_BYTES) -> bytes:
    """The body, if it has at most this many bytes."""
    body = request.body
    if len(body) > most_bytes:
        raise BodyTooLarge(f"The body may have at most {most_bytes} bytes.", field="body")
    return body


def json_body(request: Request, model: type[Model], most_bytes: int = MOST_BODY_BYTES) -> Model:
    """The body as `model`. Repeated keys, NaN and unknown members are refused."""
    body = check_body_size(request, most_bytes)
    if not JSON_TYPE.fullmatch(request.header("Content-Type") or ""):
        raise UnsupportedMediaType("Send the body with Content-Type: application/json.", field="Content-Type")
    return parse_json(body, model)


def ndjson_lines(request: Request, most_lines: int, most_bytes: int) -> list[tuple[int, bytes]]:
    """The lines of a body of NDJSON (https://github.com/ndjson/ndjson-spec) with their numbers, without empty ones."""
    body = check_body_size(request, most_bytes)
    if not NDJSON_TYPE.fullmatch(request.header("Content-Type") or ""):
        raise UnsupportedMediaType(f"Send the lines with Content-Type: {NDJSON}.", field="Content-Type")
    lines = [(number, line) for number, line in enumerate(body.split(b"\n"), 1) if line.strip()]
    if len(lines) > most_lines:
        raise BodyTooLarge(f"The body may have at most {most_lines} lines.", field="body")
    return lines


def parse_json(text: bytes, model: type[Model]) -> Model:
    """A JSON object as `model`. Raises `MalformedRequest` or `InvalidValue`."""
    try:
        value = json.loads(text.decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise MalformedRequest("The body is not valid JSON.", field="body") from None
    if not isinstance(value, dict):
        raise InvalidValue("The body must be a JSON object.", field="body")
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "body"
        printable = field.encode("ascii", "backslashreplace").decode()[:MOST_FIELD_CHARACTERS]
        raise InvalidValue(f"{printable}: {first['msg']}.", field=printable) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key is repeated")
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")

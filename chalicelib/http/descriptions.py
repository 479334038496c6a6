"""How a route describes itself. `http.openapi` turns these descriptions into the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from chalicelib.errors import MalformedRequest, Unavailable, VotingError
from chalicelib.http.requests import MOST_HEADER_CHARACTERS
from chalicelib.http.wire import JSON, ProblemBody

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A part of a request that a route reads. `place`: path, query or header."""

    place: str
    name: str
    description: str
    schema: Schema
    required: bool = False


def path(name: str, description: str, schema: Schema) -> Parameter:
    """A parameter in the path. It is always required."""
    return Parameter("path", name, description, schema, required=True)


def query(name: str, description: str, schema: Schema, *, required: bool = False) -> Parameter:
    """A parameter in the query."""
    return Parameter("query", name, description, schema, required)


def header(name: str, description: str, schema: Schema) -> Parameter:
    """A header that the route reads and does not require."""
    return Parameter("header", name, description, schema)


def text(pattern: str | None = None, **more: Any) -> Schema:
    """The schema of a text. `pattern` must match all of it."""
    return {"type": "string", **({} if pattern is None else {"pattern": f"^({pattern})$"}), **more}


def one_of(values: tuple[str, ...]) -> Schema:
    """The schema of a text that is one of a fixed set."""
    return {"type": "string", "enum": list(values)}


@dataclass(frozen=True, slots=True)
class Content:
    """The body of an answer. A `media_types` entry with a model is JSON of that model; with None it is a text."""

    media_types: Mapping[str, type[BaseModel] | None]


def json_of(model: type[BaseModel], media_type: str = JSON) -> Content:
    """A JSON body."""
    return Content({media_type: model})


def text_of(*media_types: str) -> Content:
    """A text in one of these media types."""
    return Content(dict.fromkeys(media_types))


NO_BODY = Content({})
NOT_MODIFIED: Mapping[int, Content] = {304: NO_BODY}


@dataclass(frozen=True, slots=True)
class Security:
    """The OpenAPI security schemes of a route: any one of them will do. `optional`: none is needed, sometimes."""

    schemes: tuple[str, ...]
    optional: bool = False


ANYBODY = Security(())


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Operation:
    """One method on one path, with everything that it can answer.

    `answers`: bodies by status. `problems`: the kinds of errors, each of which has a status of its own.
    `problem_models`: models of problems with more members, by status. `body_type`: JSON, or NDJSON with a `body` on
    each line. `body_required` False: the request may come without a body.
    """

    method: str
    path: str
    id: str
    summary: str
    tag: str
    answers: Mapping[int, Content]
    problems: tuple[type[VotingError], ...]
    problem_models: Mapping[int, type[ProblemBody]]
    parameters: tuple[Parameter, ...]
    body: type[BaseModel] | None
    body_type: str
    body_required: bool
    security: Security


IF_NONE_MATCH = header(
    "If-None-Match",
    "The `ETag` that the caller has. 304 if nothing has changed.",
    text(maxLength=MOST_HEADER_CHARACTERS),
)
READING_THE_TABLE = (MalformedRequest, Unavailable)

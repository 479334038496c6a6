"""The API's description, made from the pydantic models: OpenAPI 3.1.

One row per operation. Which problems an operation can answer is part of the contract, so it stands here in full;
a test holds this table against the routes of the app.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from chalicelib.domain.articles import ARTICLE_ID, MOST_ARTICLES_PER_REQUEST
from chalicelib.domain.errors import VotingError
from chalicelib.domain.sites import SITE_ID
from chalicelib.web import schemas

VERSION = "1.0.0"
ARTICLE_PATTERN = ARTICLE_ID.pattern
REF = "#/components/schemas/{model}"


@dataclass(frozen=True)
class Header:
    """A request header that an operation looks at."""

    name: str
    description: str
    schema: dict[str, Any]


@dataclass(frozen=True)
class Operation:
    """One method on one path: its answers by status, and the statuses of the problems it can answer."""

    method: str
    path: str
    id: str
    summary: str
    answers: dict[int, type[BaseModel] | None]
    problems: tuple[int, ...]
    private: bool = False
    body: type[BaseModel] | None = None
    headers: tuple[Header, ...] = ()
    articles: bool = False


ENTITY_TAGS = {"type": "string", "pattern": r'^(\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*"){0,7})$', "examples": ['"3"', "*"]}
ORDERED = (
    Header("If-Match", "Only if the vote is at one of these versions, or `*`: stored at all.", ENTITY_TAGS),
    Header("If-None-Match", "Only if the vote is at none of these versions, or `*`: not stored.", ENTITY_TAGS),
    Header(
        "Idempotency-Key",
        "A UUID per wish. A repeat is recognised and answers 200.",
        {"type": "string", "format": "uuid", "examples": ["0d9e8c1e-5c0f-4c3e-9d5f-2b6a7c1f0e11"]},
    ),
)
KNOWN = (Header("If-None-Match", "The `ETag` that the caller has; 304 if nothing changed.", {"type": "string"}),)
VOTE = "/v1/sites/{site}/articles/{article}/vote"
OPERATIONS = (
    Operation(
        "get", "/v1/sites/{site}/articles/{article}/tally", "readTally", "The exact tally of one article",
        {200: schemas.TallyBody, 304: None}, (400, 404, 422, 503), headers=KNOWN,
    ),
    Operation(
        "get", "/v1/sites/{site}/tallies", "readTallies", "The tallies of up to 100 articles, about a second behind",
        {200: schemas.TalliesBody, 304: None}, (400, 404, 422, 503), headers=KNOWN, articles=True,
    ),
    Operation(
        "post", "/v1/sites/{site}/voters", "createVoter", "A new voter token, for a reader's first click",
        {201: schemas.VoterBody}, (400, 403, 404, 413, 422, 503),
    ),
    Operation(
        "put", VOTE, "putVote", "Make the reader's vote the given choice",
        {200: schemas.SetVoteBody, 201: schemas.SetVoteBody}, (400, 401, 403, 404, 409, 412, 413, 415, 422, 503),
        private=True, body=schemas.VoteRequest, headers=ORDERED,
    ),
    Operation(
        "delete", VOTE, "deleteVote", "Retract the reader's vote",
        {200: schemas.SetVoteBody}, (400, 401, 403, 404, 409, 412, 413, 422, 503), private=True, headers=ORDERED,
    ),
    Operation(
        "get", VOTE, "readVote", "The reader's vote on one article",
        {200: schemas.MyVoteBody}, (400, 401, 404, 422, 503), private=True,
    ),
    Operation(
        "get", "/v1/sites/{site}/votes", "readVotes", "The reader's votes on up to 100 articles",
        {200: schemas.VotesBody}, (400, 401, 404, 422, 503), private=True, articles=True,
    ),
    Operation("get", "/v1/health", "readHealth", "Whether the table answers", {200: schemas.HealthBody}, (503,)),
    Operation("get", "/openapi.json", "readOpenapi", "This description", {200: None}, ()),
)  # fmt: skip


@cache
def document() -> str:
    """The whole description as JSON text."""
    models = {answer for one in OPERATIONS for answer in one.answers.values() if answer is not None}
    models |= {schemas.ProblemBody, schemas.VoteRequest}
    _, definitions = models_json_schema(
        [(model, "serialization") for model in sorted(models, key=lambda model: model.__name__)], ref_template=REF
    )
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation)
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Article Votes",
                "version": VERSION,
                "description": "Counts every vote exactly once. Errors are problems (RFC 9457).",
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": "."}],
            "paths": paths,
            "components": {
                "schemas": definitions["$defs"],
                "securitySchemes": {"voter": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            },
        }
    )


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": _parameters(operation),
        "responses": {str(status): _answer(model) for status, model in operation.answers.items()},
    }
    for status in operation.problems:
        described["responses"][str(status)] = _problem(status)
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": {"application/json": _schema(operation.body)}}
    if operation.private:
        described["security"] = [{"voter": []}]
    return described


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    parameters = []
    for name, pattern, example in (("site", SITE_ID.pattern, "demo"), ("article", ARTICLE_PATTERN, "a-1")):
        if f"{{{name}}}" in operation.path:
            schema = {"type": "string", "pattern": f"^{pattern}$"}
            parameters.append({"name": name, "in": "path", "required": True, "schema": schema, "example": example})
    if operation.articles:
        more = MOST_ARTICLES_PER_REQUEST - 1
        schema = {"type": "string", "pattern": f"^{ARTICLE_PATTERN}(,{ARTICLE_PATTERN}){{0,{more}}}$"}
        description = "Article ids, separated by commas."
        parameters.append(
            {"name": "articles", "in": "query", "required": True, "schema": schema, "description": description}
        )
    for header in operation.headers:
        parameters.append({"in": "header", "required": False, **asdict(header)})
    return parameters


def _answer(model: type[BaseModel] | None) -> dict[str, Any]:
    if model is None:
        return {"description": "No body, or this document."}
    return {"description": (model.__doc__ or "").strip(), "content": {"application/json": _schema(model)}}


def _problem(status: int) -> dict[str, Any]:
    kinds = sorted(kind.code for kind in _every_error() if kind.status == status)
    return {
        "description": f"Code {' or '.join(kinds)}.",
        "content": {"application/problem+json": _schema(schemas.ProblemBody)},
    }


def _every_error() -> list[type[VotingError]]:
    return VotingError.__subclasses__()


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return {"schema": {"$ref": REF.format(model=model.__name__)}}

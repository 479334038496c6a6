"""The OpenAPI 3.1 document, assembled from the descriptions of the routes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from inspect import cleandoc
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from chalicelib.errors import VotingError
from chalicelib.http.descriptions import Content, Operation, Security
from chalicelib.http.problems import MEDIA_TYPE as PROBLEM
from chalicelib.http.wire import JSON, ProblemBody

REF = "#/components/schemas/{model}"
SECURITY_SCHEMES = {
    "voter": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A voter token."},
    "key": {"type": "http", "scheme": "bearer", "description": "A key of the site (`avk_…`)."},
    "keyAsUser": {"type": "http", "scheme": "basic", "description": "The same key as the user name."},
}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Api:
    """What the document says about the API as a whole. `tags`: names of groups of operations, with a description."""

    title: str
    version: str
    description: str
    tags: Mapping[str, str]


def document(api: Api, operations: Sequence[Operation]) -> str:
    """The document as JSON text."""
    models = set(_models(operations))
    _, definitions = models_json_schema(
        [(model, "serialization") for model in sorted(models, key=lambda model: model.__name__)], ref_template=REF
    )
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {
                "title": api.title,
                "version": api.version,
                "description": api.description,
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": "."}],
            "tags": [{"name": name, "description": text} for name, text in api.tags.items()],
            "paths": paths,
            "components": {"schemas": definitions["$defs"], "securitySchemes": SECURITY_SCHEMES},
        }
    )


def _models(operations: Iterable[Operation]) -> Iterable[type[BaseModel]]:
    yield ProblemBody
    for operation in operations:
        yield from operation.problem_models.values()
        if operation.body is not None:
            yield operation.body
        for content in operation.answers.values():
            yield from (model for model in content.media_types.values() if model is not None)


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "security": _security(operation.security),
        "parameters": [
            {
                "name": one.name,
                "in": one.place,
                "required": one.required,
                "description": one.description,
                "schema": one.schema,
            }
            for one in operation.parameters
        ],
        "responses": {str(status): _answer(content) for status, content in operation.answers.items()},
    }
    for status in sorted({kind.status for kind in operation.problems}):
        kinds = [kind for kind in operation.problems if kind.status == status]
        described["responses"][str(status)] = _problem(kinds, operation.problem_models.get(status, ProblemBody))
    if operation.body is not None:
        described["requestBody"] = {
            "required": operation.body_required,
            "content": {operation.body_type: _body_schema(operation.body, operation.body_type)},
        }
    return described


def _security(security: Security) -> list[dict[str, list[str]]]:
    needed: list[dict[str, list[str]]] = [{scheme: []} for scheme in security.schemes]
    return [{}, *needed] if security.optional else needed


def _answer(content: Content) -> dict[str, Any]:
    if not content.media_types:
        return {"description": "Nothing has changed. There is no body."}
    models = [model for model in content.media_types.values() if model is not None]
    return {
        "description": cleandoc(models[0].__doc__ or "") if models else "The text.",
        "content": {
            media_type: {"schema": _text_schema(media_type)} if model is None else _schema(model)
            for media_type, model in content.media_types.items()
        },
    }


def _text_schema(media_type: str) -> dict[str, Any]:
    """JSON of no fixed form may be anything."""
    return {} if media_type == JSON else {"type": "string"}


def _problem(kinds: Sequence[type[VotingError]], model: type[ProblemBody]) -> dict[str, Any]:
    codes = " or ".join(sorted(kind.code for kind in kinds))
    return {"description": f"Code {codes}.", "content": {PROBLEM: _schema(model)}}


def _body_schema(model: type[BaseModel], body_type: str) -> dict[str, Any]:
    """OpenAPI has no word for lines of JSON: they are a text, which names their model."""
    if body_type == JSON:
        return _schema(model)
    return {"schema": {"type": "string", "description": f"Each line is a {model.__name__}."}}


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return {"schema": {"$ref": REF.format(model=model.__name__)}}

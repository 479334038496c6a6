"""The OpenAPI document says what the app does: every route, every status, every model."""

from __future__ import annotations

import json
from typing import Any

import pytest

import app as entry
from chalicelib import errors
from chalicelib.about import document_of
from chalicelib.api import OPERATIONS
from chalicelib.http.methods import ANY_METHOD


@pytest.fixture
def openapi() -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(document_of(OPERATIONS))
    return parsed


def test_every_route_is_described_and_nothing_else(openapi: dict[str, Any]) -> None:
    routes = {
        (path, method.lower())
        for path, methods in entry.app.routes.items()
        for method in methods
        if method != ANY_METHOD
    }
    described = {(path, method) for path, methods in openapi["paths"].items() for method in methods}
    assert described == routes


def test_every_reference_leads_somewhere(openapi: dict[str, Any]) -> None:
    def references(value: Any) -> list[str]:
        if isinstance(value, dict):
            found = [value["$ref"]] if "$ref" in value else []
            return found + [ref for inner in value.values() for ref in references(inner)]
        return [ref for inner in value for ref in references(inner)] if isinstance(value, list) else []

    found = references(openapi)
    assert len(found) > 20
    for reference in found:
        assert reference.removeprefix("#/components/schemas/") in openapi["components"]["schemas"]


def test_every_error_is_described_by_an_operation() -> None:
    described = {kind for operation in OPERATIONS for kind in operation.problems}
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.VotingError)]
    assert set(kinds) - {errors.VotingError, errors.MethodNotAllowed} == described


def test_error_codes_are_stable_and_distinct() -> None:
    codes = {kind.code: kind.status for kind in errors.VotingError.__subclasses__()}
    assert codes == {
        "malformed_request": 400,
        "invalid_token": 401,
        "invalid_key": 401,
        "scope_too_low": 403,
        "origin_not_allowed": 403,
        "unknown_site": 404,
        "unknown_article": 404,
        "unknown_feed": 404,
        "unknown_exclusion": 404,
        "unknown_file": 404,
        "unknown_embed": 404,
        "method_not_allowed": 405,
        "last_admin_key": 409,
        "article_moved": 409,
        "too_many_votes": 429,
        "too_many_new_voters": 429,
        "work_needed": 429,
        "solution_refused": 422,
        "alias_refused": 409,
        "exclusion_refused": 409,
        "voting_closed": 409,
        "voting_not_open": 409,
        "precondition_failed": 412,
        "body_too_large": 413,
        "unsupported_media_type": 415,
        "invalid_value": 422,
        "idempotency_key_reused": 422,
        "too_early": 425,
        "unsupported_format": 501,
        "unavailable": 503,
    }


def test_operations_have_names_of_their_own() -> None:
    names = [operation.id for operation in OPERATIONS]
    assert len(set(names)) == len(names)

"""schemathesis reads the API's description and tries, on the deployed stack, what it allows and what it does not."""

from __future__ import annotations

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode

from chalicelib.about import document_of
from chalicelib.api import OPERATIONS
from chalicelib.http.wire import NDJSON
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.sites import Site
from tests.support.fakes import patient
from tests.support.keys import ADMIN, issue
from tests.support.stack import Stack


@schemathesis.serializer(NDJSON)
def as_lines(_: Any, value: Any) -> Any:
    """Lines of JSON are a text to the document."""
    return str(value).encode(errors="replace")


SCHEMA = schemathesis.openapi.from_dict(json.loads(document_of(OPERATIONS)))
EXAMPLES = 10
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]

# The one status over 499 that a client is told about on purpose: what oEmbed asks for when a format is not offered.
NOT_OFFERED = 501
SERVER_ERRORS = schemathesis.checks.CHECKS.get_by_names(["not_a_server_error"])
POSITIVE_DATA = schemathesis.checks.CHECKS.get_by_names(["positive_data_acceptance"])
NEGATIVE_DATA = schemathesis.checks.CHECKS.get_by_names(["negative_data_rejection"])
# Refusals of what the schema allows, for reasons that no schema can say: a choice must be on the site's ballot, an
# order must exist on it, one time must be before the other, a cursor must have been issued, a version must be stored,
# a label must not be blank, 60.0 is no whole number.
BEYOND_A_SCHEMA = {
    ("invalid_value", "choice"), ("invalid_value", "order"), ("invalid_value", "ago"), ("invalid_value", "cursor"),
    ("invalid_value", "since"), ("invalid_value", "until"), ("unknown_file", "file"), ("unknown_embed", "url"),
    ("invalid_value", "section"), ("invalid_value", "author"), ("unknown_article", "article"),
    ("invalid_value", "article"), ("invalid_value", "title"), ("invalid_value", "url"),
    ("invalid_value", "image"), ("invalid_value", "closes_at"),
    ("invalid_value", "opens_at"), ("invalid_value", "published_at"),
    ("invalid_value", "choices"), ("invalid_value", "labels"), ("invalid_value", "icons"),
    ("invalid_value", "time_zone"), ("invalid_value", "feed.url"), ("invalid_value", "feed.pattern"),
    ("unknown_feed", "site"), ("invalid_value", "site"), ("invalid_value", "version"),
    ("invalid_value", "ballot"), ("invalid_value", "label"), ("invalid_value", "icon"), ("invalid_value", "star_prior"),
    ("invalid_value", "solution"), ("solution_refused", "solution"), ("invalid_value", "new_voters"),
    ("invalid_value", "new_voters.free"), ("invalid_value", "new_voters.most"),
    ("invalid_value", "first_hour"), ("invalid_value", "last_hour"), ("invalid_value", "mark"),
    ("unknown_exclusion", "exclusion"), ("exclusion_refused", "article"),
    ("alias_refused", "old"), ("alias_refused", "article"), ("article_moved", "article"),
    ("precondition_failed", "If-Match"), ("precondition_failed", "If-None-Match"),
}  # fmt: skip


OF_PUBLISHERS = "of-publishers"  # a site of its own, because these requests change it


@pytest.fixture(scope="module")
def token(stack: Stack) -> str:
    return stack.new_token()


@pytest.fixture(scope="module")
def key(stack: Stack) -> str:
    stack.table.put_site(Site(OF_PUBLISHERS, make_ballot("updown")), patient())
    issue(stack.table, ADMIN, "admin", OF_PUBLISHERS)
    return ADMIN


def cases(method: str, path: str, mode: GenerationMode) -> st.SearchStrategy[Any]:
    strategy: st.SearchStrategy[Any] = SCHEMA[path][method].as_strategy(generation_mode=mode)
    return strategy


@pytest.mark.parametrize("mode", MODES, ids=["what is allowed", "what is not"])
@pytest.mark.parametrize(
    ("method", "path"), [(one.method, one.path) for one in OPERATIONS], ids=[one.id for one in OPERATIONS]
)
def test_whatever_is_sent_the_answer_is_one_that_the_description_names(
    method: str, path: str, mode: GenerationMode, stack: Stack, token: str, key: str
) -> None:
    of_publishers = any("key" in one for one in SCHEMA[path][method].definition.raw["security"])
    site, shown = (OF_PUBLISHERS, key) if of_publishers else ("demo", token)
    parts = SCHEMA[path][method].definition.raw.get("parameters", [])
    if mode is GenerationMode.NEGATIVE and all(part["schema"] == {"type": "string"} for part in parts):
        return  # nothing can be wrong with a request that has no parts, or that takes any text

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(cases(method, path, mode))
    def try_one(case: Any) -> None:
        if mode is GenerationMode.POSITIVE and "site" in (case.path_parameters or {}):
            case.path_parameters["site"] = site  # for which the token or key is, so that the rest is tried, too
        response = case.call(base_url=stack.api, headers={"Authorization": f"Bearer {shown}"})
        headers = {name.lower(): values[0] for name, values in response.headers.items()}
        assert response.status_code < 500 or response.status_code == NOT_OFFERED, (
            case.as_curl_command(),
            response.text,
        )
        assert headers["access-control-allow-origin"] == "*"
        if response.status_code >= 400:
            assert headers["content-type"] == "application/problem+json"
            assert response.json()["code"]
        if response.status_code == 404 and response.json()["code"] == "unknown_route":
            return  # an id with a slash in it, or none: the gateway's answer
        excluded = SERVER_ERRORS if response.status_code == NOT_OFFERED else []
        if response.status_code >= 400 and mode is GenerationMode.POSITIVE:
            problem = response.json()
            assert (problem["code"], problem.get("field")) in BEYOND_A_SCHEMA, (case.as_curl_command(), problem)
            excluded = excluded + POSITIVE_DATA
        if set(case.query or {}) - {part["name"] for part in parts if part["in"] == "query"}:
            excluded = excluded + NEGATIVE_DATA  # unknown parameters are ignored: campaigns and proxies add some
        case.validate_response(response, excluded_checks=excluded)

    try_one()

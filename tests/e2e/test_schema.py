"""schemathesis reads /openapi.json of the deployed stack and tries what it allows and what it does not."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings

from tests.e2e.conftest import Stack


@pytest.fixture(scope="session")
def api_schema(stack: Stack) -> schemathesis.schemas.BaseSchema:
    schema = schemathesis.openapi.from_url(f"{stack.api}/openapi.json")
    schema.config.update(base_url=stack.api)
    return schema


@pytest.fixture(scope="session")
def token(stack: Stack) -> str:
    return stack.new_token()


schema = schemathesis.pytest.from_fixture("api_schema")


@schema.parametrize()
@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_whatever_is_sent_the_answer_is_described(case: schemathesis.Case, token: str, stack: Stack) -> None:
    case.headers["Authorization"] = f"Bearer {token}"
    response = case.call()
    assert response.status_code < 500, response.text
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    if response.status_code >= 400:
        assert response.headers["Content-Type"] == "application/problem+json"
        assert response.json()["code"]
    else:
        case.validate_response(response)

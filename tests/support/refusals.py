"""Requests that must be refused, and what a refusal looks like: a problem that names the field, with CORS headers."""

from __future__ import annotations

from chalicelib.http import wire
from chalicelib.voting.wire import VoteProblemBody
from tests.support.gateway import Answer, call, event

VOTE = "/v1/sites/demo/articles/a-1/vote"
JSON = "application/json"


def refuses(answer: Answer, status: int | tuple[int, ...], field: str | None) -> None:
    assert answer.status in ((status,) if isinstance(status, int) else status), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "no-store"
    body = (VoteProblemBody if answer.status == 412 else wire.ProblemBody).model_validate_json(answer.text)
    assert (body.status, body.field) == (answer.status, field)
    assert body.code
    assert body.request_id


def put(token: str, body: str | bytes | None, content_type: str | None = JSON, **headers: str) -> Answer:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    sent["Authorization"] = f"Bearer {token}"
    if content_type is not None:
        sent["Content-Type"] = content_type
    return call(event("PUT", VOTE, body, sent))


def anything(method: str, path: str, token: str) -> Answer:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": JSON}
    return call(event(method, path, '{"choice": "up"}' if method == "PUT" else None, headers))

"""API Gateway for tests: turns a request into the event that a REST API hands to the function, and calls it."""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import app as entry

HOST = "votes.example"


@dataclass(frozen=True)
class Answer:
    """What came back. Header names are lower case."""

    status: int
    headers: dict[str, str]
    text: str

    def json(self) -> Any:
        return json.loads(self.text)


def event(
    method: str,
    url: str,
    body: str | bytes | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    path_parameters: Mapping[str, str] | None = None,
    address: str | None = "192.0.2.1",
) -> dict[str, Any]:
    """A proxy event. Bodies of bytes come base64-encoded; path parameters stay as they stand in the URL.

    `address`: who connects to the gateway.
    """
    parts = urlsplit(url)
    resource, parameters = _match(parts.path)
    query = parse_qs(parts.query, keep_blank_values=True)
    encoded = isinstance(body, bytes)
    sent = {"Host": HOST, **(headers or {})}
    return {
        "resource": resource,
        "path": parts.path,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": dict(parameters if path_parameters is None else path_parameters) or None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": resource,
            "path": f"/api{parts.path}",
            "httpMethod": method,
            "requestId": str(uuid.uuid4()),
            "identity": {"sourceIp": address},
        },
        "body": base64.b64encode(body).decode() if isinstance(body, bytes) else body,
        "isBase64Encoded": encoded,
    }


def call(proxy_event: dict[str, Any]) -> Answer:
    """What the Lambda handler answers to an event."""
    answer = entry.app(proxy_event, None)
    body = answer["body"]
    headers = {name.lower(): value for name, value in answer["headers"].items()}
    return Answer(answer["statusCode"], headers, body if isinstance(body, str) else body.decode())


def send(
    method: str, url: str, json_body: Any = None, headers: Mapping[str, str] | None = None, token: str | None = None
) -> Answer:
    """A well-formed request: JSON in, an answer out."""
    return call(event(method, url, *prepared(json_body, headers, token)))


def prepared(json_body: Any, headers: Mapping[str, str] | None, token: str | None) -> tuple[str | None, dict[str, str]]:
    """The body and headers of a well-formed request."""
    sent = dict(headers or {})
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    if json_body is None:
        return None, sent
    return json.dumps(json_body), {"Content-Type": "application/json"} | sent


def _match(path: str) -> tuple[str, dict[str, str]]:
    for resource in entry.app.routes:
        pattern = re.sub(r"{(\w+)}", r"(?P<\1>[^/]*)", resource)
        found = re.fullmatch(pattern, path)
        if found:
            return resource, found.groupdict()
    raise AssertionError(f"no route matches {path}; the gateway answers that by itself")

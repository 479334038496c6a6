"""Bodies that are refused: a clear 4xx that names the field, and nothing is stored."""

from __future__ import annotations

import pytest

from tests.support.gateway import call, event
from tests.support.refusals import JSON, VOTE, put, refuses

pytestmark = pytest.mark.usefixtures("nothing_stored")


DEEP = 100_000
BODIES: list[tuple[str, str | bytes | None, int, str]] = [
    ("no body", None, 400, "body"),
    ("an empty body", "", 400, "body"),
    ("white space", "   \n", 400, "body"),
    ("a word", "up", 400, "body"),
    ("half an object", '{"choice": "up"', 400, "body"),
    ("two objects", '{"choice": "up"}{"choice": "up"}', 400, "body"),
    ("a trailing comma", '{"choice": "up",}', 400, "body"),
    ("single quotes", "{'choice': 'up'}", 400, "body"),
    ("a comment", '{"choice": "up" /* why */}', 400, "body"),
    ("a form", "choice=up", 400, "body"),
    ("XML", "<choice>up</choice>", 400, "body"),
    ("a repeated key", '{"choice": "up", "choice": "down"}', 400, "body"),
    ("a repeated unknown key", '{"choice": "up", "x": 1, "x": 2}', 400, "body"),
    ("NaN", '{"choice": NaN}', 400, "body"),
    ("Infinity", '{"choice": Infinity}', 400, "body"),
    ("minus Infinity", '{"choice": -Infinity}', 400, "body"),
    ("a NUL in the text", '{"choice": "up\x00"}', 400, "body"),
    ("a raw NUL", "\x00", 400, "body"),
    ("invalid UTF-8", b'{"choice": "\xff\xfe"}', 400, "body"),
    ("UTF-16", '{"choice": "up"}'.encode("utf-16"), 400, "body"),
    ("a byte order mark", "\ufeff" + '{"choice": "up"}', 400, "body"),
    ("deep lists that fit", "[" * 1000, 400, "body"),
    ("deep lists, closed", "[" * 1000 + "]" * 1000, 400, "body"),
    ("deep objects that fit", '{"a":' * 400, 400, "body"),
    ("100k-deep lists", "[" * DEEP, 413, "body"),
    ("100k-deep objects", '{"choice":' * DEEP + "1" + "}" * DEEP, 413, "body"),
    ("2,049 bytes", '{"choice": "' + "u" * 2035 + '"}', 413, "body"),
    ("2,049 bytes of white space", '{"choice": "up"}' + " " * 2033, 413, "body"),
    ("many bytes in few characters", '{"choice": "' + "\u2603" * 700 + '"}', 413, "body"),
    ("500 KB", '{"choice": "' + "u" * 500_000 + '"}', 413, "body"),
    ("500 KB of bytes", b"\x00" * 500_000, 413, "body"),
    ("null", "null", 422, "body"),
    ("true", "true", 422, "body"),
    ("a number", "1", 422, "body"),
    ("a huge number", "1" * 2000, 422, "body"),
    ("a text", '"up"', 422, "body"),
    ("a list", '["up"]', 422, "body"),
    ("an empty list", "[]", 422, "body"),
    ("a list of objects", '[{"choice": "up"}]', 422, "body"),
    ("an empty object", "{}", 422, "choice"),
    ("choice null", '{"choice": null}', 422, "choice"),
    ("choice true", '{"choice": true}', 422, "choice"),
    ("choice 1", '{"choice": 1}', 422, "choice"),
    ("choice 1e999", '{"choice": 1e999}', 422, "choice"),
    ("choice a list", '{"choice": ["up"]}', 422, "choice"),
    ("choice an object", '{"choice": {"S": "up"}}', 422, "choice"),
    ("choice empty", '{"choice": ""}', 422, "choice"),
    ("choice a space", '{"choice": " "}', 422, "choice"),
    ("choice with a space", '{"choice": "up "}', 422, "choice"),
    ("choice with a line end", '{"choice": "up\\n"}', 422, "choice"),
    ("choice in capitals", '{"choice": "UP"}', 422, "choice"),
    ("choice not on the ballot", '{"choice": "sideways"}', 422, "choice"),
    ("choice of another ballot", '{"choice": "like"}', 422, "choice"),
    ("choice an attribute name", '{"choice": "n_up"}', 422, "choice"),
    ("choice the version", '{"choice": "version"}', 422, "choice"),
    ("choice too long", '{"choice": "' + "u" * 33 + '"}', 422, "choice"),
    ("choice an escaped NUL", '{"choice": "\\u0000"}', 422, "choice"),
    ("choice a lone surrogate", '{"choice": "\\ud800"}', 422, "choice"),
    ("choice a lone low surrogate", '{"choice": "up\\udc00"}', 422, "choice"),
    ("choice fullwidth", '{"choice": "\uff55\uff50"}', 422, "choice"),
    ("choice with a combining mark", '{"choice": "up\u0301"}', 422, "choice"),
    ("choice right to left", '{"choice": "\u202eup"}', 422, "choice"),
    ("choice an emoji", '{"choice": "\U0001f44d"}', 422, "choice"),
    ("choice an expression", '{"choice": "up + :one"}', 422, "choice"),
    ("choice a script", '{"choice": "<script>alert(1)</script>"}', 422, "choice"),
    ("choice a path", '{"choice": "../../up"}', 422, "choice"),
    ("choice misspelt", '{"chioce": "up"}', 422, "choice"),
    ("a key in capitals", '{"Choice": "up"}', 422, "choice"),
    ("something more", '{"choice": "up", "count": 5}', 422, "count"),
    ("a prototype", '{"choice": "up", "__proto__": {}}', 422, "__proto__"),
    ("an empty key", '{"choice": "up", "": 1}', 422, "body"),
    ("a key that is a lone surrogate", '{"choice": "up", "\\ud800": 1}', 422, "body"),
    ("a voter", '{"choice": "up", "voter_id": "somebody"}', 422, "voter_id"),
]


@pytest.mark.parametrize(("body", "status", "field"), [case[1:] for case in BODIES], ids=[case[0] for case in BODIES])
def test_bodies(token: str, body: str | bytes | None, status: int, field: str) -> None:
    refuses(put(token, body), status, field)


def test_a_body_whose_base64_is_broken(token: str) -> None:
    broken = event("PUT", VOTE, '{"choice": "up"}', {"Authorization": f"Bearer {token}", "Content-Type": JSON})
    broken["isBase64Encoded"] = True
    refuses(call(broken), 400, "body")
    broken["body"] = "snow \u2603"
    refuses(call(broken), 400, "body")


@pytest.mark.parametrize(
    "content_type",
    [
        None, "", "text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
        "application/xml", "application/jsonp", "application/json-patch+json", "application/vnd.api+json", "*/*",
        "application/ json", "application/json, text/plain", "json", "application/json\x00", "\u2603", "a" * 1000,
    ],
)  # fmt: skip
def test_content_types(token: str, content_type: str | None) -> None:
    refuses(put(token, '{"choice": "up"}', content_type), 415, "Content-Type")


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/sites/demo/voters"), ("DELETE", VOTE)])
def test_bodies_where_none_is_needed_may_not_be_large(token: str, method: str, path: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    refuses(call(event(method, path, "x" * 2049, headers)), 413, "body")

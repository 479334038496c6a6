"""What every route shares: methods, limits, headers, and the order in which a request is checked."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

import app as entry
from chalicelib.api import OPERATIONS
from chalicelib.http.methods import ANY_METHOD
from tests.support.fakes import MemoryStore, patient
from tests.support.gateway import Answer, call, event, send

VOTE, TALLY = "/v1/sites/demo/articles/a/vote", "/v1/sites/demo/articles/a/tally"
PATHS = {
    "site": "demo",
    "article": "a",
    "file": "article-vote.js",
    "key": "0" * 12,
    "old": "b",
    "exclusion": "kq3x7abc",
}

pytestmark = pytest.mark.usefixtures("services")


def put(token: str, body: str = '{"choice": "up"}', **headers: str) -> Answer:
    sent = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return call(event("PUT", VOTE, body, sent))


class TestMethods:
    @pytest.mark.parametrize("path", sorted({operation.path for operation in OPERATIONS}))
    def test_a_method_that_a_path_does_not_have_is_405_and_the_others_are_named(self, path: str) -> None:
        known = [operation.method for operation in OPERATIONS if operation.path == path]
        for method in {"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "PROPFIND"} - set(known):
            answer = send(method, path.format(**PATHS))
            assert answer.status == 405, (method, answer.text)
            assert answer.headers["allow"] == ", ".join([*known, "OPTIONS"])
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["access-control-allow-origin"] == "*"
            assert (answer.json()["code"], answer.json()["field"]) == ("method_not_allowed", "method")

    def test_each_path_has_an_entry_for_other_methods_in_the_template(self) -> None:
        assert all(ANY_METHOD in methods for methods in entry.app.routes.values())


def test_no_answer_lets_a_browser_guess_its_type(token: str) -> None:
    answers = [send("GET", operation.path.format(**PATHS)) for operation in OPERATIONS if operation.method == "GET"]
    answers += [put(token), put(token, "{"), send("PUT", TALLY), send("DELETE", VOTE, token=token)]
    tag = send("GET", TALLY).headers["etag"]
    answers.append(send("GET", TALLY, headers={"If-None-Match": tag}))
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff", answer.text[:200]


class TestOrder:
    @pytest.mark.parametrize(
        ("headers", "body"),
        [({"If-Match": "three"}, None), ({"Idempotency-Key": "no"}, None), ({}, "{"), ({"Content-Type": "x/y"}, None)],
    )
    def test_the_token_is_judged_before_anything_else_in_the_request(
        self, headers: dict[str, str], body: str | None
    ) -> None:
        sent = {"Content-Type": "application/json", **headers}
        for token in (None, "x"):
            answer = send("PUT", VOTE, body or '{"choice": "up"}', sent, token)
            assert (answer.status, answer.json()["field"]) == (401, "Authorization")

    def test_a_refused_request_stores_nothing(self, token: str, store: MemoryStore) -> None:
        assert put(token, If_Match="three").status == 400
        assert list(store.articles_with_votes(None, patient)) == []


class TestTags:
    @pytest.mark.parametrize("number", [1, 8])
    def test_up_to_eight_tags_are_read(self, token: str, number: int) -> None:
        assert put(token, If_None_Match=", ".join(['"7"'] * number)).status == 201

    def test_nine_tags_are_refused(self, token: str) -> None:
        answer = put(token, If_None_Match=", ".join(['"7"'] * 9))
        assert (answer.status, answer.json()["field"]) == (400, "If-None-Match")

    @pytest.mark.parametrize("tags", ['"a,b"', '"a, b" , "c"'.replace(" b", "b"), ' "7" ', '"7","8"', 'W/"1", "2"'])
    def test_a_comma_inside_a_tag_and_spaces_around_tags_are_fine(self, token: str, tags: str) -> None:
        assert put(token, If_None_Match=tags).status == 201

    def test_a_weak_tag_matches_nothing(self, token: str) -> None:
        assert put(token).json()["vote"]["version"] == 1
        assert put(token, If_Match='W/"1"').status == 412
        assert put(token, If_Match='"1"').status == 200

    def test_spaces_in_if_none_match_do_not_matter(self) -> None:
        tag = send("GET", TALLY).headers["etag"]
        for header in (f" {tag} ", f'"x" ,  {tag}', f"W/{tag}", " * "):
            assert send("GET", TALLY, headers={"If-None-Match": header}).status == 304
        assert send("GET", TALLY, headers={"If-None-Match": '"x"'}).status == 200


class TestLimits:
    @pytest.mark.parametrize(("size", "status"), [(2048, 201), (2049, 413)])
    def test_a_body_may_have_2048_bytes(self, token: str, size: int, status: int) -> None:
        body = json.dumps({"choice": "up"})
        assert put(token, body + " " * (size - len(body))).status == status

    @pytest.mark.parametrize(("size", "status"), [(2048, 200), (2049, 400)])
    def test_a_header_may_have_2048_characters(self, size: int, status: int) -> None:
        assert send("GET", TALLY, headers={"If-None-Match": '"' + "x" * (size - 2) + '"'}).status == status

    @pytest.mark.parametrize(
        "content_type",
        [
            "application/json; charset=utf-8",
            "APPLICATION/JSON",
            "application/json ;x",
            "Application/Json;charset=UTF-8",
        ],
    )
    def test_json_may_name_its_charset_in_any_case(self, token: str, content_type: str) -> None:
        assert put(token, Content_Type=content_type).status == 201

    @pytest.mark.parametrize("content_type", ["application/jsonp", "text/json", "application/json, text/html", ""])
    def test_other_types_are_refused(self, token: str, content_type: str) -> None:
        assert put(token, Content_Type=content_type).status == 415

    def test_an_unknown_member_with_a_strange_name_is_named_in_ascii(self, token: str) -> None:
        answer = put(token, json.dumps({"choice": "up", "wähl\u202e": 1}, ensure_ascii=False))
        assert answer.status == 422
        assert answer.json()["field"] == "w\\xe4hl\\u202e"

    @pytest.mark.parametrize("spelling", ["Bearer  {}", "bearer {}", "BEARER {} "])
    def test_the_scheme_of_a_token_may_be_in_any_case(self, token: str, spelling: str) -> None:
        headers = {"Authorization": spelling.format(token)}
        assert send("GET", VOTE, headers=headers).status == 200


def test_pages_may_read_these_headers_and_keep_a_preflight_for_two_hours(new_token: Callable[[], str]) -> None:
    from chalicelib.http.responses import CORS

    headers = CORS.get_access_control_headers()
    assert headers["Access-Control-Expose-Headers"] == "ETag,Link,Retry-After"
    assert headers["Access-Control-Max-Age"] == "7200"

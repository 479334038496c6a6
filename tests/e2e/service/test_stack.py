"""The template that would go to AWS, deployed: gateway, functions, table, stream and secrets together."""

from __future__ import annotations

import json
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.registering import register
from chalicelib.voting import wire as schemas
from tests.support.fakes import START, patient
from tests.support.http import fetch, until
from tests.support.keys import WRITE, issue
from tests.support.stack import Stack


@pytest.fixture
def article() -> str:
    """An article that no other test votes on."""
    return f"a-{uuid.uuid4().hex[:8]}"


def test_a_vote_travels_from_click_to_table_and_back(stack: Stack, article: str) -> None:
    base = f"{stack.api}/v1/sites/demo/articles/{article}"
    assert fetch("GET", f"{base}/tally").json()["voters"] == 0
    token = stack.new_token()
    cast = fetch("PUT", f"{base}/vote", {"choice": "up"}, {"If-None-Match": "*"}, token)
    assert (cast.status, cast.headers["etag"]) == (201, '"1"')
    schemas.SetVoteBody.model_validate_json(cast.text)
    changed = fetch("PUT", f"{base}/vote", {"choice": "down"}, {"If-Match": '"1"'}, token)
    assert (changed.status, changed.json()["tally"]["counts"]) == (200, {"up": 0, "down": 1})
    assert fetch("GET", f"{base}/vote", token=token).json()["vote"]["choice"] == "down"
    stale = fetch("PUT", f"{base}/vote", {"choice": "up"}, {"If-Match": '"1"'}, token)
    assert (stale.status, stale.headers["content-type"]) == (412, "application/problem+json")
    retracted = fetch("DELETE", f"{base}/vote", token=token)
    assert (retracted.status, retracted.json()["tally"]["voters"]) == (200, 0)


def test_the_public_tally_is_cacheable_and_revalidates(stack: Stack, article: str) -> None:
    url = f"{stack.api}/v1/sites/demo/articles/{article}/tally"
    first = fetch("GET", url)
    assert first.headers["cache-control"].startswith("public, max-age=5")
    again = fetch("GET", url, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status, again.text) == (304, "")


def test_votes_of_one_reader_in_parallel_count_once(stack: Stack, article: str) -> None:
    url = f"{stack.api}/v1/sites/demo/articles/{article}/vote"
    token, key = stack.new_token(), str(uuid.uuid4())
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda _: fetch("PUT", url, {"choice": "up"}, {"Idempotency-Key": key}, token), range(24))
        )
    assert {answer.status for answer in answers} <= {200, 201}
    assert fetch("GET", url, token=token).json()["tally"]["counts"] == {"up": 1, "down": 0}


def test_the_stream_projects_the_tally_into_the_list(stack: Stack, article: str) -> None:
    base = f"{stack.api}/v1/sites/demo"
    for choice in ("up", "up", "down"):
        fetch("PUT", f"{base}/articles/{article}/vote", {"choice": choice}, token=stack.new_token())
    exact = fetch("GET", f"{base}/articles/{article}/tally").json()
    assert exact["counts"] == {"up": 2, "down": 1}
    listed = until(
        "the projection",
        lambda: fetch("GET", f"{base}/tallies?articles=none,{article}").json()["tallies"],
        lambda tallies: tallies[1]["version"] == exact["version"],
    )
    assert listed[1] == exact
    assert listed[0]["voters"] == 0


def test_a_preflight_allows_what_the_api_needs(stack: Stack) -> None:
    asked = {
        "Origin": "https://news.example",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key,if-match",
    }
    answer = fetch("OPTIONS", f"{stack.api}/v1/sites/demo/articles/a/vote", headers=asked)
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert {"PUT", "DELETE", "GET"} <= set(answer.headers["access-control-allow-methods"].split(","))
    allowed = {name.lower() for name in answer.headers["access-control-allow-headers"].split(",")}
    assert {"authorization", "content-type", "idempotency-key", "if-match", "if-none-match"} <= allowed


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nothing"),
        ("PATCH", "/v1/health"),
        ("PUT", "/v1/sites/demo/articles/a%2Fb/vote"),
        ("GET", "/v1/sites//tallies"),
    ],
)
def test_what_the_gateway_refuses_by_itself_is_a_problem_with_cors_too(stack: Stack, method: str, path: str) -> None:
    answer = fetch(method, stack.api + path)
    assert 400 <= answer.status < 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["code"]


def test_every_answer_of_a_function_has_cors_headers_errors_included(stack: Stack) -> None:
    answer = fetch("PUT", f"{stack.api}/v1/sites/demo/articles/a/vote", {"choice": "up"})
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (401, "*")
    assert "ETag" in answer.headers["access-control-expose-headers"]


def test_registered_articles_are_known_open_and_closed(stack: Stack, article: str) -> None:
    url = f"{stack.api}/v1/sites/strict/articles/{article}"
    origin = {"Origin": "https://news.example"}
    token = fetch("POST", f"{stack.api}/v1/sites/strict/voters", headers=origin).json()["voter_token"]
    assert fetch("PUT", f"{url}/vote", {"choice": "like"}, origin, token).json()["code"] == "unknown_article"
    assert fetch("GET", f"{url}/tally").status == 404
    ref = ArticleRef("strict", article)
    register(stack.table, Article(ref, "Title", "https://news.example/a"), START, patient())
    assert fetch("PUT", f"{url}/vote", {"choice": "like"}, origin, token).status == 201
    register(stack.table, Article(ref, "Title", "https://news.example/a", closes_at=START), START, patient())
    assert fetch("DELETE", f"{url}/vote", None, origin, token).json()["code"] == "voting_closed"
    assert fetch("GET", f"{url}/tally").json()["state"] == "closed"
    foreign = fetch("DELETE", f"{url}/vote", None, {"Origin": "https://evil.example"}, token)
    assert foreign.json()["code"] == "origin_not_allowed"


def test_the_secrets_have_values_that_stand_in_no_configuration(stack: Stack) -> None:
    manager = stack.local.emulator.client("secretsmanager")
    values = [
        manager.get_secret_value(SecretId=secret["ARN"])["SecretString"]
        for secret in manager.list_secrets()["SecretList"]
    ]
    assert len(values) == 2
    assert all(len(value) >= 40 for value in values)
    functions = stack.local.emulator.client("lambda").list_functions()["Functions"]
    configuration = json.dumps([function["Environment"] for function in functions])
    assert not any(value in configuration for value in values)


def test_openapi_and_health_answer(stack: Stack) -> None:
    assert fetch("GET", f"{stack.api}/v1/health").json() == {"status": "ok"}
    assert fetch("GET", f"{stack.api}/openapi.json").json()["openapi"].startswith("3.1")


def test_a_thousand_lines_are_registered_in_one_request_or_said_to_be_sent_again(stack: Stack) -> None:
    issue(stack.table, WRITE, "write", "demo")
    lines = [
        json.dumps({"article": f"bulk-{number}", "title": f"Title {number}", "url": f"https://news.example/{number}"})
        for number in range(1000)
    ]
    headers = {"Authorization": f"Bearer {WRITE}", "Content-Type": "application/x-ndjson"}

    def send() -> list[int]:
        request = urllib.request.Request(
            f"{stack.api}/v1/sites/demo/articles", "\n".join(lines).encode(), headers, method="POST"
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return [one["status"] for one in json.loads(answer.read())["results"]]

    done = until("every line", send, lambda statuses: set(statuses) == {200})
    assert len(done) == 1000
    refs = [ArticleRef("demo", f"bulk-{number}") for number in range(1000)]
    assert {one.version for one in stack.table.articles(refs, patient())} == {1}

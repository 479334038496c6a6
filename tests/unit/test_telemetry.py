"""What functions report: embedded metrics and JSON logs, with request ids and without personal data."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest

from chalicelib import bootstrap
from chalicelib.dynamodb.attempts import Attempts
from chalicelib.metrics import Metrics
from chalicelib.services import Services
from chalicelib.telemetry import LOGGER, NAMESPACE, Telemetry
from tests.support.fakes import patient
from tests.support.gateway import call, event, send

VOTE = "/v1/sites/demo/articles/a-1/vote"


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What is logged, in place of the log of the tests."""
    logger, text = logging.getLogger(LOGGER), StringIO()
    before, logger.handlers = logger.handlers, [logging.StreamHandler(text)]
    yield text
    logger.handlers = before


@pytest.fixture
def reporting(services: Services, log: StringIO) -> Services:
    """The handlers report what they count, as on Lambda."""
    made = replace(services, observed=Telemetry("stack-1", services.metrics).request)
    bootstrap.install(made)
    return made


def reported(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """What was reported since the last call, without times and declarations."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for line in lines:
        declared = line.pop("_aws")["CloudWatchMetrics"][0]
        assert declared["Namespace"] == NAMESPACE
        assert line.pop("service") == "stack-1"
        assert declared["Dimensions"] == [["service", "code"] if "code" in line else ["service"]]
    return lines


class TestMetrics:
    def test_of_votes_say_how_each_ended(
        self, reporting: Services, token: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for choice, counted in (("up", "votes"), ("up", "repeats"), ("down", "changes")):
            assert send("PUT", VOTE, {"choice": choice}, token=token).status in (200, 201)
            assert reported(capsys) == [{counted: [1.0]}]
        assert send("DELETE", VOTE, token=token).status == 200
        assert reported(capsys) == [{"changes": [1.0]}]

    def test_of_refusals_name_the_code(
        self, reporting: Services, token: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert send("PUT", VOTE, {"choice": "sideways"}, token=token).status == 422
        assert reported(capsys) == [{"code": "invalid_value", "refusals": [1.0]}]
        assert send("PUT", VOTE, {"choice": "up"}, {"If-Match": '"7"'}, token).status == 412
        assert reported(capsys) == [{"code": "precondition_failed", "refusals": [1.0]}]

    @pytest.mark.usefixtures("reporting")
    def test_of_public_reads_wait_for_something_worth_a_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        for _ in range(3):
            send("GET", "/v1/sites/demo/articles/a-1/tally")
        assert reported(capsys) == []

    def test_of_calls_to_the_table_say_how_they_went(self) -> None:
        metrics, answers = Metrics(), iter([TimeoutError(), "answer"])

        def answer() -> Any:
            found = next(answers)
            if isinstance(found, Exception):
                raise found
            return found

        assert Attempts(lambda _: None, metrics=metrics).until_answered(answer, patient()) == "answer"
        report = metrics.take()
        assert report is not None
        assert report.counts == {"attempts": 2, "unknown_outcomes": 1}
        assert metrics.take() is None


class TestLogs:
    def test_are_json_with_the_id_of_the_request(
        self, reporting: Services, log: StringIO, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object) -> None:
            raise ZeroDivisionError("why")

        monkeypatch.setattr(type(reporting.sites), "site", broken)
        answer = send("GET", "/v1/sites/demo/articles/a-1/tally")
        line = json.loads(log.getvalue())
        assert (line["level"], line["message"]) == ("ERROR", "unexpected error")
        assert line["request_id"] == answer.json()["request_id"]
        assert "ZeroDivisionError: why" in line["exception"]

    def test_have_no_token_no_address_and_no_browser(
        self, reporting: Services, token: str, log: StringIO, capsys: pytest.CaptureFixture[str]
    ) -> None:
        sent = {"User-Agent": "canary-browser", "X-Forwarded-For": "203.0.113.77", "Authorization": f"Bearer {token}"}
        for body in ('{"choice": "up"}', '{"choice": "sideways"}', "{"):
            proxied = event("PUT", VOTE, body, {"Content-Type": "application/json", **sent})
            proxied["requestContext"]["identity"] = {"sourceIp": "203.0.113.77", "userAgent": "canary-browser"}
            call(proxied)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(reporting.sites), "site", lambda *_: 1 / 0)
            call(event("GET", "/v1/sites/demo/articles/a-1/vote", None, sent))
        said = capsys.readouterr().out + log.getvalue()
        assert "unexpected error" in said
        for canary in (token, "203.0.113.77", "canary-browser"):
            assert canary not in said

"""What an operator sees of the deployed stack: the scheduled recount, its reports, the roles, the stage."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest

from chalicelib.publishing.articles import ArticleRef
from chalicelib.voting.applying import apply
from chalicelib.voting.votes import Wish
from tests.support.fakes import START, patient
from tests.support.http import fetch, until
from tests.support.stack import Stack
from tests.support.tags import fresh

SCHEDULED = {
    "version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.events", "account": "000000000000",
    "time": "2026-01-01T00:00:00Z", "region": "us-east-1", "resources": [], "detail": {},
}  # fmt: skip


def functions(stack: Stack) -> dict[str, dict[str, Any]]:
    """The configuration of each function, by what FUNCTION says."""
    found = stack.local.emulator.client("lambda").list_functions()["Functions"]
    return {one["Environment"]["Variables"]["FUNCTION"]: one for one in found}


def invoke(stack: Stack, function: str, event: Any) -> list[dict[str, Any]]:
    """Call a function. Returns its log lines that are JSON."""
    client = stack.local.emulator.client("lambda")
    answer = client.invoke(
        FunctionName=functions(stack)[function]["FunctionName"], Payload=json.dumps(event).encode(), LogType="Tail"
    )
    assert "FunctionError" not in answer, answer["Payload"].read()
    lines = base64.b64decode(answer["LogResult"]).decode().splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def test_the_scheduled_recount_runs_on_the_package_and_reports(stack: Stack) -> None:
    ref = ArticleRef("demo", fresh("recounted"))
    apply(stack.table, Wish(ref, "v", "up", None, START), patient(), registered_only=False)
    # A late line of the call before it may come first: the emulator starts recounts on the hour, too.
    *_, report = [line for line in invoke(stack, "recount", SCHEDULED) if "_aws" in line]
    assert report["service"] == "article-votes"
    assert report["finished_recounts"] == [1.0]
    assert "drifted_shards" not in report


def test_the_recount_is_scheduled_on_the_hour_and_feeds_every_five_minutes(stack: Stack) -> None:
    rules = stack.local.emulator.client("events").list_rules()["Rules"]
    assert {one["ScheduleExpression"] for one in rules} == {"cron(0 * * * ? *)", "cron(0/5 * * * ? *)"}


def test_a_vote_is_reported_once(stack: Stack) -> None:
    token, url = stack.new_token(), f"{stack.api}/v1/sites/demo/articles/{fresh('reported')}/vote"
    logs = stack.local.emulator.client("logs")
    group = functions(stack)["api"]["LoggingConfig"]["LogGroup"]
    sent_at_ms = int(time.time() * 1000)  # one answer has 10,000 lines at most, the oldest first
    assert fetch("PUT", url, {"choice": "up"}, token=token).status == 201

    def logged() -> str:
        events = logs.filter_log_events(logGroupName=group, startTime=sent_at_ms)["events"]
        return "\n".join(one["message"] for one in events)

    # A line that is late is in the log of the function's next call.
    text = until("the report", logged, lambda text: '"votes":[1.0]' in text, pause=stack.new_token)
    assert token not in text


@pytest.mark.parametrize(
    ("function", "action", "decision"),
    [
        ("api", "dynamodb:PutItem", "allowed"),
        ("api", "dynamodb:Scan", "implicitDeny"),
        ("api", "dynamodb:BatchWriteItem", "implicitDeny"),
        ("projection", "dynamodb:DeleteItem", "implicitDeny"),
        ("projection", "dynamodb:PutItem", "allowed"),
        ("projection", "dynamodb:UpdateItem", "implicitDeny"),
        ("recount", "dynamodb:Scan", "allowed"),
        ("recount", "dynamodb:Query", "allowed"),
        ("recount", "dynamodb:PutItem", "implicitDeny"),
        ("recount", "dynamodb:UpdateItem", "implicitDeny"),
        ("feeds", "dynamodb:PutItem", "allowed"),
        ("feeds", "dynamodb:Scan", "implicitDeny"),
        ("feeds", "dynamodb:DeleteItem", "implicitDeny"),
    ],
)
def test_the_deployed_role_allows_what_the_policy_says(function: str, action: str, decision: str, stack: Stack) -> None:
    """The emulator evaluates actions and resources. It ignores leading keys: `test_deployment` evaluates those."""
    table = stack.local.emulator.client("dynamodb").describe_table(TableName=stack.deployment.table)["Table"]
    found = stack.local.emulator.client("iam").simulate_principal_policy(
        PolicySourceArn=functions(stack)[function]["Role"], ActionNames=[action], ResourceArns=[table["TableArn"]]
    )
    assert [one["EvalDecision"] for one in found["EvaluationResults"]] == [decision]


@pytest.mark.parametrize("function", ["projection", "recount", "feeds"])
def test_only_the_api_reads_secrets(function: str, stack: Stack) -> None:
    secrets = stack.local.emulator.client("secretsmanager")
    arn = secrets.describe_secret(SecretId=stack.deployment.pepper_secret)["ARN"]
    found = stack.local.emulator.client("iam").simulate_principal_policy(
        PolicySourceArn=functions(stack)[function]["Role"],
        ActionNames=["secretsmanager:GetSecretValue"],
        ResourceArns=[arn],
    )
    assert [one["EvalDecision"] for one in found["EvaluationResults"]] == ["implicitDeny"]


def test_there_is_one_stage_with_a_lower_limit_for_new_voters(stack: Stack) -> None:
    gateway = stack.local.emulator.client("apigateway")
    (api,) = gateway.get_rest_apis()["items"]
    assert api["name"] == "article-votes"
    (stage,) = gateway.get_stages(restApiId=api["id"])["item"]
    assert stage["stageName"] == "api"
    limits = {path: one["throttlingRateLimit"] for path, one in stage["methodSettings"].items()}
    voters = "/~1v1~1sites~1{site}~1voters"
    assert limits == {"*/*": 1000.0, f"{voters}/POST": 100.0, f"{voters}~1renew/POST": 100.0}


def test_alarms_and_the_dashboard_are_deployed(stack: Stack) -> None:
    watch = stack.local.emulator.client("cloudwatch")
    alarms = [one["AlarmName"] for one in watch.describe_alarms()["MetricAlarms"]]
    assert len(alarms) >= 9
    assert all(name.startswith("article-votes-") for name in alarms)
    body = json.loads(watch.get_dashboard(DashboardName="article-votes")["DashboardBody"])
    assert len(body["widgets"]) == 9
    assert "${" not in json.dumps(body)

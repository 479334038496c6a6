"""What is deployed: the merge template, the policies, the configuration. Read as an operator would."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

import app as entry
from bench import traces
from chalicelib.metrics import Count, Length
from chalicelib.publishing.articles import Terms
from chalicelib.settings import CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS, START_WITHIN_SECONDS
from chalicelib.voting.items import tally_attributes
from chalicelib.voting.tallies import Tally
from chalicelib.voting.terms import copying
from tests.support.policies import METHODS, POLICIES, actions, allows, statements

ROOT = Path(__file__).resolve().parent.parent.parent
ACTIONS_OF_CALLS = {
    "update_item": {"dynamodb:UpdateItem"},
    "batch_get_item": {"dynamodb:BatchGetItem"},
    "get_item": {"dynamodb:GetItem"},
    "query": {"dynamodb:Query"},
    "scan": {"dynamodb:Scan"},
    "put_item": {"dynamodb:PutItem"},
    "delete_item": {"dynamodb:DeleteItem"},
    "transact_write_items": {f"dynamodb:{action}Item" for action in ("ConditionCheck", "Delete", "Put", "Update")},
    "get_secret_value": {"secretsmanager:GetSecretValue"},
}


def whole_template() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "infra" / "template.yaml").read_text())
    return loaded


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return whole_template()["Resources"]  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "infra" / "data.yaml").read_text())
    return loaded["Resources"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("policy", POLICIES, ids=lambda path: path.name)
def test_no_policy_has_a_star_in_an_action_or_a_resource(policy: Path) -> None:
    for one in statements(policy):
        assert "*" not in json.dumps(one["Action"])
        assert "*" not in json.dumps(one["Resource"]) or one["Sid"] == "Trace", "X-Ray knows no resources"
        assert one["Effect"] == "Allow"


def test_only_keys_listings_and_salts_may_be_deleted_and_only_the_recount_may_scan() -> None:
    for name in METHODS:
        deletable = {kind for kind, key in ITEMS.items() if allows(name, "DeleteItem", key)}
        assert deletable == (DELETABLE.get(name, set()))
        assert not actions(name) & {"dynamodb:BatchWriteItem", "dynamodb:PartiQLSelect"}
        assert ("dynamodb:Scan" in actions(name)) == (name == "recount")


DELETABLE = {
    "api": {"site or key", "listed site", "feed", "listed merge", "listed exclusion"},
    "merges": {"listed merge", "listed exclusion"},
    "recount": {"salt"},
}
ITEMS = {
    "vote": "BALLOTS#demo#a-1#07", "article or tally": "ARTICLE#demo#a-1", "page of shards": "ARTICLE#demo#a-1#2",
    "site or key": "SITE#demo", "listed site": "SITES", "feed": "FEEDS", "listed merge": "MERGES",
    "exclusion": "EXCLUSIONS#demo", "listed exclusion": "EXCLUSIONS",
    "activity": "ACTIVE#demo#UTC", "ranked list": "LISTS#demo#UTC",
    "site total": "TOTALS#demo#UTC", "fingerprint of the pepper": "SERVICE", "salt": "SALTS",
    "new voters of a network": "NETWORK#abc", "used solution": "SOLUTION#abc", "of tomorrow": "SECRETS#demo",
}  # fmt: skip
ARTICLE = {"article or tally", "page of shards"}
WRITES, READS = ("PutItem", "UpdateItem", "DeleteItem"), ("GetItem", "BatchGetItem", "Query", "Scan")


@pytest.mark.parametrize(
    ("function", "does", "items"),
    [
        (
            "api", WRITES,
            {
                *ARTICLE, "vote", "fingerprint of the pepper", "site or key", "listed site", "feed", "listed merge",
                "site total", "salt", "new voters of a network", "used solution", "exclusion", "listed exclusion",
            },
        ),
        ("api", READS, set(ITEMS) - {"of tomorrow", "listed merge", "listed exclusion"}),
        ("projection", WRITES, {*ARTICLE, "activity", "ranked list", "site total"}),
        ("projection", READS, {*ARTICLE, "site or key", "activity", "ranked list", "site total"}),
        ("recount", WRITES, {"salt"}),
        ("recount", ("Query",), {*ARTICLE, "vote", "salt"}),
        *(
            ("merges", does, {*ARTICLE, "vote", "listed merge", "fingerprint of the pepper", "exclusion",
                              "listed exclusion"})
            for does in (WRITES, READS)
        ),
        ("feeds", WRITES, {*ARTICLE, "feed"}),
        ("feeds", READS, {*ARTICLE, "feed", "site or key"}),
    ],
)  # fmt: skip
def test_a_function_reaches_only_these_kinds_of_items(function: str, does: tuple[str, ...], items: set[str]) -> None:
    reached = {kind for kind, key in ITEMS.items() if any(allows(function, action, key) for action in does)}
    assert reached == items


def test_only_the_api_reads_secrets_and_the_projection_changes_no_votes() -> None:
    for name in METHODS:
        assert any(action.startswith("secretsmanager:") for action in actions(name)) == (name in {"api", "merges"})
    assert not actions("projection") & {"dynamodb:UpdateItem", "dynamodb:BatchGetItem"}
    assert not any(allows("feeds", action, ITEMS["vote"]) for action in (*WRITES, *READS))


def calls_of(methods: set[str]) -> set[str]:
    """The DynamoDB calls that these methods of the table make, its own helpers followed."""
    sources = [
        path.read_text() for path in (ROOT / "chalicelib").glob("*/*.py") if path.stem.endswith(("store", "table"))
    ]
    nodes = [node for source in sources for node in ast.walk(ast.parse(source))]
    bodies = {node.name: node for node in nodes if isinstance(node, ast.FunctionDef)}
    found, waiting, seen = set[str](), list(methods), set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for node in ast.walk(bodies[name]):
            if isinstance(node, ast.Attribute):
                if isinstance(node.value, ast.Attribute) and node.value.attr == "_client" and node.attr != "meta":
                    found.add(node.attr)
                elif isinstance(node.value, ast.Name) and node.value.id == "self" and node.attr in bodies:
                    waiting.append(node.attr)
    return found


@pytest.mark.parametrize(("name", "methods"), METHODS.items())
def test_each_function_may_do_what_its_code_does_and_no_more(name: str, methods: set[str]) -> None:
    needed = set[str]().union(*(ACTIONS_OF_CALLS[call] for call in calls_of(methods)))
    if name == "feeds":  # its transactions put articles and update terms
        needed -= {"dynamodb:ConditionCheckItem", "dynamodb:DeleteItem"}
    allowed = {action for action in actions(name) if action.startswith("dynamodb:")}
    stream = {"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"}
    assert allowed - stream == needed


def test_nobody_scans_on_a_request_path() -> None:
    assert "scan" in calls_of({"articles_with_votes"}), "this test would not notice"
    assert "scan" not in calls_of(METHODS["api"] | METHODS["projection"])


def test_the_table_keeps_what_it_must(data: dict[str, Any]) -> None:
    table = data["Table"]
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")
    properties = table["Properties"]
    assert properties["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert properties["DeletionProtectionEnabled"] is True
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_only_tally_items_wake_the_projection_and_failures_go_somewhere(template: dict[str, Any]) -> None:
    events = template["ProjectTally"]["Properties"]["Events"]
    asked: dict[str, list[Any]] = {}
    for name, event in events.items():
        source = event["Properties"]
        assert source["Stream"] == {"Ref": "TableStreamArn"}
        assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert source["BisectBatchOnFunctionError"] is True
        assert source["MaximumRetryAttempts"] > 0
        assert source["DestinationConfig"]["OnFailure"]["Type"] == "SQS"
        for pattern in source["FilterCriteria"]["Filters"]:
            record = json.loads(pattern["Pattern"])["dynamodb"]
            assert record["Keys"] == {"SK": {"S": [{"prefix": "TALLY#"}]}}
            asked.setdefault(name, []).append({key: value["BOOL"] for key, value in record["NewImage"].items()})
    assert asked == {
        "ProjectTallyDynamodbEventSource": [{"registered": [True]}, {"listed": [True]}],
        "UnregisteredArticles": [{"registered": [{"exists": False}], "listed": [{"exists": False}]}],
    }


def test_the_bench_forms_batches_as_the_template_does(template: dict[str, Any]) -> None:
    for event in template["ProjectTally"]["Properties"]["Events"].values():
        source = event["Properties"]
        assert (source["BatchSize"], source["ParallelizationFactor"]) == (traces.BATCH_SIZE, traces.LANES)
        assert source["MaximumBatchingWindowInSeconds"] == {"Ref": "BatchingWindow"}
    parameters = yaml.safe_load((ROOT / "infra" / "template.yaml").read_text())["Parameters"]
    assert parameters["BatchingWindow"]["Default"] == traces.WINDOW_SECONDS


def test_a_shards_item_says_true_if_it_is_registered_or_listed_and_nothing_if_not() -> None:
    """The filters of the stream rely on it."""
    assert tally_attributes(Tally({}, 1, terms=Terms(registered=True)))["registered"] == {"BOOL": True}
    assert "registered" not in tally_attributes(Tally({}, 1))
    registered, removed = (copying("votes", {}, Terms(registered=one), 1, 1) for one in (True, False))
    assert registered["ExpressionAttributeValues"][":listed"] == {"BOOL": True}
    assert {"registered", "listed"} <= set(re.split(r"\W+", removed["UpdateExpression"].partition("REMOVE")[2]))


def test_no_change_of_a_template_can_replace_a_secret(template: dict[str, Any], data: dict[str, Any]) -> None:
    secrets = {name: one for name, one in data.items() if one["Type"] == "AWS::SecretsManager::Secret"}
    assert set(secrets) == {"Pepper", "TokenKey"}
    for one in secrets.values():
        assert (one["DeletionPolicy"], one["UpdateReplacePolicy"]) == ("Retain", "Retain")
        assert set(one["Properties"]) == {"Description"}, "a value in a template is replaced when the template changes"
    kinds = {one.get("Type") for one in template.values()}
    assert {"AWS::SecretsManager::Secret", "AWS::DynamoDB::Table"} & kinds == set()


def test_no_secret_stands_in_the_configuration() -> None:
    config = (ROOT / ".chalice" / "config.json").read_text()
    assert "environment_variables" not in config
    assert not re.search(r"secret|password|key\"", config, re.IGNORECASE)


class TestWhatAnOperatorAsksForFirst:
    """The merged template, as it is deployed."""

    def test_there_is_one_stage_it_is_regional_and_it_is_named_after_the_stack(self, template: dict[str, Any]) -> None:
        api = template["RestAPI"]["Properties"]
        assert api["OpenApiVersion"] == "2.0", "without it, SAM adds a stage of its own"
        assert api["DefinitionBody"]["info"]["title"] == {"Ref": "AWS::StackName"}
        config = json.loads((ROOT / ".chalice" / "config.json").read_text())
        assert config["api_gateway_endpoint_type"] == "REGIONAL"

    def test_requests_are_throttled_and_new_voters_more_than_others(self, template: dict[str, Any]) -> None:
        everything, voters, renewals = template["RestAPI"]["Properties"]["MethodSettings"]
        assert (everything["HttpMethod"], everything["ResourcePath"]) == ("*", "/*")
        assert (voters["HttpMethod"], voters["ResourcePath"]) == ("POST", "/~1v1~1sites~1{site}~1voters")
        assert renewals == {**voters, "ResourcePath": "/~1v1~1sites~1{site}~1voters~1renew"}
        assert {"/v1/sites/{site}/voters", "/v1/sites/{site}/voters/renew"} <= set(entry.app.routes)
        defaults = {name: one.get("Default") for name, one in whole_template()["Parameters"].items()}
        assert defaults["NewVotersPerSecond"] < defaults["RequestsPerSecond"]

    def test_the_gateways_log_has_times_and_no_reader(self, template: dict[str, Any]) -> None:
        written = json.loads(template["RestAPI"]["Properties"]["AccessLogSetting"]["Format"])
        assert {"request_id", "status", "latency_ms", "function_ms"} <= set(written)
        for value in written.values():
            assert not re.search(
                r"identity|userAgent|sourceIp|authorizer|requestOverride|\.path$", value, re.IGNORECASE
            )

    def test_each_alarm_has_its_section_in_the_runbook_and_a_reader(self, template: dict[str, Any]) -> None:
        runbook = (ROOT / "docs" / "runbook.md").read_text()
        alarms = {name: one for name, one in template.items() if one.get("Type") == "AWS::CloudWatch::Alarm"}
        assert len(alarms) >= 10
        for name, alarm in alarms.items():
            properties = alarm["Properties"]
            assert f"\n### {name}\n" in runbook, name
            assert f"docs/runbook.md#{name.lower()}" in properties["AlarmDescription"]
            assert properties["AlarmActions"]["Fn::If"][1] == [{"Ref": "AlarmTopicArn"}]
            assert "AlarmName" not in properties, "a name of its own would be the same in two stacks"

    def test_alarms_and_the_dashboard_name_metrics_that_the_code_reports(self, template: dict[str, Any]) -> None:
        reported = {*get_args(Count), *get_args(Length), "refusals"}
        text = json.dumps([one for one in template.values() if str(one.get("Type", "")).startswith("AWS::CloudWatch")])
        named = set(re.findall(r'"ArticleVotes", "MetricName": "(\w+)"|\\"ArticleVotes\\", \\"(\w+)\\"', text))
        assert {one or other for one, other in named} <= reported
        assert "drifted_shards" in text

    def test_every_function_has_a_log_that_ends_and_says_which_function_it_is(self, template: dict[str, Any]) -> None:
        functions = {"APIHandler": "api", "ProjectTally": "projection", "RecountVotes": "recount", "SyncFeeds": "feeds"}
        functions["FinishMerges"] = "merges"
        for name, function in functions.items():
            properties = template[name]["Properties"]
            assert properties["Environment"]["Variables"]["FUNCTION"] == function
            log = properties["LoggingConfig"]["LogGroup"]["Ref"]
            assert template[log]["Properties"]["RetentionInDays"] == 30


def test_answers_of_the_gateway_are_problems_with_cors_headers(template: dict[str, Any]) -> None:
    own = template["RestAPI"]["Properties"]["GatewayResponses"]
    assert {"DEFAULT_4XX", "DEFAULT_5XX", "THROTTLED", "REQUEST_TOO_LARGE"} <= set(own)
    for one in own.values():
        headers = one["ResponseParameters"]["Headers"]
        assert headers["Access-Control-Allow-Origin"] == "'*'"
        assert headers["Content-Type"] == "'application/problem+json'"
        text = one["ResponseTemplates"]["application/json"].replace("$context.error.messageString", '"x"')
        assert {"type", "title", "detail", "code", "request_id"} <= set(json.loads(text))


def test_the_time_limits_leave_room_below_three_seconds() -> None:
    assert START_WITHIN_SECONDS + CONNECT_TIMEOUT_SECONDS + READ_TIMEOUT_SECONDS <= 2.8
    config = json.loads((ROOT / ".chalice" / "config.json").read_text())
    assert config["lambda_timeout"] > 3


def test_requirements_are_pinned_with_hashes() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = (ROOT / name).read_text().splitlines()
        pins = [line for line in lines if line and not line.startswith((" ", "#"))]
        assert pins
        assert all("==" in line for line in pins)
        assert sum("--hash=sha256:" in line for line in lines) >= len(pins)

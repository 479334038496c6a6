"""Deploys the two stacks through CloudFormation, as one would to AWS, and says where everything is."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from botocore.exceptions import ClientError

from chalicelib.voting.token_keys import Ring, ring_text, rotate
from local import gaps
from local.emulator import Emulator
from local.package import TEMPLATE_NAME, ZIP_NAME
from local.paths import ROOT
from ops.pepper import PEPPER_BYTES
from ops.target import Secret
from ops.token_keys import KEY_BYTES

DATA_STACK, SERVICE_STACK, BUCKET = "article-votes-data", "article-votes", "article-votes-package"
DATA_TEMPLATE = ROOT / "infra" / "data.yaml"
DEPLOY_SECONDS = 120.0


class DeployFailed(Exception):
    """CloudFormation did not get to the end; the message has the resources that failed."""


@dataclass(frozen=True)
class Deployment:
    """Where the stack answers. `/v1/...` is appended to `api`."""

    api: str
    table: str
    networks_table: str
    pepper_secret: str
    token_key_secret: str
    endpoint: str
    api_function: str
    failures_queue: str


def deploy(emulator: Emulator, package: Path, restored: dict[str, str] | None = None) -> Deployment:
    """Create both stacks, or bring them up to date; a second run with the same package changes nothing.

    `restored`: the service's parameters for a table that was restored from a backup, in place of the data stack's.
    """
    cloudformation = emulator.client("cloudformation")
    data_template = yaml.safe_load(DATA_TEMPLATE.read_text())
    data = _deploy(cloudformation, DATA_STACK, _upload_text(emulator, "data", DATA_TEMPLATE.read_text()), {})
    _make_secrets(emulator, data)
    data |= restored or {}

    template = yaml.safe_load((package / TEMPLATE_NAME).read_text())
    code = _upload(emulator, package / ZIP_NAME)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = code
    template["Resources"]["SyncFeeds"]["Properties"]["Environment"]["Variables"]["LOOPBACK_FEEDS"] = "true"
    url = _upload_text(emulator, "service", yaml.safe_dump(gaps.without_metric_math(template)))
    outputs = _deploy(cloudformation, SERVICE_STACK, url, data)
    api = f"{emulator.endpoint}/_aws/execute-api/{outputs['RestAPIId']}/api"
    gaps.close(emulator, template, outputs, api)
    for logical_id, name in (("Table", data["TableName"]), ("Networks", data["NetworksTable"])):
        gaps.switch_on_time_to_live(emulator, data_template["Resources"][logical_id]["Properties"], name)
    return Deployment(
        api=api,
        table=data["TableName"],
        networks_table=data["NetworksTable"],
        pepper_secret=data["PepperSecret"],
        token_key_secret=data["TokenKeySecret"],
        endpoint=emulator.endpoint,
        api_function=outputs["APIHandlerName"],
        failures_queue=outputs["ProjectionFailuresUrl"],
    )


def _make_secrets(emulator: Emulator, data: dict[str, str]) -> None:
    """Give the secrets their first values, as `ops pepper create` and `ops token-key rotate` do."""
    client = emulator.client("secretsmanager")
    pepper, token_key = Secret(client, data["PepperSecret"]), Secret(client, data["TokenKeySecret"])
    if pepper.read() is None:
        pepper.write(secrets.token_urlsafe(PEPPER_BYTES))
    if token_key.read() is None:
        token_key.write(ring_text(rotate(Ring(), secrets.token_urlsafe(KEY_BYTES), int(time.time()))))


def _upload(emulator: Emulator, path: Path) -> str:
    body = path.read_bytes()
    key = hashlib.sha256(body).hexdigest()
    _put(emulator, key, body)
    return f"s3://{BUCKET}/{key}"


def _upload_text(emulator: Emulator, key: str, text: str) -> str:
    _put(emulator, key, text.encode())
    return f"{emulator.endpoint}/{BUCKET}/{key}"


def _put(emulator: Emulator, key: str, body: bytes) -> None:
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=key, Body=body)


def _deploy(cloudformation: Any, name: str, url: str, parameters: dict[str, str]) -> dict[str, str]:
    """Create or update this stack. Returns its outputs."""
    stack = {
        "StackName": name,
        "TemplateURL": url,
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    }
    try:
        if _stack(cloudformation, name) is None:
            cloudformation.create_stack(**stack)
        else:
            cloudformation.update_stack(**stack)
    except ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise DeployFailed(str(error)) from error
        return _outputs(cloudformation, name)
    deadline = time.monotonic() + DEPLOY_SECONDS
    while (status := _status(cloudformation, name)).endswith("IN_PROGRESS"):
        if time.monotonic() > deadline:
            raise DeployFailed(f"the stack {name} is still {status}")
        time.sleep(0.2)
    if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        failed = [
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
            for event in events
            if event["ResourceStatus"].endswith("FAILED")
        ]
        raise DeployFailed(f"the stack {name} is {status}. " + "; ".join(failed))
    return _outputs(cloudformation, name)


def _stack(cloudformation: Any, name: str) -> dict[str, Any] | None:
    try:
        return cloudformation.describe_stacks(StackName=name)["Stacks"][0]  # type: ignore[no-any-return]
    except ClientError:
        return None


def _status(cloudformation: Any, name: str) -> str:
    stack = _stack(cloudformation, name)
    return "GONE" if stack is None else str(stack["StackStatus"])


def _outputs(cloudformation: Any, name: str) -> dict[str, str]:
    stack = _stack(cloudformation, name) or {}
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

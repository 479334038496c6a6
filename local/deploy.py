"""Deploys the packaged template through CloudFormation, as one would to AWS, and says where everything is."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from botocore.exceptions import ClientError

from local import gaps
from local.emulator import Emulator
from local.package import TEMPLATE_NAME, ZIP_NAME

STACK, BUCKET = "article-votes", "article-votes-package"
DEPLOY_SECONDS = 120.0


class DeployFailed(Exception):
    """CloudFormation did not get to the end; the message has the resources that failed."""


@dataclass(frozen=True)
class Deployment:
    """Where the stack answers. `/v1/...` is appended to `api`."""

    api: str
    table: str
    endpoint: str
    api_function: str
    failures_queue: str


def deploy(emulator: Emulator, package: Path) -> Deployment:
    """Create the stack, or bring it up to date; a second run with the same package changes nothing."""
    template = yaml.safe_load((package / TEMPLATE_NAME).read_text())
    code = _upload(emulator, package / ZIP_NAME)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = code
    url = _upload_text(emulator, yaml.safe_dump(template))
    _create_or_update(emulator.client("cloudformation"), url)
    outputs = _outputs(emulator.client("cloudformation"))
    api = f"{emulator.endpoint}/_aws/execute-api/{outputs['RestAPIId']}/api"
    gaps.close(emulator, template, outputs, api)
    return Deployment(
        api=api,
        table=outputs["TableName"],
        endpoint=emulator.endpoint,
        api_function=outputs["APIHandlerName"],
        failures_queue=outputs["ProjectionFailuresUrl"],
    )


def _upload(emulator: Emulator, path: Path) -> str:
    body = path.read_bytes()
    key = hashlib.sha256(body).hexdigest()
    _put(emulator, key, body)
    return f"s3://{BUCKET}/{key}"


def _upload_text(emulator: Emulator, text: str) -> str:
    _put(emulator, "template", text.encode())
    return f"{emulator.endpoint}/{BUCKET}/template"


def _put(emulator: Emulator, key: str, body: bytes) -> None:
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=key, Body=body)


def _create_or_update(cloudformation: Any, url: str) -> None:
    stack = {
        "StackName": STACK,
        "TemplateURL": url,
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    }
    try:
        if _stack(cloudformation) is None:
            cloudformation.create_stack(**stack)
        else:
            cloudformation.update_stack(**stack)
    except ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise DeployFailed(str(error)) from error
        return
    deadline = time.monotonic() + DEPLOY_SECONDS
    while (status := _status(cloudformation)).endswith("IN_PROGRESS"):
        if time.monotonic() > deadline:
            raise DeployFailed(f"the stack is still {status}")
        time.sleep(0.2)
    if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
        failed = [
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
            for event in events
            if event["ResourceStatus"].endswith("FAILED")
        ]
        raise DeployFailed(f"the stack is {status}. " + "; ".join(failed))


def _stack(cloudformation: Any) -> dict[str, Any] | None:
    try:
        return cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]  # type: ignore[no-any-return]
    except ClientError:
        return None


def _status(cloudformation: Any) -> str:
    stack = _stack(cloudformation)
    return "GONE" if stack is None else str(stack["StackStatus"])


def _outputs(cloudformation: Any) -> dict[str, str]:
    stack = _stack(cloudformation) or {}
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

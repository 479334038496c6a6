"""The README's deploy commands, with the AWS CLI as one types them, against the emulator in the place of AWS."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.emulator import Emulator, free_port
from local.package import REGION
from local.paths import ROOT
from tests.support.http import fetch

README = (ROOT / "README.md").read_text()
BUCKET = "a-bucket-of-the-operator"


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    started = Emulator(tmp_path / "aws", free_port())
    started.start()
    try:
        yield started
    finally:
        started.stop()


def test_the_commands_deploy_both_stacks_and_the_api_answers(emulator: Emulator, tmp_path: Path) -> None:
    section = README.split("## Deploying to AWS")[1].split("\n## ")[0]
    once, again = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    topic = emulator.client("sns").create_topic(Name="alarms")["TopicArn"]
    emulator.client("s3").create_bucket(Bucket=BUCKET)
    packaging, deploying = again.split("aws cloudformation deploy", 1)
    lines = [
        "set -euo pipefail",
        once,
        packaging,
        # The only step that is not the README's: the emulator knows no alarm on a calculation of metrics.
        "python -c 'import sys, yaml; from pathlib import Path; from local import gaps; file = Path(sys.argv[1]); "
        "file.write_text(yaml.safe_dump(gaps.without_metric_math(yaml.safe_load(file.read_text()))))' packaged.yaml",
        f"aws cloudformation deploy{deploying}",
        "TABLE_NAME=$TABLE_NAME python -m ops site create demo --ballot updown --origins any",
        "output article-votes EndpointURL",
        "output article-votes RestAPIId",
    ]
    script = "\n".join(lines).replace("YOUR-BUCKET", BUCKET).replace("YOUR-SNS-TOPIC", topic)
    script = script.replace(".venv/bin/python", "python").replace("packaged.yaml", str(tmp_path / "packaged.yaml"))
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "AWS_ENDPOINT_URL": emulator.endpoint,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
    }
    command = ["bash", "-c", script]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    *_, endpoint, api_id = done.stdout.split()
    assert endpoint.endswith("/api/")
    api = f"{emulator.endpoint}/_aws/execute-api/{api_id}/api"
    token = fetch("POST", f"{api}/v1/sites/demo/voters").json()["voter_token"]
    cast = fetch("PUT", f"{api}/v1/sites/demo/articles/a/vote", {"choice": "up"}, token=token)
    assert (cast.status, cast.json()["tally"]["voters"]) == (201, 1)
    alarms = emulator.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert {tuple(one["AlarmActions"]) for one in alarms} == {(topic,)}

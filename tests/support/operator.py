"""`python -m ops`, as an operator of a stack types it."""

from __future__ import annotations

import subprocess
import sys

from local.paths import ROOT
from tests.support.stack import Stack


def ops(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command on this stack's table and secrets."""
    environment = {
        "TABLE_NAME": stack.deployment.table,
        "PEPPER_SECRET": stack.deployment.pepper_secret,
        "TOKEN_KEY_SECRET": stack.deployment.token_key_secret,
        "AWS_ENDPOINT_URL": stack.deployment.endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
    }
    command = [sys.executable, "-m", "ops", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)

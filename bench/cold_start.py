"""What the package costs at a cold start over boto3 alone, in CPU time of fresh processes, on what Lambda gets."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from rich.console import Console

from local.package import ZIP_NAME, build

ROUNDS = 9
CLIENT = "boto3.client('dynamodb', region_name='us-east-1')"
ALONE = f"import boto3; {CLIENT}"
SERVICE = "import app; from chalicelib import bootstrap; bootstrap.services()"
REPORT = "; import resource, sys; used = resource.getrusage(resource.RUSAGE_SELF); print(used.ru_utime + used.ru_stime)"


def measure(console: Console) -> tuple[float, list[float]]:
    """(milliseconds of boto3 alone, ratios per round). Both run on the package's own libraries, not on this venv's."""
    with tempfile.TemporaryDirectory() as folder, console.status("Cold starts"):
        with zipfile.ZipFile(build() / ZIP_NAME) as package:
            package.extractall(folder)
        for _ in range(2):  # bytecode is compiled once; Lambda's init does not count the unpacking either
            _run(SERVICE, folder), _run(ALONE, folder)
        nothing = statistics.median(_run("pass", folder) for _ in range(5))
        alone, ratios = [], []
        for _ in range(ROUNDS):
            base, ours = _run(ALONE, folder) - nothing, _run(SERVICE, folder) - nothing
            alone.append(base * 1000)
            ratios.append(ours / base)
    return statistics.median(alone), ratios


def _run(code: str, folder: str) -> float:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": folder,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "TABLE_NAME": "bench",
        "TOKEN_KEY_SECRET": "bench",
        "PEPPER_SECRET": "bench",
    }
    # -S: without this venv's site-packages
    command = [sys.executable, "-S", "-c", code + REPORT]
    done = subprocess.run(command, cwd=Path(folder), env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])

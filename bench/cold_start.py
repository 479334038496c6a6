"""What a cold start costs: CPU time of fresh processes on the package as Lambda unpacks it. Nothing writes bytecode.

The measure is boto3 as pip installs it, with its bytecode: `import boto3`, and a client.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import boto3
from rich.console import Console

from chalicelib.settings import API, PROJECTION
from local.package import ZIP_NAME, build

ROUNDS = 11
BOTO3_ALONE = "import boto3; boto3.client('dynamodb')"
GOALS = {API: "1.30", PROJECTION: "1.10"}
PARTS = {
    "botocore and a client for DynamoDB": (
        "import botocore.session; botocore.session.get_session().create_client('dynamodb')"
    ),
    "chalice": "import chalice.app",
    "pydantic": "import pydantic; pydantic.BaseModel, pydantic.Field, pydantic.ConfigDict",
    "PyJWT": "import jwt",
}
REPORT = "; import resource; used = resource.getrusage(resource.RUSAGE_SELF); print(used.ru_utime + used.ru_stime)"


@dataclass(frozen=True)
class Size:
    """Bytes of the package."""

    zipped: int
    unpacked: int


@dataclass(frozen=True)
class Part:
    """`ms` of CPU time, and the ratios to boto3 alone, per round."""

    name: str
    ms: float
    ratios: list[float]
    goal: str = ""


def measure(console: Console) -> tuple[Size, float, list[Part]]:
    """(the package's size, milliseconds of boto3 alone, every part and both functions)."""
    package = build() / ZIP_NAME
    with tempfile.TemporaryDirectory() as name, console.status("Cold starts"), zipfile.ZipFile(package) as zipped:
        folder = Path(name)
        zipped.extractall(folder)
        size = Size(package.stat().st_size, sum(one.file_size for one in zipped.infolist()))
        commands = {part: (code, "") for part, code in PARTS.items()}
        commands |= {f"the function {function}": ("import app", function) for function in (API, PROJECTION)}
        installed = Path(boto3.__file__).parent.parent
        nothing = statistics.median(_cpu_seconds("pass", folder) for _ in range(5))
        alone: list[float] = []
        took: dict[str, list[float]] = {part: [] for part in commands}
        for _ in range(ROUNDS):
            alone.append(_cpu_seconds(BOTO3_ALONE, installed) - nothing)
            for part, (code, function) in commands.items():
                took[part].append(_cpu_seconds(code, folder, function) - nothing)
    parts = [
        Part(
            name=part,
            ms=1000 * statistics.median(took[part]),
            ratios=[one / base for one, base in zip(took[part], alone, strict=True)],
            goal=GOALS.get(function, ""),
        )
        for part, (_, function) in commands.items()
    ]
    return size, 1000 * statistics.median(alone), parts


def _cpu_seconds(code: str, folder: Path, function: str = "") -> float:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",  # as on Lambda, whose file system is read-only
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "FUNCTION": function,
        "TABLE_NAME": "bench",
        "NETWORKS_TABLE": "bench",
        "TOKEN_KEY_SECRET": "bench",
        "PEPPER_SECRET": "bench",
    }
    # -S: without this venv's site-packages
    command = [sys.executable, "-S", "-c", code + REPORT]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])

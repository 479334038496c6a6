"""The house: how large its modules are, which way they import, and what only one of them may do."""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from local.paths import ROOT

PACKAGE = ROOT / "chalicelib"
PYTHON = sorted(PACKAGE.rglob("*.py"))
SCRIPTS = sorted(path for path in (PACKAGE / "static").rglob("*.js") if not {"build", "releases"} & set(path.parts))
MOST_LINES, MEDIAN_LINES = 250, 100


def test_modules_are_small() -> None:
    lines = {path: len(path.read_text().splitlines()) for path in [*PYTHON, *SCRIPTS]}
    assert {path.name: count for path, count in lines.items() if count > MOST_LINES} == {}
    assert statistics.median(lines.values()) <= MEDIAN_LINES


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("publishing/sites.py", "from chalicelib.voting import tallies", "Folders import one way"),
        ("http/requests.py", "from chalicelib.publishing import sites", "Folders import one way"),
        ("voting/use_cases.py", "from chalicelib.voting import store", "Within a feature"),
        ("voting/votes.py", "from chalicelib.voting import use_cases", "in a circle"),
        ("voting/votes.py", "import time", "Rules know neither"),
        ("pages/files.py", "import boto3", "know AWS's libraries"),
    ],
)
def test_the_import_contracts_notice_when_they_are_broken(
    module: str, line: str, contract: str, tmp_path: Path
) -> None:
    ignored = shutil.ignore_patterns("__pycache__", "static", "node_modules", "webkit")
    for folder in ("chalicelib", "local", "ops"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    settings = (ROOT / "pyproject.toml").read_text()
    (tmp_path / "pyproject.toml").write_text(re.sub(r"ignore_imports = \[.*?\]\n", "", settings, flags=re.DOTALL))
    broken = tmp_path / "chalicelib" / module
    broken.write_text(f"{broken.read_text()}\n{line}\n")
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    text = " ".join(done.stdout.split())
    assert re.search(rf"{re.escape(contract)}[^.]*? BROKEN", text), text


def places(pattern: str) -> set[str]:
    """The modules of the package in which the pattern occurs."""
    return {str(path.relative_to(PACKAGE)) for path in PYTHON if re.search(pattern, path.read_text())}


def test_only_the_composition_root_reads_a_clock_or_makes_a_client() -> None:
    assert places(r"\btime\.(time|monotonic)\b|os\.urandom") == {"bootstrap.py"}
    assert places(r"boto3\.|create_client") == {"clients.py"}
    assert places(r"datetime\.now|datetime\.utcnow") == set()


def test_only_settings_reads_the_environment() -> None:
    assert places(r"os\.environ") == {"settings.py"}


def test_only_stores_call_dynamodb() -> None:
    callers = places(r"self\._client\.")
    assert callers - {"voting/keyring.py"} == {
        "dynamodb/table.py", "voting/operator_store.py", "voting/tally_store.py",
    }  # fmt: skip


def test_only_one_module_turns_errors_into_answers() -> None:
    assert places(r"problem\+json") == {"http/problems.py"}


def test_only_voters_and_keys_know_the_secrets() -> None:
    assert places(r"get_secret_value") == {"voting/keyring.py"}
    assert places(r"hmac\.") == {
        "voting/voters.py", "voting/seals.py", "voting/keyring.py", "admission/networks.py", "admission/challenges.py",
        "admission/provenance.py",
        "http/edge.py",
    }  # fmt: skip

"""README.md is true: its walk with curl gives what it says, and its commands exist."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from local.paths import ROOT
from tests.support.stack import Stack

README = (ROOT / "README.md").read_text()


def test_the_walk_with_curl(stack: Stack, tmp_path: Path) -> None:
    walk = README.split("## A walk with curl")[1].split("```sh\n")[1].split("```")[0]
    first, rest = walk.split("\n", 1)
    assert first.startswith("API=")  # reads .local/run.json; here the stack is another
    steps = re.findall(r"(.*?)\n# -> (.*?)\n", rest + "\n", re.DOTALL)
    assert len(steps) >= 8
    script = ["set -euo pipefail", f"API={stack.api}"]
    for number, (command, _) in enumerate(steps):
        *assignments, last = command.strip().splitlines()
        script += [*assignments, f"{last} > {tmp_path}/{number}"]
    done = subprocess.run(["bash", "-c", "\n".join(script)], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    for number, (command, expected) in enumerate(steps):
        assert expected in (tmp_path / str(number)).read_text(), command


def test_the_make_targets_it_names_exist() -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`?make ([a-z][a-z0-9-]*)", README)) <= targets


def test_the_files_it_links_to_exist() -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / link).exists(), link


def test_ci_runs_the_test_command_of_the_readme() -> None:
    assert "make test" in README
    assert (ROOT / ".ci" / "run").read_text().strip().endswith("exec make test")

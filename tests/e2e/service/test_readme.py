"""README.md is true: its walk with curl gives what it says, and its commands exist."""

from __future__ import annotations

import re
from pathlib import Path

from local.paths import ROOT
from tests.support.operator import ops
from tests.support.stack import Stack
from tests.support.walks import walk

README = (ROOT / "README.md").read_text()


def test_the_walk_with_curl(stack: Stack, tmp_path: Path) -> None:
    commands = README.split("## A walk with curl")[1].split("```sh\n")[1].split("```")[0]
    first, rest = commands.split("\n", 1)
    assert first.startswith("API=")  # reads .local/run.json; here the stack is another
    walk(rest, tmp_path, {"API": stack.api})


def test_the_make_targets_it_names_exist() -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`?make ([a-z][a-z0-9-]*)", README)) <= targets


def test_the_files_it_links_to_exist() -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / link).exists(), link


def test_ci_runs_the_test_command_of_the_readme() -> None:
    assert "make test" in README
    assert (ROOT / ".ci" / "run").read_text().strip().endswith("exec make test")


def test_the_guide_for_publishers_from_the_key_to_the_feed(stack: Stack, tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "publishers.md").read_text()
    made = ops(stack, "site", "create", "news")
    assert made.returncode == 0, made.stderr
    commands = "\n".join(re.findall(r"```sh\n(.*?)```", guide, re.DOTALL))
    walk(commands, tmp_path, {"API": stack.api, "ADMIN_KEY": made.stdout.splitlines()[-1]})

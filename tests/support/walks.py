"""Walks in the docs: shell commands, each with a part of what it prints, run against a stack."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path


def walk(text: str, folder: Path, variables: Mapping[str, str]) -> None:
    """Run the commands in this text in a folder. Each ends with a line `# -> a part of what it prints`."""
    steps = re.findall(r"(.*?)\n# -> (.*?)\n", text + "\n", re.DOTALL)
    assert len(steps) >= 5
    script = ["set -euo pipefail", *(f"{name}='{value}'" for name, value in variables.items())]
    for number, (command, _) in enumerate(steps):
        script.append(f"{command.strip()} > {folder}/{number}")
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    for number, (command, expected) in enumerate(steps):
        assert expected in (folder / str(number)).read_text(), command

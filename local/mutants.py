"""`make mutants`: makes small changes in the code, one at a time, and counts how many of them the tests notice.

A change ("mutant") is for example `<` instead of `<=`, or a number that is one higher. Mutants are sampled with a
printed seed. A mutant that the tests do not notice is a gap in the tests, or it changes no behaviour.
`tests/equivalent_mutants.json` lists those that change no behaviour, each with the reason.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table as Grid

from local.mutations import javascript_mutants, python_mutants
from local.paths import ROOT

EQUIVALENT = ROOT / "tests" / "equivalent_mutants.json"
GOAL = 0.95
TIMEOUT_SECONDS = 60
VOTING, STORES = "tests/unit/voting", "tests/unit/dynamodb"
CONTRACT = ["tests/contract/test_store.py", "-k", "moto or not every_store"]
# What is changed, and the tests that should notice it.
TARGETS: dict[str, list[str]] = {
    "chalicelib/voting/votes.py": [VOTING],
    "chalicelib/voting/token_keys.py": [VOTING],
    "chalicelib/voting/tokens.py": [VOTING],
    "chalicelib/voting/voters.py": [VOTING],
    "chalicelib/voting/tallies.py": [VOTING],
    "chalicelib/voting/scores.py": [VOTING],
    "chalicelib/voting/recount.py": [VOTING],
    "chalicelib/voting/use_cases.py": [VOTING],
    "chalicelib/voting/keyring.py": [VOTING],
    "chalicelib/voting/parameters.py": [VOTING, "tests/unit/http"],
    "chalicelib/voting/items.py": [VOTING, *CONTRACT],
    "chalicelib/voting/store.py": [f"{VOTING}/test_store.py", *CONTRACT],
    "chalicelib/voting/operator_store.py": [f"{VOTING}/test_store.py", *CONTRACT],
    "chalicelib/dynamodb/attempts.py": [STORES],
    "chalicelib/dynamodb/table.py": [STORES, f"{VOTING}/test_store.py", *CONTRACT],
    "chalicelib/dynamodb/checksums.py": [STORES],
    "chalicelib/dynamodb/attributes.py": [STORES, f"{VOTING}/test_store.py", *CONTRACT],
    "chalicelib/static/element/state.js": ["tests/browser/state.test.js"],
    "chalicelib/static/element/answers.js": ["tests/browser/answers.test.js"],
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed line of one file."""

    path: str
    line: int
    before: str
    after: str
    source: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.path, self.before, self.after


def every_mutant(path: str) -> Iterator[Mutant]:
    """The mutants of a file."""
    source = (ROOT / path).read_text()
    lines = source.splitlines()
    make = python_mutants if path.endswith(".py") else javascript_mutants
    for changed in make(source):
        differing = [n for n, (old, new) in enumerate(zip(lines, changed.splitlines(), strict=True)) if old != new]
        (line,) = differing
        yield Mutant(path, line + 1, lines[line].strip(), changed.splitlines()[line].strip(), changed)


def copy_of_project(folder: Path) -> Path:
    """A copy in which files can be changed. The virtual environment and the tools are shared."""
    for name in ("chalicelib", "tests", "local", "ops", "infra", ".chalice"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("app.py", "pyproject.toml", "requirements.txt", "requirements-dev.txt"):
        shutil.copyfile(ROOT / name, folder / name)
    (folder / ".local").symlink_to(ROOT / ".local")
    return folder


def is_noticed(mutant: Mutant, project: Path) -> bool:
    """True if a test fails, or does not end, with the mutant in place."""
    file = project / mutant.path
    original = file.read_text()
    file.write_text(mutant.source)
    tests = TARGETS[mutant.path]
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-W", "ignore", *tests]
    if mutant.path.endswith(".js"):
        command = [str(Path(sys.executable).with_name("node")), "--test", *tests]
    try:
        done = subprocess.run(command, cwd=project, capture_output=True, timeout=TIMEOUT_SECONDS, check=False)
        return done.returncode != 0
    except subprocess.TimeoutExpired:
        return True
    finally:
        file.write_text(original)


def main() -> int:
    """0 if enough mutants were noticed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--sample", type=int, default=240, help="how many mutants to try; 0: all of them")
    parser.add_argument("--only", help="a part of the path of the files to change")
    arguments = parser.parse_args()
    console = Console()
    equivalent = {(one["path"], one["before"], one["after"]) for one in json.loads(EQUIVALENT.read_text())}
    paths = [path for path in TARGETS if not arguments.only or arguments.only in path]
    mutants = [mutant for path in paths for mutant in every_mutant(path) if mutant.key not in equivalent]
    sampled = list(mutants)
    random.Random(arguments.seed).shuffle(sampled)
    sampled = sampled[: arguments.sample or None]
    console.print(f"{len(sampled)} of {len(mutants)} mutants, seed {arguments.seed}")
    with tempfile.TemporaryDirectory() as folder, Progress(console=console) as progress:
        projects = [copy_of_project(Path(folder, str(number))) for number in range(2)]
        free = list(projects)
        task = progress.add_task("Trying mutants", total=len(sampled))

        def tried(mutant: Mutant) -> bool:
            project = free.pop()
            try:
                return is_noticed(mutant, project)
            finally:
                free.append(project)
                progress.advance(task)

        with ThreadPoolExecutor(len(projects)) as pool:
            noticed = list(pool.map(tried, sampled))
    return report(console, sampled, noticed)


def report(console: Console, mutants: list[Mutant], noticed: list[bool]) -> int:
    """Print the mutants that no test noticed, and the score of each file."""
    grid = Grid("file", "mutants", "noticed", "score")
    total, found = Counter[str](), Counter[str]()
    for mutant, was_noticed in zip(mutants, noticed, strict=True):
        total[mutant.path] += 1
        found[mutant.path] += was_noticed
        if not was_noticed:
            console.print(f"{mutant.path}:{mutant.line}\n  - {mutant.before}\n  + {mutant.after}", markup=False)
    for path in sorted(total):
        grid.add_row(path, str(total[path]), str(found[path]), f"{found[path] / total[path]:.0%}")
    score = sum(found.values()) / max(1, sum(total.values()))
    grid.add_row("all", str(sum(total.values())), str(sum(found.values())), f"{score:.1%} (goal {GOAL:.0%})")
    console.print(grid)
    return 0 if score >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())

"""Clients that are generated from the OpenAPI document work against the running stack."""

from __future__ import annotations

import importlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.npm import fetch, run
from local.tools import tool, tools, write_openapi
from local.typescript import MEGABYTES, OPTIONS, PACKAGE, TARBALL_SHA256
from tests.support.stack import Stack

HERE = Path(__file__).parent / "clients"
NAME = "article_votes_client"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a Python package that the generator made. The generator left nothing out."""
    folder = tmp_path_factory.mktemp("client")
    document = write_openapi(folder / "openapi.json")
    command = [str(Path(sys.executable).with_name("openapi-python-client")), "generate", "--path", str(document)]
    command += ["--output-path", str(folder / NAME), "--meta", "none", "--config", str(HERE / "python.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield NAME
    sys.path.remove(str(folder))


def test_the_python_client_votes_and_reads(generated: str, stack: Stack) -> None:
    def api(name: str) -> Any:
        return importlib.import_module(f"{generated}.api.{name}")

    client = importlib.import_module(f"{generated}.client")
    models = importlib.import_module(f"{generated}.models")
    path = {"site": "demo", "article": "python-client"}
    with client.Client(base_url=stack.api, timeout=60) as anybody:
        assert api("votes.read_tally").sync(**path, client=anybody).voters == 0
        token = api("votes.create_voter").sync("demo", client=anybody).voter_token
        board = api("insights.read_leaderboard").sync("demo", client=anybody, limit=5, ago=0)
        assert isinstance(board.entries, list)
        assert api("insights.read_atom_feed").sync("demo", client=anybody).startswith("<?xml")
        assert api("pages.read_picture").sync(**path, client=anybody).startswith("<svg")
        assert api("insights.read_leaderboard_csv").sync("demo", client=anybody).startswith("article,title,")
    with client.AuthenticatedClient(base_url=stack.api, token=token, timeout=60) as reader:
        put_vote = api("votes.put_vote").sync
        voted = put_vote(**path, client=reader, body=models.VoteRequest(choice="up"), if_none_match="*")
        assert (voted.vote.version, voted.tally.voters, voted.tally.counts["up"]) == (1, 1, 1)
        late = put_vote(**path, client=reader, body=models.VoteRequest(choice="down"), if_none_match="*")
        assert (late.code, late.vote.choice, late.tally.voters) == ("precondition_failed", "up", 1)
        assert api("votes.delete_vote").sync(**path, client=reader).vote.choice is None


def test_the_typescript_client_is_typed_and_works(stack: Stack, tmp_path: Path) -> None:
    document = write_openapi(tmp_path / "openapi.json")
    tool("openapi-typescript", str(document), "--output", str(tmp_path / "api.d.ts"))
    shutil.copyfile(HERE / "reader.ts", tmp_path / "reader.ts")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "node_modules").symlink_to(tools() / "node_modules")
    compiler = fetch(PACKAGE, TARBALL_SHA256, MEGABYTES) / "lib" / "tsc.js"
    (tmp_path / "node.d.ts").write_text("declare const process: { argv: string[] };\n")
    checked = [*OPTIONS, "--strict", "--skipLibCheck", str(tmp_path / "node.d.ts"), str(tmp_path / "reader.ts")]
    run("node", str(compiler), *checked, cwd=tmp_path)
    command = [str(Path(sys.executable).with_name("node")), "--experimental-strip-types", "reader.ts", stack.api]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "version": 1,
        "voters": 1,
        "code": "precondition_failed",
        "entries": json.loads(done.stdout)["entries"],
        "atom": "<?xml",
        "svg": "<svg",
    }

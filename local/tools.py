"""Programs from npm that have dependencies: pinned in `local/node/package-lock.json`, installed once under .local.

`python -m local.tools lint` checks what they check; `python -m local.tools format` formats scripts and style sheets,
and makes the custom-elements manifest anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import sys
from pathlib import Path

from chalicelib.about import document_of
from chalicelib.api import OPERATIONS
from local.npm import FetchFailed, run
from local.paths import LOCAL, ROOT

NODE = ROOT / "local" / "node"
MANIFEST = ROOT / "chalicelib" / "static" / "element" / "custom-elements.json"
BIOME = ("--config-path", str(ROOT / "biome.jsonc"))
SCRIPTS = ("chalicelib/static/element", "chalicelib/static/dashboard", "chalicelib/static/frame", "tests/browser")


def tools() -> Path:
    """The folder with `node_modules`, installed if the pinned versions have changed."""
    folder = LOCAL / "tools"
    folder.mkdir(parents=True, exist_ok=True)
    pinned = (NODE / "package-lock.json").read_bytes()
    stamp, wanted = folder / "stamp", hashlib.sha256(pinned).hexdigest()
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            print("Installing the linters from npm (200 MB) …", file=sys.stderr, flush=True)
            for name in ("package.json", "package-lock.json"):
                shutil.copyfile(NODE / name, folder / name)
            run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", cwd=folder)
            stamp.write_text(wanted)
    return folder


def tool(name: str, *arguments: str, cwd: Path = ROOT) -> None:
    """Run one of the programs. Raises `FetchFailed` with its words if it fails."""
    run("node", str(tools() / "node_modules" / ".bin" / name), *arguments, cwd=cwd)


def write_openapi(path: Path) -> Path:
    """Write the OpenAPI document of this checkout to a file."""
    path.write_text(document_of(OPERATIONS))
    return path


def manifest() -> str:
    """The custom-elements manifest, made from the comments in the elements' modules."""
    folder = tools()  # the analyzer looks for a package.json in the folder that it runs in
    sources = [MANIFEST.with_name(name) for name in ("element.js", "article-top.js")]
    for source in (*sources, NODE / "manifest.config.mjs"):
        shutil.copyfile(source, folder / source.name)
    tool("cem", "analyze", "--config", "manifest.config.mjs", cwd=folder)
    return (folder / "custom-elements.json").read_text().strip() + "\n"


def lint() -> None:
    """Check scripts and styles with Biome, the OpenAPI document with Redocly, and that the manifest is up to date."""
    if MANIFEST.read_text() != manifest():
        raise FetchFailed(f"{MANIFEST.relative_to(ROOT)} is out of date. Run `make format`.")
    tool("biome", "check", "--error-on-warnings", *BIOME, *SCRIPTS)
    document = write_openapi(tools() / "openapi.json")
    tool("redocly", "lint", str(document), "--config", str(NODE / "redocly.yaml"))


def main(task: str) -> int:
    """0 if the task was done and found nothing."""
    try:
        if task == "format":
            tool("biome", "check", "--write", *BIOME, *SCRIPTS)
            MANIFEST.write_text(manifest())
        else:
            lint()
    except FetchFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

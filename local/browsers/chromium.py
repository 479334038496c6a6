"""A real Chromium, of a pinned version, for tests of pages: the headless build inside an npm package."""

from __future__ import annotations

import fcntl
import os
import tarfile
from pathlib import Path
from typing import Any

from local.npm import fetch, node

PACKAGE, MEGABYTES = "@sparticuz/chromium@153.0.0", 70
TARBALL_SHA256 = "20e5656fcdcf4118ede85edfb9d6bb9cc1bbb7ffb8b75622fffbcf36a835c3c0"
UNPACK = "const [f,t]=process.argv.slice(1);fs.writeFileSync(t,zlib.brotliDecompressSync(fs.readFileSync(f)))"


def launch_options() -> dict[str, Any]:
    """What Playwright's `chromium.launch` needs to start it, on machines without its libraries and fonts too."""
    folder = _prepared()
    libraries = os.pathsep.join(filter(None, [str(folder / "al2023" / "lib"), os.environ.get("LD_LIBRARY_PATH")]))
    return {
        "executable_path": str(folder / "chromium"),
        "args": ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--headless=old"],
        "env": {**os.environ, "LD_LIBRARY_PATH": libraries, "FONTCONFIG_PATH": str(folder / "fonts" / "fonts")},
    }


def _prepared() -> Path:
    folder = fetch(PACKAGE, TARBALL_SHA256, MEGABYTES) / "bin"
    with (folder / "prepare.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "chromium").exists():
            for name in ("al2023", "fonts"):
                node("-e", UNPACK, str(folder / f"{name}.tar.br"), str(folder / f"{name}.tar"))
                with tarfile.open(folder / f"{name}.tar") as archive:
                    archive.extractall(folder / name)  # noqa: S202  the package's hash was checked
            unfinished = folder / "chromium.part"
            node("-e", UNPACK, str(folder / "chromium.br"), str(unfinished))
            unfinished.chmod(0o755)
            unfinished.rename(folder / "chromium")
    return folder

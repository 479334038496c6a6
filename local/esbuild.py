"""esbuild, at a pinned version from npm: bundles and minifies scripts and style sheets."""

from __future__ import annotations

import subprocess

from local.npm import fetch

PACKAGE, MEGABYTES = "@esbuild/linux-x64@0.28.2", 5
TARBALL_SHA256 = "9573bb2233aab0f9ea7647d5cca9726113cc1768de61d66b17267f4db84488f6"


class ScriptBroken(Exception):
    """esbuild refused the sources. The message is its output."""


def esbuild(*arguments: str) -> None:
    """Run esbuild with these arguments. A warning is an error, too: `ScriptBroken`."""
    program = fetch(PACKAGE, TARBALL_SHA256, MEGABYTES) / "bin" / "esbuild"
    program.chmod(0o755)
    command = [str(program), "--legal-comments=none", "--log-level=warning", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or done.stderr:
        raise ScriptBroken(f"esbuild failed:\n{done.stderr}")

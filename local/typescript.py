"""Checks the browser's modules, and their declared types in use, with TypeScript at a pinned version from npm.

TypeScript only reads here: nothing is compiled. It finds names that do not exist, which no bundler does.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from local.browser import STATIC, UPLOT, UPLOT_MEGABYTES, UPLOT_SHA256, build
from local.npm import FetchFailed, fetch, node
from local.paths import LOCAL, ROOT

PACKAGE, MEGABYTES = "typescript@5.9.3", 4
TARBALL_SHA256 = "10e108c9cf7d5f2879053dff18515fb405abf2ccef63eaaf017d9c571687a1d3"
OPTIONS = ["--noEmit", "--target", "es2023", "--lib", "es2023,dom,dom.iterable", "--module", "esnext"]
OPTIONS += ["--moduleResolution", "bundler"]


def main() -> int:
    """0 when TypeScript has nothing to say."""
    build()  # the modules import facts that are made from Python
    compiler = str(fetch(PACKAGE, TARBALL_SHA256, MEGABYTES) / "lib" / "tsc.js")
    sources = [str(STATIC / "element" / name) for name in ("article-vote.js", "article-top.js")]
    sources.append(str(STATIC / "frame" / "frame.js"))
    try:
        node(compiler, *OPTIONS, "--allowJs", "--checkJs", "--resolveJsonModule", *sources)
        node(compiler, "--project", str(_dashboard_project()))
        node(compiler, *OPTIONS, "--strict", str(ROOT / "tests" / "browser" / "types.ts"))
    except FetchFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


def _dashboard_project() -> Path:
    """Where the dashboard's chart library is cannot be said on a command line."""
    library = fetch(UPLOT, UPLOT_SHA256, UPLOT_MEGABYTES) / "dist" / "uPlot.d.ts"
    options = {
        "noEmit": True, "allowJs": True, "checkJs": True, "target": "es2023", "module": "esnext",
        "lib": ["es2023", "dom", "dom.iterable"], "moduleResolution": "bundler", "paths": {"uplot": [str(library)]},
        "types": [],
    }  # fmt: skip
    project = LOCAL / "dashboard.tsconfig.json"
    sources = [str(STATIC / "dashboard" / "dashboard.js")]
    project.write_text(json.dumps({"compilerOptions": options, "files": sources}))
    return project


if __name__ == "__main__":
    sys.exit(main())

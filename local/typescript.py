"""Checks the browser's modules, and their declared types in use, with TypeScript at a pinned version from npm.

TypeScript only reads here: nothing is compiled. It finds names that do not exist, which no bundler does.
"""

from __future__ import annotations

import sys

from local.browser import STATIC
from local.npm import FetchFailed, fetch, node
from local.paths import ROOT

PACKAGE, MEGABYTES = "typescript@5.9.3", 4
TARBALL_SHA256 = "10e108c9cf7d5f2879053dff18515fb405abf2ccef63eaaf017d9c571687a1d3"
OPTIONS = ["--noEmit", "--target", "es2023", "--lib", "es2023,dom,dom.iterable", "--module", "esnext"]
OPTIONS += ["--moduleResolution", "bundler"]


def main() -> int:
    """0 when TypeScript has nothing to say."""
    compiler = str(fetch(PACKAGE, TARBALL_SHA256, MEGABYTES) / "lib" / "tsc.js")
    sources = [str(STATIC / "source" / "article-vote.js"), str(STATIC / "frame.js")]
    try:
        node(compiler, *OPTIONS, "--allowJs", "--checkJs", "--resolveJsonModule", *sources)
        node(compiler, *OPTIONS, "--strict", str(ROOT / "tests" / "browser" / "types.ts"))
    except FetchFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

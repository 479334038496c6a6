"""axe-core, the accessibility checker, at a pinned version: for tests of pages."""

from __future__ import annotations

from local.npm import fetch

PACKAGE, MEGABYTES = "axe-core@4.14.1", 1
TARBALL_SHA256 = "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745"


def source() -> str:
    """The script to run in a page; it leaves an object `axe` there."""
    return (fetch(PACKAGE, TARBALL_SHA256, MEGABYTES) / "axe.min.js").read_text()

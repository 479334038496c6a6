"""A clock that a test moves, for WebKit's pages: the timers that Playwright's own clock is made of, from npm."""

from __future__ import annotations

from functools import cache

from local.esbuild import esbuild
from local.npm import fetch
from local.paths import LOCAL

PACKAGES = {  # what it needs, by the name it is imported under: (package, SHA-256 of the tarball)
    "@sinonjs/fake-timers": (
        "@sinonjs/fake-timers@15.5.0",
        "4ee8b5c2b0d6eab0ed1df4478d9d3c11dfb01ca522660147fd25c4b660af2421",
    ),
    "@sinonjs/commons": ("@sinonjs/commons@3.0.1", "3ffc6103e1f9205bdb7145153382fa3d40404574e7dd48ae688cec7483994c5f"),
    "type-detect": ("type-detect@4.0.8", "3f9e101a7de731f94b59ee2d6087565d8b4dd79b3da65a3a2656e67428d19cf7"),
}
# Time passes as usual until the test moves it, as with Playwright.
START = """
globalThis.clock = FakeTimers.withGlobal(globalThis).install({
  now: Date.now(), shouldAdvanceTime: true, ignoreMissingTimers: true,
  toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"],
});
"""


@cache
def source() -> str:
    """A script that puts a page on the test's clock, `clock`, when it runs before the page's own."""
    folders = {name: fetch(package, sha256, 1) for name, (package, sha256) in PACKAGES.items()}
    bundle = LOCAL / "fake-timers.js"
    esbuild(
        "--bundle",
        "--format=iife",
        "--global-name=FakeTimers",
        "--external:timers",
        "--external:timers/promises",
        "--external:util",
        *[f"--alias:{name}={folder}" for name, folder in folders.items()],
        str(folders["@sinonjs/fake-timers"] / "src" / "fake-timers-src.js"),
        f"--outfile={bundle}",
    )
    return bundle.read_text() + START

"""The frameworks' pages, built from pinned npm packages when the tests run."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

from local.esbuild import esbuild
from local.npm import fetch
from local.paths import LOCAL

HERE = Path(__file__).parent
PACKAGES = {  # hash of the tarball, megabytes
    "react@18.3.1": ("8d9bed01a672e7eaf387942d781ad47c6a43089a30a0306060f9fd5ac7870347", 1),
    "react-dom@18.3.1": ("031d4427a99f2f3f6cac18bbbf308594a67e4f47d10f4896fdec446505b040e0", 2),
    "scheduler@0.23.2": ("e4f1d8fe63a9ab93ef66c92b0ad1af9c1326adbf7f1bd5e9053cac0fee6f26ae", 1),
    "react@19.3.1": ("56936913918dcf1f7a6fe58784e79df54b18200a88655ce809cf5e9c4ef871aa", 1),
    "react-dom@19.3.1": ("8b49975821eec6311e00d2b3f4b8337923253c876517388a33f9839c61ab262e", 2),
    "scheduler@0.28.0": ("302995d590e3c0a11eeb40d1d0f299c1df1800135d599d85cdd5faeb614f32d6", 1),
    "vue@3.5.45": ("c2ec36a9b719e4277785f1ad36a1bb0424d8d32f0bea24abcce862e26821d585", 1),
    "svelte@5.57.3": ("afda776761670addcd6f4345c1b4b0665c8dd11b82961cbfee9696d5d9f4546a", 1),
    "clsx@2.1.1": ("6320104b491ca645120e8f99589ce663ff1fb337ba80066719a011bd95320303", 1),
    "@hotwired/turbo@8.0.23": ("dfd8a76b28885c010564d828cb21c63f82aeb68b1cd00006152f26c73cae6daa", 1),
    "htmx.org@2.0.11": ("165a2655073e9e6e55e307a7c74e8ebcdb76afb7701f9c16cfd106a13add408e", 1),
}


def _package(name: str) -> Path:
    return fetch(name, *PACKAGES[name])


@cache
def script(name: str) -> str:
    """The script of a page in this framework: react18, react19, vue, svelte, turbo or htmx."""
    return {"react18": _react18, "react19": _react19, "vue": _vue, "svelte": _svelte, "turbo": _turbo, "htmx": _htmx}[
        name
    ]()


def _react18() -> str:
    return _bundle(
        "react18.jsx", react="react@18.3.1", **{"react-dom": "react-dom@18.3.1", "scheduler": "scheduler@0.23.2"}
    )


def _react19() -> str:
    return _bundle(
        "react19.jsx", react="react@19.3.1", **{"react-dom": "react-dom@19.3.1", "scheduler": "scheduler@0.28.0"}
    )


def _vue() -> str:
    return _bundle("vue.js", vue="vue@3.5.45:dist/vue.runtime.esm-browser.prod.js")


def _svelte() -> str:
    component = LOCAL / "frameworks" / "svelte.js"
    component.parent.mkdir(parents=True, exist_ok=True)
    node = str(Path(sys.executable).with_name("node"))
    command = [node, str(HERE / "svelte_compile.cjs"), str(_package("svelte@5.57.3")), str(HERE / "svelte.svelte")]
    component.write_text(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return _bundle(
        str(component),
        **{
            "svelte/internal/client": "svelte@5.57.3:src/internal/client/index.js",
            "svelte/internal/disclose-version": "svelte@5.57.3:src/internal/disclose-version.js",
            "svelte": "svelte@5.57.3:src/index-client.js",
            "clsx": "clsx@2.1.1:dist/clsx.mjs",
            "esm-env": str(HERE / "esm_env.js"),
        },
    )


def _turbo() -> str:
    return (_package("@hotwired/turbo@8.0.23") / "dist" / "turbo.es2017-esm.js").read_text()


def _htmx() -> str:
    return (_package("htmx.org@2.0.11") / "dist" / "htmx.min.js").read_text()


def _bundle(source: str, **imports: str) -> str:
    """The source and what it imports as one script. `imports`: for each name, `package[:file]`, or a file's path."""
    target = LOCAL / "frameworks" / f"bundle-{Path(source).name}.js"
    aliases = []
    for name, where in imports.items():
        package, _, file = where.partition(":")
        path = Path(where) if where.startswith("/") else _package(package) / file
        aliases.append(f"--alias:{name}={path}")
    esbuild(
        "--bundle", "--minify", "--format=esm", "--target=es2022", "--jsx=automatic",
        '--define:process.env.NODE_ENV="production"', *aliases, str(HERE / source), f"--outfile={target}",
    )  # fmt: skip
    return target.read_text()

"""Builds what the browser gets: the modules of `chalicelib/static` bundled and minified into `chalicelib/static/build`.

esbuild bundles and UglifyJS minifies, each a single package from npm at a pinned version. What is built is not in the
repository, but in the package. `python -m local.browser release` keeps a copy of the scripts for ever, so that pages
that pinned them go on.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import shutil
import sys
from pathlib import Path

from chalicelib.insights.history import HOURS_ARE_KEPT_SECONDS
from chalicelib.insights.leaderboards import ORDERS, WINDOWS
from chalicelib.insights.parameters import MOST_POINTS
from chalicelib.publishing.articles import ARTICLE_ID
from chalicelib.publishing.sites import SITE_ID
from chalicelib.trust.suspicions import LEAST_ALONE
from local.esbuild import ScriptBroken, esbuild
from local.npm import fetch, node
from local.paths import LOCAL, ROOT

UGLIFY, UGLIFY_MEGABYTES = "uglify-js@3.19.3", 1
UGLIFY_SHA256 = "744d9f31fe424514dd44728daa3e562a703fca53b6627ddeb655f77c2aa88ab4"

UPLOT, UPLOT_MEGABYTES = "uplot@1.6.32", 1
UPLOT_SHA256 = "4b8a8191e425658e3ea8c8c1314b0fc679c861ee3a1af2b20c7b16ba50b5133d"

# Its own number format is not used here: the dashboard formats in the reader's language.
UPLOT_THROWS, UPLOT_TOLERANT = (
    "new Intl.NumberFormat(domEnv ? nav.language : 'en-US')",
    "new Intl.NumberFormat('en-US')",
)

STATIC = ROOT / "chalicelib" / "static"
BUILD, RELEASES = STATIC / "build", STATIC / "releases"
SCRIPTS = {
    "article-vote.js": "article-vote.js",
    "article-vote-element.js": "element.js",
    "article-top.js": "article-top.js",
}
SOLVER = "article-vote-solver.js"  # loaded by the script itself, so it has no tag and no pinned name
STYLE = "article-vote.css"
COPIED = (
    STATIC / "element" / "article-vote.d.ts",
    STATIC / "element" / "article-top.d.ts",
    STATIC / "element" / "custom-elements.json",
    STATIC / "frame" / "frame.css",
    STATIC / "frame" / "frame.js",
)
# Properties that only the element's modules use: they are neither stored, nor sent, nor seen by pages. The bundle gets
# short names for them, which keep it under its limit.
INTERNAL_NAMES = STATIC / "element" / "internal-names.json"


def build() -> Path:
    """The folder of the built files, up to date with the sources."""
    LOCAL.mkdir(exist_ok=True)
    with (LOCAL / "browser.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp, fingerprint = BUILD / "fingerprint", _fingerprint()
        if not stamp.exists() or stamp.read_text() != fingerprint:
            shutil.rmtree(BUILD, ignore_errors=True)
            (BUILD / "words").mkdir(parents=True)
            (BUILD / "facts.js").write_text(facts())
            _bundle()
            _bundle_dashboard()
            _fill_words()
            for path in COPIED:
                shutil.copyfile(path, BUILD / path.name)
            _name_by_content()
            stamp.write_text(fingerprint)
    return BUILD


def facts() -> str:
    """What the service and the dashboard must agree on, as a module: the service's own values."""
    values = {
        "ORDERS": ORDERS,
        "SERVICE_WINDOWS": WINDOWS,
        "HOURS_ARE_KEPT_SECONDS": HOURS_ARE_KEPT_SECONDS,
        "MOST_POINTS": MOST_POINTS,
        "LEAST_ALONE": LEAST_ALONE,
        "LANGUAGES": sorted(path.stem for path in (STATIC / "dashboard" / "words").glob("*.json")),
    }
    patterns = {"SITE_ID": SITE_ID, "ARTICLE_ID": ARTICLE_ID}
    lines = [f"export const {name} = {json.dumps(value)};" for name, value in values.items()]
    lines += [f"export const {name} = /^(?:{pattern.pattern})$/;" for name, pattern in patterns.items()]
    return "\n".join(["// Made from the service's Python modules by local/browser.py.", *lines, ""])


def _fingerprint() -> str:
    """Changes whenever a source or the way it is built does."""
    digest = hashlib.sha256(Path(__file__).read_bytes() + facts().encode())
    sources = [path for folder in ("element", "frame", "words", "dashboard") for path in (STATIC / folder).rglob("*.*")]
    for path in sorted(sources):
        digest.update(str(path.relative_to(STATIC)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _bundle() -> None:
    for name, source in {**SCRIPTS, SOLVER: "solver.js"}.items():
        options = ["--bundle", "--format=esm", "--target=es2022", "--charset=utf8", "--sourcemap=external"]
        options.append(f"--mangle-props=^({'|'.join(json.loads(INTERNAL_NAMES.read_text()))})$")
        bundle = BUILD / f"bundle-{name}"
        esbuild(*options, str(STATIC / "element" / source), f"--outfile={bundle}")
        _uglify(bundle, BUILD / name)
    esbuild(
        "--minify",
        "--target=chrome123,firefox120,safari17.5",
        str(STATIC / "element" / STYLE),
        f"--outfile={BUILD / STYLE}",
    )


def _bundle_dashboard() -> None:
    """The dashboard's script and style, with the chart library in them, and its words beside them."""
    source, target = STATIC / "dashboard", BUILD / "dashboard"
    library = fetch(UPLOT, UPLOT_SHA256, UPLOT_MEGABYTES)
    alias = [f"--alias:uplot/dist/uPlot.min.css={library / 'dist' / 'uPlot.min.css'}"]
    alias.append(f"--alias:uplot={_tolerant_uplot(library)}")
    script = ["--bundle", "--minify", "--format=esm", "--target=es2023", "--charset=utf8", "--sourcemap=external"]
    esbuild(*script, *alias, str(source / "dashboard.js"), f"--outfile={target / 'dashboard.js'}")
    # Apart from the rest, so that it is there to say that the rest is not.
    boot = [*script, "--external:./dashboard.js", str(source / "boot.js")]
    esbuild(*boot, f"--outfile={target / 'boot.js'}")
    style = ["--bundle", "--minify", "--target=chrome123,firefox120,safari17.5"]
    esbuild(*style, *alias, str(source / "dashboard.css"), f"--outfile={target / 'dashboard.css'}")
    for path in (source / "words").glob("*.json"):
        spoken = json.loads((STATIC / "words" / path.name).read_text())
        words = json.loads(path.read_text()) | {"digits": spoken.get("digits")}
        (target / path.name).write_text(json.dumps(words, ensure_ascii=False, separators=(",", ":")))


def _tolerant_uplot(library: Path) -> Path:
    """The chart library without a line that throws where the browser's language is no language tag, such as "C"."""
    original = (library / "dist" / "uPlot.esm.js").read_text()
    if original.count(UPLOT_THROWS) != 1:
        raise ScriptBroken(f"{UPLOT} has changed: {UPLOT_THROWS!r} is not in it once.")
    tolerant = library / "dist" / "uPlot.tolerant.js"
    tolerant.write_text(original.replace(UPLOT_THROWS, UPLOT_TOLERANT))
    return tolerant


def _uglify(bundle: Path, script: Path) -> None:
    """Minify the bundle, which goes with its map. The new map is announced by a header, not by a line in the script."""
    program = fetch(UGLIFY, UGLIFY_SHA256, UGLIFY_MEGABYTES) / "bin" / "uglifyjs"
    bundle_map = bundle.with_name(f"{bundle.name}.map")
    source_map = f"content='{bundle_map}',filename='{script.name}'"
    options = ["--module", "--compress", "passes=3,inline=0", "--mangle", "--source-map", source_map]
    node(str(program), str(bundle), *options, "--output", str(script))
    bundle.unlink()
    bundle_map.unlink()
    made = script.with_name(f"{script.name}.map")
    content = json.loads(made.read_text())
    # The sources are served under /embed/v1/source/, beside the map, so the map need not hold them.
    content["sources"] = [f"source/{Path(one).name}" for one in content["sources"]]
    made.write_text(json.dumps(content, separators=(",", ":")))


def _fill_words() -> None:
    """Each language in one line, with the style; what it leaves out, signs that need no translation, from English."""
    style = (BUILD / STYLE).read_text().strip()
    english = json.loads((STATIC / "words" / "en.json").read_text())
    for path in (STATIC / "words").glob("*.json"):
        words = english | json.loads(path.read_text()) | {"style": style}
        (BUILD / "words" / path.name).write_text(json.dumps(words, ensure_ascii=False, separators=(",", ":")))


def _name_by_content() -> None:
    """pinned.json: the name under which each script never changes, and its hash for `integrity`."""
    pinned = {}
    for name in SCRIPTS:
        content = (BUILD / name).read_bytes()
        fingerprint = hashlib.sha256(content).hexdigest()[:16]
        integrity = base64.b64encode(hashlib.sha384(content).digest()).decode()
        pinned[name] = {"pinned": name.replace(".js", f".{fingerprint}.js"), "integrity": f"sha384-{integrity}"}
    (BUILD / "pinned.json").write_text(json.dumps(pinned, indent=2) + "\n")


def release() -> list[str]:
    """Keep what is built now under its pinned names, in the repository; the names that are new."""
    pinned = json.loads((build() / "pinned.json").read_text())
    RELEASES.mkdir(exist_ok=True)
    new = [(name, one["pinned"]) for name, one in pinned.items() if not (RELEASES / one["pinned"]).exists()]
    for name, kept in new:
        shutil.copyfile(BUILD / name, RELEASES / kept)
    return [kept for _, kept in new]


if __name__ == "__main__":
    if sys.argv[1:] == ["release"]:
        print("\n".join(release()) or "Nothing is new since the last release.")
    else:
        print(build())

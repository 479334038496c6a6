"""`make screenshots`: the demo's pages as pictures, for the README and for looking at them.

A stack of its own, in a folder that is thrown away. Fonts for every language come from npm and are lent to the pages,
so that the pictures are the same on machines without them.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Route, expect, sync_playwright

from local import newsroom
from local.browsers.chromium import launch_options
from local.demo import DemoServer
from local.emulator import free_port
from local.filling import ARTICLE, SITE, fill
from local.npm import fetch
from local.paths import LOCAL, ROOT
from local.stack import LocalStack, deployed_table
from ops.seeding import request

IMAGES = ROOT / "docs" / "images"
FONTS = {  # package: hash, megabytes
    "@fontsource/noto-sans@5.3.0": ("f62f8ed40e378f15134e32bed2fd5718d81e9ec7a5603d1022d7b385e2297abc", 7),
    "@fontsource/noto-sans-arabic@5.3.0": ("e0a81ade67ce507c9b91546ca3d91332d184a8277fc683440b00896b430856bb", 2),
    "@fontsource/noto-sans-devanagari@5.3.0": ("8d42be0e944481b61e68c7702037d4143e96bf48dbb72d19ea05d0cacc1323d5", 2),
    "@fontsource/noto-sans-sc@5.3.0": ("05a7abac78a6cac4bd1361e7b24c680ee820fcc2f22cf5cc92673f4cd12771c5", 73),
    "@fontsource/noto-emoji@5.3.2": ("1fe49bb2cf7c2d78f93c0a69b6a431dcfd0d585b7831eba87fae6888ccf8d373", 11),
}
FAMILIES = (
    '"Noto Sans", "Noto Sans Arabic", "Noto Sans Devanagari", "Noto Sans SC", "Noto Emoji", system-ui, sans-serif'
)
COUNTED_SECONDS = 180
LENT = "https://fonts.invalid/"  # no such host: whatever goes there is answered from the packages


@dataclass(frozen=True)
class Shot:
    """One picture of a page: its width and colours. `votes`: click first. `part`: the selector of a part of it."""

    name: str
    page: str
    width: int
    scheme: str = "light"
    votes: bool = False
    part: str | None = None


@dataclass(frozen=True)
class DashboardShot:
    """One picture of the dashboard: of which address, how wide, in which colours."""

    name: str
    search: str
    width: int
    scheme: str = "light"


DASHBOARD_SHOTS = (
    DashboardShot("dashboard", f"?site={newsroom.SITE}", 1100),
    DashboardShot("dashboard-dark", f"?site={newsroom.SITE}&order=controversial&range=month", 1100, "dark"),
    DashboardShot("dashboard-phone", f"?site={newsroom.SITE}&window=all", 390),
    DashboardShot("dashboard-article", f"?site={newsroom.SITE}&article=harbour-bridge&range=month", 1100),
    DashboardShot("dashboard-article-phone-dark", f"?site={newsroom.SITE}&article=harbour-bridge", 390, "dark"),
    DashboardShot("dashboard-right-to-left", f"?site={newsroom.SITE}&range=month&order=approval&lang=ar", 1100),
)
SHOTS = (
    Shot("demo", "", 900, votes=True),
    Shot("demo-phone-dark", "", 390, "dark", votes=True),
    Shot("front", "front.html", 1100, part="first screen"),
    Shot("front-phone-dark", "front.html", 390, "dark", part="first screen"),
    Shot("gallery", "gallery.html", 1100),
    Shot("gallery-dark", "gallery.html", 1100, "dark"),
    Shot("gallery-phone", "gallery.html", 390),
    Shot("right-to-left", "gallery.html", 700, part="right to left"),
)


def main() -> int:
    """Take all pictures; their paths are printed as they are written."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        stack = LocalStack(Path(folder), free_port(), say=lambda step: print(f"{step} …", flush=True))
        try:
            deployment = stack.up()
            table = deployed_table(deployment)
            votes = fill(deployment)
            for wish in votes:
                newsroom.cast(table, wish)
            _wait_until_counted(deployment.api, len(votes))
            demo = DemoServer(free_port(), {"api": deployment.api, "site": SITE, "article": ARTICLE}, lambda: "")
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(**launch_options())
                for shot in SHOTS:
                    print(_take(browser, demo.url, shot).relative_to(ROOT), flush=True)
                for dashboard in DASHBOARD_SHOTS:
                    print(_take_dashboard(browser, deployment.api, dashboard).relative_to(ROOT), flush=True)
                browser.close()
            demo.stop()
        finally:
            stack.down()
    return 0


def _wait_until_counted(api: str, votes: int) -> None:
    """Wait until the stream has brought the newsroom's votes to its totals."""
    limit = time.monotonic() + COUNTED_SECONDS
    while request("GET", f"{api}/v1/sites/{newsroom.SITE}/summary")["total"]["voters"] < votes:
        if time.monotonic() > limit:
            raise SystemExit(f"The newsroom's {votes} votes were not counted within {COUNTED_SECONDS} s.")
        time.sleep(1)


def _take(browser: Browser, demo: str, shot: Shot) -> Path:
    context = browser.new_context(
        viewport={"width": shot.width, "height": 900},
        color_scheme="dark" if shot.scheme == "dark" else "light",
        bypass_csp=True,  # for the fonts, which no publisher lends like this
    )
    page = context.new_page()
    page.route(f"{LENT}**", _lend)
    page.goto(demo + shot.page)
    page.add_style_tag(content=_faces())
    page.locator("[part=line]").first.wait_for()
    if shot.votes:
        page.get_by_role("button", name=re.compile("^Worth reading")).click()
        expect(page.locator("[part=line]")).to_contain_text("including you.")
        page.locator("article-vote").evaluate("one => one.shadowRoot.activeElement?.blur()")
    if shot.part == "right to left":
        page.evaluate("document.documentElement.lang = 'ar'; document.documentElement.dir = 'rtl'")
        page.evaluate("for (const one of document.querySelectorAll('article-vote')) one.setAttribute('lang', 'ar')")
        page.evaluate("document.querySelectorAll('.gallery > h2:nth-of-type(n+4), .gallery > .shelf:nth-of-type(n+4)')"
                      ".forEach(one => one.remove())")  # fmt: skip
    for frame in page.locator("iframe").all():
        frame.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    path = IMAGES / f"{shot.name}.png"
    page.screenshot(path=path, full_page=shot.part != "first screen")
    context.close()
    return path


def _take_dashboard(browser: Browser, api: str, shot: DashboardShot) -> Path:
    context = browser.new_context(
        viewport={"width": shot.width, "height": 900},
        color_scheme="dark" if shot.scheme == "dark" else "light",
        locale="en-GB",
        bypass_csp=True,  # for the fonts
    )
    page = context.new_page()
    page.route(f"{LENT}**", _lend)
    page.goto(f"{api}/dashboard{shot.search}")
    page.add_style_tag(content=_faces())
    page.locator("canvas").first.wait_for()
    page.locator(".tile").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    path = IMAGES / f"{shot.name}.png"
    page.screenshot(path=path, full_page=True)
    context.close()
    return path


def _faces() -> str:
    """The packages' own style sheets, with addresses that `_lend` answers, and every text set in them."""
    sheets = []
    for package, (sha256, megabytes) in FONTS.items():
        folder = fetch(package, sha256, megabytes)
        sheet = (folder / "400.css").read_text()
        sheets.append(sheet.replace("url(./", f"url({LENT}{folder.name}/"))
    return "\n".join(sheets) + f"\nbody, article-vote, .gallery {{ font-family: {FAMILIES}; }}"


def _lend(route: Route) -> None:
    path = LOCAL / "npm" / route.request.url.removeprefix(LENT)
    route.fulfill(path=path, headers={"Access-Control-Allow-Origin": "*"})


if __name__ == "__main__":
    sys.exit(main())

"""axe-core, run in a page of any engine."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from local import axe
from local.browsers.webkit.page import Page as WebKitPage

RUN = "axe.run(document, { resultTypes: ['violations'] })"


def checked(page: Page) -> Any:
    """What axe says of the page. The page's own policy forbids the script, so it comes through the driver."""
    if isinstance(page, WebKitPage):
        page.inject(axe.source())
        return page.evaluate(RUN)
    if page.context.browser is not None and page.context.browser.browser_type.name == "chromium":
        session = page.context.new_cdp_session(page)
        session.send("Runtime.evaluate", {"expression": axe.source()})
        found = session.send("Runtime.evaluate", {"expression": RUN, "awaitPromise": True, "returnByValue": True})
        return found["result"]["value"]
    page.evaluate(f"() => {{ {axe.source()} }}")
    return page.evaluate(RUN)

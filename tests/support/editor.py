"""What an editor sees on the dashboard."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from local import axe


def tile(page: Page, name: str) -> Any:
    return page.locator(".tiles div").filter(has=page.get_by_text(name, exact=True)).locator("dd")


def rows(page: Page) -> list[str]:
    page.locator(".top tbody tr").first.wait_for()
    return page.locator(".top tbody th a").all_inner_texts()


def checked(page: Page) -> Any:
    """What axe says of the page. The page's own policy would not let its script in, so it comes through the debugger."""
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": axe.source()})
    found = session.send("Runtime.evaluate", {"expression": "axe.run()", "awaitPromise": True, "returnByValue": True})
    return found["result"]["value"]

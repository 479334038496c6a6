"""What an editor sees and does on the dashboard."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page


def tile(page: Page, name: str) -> Any:
    """The number on a tile."""
    return on_tile(page, name).locator(".value")


def on_tile(page: Page, name: str) -> Any:
    """All that is on a tile."""
    return page.locator(".tile").filter(has=page.get_by_text(name, exact=True))


def rows(page: Page) -> list[str]:
    """The titles of the top articles."""
    page.locator(".top tbody tr").first.wait_for()
    return page.locator(".top tbody th a").all_inner_texts()


def chart(page: Page) -> Any:
    """The chart, once its points have arrived: before that it hears no keys."""
    page.locator(".chart .u-over").first.wait_for()
    return page.locator(".chart").first


def open_site(page: Page, site: str) -> None:
    """Type a site's id into the menu of sites."""
    page.locator("[data-key=sites]").click()
    page.get_by_label("Site", exact=True).fill(site)
    page.get_by_label("Site", exact=True).press("Enter")


def table_of(page: Page, section: str) -> Any:
    """The table beside a section's chart."""
    return page.locator(f"section[aria-labelledby={section}] details")

"""The packaged stack, deployed on ministack, driven over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from chalicelib.domain.ballots import make_ballot
from chalicelib.domain.sites import Site
from local.chromium import launch_options
from local.emulator import free_port
from local.stack import LocalStack, deployed_table
from tests.support.fakes import patient
from tests.support.publisher import Publisher
from tests.support.reader import Reader
from tests.support.stack import Stack

expect.set_options(timeout=30_000)  # a cold emulator on a busy machine takes its time


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    local = LocalStack(tmp_path_factory.mktemp("stack"), free_port())
    try:
        deployment = local.up()
        table = deployed_table(deployment)
        table.put_site(Site("demo", make_ballot("updown")), patient())
        table.put_site(Site("like", make_ballot("like")), patient())
        table.put_site(Site("stars", make_ballot("stars")), patient())
        table.put_site(Site("reactions", make_ballot("reactions", ["joy", "sad", "constructor", "null"])), patient())
        table.put_site(Site("strict", make_ballot("like"), ("https://news.example",), True), patient())
        yield Stack(local, deployment, table)
    finally:
        local.down()


@pytest.fixture(scope="session")
def publisher(stack: Stack) -> Iterator[Publisher]:
    started = Publisher(stack.api)
    yield started
    started.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(**launch_options())
        yield opened
        opened.close()


@pytest.fixture
def browser_options() -> dict[str, str]:
    """Where and in which language the reader is; nothing in particular."""
    return {}


@pytest.fixture
def context(browser: Browser, browser_options: dict[str, Any]) -> Iterator[BrowserContext]:
    """A reader's browser, with nothing in it. Errors of pages, and whatever their policy forbids, are failures."""
    wrong: list[str] = []
    fresh = browser.new_context(**browser_options)
    fresh.add_init_script(
        "addEventListener('securitypolicyviolation',"
        " event => console.log('VIOLATION ' + event.violatedDirective + ' ' + event.blockedURI))"
    )
    fresh.on("weberror", lambda error: wrong.append(str(error.error)))
    fresh.on("console", lambda message: wrong.append(message.text) if message.text.startswith("VIOLATION") else None)
    yield fresh
    fresh.close()
    assert wrong == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A tab of that browser."""
    return context.new_page()


@pytest.fixture
def reader(page: Page, publisher: Publisher, stack: Stack) -> Reader:
    return Reader(page, publisher, stack)


@pytest.fixture
def reader_of(page: Page, publisher: Publisher, stack: Stack) -> Callable[[str], Reader]:
    return lambda site: Reader(page, publisher, stack, site)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where a `make run` of its own keeps its state."""
    return tmp_path / "home"


@pytest.fixture
def new_token(stack: Stack) -> Callable[[], str]:
    return stack.new_token

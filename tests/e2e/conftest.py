"""The packaged stack, deployed on ministack, driven over HTTP."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.sites import Site
from local.browsers import engines
from local.browsers.engines import Engine
from tests.support.publisher import Publisher
from tests.support.reader import Reader
from tests.support.stack import FOR_TESTS, Stack, running

# What Firefox tells of the network and of policies as if pages had thrown it. Violations are heard of by their event.
REMARKS_OF_FIREFOX = (
    "The page\u2019s settings blocked",
    "The Same Origin Policy disallows",
    "The hash contained in",
    "None of the ",
)

RAN: dict[str, str] = {}  # the engines that tests ran in, with their versions; of all of the run's processes


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Collect what a process of the run tells when it ends."""
    RAN.update(getattr(node, "workeroutput", {}).get("ran", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in which engines pages were tried, and in which they were not."""
    for name in engines.ENGINES:
        missing = engines.how_to_install(name)
        what = f"ran, version {RAN[name]}" if name in RAN else "did not run"
        terminalreporter.write_line(f"{name}: {what}" + (f"; to install it on Debian: {missing}" if missing else ""))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail where an engine that must run did not: REQUIRED_ENGINES names them, with spaces between."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["ran"] = RAN
    elif set(os.environ.get("REQUIRED_ENGINES", "").split()) - RAN.keys() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests of pages in every engine, or in those that a test names: `@pytest.mark.engines("chromium")`."""
    if "engine" in metafunc.fixturenames:
        only = metafunc.definition.get_closest_marker("engines")
        names = only.args if only else engines.ENGINES
        there = [name for name in names if engines.how_to_install(name) is None]
        metafunc.parametrize("engine", there, indirect=True)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    sites = (
        Site("demo", make_ballot("updown"), ranks="any", new_voters=FOR_TESTS),
        Site("like", make_ballot("like"), ranks="any", new_voters=FOR_TESTS),
        Site("stars", make_ballot("stars"), ranks="any", new_voters=FOR_TESTS),
        Site("reactions", make_ballot("reactions", ["joy", "sad", "constructor", "null"]), new_voters=FOR_TESTS),
        Site("strict", make_ballot("like"), ("https://news.example",), True, new_voters=FOR_TESTS),
    )
    with running(tmp_path_factory.mktemp("stack"), *sites) as started:
        yield started


@pytest.fixture(scope="session")
def publisher(stack: Stack) -> Iterator[Publisher]:
    started = Publisher(stack.api)
    yield started
    started.stop()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def started(playwright: Playwright) -> Iterator[Callable[[str], Engine]]:
    """Starts each engine once; it ends with the run."""
    there: dict[str, Engine] = {}

    def get(name: str) -> Engine:
        if name not in there:
            there[name] = engines.start(name, playwright)
        return there[name]

    yield get
    for name, engine in there.items():
        RAN[name] = engine.version
        engine.close()


@pytest.fixture
def engine(request: pytest.FixtureRequest, started: Callable[[str], Engine]) -> Engine:
    """A real browser: each test that opens a page runs once for each engine that this machine has."""
    return started(request.param)


@pytest.fixture
def engine_name(engine: Engine) -> str:
    return engine.name


@pytest.fixture
def browser_options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Where and in which language the reader is, and in which colour scheme, where a test has a parameter `scheme`."""
    return {"color_scheme": request.getfixturevalue("scheme")} if "scheme" in request.fixturenames else {}


@pytest.fixture
def context(engine: Engine, browser_options: dict[str, Any]) -> Iterator[BrowserContext]:
    """A reader's browser, with nothing in it. Errors of pages, and whatever their policy forbids, are failures."""
    wrong: list[str] = []

    def note_error(error: Any) -> None:
        # Tests' own scripts run on the empty page, too, that a tab of Firefox begins with. It has no storage.
        if engine.name != "firefox" or error.page is None or error.page.url != "about:blank":
            note(str(error.error))

    def note(said: str) -> None:
        # Firefox and WebKit ask for an icon that no page of ours names.
        if "/favicon.ico" not in said and not said.startswith(REMARKS_OF_FIREFOX):
            wrong.append(said)

    fresh = engine.new_context(**browser_options)
    fresh.add_init_script(
        "addEventListener('securitypolicyviolation',"
        " event => console.log('VIOLATION ' + event.violatedDirective + ' ' + event.blockedURI))"
    )
    fresh.on("weberror", note_error)
    fresh.on("console", lambda message: note(message.text) if message.text.startswith("VIOLATION") else None)
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

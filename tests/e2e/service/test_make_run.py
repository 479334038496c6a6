"""`make run` as its user meets it: addresses, first votes, restarts, a kill, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from local.emulator import free_port
from local.filling import FIRST_VOTES
from local.paths import ROOT
from tests.support.expecting import expect
from tests.support.gateway import Answer
from tests.support.http import fetch, until


class Run:
    """One `make run`, in a home of its own."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home = home
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "local", "--home", str(home)],
            cwd=ROOT,
            env=kept | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def ready(self) -> dict[str, Any]:
        until("run.json", (self.home / "run.json").exists, lambda there: there or self.process.poll() is not None, 180)
        assert self.process.poll() is None, self.process.stdout.read() if self.process.stdout else ""
        found: dict[str, Any] = json.loads((self.home / "run.json").read_text())
        return found

    def stop(self, number: int = signal.SIGTERM) -> str:
        self.process.send_signal(number)
        output, _ = self.process.communicate(timeout=60)
        return output


def processes_of(home: Path) -> list[str]:
    """The command lines of all processes that mention this home, in their arguments or their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                seen = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            except OSError:
                continue
            if str(home).encode() in seen:
                found.append(seen.split(b"\0\0")[0].decode(errors="replace"))
    return found


@pytest.fixture
def runs(home: Path) -> Iterator[list[Run]]:
    started: list[Run] = []
    yield started
    for run in started:
        if run.process.poll() is None:
            run.stop()
        elif run.process.stdout is not None:
            run.process.stdout.close()


def answered(method: str, url: str, body: Any = None, token: str | None = None) -> Answer:
    """The answer to this request. While the newsroom fills, a busy service may say 503: try the same again."""
    return until("the answer", lambda: fetch(method, url, body, token=token), lambda answer: answer.status != 503)


def lose_the_next_answer(page: Page) -> None:
    """The next vote reaches the service and is carried out; its answer does not come back."""

    def swallow(route: Route) -> None:
        until("the vote", route.fetch, lambda answer: answer.ok)  # see `answered`
        route.abort()

    page.route("**/vote", swallow, times=1)


@pytest.mark.engines("chromium")  # the pages themselves are tried in every engine elsewhere
def test_votes_outlive_restarts_and_a_kill_and_nothing_else_is_left_behind(
    home: Path, runs: list[Run], page: Page
) -> None:
    port = free_port()
    runs.append(Run(home, PORT=str(port)))
    first = runs[-1].ready()
    assert set(first) >= {"api", "demo", "site", "article", "table_name", "endpoint", "pid"}
    assert (first["pid"], socket_port(first)) == (runs[-1].process.pid, port)
    url = f"{first['api']}/v1/sites/{first['site']}/articles/{first['article']}"
    assert answered("GET", f"{url}/tally").json()["voters"] == FIRST_VOTES == 132
    a_second_run_says_where_the_first_one_is(home)

    page.goto(first["demo"])
    expect(page.locator("[part=line]")).to_have_text("132 users have voted.")
    page.locator("button", has_text="Worth reading").click()
    expect(page.locator("[part=line]")).to_have_text("133 users have voted, including you.")
    page.reload()
    expect(page.locator("[part=line]")).to_have_text("133 users have voted, including you.")
    # A click shows before it is stored, and what a reload cuts short goes on after it.
    until("the vote", lambda: answered("GET", f"{url}/tally").json()["voters"], lambda voters: voters == 133)
    page.wait_for_load_state("networkidle")
    the_other_pages_show_what_they_should(page, first["demo"])
    nothing_listens_beyond_the_loopback_interface(first)

    output = runs[-1].stop(signal.SIGINT)
    assert (runs[-1].process.returncode, processes_of(home)) == (0, [])
    for address in (first["api"], first["demo"], "openapi.json"):
        assert address in output
    assert not (home / "run.json").exists()
    assert not (home / "tmp").exists()

    runs.append(Run(home))
    second = runs[-1].ready()
    assert (second["api"], second["demo"], second["table_name"]) == (first["api"], first["demo"], first["table_name"])
    page.reload()
    expect(page.locator("[part=line]")).to_have_text("133 users have voted, including you.")
    expect(page.locator("button[aria-pressed=true]")).to_contain_text("Worth reading")
    lose_the_next_answer(page)
    page.locator("button", has_text="Not for me").click()
    expect(page.locator("button[aria-pressed=true]")).to_contain_text("Not for me")
    expect(page.locator("[part=line]")).to_have_text("133 users have voted, including you.")
    assert answered("GET", f"{url}/tally").json()["voters"] == 133

    token = answered("POST", f"{first['api']}/v1/sites/demo/voters").json()["voter_token"]
    assert answered("PUT", f"{url}/vote", {"choice": "down"}, token).json()["tally"]["voters"] == 134
    runs[-1].process.kill()
    runs[-1].process.wait()
    assert processes_of(home) != []
    runs.append(Run(home))  # it stops the emulator of the killed run in order, so that no vote is lost
    until("the new run", lambda: pid_in(home / "run.json"), lambda pid: pid == runs[-1].process.pid, 120)
    assert answered("GET", f"{url}/vote", token=token).json()["tally"]["voters"] == 134
    runs[-1].stop(signal.SIGTERM)
    assert (runs[-1].process.returncode, processes_of(home)) == (0, [])


def a_second_run_says_where_the_first_one_is(home: Path) -> None:
    second = Run(home)
    output, _ = second.process.communicate(timeout=60)
    assert second.process.returncode == 1
    assert "runs already" in output
    assert str(home / "run.json") in output


def nothing_listens_beyond_the_loopback_interface(run: dict[str, Any]) -> None:
    at_its_port = f":{socket_port(run):04X} "
    lines = [line for line in Path("/proc/net/tcp").read_text().splitlines() if at_its_port in line]
    assert lines != []
    assert all(line.split()[1].startswith("0100007F:") for line in lines)


def the_other_pages_show_what_they_should(page: Page, demo: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[-1].split("?")[0]))
    page.goto(f"{demo}front.html")
    expect(page.locator("[part=line]")).to_have_count(50)
    expect(page.locator("button[aria-pressed=true]")).to_have_count(1)
    page.wait_for_load_state("networkidle")
    assert (asked.count("tallies"), asked.count("votes"), asked.count("tally")) == (1, 1, 0)
    page.goto(f"{demo}gallery.html")
    elements = page.locator("article-vote").count()
    expect(page.locator("article-vote [part=line]")).to_have_count(elements - 2)  # no service, no such site
    expect(page.get_by_text("Voting is closed. 11 users have voted.")).to_be_visible()
    expect(page.get_by_text("132 users had voted when this page was made.")).to_be_visible()
    expect(page.get_by_text("Voĉdonis 133 uzantoj, inter ili vi.")).to_be_visible()
    page.locator("iframe").scroll_into_view_if_needed()
    expect(page.frame_locator("iframe").locator("[part=line]")).to_have_text("133 users have voted.")
    page.goto(demo)
    expect(page.locator("[part=line]")).to_have_text("133 users have voted, including you.")


def socket_port(run: dict[str, Any]) -> int:
    return int(run["endpoint"].rsplit(":", 1)[1])


def pid_in(run_file: Path) -> int:
    try:
        return int(json.loads(run_file.read_text())["pid"])
    except FileNotFoundError:
        return 0

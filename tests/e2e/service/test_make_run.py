"""`make run` as its user meets it: addresses, first votes, restarts, faults in between, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from chalicelib.bootstrap import operator_store
from chalicelib.publishing.articles import ArticleRef
from chalicelib.voting.recount import recount_partition
from chalicelib.voting.voters import VOTE_PARTITIONS
from local.emulator import free_port
from local.filling import FIRST_VOTES
from local.paths import ROOT
from tests.support.expecting import expect
from tests.support.fakes import no_pause, patient
from tests.support.http import fetch, until

READERS = 16
HANGS_AFTER_SECONDS = 40.0  # no promise of speed: sixteen workers start at once, beside the other tests


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


def lose_the_next_answer(page: Page) -> None:
    """The next vote reaches the service and is carried out; its answer does not come back."""

    def swallow(route: Route) -> None:
        # While the newsroom fills, a busy service may say 503: try again later. It is the same request each time.
        until("the vote", route.fetch, lambda answer: answer.ok)
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
    assert fetch("GET", f"{url}/tally").json()["voters"] == FIRST_VOTES == 132
    a_second_run_says_where_the_first_one_is(home)

    page.goto(first["demo"])
    expect(page.locator("[part=line]")).to_have_text("132 users have voted.")
    page.locator("button", has_text="Worth reading").click()
    expect(page.locator("[part=line]")).to_have_text("133 users have voted, including you.")
    page.reload()
    expect(page.locator("[part=line]")).to_have_text("133 users have voted, including you.")
    # A click shows before it is stored, and what a reload cuts short goes on after it.
    until("the vote", lambda: fetch("GET", f"{url}/tally").json()["voters"], lambda voters: voters == 133)
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
    assert fetch("GET", f"{url}/tally").json()["voters"] == 133

    token = fetch("POST", f"{first['api']}/v1/sites/demo/voters").json()["voter_token"]
    assert fetch("PUT", f"{url}/vote", {"choice": "down"}, token=token).json()["tally"]["voters"] == 134
    runs[-1].process.kill()
    runs[-1].process.wait()
    assert processes_of(home) != []
    runs.append(Run(home))  # it stops the emulator of the killed run in order, so that no vote is lost
    until("the new run", lambda: pid_in(home / "run.json"), lambda pid: pid == runs[-1].process.pid, 120)
    assert fetch("GET", f"{url}/vote", token=token).json()["tally"]["voters"] == 134
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


def voted_within(seconds: float, api: str, url: str) -> bool:
    """A reader becomes a voter and votes. Each answer comes within these seconds, or `TimeoutError` is raised."""
    token = until(
        "the voter",
        lambda: fetch("POST", f"{api}/v1/sites/demo/voters", seconds=seconds),
        lambda answer: answer.status == 201,
    ).json()["voter_token"]
    put = until(
        "the vote",
        lambda: fetch("PUT", f"{url}/vote", {"choice": "up"}, token=token, seconds=seconds),
        lambda answer: answer.status != 503,
    )
    return put.status in (200, 201)


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[tuple[int, str]]:
    """microburst on a port, in front of the port where DynamoDB will be."""
    upstream, port = free_port(), free_port()
    rules = [
        {"service": "dynamodb", "operation": "TransactWriteItems", "probability": 0.3, "response": {"abort_bytes": 0}},
        {
            "service": "dynamodb",
            "operation": "TransactWriteItems",
            "probability": 0.2,
            "error": {"code": "ThrottlingException"},
        },
        {"service": "dynamodb", "operation": "Query", "probability": 0.2, "response": {"corrupt_bytes": 4}},
    ]
    config = tmp_path / "rules.json"
    config.write_text(json.dumps({"rules": rules}))
    command = [str(Path(sys.executable).with_name("microburst")), "--upstream", f"http://127.0.0.1:{upstream}"]
    with (tmp_path / "microburst.log").open("w") as log:
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port), "--config", str(config)], stdout=log, stderr=log
        )
    try:
        until("microburst", lambda: answers(port), bool)
        yield upstream, f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_faulty_proxy_between_the_functions_and_the_table_changes_no_count(
    home: Path, runs: list[Run], proxy: tuple[int, str]
) -> None:
    upstream, address = proxy
    runs.append(Run(home, PORT=str(upstream), AWS_ENDPOINT_URL_DYNAMODB=address))
    run = runs[-1].ready()
    fired = fetch("GET", f"{address}/_microburst/fired").json()
    assert len(fired) > 20, "the proxy met no calls: the functions do not use AWS_ENDPOINT_URL_DYNAMODB"
    url = f"{run['api']}/v1/sites/demo/articles/{run['article']}"
    # Sixteen readers at once: the emulator starts a worker for each of them, cold.
    with ThreadPoolExecutor(READERS) as readers:
        voted = list(readers.map(lambda _: voted_within(HANGS_AFTER_SECONDS, run["api"], url), range(READERS)))
    assert voted == [True] * READERS
    tally = fetch("GET", f"{url}/tally")
    ref = ArticleRef(run["site"], run["article"])
    table = operator_store(run["table_name"], endpoint_url=run["endpoint"], **run["credentials"])
    counts = [recount_partition(table, ref, partition, patient, no_pause) for partition in range(VOTE_PARTITIONS)]
    assert sum(len(count.drifts) for count in counts) == 0
    assert sum(count.votes for count in counts) == FIRST_VOTES + READERS
    assert tally.status in (200, 503)

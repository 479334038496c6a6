"""A proxy that loses answers and garbles others, between the deployed functions and the table."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.sites import Site
from local.emulator import free_port
from local.stack import LocalStack, deployed_table
from tests.support.drifts import drifted
from tests.support.fakes import patient
from tests.support.http import fetch, until
from tests.support.stack import FOR_TESTS

READERS, AT_ONCE = 64, 8
HANGS_AFTER_SECONDS = 40.0  # no promise of speed: functions start cold, several at once, beside the other tests
TRIES_FOR_SECONDS = 120.0
REF = ArticleRef("demo", "a-1")
RULES = [
    {"service": "dynamodb", "operation": "TransactWriteItems", "probability": 0.3, "response": {"abort_bytes": 0}},
    {
        "service": "dynamodb",
        "operation": "TransactWriteItems",
        "probability": 0.2,
        "error": {"code": "ThrottlingException"},
    },
    {"service": "dynamodb", "operation": "Query", "probability": 0.2, "response": {"corrupt_bytes": 4}},
]


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[tuple[int, str]]:
    """microburst, in front of a port where DynamoDB will be. The port, and the address of the proxy."""
    upstream, port = free_port(), free_port()
    config = tmp_path / "rules.json"
    config.write_text(json.dumps({"rules": RULES}))
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


def voted(api: str) -> bool:
    """A reader becomes a voter and votes, tried until it works. Raises `TimeoutError` if a request hangs."""
    token = until(
        "the voter",
        lambda: fetch("POST", f"{api}/v1/sites/{REF.site}/voters", seconds=HANGS_AFTER_SECONDS),
        lambda answer: answer.status == 201,
        TRIES_FOR_SECONDS,
    ).json()["voter_token"]
    url = f"{api}/v1/sites/{REF.site}/articles/{REF.article}/vote"
    put = until(
        "the vote",
        lambda: fetch("PUT", url, {"choice": "up"}, token=token, seconds=HANGS_AFTER_SECONDS),
        lambda answer: answer.status != 503,
        TRIES_FOR_SECONDS,
    )
    return put.status in (200, 201)


def test_each_reader_is_counted_once(home: Path, proxy: tuple[int, str], monkeypatch: pytest.MonkeyPatch) -> None:
    upstream, address = proxy
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", address)
    local = LocalStack(home, upstream)
    try:
        deployment = local.up()
        table = deployed_table(deployment)
        table.put_site(Site(REF.site, make_ballot("updown"), new_voters=FOR_TESTS), patient())
        with ThreadPoolExecutor(AT_ONCE) as readers:
            assert list(readers.map(lambda _: voted(deployment.api), range(READERS))) == [True] * READERS
        fired = fetch("GET", f"{address}/_microburst/fired").json()
        assert len(fired) > READERS, "the proxy met few calls: the functions do not use AWS_ENDPOINT_URL_DYNAMODB"
        assert table.tally(REF, patient(), consistent=True).voters == READERS
        assert drifted(table, REF) == []
    finally:
        local.down()

"""A DynamoDB that takes every connection and never answers: promise P4's three seconds, by the wall clock.

This is a limit that the service promises, kept by time-outs; it is not a measure of our speed.
"""

from __future__ import annotations

import json
import multiprocessing
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import pytest

from chalicelib import bootstrap, clients
from chalicelib.admission.store import NetworksTable
from chalicelib.deadlines import Deadline
from chalicelib.dynamodb.attempts import Attempts
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.sites import Site
from chalicelib.services import Stores
from chalicelib.settings import Settings
from chalicelib.voting.operator_store import VotingOperatorStore
from chalicelib.voting.tokens import issue_token
from tests.support.fake_insights import fake_services
from tests.support.fakes import MemoryKeyring, MemoryStore, patient
from tests.support.gateway import Answer, call, event
from tests.support.installing import exclusions_of, feeds_of, networks_of

LIMIT_SECONDS = 3.0
AT_ONCE = 5
VOTE = "/v1/sites/demo/articles/a-1/vote"
REQUESTS = [
    ("GET", "/v1/sites/demo/articles/a-1/tally"),
    ("GET", "/v1/sites/demo/tallies?articles=a,b"),
    ("POST", "/v1/sites/demo/voters"),
    ("PUT", VOTE),
    ("DELETE", VOTE),
    ("GET", VOTE),
    ("GET", "/v1/sites/demo/votes?articles=a,b"),
    ("GET", "/v1/health"),
    ("GET", "/v1/sites/demo/leaderboard"),  # for all insights: they ask the table in one way
    ("GET", "/v1/sites/demo/summary"),
]


HOLES = ["silent", "unreachable", "trickling"]


@pytest.fixture
def black_hole(request: pytest.FixtureRequest) -> Iterator[str]:
    """An endpoint that accepts and stays silent; one that takes no more connections; one that answers in drops, each
    of them in time."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    taken: list[socket.socket] = []
    ended = threading.Event()

    def trickle(connection: socket.socket) -> None:
        for drop in b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}":
            try:
                connection.send(bytes([drop]))
            except OSError:
                return
            if ended.wait(0.6):
                return

    def accept() -> None:
        while True:
            try:
                taken.append(listener.accept()[0])
            except OSError:
                return
            if request.param == "trickling":
                threading.Thread(target=trickle, args=(taken[-1],), daemon=True).start()

    if request.param != "unreachable":
        threading.Thread(target=accept, daemon=True).start()
    else:
        for _ in range(4):
            full = socket.socket()
            full.setblocking(False)
            full.connect_ex(listener.getsockname())
            taken.append(full)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    ended.set()
    listener.close()
    for one in taken:
        one.close()


class KnownSite:
    """A store that knows the site demo without asking: the outage begins after it was read."""

    def __init__(self, store: VotingOperatorStore) -> None:
        self._store = store

    def site(self, site_id: str, deadline: Deadline) -> Site | None:
        return Site(site_id, make_ballot("updown")) if site_id == "demo" else self._store.site(site_id, deadline)


@pytest.fixture(autouse=True)
def nothing_installed() -> Iterator[None]:
    yield
    bootstrap.install(None)


@pytest.fixture(scope="module")
def containers() -> Iterator[ProcessPoolExecutor]:
    """Processes for requests that wait at the same time, as Lambda has them."""
    with ProcessPoolExecutor(AT_ONCE, multiprocessing.get_context("forkserver")) as pool:
        yield pool


def ask(endpoint: str, site_known: bool, method: str, path: str) -> tuple[Answer, float]:
    """In one of these processes: the answer to a request, and after how many seconds it came."""
    store = bootstrap.operator_store("votes", endpoint_url=endpoint)
    insights = bootstrap.operator_insights("votes", endpoint_url=endpoint)
    sites = KnownSite(store) if site_known else store
    others = feeds_of(store), networks_of(store), lambda: exclusions_of(store), MemoryKeyring()
    stores = Stores(sites, store, insights, *others)  # type: ignore[arg-type]
    bootstrap.install(bootstrap.assemble(stores))
    token = issue_token("A" * 22, "demo", MemoryKeyring().signing_key(patient()), int(time.time())).token
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = json.dumps({"choice": "up"}) if method == "PUT" else None
    started = time.monotonic()
    answer = call(event(method, path, body, headers))
    return answer, time.monotonic() - started


@pytest.mark.parametrize(
    ("black_hole", "site_known"), [*((hole, True) for hole in HOLES), ("silent", False)], indirect=["black_hole"]
)
def test_every_request_ends_within_3_seconds_with_503_and_retry_after(
    site_known: bool, black_hole: str, containers: ProcessPoolExecutor
) -> None:
    asked = {request: containers.submit(ask, black_hole, site_known, *request) for request in REQUESTS}
    for request, outcome in asked.items():
        answer, seconds = outcome.result()
        told = answer.status, answer.headers["retry-after"], answer.json()["code"]
        assert (request, told) == (request, (503, "2", "unavailable"))
        assert (request, seconds) < (request, LIMIT_SECONDS)


@pytest.mark.parametrize("black_hole", HOLES, indirect=True)
def test_a_vote_is_stored_although_the_table_of_networks_does_not_answer(black_hole: str) -> None:
    memory, working = MemoryStore(), fake_services()
    memory.put_site(Site("demo", make_ballot("updown")), patient())
    client = clients.impatient_client("dynamodb", endpoint_url=black_hole)
    stores = replace(working.stores, sites=memory, votes=memory, networks=NetworksTable(client, "networks", Attempts()))
    bootstrap.install(bootstrap.assemble(stores))
    token = issue_token("A" * 22, "demo", MemoryKeyring().signing_key(patient()), int(time.time())).token
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    answers = [call(event("PUT", VOTE, json.dumps({"choice": choice}), headers)) for choice in ("up", "down")]
    assert [answer.status for answer in answers] == [201, 200]


@pytest.mark.parametrize("black_hole", HOLES, indirect=True)
def test_black_holed_keys_end_within_3_seconds_too(black_hole: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", black_hole)
    bootstrap.install(bootstrap.build(Settings("votes", "networks", "token-key", "pepper")))
    token = ".".join(["eyJraWQiOiIwMTIzNDU2Nzg5YWIifQ", "e30", "A" * 43])  # of a key that nobody knows yet
    started = time.monotonic()
    answer = call(event("GET", VOTE, None, {"Authorization": f"Bearer {token}"}))
    assert answer.status == 503
    assert time.monotonic() - started < LIMIT_SECONDS

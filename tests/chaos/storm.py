"""A storm: readers who vote, change their minds and retry, over a network that loses and duplicates.

Each of the 16 requests in flight is handled by a process of its own, as Lambda does it, each with a faulty network
between botocore and the table. Now and then such a process is killed in the middle of a request.

    python -m tests.chaos.storm --requests 100000 --rate 0.2 --seed 1
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import threading
import time
import uuid
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rich.progress import Progress

from chalicelib import bootstrap
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.sites import Site
from chalicelib.voting.operator_store import VotingOperatorStore
from chalicelib.voting.tokens import issue_token
from chalicelib.voting.voters import voter_key
from local.dynamodb_local import DynamoDBLocal, create_table
from tests.chaos.crowd import Containers, Lane
from tests.support.drifts import drifted
from tests.support.fakes import MemoryKeyring, patient
from tests.support.gateway import Answer, event

IN_FLIGHT = 16
DUPLICATED, LATE = 0.20, 0.5  # of all requests; of the duplicates
KILLED, GIVEN_UP = 0.002, 0.10
WISHES_PER_READER = 6
SITE = Site("demo", make_ballot("updown"))
ARTICLES = [ArticleRef("demo", f"a-{number}") for number in range(3)]
MOST_RETRIES = 400
RATES = (0.0, 0.2, 0.4)


@dataclass
class Report:
    """What happened. The last four must be zero."""

    seed: int
    rates: tuple[float, ...]
    seconds: float = 0.0
    requests: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    readers: int = 0
    drift: int = 0
    lost: int = 0
    not_newest: int = 0
    miscounted: int = 0

    def exact(self) -> bool:
        """Nothing lost, nothing double, nothing old."""
        return self.drift == self.lost == self.not_newest == self.miscounted == 0

    def __str__(self) -> str:
        statuses = ", ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items()))
        faults = ", ".join(f"{kind}: {count}" for kind, count in sorted(self.faults.items())) or "none"
        rates = ", then ".join(f"{rate:.0%}" for rate in self.rates)
        return (
            f"seed {self.seed}, faults at {rates}: {self.requests} requests of {self.readers} readers in "
            f"{self.seconds:.0f} s\n  answers   {statuses}\n  faults    {faults}\n"
            f"  drift {self.drift}, acknowledged but lost {self.lost}, not at the newest wish {self.not_newest}, "
            f"miscounted {self.miscounted}"
        )


@dataclass
class Reader:
    """One voter on one article: what they want, and what they know."""

    article: ArticleRef
    voter_id: str
    token: str
    with_preconditions: bool
    known_version: int = 0
    acknowledged_version: int = 0
    wanted: str | None = None


class Storm:
    """The requests of all readers, and the duplicates that the network makes of them."""

    def __init__(self, options: dict[str, str], table: str, requests: int, rates: tuple[float, ...], seed: int) -> None:
        self.report = Report(seed, rates)
        self._budget = requests
        self._rng = random.Random(seed)
        self._containers = Containers(options, table, seed)
        self._keyring = MemoryKeyring()
        self._duplicates: deque[tuple[int, dict[str, Any]]] = deque()  # due after so many requests
        self._lock = threading.Lock()
        self._readers: list[Reader] = []
        self._failures: list[BaseException] = []

    def run(self, progress: Callable[[int], None] = lambda _: None) -> list[Reader]:
        """Send everything; the readers, each with the wish that must stand."""
        started = time.monotonic()
        threads = [threading.Thread(target=self._guarded, args=(number,)) for number in range(IN_FLIGHT)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            progress(self.report.requests)
            threads[0].join(0.5)
        for thread in threads:
            thread.join()
        if self._failures:
            raise self._failures[0]
        self.report.seconds = time.monotonic() - started
        self.report.readers = len(self._readers)
        return self._readers

    def _guarded(self, number: int) -> None:
        try:
            self._lane(random.Random(f"{self.report.seed}-{number}"))
        except BaseException as failure:
            self._failures.append(failure)

    def _lane(self, rng: random.Random) -> None:
        """One of the 16 in flight: readers one after another, and whatever duplicates are due."""
        lane = Lane(self._containers, rng, KILLED)

        def send(proxy_event: dict[str, Any]) -> Answer | None:
            with self._lock:
                phase = self.report.requests * len(self.report.rates) // self._budget
                rate = self.report.rates[min(phase, len(self.report.rates) - 1)]
                self.report.requests += 1
            answer = lane.send(rate, proxy_event)
            self._count("killed" if answer is None else str(answer.status))
            return answer

        while not self._failures:
            duplicate = self._due_duplicate()
            if duplicate is not None:
                send(duplicate)
                continue
            with self._lock:
                if self.report.requests >= self._budget and not self._duplicates:
                    break
                over = self.report.requests >= self._budget
            if over:
                continue
            self._live(self._new_reader(rng), rng, send)
        faults = lane.end()
        with self._lock:
            self.report.faults.update(faults)

    def _new_reader(self, rng: random.Random) -> Reader:
        voter_id = f"{rng.getrandbits(128):022x}"[:22]
        token = issue_token(voter_id, SITE.id, self._keyring.signing_key(patient()), int(time.time())).token
        reader = Reader(rng.choice(ARTICLES), voter_id, token, with_preconditions=rng.random() < 0.7)
        with self._lock:
            self._readers.append(reader)
        return reader

    def _live(self, reader: Reader, rng: random.Random, send: Callable[[dict[str, Any]], Answer | None]) -> None:
        """A reader's wishes, each sent until it is answered; some are given up for a newer one."""
        for turn in range(rng.randint(1, WISHES_PER_READER)):
            reader.wanted = rng.choice(["up", "down", "up", None] if turn else ["up", "down"])
            key = str(uuid.UUID(int=rng.getrandbits(128), version=4))
            for attempt in range(MOST_RETRIES):
                request = self._request(reader, key)
                self._duplicate(request, rng)
                answer = send(request)
                if answer is None or answer.status == 503:
                    if reader.with_preconditions and attempt and rng.random() < GIVEN_UP:
                        reader.wanted = rng.choice(["up", "down", None])  # a newer wish, the older one in limbo
                        key = str(uuid.UUID(int=rng.getrandbits(128), version=4))
                    continue
                body = answer.json()
                reader.known_version = body["vote"]["version"] if "vote" in body else reader.known_version
                if answer.status == 412:
                    continue
                if answer.status not in (200, 201) or body["vote"]["choice"] != reader.wanted:
                    raise AssertionError(f"{answer.status} for {reader}: {answer.text}")
                reader.acknowledged_version = body["vote"]["version"]
                break
            else:
                raise AssertionError(f"no answer for {reader} in {MOST_RETRIES} attempts")

    def _request(self, reader: Reader, key: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {reader.token}", "Idempotency-Key": key}
        if reader.with_preconditions:
            headers["If-Match"] = f'"{reader.known_version}"'
        url = f"/v1/sites/demo/articles/{reader.article.article}/vote"
        if reader.wanted is None:
            return event("DELETE", url, None, headers)
        return event("PUT", url, json.dumps({"choice": reader.wanted}), headers | {"Content-Type": "application/json"})

    def _duplicate(self, request: dict[str, Any], rng: random.Random) -> None:
        if rng.random() < DUPLICATED:
            with self._lock:
                if rng.random() < LATE:
                    self._duplicates.append((self.report.requests + rng.randint(50, 2000), request))
                else:
                    self._duplicates.appendleft((0, request))  # the next free lane sends it, side by side

    def _due_duplicate(self) -> dict[str, Any] | None:
        with self._lock:
            if self._duplicates:
                due, request = self._duplicates[0]
                if due <= self.report.requests or self.report.requests >= self._budget:
                    self._duplicates.popleft()
                    return request
                self._duplicates.rotate(-1)
        return None

    def _count(self, status: str) -> None:
        with self._lock:
            self.report.statuses[status] += 1


def verify(report: Report, readers: list[Reader], store: VotingOperatorStore) -> None:
    """Compare what is stored with what the readers were told and wanted last."""
    pepper = MemoryKeyring().pepper(patient())
    expected: dict[ArticleRef, Counter[str]] = {ref: Counter() for ref in ARTICLES}
    for reader in readers:
        vote = store.vote(reader.article, voter_key(pepper, reader.article, reader.voter_id), patient())
        report.lost += vote.version < reader.acknowledged_version
        report.not_newest += vote.choice != reader.wanted
        if reader.wanted is not None:
            expected[reader.article][reader.wanted] += 1
    for ref in ARTICLES:
        tally = store.tally(ref, patient(), consistent=True)
        report.miscounted += Counter({c: n for c, n in tally.counts.items() if n}) != expected[ref]
    report.drift = len(drifted(store, *ARTICLES))


def storm(
    options: dict[str, str],
    table: str,
    requests: int,
    rates: tuple[float, ...],
    seed: int,
    progress: Callable[[int], None] = lambda _: None,
) -> Report:
    """Run one storm on an empty table, with these rates of faults one after another, and say how it ended."""
    store = bootstrap.operator_store(table, **options)
    store.put_site(SITE, patient())
    run = Storm(options, table, requests, rates, seed)
    verify(run.report, run.run(progress), store)
    return run.report


def main() -> int:
    """The command line; the exit status is 1 when a single vote is wrong."""
    parser = argparse.ArgumentParser(description="A storm of votes over a faulty network.")
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--rate", type=float, action="append", help="share of DynamoDB calls that fail (repeat)")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(31))
    arguments = parser.parse_args()
    rates = tuple(arguments.rate or RATES)
    with DynamoDBLocal() as local, Progress() as bars:
        bar = bars.add_task("Storm", total=arguments.requests)
        create_table(local.client(), "storm")
        report = storm(
            local.client_options, "storm", arguments.requests, rates, arguments.seed,
            lambda done: bars.update(bar, completed=done),
        )  # fmt: skip
    print(report)
    return 0 if report.exact() else 1


if __name__ == "__main__":
    sys.exit(main())

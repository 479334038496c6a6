"""Publishers who reset, close, hide and open articles while readers vote, over a faulty network with kills.

Afterwards nothing may drift, each reset must have happened once, and copies of old wishes must change nothing.
"""

from __future__ import annotations

import json
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib import bootstrap
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.sites import Site
from chalicelib.voting.operator_store import VotingOperatorStore
from chalicelib.voting.tokens import issue_token
from chalicelib.voting.voters import VOTE_PARTITIONS
from tests.chaos.crowd import Crowd, Send
from tests.support.drifts import drifted
from tests.support.fakes import MemoryKeyring, patient
from tests.support.gateway import event
from tests.support.keys import WRITE, issue

READERS, WISHES, PUBLISHERS, CHANGES = 6, 60, 2, 25
RATE, KILLED = 0.2, 0.04  # of about 410 requests: that nobody is killed happens once in ten million runs
ARTICLES = [ArticleRef("demo", f"a-{number}") for number in range(2)]
STATES = ("open", "open", "closed", "hidden")
ACCEPTED = {200, 201, 404, 409, 412}


class Storm:
    """Readers and publishers, and what they were told."""

    def __init__(self, options: dict[str, str], table: str, seed: int) -> None:
        self.crowd = Crowd(options, table, seed, RATE, KILLED)
        self.resets: Counter[ArticleRef] = Counter()
        self.wishes: list[dict[str, Any]] = []

    def run(self) -> None:
        """Send everything; raises what a lane met."""
        self.crowd.run([self._vote] * READERS + [self._publish] * PUBLISHERS)

    def _vote(self, rng: random.Random, send: Send) -> None:
        keyring = MemoryKeyring()
        signing = keyring.signing_key(patient())
        tokens = [
            issue_token(f"{rng.getrandbits(128):022x}"[:22], "demo", signing, int(time.time())).token for _ in range(10)
        ]
        for _ in range(WISHES):
            choice = rng.choice(["up", "down", None])
            headers = {
                "Authorization": f"Bearer {rng.choice(tokens)}", "Content-Type": "application/json",
                "Idempotency-Key": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            }  # fmt: skip
            url = f"/v1/sites/demo/articles/{rng.choice(ARTICLES).article}/vote"
            body = None if choice is None else json.dumps({"choice": choice})
            request = event("DELETE" if choice is None else "PUT", url, body, headers)
            answer = send(request)
            assert answer.status in ACCEPTED, answer.text
            if answer.status in (200, 201):
                self.wishes.append(request)

    def _publish(self, rng: random.Random, send: Send) -> None:
        for _ in range(CHANGES):
            ref = rng.choice(ARTICLES)
            headers = {"Authorization": f"Bearer {WRITE}", "Content-Type": "application/json"}
            if rng.random() < 0.4:
                headers["Idempotency-Key"] = str(uuid.UUID(int=rng.getrandbits(128), version=4))
                answer = send(event("POST", f"/v1/sites/demo/articles/{ref.article}/reset", None, headers))
                self.resets[ref] += 1
            else:
                body = json.dumps({"title": "T", "url": "https://news.example", "state": rng.choice(STATES)})
                answer = send(event("PUT", f"/v1/sites/demo/articles/{ref.article}", body, headers))
            assert answer.status == 200, answer.text


def in_the_newest_epoch(store: VotingOperatorStore, ref: ArticleRef, epoch: int) -> Counter[str]:
    """The stored votes that should count, by choice."""
    return Counter(
        vote.choice
        for partition in range(VOTE_PARTITIONS)
        for _, vote in store.votes_in_partition(ref, partition, patient)
        if vote.epoch == epoch and vote.choice is not None
    )


def test_nothing_drifts_and_each_reset_happens_once(
    dynamodb_local: Any, new_local_table: Callable[[], str], capsys: pytest.CaptureFixture[str]
) -> None:
    seed = random.SystemRandom().getrandbits(31)  # here, because all processes of a run must name the same tests
    table = new_local_table()
    store = bootstrap.operator_store(table, **dynamodb_local.client_options)
    store.put_site(Site("demo", make_ballot("updown")), patient())
    issue(store, WRITE, "write")
    storm = Storm(dynamodb_local.client_options, table, seed)
    with capsys.disabled():
        print(f"\nresets in a storm, seed {seed} …", flush=True)
        storm.run()
        print(f"  {dict(storm.crowd.statuses)}, resets {sum(storm.resets.values())}", flush=True)
    assert storm.crowd.statuses["killed"] > 0

    def counted() -> dict[ArticleRef, tuple[int, Counter[str]]]:
        found = {}
        for ref in ARTICLES:
            tally = store.tally(ref, patient(), consistent=True)
            found[ref] = (tally.terms.epoch, Counter({choice: n for choice, n in tally.counts.items() if n}))
        assert drifted(store, *ARTICLES) == []
        return found

    after = counted()
    for ref, (epoch, tally) in after.items():
        assert epoch == storm.resets[ref]
        assert tally == in_the_newest_epoch(store, ref, epoch)
    process, pipe = storm.crowd.containers.start()
    for ref in ARTICLES:
        headers = {"Authorization": f"Bearer {WRITE}", "Content-Type": "application/json"}
        body = json.dumps({"title": "T", "url": "https://news.example", "state": "open"})
        pipe.send((0.0, event("PUT", f"/v1/sites/demo/articles/{ref.article}", body, headers)))
        assert pipe.recv().status == 200
        pipe.send((0.0, event("POST", f"/v1/sites/demo/articles/{ref.article}/reset", None, headers)))
        assert pipe.recv().status == 200
    pipe.send(None)
    pipe.recv()
    process.join()
    assert not any(storm.crowd.changed_by(storm.wishes)), "they were acknowledged before the last reset"
    assert {tally.total() for _, tally in counted().values()} == {0}

"""Publishers who make aliases, take them back and reset votes while readers vote, over a faulty network with kills.

Afterwards every merge is finished, nothing drifts, each reader counts once, and copies of old wishes change nothing.
"""

from __future__ import annotations

import json
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from chalicelib import bootstrap
from chalicelib.deadlines import Deadline
from chalicelib.publishing.articles import ArticleRef
from chalicelib.voting.merging import finish_merges
from chalicelib.voting.tokens import issue_token
from chalicelib.voting.use_cases import Voter
from tests.chaos.crowd import Crowd, Send
from tests.support.drifts import drifted
from tests.support.fakes import DEMO, MemoryKeyring, patient
from tests.support.gateway import event
from tests.support.keys import WRITE, issue
from tests.support.merging import PEPPER, Newsroom

LANES, READERS, WISHES = 6, 8, 70
RATE, KILLED = 0.2, 0.04
MOVED = ["m-0", "m-1", "m-2"]  # each becomes an alias of a later one, and stays it
CHANGED = ["c-0", "c-1", "c-2"]  # aliases come and go, and votes are reset
ACCEPTED = {200, 201, 409, 412, 429}


@dataclass
class Life:
    """A reader, and the wishes that were acknowledged for one of the articles in MOVED: when, and for which choice."""

    id: str
    wishes: list[tuple[int, str | None]] = field(default_factory=list)

    def may_end_with(self) -> set[str | None]:
        """The choices that the newest wish may have had. Wishes for two ids in one second have no order."""
        last = max((at for at, _ in self.wishes), default=0)
        return {choice for at, choice in self.wishes if at >= last - 1} or {None}


class Storm:
    """Readers and publishers, and what they were told."""

    def __init__(self, options: dict[str, str], table: str, seed: int) -> None:
        self.crowd = Crowd(options, table, seed, RATE, KILLED)
        self.lives: list[Life] = []
        self.requests: list[dict[str, Any]] = []
        self.changes: Counter[str] = Counter()

    def run(self) -> None:
        """Send everything; raises what a lane met."""
        self.crowd.run([self._vote] * LANES + [self._move, self._change])

    def _vote(self, rng: random.Random, send: Send) -> None:
        signing = MemoryKeyring().signing_key(patient())
        lives = [Life(f"{rng.getrandbits(128):022x}"[:22]) for _ in range(READERS)]
        tokens = {life.id: issue_token(life.id, "demo", signing, int(time.time())).token for life in lives}
        self.lives += lives
        for _ in range(WISHES):
            life, article, choice = rng.choice(lives), rng.choice(MOVED + CHANGED), rng.choice(["up", "down", None])
            headers = {
                "Authorization": f"Bearer {tokens[life.id]}", "Content-Type": "application/json",
                "Idempotency-Key": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            }  # fmt: skip
            body = None if choice is None else json.dumps({"choice": choice})
            url = f"/v1/sites/demo/articles/{article}/vote"
            request = event("DELETE" if choice is None else "PUT", url, body, headers)
            answer = send(request)
            assert answer.status in ACCEPTED, answer.text
            if answer.status in (200, 201) and article in MOVED:
                life.wishes.append((int(time.time()), choice))
                self.requests.append(request)

    def _move(self, rng: random.Random, send: Send) -> None:
        for old, new in (("m-0", "m-1"), ("m-1", "m-2"), ("m-0", "m-2"), ("m-0", "m-1")):
            time.sleep(rng.random())  # so that there are votes on both; nothing depends on how long it is
            self._ask(send, "PUT", f"{new}/aliases/{old}")

    def _change(self, rng: random.Random, send: Send) -> None:
        for _ in range(40):
            article, old = rng.sample(CHANGED, 2)
            what = rng.choice(["PUT", "PUT", "DELETE", "reset"])
            if what == "reset":
                self._ask(send, "POST", f"{article}/reset")
            else:
                self._ask(send, what, f"{article}/aliases/{old}")

    def _ask(self, send: Send, method: str, path: str) -> None:
        headers = {"Authorization": f"Bearer {WRITE}", "Idempotency-Key": str(uuid.uuid4())}
        answer = send(event(method, f"/v1/sites/demo/articles/{path}", None, headers))
        assert answer.status in (200, 409), answer.text
        self.changes[f"{method} {answer.status}"] += 1


def test_each_reader_counts_once_and_nothing_drifts(
    dynamodb_local: Any, new_local_table: Callable[[], str], capsys: pytest.CaptureFixture[str]
) -> None:
    seed = random.SystemRandom().getrandbits(31)  # here, because all processes of a run must name the same tests
    table = new_local_table()
    store = bootstrap.operator_store(table, **dynamodb_local.client_options)
    store.put_site(DEMO, patient())
    issue(store, WRITE, "write")
    storm = Storm(dynamodb_local.client_options, table, seed)
    with capsys.disabled():
        print(f"\nmerges in a storm, seed {seed} …", flush=True)
        storm.run()
        print(f"  {dict(storm.crowd.statuses)}, {dict(storm.changes)}", flush=True)
    assert storm.crowd.statuses["killed"] > 0
    for ref in store.unfinished_merges(patient()):
        finish_merges(store, ref, PEPPER, int(time.time()), lambda: Deadline(time.monotonic, 30.0))
    assert store.unfinished_merges(patient()) == []
    newsroom = Newsroom(store)
    for article in MOVED + CHANGED:
        assert drifted(store, ArticleRef("demo", article)) == []
        votes = [newsroom.voting.votes(Voter(DEMO, life.id), [article], patient())[0].choice for life in storm.lives]
        counted = Counter(choice for choice in votes if choice is not None)
        assert newsroom.counts(ArticleRef("demo", article)) == dict(counted), article
        if article in MOVED:
            for life, choice in zip(storm.lives, votes, strict=True):
                assert choice in life.may_end_with(), (article, life)
    before = newsroom.tally(ArticleRef("demo", "m-2")).counts
    assert not any(storm.crowd.changed_by(storm.requests[-200:]))
    assert newsroom.tally(ArticleRef("demo", "m-2")).counts == before

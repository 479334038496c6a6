"""Editors who exclude votes and restore them, a hundred times, over a faulty network with kills.

First while readers vote: afterwards nothing may drift, and each reader counts as they last wished. Then on quiet
articles: each vote, each count and each hour of the history must be as before, byte for byte.
"""

from __future__ import annotations

import json
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from chalicelib import bootstrap
from chalicelib.dynamodb.attempts import Attempts
from chalicelib.http.wire import timestamp
from chalicelib.insights.store import InsightsStore
from chalicelib.publishing.articles import ArticleRef
from chalicelib.trust.states import HOUR
from chalicelib.voting.tokens import issue_token
from chalicelib.voting.use_cases import Voter
from tests.chaos.crowd import Crowd, Send
from tests.support.excluding import Editor
from tests.support.fakes import DEMO, MemoryKeyring, patient
from tests.support.gateway import event
from tests.support.installing import exclusions_of
from tests.support.keys import ADMIN, issue
from tests.support.merging import Newsroom

READERS, WISHES, ROUNDS_AMONG_VOTES, QUIET_ROUNDS = 4, 60, 25, 25  # rounds of each of two editors: 100
RATE, KILLED = 0.1, 0.05
ARTICLES = [ArticleRef("demo", f"a-{number}") for number in range(2)]
RULES: list[dict[str, Any]] = [{}, {"choice": "up"}, {"choice": "down"}, {"token_age": "minute"}]


class Storm:
    """Readers and editors. `readers`: their ids, by article what they last wished."""

    def __init__(self, options: dict[str, str], table: str, seed: int) -> None:
        self.crowd = Crowd(options, table, seed, RATE, KILLED)
        self.readers: dict[str, dict[ArticleRef, str | None]] = {}
        self.changes: Counter[str] = Counter()

    def run(self, jobs: Sequence[Callable[[random.Random, Send], None]]) -> None:
        """Send everything; raises what a lane met."""
        self.crowd.run(jobs)

    def vote(self, rng: random.Random, send: Send) -> None:
        signing = MemoryKeyring().signing_key(patient())
        ids = [f"{rng.getrandbits(128):022x}"[:22] for _ in range(12)]
        tokens = {one: issue_token(one, "demo", signing, int(time.time())).token for one in ids}
        self.readers |= {one: {} for one in ids}
        for _ in range(WISHES):
            reader, ref, choice = rng.choice(ids), rng.choice(ARTICLES), rng.choice(["up", "down", "up", None])
            headers = {
                "Authorization": f"Bearer {tokens[reader]}", "Content-Type": "application/json",
                "Idempotency-Key": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            }  # fmt: skip
            body = None if choice is None else json.dumps({"choice": choice})
            method, url = "DELETE" if choice is None else "PUT", f"/v1/sites/demo/articles/{ref.article}/vote"
            answer = send(event(method, url, body, headers))
            assert answer.status in (200, 201, 429), answer.text
            if answer.status != 429:
                self.readers[reader][ref] = choice

    def edit_among_votes(self, rng: random.Random, send: Send) -> None:
        self._edit(rng, send, ROUNDS_AMONG_VOTES)

    def edit_quietly(self, rng: random.Random, send: Send) -> None:
        self._edit(rng, send, QUIET_ROUNDS)

    def _edit(self, rng: random.Random, send: Send, rounds: int) -> None:
        now = int(time.time())
        hour = now - now % HOUR
        for _ in range(rounds):
            body = {
                "article": rng.choice(ARTICLES).article, "first_hour": timestamp(hour - HOUR),
                "last_hour": timestamp(hour + HOUR), **rng.choice(RULES),
            }  # fmt: skip
            excluded = self._until_complete(send, "POST", "", body)
            self._until_complete(send, "DELETE", f"/{excluded['exclusion']}", None)

    def _until_complete(self, send: Send, method: str, path: str, body: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {ADMIN}", "Content-Type": "application/json"}
        while True:
            sent = None if body is None else json.dumps(body)
            answer = send(event(method, f"/v1/sites/demo/exclusions{path}", sent, headers))
            assert answer.status == 200, answer.text
            found: dict[str, Any] = answer.json()["exclusion"]
            self.changes[f"{method} {found['state']}"] += 1
            if answer.json()["complete"]:
                return found


def test_nothing_drifts_and_undo_restores_every_vote_count_and_hour(
    dynamodb_local: Any, new_local_table: Callable[[], str], capsys: pytest.CaptureFixture[str]
) -> None:
    seed = random.SystemRandom().getrandbits(31)  # here, because all processes of a run must name the same tests
    table = new_local_table()
    store = bootstrap.operator_store(table, **dynamodb_local.client_options)
    store.put_site(DEMO, patient())
    issue(store, ADMIN, "admin")
    storm = Storm(dynamodb_local.client_options, table, seed)
    newsroom = Newsroom(store)
    insights = InsightsStore(store._client, table, Attempts(), lambda: int(time.time()))
    editor = Editor(store, exclusions_of(store), insights, int(time.time()))
    with capsys.disabled():
        print(f"\nexclusions in a storm, seed {seed} …", flush=True)
        storm.run([storm.vote])  # an article that has no votes yet is unknown to editors
        storm.run([storm.vote] * (READERS - 1) + [storm.edit_among_votes] * 2)
        print(f"  {dict(storm.crowd.statuses)}, {dict(storm.changes)}", flush=True)
        _check(storm, newsroom, editor)
        before, history = editor.stored(*ARTICLES), [editor.history(ref) for ref in ARTICLES]
        storm.run([storm.edit_quietly] * 2)
        print(f"  {dict(storm.crowd.statuses)}, {dict(storm.changes)}", flush=True)
    assert storm.crowd.statuses["killed"] > 0
    _check(storm, newsroom, editor)
    assert editor.stored(*ARTICLES) == before
    assert [editor.history(ref) for ref in ARTICLES] == history
    assert editor.exclusions.unfinished_exclusions(patient()) == []


def _check(storm: Storm, newsroom: Newsroom, editor: Editor) -> None:
    """Every exclusion is undone: each reader counts as they last wished."""
    for one in editor.trust.listed("demo", patient()):
        editor.restore(one)
    assert newsroom.drifts(*ARTICLES) == 0
    editor.project(*ARTICLES)
    for ref in ARTICLES:
        wished = [wishes[ref] for wishes in storm.readers.values() if ref in wishes]
        assert newsroom.counts(ref) == dict(Counter(choice for choice in wished if choice is not None))
        for reader, wishes in storm.readers.items():
            vote = newsroom.voting.votes(Voter(DEMO, reader), [ref.article], patient())[0]
            assert vote.choice == wishes.get(ref)
        assert editor.history(ref)[-1][1] == newsroom.counts(ref)

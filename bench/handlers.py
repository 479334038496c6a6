"""What the handler costs over the raw boto3 calls that do the same work, in CPU time of this process."""

from __future__ import annotations

import json
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import boto3
from botocore.config import Config

import app as entry
from chalicelib import bootstrap
from chalicelib.voting.tokens import issue_token
from tests.support.fakes import MemoryKeyring, patient
from tests.support.gateway import event
from tests.support.installing import services_on

SAMPLES, ROUNDS = 40, 15
Calls = list[Callable[[], None]]
Pair = tuple[Calls, Calls]  # the handler's, and the raw ones that do the same


class Raw:
    """The same requests to DynamoDB, written down by hand: what no service can do without."""

    def __init__(self, client: Any, table: str) -> None:
        self.client, self.table = client, table

    def first_vote(self, voter: str, article: str = "raw") -> None:
        self._transact(voter, article, "attribute_not_exists(PK)", None, {"n_up": "1"}, "up", 1)
        self.tally(article)

    def repeated_vote(self, voter: str, article: str = "raw") -> None:
        try:
            self._transact(voter, article, "attribute_not_exists(PK)", None, {"n_up": "1"}, "up", 1)
        except self.client.exceptions.TransactionCanceledException:
            self.tally(article)

    def changed_vote(self, voter: str, version: int, choice: str, article: str = "raw") -> None:
        """With the version known beforehand, as with If-Match: read, write on that version, read the tally."""
        key = {"PK": {"S": f"BALLOTS#demo#{article}#00"}, "SK": {"S": f"VOTE#{voter}"}}
        self.client.get_item(TableName=self.table, Key=key, ConsistentRead=True)
        old = "down" if choice == "up" else "up"
        deltas = {f"n_{choice}": "1", f"n_{old}": "-1"}
        self._transact(voter, article, "version = :read", str(version), deltas, choice, version + 1)
        self.tally(article)

    def tally(self, article: str = "raw", consistent: bool = True) -> None:
        self.client.query(
            TableName=self.table,
            KeyConditionExpression="PK = :article AND begins_with(SK, :tally)",
            ExpressionAttributeValues={":article": {"S": f"ARTICLE#demo#{article}"}, ":tally": {"S": "TALLY#"}},
            ConsistentRead=consistent,
        )

    def _transact(
        self,
        voter: str,
        article: str,
        condition: str,
        read: str | None,
        deltas: dict[str, str],
        choice: str,
        version: int,
    ) -> None:
        put: dict[str, Any] = {
            "TableName": self.table,
            "Item": {
                "PK": {"S": f"BALLOTS#demo#{article}#00"},
                "SK": {"S": f"VOTE#{voter}"},
                "choice": {"S": choice},
                "version": {"N": str(version)},
                "shard": {"N": "0"},
                "receipts": {"S": "ABCDEFGHIJKL:up"},
                "cast_at": {"N": "1790000000"},
                "changed_at": {"N": "1790000000"},
            },
            "ConditionExpression": condition,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if read is not None:
            put["ExpressionAttributeValues"] = {":read": {"N": read}}
        names = {f"#{index}": name for index, name in enumerate(deltas)}
        values = {f":{index}": {"N": delta} for index, delta in enumerate(deltas.values())}
        adds = ", ".join(f"#{index} :{index}" for index in range(len(deltas)))
        update = {
            "TableName": self.table,
            "Key": {"PK": {"S": f"ARTICLE#demo#{article}"}, "SK": {"S": f"TALLY#{sum(voter.encode()) % 16:02d}"}},
            "UpdateExpression": f"SET updated_at = :at ADD {adds}, version :one",
            "ConditionExpression": "(attribute_not_exists(closes_at) OR closes_at > :at)",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values | {":one": {"N": "1"}, ":at": {"N": "1790000000"}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        self.client.transact_write_items(
            TransactItems=[{"Put": put}, {"Update": update}], ClientRequestToken=uuid.uuid4().hex
        )


class Handler:
    """The Lambda handler on the same table, with events made beforehand."""

    def __init__(self, options: dict[str, str], table: str) -> None:
        store, insights = bootstrap.operator_store(table, **options), bootstrap.operator_insights(table, **options)
        self._keyring = MemoryKeyring()
        bootstrap.install(services_on(store, insights))

    def token(self, voter: str) -> str:
        key = self._keyring.signing_key(patient())
        return issue_token(voter, "demo", key, int(time.time())).token

    def put(self, voter: str, choice: str, article: str = "handler", **headers: str) -> dict[str, Any]:
        sent = {"Authorization": f"Bearer {self.token(voter)}", "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return event("PUT", f"/v1/sites/demo/articles/{article}/vote", json.dumps({"choice": choice}), sent)

    def get_tally(self, article: str = "handler") -> dict[str, Any]:
        return event("GET", f"/v1/sites/demo/articles/{article}/tally")


def send(proxy_event: dict[str, Any], status: int) -> None:
    """Call the handler; a bench that measures errors measures nothing."""
    answer = entry.app(proxy_event, None)
    assert answer["statusCode"] == status, answer["body"]


def cpu_seconds(calls: list[Callable[[], None]]) -> float:
    """The CPU time of this process for all the calls, in seconds."""
    started = time.process_time()
    for one in calls:
        one()
    return time.process_time() - started


def voters(prefix: str) -> Iterator[str]:
    """Voter ids of the right form, all different."""
    number = 0
    while True:
        number += 1
        yield f"{prefix}{number:020d}"[-22:].rjust(22, "A")


def measure(options: dict[str, str], table: str) -> list[tuple[str, float, list[float]]]:
    """(operation, milliseconds of the raw calls, ratios handler/raw per round); the two take turns."""
    raw = Raw(boto3.client("dynamodb", **options, config=Config(retries={"total_max_attempts": 1})), table)
    handler = Handler(options, table)
    ids = voters("v")

    def first(_: int) -> Pair:
        mine: Calls = []
        theirs: Calls = []
        for _sample in range(SAMPLES):
            voter = next(ids)
            proxy_event = handler.put(voter, "up")
            mine.append(partial(send, proxy_event, 201))
            theirs.append(partial(raw.first_vote, voter))
        return mine, theirs

    repeated_voter = next(ids)
    raw.first_vote(repeated_voter)
    send(handler.put(repeated_voter, "up"), 201)

    def repeated(_: int) -> Pair:
        proxy_event = handler.put(repeated_voter, "up")
        return [partial(send, proxy_event, 200)] * SAMPLES, [partial(raw.repeated_vote, repeated_voter)] * SAMPLES

    def changed(_: int) -> Pair:
        mine: Calls = []
        theirs: Calls = []
        for _sample in range(SAMPLES):
            voter = next(ids)  # one vote may change only a few times an hour
            raw.first_vote(voter)
            send(handler.put(voter, "up"), 201)
            mine.append(partial(send, handler.put(voter, "down", If_Match='"1"'), 200))
            theirs.append(partial(raw.changed_vote, voter, 1, "down"))
        return mine, theirs

    def read(_: int) -> Pair:
        proxy_event = handler.get_tally()
        return [partial(send, proxy_event, 200)] * SAMPLES, [partial(raw.tally, consistent=False)] * SAMPLES

    pairs: dict[str, Callable[[int], Pair]] = {
        "first vote": first,
        "repeated vote": repeated,
        "changed vote": changed,
        "public read": read,
    }
    results = []
    for name, prepare in pairs.items():
        ratios, raws = [], []
        for turn in range(ROUNDS + 2):
            mine, theirs = prepare(turn)
            ours, theirs_seconds = cpu_seconds(mine), cpu_seconds(theirs)
            if turn >= 2:  # the first ones warm up
                ratios.append(ours / theirs_seconds)
                raws.append(theirs_seconds / SAMPLES * 1000)
        results.append((name, statistics.median(raws), ratios))
    return results

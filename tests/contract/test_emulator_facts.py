"""What the emulators show of DynamoDB and what they do not: the ground the other tests stand on.

Each fact is asserted on each emulator, the known gaps included. When an emulator gets better, the test of its gap
fails, and whatever was left out because of it can be tested there from then on.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws

from local.dynamodb_local import create_table

# fact: what moto shows, what DynamoDB Local shows. True: as AWS does. None: not the same every time.
FACTS = {
    "a token replayed is executed once": (False, True),
    "a token with other parameters is refused": (False, True),
    "a refused condition hands out the old item": (True, True),
    "a condition refused by nothing hands out no item": (True, True),
    "an action that is not at fault has the code None": (True, True),
    "a batch with repeated keys is refused": (True, True),
    "transactions of one item in parallel all count": (None, True),  # moto loses some, now and then
    "transactions of one item in parallel conflict": (False, False),
}
MOTO, LOCAL = 0, 1


@pytest.fixture(params=["moto", "dynamodb_local"])
def emulator(request: pytest.FixtureRequest) -> Iterator[tuple[int, Any, str]]:
    if request.param == "moto":
        with mock_aws():
            create_table(boto3.client("dynamodb"), "votes")
            yield MOTO, boto3.client("dynamodb", config=Config(retries={"total_max_attempts": 1})), "votes"
    else:
        name = request.getfixturevalue("new_local_table")()
        yield LOCAL, request.getfixturevalue("dynamodb_local").client(), name


def key(name: str) -> dict[str, Any]:
    return {"PK": {"S": name}, "SK": {"S": "x"}}


def add_one(client: Any, table: str, token: str, amount: str = "1") -> None:
    update = {
        "TableName": table,
        "Key": key("counter"),
        "UpdateExpression": "ADD n :one",
        "ExpressionAttributeValues": {":one": {"N": amount}},
    }
    client.transact_write_items(TransactItems=[{"Update": update}], ClientRequestToken=token)


def counter(client: Any, table: str) -> int:
    return int(client.get_item(TableName=table, Key=key("counter"), ConsistentRead=True)["Item"]["n"]["N"])


def put_new(table: str, name: str) -> dict[str, Any]:
    return {
        "Put": {
            "TableName": table,
            "Item": {**key(name), "who": {"S": "first"}},
            "ConditionExpression": "attribute_not_exists(PK)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }


def holds(fact: str, emulator: int, seen: bool) -> None:
    assert seen == FACTS[fact][emulator], f"{fact}: the table says {FACTS[fact][emulator]}, seen {seen}"


def test_replay_of_a_token(emulator: tuple[int, Any, str]) -> None:
    kind, client, table = emulator
    add_one(client, table, f"same-{table[-20:]}")
    add_one(client, table, f"same-{table[-20:]}")
    holds("a token replayed is executed once", kind, counter(client, table) == 1)


def test_a_token_with_other_parameters(emulator: tuple[int, Any, str]) -> None:
    kind, client, table = emulator
    add_one(client, table, f"same-{table[-20:]}")
    try:
        add_one(client, table, f"same-{table[-20:]}", "2")
        refused = False
    except ClientError as error:
        refused = error.response["Error"]["Code"] == "IdempotentParameterMismatchException"
    holds("a token with other parameters is refused", kind, refused)


def test_reasons_of_a_cancelled_transaction(emulator: tuple[int, Any, str]) -> None:
    kind, client, table = emulator
    client.transact_write_items(TransactItems=[put_new(table, "a")])
    with pytest.raises(ClientError) as cancelled:
        client.transact_write_items(TransactItems=[put_new(table, "b"), put_new(table, "a")])
    fine, refused = cancelled.value.response["CancellationReasons"]
    old = refused.get("Item", {}).get("who")
    holds("a refused condition hands out the old item", kind, old == {"S": "first"})
    holds("an action that is not at fault has the code None", kind, fine["Code"] == "None" and "Item" not in fine)


def test_reasons_when_the_condition_met_no_item(emulator: tuple[int, Any, str]) -> None:
    kind, client, table = emulator
    check = {
        "TableName": table,
        "Key": key("missing"),
        "ConditionExpression": "attribute_exists(PK)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    with pytest.raises(ClientError) as cancelled:
        client.transact_write_items(TransactItems=[{"ConditionCheck": check}])
    (reason,) = cancelled.value.response["CancellationReasons"]
    holds("a condition refused by nothing hands out no item", kind, not reason.get("Item"))


def test_a_batch_with_repeated_keys(emulator: tuple[int, Any, str]) -> None:
    kind, client, table = emulator
    try:
        client.batch_get_item(RequestItems={table: {"Keys": [key("a"), key("a")]}})
        refused = False
    except ClientError as error:
        refused = error.response["Error"]["Code"] == "ValidationException"
    holds("a batch with repeated keys is refused", kind, refused)


def in_parallel(client: Any, table: str) -> set[str]:
    """The error codes of 200 transactions on one item, 16 at a time."""

    def one(number: int) -> str:
        try:
            add_one(client, table, f"{number}-{table[-20:]}")
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return ""

    with ThreadPoolExecutor(16) as pool:
        return {code for code in pool.map(one, range(200)) if code}


def test_transactions_in_parallel(raw_table: tuple[Any, str]) -> None:
    client, table = raw_table
    codes = in_parallel(client, table)
    holds("transactions of one item in parallel all count", LOCAL, counter(client, table) == 200)
    holds("transactions of one item in parallel conflict", LOCAL, "TransactionCanceledException" in codes)

"""Watches a DynamoDB client: which operations it calls, on which key conditions, for how many capacity units."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass
class Call:
    """One call. Units are what DynamoDB charged; for a transaction refused by a condition it does not say.

    `asked`: what IAM is asked for it: each action, with the partition key of the item.
    """

    operation: str
    condition: str
    index: str
    asked: list[tuple[str, str]]
    read_units: float = 0.0
    write_units: float = 0.0
    least_read_units: float = 0.0


TRANSACTED_UNITS = 2.0  # for an item of at most 1 KB


class Meter:
    """Collects `Call`s in `calls`; asks DynamoDB for the capacity of each."""

    def __init__(self, client: Any) -> None:
        self.calls: list[Call] = []
        client.meta.events.register("provide-client-params.dynamodb", self._before)
        client.meta.events.register("after-call.dynamodb", self._after)
        client.meta.events.register("after-call-error.dynamodb", self._unanswered)

    def _before(self, params: dict[str, Any], model: Any, **_: object) -> dict[str, Any]:
        condition, index = params.get("KeyConditionExpression", ""), params.get("IndexName", "")
        self.calls.append(Call(model.name, condition, index, list(_asked(model.name, params))))
        # DynamoDB charges for an item that is not there, too. DynamoDB Local does not.
        asked = params.get("RequestItems", {}).values() if model.name == "BatchGetItem" else []
        self.calls[-1].least_read_units = sum(
            len(one["Keys"]) * (1.0 if one.get("ConsistentRead") else 0.5) for one in asked
        )
        return {**params, "ReturnConsumedCapacity": "INDEXES"}

    def _after(self, parsed: dict[str, Any], **_: object) -> None:
        consumed = parsed.get("ConsumedCapacity", [])
        if consumed and self.calls[-1].operation == "TransactWriteItems":
            # DynamoDB Local says 4, however many actions there are. DynamoDB charges two units for each small item.
            self.calls[-1].write_units += TRANSACTED_UNITS * len(self.calls[-1].asked)
            return
        for one in consumed if isinstance(consumed, list) else [consumed]:
            units = one["CapacityUnits"]
            read = one.get("ReadCapacityUnits", 0.0 if self._writes() else units)
            self.calls[-1].read_units += max(read, self.calls[-1].least_read_units)
            self.calls[-1].write_units += one.get("WriteCapacityUnits", units - read)

    def _unanswered(self, **_: object) -> None:
        """A call without an answer is repeated. It tells of a busy machine, not of what the code costs."""
        self.calls.pop()

    def _writes(self) -> bool:
        return self.calls[-1].operation in ("TransactWriteItems", "PutItem", "UpdateItem", "DeleteItem")


def _asked(operation: str, params: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if operation == "TransactWriteItems":
        for action in params["TransactItems"]:
            ((kind, one),) = action.items()
            yield ("ConditionCheckItem" if kind == "ConditionCheck" else f"{kind}Item"), _partition(one)
    elif operation == "BatchGetItem":
        for table in params["RequestItems"].values():
            yield from ((operation, one["PK"]["S"]) for one in table["Keys"])
    elif operation == "Query":
        name = re.match(r"PK = (:\w+)", params["KeyConditionExpression"])
        assert name is not None, params["KeyConditionExpression"]
        yield operation, params["ExpressionAttributeValues"][name[1]]["S"]
    else:
        yield operation, "" if operation == "Scan" else _partition(params)


def _partition(params: dict[str, Any]) -> str:
    key = params["Item"] if "Item" in params else params["Key"]
    return str(key["PK"]["S"])

"""Watches a DynamoDB client: which operations it calls, on which key conditions, for how many capacity units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass
class Call:
    """One call. Units are what DynamoDB charged; for a transaction refused by a condition it does not say."""

    operation: str
    condition: str
    index: str
    read_units: float = 0.0
    write_units: float = 0.0


class Meter:
    """Collects `Call`s in `calls`; asks DynamoDB for the capacity of each."""

    def __init__(self, client: Any) -> None:
        self.calls: list[Call] = []
        client.meta.events.register("provide-client-params.dynamodb", self._before)
        client.meta.events.register("after-call.dynamodb", self._after)
        client.meta.events.register("after-call-error.dynamodb", self._unanswered)

    def _before(self, params: dict[str, Any], model: Any, **_: object) -> dict[str, Any]:
        self.calls.append(Call(model.name, params.get("KeyConditionExpression", ""), params.get("IndexName", "")))
        return {**params, "ReturnConsumedCapacity": "INDEXES"}

    def _after(self, parsed: dict[str, Any], **_: object) -> None:
        consumed = parsed.get("ConsumedCapacity", [])
        for one in consumed if isinstance(consumed, list) else [consumed]:
            units = one["CapacityUnits"]
            read = one.get("ReadCapacityUnits", 0.0 if self._writes() else units)
            self.calls[-1].read_units += read
            self.calls[-1].write_units += one.get("WriteCapacityUnits", units - read)

    def _unanswered(self, **_: object) -> None:
        """A call without an answer is repeated. It tells of a busy machine, not of what the code costs."""
        self.calls.pop()

    def _writes(self) -> bool:
        return self.calls[-1].operation in ("TransactWriteItems", "PutItem", "UpdateItem", "DeleteItem")

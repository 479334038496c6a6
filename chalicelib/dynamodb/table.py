"""What every room of the table calls DynamoDB with: until answered, page by page, and with a condition."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from chalicelib.deadlines import Deadline
from chalicelib.dynamodb.attempts import Attempts, ConditionRefused, Incomplete
from chalicelib.dynamodb.checksums import verify_answers
from chalicelib.voting import items
from chalicelib.voting.items import Item


class Calls:
    """A client and the name of the table. Nothing here is an access pattern of its own."""

    def __init__(self, client: Any, name: str, attempts: Attempts) -> None:
        verify_answers(client)
        self._client = client
        self._name = name
        self._attempts = attempts

    def _answer(self, call: Callable[[], Any], deadline: Deadline) -> Any:
        return self._attempts.until_answered(call, deadline)

    def _if_holds(self, call: Callable[[], Any], deadline: Deadline) -> bool:
        try:
            self._answer(call, deadline)
        except ConditionRefused:
            return False
        return True

    def _every_item(self, deadline: Deadline, most: int | None = None, **query: Any) -> Iterator[Item]:
        """The items of a query, in its order, over all pages of it; at most `most`."""
        page = {"TableName": self._name, **query}
        while True:
            if most is not None:
                page["Limit"] = most
            found = self._answer(lambda: self._client.query(**page), deadline)
            yield from found["Items"]
            if most is not None:
                most -= len(found["Items"])
            if "LastEvaluatedKey" not in found or most == 0:
                return
            page["ExclusiveStartKey"] = found["LastEvaluatedKey"]

    def _batch_get(self, keys: list[Item], deadline: Deadline, *, consistent: bool) -> list[Item | None]:
        found: dict[tuple[str, str], Item] = {}
        wanted = keys

        def call() -> None:
            nonlocal wanted
            answer = self._client.batch_get_item(
                RequestItems={self._name: {"Keys": wanted, "ConsistentRead": consistent}}
            )
            for item in answer["Responses"].get(self._name, []):
                found[item[items.PK]["S"], item[items.SK]["S"]] = item
            wanted = answer.get("UnprocessedKeys", {}).get(self._name, {}).get("Keys", [])
            if wanted:
                raise Incomplete

        self._answer(call, deadline)
        return [found.get((key[items.PK]["S"], key[items.SK]["S"])) for key in keys]

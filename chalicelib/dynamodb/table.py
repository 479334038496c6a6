"""How every store calls DynamoDB: until it has answered, over all pages, and with conditions."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.deadlines import Deadline
from chalicelib.dynamodb.attempts import Attempts, ConditionRefused, Incomplete, conflicting_actions
from chalicelib.dynamodb.attributes import PK, SK, Item
from chalicelib.dynamodb.checksums import verify_answers


class Table:
    """A client and a table's name. Stores inherit from it and add one method for each access pattern."""

    def __init__(
        self, client: Any, name: str, attempts: Attempts, new_token: Callable[[], str] = lambda: uuid.uuid4().hex
    ) -> None:
        verify_answers(client)
        self._client = client
        self._name = name
        self._attempts = attempts
        self._new_token = new_token

    def _answer(self, call: Callable[[], Any], deadline: Deadline) -> Any:
        return self._attempts.until_answered(call, deadline)

    def _get(self, key: Item, deadline: Deadline, *, consistent: bool = False) -> Item | None:
        """The item with this key, or None."""
        found = self._answer(
            lambda: self._client.get_item(TableName=self._name, Key=key, ConsistentRead=consistent), deadline
        )
        item: Item | None = found.get("Item")
        return item

    def _put_if(self, item: Item, condition: str, values: Item, deadline: Deadline) -> bool:
        """Put an item if the condition holds. Returns True if it was stored."""
        call: Item = {"TableName": self._name, "Item": item, "ConditionExpression": condition}
        if values:
            call["ExpressionAttributeValues"] = values
        return self._if_holds(lambda: self._client.put_item(**call), deadline)

    def _update_if(self, update: Item, deadline: Deadline) -> bool:
        """Make a conditional update of one item. Returns False if its condition did not hold."""
        return self._if_holds(lambda: self._client.update_item(**update), deadline)

    def _if_holds(self, call: Callable[[], Any], deadline: Deadline) -> bool:
        """Make a conditional call. Returns False if its condition did not hold."""
        try:
            self._answer(call, deadline)
        except ConditionRefused:
            return False
        return True

    def _query(
        self,
        deadline: Deadline | Callable[[], Deadline],
        condition: str,
        values: Item,
        most: int | None = None,
        **more: Any,
    ) -> Iterator[Item]:
        """The items of a Query in its order, over all its pages; at most `most`.

        A deadline holds for all pages together. A function is called for each page and gives that page's deadline.
        """
        page: Item = {
            "TableName": self._name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": values,
            **more,
        }
        return self._every_item(self._client.query, page, deadline, most)

    def _scan(self, deadline: Callable[[], Deadline], **more: Any) -> Iterator[Item]:
        """The items of a Scan, over all its pages, each of which has a deadline of its own."""
        return self._every_item(self._client.scan, {"TableName": self._name, **more}, deadline, None)

    def _every_item(
        self, call: Callable[..., Any], page: Item, deadline: Deadline | Callable[[], Deadline], most: int | None
    ) -> Iterator[Item]:
        while True:
            if most is not None:
                page["Limit"] = most
            found = self._answer(lambda: call(**page), deadline if isinstance(deadline, Deadline) else deadline())
            yield from found["Items"]
            if most is not None:
                most -= len(found["Items"])
            if "LastEvaluatedKey" not in found or most == 0:
                return
            page["ExclusiveStartKey"] = found["LastEvaluatedKey"]

    def _batch_get(self, keys: list[Item], deadline: Deadline, *, consistent: bool) -> list[Item | None]:
        """The items with these keys, in their order; None for those that do not exist."""
        found: dict[tuple[str, str], Item] = {}
        wanted = keys

        def call() -> None:
            nonlocal wanted
            answer = self._client.batch_get_item(
                RequestItems={self._name: {"Keys": wanted, "ConsistentRead": consistent}}
            )
            for item in answer["Responses"].get(self._name, []):
                found[item[PK]["S"], item[SK]["S"]] = item
            wanted = answer.get("UnprocessedKeys", {}).get(self._name, {}).get("Keys", [])
            if wanted:
                raise Incomplete

        self._answer(call, deadline)
        return [found.get((key[PK]["S"], key[SK]["S"])) for key in keys]

    def _transact(
        self, deadline: Deadline, *actions: Item, met_conflict: Callable[[set[int]], None] = lambda _: None
    ) -> None:
        """Do all of these actions or none. Raises `ConditionRefused`.

        The token makes it harmless to send this transaction again, for ten minutes. It is new in each call: a vote that
        is delivered again is decided again, on the vote that is stored then. The old token would return the old
        success. `met_conflict` is told, for each attempt that met another transaction, on which actions.
        """

        def call() -> None:
            try:
                self._client.transact_write_items(**transaction)
            except ClientError as error:
                if conflicts := conflicting_actions(error):
                    met_conflict(conflicts)
                raise

        transaction = {"TransactItems": list(actions), "ClientRequestToken": self._new_token()}
        self._answer(call, deadline)

    def _transact_if(self, deadline: Deadline, *actions: Item) -> bool:
        """Do all of these actions or none. Returns False if a condition did not hold."""
        try:
            self._transact(deadline, *actions)
        except ConditionRefused:
            return False
        return True

    def _put_action(self, item: Item) -> Item:
        return {"Put": {"TableName": self._name, "Item": item}}

    def _delete(self, key: Item, deadline: Deadline) -> None:
        """Delete the item with this key, if there is one."""
        self._answer(lambda: self._client.delete_item(TableName=self._name, Key=key), deadline)

    def _delete_action(self, key: Item) -> Item:
        return {"Delete": {"TableName": self._name, "Key": key}}

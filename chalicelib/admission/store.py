"""Salts, new voters of networks and used solutions in their table: one method for each access pattern."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.admission import items
from chalicelib.admission.ports import Admitted, Counted, Spent
from chalicelib.deadlines import Deadline
from chalicelib.dynamodb.attempts import ConditionRefused
from chalicelib.dynamodb.attributes import Item, number
from chalicelib.dynamodb.table import Table

NOTHING_IS_STORED = "attribute_not_exists(PK)"
HAS_HAD_FEWER = "attribute_not_exists(new_voters) OR new_voters < :below"


class NetworksTable(Table):
    """Implements `ports.NetworkStore`."""

    def salt(self, day: int, fresh: bytes, deadline: Deadline) -> bytes:
        """The salt of a day. The first to ask stores its own."""
        while (stored := self._get(items.salt_key(day), deadline, consistent=True)) is None:
            self._put_if(items.salt_item(day, fresh), NOTHING_IS_STORED, {}, deadline)
        return items.read_salt(stored)

    def forget_salts(self, before_day: int, deadline: Deadline) -> int:
        """Delete the salts of all days before this one. To do it again is harmless."""
        values = {":salts": {"S": items.SALTS}, ":before": items.salt_key(before_day)["SK"]}
        found = list(self._query(deadline, "PK = :salts AND SK < :before", values))
        for item in found:
            self._delete(items.salt_key(items.day_of_salt(item)), deadline)
        return len(found)

    def new_voters(self, networks: Sequence[tuple[str, int]], deadline: Deadline) -> list[int]:
        """How many new voters there were. Consistent, because `admit` checks only the numbers of this hour again."""
        found = self._batch_get([items.use_key(mark, hour) for mark, hour in networks], deadline, consistent=True)
        return [items.read_use(item) for item in found]

    def admit(self, networks: Sequence[Counted], spent: Spent | None, deadline: Deadline) -> Admitted:
        """Count a new voter and use up the solution, in one transaction.

        A transaction whose answer was lost is sent again with the same token, and counts once.
        """
        actions = [self._count_action(one) for one in networks]
        if spent is not None:
            put = self._put_action(items.spent_item(spent.id, spent.until))
            put["Put"]["ConditionExpression"] = NOTHING_IS_STORED
            actions.append(put)
        try:
            self._transact(deadline, *actions)
        except ConditionRefused as refused:
            return "spent" if spent is not None and refused.failed(len(networks)) else "full"
        return "admitted"

    def _count_action(self, network: Counted) -> Item:
        return {
            "Update": {
                "TableName": self._name,
                "Key": items.use_key(network.mark, network.hour),
                "UpdateExpression": "ADD new_voters :one SET expires_at = :ends",
                "ConditionExpression": HAS_HAD_FEWER,
                "ExpressionAttributeValues": {
                    ":one": number(1),
                    ":below": number(network.below),
                    ":ends": items.use_ends(network.hour),
                },
            }
        }

"""The read models in the table: histories, leaderboards, site totals, read keys. One method per access pattern.

Every write here replaces an item by a newer one, and newer is decided by its version alone: writers may be repeated,
delayed or overtaken. Nothing on a vote's path reads or writes any of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chalicelib.domain.articles import ArticleRef
from chalicelib.domain.deadlines import Deadline
from chalicelib.domain.history import Closing
from chalicelib.domain.intervals import Step
from chalicelib.domain.leaderboards import Board, Entry, Page, Place
from chalicelib.domain.read_keys import ReadKey
from chalicelib.domain.site_totals import Level, SiteTotal
from chalicelib.domain.tallies import Tally
from chalicelib.storage import insight_items as items
from chalicelib.storage.calls import Calls
from chalicelib.storage.items import LIST_OF_SITES, Item, number, read_tally

STORED_IS_OLDER = "attribute_not_exists(version) OR version < :version"
STORED_IS_NOT_NEWER = "attribute_not_exists(version) OR version <= :version"


class InsightsTable(Calls):
    """What is derived from votes. Every method raises `Unavailable` when DynamoDB does not answer by the deadline."""

    # Histories

    def closings(
        self, ref: ArticleRef, step: Step, last: int, most: int, deadline: Deadline, *, consistent: bool
    ) -> list[Closing]:
        """The article's newest `most` closings up to the interval that began at `last`, newest first.

        Behind the last of the hours that are kept come the days, also newest first.
        """
        found = self._every_item(
            deadline,
            most,
            KeyConditionExpression="PK = :history AND SK <= :last",
            ExpressionAttributeValues={
                ":history": {"S": items.history_partition(ref)},
                ":last": {"S": items.closing_sort_key(step, last)},
            },
            ScanIndexForward=False,
            ConsistentRead=consistent,
        )
        return [items.read_closing(item) for item in found]

    def put_closing(self, ref: ArticleRef, closing: Closing, deadline: Deadline) -> bool:
        """Store a closing if it knows more than the stored one; whether it did."""
        return self._put(items.closing_item(ref, closing), STORED_IS_OLDER, closing.tally.version, deadline)

    # Leaderboards

    def put_entry(self, entry: Entry, deadline: Deadline) -> bool:
        """Store an entry unless the stored one is newer; whether it was stored. At the same version its title, or the
        site's prior, may have changed."""
        return self._put(items.entry_item(entry), STORED_IS_NOT_NEWER, entry.gained.version, deadline)

    def leaderboard(self, board: Board, limit: int, after: Place | None, deadline: Deadline) -> Page:
        """A page of a board: one Query of the order's index."""
        query: Item = {
            "TableName": self._name,
            "IndexName": f"by_{board.order}",
            "KeyConditionExpression": "board = :board",
            "ExpressionAttributeValues": {":board": {"S": items.board(board.site, board.window, board.start)}},
            "ScanIndexForward": False,
            "Limit": limit,
        }
        if after is not None:
            query["ExclusiveStartKey"] = items.place_key(board, after)
        found = self._answer(lambda: self._client.query(**query), deadline)
        last = found.get("LastEvaluatedKey")
        return Page(
            [items.read_entry(item) for item in found["Items"]], None if last is None else items.read_place(board, last)
        )

    def gains_of_hour(self, site: str, start: int, part: int, deadline: Deadline) -> Iterator[Tally]:
        """What each article of one part of the site gained in the hour, read consistently."""
        found = self._every_item(
            deadline,
            KeyConditionExpression="PK = :part",
            ExpressionAttributeValues={":part": {"S": items.board_partition(site, "hour", start, part)}},
            ConsistentRead=True,
        )
        return (read_tally(item) for item in found)

    # Totals of a site

    def put_total(self, site: str, total: SiteTotal, deadline: Deadline) -> bool:
        """Store a total if it knows more than the stored one; whether it did."""
        return self._put(items.total_item(site, total), STORED_IS_OLDER, total.gained.version, deadline)

    def totals(
        self, site: str, level: Level, first: int, end: int, deadline: Deadline, *, consistent: bool
    ) -> list[SiteTotal]:
        """The totals of the hours (part by part) or days that began from `first` on and before `end`, oldest first."""
        return self._totals(
            site, items.total_sort_key(level, first), items.total_sort_key(level, end - 1, 99), deadline, consistent
        )

    def totals_since(self, site: str, first: int, deadline: Deadline) -> list[SiteTotal]:
        """The totals of the hours that began from `first` on, and the site's total since the beginning."""
        return self._totals(
            site, items.total_sort_key("hour", first), items.total_sort_key("all", 0), deadline, consistent=False
        )

    def _totals(self, site: str, first: str, last: str, deadline: Deadline, consistent: bool) -> list[SiteTotal]:
        found = self._every_item(
            deadline,
            KeyConditionExpression="PK = :totals AND SK BETWEEN :first AND :last",
            ExpressionAttributeValues={
                ":totals": {"S": items.totals_partition(site)},
                ":first": {"S": first},
                ":last": {"S": last},
            },
            ConsistentRead=consistent,
        )
        return [items.read_total(item) for item in found]

    # Read keys and the list of sites

    def has_read_key(self, site: str, key_hash: str, deadline: Deadline) -> bool:
        """Whether a key with this hash reads this site's insights."""
        key = items.read_key_key(site, key_hash)
        return "Item" in self._answer(lambda: self._client.get_item(TableName=self._name, Key=key), deadline)

    def listed_sites(self, deadline: Deadline) -> list[str]:
        """The ids of the sites whose insights are public, in their order."""
        found = self._every_item(
            deadline,
            KeyConditionExpression="PK = :sites",
            ExpressionAttributeValues={":sites": {"S": LIST_OF_SITES}},
        )
        return [item["SK"]["S"] for item in found]

    def _put(self, item: Item, condition: str, version: int, deadline: Deadline) -> bool:
        call: dict[str, Any] = {
            "TableName": self._name,
            "Item": item,
            "ConditionExpression": condition,
            "ExpressionAttributeValues": {":version": number(version)},
        }
        return self._if_holds(lambda: self._client.put_item(**call), deadline)


class OperatorInsights(InsightsTable):
    """With what only the command line does: read keys."""

    def put_read_key(self, key: ReadKey, deadline: Deadline) -> None:
        """Store the hash of an issued key."""
        self._answer(lambda: self._client.put_item(TableName=self._name, Item=items.read_key_item(key)), deadline)

    def read_keys(self, site: str, deadline: Deadline) -> list[ReadKey]:
        """The keys issued for a site."""
        found = self._every_item(
            deadline,
            KeyConditionExpression="PK = :site AND begins_with(SK, :key)",
            ExpressionAttributeValues={":site": {"S": f"SITE#{site}"}, ":key": {"S": items.KEY_PREFIX}},
        )
        return [items.read_read_key(item) for item in found]

    def delete_read_key(self, key: ReadKey, deadline: Deadline) -> None:
        """Revoke a key. Functions remember a key for a minute."""
        self._answer(
            lambda: self._client.delete_item(TableName=self._name, Key=items.read_key_key(key.site, key.hash)), deadline
        )

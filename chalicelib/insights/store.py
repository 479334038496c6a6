"""The read models in the table: histories, leaderboards, site totals, read keys. One method per access pattern.

Every write here replaces an item by a newer one, and newer is decided by its version alone: writers may be repeated,
delayed or overtaken. Nothing on a vote's path reads or writes any of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chalicelib.deadlines import Deadline
from chalicelib.dynamodb.table import Calls
from chalicelib.insights import items
from chalicelib.insights.history import Closing
from chalicelib.insights.intervals import Step, Window
from chalicelib.insights.leaderboards import Board, Entry, Page, Place
from chalicelib.insights.site_totals import Level, SiteTotal
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.read_keys import ReadKey
from chalicelib.voting.items import LIST_OF_SITES, Item, number, read_tally
from chalicelib.voting.tallies import Tally

CLOSING_IS_NEW = "attribute_not_exists(PK)"
CLOSING_IS_AS_READ = "version = :read"
STORED_IS_OLDER = "attribute_not_exists(version) OR version < :version"
STORED_IS_NOT_NEWER = "attribute_not_exists(version) OR version <= :version"


class InsightsTable(Calls):
    """What is derived from votes. Every method raises `Unavailable` when DynamoDB does not answer by the deadline."""

    # Histories

    def closings(self, ref: ArticleRef, step: Step, last: int, most: int, deadline: Deadline) -> list[Closing]:
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
        )
        return [items.read_closing(item) for item in found]

    def closings_back_to(
        self, ref: ArticleRef, step: Step, first: int, expected: int, deadline: Deadline
    ) -> Iterator[Closing]:
        """The article's closings, newest first, back to the one before the interval that began at `first`; read
        consistently. One call if there are no more than `expected`."""
        found = self._every_item(
            deadline,
            KeyConditionExpression="PK = :history AND begins_with(SK, :step)",
            ExpressionAttributeValues={
                ":history": {"S": items.history_partition(ref)},
                ":step": {"S": items.STEPS[step]},
            },
            ScanIndexForward=False,
            ConsistentRead=True,
            Limit=expected,
        )
        for closing in map(items.read_closing, found):
            yield closing
            if closing.start < first:
                return

    def put_closing(self, ref: ArticleRef, closing: Closing, read_version: int, deadline: Deadline) -> bool:
        """Store a closing if the stored one is the one that was read (0: none); whether it was.

        Versions of closings only grow, so equal versions are equal closings.
        """
        condition, values = CLOSING_IS_NEW, {}
        if read_version:
            condition, values = CLOSING_IS_AS_READ, {":read": number(read_version)}
        return self._put_if(items.closing_item(ref, closing), condition, values, deadline)

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

    def parts_of_hour(self, site: str, start: int, deadline: Deadline) -> list[Tally]:
        """The totals of the parts of one hour, read consistently."""
        found = self._every_item(
            deadline,
            KeyConditionExpression="PK = :hour",
            ExpressionAttributeValues={":hour": {"S": items.parts_partition(site, start)}},
            ConsistentRead=True,
        )
        return [read_tally(item) for item in found]

    def totals(
        self, site: str, level: Level, first: int, end: int, deadline: Deadline, *, consistent: bool
    ) -> list[SiteTotal]:
        """The totals of the hours or days that began from `first` on and before `end`, oldest first; or that of all."""
        keys = items.total_sort_key(level, first), items.total_sort_key(level, end - 1)
        return self._totals(site, *keys, deadline, consistent)

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
        return self._put_if(item, condition, {":version": number(version)}, deadline)

    def _put_if(self, item: Item, condition: str, values: Item, deadline: Deadline) -> bool:
        call: dict[str, Any] = {"TableName": self._name, "Item": item, "ConditionExpression": condition}
        if values:
            call["ExpressionAttributeValues"] = values
        return self._if_holds(lambda: self._client.put_item(**call), deadline)


class OperatorInsights(InsightsTable):
    """With what only the command line does: read keys, and titles of windows that are over."""

    def put_read_key(self, key: ReadKey, deadline: Deadline) -> None:
        """Store the hash of an issued key."""
        self._answer(lambda: self._client.put_item(TableName=self._name, Item=items.read_key_item(key)), deadline)

    def put_title(self, article: Article, window: Window, start: int, deadline: Deadline) -> bool:
        """Give an article's entry in a window its title and address; whether there is one."""
        return self._if_holds(
            lambda: self._client.update_item(
                TableName=self._name,
                Key=items.entry_key(article.ref, window, start),
                UpdateExpression="SET title = :title, #url = :url",
                ConditionExpression="attribute_exists(PK)",
                ExpressionAttributeNames={"#url": "url"},
                ExpressionAttributeValues={":title": {"S": article.title}, ":url": {"S": article.url}},
            ),
            deadline,
        )

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

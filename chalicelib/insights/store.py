"""The read models in the table: histories, leaderboards and site totals. One method for each access pattern.

A write never replaces an item by an older one, and the version says which is older. So a writer may be repeated,
delayed or overtaken. A request for a vote neither reads nor writes any of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.deadlines import Deadline
from chalicelib.dynamodb.attributes import Item, number
from chalicelib.dynamodb.table import Table
from chalicelib.insights import items
from chalicelib.insights.gains import Gain
from chalicelib.insights.history import Snapshot
from chalicelib.insights.intervals import Step
from chalicelib.insights.leaderboards import Board, Entry, Page, Place
from chalicelib.insights.site_totals import Level, SiteTotal
from chalicelib.publishing.articles import ArticleRef

SNAPSHOT_IS_NEW = "attribute_not_exists(PK)"
SNAPSHOT_IS_AS_READ = "version = :read"
STORED_IS_OLDER = "attribute_not_exists(version) OR version < :version"
STORED_IS_NOT_NEWER = "attribute_not_exists(version) OR version <= :version"


class InsightsStore(Table):
    """Implements `ports.InsightStore`."""

    # Histories

    def snapshots(self, ref: ArticleRef, step: Step, last: int, most: int, deadline: Deadline) -> list[Snapshot]:
        """The article's newest `most` snapshots up to the hour or day that began at `last`, newest first.

        After the last hour that is kept come the days, also newest first.
        """
        values = {
            ":history": {"S": items.history_partition(ref)},
            ":last": {"S": items.snapshot_sort_key(step, last)},
        }
        found = self._query(deadline, "PK = :history AND SK <= :last", values, most, ScanIndexForward=False)
        return [items.read_snapshot(item) for item in found]

    def snapshots_back_to(
        self, ref: ArticleRef, step: Step, first: int, expected: int, deadline: Deadline
    ) -> Iterator[Snapshot]:
        """The article's snapshots, newest first, back to the last one before `first`; read consistently.

        `first` begins an hour or a day. One call is enough if there are at most `expected` snapshots.
        """
        values = {":history": {"S": items.history_partition(ref)}, ":step": {"S": items.STEPS[step]}}
        newest_first = {"ScanIndexForward": False, "ConsistentRead": True, "Limit": expected}
        found = self._query(deadline, "PK = :history AND begins_with(SK, :step)", values, **newest_first)
        for snapshot in map(items.read_snapshot, found):
            yield snapshot
            if snapshot.start < first:
                return

    def put_snapshot(self, ref: ArticleRef, snapshot: Snapshot, read_version: int, deadline: Deadline) -> bool:
        """Store a snapshot if the stored one still has the version that was read (0: there was none).

        Returns True if it was stored. Versions of snapshots only grow, so equal versions are equal snapshots.
        """
        condition, values = SNAPSHOT_IS_NEW, {}
        if read_version:
            condition, values = SNAPSHOT_IS_AS_READ, {":read": number(read_version)}
        return self._put_if(items.snapshot_item(ref, snapshot), condition, values, deadline)

    # Leaderboards

    def put_entry(self, entry: Entry, deadline: Deadline) -> bool:
        """Store an entry unless the stored one is newer. Returns True if it was stored.

        An entry of the same version is stored, too: its title or the site's prior may have changed.
        """
        values = {":version": number(entry.gained.version)}
        return self._put_if(items.entry_item(entry), STORED_IS_NOT_NEWER, values, deadline)

    def leaderboard(self, board: Board, limit: int, after: Place | None, deadline: Deadline) -> Page:
        """A page of a leaderboard: one Query of the order's index."""
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
        entries = [items.read_entry(item) for item in found["Items"]]
        return Page(entries, None if last is None else items.read_place(board, last))

    def gains_of_hour(self, site: str, start: int, part: int, deadline: Deadline) -> Iterator[Gain]:
        """What each article in one part of the site gained in the hour, read consistently."""
        values = {":part": {"S": items.board_partition(site, "hour", start, part)}}
        return map(items.gain_from, self._query(deadline, "PK = :part", values, ConsistentRead=True))

    # Totals of a site

    def put_total(self, site: str, total: SiteTotal, deadline: Deadline) -> bool:
        """Store a total if its version is higher than the stored one's. Returns True if it was stored."""
        values = {":version": number(total.gained.version)}
        return self._put_if(items.total_item(site, total), STORED_IS_OLDER, values, deadline)

    def parts_of_hour(self, site: str, start: int, deadline: Deadline) -> list[Gain]:
        """The totals of the parts of one hour, read consistently."""
        values = {":hour": {"S": items.parts_partition(site, start)}}
        return [items.gain_from(item) for item in self._query(deadline, "PK = :hour", values, ConsistentRead=True)]

    def totals(
        self, site: str, level: Level, first: int, end: int, deadline: Deadline, *, consistent: bool
    ) -> list[SiteTotal]:
        """The totals of the hours or days that began at `first` or later and before `end`, oldest first.

        At the level "all" there is one total, which begins at 0.
        """
        keys = items.total_sort_key(level, first), items.total_sort_key(level, end - 1)
        return self._totals(site, *keys, deadline, consistent)

    def totals_since(self, site: str, first: int, deadline: Deadline) -> list[SiteTotal]:
        """The totals of the hours that began at `first` or later, and the site's total since the beginning."""
        keys = items.total_sort_key("hour", first), items.total_sort_key("all", 0)
        return self._totals(site, *keys, deadline, consistent=False)

    def _totals(self, site: str, first: str, last: str, deadline: Deadline, consistent: bool) -> list[SiteTotal]:
        values = {":totals": {"S": items.totals_partition(site)}, ":first": {"S": first}, ":last": {"S": last}}
        condition = "PK = :totals AND SK BETWEEN :first AND :last"
        return [items.read_total(item) for item in self._query(deadline, condition, values, ConsistentRead=consistent)]

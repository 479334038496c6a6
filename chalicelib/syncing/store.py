"""The readings of feeds in the table: one method for each access pattern."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.deadlines import Deadline
from chalicelib.dynamodb.attributes import number
from chalicelib.dynamodb.table import Table
from chalicelib.publishing.items import LIST_OF_FEEDS, feed_key

if TYPE_CHECKING:  # every function has this store, and few of their requests are about feeds
    from chalicelib.syncing.feed_states import FeedState

SITE_IS_AS_READ = "site_version = :read"


class FeedStore(Table):
    """Implements `ports.FeedStore`."""

    def feeds(self, deadline: Deadline) -> list[FeedState]:
        """How the reading of each feed goes, by site."""
        from chalicelib.syncing import items  # noqa: PLC0415

        found = self._query(deadline, "PK = :feeds", {":feeds": {"S": LIST_OF_FEEDS}})
        return [items.read_feed(item) for item in found]

    def feed(self, site: str, deadline: Deadline) -> FeedState | None:
        """How the reading of this site's feed goes. None if it has no feed."""
        from chalicelib.syncing import items  # noqa: PLC0415

        item = self._get(feed_key(site), deadline)
        return None if item is None else items.read_feed(item)

    def put_feed(self, state: FeedState, deadline: Deadline) -> bool:
        """Store how it goes, unless the site has changed since. Then the feed is read anew."""
        from chalicelib.syncing import items  # noqa: PLC0415

        return self._put_if(items.feed_item(state), SITE_IS_AS_READ, {":read": number(state.site_version)}, deadline)

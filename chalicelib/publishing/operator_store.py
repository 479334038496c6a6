"""Sites and read keys in the table, as the command line changes them. No deployed function has the rights for it."""

from __future__ import annotations

from chalicelib.deadlines import Deadline
from chalicelib.publishing import items
from chalicelib.publishing.read_keys import ReadKey
from chalicelib.publishing.sites import Site
from chalicelib.publishing.store import PublishingStore


class PublishingOperatorStore(PublishingStore):
    """Implements `ports.OperatorSiteStore`."""

    def put_site(self, site: Site, deadline: Deadline) -> None:
        """Create a site or replace its settings. If its insights are public, it is on the list of sites."""
        listed = items.listed_site_key(site.id)
        listing = self._put_action(listed) if site.insights == "public" else self._delete_action(listed)
        self._transact(deadline, self._put_action(items.site_item(site)), listing)

    def put_read_key(self, key: ReadKey, deadline: Deadline) -> None:
        """Store the hash of an issued key."""
        self._answer(lambda: self._client.put_item(TableName=self._name, Item=items.read_key_item(key)), deadline)

    def read_keys(self, site: str, deadline: Deadline) -> list[ReadKey]:
        """The keys that were issued for a site."""
        found = self._query(
            deadline,
            "PK = :site AND begins_with(SK, :key)",
            {":site": {"S": items.site_partition(site)}, ":key": {"S": items.KEY_PREFIX}},
        )
        return [items.read_read_key(item) for item in found]

    def delete_read_key(self, key: ReadKey, deadline: Deadline) -> None:
        """Revoke a key. Functions that remember it accept it for up to a minute."""
        self._answer(
            lambda: self._client.delete_item(TableName=self._name, Key=items.read_key_key(key.site, key.hash)), deadline
        )

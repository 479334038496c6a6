"""Sites and keys in the table: one method for each access pattern."""

from __future__ import annotations

from chalicelib.deadlines import Deadline
from chalicelib.dynamodb.attributes import SK, Item, number
from chalicelib.dynamodb.table import Table
from chalicelib.publishing import items
from chalicelib.publishing.keys import Key
from chalicelib.publishing.sites import Site

SITE_IS_AS_READ = "version = :read"
SITE_IS_NEW = "attribute_not_exists(version) OR version = :read"
KEY_EXISTS = "attribute_exists(PK)"
KEY_IS_ADMIN = "#scope = :admin"  # "scope" is a reserved word


class PublishingStore(Table):
    """Implements `ports.SiteStore`."""

    def site(self, site_id: str, deadline: Deadline, *, consistent: bool = False) -> Site | None:
        """A site, or None."""
        item = self._get(items.site_key(site_id), deadline, consistent=consistent)
        return None if item is None else items.read_site(item)

    def put_site(self, site: Site, deadline: Deadline, *, read_version: int | None = None) -> bool:
        """Create a site or replace its settings. If its insights are public, it is on the list of sites.

        If it has a feed, that is on the list of feeds, and is read anew.

        With `read_version`, only if that is the version of the stored site. A site that is not stored has
        version 0. Returns True if it was stored.
        """
        put = self._put_action(items.site_item(site))
        if read_version is not None:
            put["Put"]["ConditionExpression"] = SITE_IS_AS_READ if read_version else SITE_IS_NEW
            put["Put"]["ExpressionAttributeValues"] = {":read": number(read_version)}
        listed = items.listed_site_key(site.id)
        listing = self._put_action(listed) if site.insights == "public" else self._delete_action(listed)
        no_feed = self._delete_action(items.feed_key(site.id))
        feed = no_feed if site.feed is None else self._put_action(items.new_feed_item(site))
        return self._transact_if(deadline, put, listing, feed)

    def listed_sites(self, deadline: Deadline) -> list[str]:
        """The ids of the sites whose insights are public, in their order."""
        found = self._query(deadline, "PK = :sites", {":sites": {"S": items.LIST_OF_SITES}})
        return [item[SK]["S"] for item in found]

    def key(self, site: str, key_hash: str, deadline: Deadline) -> Key | None:
        """The key with this hash, if it was issued for this site."""
        item = self._get(items.key_key(site, key_hash), deadline)
        return None if item is None else items.read_key(item)

    def keys(self, site: str, deadline: Deadline) -> list[Key]:
        """The keys of a site, read consistently."""
        values = {":site": {"S": items.site_partition(site)}, ":key": {"S": items.KEY_PREFIX}}
        found = self._query(deadline, "PK = :site AND begins_with(SK, :key)", values, ConsistentRead=True)
        return [items.read_key(item) for item in found]

    def put_key(self, key: Key, deadline: Deadline) -> None:
        """Store what is kept of an issued key.

        It is a transaction because of its token: an attempt that arrives late does not bring a revoked key back.
        """
        self._transact(deadline, self._put_action(items.key_item(key)))

    def record_use(self, key: Key, day: int, deadline: Deadline) -> None:
        """Store that the key was used on the day that began at `day`, unless it was revoked meanwhile."""
        update: Item = {
            "TableName": self._name,
            "Key": items.key_key(key.site, key.hash),
            "UpdateExpression": "SET used_on = :day",
            "ConditionExpression": KEY_EXISTS,
            "ExpressionAttributeValues": {":day": number(day)},
        }
        self._update_if(update, deadline)

    def revoke_key(self, key: Key, deadline: Deadline, *, while_there_is: Key | None = None) -> bool:
        """Revoke a key. Functions that remember it accept it for up to a minute.

        With `while_there_is`, only as long as that other key is an admin key. Returns False if it is not. Two keys that
        revoke each other at the same moment cannot both succeed.
        """
        actions = [self._delete_action(items.key_key(key.site, key.hash))]
        if while_there_is is not None:
            check: Item = {
                "TableName": self._name,
                "Key": items.key_key(while_there_is.site, while_there_is.hash),
                "ConditionExpression": KEY_IS_ADMIN,
                "ExpressionAttributeNames": {"#scope": "scope"},
                "ExpressionAttributeValues": {":admin": {"S": "admin"}},
            }
            actions.append({"ConditionCheck": check})
        return self._transact_if(deadline, *actions)

"""Sites and read keys in the table: one method for each access pattern on a request's path."""

from __future__ import annotations

from chalicelib.deadlines import Deadline
from chalicelib.dynamodb.attributes import SK
from chalicelib.dynamodb.table import Table
from chalicelib.publishing import items
from chalicelib.publishing.sites import Site


class PublishingStore(Table):
    """Implements `ports.SiteStore`."""

    def site(self, site_id: str, deadline: Deadline) -> Site | None:
        """A site, or None."""
        item = self._get(items.site_key(site_id), deadline)
        return None if item is None else items.read_site(item)

    def listed_sites(self, deadline: Deadline) -> list[str]:
        """The ids of the sites whose insights are public, in their order."""
        found = self._query(deadline, "PK = :sites", {":sites": {"S": items.LIST_OF_SITES}})
        return [item[SK]["S"] for item in found]

    def has_read_key(self, site: str, key_hash: str, deadline: Deadline) -> bool:
        """True if a key with this hash reads this site's insights."""
        return self._get(items.read_key_key(site, key_hash), deadline) is not None

"""What publishing needs from a store. `publishing.store` implements it on DynamoDB, and tests have a fake."""

from __future__ import annotations

from typing import Protocol

from chalicelib.deadlines import Deadline
from chalicelib.publishing.read_keys import ReadKey
from chalicelib.publishing.sites import Site


class SiteStore(Protocol):
    """Reads on a request's path. Every method raises `Unavailable` if there is no answer by the deadline."""

    def site(self, site_id: str, deadline: Deadline) -> Site | None: ...
    def listed_sites(self, deadline: Deadline) -> list[str]: ...
    def has_read_key(self, site: str, key_hash: str, deadline: Deadline) -> bool: ...


class OperatorSiteStore(SiteStore, Protocol):
    """What only the command line may do."""

    def put_site(self, site: Site, deadline: Deadline) -> None: ...
    def put_read_key(self, key: ReadKey, deadline: Deadline) -> None: ...
    def read_keys(self, site: str, deadline: Deadline) -> list[ReadKey]: ...
    def delete_read_key(self, key: ReadKey, deadline: Deadline) -> None: ...

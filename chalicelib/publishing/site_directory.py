"""Sites by id, remembered for a minute in each container: every request needs one, and they change rarely."""

from __future__ import annotations

from collections.abc import Callable

from chalicelib.deadlines import Deadline
from chalicelib.errors import UnknownSite
from chalicelib.publishing.ports import SiteStore
from chalicelib.publishing.sites import Site

REMEMBER_SECONDS = 60.0


class SiteDirectory:
    """Remembers at most as many sites as exist: it never remembers an unknown id."""

    def __init__(self, store: SiteStore, monotonic: Callable[[], float]) -> None:
        self._store = store
        self._monotonic = monotonic
        self._known: dict[str, tuple[Site, float]] = {}

    def site(self, site_id: str, deadline: Deadline) -> Site:
        """The site. Raises `UnknownSite`."""
        known = self._known.get(site_id)
        if known is not None and self._monotonic() < known[1]:
            return known[0]
        site = self._store.site(site_id, deadline)
        if site is None:
            raise UnknownSite(f"There is no site {site_id}.", field="site")
        self._known[site_id] = (site, self._monotonic() + REMEMBER_SECONDS)
        return site

    def forget(self, site_id: str) -> None:
        """Read the site again at its next use: it has changed."""
        self._known.pop(site_id, None)

    def listed(self, deadline: Deadline) -> list[str]:
        """The ids of the sites whose insights are public, in their order. Not remembered."""
        return self._store.listed_sites(deadline)

"""Sites by id, remembered for a minute in each container: their settings change seldom and every request needs them."""

from __future__ import annotations

from collections.abc import Callable

from chalicelib.deadlines import Deadline
from chalicelib.errors import UnknownSite
from chalicelib.publishing.sites import Site
from chalicelib.voting.ports import VoteStore

REMEMBER_SECONDS = 60.0


class SiteDirectory:
    """Holds as many sites as exist: unknown ids are never remembered."""

    def __init__(self, store: VoteStore, monotonic: Callable[[], float]) -> None:
        self._store = store
        self._monotonic = monotonic
        self._known: dict[str, tuple[Site, float]] = {}

    def site(self, site_id: str, deadline: Deadline) -> Site:
        """The site, or `UnknownSite`."""
        known = self._known.get(site_id)
        if known is not None and self._monotonic() < known[1]:
            return known[0]
        site = self._store.site(site_id, deadline)
        if site is None:
            raise UnknownSite(f"There is no site {site_id}.", field="site")
        self._known[site_id] = (site, self._monotonic() + REMEMBER_SECONDS)
        return site

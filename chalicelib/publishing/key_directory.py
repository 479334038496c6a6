"""Read keys, remembered for a minute in each container."""

from __future__ import annotations

from collections.abc import Callable

from chalicelib.deadlines import Deadline
from chalicelib.errors import InvalidReadKey
from chalicelib.publishing.ports import SiteStore
from chalicelib.publishing.read_keys import hash_read_key

REMEMBER_SECONDS = 60.0


class KeyDirectory:
    """Remembers valid keys only, so invalid keys take up no memory."""

    def __init__(self, store: SiteStore, monotonic: Callable[[], float]) -> None:
        self._store = store
        self._monotonic = monotonic
        self._known: dict[tuple[str, str], float] = {}

    def check(self, site_id: str, raw_key: str, deadline: Deadline) -> None:
        """Returns if the key reads this site's insights. Otherwise raises `InvalidReadKey`."""
        known = (site_id, hash_read_key(raw_key))
        if self._monotonic() < self._known.get(known, float("-inf")):
            return
        if not self._store.has_read_key(*known, deadline):
            self._known.pop(known, None)
            raise InvalidReadKey("This key does not read this site. It may have been revoked.", field="Authorization")
        self._known[known] = self._monotonic() + REMEMBER_SECONDS

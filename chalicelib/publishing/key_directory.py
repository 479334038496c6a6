"""Who may read a site's insights: everybody, or whoever shows a read key of that site."""

from __future__ import annotations

from collections.abc import Callable

from chalicelib.deadlines import Deadline
from chalicelib.errors import InvalidReadKey
from chalicelib.publishing.read_keys import hash_read_key
from chalicelib.voting.ports import InsightStore

REMEMBER_SECONDS = 60.0


class ReadKeys:
    """Remembers a valid key for a minute in each container; an invalid one is never remembered."""

    def __init__(self, insights: InsightStore, monotonic: Callable[[], float]) -> None:
        self._insights = insights
        self._monotonic = monotonic
        self._known: dict[tuple[str, str], float] = {}

    def check(self, site_id: str, raw_key: str, deadline: Deadline) -> None:
        """Returns if the key reads this site's insights, else raises `InvalidReadKey`."""
        known = (site_id, hash_read_key(raw_key))
        if self._monotonic() < self._known.get(known, float("-inf")):
            return
        if not self._insights.has_read_key(*known, deadline):
            self._known.pop(known, None)
            raise InvalidReadKey("This key does not read this site. It may have been revoked.", field="Authorization")
        self._known[known] = self._monotonic() + REMEMBER_SECONDS

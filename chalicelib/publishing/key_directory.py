"""Keys, remembered for a minute in each container."""

from __future__ import annotations

from collections.abc import Callable

from chalicelib.deadlines import Deadline
from chalicelib.errors import InvalidKey, ScopeTooLow, Unavailable
from chalicelib.publishing.keys import Key, Scope, hash_key
from chalicelib.publishing.ports import SiteStore

REMEMBER_SECONDS = 60.0
RECORD_WITHIN_SECONDS = 0.2  # the request itself needs the rest of its time
DAY = 24 * 3600


class KeyDirectory:
    """Remembers valid keys only, so invalid keys take up no memory."""

    def __init__(self, store: SiteStore, monotonic: Callable[[], float]) -> None:
        self._store = store
        self._monotonic = monotonic
        self._known: dict[tuple[str, str], tuple[Key, float]] = {}

    def check(self, site_id: str, raw_key: str, scope: Scope, at: int, deadline: Deadline) -> Key:
        """The key, if it was issued for this site with this scope or more. `at`: now, in epoch seconds.

        Raises `InvalidKey` with the same words whether the key, the site or neither exists, and `ScopeTooLow`.
        """
        key = self._key(site_id, hash_key(raw_key), at, deadline)
        if not key.may(scope):
            raise ScopeTooLow(f"This needs a key with the scope {scope}. This key's is {key.scope}.", field="scope")
        return key

    def _key(self, site_id: str, key_hash: str, at: int, deadline: Deadline) -> Key:
        name = (site_id, key_hash)
        if name in self._known and self._monotonic() < self._known[name][1]:
            return self._known[name][0]
        key = self._store.key(site_id, key_hash, deadline)
        if key is None:
            self._known.pop(name, None)
            raise InvalidKey("This is not a key of this site. It may have been revoked.", field="Authorization")
        self._known[name] = (key, self._monotonic() + REMEMBER_SECONDS)
        self._record_use(key, at - at % DAY)
        return key

    def _record_use(self, key: Key, day: int) -> None:
        """Store on which day the key was used, once a day. A request does not fail because that failed."""
        if key.used_on is None or key.used_on < day:
            try:
                self._store.record_use(key, day, Deadline(self._monotonic, RECORD_WITHIN_SECONDS))
            except Unavailable:
                return

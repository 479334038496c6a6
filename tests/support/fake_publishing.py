"""Sites, their keys and the readings of their feeds, in memory."""

from __future__ import annotations

import threading
from dataclasses import replace

from chalicelib.deadlines import Deadline
from chalicelib.errors import Unavailable
from chalicelib.publishing.keys import Key
from chalicelib.publishing.sites import Site
from chalicelib.syncing.feed_states import FeedState


class MemoryPublishing:
    """The contracts of sites, keys and feeds over dictionaries. One lock, so that every call is one transaction.

    `answers`: False while the store is out of reach.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sites: dict[str, Site] = {}
        self._keys: dict[tuple[str, str], Key] = {}
        self._feeds: dict[str, FeedState] = {}
        self.answers = True

    def check(self, deadline: Deadline) -> None:
        """For fakes beside this one. Raises `Unavailable` if the store does not answer by the deadline."""
        self._check(deadline)

    def _check(self, deadline: Deadline) -> None:
        if not self.answers or deadline.passed():
            raise Unavailable("The store is out of reach.")

    def site(self, site_id: str, deadline: Deadline, *, consistent: bool = False) -> Site | None:
        self._check(deadline)
        return self._sites.get(site_id)

    def every_site(self) -> list[Site]:
        return list(self._sites.values())

    def put_site(self, site: Site, deadline: Deadline, *, read_version: int | None = None) -> bool:
        self._check(deadline)
        with self._lock:
            stored = self._sites.get(site.id)
            if read_version is not None and read_version != (stored.version if stored else 0):
                return False
            self._sites[site.id] = site
            self._feeds.pop(site.id, None)
            if site.feed is not None:
                self._feeds[site.id] = FeedState(site.id, site.version)
            return True

    def feeds(self, deadline: Deadline) -> list[FeedState]:
        self._check(deadline)
        return [state for _, state in sorted(self._feeds.items())]

    def feed(self, site: str, deadline: Deadline) -> FeedState | None:
        self._check(deadline)
        return self._feeds.get(site)

    def put_feed(self, state: FeedState, deadline: Deadline) -> bool:
        self._check(deadline)
        with self._lock:
            if state.site not in self._feeds or self._feeds[state.site].site_version != state.site_version:
                return False
            self._feeds[state.site] = state
            return True

    def listed_sites(self, deadline: Deadline) -> list[str]:
        self._check(deadline)
        return sorted(site.id for site in self._sites.values() if site.insights == "public")

    def key(self, site: str, key_hash: str, deadline: Deadline) -> Key | None:
        self._check(deadline)
        return self._keys.get((site, key_hash))

    def keys(self, site: str, deadline: Deadline) -> list[Key]:
        self._check(deadline)
        return [key for _, key in sorted(self._keys.items()) if key.site == site]

    def put_key(self, key: Key, deadline: Deadline) -> None:
        self._check(deadline)
        self._keys[key.site, key.hash] = key

    def record_use(self, key: Key, day: int, deadline: Deadline) -> None:
        self._check(deadline)
        with self._lock:
            if (key.site, key.hash) in self._keys:
                self._keys[key.site, key.hash] = replace(key, used_on=day)

    def revoke_key(self, key: Key, deadline: Deadline, *, while_there_is: Key | None = None) -> bool:
        self._check(deadline)
        with self._lock:
            if while_there_is is not None:
                other = self._keys.get((while_there_is.site, while_there_is.hash))
                if other is None or other.scope != "admin":
                    return False
            self._keys.pop((key.site, key.hash), None)
            return True

"""The salts of the marks of networks: one for each day (UTC), made at random and deleted after two days.

A salt is used on its own day, and in the first hour after it, because budgets look back an hour.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from chalicelib.admission.ports import NetworkStore
from chalicelib.deadlines import Deadline
from chalicelib.errors import Unavailable

DAY = 24 * 3600
DAYS_KEPT = 2  # its own and the next: a salt is 48 hours old at the most
SALT_BYTES = 32
VOTE_WAITS_SECONDS, PAUSE_SECONDS = 0.2, 30  # for one attempt, which ends soon (`clients.impatient_client`)

log = logging.getLogger("article-votes.admission")


class Salts:
    """The salts, remembered as long as they are needed. `fresh()` returns 32 random bytes."""

    def __init__(self, store: NetworkStore, fresh: Callable[[], bytes]) -> None:
        self._store = store
        self._fresh = fresh
        self._known: dict[int, bytes] = {}
        self._not_before = 0

    def at(self, at: int, deadline: Deadline) -> bytes:
        """The salt of the day of this epoch second."""
        day = at // DAY
        if day not in self._known:
            found = self._store.salt(day, self._fresh(), deadline)
            self._known = {one: salt for one, salt in self._known.items() if one > day - DAYS_KEPT} | {day: found}
        return self._known[day]

    def if_at_hand(self, at: int, deadline: Deadline) -> bytes | None:
        """The same for a vote, which does not wait for it: None if the salt could not be read a moment ago, or now."""
        if at // DAY not in self._known:
            if at < self._not_before:
                return None
            try:
                return self.at(at, deadline.at_most(VOTE_WAITS_SECONDS))
            except Unavailable:
                if deadline.passed():  # it is the request's own time that is up
                    raise
                self._not_before = at + PAUSE_SECONDS
                log.warning("the salt of the day cannot be read, so votes are stored without their networks")
                return None
        return self._known[at // DAY]

"""Whether the service can do its work: one read, of a key that need not exist."""

from __future__ import annotations

from chalicelib.deadlines import Deadline
from chalicelib.voting.ports import VoteStore


def check_health(store: VoteStore, deadline: Deadline) -> None:
    """Returns when the table answers; raises `Unavailable` when it does not."""
    store.site("health", deadline)

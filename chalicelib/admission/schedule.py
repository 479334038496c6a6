"""What the schedule does each hour: it deletes the salts that are 48 hours old."""

from __future__ import annotations

import logging

from chalicelib.admission.budgets import HOUR
from chalicelib.admission.ports import NetworkStore
from chalicelib.admission.salts import DAY, DAYS_KEPT
from chalicelib.deadlines import Clock, Deadline
from chalicelib.errors import Unavailable
from chalicelib.settings import RECOUNT_CALL_SECONDS

log = logging.getLogger("article-votes.admission")


def forget_old_salts(store: NetworkStore, at: int, clock: Clock) -> None:
    """Delete the salts of days that began 48 hours ago or earlier. If that fails, the next run does it.

    `at`: when the run was due, in epoch seconds. EventBridge starts it a little before or after.
    """
    day = round(at / HOUR) * HOUR // DAY
    try:
        forgotten = store.forget_salts(day - DAYS_KEPT + 1, Deadline(clock.monotonic, RECOUNT_CALL_SECONDS))
    except Unavailable:
        log.error("old salts could not be deleted; the next run will try again")
        return
    log.info("deleted %d old salts", forgotten)

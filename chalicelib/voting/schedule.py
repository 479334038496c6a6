"""The scheduled recount: each hour another part of the table, all of it within a week."""

from __future__ import annotations

import logging
import time

from chalicelib.deadlines import Clock, Deadline
from chalicelib.metrics import Metrics
from chalicelib.settings import INSPECTION_SECONDS, RECOUNT_CALL_SECONDS
from chalicelib.voting.ports import OperatorStore
from chalicelib.voting.recount import inspect_segment

log = logging.getLogger("article-votes.voting")

SEGMENTS = 7 * 24
PAUSE_SECONDS = 2.0


def recount_this_hour(store: OperatorStore, clock: Clock, metrics: Metrics) -> None:
    """Recount the part of the table whose turn it is. A drift is counted and logged, not repaired."""
    found = inspect_segment(
        store,
        segment=clock.now() // 3600 % SEGMENTS,
        segments=SEGMENTS,
        new_deadline=lambda: Deadline(clock.monotonic, RECOUNT_CALL_SECONDS),
        pause=lambda: time.sleep(PAUSE_SECONDS),
        until=Deadline(clock.monotonic, INSPECTION_SECONDS),
    )
    certain = [drift for drift in found.drifts if drift.certain]
    metrics.count("recounted_partitions", found.partitions)
    metrics.count("drifted_shards", len(certain))
    metrics.count("unfinished_recounts", not found.finished)
    for drift in certain:
        log.error(
            "drift: article %s of %s, shard %s: the tally says %s, the votes say %s. Run `ops recount`",
            drift.ref.article, drift.ref.site, drift.shard, drift.tallied, drift.counted,
        )  # fmt: skip

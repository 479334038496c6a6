"""The scheduled recount: each hour another part of the table, all of it within a week."""

from __future__ import annotations

import logging
import time

from chalicelib.deadlines import Clock, Deadline
from chalicelib.metrics import Metrics
from chalicelib.settings import INSPECTION_SECONDS, RECOUNT_CALL_SECONDS
from chalicelib.voting.ports import OperatorStore
from chalicelib.voting.recount import Drift, recount_partition

log = logging.getLogger("article-votes.voting")

HOUR = 3600
SEGMENTS = 7 * 24
PAUSE_SECONDS = 2.0


def recount_segment(store: OperatorStore, at: int, clock: Clock, metrics: Metrics) -> None:
    """Recount the part of the table whose turn it is at this epoch second. A drift is counted and logged, not repaired.

    What was found is counted at once, so a failure half-way loses nothing.
    """
    segment = round(at / HOUR) % SEGMENTS  # EventBridge fires a little before or after the hour
    until = Deadline(clock.monotonic, INSPECTION_SECONDS)
    finished = False
    try:
        for ref, partition in store.partitions_in_segment(segment, SEGMENTS, lambda: _new_deadline(clock)):
            if until.passed():
                break
            count = recount_partition(store, ref, partition, lambda: _new_deadline(clock), _pause)
            metrics.count("recounted_partitions")
            for drift in count.drifts:
                if drift.certain:
                    _report(drift, metrics)
        else:
            finished = True
    finally:
        metrics.count("finished_recounts" if finished else "unfinished_recounts")


def _report(drift: Drift, metrics: Metrics) -> None:
    metrics.count("drifted_shards")
    log.error(
        "drift: article %s of %s, shard %s: the tally says %s, the votes say %s. Run `ops recount`",
        drift.ref.article, drift.ref.site, drift.shard, drift.tallied, drift.counted,
    )  # fmt: skip


def _new_deadline(clock: Clock) -> Deadline:
    return Deadline(clock.monotonic, RECOUNT_CALL_SECONDS)


def _pause() -> None:
    time.sleep(PAUSE_SECONDS)

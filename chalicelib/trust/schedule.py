"""The scheduled end of exclusions that a request has begun and not finished: every five minutes."""

from __future__ import annotations

import logging

from chalicelib.deadlines import Clock, Deadline
from chalicelib.errors import Unavailable
from chalicelib.metrics import Metrics
from chalicelib.settings import MERGE_CALL_SECONDS
from chalicelib.trust.excluding import Excluding
from chalicelib.trust.ports import ExclusionStore
from chalicelib.voting.ports import MergeStore

log = logging.getLogger("article-votes.trust")


def finish_all_exclusions(votes: MergeStore, exclusions: ExclusionStore, clock: Clock, metrics: Metrics) -> None:
    """Finish every exclusion. One that fails does not stop the others: its next turn is the next run."""

    def new_deadline() -> Deadline:
        return Deadline(clock.monotonic, MERGE_CALL_SECONDS)

    for site, exclusion_id in exclusions.unfinished_exclusions(new_deadline()):
        try:
            Excluding(votes, exclusions, clock.now(), new_deadline).finish(site, exclusion_id)
            metrics.count("finished_exclusions")
        except Unavailable as error:
            metrics.count("failed_exclusions")
            log.warning("exclusion %s of %s: not finished, and will be later: %s", exclusion_id, site, error.detail)
        except Exception:  # one exclusion must not end the others
            metrics.count("failed_exclusions")
            log.exception("exclusion %s of %s: not finished", exclusion_id, site)

"""The scheduled end of merges that a request has begun and not finished: every five minutes."""

from __future__ import annotations

import logging

from chalicelib.deadlines import Clock, Deadline
from chalicelib.errors import Unavailable
from chalicelib.metrics import Metrics
from chalicelib.settings import MERGE_CALL_SECONDS
from chalicelib.voting.merging import finish_merges
from chalicelib.voting.ports import Keyring, MergeStore

log = logging.getLogger("article-votes.voting")


def finish_all_merges(store: MergeStore, keyring: Keyring, clock: Clock, metrics: Metrics) -> None:
    """Finish every merge that was begun. One that fails does not stop the others: its next turn is the next run."""

    def new_deadline() -> Deadline:
        return Deadline(clock.monotonic, MERGE_CALL_SECONDS)

    for ref in store.unfinished_merges(new_deadline()):
        try:
            finish_merges(store, ref, keyring.pepper(new_deadline()), clock.now(), new_deadline)
            metrics.count("finished_merges")
        except Unavailable as error:
            metrics.count("failed_merges")
            log.warning("not merged into %s of %s, and will be later: %s", ref.article, ref.site, error.detail)
        except Exception:  # one merge must not end the others
            metrics.count("failed_merges")
            log.exception("not merged into %s of %s", ref.article, ref.site)

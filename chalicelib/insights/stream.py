"""The stream handler: it reads records, and leaves the work to `insights.projection`."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from chalice.app import DynamoDBRecord

from chalicelib.deadlines import Clock, Deadline
from chalicelib.dynamodb.attributes import PK
from chalicelib.errors import VotingError
from chalicelib.insights.history import ShardState
from chalicelib.insights.projection import Projection
from chalicelib.metrics import Metrics
from chalicelib.publishing.articles import ArticleRef
from chalicelib.settings import BATCH_SECONDS, PROJECT_SECONDS
from chalicelib.voting import items
from chalicelib.voting.tallies import TERMS

log = logging.getLogger("article-votes.insights")


def project_records(
    records: Iterable[DynamoDBRecord], projection: Projection, clock: Clock, metrics: Metrics
) -> dict[str, Any]:
    """Project the articles in the batch, and report one record of each article that failed.

    Lambda then delivers the stream again from the first reported record on.
    """
    now = clock.now()
    article_deadline, site_deadline = (
        Deadline(clock.monotonic, PROJECT_SECONDS),
        Deadline(clock.monotonic, BATCH_SECONDS),
    )
    first_record: dict[ArticleRef, str] = {}
    batch: dict[ArticleRef, list[ShardState]] = {}
    for record in records:
        written_at = record.to_dict()["dynamodb"].get("ApproximateCreationDateTime", now)
        metrics.took("projection_lag", max(0.0, now - written_at))
        ref = items.article_of_partition(record.keys[PK]["S"])
        if ref is not None:
            first_record.setdefault(ref, record.sequence_number)
            states = batch.setdefault(ref, [])
            if record.new_image:
                number = items.shard_of(record.keys) if items.is_shard(record.keys) else TERMS
                states.append((number, items.tally_from(record.new_image)))
    failed = projection.project_batch(batch, article_deadline, site_deadline)
    metrics.count("projected_articles", len(batch) - len(failed))
    metrics.count("articles_not_projected", len(failed))
    for error in failed.values():
        log.error("not projected, Lambda will deliver it again: %s", error, exc_info=_trace(error))
    return {"batchItemFailures": [{"itemIdentifier": first_record[ref]} for ref in failed]}


def _trace(error: Exception) -> Exception | None:
    """A bug is logged with its traceback. A known kind of failure is explained by its message."""
    return None if isinstance(error, VotingError) else error

"""The stream handler: a thin edge around the projection of summaries."""

from __future__ import annotations

import logging
from typing import Any

from chalice.app import Blueprint, DynamoDBEvent

from chalicelib import bootstrap
from chalicelib.domain.articles import ArticleRef
from chalicelib.domain.errors import VotingError
from chalicelib.service import tallies
from chalicelib.storage import items

log = logging.getLogger("article-votes.events")
streams = Blueprint(__name__)

# Chalice wants an ARN here; the merge template (infra/template.yaml) puts the real stream in its place.
PLACEHOLDER_STREAM = "arn:aws:dynamodb:us-east-1:000000000000:table/replaced/stream/by-the-template"


@streams.on_dynamodb_record(stream_arn=PLACEHOLDER_STREAM)
def project_tally(event: DynamoDBEvent) -> dict[str, Any]:
    """Bring the summaries of all articles in the batch up to date, each once; report those that failed.

    For a stream, Lambda tries again from the first record reported, so one per failed article is enough.
    """
    first_record: dict[ArticleRef, str] = {}
    for record in event:
        ref = items.article_of_partition(record.keys[items.PK]["S"])
        if ref is not None:
            first_record.setdefault(ref, record.sequence_number)
    services = bootstrap.services()
    failures = []
    for ref, sequence_number in first_record.items():
        try:
            tallies.project_tally(services.store, ref, services.new_deadline())
        except VotingError as error:
            log.error("summary not projected, will be tried again: %s", error.detail)
            failures.append({"itemIdentifier": sequence_number})
    return {"batchItemFailures": failures}

"""The stream handler: a thin edge around `service.projection`."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chalice.app import Blueprint, DynamoDBEvent

from chalicelib import bootstrap
from chalicelib.errors import VotingError
from chalicelib.insights.history import ShardState
from chalicelib.insights.projection import HourPart, add_up_site, project
from chalicelib.publishing.articles import ArticleRef
from chalicelib.voting import items

log = logging.getLogger("article-votes.events")
streams = Blueprint(__name__)

# Chalice wants an ARN here; the merge template (infra/template.yaml) puts the real stream in its place.
PLACEHOLDER_STREAM = "arn:aws:dynamodb:us-east-1:000000000000:table/replaced/stream/by-the-template"


@streams.on_dynamodb_record(stream_arn=PLACEHOLDER_STREAM)
def project_tally(event: DynamoDBEvent) -> dict[str, Any]:
    """Bring what is derived from the articles in the batch up to date, each once; report those that failed.

    For a stream, Lambda tries again from the first record reported, so one per failed article is enough.
    """
    first_record: dict[ArticleRef, str] = {}
    changed: dict[ArticleRef, list[ShardState]] = {}
    for record in event:
        ref = items.article_of_partition(record.keys[items.PK]["S"])
        if ref is not None:
            first_record.setdefault(ref, record.sequence_number)
            states = changed.setdefault(ref, [])
            if record.new_image:
                states.append((items.shard_of(record.keys), items.read_tally(record.new_image)))
    services = bootstrap.services()
    projecting, adding_up = services.batch_deadlines()
    failed: list[ArticleRef] = []
    hour_parts: dict[str, set[HourPart]] = {}
    for ref, states in changed.items():
        with _reporting(failed, [ref]):
            parts = project(services.store, services.insights, services.sites, ref, states, projecting)
            hour_parts.setdefault(ref.site, set()).update(parts)
    for site, parts in hour_parts.items():
        with _reporting(failed, [ref for ref in changed if ref.site == site]):
            add_up_site(services.insights, site, parts, adding_up)
    return {"batchItemFailures": [{"itemIdentifier": first_record[ref]} for ref in dict.fromkeys(failed)]}


@contextmanager
def _reporting(failed: list[ArticleRef], refs: list[ArticleRef]) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # a mistake of ours, in one article's numbers, must not take its batch with it
        log.error("not projected, will be tried again: %s", error, exc_info=not isinstance(error, VotingError))
        failed += refs

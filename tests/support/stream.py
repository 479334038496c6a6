"""What the table's stream delivers: records of tally shards, and their projection without a Lambda function."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chalicelib.insights.intervals import DAY, FOR_EVER
from chalicelib.insights.ports import InsightStore
from chalicelib.insights.projection import Batch, Projection
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.voting import items
from chalicelib.voting.ports import OperatorStore
from chalicelib.voting.tallies import Tally
from chalicelib.voting.voters import vote_partition
from tests.support.fakes import START, patient

ShardRecord = tuple[ArticleRef, int, Tally]  # an article, the number of a shard, and the shard's state after a write


def record(ref: ArticleRef, sequence_number: int, shard: int = 0, state: Tally | None = None) -> dict[str, Any]:
    """A stream record as Lambda gets it; without a state its image is left out."""
    image = {} if state is None else {"NewImage": {**items.tally_key(ref, shard), **items.tally_attributes(state)}}
    return {
        "eventID": str(sequence_number),
        "eventName": "MODIFY",
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:000000000000:table/votes/stream/x",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "Keys": items.tally_key(ref, shard),
            **image,
            "SequenceNumber": str(sequence_number),
            "ApproximateCreationDateTime": START,
            "SizeBytes": 1,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }


def last_state(store: OperatorStore, ref: ArticleRef, voter: str) -> tuple[int, Tally]:
    """What the last record says about the shard on which this voter's vote counts, of an article with one page."""
    shard = vote_partition(voter)
    return shard, store.shards(ref, patient())[shard]


def project_all(store: OperatorStore, insights: InsightStore, *refs: ArticleRef) -> None:
    """As if the last record of every shard of these articles came once more."""
    for ref in refs:
        deliver(store, insights, ref, store.shards(ref, patient()).items())


def deliver(store: OperatorStore, insights: InsightStore, ref: ArticleRef, states: Iterable[tuple[int, Tally]]) -> None:
    """Project these states of an article's shards and add up its site. Raises what went wrong."""
    _project(store, insights, {ref: list(states)})


def deliver_batch(store: OperatorStore, insights: InsightStore, states: Iterable[ShardRecord]) -> None:
    """Project these states of shards of several articles, as one batch of records. Raises what went wrong."""
    batch: dict[ArticleRef, list[tuple[int, Tally]]] = {}
    for ref, shard, state in states:
        batch.setdefault(ref, []).append((shard, state))
    _project(store, insights, batch)


def _project(store: OperatorStore, insights: InsightStore, batch: Batch) -> None:
    projection = Projection(store, insights, SiteDirectory(store, lambda: 0.0), lambda: FOR_EVER - 2 * DAY)
    for error in projection.project_batch(batch, patient(), patient()).values():
        raise error

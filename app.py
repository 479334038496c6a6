"""The entry of the Lambda package: the Chalice app with its routes, and the handlers of the stream and the schedule.

Each Lambda function runs this module. It imports what its function uses, and makes its services in Lambda's init phase,
which has a whole CPU. Outside Lambda, for Chalice's command line and the tests, nothing is made before it is used.
"""

import gc

gc.disable()  # what imports make stays: looking for garbage meanwhile is a tenth of a cold start (`make bench`)

import logging
from datetime import datetime
from typing import Any

from chalice.app import Chalice, CloudWatchEvent, Cron, DynamoDBEvent

from chalicelib import bootstrap
from chalicelib.settings import API, FEEDS, MERGES, PROJECTION, RECOUNT, function_name

# Chalice requires an ARN. The merge template (infra/template.yaml) replaces it with the table's stream.
PLACEHOLDER_STREAM = "arn:aws:dynamodb:us-east-1:000000000000:table/replaced/stream/by-the-template"

app = Chalice(app_name="article-votes")
app.log.setLevel(logging.WARNING)  # with Chalice's default, ERROR, nobody would see lost answers and throttling

if function_name() in (API, None):
    from chalicelib.api import register_routes

    register_routes(app)
if function_name() in (PROJECTION, None):
    from chalicelib.insights.stream import project_records
if function_name() in (RECOUNT, None):
    from chalicelib.admission.schedule import forget_old_salts
    from chalicelib.voting.schedule import recount_segment
if function_name() in (FEEDS, None):
    from chalicelib.syncing.schedule import read_feeds
if function_name() in (MERGES, None):
    from chalicelib.trust.schedule import finish_all_exclusions
    from chalicelib.voting.merge_schedule import finish_all_merges


@app.on_dynamodb_record(stream_arn=PLACEHOLDER_STREAM)
def project_tally(event: DynamoDBEvent) -> dict[str, Any]:
    """Bring the read models up to date with a batch of changed tally shards."""
    made = bootstrap.services()
    with made.observed(getattr(event.context, "aws_request_id", "")):
        return project_records(event, made.projection, made.clock, made.metrics)


@app.schedule(Cron(0, "*", "*", "*", "?", "*"))  # on the hour: a rate would begin when the stack was made
def recount_votes(event: CloudWatchEvent) -> None:
    """Delete the salts of past days, and recount the part of the table whose turn it is."""
    made = bootstrap.services()
    at = int(datetime.fromisoformat(event.time).timestamp())
    with made.observed(getattr(event.context, "aws_request_id", "")):
        forget_old_salts(made.stores.networks, at, made.clock)
        recount_segment(bootstrap.recount_store(), at, made.clock, made.metrics)


@app.schedule(Cron("0/5", "*", "*", "*", "?", "*"))
def sync_feeds(event: CloudWatchEvent) -> None:
    """Read the publishers' feeds that are due."""
    made = bootstrap.services()
    with made.observed(getattr(event.context, "aws_request_id", "")):
        read_feeds(bootstrap.sync(), made.clock, made.metrics)


@app.schedule(Cron("0/5", "*", "*", "*", "?", "*"))
def finish_merges(event: CloudWatchEvent) -> None:
    """Finish the merges and exclusions that a request has begun and not finished."""
    made = bootstrap.services()
    with made.observed(getattr(event.context, "aws_request_id", "")):
        finish_all_merges(made.stores.votes, made.stores.keyring, made.clock, made.metrics)
        finish_all_exclusions(made.stores.votes, made.stores.exclusions(), made.clock, made.metrics)


bootstrap.prepare(function_name())
gc.freeze()
gc.enable()

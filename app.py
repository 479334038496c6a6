"""The entry of the Lambda package: the Chalice app with its routes, and the handler of the table's stream."""

import logging
from typing import Any

from chalice.app import Chalice, DynamoDBEvent

from chalicelib.api import register_routes
from chalicelib.bootstrap import services
from chalicelib.insights.stream import project_records

# Chalice requires an ARN. The merge template (infra/template.yaml) replaces it with the table's stream.
PLACEHOLDER_STREAM = "arn:aws:dynamodb:us-east-1:000000000000:table/replaced/stream/by-the-template"

app = Chalice(app_name="article-votes")
app.log.setLevel(logging.WARNING)  # with Chalice's default, ERROR, nobody would see lost answers and throttling
register_routes(app)


@app.on_dynamodb_record(stream_arn=PLACEHOLDER_STREAM)
def project_tally(event: DynamoDBEvent) -> dict[str, Any]:
    """Bring the read models up to date with a batch of changed tally shards."""
    made = services()
    return project_records(event, made.projection, *made.batch_deadlines())

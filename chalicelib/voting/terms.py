"""Writing an article's terms, and copies of them to its tally shards, as DynamoDB's updates.

    PUT article -> the article and its terms, in one transaction, with the next version
                -> its shards, one by one, unless the terms refuse no vote and never did
    vote        -> one shard, whose copy of the terms the transaction checks

A shard without a copy takes votes where any article does. Where only registered articles do, the first vote on it
copies the terms (`VotingStore._adopt_terms`). So terms that refuse votes at some time are copied to all shards at once.
A copy never replaces a later one.
"""

from __future__ import annotations

from chalicelib.dynamodb.attributes import Item, number
from chalicelib.publishing.articles import Terms
from chalicelib.voting.items import terms_attributes

MERGES = ("moved_to", "given_to", "absorbed", "merging", "merge_depth", "merge_changes")
ATTRIBUTES = ("registered", "listed", "is_hidden", "opens_at", "closes_at", "epoch", *MERGES)
COPY_IS_OLDER = "attribute_not_exists(terms_version) OR terms_version < :terms"


def setting(terms: Terms, **more: Item) -> Item:
    """An update that sets these terms and further attributes. Terms that do not hold are removed."""
    found = {**terms_attributes(terms), **more}
    missing = [name for name in ATTRIBUTES if name not in found]
    removes = f" REMOVE {', '.join(missing)}" if missing else ""
    return {
        "UpdateExpression": "SET " + ", ".join(f"{name} = :{name}" for name in found) + removes,
        "ExpressionAttributeValues": {f":{name}": value for name, value in found.items()},
    }


def copying(table: str, shard: Item, terms: Terms, version: int, at: int) -> Item:
    """The update of a shard that copies the terms of this version to it, if its copy is older.

    `listed` is for the stream: records of registered articles have a lane of their own (ADR 19).
    """
    listed = {"listed": {"BOOL": True}} if terms.registered else {}
    update = setting(terms, terms_version=number(version), updated_at=number(at), **listed)
    update["UpdateExpression"] += " ADD version :one"
    update["ExpressionAttributeValues"] |= {":one": number(1), ":terms": number(version)}
    return {"TableName": table, "Key": shard, "ConditionExpression": COPY_IS_OLDER, **update}

"""An article's terms as attributes, and DynamoDB's updates that write them, and copies of them to its tally shards.

    PUT article -> the article and its terms, in one transaction, with the next version
                -> its shards, one by one, unless the terms refuse no vote and never did
    vote        -> one shard, whose copy of the terms the transaction checks

A shard without a copy takes votes where any article does. Where only registered articles do, the first vote on it
copies the terms (`VotingStore._adopt_terms`). So terms that refuse votes at some time are copied to all shards at once.
A copy never replaces a later one. It is without the exclusions, which a vote need not know.
"""

from __future__ import annotations

from dataclasses import replace

from chalicelib.dynamodb.attributes import Item, StoredItem, number, optional_number, optional_text, text
from chalicelib.publishing.articles import Terms
from chalicelib.publishing.exclusions import NO_EXCLUSIONS, Exclusions
from chalicelib.publishing.merges import NO_MERGES, Merges, read_absorbed, written

EXCLUSIONS = ("exclusions", "exclusion_changes")
MERGES = ("moved_to", "given_to", "absorbed", "merging", "merge_depth", "merge_changes")
ATTRIBUTES = ("registered", "listed", "is_hidden", "opens_at", "closes_at", "epoch", *MERGES, *EXCLUSIONS)
COPY_IS_OLDER = "attribute_not_exists(terms_version) OR terms_version < :terms"


def read_terms(item: StoredItem) -> Terms:
    """The terms in an article's terms, or a shard's copy of them."""
    return Terms(
        registered="registered" in item,
        opens_at=optional_number(item, "opens_at"),
        closes_at=optional_number(item, "closes_at"),
        hidden="is_hidden" in item,
        epoch=optional_number(item, "epoch") or 0,
        merges=_read_merges(item) if "merge_changes" in item else NO_MERGES,
        exclusions=_read_exclusions(item) if "exclusion_changes" in item else NO_EXCLUSIONS,
    )


def _read_exclusions(item: StoredItem) -> Exclusions:
    return Exclusions(tuple((optional_text(item, "exclusions") or "").split()), int(item["exclusion_changes"]["N"]))


def _read_merges(item: StoredItem) -> Merges:
    return Merges(
        moved_to=optional_text(item, "moved_to"),
        given_to=optional_text(item, "given_to"),
        absorbed=read_absorbed(optional_text(item, "absorbed") or ""),
        merging=read_absorbed(optional_text(item, "merging") or ""),
        depth=optional_number(item, "merge_depth") or 0,
        changes=int(item["merge_changes"]["N"]),
    )


def terms_attributes(terms: Terms) -> Item:
    """Terms as attributes. What does not hold has no attribute."""
    item: Item = {}
    if terms.registered:
        item["registered"] = {"BOOL": True}
    if terms.hidden:
        item["is_hidden"] = {"BOOL": True}  # "hidden" is a reserved word
    for name in ("opens_at", "closes_at"):
        if (at := getattr(terms, name)) is not None:
            item[name] = number(at)
    if terms.epoch:
        item["epoch"] = number(terms.epoch)
    if terms.exclusions.active:
        item["exclusions"] = text(" ".join(terms.exclusions.active))
    if terms.exclusions.changes:
        item["exclusion_changes"] = number(terms.exclusions.changes)
    return item | _merges_attributes(terms.merges)


def _merges_attributes(merges: Merges) -> Item:
    if merges == NO_MERGES:
        return {}
    item = {"merge_changes": number(merges.changes)}
    for name, article in (("moved_to", merges.moved_to), ("given_to", merges.given_to)):
        if article is not None:
            item[name] = text(article)
    if merges.depth:
        item["merge_depth"] = number(merges.depth)
    for name, absorbed in (("absorbed", merges.absorbed), ("merging", merges.merging)):
        if absorbed:
            item[name] = text(written(absorbed))
    return item


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
    update = setting(
        replace(terms, exclusions=NO_EXCLUSIONS), terms_version=number(version), updated_at=number(at), **listed
    )
    update["UpdateExpression"] += " ADD version :one"
    update["ExpressionAttributeValues"] |= {":one": number(1), ":terms": number(version)}
    return {"TableName": table, "Key": shard, "ConditionExpression": COPY_IS_OLDER, **update}

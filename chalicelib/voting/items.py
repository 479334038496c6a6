"""How votes, tally shards and projected tallies are stored: their keys and codecs. Nothing here talks to DynamoDB."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.dynamodb.attributes import (
    SK,
    Item,
    StoredItem,
    key,
    number,
    optional_number,
    optional_text,
    read_text_map,
    text,
    text_map,
)
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.items import ARTICLE_PARTITION_PREFIX, article_partition
from chalicelib.voting.tallies import PAGE_SHARDS, Tally, add_counts
from chalicelib.voting.terms import read_terms, terms_attributes
from chalicelib.voting.votes import TIMES_KEPT_TO_SECONDS, Vote

COUNT_PREFIX = "n_"
TALLY_PREFIX = "TALLY#"
PROJECTED = "SUMMARY"
CAST_PREFIX = "EXCLUDED#"
# An article's terms and how many pages of shards it has. It sorts with the shards of the first page, so that one Query
# returns both. The stored name is from the time when only the pages were in there.
TERMS = "TALLY#PAGES"
# The stored name says "ballots". Today's word for what is in there is "votes" (docs/glossary.md).
VOTES_PARTITION_PREFIX = "BALLOTS#"
VOTE_PREFIX = "VOTE#"
PEPPER = key("SERVICE", "PEPPER")
RETRACTED_KEPT_SECONDS = 90 * 24 * 3600  # no request waits that long in a network


def page_partition(ref: ArticleRef, page: int) -> str:
    """The partition of a page of tally shards. The first page is beside the article."""
    return article_partition(ref) if page == 0 else f"{article_partition(ref)}#{page}"


def tally_key(ref: ArticleRef, shard: int) -> Item:
    return key(page_partition(ref, shard // PAGE_SHARDS), f"{TALLY_PREFIX}{shard:02d}")


def terms_key(ref: ArticleRef) -> Item:
    return key(article_partition(ref), TERMS)


def is_terms(item: StoredItem) -> bool:
    return bool(item[SK]["S"] == TERMS)


def read_pages(item: StoredItem | None) -> int:
    """How many pages of shards there are. Most articles have one, and no attribute that says so."""
    return 1 if item is None else optional_number(item, "pages") or 1


def terms_version(item: StoredItem | None) -> int:
    """The version of an article's terms. 0 if it never had any."""
    return 0 if item is None else optional_number(item, "version") or 0


def version_of_terms(item: StoredItem | None) -> int:
    """The version of the terms in an article's terms, or of those that a shard has a copy of."""
    return terms_version(item) if item is None or is_terms(item) else optional_number(item, "terms_version") or 0


def projected_tally_key(ref: ArticleRef) -> Item:
    return key(article_partition(ref), PROJECTED)


def is_projected(item: StoredItem) -> bool:
    return bool(item[SK]["S"] == PROJECTED)


def cast_key(ref: ArticleRef, exclusion: str, partition: int) -> Item:
    """When the votes of an exclusion in this vote partition were cast. It sorts between the days and the tallies."""
    return key(article_partition(ref), f"{CAST_PREFIX}{exclusion}#{partition:02d}")


def cast_attribute(hour: int, name: str) -> str:
    """The attribute of how many of them were cast in this hour, and counted under this name."""
    return f"{COUNT_PREFIX}{hour}#{name}"


def read_cast(found: Iterable[StoredItem]) -> dict[str, dict[int, dict[str, int]]]:
    """How many votes the exclusions have: by exclusion, by hour, and by the name of the count."""
    cast: dict[str, dict[int, dict[str, int]]] = {}
    for item in found:
        hours = cast.setdefault(item[SK]["S"].split("#")[1], {})
        for attribute, value in item.items():
            if attribute.startswith(COUNT_PREFIX):
                hour, _, name = attribute.removeprefix(COUNT_PREFIX).partition("#")
                add_counts(hours.setdefault(int(hour), {}), {name: int(value["N"])})
    return cast


def is_cast(item: StoredItem) -> bool:
    return bool(item[SK]["S"].startswith(CAST_PREFIX))


def votes_partition(ref: ArticleRef, partition: int) -> str:
    return f"{VOTES_PARTITION_PREFIX}{ref.site}#{ref.article}#{partition:02d}"


def vote_key(ref: ArticleRef, partition: int, voter_key: str) -> Item:
    return key(votes_partition(ref, partition), VOTE_PREFIX + voter_key)


def voter_key_of(item: StoredItem) -> str:
    """The voter key of a vote."""
    return str(item[SK]["S"].removeprefix(VOTE_PREFIX))


def article_of_partition(partition: str) -> ArticleRef | None:
    """The article whose votes or tally are in this partition. None for all other partitions."""
    if partition.startswith((ARTICLE_PARTITION_PREFIX, VOTES_PARTITION_PREFIX)):
        _, site, article, *_ = partition.split("#")
        return ArticleRef(site, article)
    return None


def partition_of_votes(partition: str) -> int | None:
    """The number of this vote partition. None if it is another kind of partition."""
    return int(partition.rpartition("#")[2]) if partition.startswith(VOTES_PARTITION_PREFIX) else None


def is_shard(item: StoredItem) -> bool:
    return bool(item[SK]["S"].startswith(TALLY_PREFIX)) and not is_terms(item)


def shard_of(item: StoredItem) -> int:
    """The number of a tally shard, from its key."""
    return int(item[SK]["S"].removeprefix(TALLY_PREFIX))


def vote_attributes(vote: Vote, at: int) -> Item:
    """A vote without its key, stored at this epoch second.

    A retracted vote keeps its item for a while, without `choice`: a late repeat of an older wish must find its version.
    If it has choices of earlier epochs, it stays.
    """
    item = {
        "version": number(vote.version),
        "shard": number(vote.shard),
        "receipts": text(" ".join(vote.receipts)),
    }
    if vote.choice is not None:
        item["choice"] = text(vote.choice)
    elif not vote.earlier:
        item["expires_at"] = number(at - at % TIMES_KEPT_TO_SECONDS + RETRACTED_KEPT_SECONDS)
    if vote.cast_at is not None:
        item["cast_at"] = number(vote.cast_at)
    if vote.changed_at is not None:
        item["changed_at"] = number(vote.changed_at)
    if vote.epoch:
        item["epoch"] = number(vote.epoch)
    if vote.earlier:
        item["earlier"] = text_map({str(epoch): counted for epoch, counted in vote.earlier.items()})
    if vote.changes:
        item["changes"] = number(vote.changes)
    if vote.provenance:
        item["provenance"] = {"B": vote.provenance}
    if vote.exclusion:
        item["exclusion"] = text(vote.exclusion)
    if vote.seal:
        item["seal"] = {"B": vote.seal}
    return item


def read_vote(item: StoredItem) -> Vote:
    return Vote(
        choice=item["choice"]["S"] if "choice" in item else None,
        version=int(item["version"]["N"]),
        shard=int(item["shard"]["N"]),
        cast_at=optional_number(item, "cast_at"),
        changed_at=optional_number(item, "changed_at"),
        receipts=tuple(item["receipts"]["S"].split()),
        epoch=optional_number(item, "epoch") or 0,
        earlier={int(epoch): counted for epoch, counted in read_text_map(item, "earlier").items()},
        seal=bytes(item["seal"]["B"]) if "seal" in item else b"",
        changes=optional_number(item, "changes") or 0,
        provenance=bytes(item["provenance"]["B"]) if "provenance" in item else b"",
        exclusion=optional_text(item, "exclusion") or "",
    )


def tally_of_terms(item: StoredItem | None) -> Tally | None:
    """An article's terms as a tally without counts. None if it never had any."""
    return tally_from(item) if item is not None and terms_version(item) else None


# Tally shards and projected tallies have the same attributes: a projected tally is a stored sum of shards.


def tally_attributes(tally: Tally) -> Item:
    item = {count_attribute(choice): number(count) for choice, count in tally.counts.items()}
    item["version"] = number(tally.version)
    if tally.updated_at is not None:
        item["updated_at"] = number(tally.updated_at)
    return {**item, **terms_attributes(tally.terms)}


def tally_from(item: StoredItem) -> Tally:
    """The tally in an item. It loops over the attributes once, because a tally is read with every vote."""
    counts: dict[str, int] = {}
    version = 0
    updated_at = None
    for name, value in item.items():
        if name.startswith(COUNT_PREFIX):
            counts[name[len(COUNT_PREFIX) :]] = int(value["N"])
        elif name == "version":
            version = int(value["N"])
        elif name == "updated_at":
            updated_at = int(value["N"])
    return Tally(counts, version, updated_at, read_terms(item))


def count_attribute(name: str) -> str:
    """The attribute of a count with this name (`tallies.count_name`)."""
    return COUNT_PREFIX + name

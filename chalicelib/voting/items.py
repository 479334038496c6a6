"""How votes, tally shards and projected tallies are stored: their keys and codecs. Nothing here talks to DynamoDB."""

from __future__ import annotations

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
from chalicelib.publishing.articles import ArticleRef, Terms
from chalicelib.publishing.items import ARTICLE_PARTITION_PREFIX, article_partition
from chalicelib.publishing.merges import NO_MERGES, Merges, read_absorbed, written
from chalicelib.voting.tallies import PAGE_SHARDS, Tally
from chalicelib.voting.votes import TIMES_KEPT_TO_SECONDS, Vote

COUNT_PREFIX = "n_"
TALLY_PREFIX = "TALLY#"
PROJECTED = "SUMMARY"
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


def read_terms(item: StoredItem) -> Terms:
    """The terms in an article's terms, or a shard's copy of them."""
    return Terms(
        registered="registered" in item,
        opens_at=optional_number(item, "opens_at"),
        closes_at=optional_number(item, "closes_at"),
        hidden="is_hidden" in item,
        epoch=optional_number(item, "epoch") or 0,
        merges=_read_merges(item) if "merge_changes" in item else NO_MERGES,
    )


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


def projected_tally_key(ref: ArticleRef) -> Item:
    return key(article_partition(ref), PROJECTED)


def is_projected(item: StoredItem) -> bool:
    return bool(item[SK]["S"] == PROJECTED)


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
        item["earlier"] = text_map({str(epoch): choice for epoch, choice in vote.earlier.items()})
    if vote.changes:
        item["changes"] = number(vote.changes)
    if vote.provenance:
        item["provenance"] = {"B": vote.provenance}
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
        earlier={int(epoch): choice for epoch, choice in read_text_map(item, "earlier").items()},
        seal=bytes(item["seal"]["B"]) if "seal" in item else b"",
        changes=optional_number(item, "changes") or 0,
        provenance=bytes(item["provenance"]["B"]) if "provenance" in item else b"",
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

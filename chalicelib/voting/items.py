"""The table's vocabulary: every key, attribute name and codec, and the only place with '#'.

Items are DynamoDB AttributeValue maps, as the low-level client takes and gives them and as stream records
carry them. Nothing here talks to DynamoDB.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.ballots import Ballot
from chalicelib.publishing.sites import Site
from chalicelib.voting.scores import Prior
from chalicelib.voting.tallies import Tally
from chalicelib.voting.votes import Vote

Item = dict[str, Any]

PK, SK = "PK", "SK"
COUNT_PREFIX = "n_"
TALLY_PREFIX = "TALLY#"
ARTICLE_PARTITION_PREFIX = "ARTICLE#"
BALLOTS_PARTITION_PREFIX = "BALLOTS#"
LIST_OF_SITES = "SITES"


def site_key(site: str) -> Item:
    return {PK: {"S": f"SITE#{site}"}, SK: {"S": "SITE"}}


def listed_site_key(site: str) -> Item:
    return {PK: {"S": LIST_OF_SITES}, SK: {"S": site}}


def article_partition(ref: ArticleRef) -> str:
    return f"{ARTICLE_PARTITION_PREFIX}{ref.site}#{ref.article}"


def article_key(ref: ArticleRef) -> Item:
    return {PK: {"S": article_partition(ref)}, SK: {"S": "ARTICLE"}}


def tally_key(ref: ArticleRef, shard: int) -> Item:
    return {PK: {"S": article_partition(ref)}, SK: {"S": f"{TALLY_PREFIX}{shard:02d}"}}


def summary_key(ref: ArticleRef) -> Item:
    return {PK: {"S": article_partition(ref)}, SK: {"S": "SUMMARY"}}


def ballots_partition(ref: ArticleRef, partition: int) -> str:
    return f"{BALLOTS_PARTITION_PREFIX}{ref.site}#{ref.article}#{partition:02d}"


def vote_key(ref: ArticleRef, partition: int, voter_key: str) -> Item:
    return {PK: {"S": ballots_partition(ref, partition)}, SK: {"S": f"VOTE#{voter_key}"}}


def article_of_partition(partition: str) -> ArticleRef | None:
    """Which article a partition key belongs to, or None for keys that belong to no article."""
    if partition.startswith((ARTICLE_PARTITION_PREFIX, BALLOTS_PARTITION_PREFIX)):
        _, site, article, *_ = partition.split("#")
        return ArticleRef(site, article)
    return None


def is_article(item: Mapping[str, Any]) -> bool:
    return bool(item[SK]["S"] == "ARTICLE")


def is_shard(item: Mapping[str, Any]) -> bool:
    return bool(item[SK]["S"].startswith(TALLY_PREFIX))


def shard_of(item: Mapping[str, Any]) -> int:
    """The number of a tally shard, from its key."""
    return int(item[SK]["S"].removeprefix(TALLY_PREFIX))


# Site


def site_item(site: Site) -> Item:
    item = {
        **site_key(site.id),
        "ballot_kind": {"S": site.ballot.kind},
        "choices": {"L": [{"S": choice} for choice in site.ballot.choices]},
        "registers_articles": {"BOOL": site.registers_articles},
        "insights": {"S": site.insights},
        "star_prior_mean": decimal(site.star_prior.mean),
        "star_prior_weight": decimal(site.star_prior.weight),
    }
    if site.origins:
        item["origins"] = {"L": [{"S": origin} for origin in site.origins]}
    return item


def read_site(item: Mapping[str, Any]) -> Site:
    return Site(
        id=item[PK]["S"].split("#")[1],
        ballot=Ballot(item["ballot_kind"]["S"], tuple(choice["S"] for choice in item["choices"]["L"])),
        origins=tuple(origin["S"] for origin in item.get("origins", {"L": ()})["L"]),
        registers_articles=item["registers_articles"]["BOOL"],
        **_read_insights(item),
    )


def _read_insights(item: Mapping[str, Any]) -> dict[str, Any]:
    """Sites that were put before there were insights say nothing of them."""
    if "insights" not in item:
        return {}
    prior = Prior(float(item["star_prior_mean"]["N"]), float(item["star_prior_weight"]["N"]))
    return {"insights": item["insights"]["S"], "star_prior": prior}


# Article


def article_item(article: Article) -> Item:
    item = {**article_key(article.ref), "title": {"S": article.title}, "url": {"S": article.url}}
    if article.closes_at is not None:
        item["closes_at"] = number(article.closes_at)
    return item


def read_article(item: Mapping[str, Any], ref: ArticleRef) -> Article:
    return Article(ref, item["title"]["S"], item["url"]["S"], _optional_number(item, "closes_at"))


# Vote


def vote_attributes(vote: Vote) -> Item:
    """A vote without its key. A retracted vote has no `choice`: the item stays, as a tombstone with a version."""
    item = {
        "version": number(vote.version),
        "shard": number(vote.shard),
        "receipts": {"S": " ".join(vote.receipts)},
    }
    if vote.choice is not None:
        item["choice"] = {"S": vote.choice}
    if vote.cast_at is not None:
        item["cast_at"] = number(vote.cast_at)
    if vote.changed_at is not None:
        item["changed_at"] = number(vote.changed_at)
    return item


def read_vote(item: Mapping[str, Any]) -> Vote:
    return Vote(
        choice=item["choice"]["S"] if "choice" in item else None,
        version=int(item["version"]["N"]),
        shard=int(item["shard"]["N"]),
        cast_at=_optional_number(item, "cast_at"),
        changed_at=_optional_number(item, "changed_at"),
        receipts=tuple(item["receipts"]["S"].split()),
    )


# Tally shards and summaries share their attributes: a summary is a stored sum of shards.


def tally_attributes(tally: Tally) -> Item:
    item = {count_attribute(choice): number(count) for choice, count in tally.counts.items()}
    item["version"] = number(tally.version)
    if tally.updated_at is not None:
        item["updated_at"] = number(tally.updated_at)
    if tally.closes_at is not None:
        item["closes_at"] = number(tally.closes_at)
    if tally.registered:
        item["registered"] = {"BOOL": True}
    return item


def read_tally(item: Mapping[str, Any]) -> Tally:
    counts: dict[str, int] = {}
    version = 0
    updated_at = closes_at = None
    registered = False
    for name, value in item.items():
        if name.startswith(COUNT_PREFIX):
            counts[name[len(COUNT_PREFIX) :]] = int(value["N"])
        elif name == "version":
            version = int(value["N"])
        elif name == "updated_at":
            updated_at = int(value["N"])
        elif name == "closes_at":
            closes_at = int(value["N"])
        elif name == "registered":
            registered = True
    return Tally(counts, version, updated_at, closes_at, registered)


def count_attribute(choice: str) -> str:
    return COUNT_PREFIX + choice


def number(value: int) -> Item:
    return {"N": str(value)}


def decimal(value: float) -> Item:
    return {"N": f"{value:.4f}".rstrip("0").rstrip(".")}


def _optional_number(item: Mapping[str, Any], name: str) -> int | None:
    return int(item[name]["N"]) if name in item else None

"""How sites, articles and read keys are stored: their keys and codecs. Nothing here talks to DynamoDB."""

from __future__ import annotations

from chalicelib.dynamodb.attributes import (
    PK,
    SK,
    Item,
    StoredItem,
    decimal,
    key,
    number,
    optional_number,
    optional_text,
    read_texts,
    text,
    texts,
)
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.ballots import Ballot
from chalicelib.publishing.read_keys import ReadKey
from chalicelib.publishing.sites import Site, StarPrior

LIST_OF_SITES = "SITES"
ARTICLE_PARTITION_PREFIX = "ARTICLE#"
KEY_PREFIX = "KEY#"


def site_partition(site: str) -> str:
    return f"SITE#{site}"


def site_key(site: str) -> Item:
    return key(site_partition(site), "SITE")


def listed_site_key(site: str) -> Item:
    return key(LIST_OF_SITES, site)


def article_partition(ref: ArticleRef) -> str:
    """The partition that an article shares with its tally shards and its projected tally (`voting.items`)."""
    return f"{ARTICLE_PARTITION_PREFIX}{ref.site}#{ref.article}"


def article_key(ref: ArticleRef) -> Item:
    return key(article_partition(ref), "ARTICLE")


def read_key_key(site: str, key_hash: str) -> Item:
    return key(site_partition(site), KEY_PREFIX + key_hash)


def site_item(site: Site) -> Item:
    item = {
        **site_key(site.id),
        "ballot_kind": text(site.ballot.kind),
        "choices": texts(site.ballot.choices),
        "registers_articles": {"BOOL": site.registers_articles},
        "insights": text(site.insights),
        "ranks": text(site.ranks),
        "star_prior_mean": decimal(site.star_prior.mean),
        "star_prior_weight": decimal(site.star_prior.weight),
        "time_zone": text(site.time_zone),
    }
    if site.origins:
        item["origins"] = texts(site.origins)
    return item


def read_site(item: StoredItem) -> Site:
    return Site(
        id=item[PK]["S"].split("#")[1],
        ballot=Ballot(item["ballot_kind"]["S"], read_texts(item["choices"])),
        origins=read_texts(item["origins"]) if "origins" in item else (),
        registers_articles=item["registers_articles"]["BOOL"],
        insights=item["insights"]["S"],
        ranks=item["ranks"]["S"],
        star_prior=StarPrior(float(item["star_prior_mean"]["N"]), float(item["star_prior_weight"]["N"])),
        time_zone=item["time_zone"]["S"],
    )


def article_item(article: Article) -> Item:
    item = {**article_key(article.ref), "title": text(article.title), "url": text(article.url)}
    for name in ("author", "section", "image"):
        if (value := getattr(article, name)) is not None:
            item[name] = text(value)
    for name in ("closes_at", "published_at"):
        if (at := getattr(article, name)) is not None:
            item[name] = number(at)
    return item


def read_article(item: StoredItem, ref: ArticleRef) -> Article:
    return Article(
        ref=ref,
        title=item["title"]["S"],
        url=item["url"]["S"],
        closes_at=optional_number(item, "closes_at"),
        author=optional_text(item, "author"),
        section=optional_text(item, "section"),
        image=optional_text(item, "image"),
        published_at=optional_number(item, "published_at"),
    )


def read_key_item(read_key: ReadKey) -> Item:
    return {
        **read_key_key(read_key.site, read_key.hash),
        "label": text(read_key.label),
        "issued_at": number(read_key.issued_at),
    }


def read_read_key(item: StoredItem) -> ReadKey:
    site, key_hash = item[PK]["S"].split("#")[1], item[SK]["S"].removeprefix(KEY_PREFIX)
    return ReadKey(site, key_hash, item["label"]["S"], int(item["issued_at"]["N"]))

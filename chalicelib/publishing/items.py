"""How sites, articles and keys are stored: their keys and codecs. Nothing here talks to DynamoDB."""

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
    optional_texts,
    read_text_map,
    read_texts,
    text,
    text_map,
    texts,
)
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.ballots import Ballot
from chalicelib.publishing.keys import Key, parse_scope
from chalicelib.publishing.site_feeds import SiteFeed
from chalicelib.publishing.sites import Budget, Site, StarPrior

LIST_OF_SITES = "SITES"
LIST_OF_FEEDS = "FEEDS"
LIST_OF_MERGES = "MERGES"
ARTICLE_PARTITION_PREFIX = "ARTICLE#"
KEY_PREFIX = "KEY#"


def site_partition(site: str) -> str:
    return f"SITE#{site}"


def site_key(site: str) -> Item:
    return key(site_partition(site), "SITE")


def listed_site_key(site: str) -> Item:
    return key(LIST_OF_SITES, site)


def feed_key(site: str) -> Item:
    """How the reading of a site's feed goes (`syncing.items`). Only sites with a feed have one."""
    return key(LIST_OF_FEEDS, site)


def new_feed_item(site: Site) -> Item:
    """A feed that is to be read at once, because its site has changed."""
    return {**feed_key(site.id), "site_version": number(site.version), "due_at": number(0)}


def listed_merge_key(ref: ArticleRef) -> Item:
    """An article that has something to merge (`merges`)."""
    return key(LIST_OF_MERGES, f"{ref.site}#{ref.article}")


def read_listed_merge(item: StoredItem) -> ArticleRef:
    site, article = item[SK]["S"].split("#")
    return ArticleRef(site, article)


def article_partition(ref: ArticleRef) -> str:
    """The partition that an article shares with its tally shards and its projected tally (`voting.items`)."""
    return f"{ARTICLE_PARTITION_PREFIX}{ref.site}#{ref.article}"


def article_key(ref: ArticleRef) -> Item:
    return key(article_partition(ref), "ARTICLE")


def key_key(site: str, key_hash: str) -> Item:
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
        "noun": text(site.noun),
        "results": text(site.results),
        "language": text(site.language),
        "version": number(site.version),
    }
    for name, listed in (("origins", site.origins), ("retired", site.ballot.retired)):
        if listed:
            item[name] = texts(listed)
    for name, named in (("labels", site.ballot.labels), ("icons", site.ballot.icons)):
        if named:
            item[name] = text_map(named)
    if site.new_voters != Budget():
        item |= {"free_new_voters": number(site.new_voters.free), "most_new_voters": number(site.new_voters.most)}
    if site.feed is not None:
        item |= {"feed_url": text(site.feed.url), "feed_ids": text(site.feed.ids)}
        if site.feed.pattern is not None:
            item["feed_pattern"] = text(site.feed.pattern)
    return item


def read_site(item: StoredItem) -> Site:
    stars = StarPrior(float(item["star_prior_mean"]["N"]), float(item["star_prior_weight"]["N"]))
    return Site(
        id=item[PK]["S"].split("#")[1],
        ballot=Ballot(
            item["ballot_kind"]["S"],
            read_texts(item["choices"]),
            optional_texts(item, "retired"),
            read_text_map(item, "labels"),
            read_text_map(item, "icons"),
        ),
        origins=optional_texts(item, "origins"),
        registers_articles=item["registers_articles"]["BOOL"],
        insights=item["insights"]["S"],
        ranks=item["ranks"]["S"],
        star_prior=stars,
        time_zone=item["time_zone"]["S"],
        noun=item["noun"]["S"],
        results=item["results"]["S"],
        language=item["language"]["S"],
        feed=_read_feed(item),
        new_voters=_read_budget(item),
        version=int(item["version"]["N"]),
    )


def _read_feed(item: StoredItem) -> SiteFeed | None:
    url = optional_text(item, "feed_url")
    return None if url is None else SiteFeed(url, item["feed_ids"]["S"], optional_text(item, "feed_pattern"))


def _read_budget(item: StoredItem) -> Budget:
    free, most = optional_number(item, "free_new_voters"), optional_number(item, "most_new_voters")
    return Budget() if free is None or most is None else Budget(free, most)


def article_item(article: Article) -> Item:
    item = {
        **article_key(article.ref),
        "title": text(article.title),
        "url": text(article.url),
        "state": text(article.state),
        "version": number(article.version),
    }
    for name in ("author", "section", "image"):
        if (value := getattr(article, name)) is not None:
            item[name] = text(value)
    for name in ("opens_at", "closes_at", "published_at"):
        if (at := getattr(article, name)) is not None:
            item[name] = number(at)
    if article.from_feed:
        item["from_feed"] = {"BOOL": True}
    return item


def no_article_item(ref: ArticleRef, version: int) -> Item:
    """What is stored in the place of an article that was removed. So nobody needs the right to delete items here."""
    return {**article_key(ref), "version": number(version)}


def read_article(item: StoredItem | None, ref: ArticleRef) -> Article | None:
    """A registered article. None if it is not stored or was removed."""
    if item is None or "title" not in item:
        return None
    return Article(
        ref=ref,
        title=item["title"]["S"],
        url=item["url"]["S"],
        closes_at=optional_number(item, "closes_at"),
        author=optional_text(item, "author"),
        section=optional_text(item, "section"),
        image=optional_text(item, "image"),
        published_at=optional_number(item, "published_at"),
        state=item["state"]["S"],
        opens_at=optional_number(item, "opens_at"),
        from_feed="from_feed" in item,
        version=int(item["version"]["N"]),
    )


def key_item(issued: Key) -> Item:
    item = {
        **key_key(issued.site, issued.hash),
        "label": text(issued.label),
        "scope": text(issued.scope),
        "issued_at": number(issued.issued_at),
    }
    if issued.used_on is not None:
        item["used_on"] = number(issued.used_on)
    return item


def read_key(item: StoredItem) -> Key:
    return Key(
        site=item[PK]["S"].split("#")[1],
        hash=item[SK]["S"].removeprefix(KEY_PREFIX),
        label=item["label"]["S"],
        scope=parse_scope(item["scope"]["S"]),
        issued_at=int(item["issued_at"]["N"]),
        used_on=optional_number(item, "used_on"),
    )

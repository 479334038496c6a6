"""What publishers set up, as JSON: sites, ballots, keys, and what is known about an article."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.errors import InvalidValue
from chalicelib.http.wire import Count, Timestamp, Wire, optional_timestamp
from chalicelib.publishing.articles import ARTICLE_ID, LONGEST_URL, Article, shown_text, shown_url
from chalicelib.publishing.ballots import (
    CHOICE,
    LONGEST_ICON,
    LONGEST_LABEL,
    MOST_REACTIONS,
    MOST_RETIRED,
    Ballot,
    make_ballot,
)
from chalicelib.publishing.site_feeds import LONGEST_PATTERN, Ids, SiteFeed, make_feed
from chalicelib.publishing.sites import (
    LANGUAGE,
    MOST_NEW_VOTERS,
    MOST_ORIGINS,
    NO_STARS_YET,
    ORIGIN,
    SITE_ID,
    Budget,
    Insights,
    Noun,
    Ranks,
    Results,
    Site,
    StarPrior,
    make_budget,
    parse_language,
    parse_origin,
    parse_time_zone,
)

SiteId = Annotated[str, Field(pattern=f"^({SITE_ID.pattern})$", examples=["demo"])]
ArticleId = Annotated[str, Field(pattern=f"^({ARTICLE_ID.pattern})$", examples=["nato-office-amman"])]
TimeZone = Annotated[str, Field(examples=["Europe/Berlin"])]
BallotKind = Literal["like", "updown", "stars", "reactions"]
Label = Annotated[str, Field(min_length=1, max_length=LONGEST_LABEL)]
Icon = Annotated[str, Field(min_length=1, max_length=LONGEST_ICON)]
Origin = Annotated[str, Field(pattern=f"^({ORIGIN.pattern})$", examples=["https://news.example"])]
Language = Annotated[str, Field(pattern=f"^({LANGUAGE.pattern})$", examples=["de", "pt-BR"])]
Choice = Annotated[str, Field(pattern=f"^({CHOICE.pattern})$", examples=["up"])]


class ArticleFactsBody(Wire):
    """An article and what is known about it. That is null if the article is not registered."""

    article: ArticleId
    title: str | None
    url: str | None
    author: str | None
    section: str | None
    image: str | None
    published_at: Timestamp | None


def article_facts(article_id: str, article: Article | None) -> dict[str, Any]:
    """The values of an `ArticleFactsBody`, as JSON and XML can carry them."""
    if article is None:
        return {**dict.fromkeys(ArticleFactsBody.model_fields), "article": article_id}
    return {
        "article": article_id,
        "title": shown_text(article.title),
        "url": shown_url(article.url),
        "author": shown_text(article.author),
        "section": shown_text(article.section),
        "image": shown_url(article.image),
        "published_at": optional_timestamp(article.published_at),
    }


class BallotBody(Wire):
    """What readers choose between, in the site's order.

    `retired`: choices that are counted and shown, but take no votes any more. `labels` and `icons`: the site's own
    texts for choices, by their names.
    """

    kind: BallotKind
    choices: list[Choice]
    retired: list[Choice]
    labels: dict[str, str]
    icons: dict[str, str]

    @classmethod
    def of(cls, ballot: Ballot) -> BallotBody:
        return cls.model_construct(
            kind=ballot.kind,
            choices=list(ballot.choices),
            retired=list(ballot.retired),
            labels=dict(ballot.labels),
            icons=dict(ballot.icons),
        )


class BallotRequest(Wire):
    """The ballot that a site is to have. Only `reactions` needs `choices`. `retired` is ignored: the server knows."""

    kind: BallotKind
    choices: Annotated[list[Choice], Field(default_factory=list, max_length=MOST_REACTIONS)]
    retired: Annotated[list[Choice], Field(default_factory=list, max_length=MOST_RETIRED)]
    labels: Annotated[dict[str, Label], Field(default_factory=dict)]
    icons: Annotated[dict[str, Icon], Field(default_factory=dict)]


class StarPriorBody(Wire):
    """How stars are ranked before there are votes: as if `weight` readers had given `mean`."""

    mean: Annotated[float, Field(ge=1, le=5)]
    weight: Annotated[float, Field(gt=0, le=999_999)]


class FeedSetting(Wire):
    """The publisher's own feed: RSS, Atom, JSON Feed or a sitemap for news, at an https address.

    `ids`: what article ids are made of: the `guid` of an entry, the `url_path` of its address, the `last_segment` of
    that path, or what the one group of `pattern` finds in the guid or else in the address. `pattern`, a regular
    expression of Python, is given with `ids: pattern` only.
    """

    url: Annotated[str, Field(min_length=1, max_length=LONGEST_URL, examples=["https://news.example/feed.xml"])]
    ids: Ids = "last_segment"
    pattern: Annotated[str | None, Field(max_length=LONGEST_PATTERN, examples=[r"[?&]p=(\d+)$"])] = None

    @classmethod
    def of(cls, feed: SiteFeed) -> FeedSetting:
        return cls.model_construct(url=feed.url, ids=feed.ids, pattern=feed.pattern)


class BudgetBody(Wire):
    """How many new voters one address may bring in an hour: `free`, and at the `most`. In between, each costs work."""

    free: Annotated[int, Field(ge=1, le=MOST_NEW_VOTERS)]
    most: Annotated[int, Field(ge=1, le=MOST_NEW_VOTERS)]


class SiteBody(Wire):
    """A site and its settings.

    `origins`, `ranks`, `star_prior`, `feed` and `new_voters` are null unless an admin key asks.
    """

    site: SiteId
    version: Count
    ballot: BallotBody
    noun: Noun
    results: Results
    articles: Literal["any", "registered"]
    insights: Insights
    time_zone: TimeZone
    language: Language
    origins: list[str] | None
    ranks: Ranks | None
    star_prior: StarPriorBody | None
    feed: FeedSetting | None
    new_voters: BudgetBody | None

    @classmethod
    def of(cls, site: Site, *, in_full: bool) -> SiteBody:
        prior = StarPriorBody.model_construct(mean=site.star_prior.mean, weight=site.star_prior.weight)
        budget = BudgetBody.model_construct(free=site.new_voters.free, most=site.new_voters.most)
        return cls.model_construct(
            site=site.id,
            version=site.version,
            ballot=BallotBody.of(site.ballot),
            noun=site.noun,
            results=site.results,
            articles="registered" if site.registers_articles else "any",
            insights=site.insights,
            time_zone=site.time_zone,
            language=site.language,
            origins=list(site.origins) if in_full else None,
            ranks=site.ranks if in_full else None,
            star_prior=prior if in_full else None,
            feed=FeedSetting.of(site.feed) if in_full and site.feed is not None else None,
            new_voters=budget if in_full else None,
        )


class SiteRequest(Wire):
    """The settings that a site is to have. What is left out gets its default.

    So that the answer to a GET can be changed and sent back, `site` and `version` may be sent. They change nothing.
    """

    site: SiteId | None = None
    version: Count | None = None
    ballot: BallotRequest
    noun: Noun = "users"
    results: Results = "always"
    articles: Literal["any", "registered"] = "any"
    insights: Insights = "public"
    time_zone: TimeZone = "UTC"
    language: Language = "en"
    origins: Annotated[list[Origin], Field(default_factory=list, max_length=MOST_ORIGINS)]
    ranks: Ranks = "registered"
    star_prior: StarPriorBody | None = None
    feed: FeedSetting | None = None
    new_voters: BudgetBody | None = None

    def wanted(self, site_id: str) -> Site:
        """The site with these settings. Raises `InvalidValue`."""
        if self.site not in (None, site_id):
            raise InvalidValue(f"This address is that of the site {site_id}.", field="site")
        prior = self.star_prior
        if prior is not None and round(prior.weight, 4) == 0:
            raise InvalidValue("The weight must be at least 0.0001.", field="star_prior")
        return Site(
            id=site_id,
            ballot=make_ballot(self.ballot.kind, self.ballot.choices, self.ballot.labels, self.ballot.icons),
            origins=tuple(dict.fromkeys(parse_origin(origin) for origin in self.origins)),
            registers_articles=self.articles == "registered",
            insights=self.insights,
            ranks=self.ranks,
            star_prior=NO_STARS_YET if prior is None else StarPrior(round(prior.mean, 4), round(prior.weight, 4)),
            time_zone=parse_time_zone(self.time_zone),
            language=parse_language(self.language),
            noun=self.noun,
            results=self.results,
            feed=None if self.feed is None else make_feed(self.feed.url, self.feed.ids, self.feed.pattern),
            new_voters=Budget() if self.new_voters is None else make_budget(self.new_voters.free, self.new_voters.most),
        )


class ListedSiteBody(Wire):
    """A site whose insights are public."""

    site: SiteId


class SitesBody(Wire):
    """The sites whose insights are public, sorted by id."""

    sites: list[ListedSiteBody]

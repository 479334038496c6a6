"""What publishers set up, as JSON: site ids, article ids, ballots, and the list of sites."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.http.wire import Timestamp, Wire, optional_timestamp
from chalicelib.publishing.articles import ARTICLE_ID, Article, shown_text, shown_url
from chalicelib.publishing.ballots import CHOICE, Ballot
from chalicelib.publishing.sites import SITE_ID

SiteId = Annotated[str, Field(pattern=f"^({SITE_ID.pattern})$", examples=["demo"])]
ArticleId = Annotated[str, Field(pattern=f"^({ARTICLE_ID.pattern})$", examples=["nato-office-amman"])]
TimeZone = Annotated[str, Field(examples=["Europe/Berlin"])]
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
    """What readers choose between, in the site's order."""

    kind: Literal["like", "updown", "stars", "reactions"]
    choices: list[Choice]

    @classmethod
    def of(cls, ballot: Ballot) -> BallotBody:
        return cls.model_construct(kind=ballot.kind, choices=list(ballot.choices))


class ListedSiteBody(Wire):
    """A site whose insights are public."""

    site: SiteId


class SitesBody(Wire):
    """The sites whose insights are public, sorted by id."""

    sites: list[ListedSiteBody]

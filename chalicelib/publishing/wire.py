"""What publishers set up, as JSON: site ids, article ids, ballots, and the list of sites."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.http.wire import Wire
from chalicelib.publishing.articles import ARTICLE_ID
from chalicelib.publishing.ballots import CHOICE, Ballot
from chalicelib.publishing.sites import SITE_ID

SiteId = Annotated[str, Field(pattern=f"^({SITE_ID.pattern})$", examples=["demo"])]
ArticleId = Annotated[str, Field(pattern=f"^({ARTICLE_ID.pattern})$", examples=["nato-office-amman"])]
TimeZone = Annotated[str, Field(examples=["Europe/Berlin"])]
Choice = Annotated[str, Field(pattern=f"^({CHOICE.pattern})$", examples=["up"])]


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

"""The wire, as pydantic models: what requests must look like, what answers do look like, and so what OpenAPI says.

No rule lives here but form. Times are RFC 3339 in UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.publishing.articles import ARTICLE_ID
from chalicelib.publishing.ballots import CHOICE
from chalicelib.publishing.sites import SITE_ID, Site
from chalicelib.voting.scores import Score, score
from chalicelib.voting.tallies import Tally
from chalicelib.voting.voters import VoterToken
from chalicelib.voting.votes import Outcome, Vote

SiteId = Annotated[str, Field(pattern=f"^{SITE_ID.pattern}$", examples=["demo"])]
ArticleId = Annotated[str, Field(pattern=f"^{ARTICLE_ID.pattern}$", examples=["nato-office-amman"])]
Choice = Annotated[str, Field(pattern=f"^{CHOICE.pattern}$", examples=["up"])]
Timestamp = Annotated[str, Field(json_schema_extra={"format": "date-time"}, examples=["2026-01-31T12:00:00Z"])]
Count = Annotated[int, Field(ge=0)]


class Wire(BaseModel):
    """What every model shares: built on first use, immutable, nothing unknown, nothing coerced."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class VoteRequest(Wire):
    """The vote that the reader wants to have."""

    choice: Choice


class BallotBody(Wire):
    """What readers choose between, in the site's order."""

    kind: Literal["like", "updown", "stars", "reactions"]
    choices: list[Choice]

    @classmethod
    def of(cls, site: Site) -> BallotBody:
        return cls.model_construct(kind=site.ballot.kind, choices=list(site.ballot.choices))


class ScoreBody(Wire):
    """What the counts come to. `net`: likes minus dislikes. `approval`: the share of likes that can be vouched for, the
    lower end of Wilson's 95 % interval. `mean`: of stars. Null where the ballot has no such thing, or nobody voted.
    """

    net: int | None
    approval: Annotated[float, Field(ge=0, le=1)] | None
    mean: Annotated[float, Field(ge=1, le=5)] | None

    @classmethod
    def of(cls, found: Score) -> ScoreBody:
        return cls.model_construct(net=found.net, approval=found.approval, mean=found.mean)


class TallyBody(Wire):
    """How readers voted on one article. `version` only grows; never show a lower one than you have shown."""

    site: SiteId
    article: ArticleId
    state: Literal["open", "closed", "unknown"]
    ballot: BallotBody
    voters: Count
    counts: dict[str, Count]
    score: ScoreBody
    version: Count
    updated_at: Timestamp | None

    @classmethod
    def of(cls, site: Site, article: str, tally: Tally, now: int) -> TallyBody:
        counts = {choice: tally.counts.get(choice, 0) for choice in site.ballot.choices}
        return cls.model_construct(
            site=site.id,
            article=article,
            state=tally.state(now, registers_articles=site.registers_articles),
            ballot=BallotBody.of(site),
            voters=tally.voters,
            counts=counts,
            score=ScoreBody.of(score(site.ballot.kind, counts)),
            version=tally.version,
            updated_at=timestamp(tally.updated_at),
        )


class TalliesBody(Wire):
    """Tallies in the order asked."""

    tallies: list[TallyBody]


class VoteBody(Wire):
    """A reader's own vote. `version` 0: never voted. `choice` null: no vote, or retracted."""

    choice: Choice | None
    version: Count
    cast_at: Timestamp | None
    changed_at: Timestamp | None

    @classmethod
    def of(cls, vote: Vote) -> VoteBody:
        return cls.model_construct(
            choice=vote.choice,
            version=vote.version,
            cast_at=timestamp(vote.cast_at),
            changed_at=timestamp(vote.changed_at),
        )


class MyVoteBody(Wire):
    """A reader's vote with the tally that includes it; `tally` is null when it could not be read in time."""

    vote: VoteBody
    tally: TallyBody | None


class SetVoteBody(Wire):
    """The same after a PUT or DELETE. `changed`: this request changed the choice."""

    vote: VoteBody
    changed: bool
    tally: TallyBody | None

    @classmethod
    def after(cls, outcome: Outcome, tally: TallyBody | None) -> SetVoteBody:
        return cls.model_construct(vote=VoteBody.of(outcome.vote), changed=outcome.changed, tally=tally)


class ArticleVoteBody(VoteBody):
    """A reader's vote on a named article."""

    article: ArticleId


class VotesBody(Wire):
    """A reader's votes in the order asked."""

    votes: list[ArticleVoteBody]


class VoterBody(Wire):
    """A new voter. Keep the token in the browser and send it as `Authorization: Bearer`."""

    voter_token: str
    expires_at: Timestamp

    @classmethod
    def of(cls, voter: VoterToken) -> VoterBody:
        return cls(voter_token=voter.token, expires_at=timestamp(voter.expires_at) or "")


class ScriptBody(Wire):
    """A script for pages. `pinned_src` never changes what it serves, so it may be loaded with its hash."""

    src: str
    tag: str
    pinned_src: str
    integrity: str
    pinned_tag: str


class ScriptsBody(Wire):
    """The scripts for pages, with the tags to paste; the first one registers the element."""

    scripts: list[ScriptBody]


class EmbedBody(Wire):
    """An oEmbed answer of type rich (https://oembed.com). `cache_age` is in seconds, sizes are in CSS pixels."""

    version: Literal["1.0"]
    type: Literal["rich"]
    provider_name: str
    provider_url: str
    title: str
    html: str
    width: Count
    height: Count
    cache_age: Count


class HealthBody(Wire):
    """The table answers."""

    status: Literal["ok"]


class ProblemBody(Wire):
    """What went wrong (RFC 9457). `code` is stable; `field` names the part of the request at fault."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    field: str | None = None
    vote: VoteBody | None = None
    tally: TallyBody | None = None


def timestamp(at: int | None) -> str | None:
    """Epoch seconds as RFC 3339 in UTC."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

"""Votes and tallies as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from chalicelib.http.wire import Count, ProblemBody, Timestamp, Wire, optional_timestamp, timestamp
from chalicelib.publishing.articles import State
from chalicelib.publishing.sites import Noun, Site
from chalicelib.publishing.wire import ArticleId, BallotBody, Choice, SiteId
from chalicelib.voting.scores import Score, score
from chalicelib.voting.tallies import Tally
from chalicelib.voting.tokens import VoterToken
from chalicelib.voting.votes import Vote


class VoteRequest(Wire):
    """The vote that the reader wants to have."""

    choice: Choice


class ScoreBody(Wire):
    """What the counts come to. `net`: likes minus dislikes. `mean`: the mean of the stars.

    `approval`: the share of likes that we can be sure of, the lower end of Wilson's 95 % interval. A member is null if
    the ballot has no such number, or if nobody has voted.
    """

    net: int | None
    approval: Annotated[float, Field(ge=0, le=1)] | None
    mean: Annotated[float, Field(ge=1, le=5)] | None

    @classmethod
    def of(cls, found: Score) -> ScoreBody:
        return cls.model_construct(net=found.net, approval=found.approval, mean=found.mean)


class TallyBody(Wire):
    """How readers voted on one article. `version` only grows: never show a lower one after a higher one.

    `counts` and `score` are null if the site does not show them yet to whom asks.
    """

    site: SiteId
    article: ArticleId
    state: State
    ballot: BallotBody
    noun: Noun
    voters: Count
    counts: dict[str, Count] | None
    score: ScoreBody | None
    version: Count
    updated_at: Timestamp | None

    @classmethod
    def of(
        cls, site: Site, article: str, tally: Tally, now: int, *, voted: bool = False, in_full: bool = False
    ) -> TallyBody:
        """`voted`: it is for a reader who has a vote. `in_full`: it is for the publisher."""
        state = tally.terms.state(now, registers_articles=site.registers_articles)
        shown = in_full or site.shows_counts(state, voted=voted)
        counts = {choice: tally.counts.get(choice, 0) for choice in site.ballot.counted}
        return cls.model_construct(
            site=site.id,
            article=article,
            state=state,
            ballot=BallotBody.of(site.ballot),
            noun=site.noun,
            voters=tally.voters,
            counts=counts if shown else None,
            score=ScoreBody.of(score(site.ballot.kind, counts)) if shown else None,
            version=tally.version,
            updated_at=optional_timestamp(tally.updated_at),
        )


class TalliesBody(Wire):
    """Tallies in the order of the request."""

    tallies: list[TallyBody]


class VoteBody(Wire):
    """A reader's own vote. `version` 0: never voted. `choice` null: no vote, or a retracted vote."""

    choice: Choice | None
    version: Count
    cast_at: Timestamp | None
    changed_at: Timestamp | None

    @classmethod
    def of(cls, vote: Vote) -> VoteBody:
        return cls.model_construct(
            choice=vote.choice,
            version=vote.version,
            cast_at=optional_timestamp(vote.cast_at),
            changed_at=optional_timestamp(vote.changed_at),
        )


class MyVoteBody(Wire):
    """A reader's vote with a tally that includes it. `tally` is null if it could not be read in time."""

    vote: VoteBody
    tally: TallyBody | None


class SetVoteBody(Wire):
    """The same after a PUT or DELETE. `changed`: this request changed the choice."""

    vote: VoteBody
    changed: bool
    tally: TallyBody | None


class ArticleVoteBody(VoteBody):
    """A reader's vote on a named article."""

    article: ArticleId


class VotesBody(Wire):
    """A reader's votes in the order of the request."""

    votes: list[ArticleVoteBody]

    @classmethod
    def of(cls, articles: Sequence[str], votes: Sequence[Vote]) -> VotesBody:
        bodies = [
            ArticleVoteBody.model_construct(
                article=article,
                choice=vote.choice,
                version=vote.version,
                cast_at=optional_timestamp(vote.cast_at),
                changed_at=optional_timestamp(vote.changed_at),
            )
            for article, vote in zip(articles, votes, strict=True)
        ]
        return cls.model_construct(votes=bodies)


class RenewalRequest(Wire):
    """What may help to renew a token whose key was revoked: articles that the reader has voted on."""

    voted_on: Annotated[list[ArticleId], Field(default_factory=list, max_length=20)]


class VoterBody(Wire):
    """A voter's token. Keep the token in the browser and send it as `Authorization: Bearer`."""

    voter_token: str
    expires_at: Timestamp

    @classmethod
    def of(cls, voter: VoterToken) -> VoterBody:
        return cls.model_construct(voter_token=voter.token, expires_at=timestamp(voter.expires_at))


class VoteProblemBody(ProblemBody):
    """A problem of a vote. With status 412 it has the vote as it is now, and the tally if it could be read in time."""

    vote: VoteBody | None = None
    tally: TallyBody | None = None


class AliasBody(Wire):
    """An alias, and the article whose alias it is: the one in the path, or the one whose alias that is.

    `merged` true: the merge is done. False: the alias is in force, but votes of the old id do not count yet. The merge
    goes on by itself; to send the request again is safe, and says whether it is done.
    """

    alias: Annotated[ArticleId, Field(examples=["nato-office"])]
    article: ArticleId
    merged: bool


class RemovedAliasBody(Wire):
    """An id that is no alias: it is an article of its own now, or always was."""

    alias: Annotated[ArticleId, Field(examples=["nato-office"])]

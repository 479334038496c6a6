"""A vote is private: only the holder of the voter token reads or sets it.

Votes are declared with PUT and DELETE. They are never toggled.
"""

from __future__ import annotations

from chalice.app import Response

from chalicelib.errors import (
    BodyTooLarge,
    IdempotencyKeyReused,
    InvalidToken,
    OriginNotAllowed,
    PreconditionFailed,
    TooEarly,
    TooManyVotes,
    UnknownArticle,
    UnsupportedMediaType,
    VotingClosed,
    VotingNotOpen,
)
from chalicelib.http.bodies import check_body_size, json_body
from chalicelib.http.descriptions import json_of
from chalicelib.http.preconditions import idempotency_key, precondition
from chalicelib.http.problems import problem, version_tag
from chalicelib.http.requests import Request
from chalicelib.http.responses import (
    NO_STORE,
    PRIVATE,
    json_answer,
)
from chalicelib.http.routing import Routes
from chalicelib.publishing.parameters import (
    ARTICLES,
    PATH_PARAMETERS,
    article_id_of,
    article_ids_of,
    site_id_of,
)
from chalicelib.publishing.sites import Site
from chalicelib.voting.parameters import ORDERING, VOTER, bearer_token, check_origin
from chalicelib.voting.tallies import Tally
from chalicelib.voting.tally_routes import READING_A_SITE
from chalicelib.voting.use_cases import Declaration, Voter, Voting
from chalicelib.voting.votes import Vote, VoteHasChanged
from chalicelib.voting.wire import (
    MyVoteBody,
    SetVoteBody,
    TallyBody,
    VoteBody,
    VoteProblemBody,
    VoteRequest,
    VotesBody,
)

routes: Routes[Voting] = Routes("votes", PATH_PARAMETERS)

VOTE_PATH = "/v1/sites/{site}/articles/{article}/vote"
READING_A_VOTE = (*READING_A_SITE, InvalidToken, TooEarly)
SETTING_A_VOTE = (
    *READING_A_VOTE,
    OriginNotAllowed,
    UnknownArticle,
    VotingClosed,
    VotingNotOpen,
    PreconditionFailed,
    BodyTooLarge,
    IdempotencyKeyReused,
    TooManyVotes,
)


@routes.route(
    "PUT",
    VOTE_PATH,
    answers={200: json_of(SetVoteBody), 201: json_of(SetVoteBody)},
    problems=(*SETTING_A_VOTE, UnsupportedMediaType),
    problem_models={412: VoteProblemBody},
    parameters=ORDERING,
    body=VoteRequest,
    security=VOTER,
)
def put_vote(request: Request, voting: Voting) -> Response:
    """Make the reader's vote the given choice"""
    article, voter = article_id_of(request), _writing_voter(request, voting)
    return _set_vote(request, voting, voter, article, json_body(request, VoteRequest).choice)


@routes.route(
    "DELETE",
    VOTE_PATH,
    answers={200: json_of(SetVoteBody)},
    problems=SETTING_A_VOTE,
    problem_models={412: VoteProblemBody},
    parameters=ORDERING,
    security=VOTER,
)
def delete_vote(request: Request, voting: Voting) -> Response:
    """Retract the reader's vote"""
    article, voter = article_id_of(request), _writing_voter(request, voting)
    check_body_size(request)
    return _set_vote(request, voting, voter, article, None)


def _set_vote(request: Request, voting: Voting, voter: Voter, article: str, choice: str | None) -> Response:
    declaration = Declaration(
        choice, request.at, idempotency_key(request), precondition(request), request.reader_address
    )
    try:
        outcome = voting.set_vote(voter, article, declaration, request.deadline)
    except VoteHasChanged as error:
        voting.metrics.refused(error.code)
        vote, tally = _shown(request, voting, voter.site, article, error.vote)
        more = {"vote": VoteBody.of(vote), "tally": tally}
        return problem(error, request.id, VoteProblemBody, more)
    vote, tally = _shown(request, voting, voter.site, article, outcome.vote, stored=True)
    return json_answer(
        SetVoteBody.model_construct(vote=VoteBody.of(vote), changed=outcome.changed, tally=tally),
        status=201 if outcome.first else 200,
        caching=NO_STORE,
        etag=version_tag(vote.version),
    )


@routes.route(
    "GET",
    VOTE_PATH,
    answers={200: json_of(MyVoteBody)},
    problems=(*READING_A_VOTE, UnknownArticle),
    security=VOTER,
)
def read_vote(request: Request, voting: Voting) -> Response:
    """The reader's vote on one article"""
    article, voter = article_id_of(request), _voter(request, voting)
    vote, tally = voting.vote_and_tally(voter, article, request.deadline)
    shown = None if tally is None else _tally_body(request, voter.site, article, vote, tally)
    return json_answer(
        MyVoteBody.model_construct(vote=VoteBody.of(vote), tally=shown),
        caching=PRIVATE,
        etag=version_tag(vote.version),
    )


@routes.route(
    "GET",
    "/v1/sites/{site}/votes",
    answers={200: json_of(VotesBody)},
    problems=READING_A_VOTE,
    parameters=(ARTICLES,),
    security=VOTER,
)
def read_votes(request: Request, voting: Voting) -> Response:
    """The reader's votes on at most 100 articles"""
    articles, voter = article_ids_of(request), _voter(request, voting)
    found = voting.votes(voter, articles, request.deadline)
    return json_answer(VotesBody.of(articles, found), caching=PRIVATE)


def _shown(
    request: Request, voting: Voting, site: Site, article: str, vote: Vote, *, stored: bool = False
) -> tuple[Vote, TallyBody | None]:
    """The vote as it is in the article's epoch, and the tally as its reader may see it.

    `stored`: the request was to store this vote, and that is done, whatever has become of the article.
    """
    try:
        tally = voting.tally_if_in_time(site, article, request.deadline)
    except UnknownArticle:
        if not stored:
            raise
        tally = None  # the vote is stored, and the article was hidden or removed since
    if tally is None:
        return vote, None
    vote = vote.in_epoch(tally.terms.epoch)
    return vote, _tally_body(request, site, article, vote, tally)


def _tally_body(request: Request, site: Site, article: str, vote: Vote, tally: Tally) -> TallyBody:
    """The tally as the reader with this vote may see it."""
    return TallyBody.of(site, article, tally, request.at, voted=vote.choice is not None)


def _voter(request: Request, voting: Voting) -> Voter:
    """The voter whose token the request has. The token is checked first, before anything is read from the table."""
    site_id = site_id_of(request)
    token = voting.recognise_voter(site_id, bearer_token(request), request.at, request.deadline)
    return Voter(voting.sites.site(site_id, request.deadline), token.voter_id, token.issued_at)


def _writing_voter(request: Request, voting: Voting) -> Voter:
    voter = _voter(request, voting)
    check_origin(request, voter.site)
    return voter

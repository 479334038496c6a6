"""A voter is a reader with a token. There is no account: a token is given at a reader's first click.

A new voter may have to solve a challenge first (`admission`).
"""

from __future__ import annotations

from chalice.app import Response

from chalicelib.admission.gate import Challenged, NewVoter
from chalicelib.admission.wire import ChallengeProblemBody, VoterRequest, challenge_body
from chalicelib.errors import (
    BodyTooLarge,
    InvalidToken,
    OriginNotAllowed,
    SolutionRefused,
    TooEarly,
    TooManyNewVoters,
    UnsupportedMediaType,
    WorkNeeded,
)
from chalicelib.http.bodies import check_body_size, json_body
from chalicelib.http.descriptions import json_of
from chalicelib.http.problems import problem
from chalicelib.http.requests import Request
from chalicelib.http.responses import NO_STORE, json_answer
from chalicelib.http.routing import Routes
from chalicelib.publishing.parameters import PATH_PARAMETERS, site_id_of
from chalicelib.publishing.sites import Site
from chalicelib.voting.parameters import VOTER, bearer_token, check_origin
from chalicelib.voting.tally_routes import READING_A_SITE
from chalicelib.voting.use_cases import Voting
from chalicelib.voting.wire import RenewalRequest, VoterBody

routes: Routes[Voting] = Routes("votes", PATH_PARAMETERS)


@routes.route(
    "POST",
    "/v1/sites/{site}/voters",
    answers={201: json_of(VoterBody)},
    problems=(
        *READING_A_SITE, OriginNotAllowed, BodyTooLarge, UnsupportedMediaType, SolutionRefused, WorkNeeded,
        TooManyNewVoters,
    ),
    problem_models={429: ChallengeProblemBody},
    body=VoterRequest,
    body_required=False,
)  # fmt: skip
def create_voter(request: Request, voting: Voting) -> Response:
    """A new voter token, for a reader's first click"""
    site = _writable_site(request, voting)
    solution = json_body(request, VoterRequest).solved() if check_body_size(request) else None
    try:
        voter = voting.register_voter(NewVoter(site, request.reader_address, solution, request.at), request.deadline)
    except Challenged as error:
        voting.metrics.refused(error.code)
        more = {"challenge": challenge_body(error.challenge)}
        return problem(error, request.id, ChallengeProblemBody, more)
    return json_answer(VoterBody.of(voter), status=201, caching=NO_STORE)


@routes.route(
    "POST",
    "/v1/sites/{site}/voters/renew",
    answers={200: json_of(VoterBody)},
    problems=(*READING_A_SITE, InvalidToken, TooEarly, OriginNotAllowed, BodyTooLarge, UnsupportedMediaType),
    body=RenewalRequest,
    security=VOTER,
)
def renew_voter_token(request: Request, voting: Voting) -> Response:
    """A fresh token for the same voter"""
    site, token = _writable_site(request, voting), bearer_token(request)
    voted_on = json_body(request, RenewalRequest).voted_on
    voter = voting.renew_token(site, token, voted_on, request.at, request.deadline)
    return json_answer(VoterBody.of(voter), caching=NO_STORE)


def _writable_site(request: Request, voting: Voting) -> Site:
    site = voting.sites.site(site_id_of(request), request.deadline)
    check_origin(request, site)
    return site

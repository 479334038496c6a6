"""A reader's own votes: declared with PUT and DELETE, never toggled; private to whoever holds the token."""

from __future__ import annotations

from chalice.app import Blueprint, Response

from chalicelib.errors import PreconditionFailed
from chalicelib.http import requests
from chalicelib.http.responses import NO_STORE, PRIVATE, json_answer, problem, vote_etag
from chalicelib.http.routing import Call, endpoint
from chalicelib.publishing.articles import parse_article_ids
from chalicelib.publishing.sites import Site
from chalicelib.voting import use_cases as voting
from chalicelib.voting.wire import (
    ArticleVoteBody,
    MyVoteBody,
    SetVoteBody,
    TallyBody,
    VoteBody,
    VoteRequest,
    VotesBody,
    timestamp,
)

routes = Blueprint(__name__)
VOTE_PATH = "/v1/sites/{site}/articles/{article}/vote"


@endpoint(routes, "PUT", VOTE_PATH)
def put_vote(call: Call) -> Response:
    """Make the reader's vote the given choice"""
    return _set_vote(call, requests.json_body(call.request, VoteRequest).choice)


@endpoint(routes, "DELETE", VOTE_PATH)
def delete_vote(call: Call) -> Response:
    """Retract the reader's vote"""
    requests.check_body_size(call.request)
    return _set_vote(call, None)


def _set_vote(call: Call, choice: str | None) -> Response:
    article = call.article()
    request = voting.Request(
        at=call.now,
        key=requests.idempotency_key(call.request),
        precondition=requests.precondition(call.request),
    )
    voter_id, site = call.voter_id(), call.writable_site()
    store, keyring = call.services.store, call.services.keyring
    try:
        outcome = voting.set_vote(store, keyring, site, voter_id, article, choice, request, call.deadline)
    except PreconditionFailed as error:
        return problem(error, call.request_id, tally=_tally(call, site, article))
    return json_answer(
        SetVoteBody.after(outcome, _tally(call, site, article)),
        status=201 if outcome.first else 200,
        caching=NO_STORE,
        etag=vote_etag(outcome.vote.version),
    )


def _tally(call: Call, site: Site, article: str) -> TallyBody | None:
    tally = voting.tally_if_in_time(call.services.store, site, article, call.deadline)
    return None if tally is None else TallyBody.of(site, article, tally, call.now)


@endpoint(routes, "GET", VOTE_PATH)
def read_vote(call: Call) -> Response:
    """The reader's vote on one article"""
    article, voter_id, site = call.article(), call.voter_id(), call.site()
    # The vote first: a tally read after it can only be newer, and never leaves the vote out.
    vote = voting.get_vote(call.services.store, call.services.keyring, site, voter_id, article, call.deadline)
    return json_answer(
        MyVoteBody.model_construct(vote=VoteBody.of(vote), tally=_tally(call, site, article)),
        caching=PRIVATE,
        etag=vote_etag(vote.version),
    )


@endpoint(routes, "GET", "/v1/sites/{site}/votes")
def read_votes(call: Call) -> Response:
    """The reader's votes on up to 100 articles"""
    articles = parse_article_ids(requests.query_value(call.request, "articles"))
    voter_id, site = call.voter_id(), call.site()
    found = voting.get_votes(call.services.store, call.services.keyring, site, voter_id, articles, call.deadline)
    bodies = [
        ArticleVoteBody.model_construct(
            article=article,
            choice=vote.choice,
            version=vote.version,
            cast_at=timestamp(vote.cast_at),
            changed_at=timestamp(vote.changed_at),
        )
        for article, vote in zip(articles, found, strict=True)
    ]
    return json_answer(VotesBody.model_construct(votes=bodies), caching=PRIVATE)

"""Casting, retracting and reading a reader's own votes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.deadlines import Deadline
from chalicelib.errors import Unavailable
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.sites import Site
from chalicelib.voting.ports import Keyring, VoteStore
from chalicelib.voting.reading import get_tally
from chalicelib.voting.tallies import Tally
from chalicelib.voting.voters import VoterToken, issue_token, read_token, voter_key
from chalicelib.voting.votes import NO_PRECONDITION, Outcome, Precondition, Vote, Wish, receipt_key


@dataclass(frozen=True, slots=True)
class Request:
    """How a wish came in: when, and with what to order it by. `key` is the caller's idempotency key."""

    at: int
    key: str | None
    precondition: Precondition


def register_voter(keyring: Keyring, site: Site, new_voter_id: str, now: int, deadline: Deadline) -> VoterToken:
    """A token for a reader who has none yet. Nothing is stored."""
    return issue_token(new_voter_id, site.id, keyring.signing_key(deadline), now)


def recognise_voter(keyring: Keyring, site_id: str, token: str, now: int, deadline: Deadline) -> str:
    """The voter id behind a token for this site, or `InvalidToken`."""
    return read_token(token, site_id, lambda kid: keyring.key_named(kid, deadline), now)


def set_vote(
    store: VoteStore,
    keyring: Keyring,
    site: Site,
    voter_id: str,
    article: str,
    choice: str | None,
    request: Request,
    deadline: Deadline,
) -> Outcome:
    """Make the voter's vote on the article `choice`; None retracts it. Exactly once, however often it is asked."""
    ref = ArticleRef(site.id, article)
    key = voter_key(keyring.pepper(deadline), ref, voter_id)
    wish = Wish(
        ref=ref,
        voter_key=key,
        choice=None if choice is None else site.ballot.parse_choice(choice),
        receipt_key=None if request.key is None else receipt_key(key, request.key),
        at=request.at,
        ordered=request.key is not None or request.precondition != NO_PRECONDITION,
        precondition=request.precondition,
    )
    return store.apply(wish, deadline, registered_only=site.registers_articles)


def tally_if_in_time(store: VoteStore, site: Site, article: str, deadline: Deadline) -> Tally | None:
    """The tally with the reader's own vote in it; None when it cannot be read in time: their vote is the answer."""
    try:
        return get_tally(store, site, article, deadline, consistent=True)
    except Unavailable:
        return None


def get_vote(store: VoteStore, keyring: Keyring, site: Site, voter_id: str, article: str, deadline: Deadline) -> Vote:
    """The voter's vote on one article; version 0 when there is none."""
    ref = ArticleRef(site.id, article)
    return store.vote(ref, voter_key(keyring.pepper(deadline), ref, voter_id), deadline)


def get_votes(
    store: VoteStore, keyring: Keyring, site: Site, voter_id: str, articles: Sequence[str], deadline: Deadline
) -> list[Vote]:
    """The voter's votes on up to 100 articles, in the order asked."""
    different = list(dict.fromkeys(articles))
    refs = [ArticleRef(site.id, article) for article in different]
    pepper = keyring.pepper(deadline)
    found = store.votes([(ref, voter_key(pepper, ref, voter_id)) for ref in refs], deadline)
    by_article = dict(zip(different, found, strict=True))
    return [by_article[article] for article in articles]

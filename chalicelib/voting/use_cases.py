"""What readers and pages do: register a voter, set and read votes, read tallies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chalicelib.deadlines import Deadline
from chalicelib.errors import Unavailable, UnknownArticle, VotingClosed, VotingError, VotingNotOpen
from chalicelib.metrics import Metrics
from chalicelib.preconditions import NO_PRECONDITION, Precondition
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.key_directory import KeyDirectory
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.publishing.sites import Site
from chalicelib.voting.ports import Keyring, VoteStore
from chalicelib.voting.tallies import EMPTY_TALLY, Tally
from chalicelib.voting.tokens import VerifiedToken, VoterToken, issue_token, read_token, revoked
from chalicelib.voting.voters import vote_partition, voter_key
from chalicelib.voting.votes import (
    TIMES_KEPT_TO_SECONDS,
    Apply,
    Committed,
    Conflict,
    Decision,
    Keep,
    OtherEpoch,
    Outcome,
    Vote,
    Wish,
    decide,
    never_voted,
    receipt_key,
)


@dataclass(frozen=True, slots=True)
class Voter:
    """A voter on one site. `id`: the random id in the voter's token."""

    site: Site
    id: str


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a request says about a vote: the choice (None retracts), and what orders it among other requests.

    `at`: when the request came in, in epoch seconds. `idempotency_key`: as the caller sent it, or None.
    """

    choice: str | None
    at: int
    idempotency_key: str | None = None
    precondition: Precondition = NO_PRECONDITION


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Voting:
    """The voting feature. `new_voter_id` returns 22 random characters of base64url."""

    sites: SiteDirectory
    keys: KeyDirectory
    store: VoteStore
    keyring: Keyring
    new_voter_id: Callable[[], str]
    metrics: Metrics

    def register_voter(self, site: Site, at: int, deadline: Deadline) -> VoterToken:
        """A token for a reader who has none yet. Nothing is stored."""
        return issue_token(self.new_voter_id(), site.id, self.keyring.signing_key(deadline), at)

    def recognise_voter(self, site_id: str, token: str, at: int, deadline: Deadline) -> str:
        """The voter id in a token for this site. Raises `InvalidToken`."""
        verified = self._verified(site_id, token, at, deadline)
        if verified.revoked_at is not None:
            raise revoked()
        return verified.voter_id

    def renew_token(self, site: Site, token: str, voted_on: Sequence[str], at: int, deadline: Deadline) -> VoterToken:
        """A fresh token for the same voter. Raises `InvalidToken`.

        `voted_on`: at most 20 articles, which only matter if the token's key was revoked. Whoever has that key can sign
        tokens for made-up voters, but does not know the ids of others. So the voter must have a vote on one of these
        articles that is older than the revocation.
        """
        verified = self._verified(site.id, token, at, deadline)
        if verified.revoked_at is not None:
            whole_hour = verified.revoked_at - verified.revoked_at % TIMES_KEPT_TO_SECONDS
            found = self._stored_votes(Voter(site, verified.voter_id), voted_on, deadline).values() if voted_on else []
            if not any(vote.cast_at is not None and vote.cast_at < whole_hour for vote in found):
                raise revoked()
        return issue_token(verified.voter_id, site.id, self.keyring.signing_key(deadline), at)

    def _verified(self, site_id: str, token: str, at: int, deadline: Deadline) -> VerifiedToken:
        return read_token(token, site_id, lambda kid: self.keyring.key_named(kid, deadline), at)

    def set_vote(self, voter: Voter, article: str, declaration: Declaration, deadline: Deadline) -> Outcome:
        """Make the voter's vote what the declaration says. If it is ordered, a repeated request changes nothing.

        Raises what `decide` raises, `InvalidValue` for a choice that is not on the ballot, `VotingClosed`, and
        `UnknownArticle` where only registered articles take votes.
        """
        ref = ArticleRef(voter.site.id, article)
        key = voter_key(self.keyring.pepper(deadline), ref, voter.id)
        ballot, sent = voter.site.ballot, declaration.idempotency_key
        choice = None if declaration.choice is None else ballot.parse_choice(declaration.choice)
        wish = Wish(
            ref=ref,
            voter_key=key,
            choice=choice,
            receipt_key=None if sent is None else receipt_key(key, sent),
            at=declaration.at,
            ordered=sent is not None or declaration.precondition != NO_PRECONDITION,
            precondition=declaration.precondition,
            retired=choice in ballot.retired,
        )
        outcome = apply(self.store, wish, deadline, registered_only=voter.site.registers_articles)
        self.metrics.count("votes" if outcome.first else "changes" if outcome.changed else "repeats")
        return outcome

    def vote(self, voter: Voter, article: str, deadline: Deadline) -> Vote:
        """The voter's vote on one article. Its version is 0 before the first vote."""
        ref = ArticleRef(voter.site.id, article)
        return self.store.vote(ref, voter_key(self.keyring.pepper(deadline), ref, voter.id), deadline)

    def votes(self, voter: Voter, articles: Sequence[str], deadline: Deadline) -> list[Vote]:
        """The voter's votes on at most 100 articles, in the given order. Those of before a reset are votes no more."""
        found = self._stored_votes(voter, articles, deadline)
        voted = [ref for ref, vote in found.items() if vote.version]
        epochs = self.store.epochs(voted, deadline) if voted else {}
        shown = {ref.article: vote.in_epoch(epochs.get(ref, 0)) for ref, vote in found.items()}
        return [shown[article] for article in articles]

    def _stored_votes(self, voter: Voter, articles: Sequence[str], deadline: Deadline) -> dict[ArticleRef, Vote]:
        refs = [ArticleRef(voter.site.id, article) for article in dict.fromkeys(articles)]
        pepper = self.keyring.pepper(deadline)
        found = self.store.votes([(ref, voter_key(pepper, ref, voter.id)) for ref in refs], deadline)
        return dict(zip(refs, found, strict=True))

    def tally(
        self, site: Site, article: str, deadline: Deadline, *, consistent: bool = False, hidden_too: bool = False
    ) -> Tally:
        """The exact tally. Raises `UnknownArticle` if it is hidden, or if it is not registered but must be."""
        tally = self.store.tally(ArticleRef(site.id, article), deadline, consistent=consistent)
        if (tally.terms.hidden and not hidden_too) or (site.registers_articles and not tally.terms.registered):
            raise _unknown_article(site.id, article)
        return tally

    def tally_if_in_time(self, site: Site, article: str, deadline: Deadline) -> Tally | None:
        """The tally that includes the reader's own vote. None if there is no time left to read it."""
        try:
            return self.tally(site, article, deadline, consistent=True)
        except Unavailable:
            return None

    def tallies(self, site: Site, articles: Sequence[str], deadline: Deadline) -> list[Tally]:
        """The projected tallies of at most 100 articles, in the given order. They are a few seconds behind."""
        different = list(dict.fromkeys(articles))
        found = self.store.projected_tallies([ArticleRef(site.id, article) for article in different], deadline)
        by_article = {article: _shown(site, tally) for article, tally in zip(different, found, strict=True)}
        return [by_article[article] for article in articles]


def _shown(site: Site, tally: Tally | None) -> Tally:
    """A projected tally as readers may see it. A hidden or unregistered article has no counts and no version."""
    if tally is None:
        return EMPTY_TALLY
    terms = tally.terms
    is_unknown = terms.hidden or (site.registers_articles and not terms.registered)
    return Tally({}, 0, terms=terms) if is_unknown else tally


def apply(store: VoteStore, wish: Wish, deadline: Deadline, *, registered_only: bool) -> Outcome:
    """Make the vote what the wish says: decide, commit, and decide again if the commit found another vote."""
    if wish.choice is None or wish.retired or wish.precondition.failing_field(0) is not None:
        old = store.vote(wish.ref, wish.voter_key, deadline)
    else:  # most votes are first votes: assume so, and learn from the commit if it is wrong
        old = never_voted(vote_partition(wish.voter_key))
    epoch = store.known_epoch(wish.ref)
    while True:
        decision, epoch = _decide(store, old, wish, epoch, deadline)
        if isinstance(decision, Keep):
            return Outcome(decision.vote, changed=False, first=False)
        result = store.commit(wish.ref, wish.voter_key, decision, deadline, registered_only=registered_only)
        if isinstance(result, Committed):
            first = decision.vote.choice is not None and (old.cast_at is None or old.epoch < epoch)
            return Outcome(decision.vote, changed=bool(decision.deltas), first=first)
        if isinstance(result, Conflict):
            old = result.vote
        elif isinstance(result, OtherEpoch):
            epoch = result.epoch
        elif result.reason == "unknown_article":
            raise _unknown_article(wish.ref.site, wish.ref.article)
        elif result.reason == "voting_not_open":
            raise VotingNotOpen("This article does not take votes yet.")
        else:
            raise VotingClosed("This article takes no more votes.")


def _decide(store: VoteStore, old: Vote, wish: Wish, epoch: int, deadline: Deadline) -> tuple[Decision, int]:
    """The decision, and the epoch for which it was made. If nothing is to be stored, no transaction checks the epoch.

    Then the epoch is read, if the voter has a vote: the article may have been reset since this container last knew.
    """
    try:
        decision = decide(old, wish, epoch)
        if isinstance(decision, Apply) or not old.version:
            return decision, epoch
    except VotingError:
        if not old.version:
            raise
    newest = max(epoch, store.epochs([wish.ref], deadline).get(wish.ref, 0))
    return decide(old, wish, newest), newest


def _unknown_article(site: str, article: str) -> UnknownArticle:
    return UnknownArticle(f"The site {site} has no article {article}.", field="article")

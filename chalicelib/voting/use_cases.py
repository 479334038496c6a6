"""What readers and pages do: register a voter, set and read votes, read tallies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from chalicelib.admission.gate import Gate, NewVoter
from chalicelib.admission.provenance import provenance_of
from chalicelib.admission.salts import Salts
from chalicelib.deadlines import Deadline
from chalicelib.errors import Unavailable
from chalicelib.metrics import Metrics
from chalicelib.preconditions import NO_PRECONDITION, Precondition
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.key_directory import KeyDirectory
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.publishing.sites import Site
from chalicelib.voting.applying import Moved, apply, joined_votes, unknown_article
from chalicelib.voting.commits import Outcome
from chalicelib.voting.pace import Pace
from chalicelib.voting.ports import Keyring, VoteStore
from chalicelib.voting.tallies import EMPTY_TALLY, Tally
from chalicelib.voting.tokens import VerifiedToken, VoterToken, issue_token, read_token, revoked
from chalicelib.voting.voters import VoterKeys
from chalicelib.voting.votes import TIMES_KEPT_TO_SECONDS, Vote, Wish, receipt_key


@dataclass(frozen=True, slots=True)
class Voter:
    """A voter on one site. `id`: the random id in the voter's token. `issued_at`: when the token was issued."""

    site: Site
    id: str
    issued_at: int = 0


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a request says about a vote: the choice (None retracts), and what orders it among other requests.

    `at`: when the request came in, in epoch seconds. `idempotency_key`: as the caller sent it, or None.
    `address`: where it came from, which is not stored.
    """

    choice: str | None
    at: int
    idempotency_key: str | None = None
    precondition: Precondition = NO_PRECONDITION
    address: str | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Voting:
    """The voting feature. `new_voter_id` returns 22 random characters of base64url."""

    sites: SiteDirectory
    keys: KeyDirectory
    store: VoteStore
    keyring: Keyring
    gate: Gate
    salts: Salts
    new_voter_id: Callable[[], str]
    metrics: Metrics
    pace: Pace = field(default_factory=Pace)

    def register_voter(self, voter: NewVoter, deadline: Deadline) -> VoterToken:
        """A token for a reader who has none yet. Raises what the gate raises (`admission.gate`)."""
        key = self.keyring.signing_key(deadline)  # first: without it, nobody is counted and no solution is used up
        self.gate.admit(voter, self.keyring.pepper(deadline), deadline)
        return issue_token(self.new_voter_id(), voter.site.id, key, voter.at)

    def recognise_voter(self, site_id: str, token: str, at: int, deadline: Deadline) -> VerifiedToken:
        """What a token for this site says. Raises `InvalidToken`."""
        verified = self._verified(site_id, token, at, deadline)
        if verified.revoked_at is not None:
            raise revoked()
        return verified

    def renew_token(self, site: Site, token: str, voted_on: Sequence[str], at: int, deadline: Deadline) -> VoterToken:
        """A fresh token for the same voter. Raises `InvalidToken`.

        `voted_on`: at most 20 articles, which only matter if the token's key was revoked. Whoever has that key can sign
        tokens for made-up voters, but does not know the ids of others. So the voter must have a vote on one of these
        articles that is older than the revocation.
        """
        verified = self._verified(site.id, token, at, deadline)
        if verified.revoked_at is not None:
            whole_hour = verified.revoked_at - verified.revoked_at % TIMES_KEPT_TO_SECONDS
            found = self._votes_of(site, verified.voter_id, voted_on, deadline) if voted_on else []
            if not any(vote.cast_at is not None and vote.cast_at < whole_hour for vote in found):
                raise revoked()
        return issue_token(verified.voter_id, site.id, self.keyring.signing_key(deadline), at)

    def _votes_of(self, site: Site, voter_id: str, articles: Sequence[str], deadline: Deadline) -> list[Vote]:
        refs = [ArticleRef(site.id, article) for article in dict.fromkeys(articles)]
        keys = VoterKeys(self.keyring.pepper(deadline), voter_id)
        return list(joined_votes(self.store, keys, refs, deadline).values())

    def _verified(self, site_id: str, token: str, at: int, deadline: Deadline) -> VerifiedToken:
        return read_token(token, site_id, lambda kid: self.keyring.key_named(kid, deadline), at)

    def set_vote(self, voter: Voter, article: str, declaration: Declaration, deadline: Deadline) -> Outcome:
        """Make the voter's vote what the declaration says. If it is ordered, a repeated request changes nothing.

        Raises what `decide` raises, `TooManyVotes` of the voter's pace, `InvalidValue` for a choice that is not on the
        ballot, `VotingClosed`, and `UnknownArticle` where only registered articles take votes.
        """
        ref, keys = ArticleRef(voter.site.id, article), VoterKeys(self.keyring.pepper(deadline), voter.id)
        choice = None if declaration.choice is None else voter.site.ballot.parse_choice(declaration.choice)
        self.pace.check(voter.id, article, declaration.at)
        salt = None if choice is None else self.salts.if_at_hand(declaration.at, deadline)
        while True:
            wish = _wish(ref, keys, choice, declaration, retired=choice in voter.site.ballot.retired)
            if salt is not None:
                age = declaration.at - voter.issued_at
                wish = replace(wish, provenance=provenance_of(salt, ref.site, ref.article, declaration.address, age))
            try:
                outcome = apply(self.store, wish, deadline, registered_only=voter.site.registers_articles, keys=keys)
            except Moved as moved:
                ref = moved.to
            else:
                if outcome.changed:
                    self.pace.record(voter.id, article, declaration.at)
                self.metrics.count("votes" if outcome.first else "changes" if outcome.changed else "repeats")
                return outcome

    def votes(self, voter: Voter, articles: Sequence[str], deadline: Deadline) -> list[Vote]:
        """The voter's votes on at most 100 articles, in the given order. Those of before a reset are votes no more."""
        keys = VoterKeys(self.keyring.pepper(deadline), voter.id)
        refs = {article: ArticleRef(voter.site.id, article) for article in articles}
        found = joined_votes(self.store, keys, list(refs.values()), deadline)
        return [found[refs[article]] for article in articles]

    def vote_and_tally(self, voter: Voter, article: str, deadline: Deadline) -> tuple[Vote, Tally | None]:
        """The voter's vote on one article, and the tally that includes it, if there is time to read it.

        The vote's version is 0 before the first vote. Raises `UnknownArticle`.
        """
        site, keys = voter.site, VoterKeys(self.keyring.pepper(deadline), voter.id)
        ref = ArticleRef(site.id, article)
        vote = self.store.vote(ref, keys.on(ref), deadline)  # first: a tally that is read after it includes it
        try:
            found, tally = self._tally(site, ref, deadline, consistent=True, hidden_too=False)
        except Unavailable:
            return vote, None
        if found == ref and not tally.terms.merges.absorbed:
            return vote.in_epoch(tally.terms.epoch), tally
        return joined_votes(self.store, keys, [ref], deadline)[ref], self.tally_if_in_time(site, article, deadline)

    def tally(
        self, site: Site, article: str, deadline: Deadline, *, consistent: bool = False, hidden_too: bool = False
    ) -> Tally:
        """The exact tally. Raises `UnknownArticle` if it is hidden, or if it is not registered but must be."""
        return self._tally(site, ArticleRef(site.id, article), deadline, consistent=consistent, hidden_too=hidden_too)[
            1
        ]

    def _tally(
        self, site: Site, ref: ArticleRef, deadline: Deadline, *, consistent: bool, hidden_too: bool
    ) -> tuple[ArticleRef, Tally]:
        """The tally of an article, or of the one whose alias it is, and which article it is."""
        found, tally = ref, self.store.tally(ref, deadline, consistent=consistent)
        while (moved_to := tally.terms.merges.moved_to) is not None:
            found = ArticleRef(site.id, moved_to)
            tally = self.store.tally(found, deadline, consistent=consistent)
        if (tally.terms.hidden and not hidden_too) or (site.registers_articles and not tally.terms.registered):
            raise unknown_article(ref)
        return found, tally

    def tally_if_in_time(self, site: Site, article: str, deadline: Deadline) -> Tally | None:
        """The tally that includes the reader's own vote. None if there is no time left to read it."""
        try:
            return self.tally(site, article, deadline, consistent=True)
        except Unavailable:
            return None

    def tallies(self, site: Site, articles: Sequence[str], deadline: Deadline) -> list[Tally]:
        """The projected tallies of at most 100 articles, in the given order. They are a few seconds behind."""
        found: dict[str, Tally | None] = {}
        wanted = list(dict.fromkeys(articles))
        while wanted:
            tallies = self.store.projected_tallies([ArticleRef(site.id, article) for article in wanted], deadline)
            found |= dict(zip(wanted, tallies, strict=True))
            targets = [tally.terms.merges.moved_to for tally in tallies if tally is not None]
            wanted = [target for target in dict.fromkeys(targets) if target is not None and target not in found]
        return [_shown(site, _followed(found, article)) for article in articles]


def _followed(found: Mapping[str, Tally | None], article: str) -> Tally | None:
    """The tally of an article, or of the one whose alias it is."""
    tally = found[article]
    for _ in found:  # they were projected at different moments, so they may lead in a circle
        if tally is None or tally.terms.merges.moved_to is None:
            return tally
        tally = found[tally.terms.merges.moved_to]
    return None


def _wish(ref: ArticleRef, keys: VoterKeys, choice: str | None, declaration: Declaration, *, retired: bool) -> Wish:
    key, sent = keys.on(ref), declaration.idempotency_key
    return Wish(
        ref=ref,
        voter_key=key,
        choice=choice,
        receipt_key=None if sent is None else receipt_key(key, sent),
        at=declaration.at,
        ordered=sent is not None or declaration.precondition != NO_PRECONDITION,
        precondition=declaration.precondition,
        retired=retired,
        seal=keys.seal(key, declaration.at),
        idempotency_key=sent,
    )


def _shown(site: Site, tally: Tally | None) -> Tally:
    """A projected tally as readers may see it. A hidden or unregistered article has no counts and no version."""
    if tally is None:
        return EMPTY_TALLY
    terms = tally.terms
    is_unknown = terms.hidden or (site.registers_articles and not terms.registered)
    return Tally({}, 0, terms=terms) if is_unknown else tally

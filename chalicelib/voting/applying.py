"""Making a reader's vote what a wish says: decide, commit, and decide again whenever the commit finds something else.

apply(wish) -> HeldVotes.decide -> Keep                       done
                                -> Apply -> store.commit ->   Committed: done
                                                              Conflict, OtherTerms: decide again
                                                              Refused: the article takes no such vote

The id may be an alias by now. Then `Moved` is raised, and the caller begins again for the article whose alias it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.deadlines import Deadline
from chalicelib.errors import UnknownArticle, VotingClosed, VotingError, VotingNotOpen
from chalicelib.publishing.articles import NO_TERMS, ArticleRef, Terms
from chalicelib.voting.commits import Committed, Conflict, OtherTerms, Outcome
from chalicelib.voting.merged_votes import Held, HeldVotes
from chalicelib.voting.ports import VoteStore
from chalicelib.voting.voters import VoterKeys, vote_partition
from chalicelib.voting.votes import Decision, Keep, Vote, Wish, never_voted


class Moved(Exception):
    """The article's id is an alias: the wish is one for the article `to`, where the voter has another voter key."""

    def __init__(self, to: ArticleRef) -> None:
        super().__init__(f"moved to {to.article}")
        self.to = to


def apply(
    store: VoteStore, wish: Wish, deadline: Deadline, *, registered_only: bool, keys: VoterKeys | None = None
) -> Outcome:
    """Make the vote what the wish says.

    `keys`: the voter's, by which votes under absorbed ids are found. None: of a made-up voter, who has none.

    Raises `Moved`, what `votes.decide` raises, `VotingClosed`, `VotingNotOpen` and `UnknownArticle`.
    """
    ref, terms = wish.ref, store.known_terms(wish.ref)
    old: Vote | None = None
    if wish.choice is not None and not wish.retired and wish.precondition.failing_field(0) is None:
        old = never_voted(vote_partition(wish.voter_key))  # most are first votes; if not, the commit will say so
    while True:
        held = _held(store, wish, keys, old, terms, deadline)
        decision = _decide(held, wish)
        if isinstance(decision, Keep | VotingError):  # then no transaction checks the terms
            newest = store.terms([ref], deadline).get(ref, NO_TERMS)
            _check_not_moved(ref, newest)
            if newest.epoch != terms.epoch or newest.merges.absorbed != terms.merges.absorbed:
                terms = newest
                continue
            if isinstance(decision, VotingError):
                raise decision
            return Outcome(decision.vote, changed=False, first=False)
        result = store.commit(ref, wish.voter_key, decision, deadline, registered_only=registered_only)
        if isinstance(result, Committed):
            first = decision.vote.choice is not None and held.are_first
            return Outcome(decision.vote, changed=decision.changes, first=first)
        if isinstance(result, Conflict):
            old = result.vote
        elif isinstance(result, OtherTerms):
            terms = result.terms
            _check_not_moved(ref, terms)
        elif result.reason == "unknown_article":
            raise unknown_article(ref)
        elif result.reason == "voting_not_open":
            raise VotingNotOpen("This article does not take votes yet.")
        else:
            raise VotingClosed("This article takes no more votes.")


def joined_votes(
    store: VoteStore, keys: VoterKeys, refs: Sequence[ArticleRef], deadline: Deadline
) -> dict[ArticleRef, Vote]:
    """A voter's votes on at most 100 different articles, as they are in the articles' epochs, with what was merged.

    Where no article is an alias or has absorbed others, these are two calls.
    """
    found: dict[ArticleRef, Vote] = {}
    targets = {ref: ref for ref in refs}
    while missing := list(dict.fromkeys(ref for ref in targets.values() if ref not in found)):
        votes = store.votes([(ref, keys.on(ref)) for ref in missing], deadline)
        terms = store.terms(missing, deadline)
        moved = {}
        for ref, vote in zip(missing, votes, strict=True):
            known = terms.get(ref, NO_TERMS)
            if known.merges.moved_to is not None:
                moved[ref] = replace(ref, article=known.merges.moved_to)
            elif known.merges.absorbed:
                found[ref] = held_votes(store, keys, ref, known, deadline).joined
            else:
                found[ref] = HeldVotes(Held(ref, keys.on(ref), vote, 0), (), known).joined
        targets = {asked: moved.get(ref, ref) for asked, ref in targets.items()}
    return {asked: found[ref] for asked, ref in targets.items()}


def held_votes(store: VoteStore, keys: VoterKeys, ref: ArticleRef, terms: Terms, deadline: Deadline) -> HeldVotes:
    """The voter's votes under the article's id and under all that it absorbed, read consistently."""
    ids = dict.fromkeys([ref.article, *(one.article for one in terms.merges.absorbed)])
    named = [(replace(ref, article=one), keys.on(replace(ref, article=one))) for one in ids]
    votes = store.votes(named, deadline)
    own, *elsewhere = (
        Held(of, key, vote, keys.wished_at(key, vote)) for (of, key), vote in zip(named, votes, strict=True)
    )
    return HeldVotes(own, elsewhere, terms)


def unknown_article(ref: ArticleRef) -> UnknownArticle:
    """The refusal of an article that is hidden, or not registered although it must be."""
    return UnknownArticle(f"The site {ref.site} has no article {ref.public_id}.", field="article")


def _held(
    store: VoteStore, wish: Wish, keys: VoterKeys | None, old: Vote | None, terms: Terms, deadline: Deadline
) -> HeldVotes:
    if terms.merges.absorbed and keys is not None:
        return held_votes(store, keys, wish.ref, terms, deadline)
    vote = store.vote(wish.ref, wish.voter_key, deadline) if old is None else old
    return HeldVotes(Held(wish.ref, wish.voter_key, vote, 0), (), terms)


def _decide(held: HeldVotes, wish: Wish) -> Decision | VotingError:
    """The decision, or the refusal. Whether it stands is only certain for the newest terms."""
    try:
        return held.decide(wish)
    except VotingError as refusal:
        return refusal


def _check_not_moved(ref: ArticleRef, terms: Terms) -> None:
    if terms.merges.moved_to is not None:
        raise Moved(replace(ref, article=terms.merges.moved_to))

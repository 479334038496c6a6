"""Uniting the votes of readers who voted under two ids of an article, so that each of them counts once.

From the beginning of a merge on, no vote is stored under the old id, and each vote on the article takes the reader's
vote under the old id out of the counts (`merged_votes`). So what is left are readers who voted under both ids before
and do not come back. Their votes are found by their seals, one vote partition after the other, and united. Each reader
is one transaction. So a merge may stop anywhere and begin again: it reads all votes again, but what is united stays so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from itertools import islice

from chalicelib.deadlines import Deadline
from chalicelib.publishing.articles import NO_TERMS, ArticleRef, Terms
from chalicelib.voting.applying import held_votes
from chalicelib.voting.commits import Committed, OtherTerms
from chalicelib.voting.ports import MergeStore
from chalicelib.voting.seals import open_seal
from chalicelib.voting.voters import VOTE_PARTITIONS, VoterKeys

log = logging.getLogger("article-votes.voting")

AT_ONCE = 90  # voters whose votes are looked for together; a BatchGetItem takes 100 keys


def finish_merges(
    store: MergeStore, ref: ArticleRef, pepper: bytes, at: int, new_deadline: Callable[[], Deadline]
) -> None:
    """Merge all that is to be merged into this article. Raises `Unavailable` if there is not enough time.

    `new_deadline`: gives the time for the next calls.
    """
    while True:
        (stored,) = store.articles([ref], new_deadline())
        if not stored.merges.merging:
            if not stored.spread:
                store.spread_terms(ref, at, new_deadline())
            return
        if stored.merges.moved_to is None:  # otherwise that article has it to merge
            for one in stored.merges.merging:
                store.spread_terms(replace(ref, article=one.article), at, new_deadline())
            store.spread_terms(ref, at, new_deadline())
        merges = stored.merges
        for one in stored.merges.merging:
            other = replace(ref, article=one.article)
            if merges.moved_to is not None or _unite(store, ref, other, pepper, at, new_deadline):
                merges = merges.finish(one)
                continue
            tally = store.tally(other, new_deadline(), consistent=True)
            # A transaction stores its two items some milliseconds apart: it may be that only a count is there yet.
            merges = merges.finish(one) if tally.counts else merges.drop(one, tally.version)
        store.put_articles([stored.change_to(ref, stored.article, merges=merges)], at, new_deadline())


def _unite(
    store: MergeStore, ref: ArticleRef, other: ArticleRef, pepper: bytes, at: int, new_deadline: Callable[[], Deadline]
) -> bool:
    """Unite the votes under an absorbed id with those of the same readers. Returns True if there are any."""
    has_votes, unsealed = False, 0
    terms = store.terms([ref], new_deadline()).get(ref, NO_TERMS)
    for partition in range(VOTE_PARTITIONS):
        found = store.votes_in_partition(other, partition, new_deadline)
        while some := list(islice(found, AT_ONCE)):
            has_votes = True
            opened = [open_seal(pepper, key, vote.seal) for key, vote in some]
            voters = [VoterKeys(pepper, known[0]) for known in opened if known is not None]
            unsealed += len(some) - len(voters)
            for voter in _with_other_votes(store, ref, terms, other, voters, new_deadline):
                _unite_votes(store, ref, terms, voter, at, new_deadline)
    if unsealed:
        log.warning("%s votes on %s of %s have no seal: a reader may count twice", unsealed, other.article, ref.site)
    return has_votes


def _with_other_votes(
    store: MergeStore,
    ref: ArticleRef,
    terms: Terms,
    other: ArticleRef,
    voters: list[VoterKeys],
    new_deadline: Callable[[], Deadline],
) -> list[VoterKeys]:
    """Those of the voters who have a vote under another id of the article, too."""
    found: set[VoterKeys] = set()
    ids = {ref.article, *(one.article for one in terms.merges.absorbed)} - {other.article}
    for one in sorted(ids) if voters else ():
        under = replace(ref, article=one)
        votes = store.votes([(under, voter.on(under)) for voter in voters], new_deadline())
        found |= {voter for voter, vote in zip(voters, votes, strict=True) if vote.version}
    return [voter for voter in voters if voter in found]


def _unite_votes(
    store: MergeStore,
    ref: ArticleRef,
    terms: Terms,
    voter: VoterKeys,
    at: int,
    new_deadline: Callable[[], Deadline],
) -> None:
    """Leave the reader's newest vote as the only one that counts."""
    key = voter.on(ref)
    while True:
        held = held_votes(store, voter, ref, terms, new_deadline())
        change = held.unite(voter.seal(key, 0 if held.newest is None else held.newest.at), at)
        if change is None:
            return
        result = store.commit(ref, key, change, new_deadline(), registered_only=False)
        if isinstance(result, Committed):
            return
        if isinstance(result, OtherTerms):
            terms = result.terms
            if terms.merges.moved_to is not None:
                return  # the article is an alias now: the other one has all of this to merge

"""Moving the votes of an exclusion (`exclusions`), until it is active or restored.

The votes are moved part by part, and some at a time. One transaction changes these votes, their shard, and the record
of when they were cast, if the exclusion still is in the state for which they are moved. So a move may stop anywhere, be
repeated, and run twice at the same time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from itertools import groupby, islice

from chalicelib.deadlines import Deadline
from chalicelib.errors import UnknownExclusion
from chalicelib.publishing.article_changes import StoredArticle
from chalicelib.publishing.articles import NO_TERMS, ArticleRef, Terms
from chalicelib.publishing.exclusions import Exclusions
from chalicelib.trust.exclusions import Exclusion
from chalicelib.trust.ports import ExclusionStore
from chalicelib.voting.ports import MergeStore
from chalicelib.voting.tallies import add_counts
from chalicelib.voting.voters import VOTE_PARTITIONS
from chalicelib.voting.votes import Vote

log = logging.getLogger("article-votes.trust")

MOVED_AT_ONCE = 50  # votes of one shard; a transaction has at most 100 actions
READ_AT_ONCE = 1000
STORED_AFTER = 4  # parts of the votes, how far the move has come is stored

Sources = list[tuple[ArticleRef, int]]
"""Ids of an article under which votes are stored, each with the epoch that counts."""


class Excluding:
    """One run. `new_deadline`: gives the time for the next calls. `at`: now, in epoch seconds."""

    def __init__(
        self, votes: MergeStore, exclusions: ExclusionStore, at: int, new_deadline: Callable[[], Deadline]
    ) -> None:
        self._votes = votes
        self._exclusions = exclusions
        self._at = at
        self._new_deadline = new_deadline

    def finish(self, site: str, exclusion_id: str) -> Exclusion:
        """Move what is left to be moved, and return the exclusion as it is then.

        Raises `Unavailable` if there is not enough time, and `UnknownExclusion`.
        """
        while True:
            found = stored_exclusion(self._exclusions, site, exclusion_id, self._new_deadline())
            if found.is_finished:
                return found
            if found.state == "applying":
                self._apply(found)
            else:
                self._restore(found)

    def _apply(self, exclusion: Exclusion) -> None:
        ref = ArticleRef(exclusion.site, exclusion.rule.article)
        sources = sources_of(ref, self._votes.terms([ref], self._new_deadline()).get(ref, NO_TERMS))
        moved = self._move_all(exclusion, sources)
        if moved is None:
            return
        # Also if it was in force before: what is derived from votes follows changes of the terms.
        self._change_terms(moved, lambda known: known.with_all([moved.name]))
        counts: dict[str, int] = {}
        for ref, epoch in sources:
            add_counts(counts, self._exclusions.excluded_votes(ref, moved.name, epoch, self._new_deadline()))
        self._exclusions.put_exclusion(replace(moved, state="active", votes=counts), self._new_deadline())

    def _restore(self, exclusion: Exclusion) -> None:
        changed = self._change_terms(exclusion, lambda known: known.without(exclusion.name))
        if changed is None:
            return
        own, *absorbed = sources_of(*changed, all_absorbed=True)
        # The article comes last, because a reader's next vote takes the exclusion from an absorbed id to the article.
        sources = [*absorbed, own]
        moved = self._move_all(exclusion, sources)
        if moved is not None:
            for ref, _ in sources:
                self._exclusions.forget_votes(ref, moved.name, self._at, self._new_deadline())
            self._exclusions.put_exclusion(replace(moved, state="restored"), self._new_deadline())

    def _move_all(self, exclusion: Exclusion, sources: Sources) -> Exclusion | None:
        """Move what is to be moved in this state. None: it is in another state now, or somebody else moves, too."""
        taken = taken_by(self._exclusions, exclusion.site, self._new_deadline())
        parts = {f"{of[0].article}#{one}": (*of, one) for of in sources for one in range(VOTE_PARTITIONS)}
        names = list(parts)
        first = names.index(exclusion.progress) + 1 if exclusion.progress in parts else 0  # a merge may drop an id
        for number, name in enumerate(names[first:], first + 1):
            if not self._move_partition(exclusion, *parts[name], taken):
                return None
            if number % STORED_AFTER == 0:
                exclusion = replace(exclusion, progress=name)
                if not self._exclusions.put_exclusion(exclusion, self._new_deadline()):
                    return None
                exclusion = replace(exclusion, version=exclusion.version + 1)
        return exclusion

    def _move_partition(
        self, exclusion: Exclusion, ref: ArticleRef, epoch: int, partition: int, taken: Collection[str]
    ) -> bool:
        """Returns False if the exclusion has ended."""

        def is_to_move(vote: Vote) -> bool:
            if exclusion.state == "applying":
                return exclusion.rule.matches(vote, epoch, taken)
            return vote.exclusion == exclusion.name

        some = self._some_of_a_shard(ref, partition, is_to_move)
        return all(self._move(exclusion, ref, votes, is_to_move) for votes in some)

    def _some_of_a_shard(
        self, ref: ArticleRef, partition: int, is_to_move: Callable[[Vote], bool]
    ) -> Iterator[list[tuple[str, Vote]]]:
        """The votes that are to be moved, as many together as one transaction moves."""
        found = self._votes.votes_in_partition(ref, partition, self._new_deadline)
        while read := list(islice(found, READ_AT_ONCE)):
            matching = sorted(((key, vote) for key, vote in read if is_to_move(vote)), key=lambda one: one[1].shard)
            for _, of_shard in groupby(matching, key=lambda one: one[1].shard):
                while votes := list(islice(of_shard, MOVED_AT_ONCE)):
                    yield votes

    def _move(
        self,
        exclusion: Exclusion,
        ref: ArticleRef,
        votes: list[tuple[str, Vote]],
        is_to_move: Callable[[Vote], bool],
    ) -> bool:
        """Move these votes, as far as they still are to be moved. Returns False if the exclusion has ended."""
        while votes:
            moved = self._exclusions.move_votes(exclusion, ref, votes, self._new_deadline())
            if moved != "changed":
                return moved == "moved"
            keys = [key for key, _ in votes]
            again = self._votes.votes([(ref, key) for key in keys], self._new_deadline())
            votes = [(key, vote) for key, vote in zip(keys, again, strict=True) if is_to_move(vote)]
        return True

    def _change_terms(
        self, exclusion: Exclusion, change: Callable[[Exclusions], Exclusions]
    ) -> tuple[ArticleRef, Terms] | None:
        """Change which exclusions are in force on the article that counts the votes now. Returns it, with its terms.

        The article is read first, and then whether the exclusion still is in this state: None, if not. Whoever ends
        the state changes the article afterwards. So of a change that came too late, nothing is stored, or nothing
        stays.
        """
        while True:
            ref = ArticleRef(exclusion.site, exclusion.rule.article)
            target, stored = holder(self._votes, ref, self._new_deadline())
            now = stored_exclusion(self._exclusions, exclusion.site, exclusion.rule.id, self._new_deadline())
            if (now.name, now.state) != (exclusion.name, exclusion.state):
                return None
            if exclusion.state == "restoring" and exclusion.progress:
                return target, stored.terms  # it was changed before anything was moved back
            after = stored.change_to(target, stored.article, exclusions=change(stored.exclusions))
            if self._votes.put_articles([after], self._at, self._new_deadline()):
                return target, after.terms


def stored_exclusion(exclusions: ExclusionStore, site: str, exclusion_id: str, deadline: Deadline) -> Exclusion:
    """The exclusion as it is stored. Raises `UnknownExclusion`."""
    found = exclusions.exclusion(site, exclusion_id, deadline)
    if found is None:
        raise UnknownExclusion(f"The site {site} has no exclusion {exclusion_id}.", field="exclusion")
    return found


def taken_by(exclusions: ExclusionStore, site: str, deadline: Deadline) -> set[str]:
    """The names of the site's exclusions that are not undone. No other one takes a vote that has one of these."""
    return {one.name for one in exclusions.exclusions(site, deadline) if one.state != "restored"}


def holder(store: MergeStore, ref: ArticleRef, deadline: Deadline) -> tuple[ArticleRef, StoredArticle]:
    """The article that counts the votes of this one now, and what is stored of it.

    Votes that an article absorbed stay with it, also when the id takes votes of its own again.
    """
    (stored,) = store.articles([ref], deadline)
    while (given_to := stored.merges.given_to) is not None:
        ref = replace(ref, article=given_to)
        (stored,) = store.articles([ref], deadline)
    return ref, stored


def sources_of(ref: ArticleRef, terms: Terms, *, all_absorbed: bool = False) -> Sources:
    """The ids under which votes are stored that the tally of an article with these terms counts.

    `all_absorbed`: also those that it counted before a reset, or that are to be merged.
    """
    merges = terms.merges
    counted = merges.absorbed if all_absorbed else [one for one in merges.counted if one.into == terms.epoch]
    return [(ref, terms.epoch), *((replace(ref, article=one.article), one.epoch) for one in counted)]


def counting_votes(
    store: MergeStore, sources: Sources, partition: int, deadline: Deadline
) -> Iterator[tuple[Vote, int]]:
    """The votes of these epochs in one vote partition, each with its epoch."""
    for ref, epoch in sources:
        for _, vote in store.votes_in_partition(ref, partition, lambda: deadline):
            if vote.epoch == epoch:
                yield vote, epoch

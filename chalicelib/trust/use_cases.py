"""What an editor asks about an article: which votes stand out, and what the tally would be without them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from chalicelib.admission.provenance import read_provenance
from chalicelib.deadlines import Deadline
from chalicelib.errors import Unavailable
from chalicelib.publishing.articles import NO_TERMS, ArticleRef
from chalicelib.publishing.key_directory import KeyDirectory
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.trust.suspicions import Seen, Suspicion, find
from chalicelib.voting.ports import MergeStore
from chalicelib.voting.voters import VOTE_PARTITIONS
from chalicelib.voting.votes import Vote

MOST_VOTES = 20_000  # of one answer: more take too long


@dataclass(frozen=True, slots=True)
class Report:
    """What was found on an article. `counts`: of the votes that were read; `without`: of those in no suspected group.

    `complete`: all votes were read. Otherwise these are a sample, in which small groups do not show.
    `alone`: how many readers came alone, which are the measure.
    """

    article: str
    counts: Mapping[str, int]
    without: Mapping[str, int]
    complete: bool
    alone: int
    suspicions: tuple[Suspicion, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Trust:
    """The feature of suspicions."""

    sites: SiteDirectory
    keys: KeyDirectory
    store: MergeStore

    def suspicions(self, ref: ArticleRef, choices: Collection[str], deadline: Deadline) -> Report:
        """The groups of votes that stand out on an article, or on the one whose alias it is.

        `choices`: those that the site counts. Only votes with one of them are looked at.
        """
        sources, votes, complete = self._sources(ref, deadline), list[Seen](), True
        for partition in range(VOTE_PARTITIONS):
            some = list[Seen]()
            try:
                for vote in self._counting(sources, partition, deadline):
                    if vote.choice in choices:
                        some.append(_seen(vote))
            except Unavailable:
                if not votes and not some:
                    raise
                complete = False  # the time is up, and what was begun favours the article's own id
                votes = votes or some
                break
            votes += some
            if len(votes) >= MOST_VOTES:
                complete = partition == VOTE_PARTITIONS - 1
                break
        found = find(votes)
        return Report(ref.public_id, _counts(votes), _counts(found.kept), complete, found.alone, found.suspicions)

    def _sources(self, ref: ArticleRef, deadline: Deadline) -> list[tuple[ArticleRef, int]]:
        """The ids whose votes the article's tally counts, each with the epoch that counts."""
        terms = self.store.terms([ref], deadline).get(ref, NO_TERMS)
        while (moved_to := terms.merges.moved_to) is not None:
            ref = replace(ref, article=moved_to)
            terms = self.store.terms([ref], deadline).get(ref, NO_TERMS)
        sources = [(ref, terms.epoch)]
        counted = (one for one in terms.merges.counted if one.into == terms.epoch)
        return sources + [(replace(ref, article=one.article), one.epoch) for one in counted]

    def _counting(
        self, sources: Sequence[tuple[ArticleRef, int]], partition: int, deadline: Deadline
    ) -> Iterator[Vote]:
        for source, epoch in sources:
            for _, vote in self.store.votes_in_partition(source, partition, lambda: deadline):
                if vote.epoch == epoch:
                    yield vote


def _seen(vote: Vote) -> Seen:
    provenance = read_provenance(vote.provenance)
    return Seen(
        choice=vote.choice or "",
        hour=vote.changed_at or 0,
        token_age="older" if provenance is None else provenance.token_age,
        marks=() if provenance is None else provenance.marks,
    )


def _counts(votes: list[Seen] | tuple[Seen, ...]) -> dict[str, int]:
    return dict(Counter(vote.choice for vote in votes))

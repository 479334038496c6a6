"""What an editor does about votes that stand out: find them, see the tally without them, exclude and restore them."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from chalicelib.admission.provenance import read_provenance
from chalicelib.deadlines import Deadline
from chalicelib.errors import ExclusionRefused, Unavailable
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.key_directory import KeyDirectory
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.trust.excluding import Excluding, counting_votes, holder, sources_of, stored_exclusion, taken_by
from chalicelib.trust.exclusions import MOST_ACTIVE, Exclusion, Rule
from chalicelib.trust.ports import ExclusionStore
from chalicelib.trust.suspicions import Seen, Suspicion, find
from chalicelib.voting.aliases import resolved
from chalicelib.voting.applying import unknown_article
from chalicelib.voting.ports import MergeStore
from chalicelib.voting.tallies import Tally
from chalicelib.voting.voters import VOTE_PARTITIONS
from chalicelib.voting.votes import Vote

log = logging.getLogger("article-votes.trust")

ANSWER_SECONDS = 0.4  # of a request, to read what it answers
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


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would exclude. `counts`: the tally now. `votes`: those that it matches, by choice.

    `complete`: all votes were read. Otherwise it may match more.
    """

    rule: Rule
    counts: Mapping[str, int]
    votes: Mapping[str, int]
    complete: bool


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Trust:
    """The feature of suspicions and exclusions."""

    sites: SiteDirectory
    keys: KeyDirectory
    store: MergeStore
    exclusions: ExclusionStore

    def suspicions(self, ref: ArticleRef, choices: Collection[str], deadline: Deadline) -> Report:
        """The groups of votes that stand out on an article, or on the one whose alias it is.

        `choices`: those that the site counts. Only votes with one of them are looked at.
        """
        target, stored = resolved(self.store, ref, deadline)
        sources, votes, complete = sources_of(target, stored.terms), list[Seen](), True
        for partition in range(VOTE_PARTITIONS):
            some = list[Seen]()
            try:
                for vote, _ in counting_votes(self.store, sources, partition, deadline):
                    if vote.choice in choices and vote.exclusion not in stored.exclusions.active:
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

    def rule_for(self, site: str, rule: Rule, deadline: Deadline) -> Rule:
        """The same rule for the article that takes the votes of this one now."""
        target, _ = resolved(self.store, ArticleRef(site, rule.article), deadline)
        return replace(rule, article=target.article)

    def preview(self, site: str, rule: Rule, deadline: Deadline) -> Preview:
        """What would be excluded. Nothing is stored. Raises `UnknownArticle`."""
        ref = ArticleRef(site, rule.article)
        tally = self._tally_of_a_known_article(ref, deadline)
        taken = taken_by(self.exclusions, site, deadline)
        sources, found, complete = sources_of(ref, tally.terms), Counter[str](), True
        try:
            for partition in range(VOTE_PARTITIONS):
                votes = counting_votes(self.store, sources, partition, deadline)
                found.update(vote.choice or "" for vote, epoch in votes if rule.matches(vote, epoch, taken))
        except Unavailable:
            complete = False
        return Preview(rule, tally.counts, dict(found), complete)

    def exclude(self, site: str, rule: Rule, key: str, at: int, deadline: Deadline) -> Exclusion:
        """Apply the rule, as far as there is time. Sent again, it goes on, or takes votes that came since.

        Raises `UnknownArticle`, and `ExclusionRefused` if too many are in force on the article.
        """
        in_force = self._tally_of_a_known_article(ArticleRef(site, rule.article), deadline).terms.exclusions.active
        known = self.exclusions.exclusion(site, rule.id, deadline)
        if known is not None and known.state == "restoring":
            known = self._finished(site, rule.id, at, deadline)
            if known.state == "restoring":
                return known  # there was no time to begin
        if known is None or known.is_finished:
            after = Exclusion(site, rule, key, at) if known is None else known.apply(key, at)
            if after.name not in in_force and len(in_force) >= MOST_ACTIVE:
                raise ExclusionRefused(
                    f"{MOST_ACTIVE} exclusions are in force on this article. Undo one first.", field="article"
                )
            if self.exclusions.put_exclusion(after, deadline):  # otherwise another request has just done so
                log.info("exclusion %s of %s: applied by key %s", after.name, site, key)
        return self._finished(site, rule.id, at, deadline)

    def restore(self, site: str, exclusion_id: str, key: str, at: int, deadline: Deadline) -> Exclusion:
        """Undo an exclusion. Raises `UnknownExclusion`."""
        while True:
            known = stored_exclusion(self.exclusions, site, exclusion_id, deadline)
            after = known.undo(key, at)
            if after == known or self.exclusions.put_exclusion(after, deadline):
                break
        if after != known:
            log.info("exclusion %s of %s: undone by key %s", after.name, site, key)
        return self._finished(site, exclusion_id, at, deadline)

    def listed(self, site: str, deadline: Deadline) -> list[Exclusion]:
        """Every exclusion of a site, also those that were undone."""
        return self.exclusions.exclusions(site, deadline)

    def tally(self, ref: ArticleRef, deadline: Deadline) -> Tally:
        """The exact tally of the article that counts the votes of this one now."""
        target, _ = holder(self.store, ref, deadline)
        return self.store.tally(target, deadline, consistent=True)

    def _tally_of_a_known_article(self, ref: ArticleRef, deadline: Deadline) -> Tally:
        """The exact tally. Raises `UnknownArticle` for an article without votes and without terms."""
        tally = self.store.tally(ref, deadline, consistent=True)
        if not tally.version:
            raise unknown_article(ref)
        return tally

    def _finished(self, site: str, exclusion_id: str, at: int, deadline: Deadline) -> Exclusion:
        """As it is when all votes are moved, or when the time is up: then the schedule goes on."""
        moving = deadline.at_most(deadline.remaining_seconds() - ANSWER_SECONDS)
        with suppress(Unavailable):
            return Excluding(self.store, self.exclusions, at, lambda: moving).finish(site, exclusion_id)
        return stored_exclusion(self.exclusions, site, exclusion_id, deadline)


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

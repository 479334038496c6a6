"""Fakes for the ports: a store in memory, a keyring, a clock that stands still until it is moved."""

from __future__ import annotations

import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from chalicelib.deadlines import Deadline
from chalicelib.publishing.article_changes import ArticleChange, StoredArticle
from chalicelib.publishing.articles import NO_TERMS, Article, ArticleRef, Terms
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.exclusions import NO_EXCLUSIONS
from chalicelib.publishing.sites import Site
from chalicelib.voting.commits import CommitResult, Committed, Conflict, OtherTerms, Reason, Refused
from chalicelib.voting.tallies import (
    EMPTY_TALLY,
    MOVED,
    PAGE_SHARDS,
    Tally,
    add_counts,
    add_up,
    count_name,
    counted_as,
    exclusion_of,
    moved_name,
    with_absorbed,
)
from chalicelib.voting.token_keys import TokenKey, make_token_key
from chalicelib.voting.voters import VOTE_PARTITIONS, vote_partition
from chalicelib.voting.votes import Apply, Vote, never_voted
from tests.support.fake_publishing import MemoryPublishing

REASONS: dict[str, Reason] = {
    "unknown": "unknown_article", "upcoming": "voting_not_open", "closed": "voting_closed",
}  # fmt: skip
START = 1_790_000_000
DEMO = Site("demo", make_ballot("updown"), ranks="any")


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.at = float(START)

    def now(self) -> int:
        return int(self.at)

    def monotonic(self) -> float:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += seconds


def patient() -> Deadline:
    """A deadline that no healthy test comes near."""
    return Deadline(time.monotonic, 30.0)


def no_pause() -> None:
    """For recounts whose store has no transactions in flight."""


class MemoryStore(MemoryPublishing):
    """The store's contract over dictionaries. One lock, so that every call is one transaction."""

    def __init__(self) -> None:
        super().__init__()
        self._articles: dict[ArticleRef, Article] = {}
        self._terms: dict[ArticleRef, Tally] = {}
        self._resets: dict[ArticleRef, tuple[str, ...]] = {}
        self._votes: dict[tuple[ArticleRef, str], Vote] = {}
        self._shards: dict[ArticleRef, dict[int, Tally]] = {}
        self._projected: dict[ArticleRef, Tally] = {}
        self._cast: dict[ArticleRef, dict[str, dict[int, dict[str, int]]]] = {}

    def commit(
        self, ref: ArticleRef, voter_key: str, change: Apply, deadline: Deadline, *, registered_only: bool
    ) -> CommitResult:
        self._check(deadline)
        with self._lock:
            stored = self._votes.get((ref, voter_key), never_voted(change.vote.shard))
            if (stored.version, stored.exclusion) != (change.replaces, change.exclusion):
                return Conflict(stored)
            terms = self._terms.get(ref, EMPTY_TALLY).terms
            state = terms.state(change.at, registers_articles=registered_only)
            merges = terms.merges
            if terms.epoch != change.vote.epoch or merges.moved_to is not None or merges.absorbed != change.absorbed:
                return OtherTerms(terms)
            if state != "open" and change.is_wish:
                return Refused(REASONS[state])
            for one in change.removals:
                other = self._votes[one.ref, one.voter_key]
                if (other.version, other.exclusion) != (one.replaces, one.vote.exclusion):
                    return Conflict(None)
            self._votes[ref, voter_key] = change.vote
            counted = {count_name(change.vote.epoch, choice): delta for choice, delta in change.deltas}
            if counted:
                self._count(ref, change.vote.shard, counted, change.at)
            for one in change.removals:
                self._votes[one.ref, one.voter_key] = one.vote
                self._count(one.ref, one.vote.shard, {one.count: -1}, change.at)
            return Committed()

    def _count(self, ref: ArticleRef, number: int, added: Mapping[str, int], at: int) -> None:
        shard = self._shards.get(ref, {}).get(number, EMPTY_TALLY)
        counts = dict(shard.counts)
        for name, delta in added.items():
            counts[name] = counts.get(name, 0) + delta
        after = replace(shard, counts=counts, version=shard.version + 1, updated_at=at)
        self._shards.setdefault(ref, {})[number] = after

    def known_terms(self, ref: ArticleRef) -> Terms:
        return NO_TERMS  # as in a container that has just started

    def terms(self, refs: Sequence[ArticleRef], deadline: Deadline) -> dict[ArticleRef, Terms]:
        self._check(deadline)
        return {ref: self._terms[ref].terms for ref in refs if ref in self._terms}

    def vote(self, ref: ArticleRef, voter_key: str, deadline: Deadline) -> Vote:
        self._check(deadline)
        return self._votes.get((ref, voter_key), never_voted(vote_partition(voter_key)))

    def votes(self, voter_keys: Sequence[tuple[ArticleRef, str]], deadline: Deadline) -> list[Vote]:
        return [self.vote(ref, key, deadline) for ref, key in voter_keys]

    def tally(self, ref: ArticleRef, deadline: Deadline, *, consistent: bool) -> Tally:
        self._check(deadline)
        with self._lock:
            own = add_up(self._shards.get(ref, {}).values(), self._terms.get(ref))
            others = {one.article: self._states(replace(ref, article=one.article)) for one in own.terms.merges.absorbed}
            return with_absorbed(own, others) if others else own

    def _states(self, ref: ArticleRef) -> list[Tally]:
        return [*self._shards.get(ref, {}).values(), *([self._terms[ref]] if ref in self._terms else [])]

    def projected_tallies(self, refs: Sequence[ArticleRef], deadline: Deadline) -> list[Tally | None]:
        self._check(deadline)
        return [self._projected.get(ref) for ref in refs]

    def put_projected_tally(self, ref: ArticleRef, tally: Tally, deadline: Deadline) -> bool:
        self._check(deadline)
        if ref in self._projected and self._projected[ref].version >= tally.version:
            return False
        self._projected[ref] = tally
        return True

    def articles(self, refs: Sequence[ArticleRef], deadline: Deadline) -> list[StoredArticle]:
        self._check(deadline)
        with self._lock:
            known = [(ref, self._terms.get(ref, EMPTY_TALLY)) for ref in refs]
            return [
                StoredArticle(
                    self._articles.get(ref),
                    one.version,
                    True,
                    one.terms.epoch,
                    self._resets.get(ref, ()),
                    one.terms.merges,
                    one.terms.exclusions,
                )
                for ref, one in known
            ]

    def put_articles(self, changes: Sequence[ArticleChange], at: int, deadline: Deadline) -> bool:
        self._check(deadline)
        with self._lock:
            if any(self._terms.get(one.ref, EMPTY_TALLY).version != one.before.version for one in changes):
                return False
            for one in changes:
                self._articles.pop(one.ref, None)
                if one.after is not None:
                    self._articles[one.ref] = one.after
                self._terms[one.ref] = Tally({}, one.version, at, one.terms)
                self._resets[one.ref] = one.resets
                if one.must_spread:
                    self._spread(one, at)
            return True

    def _spread(self, change: ArticleChange, at: int) -> None:
        shards = self._shards.setdefault(change.ref, {})
        for number in range(PAGE_SHARDS) if change.terms.restrict else list(shards):
            old = shards.get(number, EMPTY_TALLY)
            copy = replace(change.terms, exclusions=NO_EXCLUSIONS)
            shards[number] = replace(old, terms=copy, version=old.version + 1, updated_at=at)

    def unfinished_merges(self, deadline: Deadline) -> list[ArticleRef]:
        self._check(deadline)
        return [ref for ref, one in self._terms.items() if one.terms.merges.merging]

    def tally_of_terms(self, ref: ArticleRef) -> Tally | None:
        return self._terms.get(ref)

    def spread_terms(self, ref: ArticleRef, at: int, deadline: Deadline) -> None:
        """Nothing to do: `put_articles` has done it, and a vote is checked against the terms themselves."""

    def articles_with_votes(
        self, site_id: str | None, deadline_for_page: Callable[[], Deadline]
    ) -> Iterator[ArticleRef]:
        refs = dict.fromkeys([*self._terms, *self._shards, *(ref for ref, _ in self._votes)])
        return (ref for ref in refs if site_id in (None, ref.site))

    def partitions_in_segment(
        self, segment: int, segments: int, deadline_for_page: Callable[[], Deadline]
    ) -> Iterator[tuple[ArticleRef, int]]:
        def is_in_segment(*key: object) -> bool:
            return zlib.crc32(repr(key).encode()) % segments == segment

        met = {
            (ref, one) for ref in (*self._shards, *self._terms) if is_in_segment(ref) for one in range(VOTE_PARTITIONS)
        }
        for ref, key in self._votes:
            if is_in_segment(ref, vote_partition(key)):
                met.add((ref, vote_partition(key)))
        return iter(met)

    def shards(self, ref: ArticleRef, deadline: Deadline) -> dict[int, Tally]:
        self._check(deadline)
        with self._lock:
            return dict(self._shards.get(ref, {}))

    def votes_in_partition(
        self, ref: ArticleRef, partition: int, deadline_for_page: Callable[[], Deadline]
    ) -> Iterator[tuple[str, Vote]]:
        with self._lock:
            votes = [(key, vote) for (of, key), vote in self._votes.items() if of == ref]
        return iter([(key, vote) for key, vote in votes if vote_partition(key) == partition])

    def cast_votes(self, ref: ArticleRef) -> dict[str, dict[int, dict[str, int]]]:
        """How many votes each exclusion was given: by hour, and by the name of the count."""
        return self._cast.get(ref, {})

    def move(self, ref: ArticleRef, votes: Sequence[tuple[str, Vote]], name: str) -> bool:
        """Give votes of one shard to the exclusion with this name, or to none, if they are as they were read."""
        with self._lock:
            if any(self._votes.get((ref, key)) != vote for key, vote in votes):
                return False
            counts, cast = Counter[str](), self._cast.setdefault(ref, {})
            for key, vote in votes:
                self._votes[ref, key] = replace(vote, exclusion=name)
                if vote.choice is not None:
                    counts[count_name(vote.epoch, vote.counted_as or "")] -= 1
                    counts[count_name(vote.epoch, counted_as(vote.choice, name))] += 1
                    if name:
                        counts[moved_name(vote.epoch, vote.choice, name)] += 1
                        hours = cast.setdefault(name, {}).setdefault(vote.changed_at or 0, {})
                        add_counts(hours, {count_name(vote.epoch, vote.choice): 1})
            shard = votes[0][1].shard
            self._count(ref, shard, counts, self._shards[ref][shard].updated_at or 0)
            return True

    def forget(self, ref: ArticleRef, name: str) -> None:
        """Remove what an exclusion without votes has left."""
        with self._lock:
            self._cast.get(ref, {}).pop(name, None)
            for number, shard in self._shards.get(ref, {}).items():
                counts = {one: n for one, n in shard.counts.items() if exclusion_of(one) != name or _stays(one, n)}
                if len(counts) < len(shard.counts):
                    self._shards[ref][number] = replace(shard, counts=counts, version=shard.version + 1)

    def repair_shard(
        self, ref: ArticleRef, shard: int, counts: Mapping[str, int], read_version: int, at: int, deadline: Deadline
    ) -> bool:
        with self._lock:
            old = self._shards.get(ref, {}).get(shard, EMPTY_TALLY)
            if old.version != read_version:
                return False
            fixed = replace(old, counts={**old.counts, **counts}, version=old.version + 1, updated_at=at)
            self._shards.setdefault(ref, {})[shard] = fixed
            return True

    def lose_shard(self, ref: ArticleRef, shard: int) -> None:
        """What must never happen: a tally shard is gone."""
        del self._shards[ref][shard]

    def damage_shard(self, ref: ArticleRef, shard: int, counts: Mapping[str, int]) -> None:
        """What must never happen: counts that nobody voted for."""
        old = self._shards.get(ref, {}).get(shard, EMPTY_TALLY)
        self._shards.setdefault(ref, {})[shard] = replace(old, counts=counts, version=old.version + 1)


def _stays(name: str, number: int) -> bool:
    """True for the count of a reader who has voted again since a reset."""
    return bool(number) and not name.endswith(MOVED)


class MemoryKeyring:
    """Keys without Secrets Manager: the first one signs, all of them are accepted."""

    def __init__(self, *secrets: str) -> None:
        self.keys = [make_token_key(secret) for secret in secrets or ("a test key, long enough for HS256",)]

    def pepper(self, deadline: Deadline) -> bytes:
        return b"a test pepper"

    def signing_key(self, deadline: Deadline) -> TokenKey:
        return self.keys[0]

    def key_named(self, kid: str, deadline: Deadline) -> TokenKey | None:
        return next((key for key in self.keys if key.kid == kid), None)

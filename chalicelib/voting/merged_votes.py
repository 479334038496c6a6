"""One reader's votes on an article that has absorbed others (`publishing.merges`): together they are one vote.

A reader may have a vote under the article's own id, and one under each id that it absorbed. The vote with the newest
wish is the reader's vote. The others are taken out of the counts as soon as anything is written, or by the merge
itself (`merging`): from then on, no reader has two that count.

    own      absorbed    the reader's vote    what a new wish writes
    ------   ---------   ------------------   ------------------------------------------------------
    none     up, v 5     up, v 5              own: the wish, v 6;  absorbed: no choice, its count - 1
    up       down        the newer one        own: the wish;       absorbed: no choice, its count - 1
    up       retracted   the newer one        own: the wish

A vote of before a reset does not count, under any of the ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.publishing.articles import ArticleRef, Terms
from chalicelib.voting.tallies import count_name
from chalicelib.voting.votes import REMOVED, Apply, Decision, Keep, Removal, Vote, Wish, decide, deltas, receipt_key

FIRST_VERSIONS = 1_000_000  # in its second life, an id's votes begin here: pages may know versions of the first


@dataclass(frozen=True, slots=True)
class Held:
    """A reader's vote as it is stored under one id. `at`: the second of its last wish, or 0 if that is not known."""

    ref: ArticleRef
    voter_key: str
    vote: Vote
    at: int

    def applied(self, wish: Wish) -> list[str]:
        """With which choice this wish was applied to it, when the id was an article of its own: one or none."""
        if wish.idempotency_key is None:
            return []
        begin = receipt_key(self.voter_key, wish.idempotency_key) + ":"
        return [one.removeprefix(begin) for one in self.vote.receipts if one.startswith(begin)]

    def is_current(self, terms: Terms) -> bool:
        """True if its last wish was one for what the article with these terms absorbed in its epoch."""
        sources = (one for one in terms.merges.absorbed if one.article == self.ref.article)
        return self.vote.version > 0 and (terms.epoch, self.vote.epoch) in {(one.into, one.epoch) for one in sources}

    @property
    def removal(self) -> Removal:
        """What takes its choice out of the counts."""
        vote = self.vote
        after = replace(vote, choice=None, changed_at=REMOVED, version=vote.version + 1, provenance=b"")
        return Removal(self.ref, self.voter_key, after, vote.version, count_name(vote.epoch, vote.counted_as or ""))


@dataclass(frozen=True, slots=True)
class HeldVotes:
    """All votes of a reader on an article that has these terms: its own, and those under absorbed ids."""

    own: Held
    elsewhere: Sequence[Held]
    terms: Terms

    @property
    def current(self) -> Vote:
        """The own vote as it is in the article's epoch."""
        return self.own.vote.in_epoch(self.terms.epoch)

    @property
    def valid(self) -> Sequence[Held]:
        """The votes elsewhere whose last wishes count."""
        return [one for one in self.elsewhere if one.is_current(self.terms)]

    @property
    def newest(self) -> Held | None:
        """The vote with the newest wish that counts. None: the reader has no vote in the article's epoch."""
        is_own = self.own.vote.version > 0 and self.own.vote.epoch == self.terms.epoch
        return max([*([self.own] if is_own else []), *self.valid], key=lambda one: one.at, default=None)

    @property
    def joined(self) -> Vote:
        """The reader's vote. Its version is as high as any of theirs, so each known version can be demanded."""
        own, newest = self.current, self.newest
        first = own.version or FIRST_VERSIONS * (self.own.ref.life - 1)
        if not self.elsewhere:
            return own if own.version else replace(own, version=first)
        votes = [own, *(one.vote for one in self.valid)]
        return Vote(
            choice=None if newest is None else newest.vote.choice,
            version=max(first, *(self._version(one) for one in self.elsewhere)),
            shard=own.shard,
            cast_at=min((one.cast_at for one in votes if one.cast_at is not None), default=None),
            changed_at=None if newest is None else newest.vote.changed_at or None,  # `REMOVED` is no time
            receipts=own.receipts,  # receipts of another id would tell that both votes are one reader's
            epoch=self.terms.epoch,
            earlier=own.earlier,
            seal=own.seal,
            changes=0 if newest is None else newest.vote.changes,
            provenance=b"" if newest is None else newest.vote.provenance,
            exclusion=own.exclusion if newest is None else newest.vote.exclusion,
        )

    @property
    def are_first(self) -> bool:
        """True if the reader never had a vote on the article in its epoch."""
        own = self.own.vote
        is_first = own.cast_at is None or own.epoch < self.terms.epoch
        return is_first and all(one.vote.cast_at is None for one in self.valid)

    def decide(self, wish: Wish) -> Decision:
        """What the wish does to the reader's vote. Raises what `votes.decide` raises."""
        joined = self.joined
        known = tuple(f"{wish.receipt_key}:{choice}" for one in self.elsewhere for choice in one.applied(wish))
        if known:
            joined = replace(joined, receipts=known + joined.receipts)
        decision = decide(joined, wish, self.terms.epoch)
        return decision if isinstance(decision, Keep) else self._written(decision)

    def unite(self, seal: bytes, now: int) -> Apply | None:
        """What leaves the newest vote as the only one that counts, without a new wish. None if it is that already.

        `seal`: of the newest one, under the own voter key. `now`: when it is written, in epoch seconds.
        """
        joined = self.joined
        choices = [self.current.choice, *(one.vote.choice for one in self.valid)]
        counting = [choice for choice in choices if choice is not None]
        if counting == ([] if joined.choice is None else [joined.choice]):
            return None
        vote = replace(joined, version=joined.version + 1, seal=seal)
        return self._written(Apply(vote, (), 0, now, changes=False, is_wish=False))

    def _written(self, decision: Apply) -> Apply:
        """The decision about the joined vote as one about the own vote, with the others taken out of the counts."""
        return replace(
            decision,
            deltas=deltas(self.current.counted_as, decision.vote.counted_as),
            replaces=self.own.vote.version,
            exclusion=self.own.vote.exclusion,
            absorbed=self.terms.merges.absorbed,
            removals=tuple(one.removal for one in self.valid if one.vote.choice is not None),
        )

    def _version(self, held: Held) -> int:
        """The version that pages may know of a vote elsewhere: resets have counted it up since then."""
        source = next(one for one in self.terms.merges.absorbed if one.article == held.ref.article)
        vote = held.vote.in_epoch(source.epoch)
        return vote.version + self.terms.epoch - max(source.into, 0) if vote.version else 0

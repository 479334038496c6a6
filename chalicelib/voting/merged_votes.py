"""One reader's votes on an article that has absorbed others (`publishing.merges`): together they are one vote.

A reader may have a vote under the article's own id, and one under each id that it absorbed. The vote with the newest
wish is the reader's vote. The others are taken out of the counts as soon as anything is written, or by the merge
itself (`merging`): from then on, no reader has two that count.

    own      absorbed    the reader's vote    what a new wish writes
    ------   ---------   ------------------   ------------------------------------------------------
    none     up, v 5     up, v 5              own: the wish, v 6;  absorbed: no choice, its count - 1
    up       down        the newer one        own: the wish;       absorbed: no choice, its count - 1
    up       retracted   the newer one        own: the wish
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.publishing.articles import ArticleRef, Terms
from chalicelib.voting.tallies import count_name
from chalicelib.voting.votes import Apply, Decision, Keep, Removal, Vote, Wish, decide, deltas, receipt_key


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

    def counted(self, terms: Terms) -> dict[int, str]:
        """Its choices that the article with these terms has absorbed, by the epoch of the id that they were cast for.

        A reset of the article was one of all that it had absorbed.
        """
        epochs = [one.epoch for one in terms.merges.absorbed if one.article == self.ref.article]
        into = {
            one.epoch for one in terms.merges.absorbed if one.article == self.ref.article and one.into == terms.epoch
        }
        found = {**self.vote.earlier, **({} if self.vote.choice is None else {self.vote.epoch: self.vote.choice})}
        return {epoch: found[epoch] for epoch in epochs if epoch in into and epoch in found}


@dataclass(frozen=True, slots=True)
class HeldVotes:
    """All votes of a reader on an article that has these terms: its own, and those under absorbed ids."""

    own: Held
    elsewhere: Sequence[Held]
    terms: Terms

    @property
    def joined(self) -> Vote:
        """The reader's vote. Its version is as high as any of theirs, so each known version can be demanded."""
        own = self.own.vote.in_epoch(self.terms.epoch)
        others = [one for one in self.elsewhere if one.vote.version]
        if not others:
            return own
        newest = max(others, key=lambda one: one.at)
        if newest.at <= self.own.at and own.version:
            choice, changed_at, votes = own.choice, own.changed_at, [own, *(one.vote for one in others)]
        else:
            counted = newest.counted(self.terms)
            choice = counted[max(counted)] if counted else None
            changed_at = None if choice is None else newest.vote.changed_at
            votes = [newest.vote, own, *(one.vote for one in others if one is not newest)]
        return Vote(
            choice=choice,
            version=max(own.version, *(self._version(one) for one in others)),
            shard=own.shard,
            cast_at=min((vote.cast_at for vote in votes if vote.cast_at is not None), default=None),
            changed_at=changed_at,
            receipts=own.receipts,  # receipts of another id would tell that both votes are one reader's
            epoch=self.terms.epoch,
            earlier=own.earlier,
        )

    @property
    def newest_at(self) -> int:
        """The second of the newest wish."""
        return max([self.own.at, *(one.at for one in self.elsewhere)])

    def decide(self, wish: Wish) -> Decision:
        """What the wish does to the reader's vote. Raises what `votes.decide` raises."""
        joined = self.joined
        known = tuple(f"{wish.receipt_key}:{choice}" for one in self.elsewhere for choice in one.applied(wish))
        decision = decide(
            replace(joined, receipts=known + joined.receipts) if known else joined, wish, self.terms.epoch
        )
        return decision if isinstance(decision, Keep) else self._written(decision)

    @property
    def are_first(self) -> bool:
        """True if the reader never had a vote on the article in its epoch."""
        epoch = self.terms.epoch
        absorbed = {one.article for one in self.terms.merges.absorbed if one.into == epoch}
        known = any(one.vote.version and one.ref.article in absorbed for one in self.elsewhere)
        return (self.own.vote.epoch < epoch and not known) or self.joined.cast_at is None

    def unite(self, seal: bytes, now: int) -> Apply | None:
        """What leaves the newest vote as the only one that counts, without a new wish. None if it is that already.

        `seal`: of the newest one, under the own voter key. `now`: when it is written, in epoch seconds.
        """
        own, joined = self.own.vote.in_epoch(self.terms.epoch), self.joined
        counting = [own.choice] if own.choice is not None else []
        counting += [choice for one in self.elsewhere for choice in one.counted(self.terms).values()]
        if counting == ([] if joined.choice is None else [joined.choice]):
            return None
        vote = replace(joined, version=joined.version + 1, seal=seal)
        return self._written(Apply(vote, (), 0, now, changes=False, is_wish=False))

    def _written(self, decision: Apply) -> Apply:
        """The decision about the joined vote as one about the own vote, with the others taken out of the counts."""
        own = self.own.vote.in_epoch(self.terms.epoch)
        removals = (self._removal(one) for one in self.elsewhere)
        return replace(
            decision,
            deltas=deltas(own.choice, decision.vote.choice),
            replaces=self.own.vote.version,
            absorbed=self.terms.merges.absorbed,
            removals=tuple(one for one in removals if one is not None),
        )

    def _removal(self, held: Held) -> Removal | None:
        counted, vote = held.counted(self.terms), held.vote
        if not counted:
            return None
        after = replace(
            vote,
            version=vote.version + 1,
            earlier={epoch: choice for epoch, choice in vote.earlier.items() if epoch not in counted},
        )
        if vote.epoch in counted:
            after = replace(after, choice=None, changed_at=None, seal=b"")
        counts = tuple(count_name(epoch, choice) for epoch, choice in counted.items())
        return Removal(held.ref, held.voter_key, after, vote.version, counts)

    def _version(self, held: Held) -> int:
        into = min(one.into for one in self.terms.merges.absorbed if one.article == held.ref.article)
        return held.vote.version + self.terms.epoch - into

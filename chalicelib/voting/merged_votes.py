"""One reader's votes on an article that has absorbed others (`publishing.merges`): together they are one vote.

A reader may have a vote under the article's own id, and one under each id that it absorbed. The vote with the newest
wish is the reader's vote. The others are taken out of the counts as soon as anything is written, or by the merge
itself (`merging`): from then on, no reader has two that count.

    own      absorbed    the reader's vote    what a new wish writes
    ------   ---------   ------------------   ------------------------------------------------------
    none     up, v 5     up, v 5              own: the wish, v 6;  absorbed: no choice, its count - 1
    up       down        the newer one        own: the wish;       absorbed: no choice, its count - 1
    up       retracted   the newer one        own: the wish

An article may have absorbed an earlier epoch of its own: its id was an alias of another one, which is its alias now.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from chalicelib.publishing.articles import ArticleRef, Terms
from chalicelib.voting.tallies import count_name
from chalicelib.voting.votes import REMOVED, Apply, Decision, Keep, Removal, Vote, Wish, decide, deltas, receipt_key


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

    def absorbed(self, terms: Terms) -> set[int]:
        """The epochs of this id that the article with these terms has absorbed in its epoch.

        A reset of the article was one of all that it had absorbed.
        """
        return {
            one.epoch for one in terms.merges.absorbed if one.article == self.ref.article and one.into == terms.epoch
        }

    def counted(self, terms: Terms) -> dict[int, str]:
        """The choices that count because they were absorbed, by their epochs."""
        choices = dict(self.vote.earlier)
        if self.vote.choice is not None:
            choices[self.vote.epoch] = self.vote.choice
        return {epoch: choices[epoch] for epoch in sorted(self.absorbed(terms)) if epoch in choices}

    def counts_as_wished(self, terms: Terms) -> bool:
        """True if what counts of this vote is its last wish, as far as that was for an absorbed epoch."""
        counted, is_last = self.counted(terms), self.vote.epoch in self.absorbed(terms)
        return len(counted) <= 1 and (not counted or not is_last or self.vote.epoch in counted)

    def without(self, epochs: Collection[int]) -> Vote:
        """The vote without its choices in these epochs, as the next version."""
        vote = self.vote
        earlier = {epoch: choice for epoch, choice in vote.earlier.items() if epoch not in epochs}
        is_last = vote.epoch in epochs
        return replace(
            vote,
            choice=None if is_last else vote.choice,
            changed_at=REMOVED if is_last else vote.changed_at,
            earlier=earlier,
            version=vote.version + 1,
        )


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
    def joined(self) -> Vote:
        """The reader's vote. Its version is as high as any of theirs, so each known version can be demanded."""
        if not self.terms.merges.absorbed:
            return self.current
        own = self.current
        newest = max(self._candidates(), default=None, key=lambda candidate: candidate[:2])
        _, _, choice, vote = (0, False, None, own) if newest is None else newest
        votes = [own, *(one.vote for one in self.elsewhere)]
        return Vote(
            choice=choice,
            version=max(own.version, *(self._version(one) for one in self.elsewhere), 0),
            shard=own.shard,
            cast_at=min((one.cast_at for one in votes if one.cast_at is not None), default=None),
            changed_at=None if choice is None else vote.changed_at,
            receipts=own.receipts,  # receipts of another id would tell that both votes are one reader's
            epoch=self.terms.epoch,
            earlier=own.earlier,
            seal=own.seal,
        )

    def _candidates(self) -> Iterator[tuple[int, bool, str | None, Vote]]:
        """The votes that may be the reader's, each with the second of its wish, whether it is the own vote, its choice.

        An id's last wish may be of an epoch that is not the article's. Then only the choice of before is known.
        """
        for one in (self.own, *self.elsewhere):
            is_own, vote, counted = one is self.own, one.vote, one.counted(self.terms)
            epochs = one.absorbed(self.terms) | ({self.terms.epoch} if is_own else set())
            if vote.version and vote.epoch in epochs:
                yield one.at, is_own, vote.choice, vote
            elif counted:
                yield 0, is_own, counted[max(counted)], vote

    @property
    def newest_at(self) -> int:
        """The second of the newest wish."""
        return max((at for at, *_ in self._candidates()), default=0)

    @property
    def are_first(self) -> bool:
        """True if the reader never had a vote on the article in its epoch."""
        if not self.terms.merges.absorbed:
            return self.own.vote.cast_at is None or self.own.vote.epoch < self.terms.epoch
        return all(vote.cast_at is None for *_, vote in self._candidates())

    def decide(self, wish: Wish) -> Decision:
        """What the wish does to the reader's vote. Raises what `votes.decide` raises."""
        joined = self.joined
        known = tuple(f"{wish.receipt_key}:{choice}" for one in self.elsewhere for choice in one.applied(wish))
        decision = decide(replace(joined, receipts=known + joined.receipts), wish, self.terms.epoch)
        return decision if isinstance(decision, Keep) else self._written(decision)

    def unite(self, seal: bytes, now: int) -> Apply | None:
        """What makes the newest vote the own vote and the only one that counts, without a new wish.

        None if it is that already, or if the reader has no other vote. It is written even if only one of several votes
        counts: when its id is an article of its own again, the time of its wish may be lost. `seal`: of the newest one,
        under the own voter key. `now`: when it is written, in epoch seconds.
        """
        joined, own = self.joined, self.current
        counted = list(self._own_counted().values())
        counted += [choice for one in self.elsewhere for choice in one.counted(self.terms).values()]
        is_own_alone = not counted and joined.choice == own.choice
        is_single = len(list(self._candidates())) == 1 and own.choice is None and counted == [joined.choice]
        if is_own_alone or is_single:
            return None
        vote = replace(joined, version=joined.version + 1, seal=seal)
        return self._written(Apply(vote, (), 0, now, changes=False, is_wish=False))

    def _own_counted(self) -> dict[int, str]:
        """The choices of earlier epochs of the article's own id that count, because they were absorbed."""
        epochs = self.own.absorbed(self.terms) - {self.terms.epoch}
        return {epoch: choice for epoch, choice in self.current.earlier.items() if epoch in epochs}

    def _written(self, decision: Apply) -> Apply:
        """The decision about the joined vote as one about the own vote, with the others taken out of the counts."""
        earlier = self._own_counted()
        vote = replace(
            decision.vote,
            earlier={epoch: choice for epoch, choice in decision.vote.earlier.items() if epoch not in earlier},
        )
        removals = ((one, one.counted(self.terms)) for one in self.elsewhere)
        return replace(
            decision,
            vote=vote,
            deltas=deltas(self.current.choice, vote.choice),
            replaces=self.own.vote.version,
            absorbed=self.terms.merges.absorbed,
            removed=_names(earlier),
            removals=tuple(
                Removal(one.ref, one.voter_key, one.without(counted), one.vote.version, _names(counted))
                for one, counted in removals
                if counted
            ),
        )

    def _version(self, held: Held) -> int:
        into = min(one.into for one in self.terms.merges.absorbed if one.article == held.ref.article)
        return held.vote.version + self.terms.epoch - into if held.vote.version else 0


def _names(counted: dict[int, str]) -> tuple[str, ...]:
    return tuple(count_name(epoch, choice) for epoch, choice in counted.items())

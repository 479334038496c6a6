"""One reader's vote on one article, and the decision about what a wish does to it.

A wish is the state that a reader wants. `decide` compares it with the stored vote and returns what to write, if
anything. It is pure and covers every case. `applying` calls it again whenever a commit finds another stored vote.

    the wish ...                                        the decision
    -------------------------------------------------   ----------------------------------------------------
    was applied before (its receipt is on the vote)      Keep: nothing to do. The vote keeps the last 16 receipts
    reuses an idempotency key with another choice        refused: 422 idempotency_key_reused
    has a precondition that does not hold                refused: 412 precondition_failed
    wants what is stored, and is not ordered             Keep
    wants what is stored, and is ordered                 Apply: version + 1, counts unchanged (a fence)
    wants a choice that is not on the ballot any more    refused: 422 invalid_value
    wants something else, for the ninth time in an hour  refused: 429 too_many_votes
    wants something else                                 Apply: version + 1, counts change

A fence is a new version without a new choice. It makes sure that the newest wish wins on a network that delays
requests. Example: a reader votes up, then down (this request hangs in the network), then up again. If the last wish
left no trace, the delayed "down" would still match its `If-Match` and override it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as member

from chalicelib.errors import IdempotencyKeyReused, InvalidValue, PreconditionFailed, TooManyVotes
from chalicelib.preconditions import NO_PRECONDITION, Precondition
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.merges import Absorbed
from chalicelib.voting.tallies import counted_as

# On a quiet site, times to the second could show that votes on two articles come from one reader. The rules need hours.
TIMES_KEPT_TO_SECONDS = 3600
RECEIPTS_KEPT = 16
CHANGES_PER_HOUR = 8  # of a vote, after the first one: of its reader's mind
REMOVED = 0  # stands in place of `changed_at` where a merge took the choice away


@dataclass(frozen=True, slots=True)
class Vote:
    """A vote as stored. Version 0: nothing is stored. `choice` None: the reader never voted, or retracted the vote.

    `shard`: the tally shard that counts this vote, for ever. `cast_at`: when a choice was first stored here.
    `changed_at`: when the choice last changed. Both are the epoch second at which an hour begins. `receipts`: the last
    applied wishes, newest first. `epoch`: that of the article when the vote was stored. `earlier`: what the vote
    counted as (`tallies.counted_as`) when earlier epochs ended, by epoch. `seal`: whose vote it is, and when the last
    wish came (`seals`). `changes`: how often the reader's mind changed in the hour `changed_at`. `provenance`: where
    the choice came from (`admission.provenance`); empty without a choice. `exclusion`: the one that has the vote
    (`trust.exclusions`), or empty. It stays when the reader votes again.
    """

    choice: str | None
    version: int
    shard: int
    cast_at: int | None = None
    changed_at: int | None = None
    receipts: tuple[str, ...] = ()
    epoch: int = 0
    earlier: Mapping[int, str] = member(default_factory=dict)
    seal: bytes = b""
    changes: int = 0
    provenance: bytes = b""
    exclusion: str = ""

    @property
    def counted_as(self) -> str | None:
        """What it counts as (`tallies.counted_as`). None: it has no choice."""
        return None if self.choice is None else counted_as(self.choice, self.exclusion)

    def in_epoch(self, epoch: int) -> Vote:
        """The vote as it is in this epoch of the article: after a reset, its reader has no vote.

        The version grows with each reset, so that wishes of before do not match it. Receipts stay, so that they are
        known.
        """
        if self.version == 0 or self.epoch >= epoch:
            return self
        counted = self.counted_as
        earlier = self.earlier if counted is None else {**self.earlier, self.epoch: counted}
        version = self.version + epoch - self.epoch
        return Vote(None, version, self.shard, self.cast_at, None, self.receipts, epoch, earlier, self.seal)


def never_voted(shard: int) -> Vote:
    """The vote of a reader for whom nothing is stored. `shard`: where a vote would count."""
    return Vote(choice=None, version=0, shard=shard)


class VoteHasChanged(PreconditionFailed):
    """A precondition does not hold. `vote` is the stored vote that it was compared with."""

    def __init__(self, *, field: str, vote: Vote) -> None:
        super().__init__(f"The vote is at version {vote.version} now.", field=field, version=vote.version)
        self.vote = vote


@dataclass(frozen=True, slots=True)
class Wish:
    """What a voter wants the vote to be. `choice` None: no vote. `at`: when the wish came in, in epoch seconds.

    `ordered`: the caller sent a precondition or an idempotency key, so older wishes must not override newer ones.
    `receipt_key` identifies this wish among the wishes of this voter on this article (see the function `receipt_key`).
    It is None if the caller sent no idempotency key: then nobody can recognise the wish if it comes again.
    `retired`: the choice was on the ballot once and takes no votes any more. `seal`, `provenance`: of the vote that it
    leads to.
    `idempotency_key`: as the caller sent it; the receipts of other ids of the article were made with it.
    """

    ref: ArticleRef
    voter_key: str
    choice: str | None
    receipt_key: str | None
    at: int
    ordered: bool = False
    precondition: Precondition = NO_PRECONDITION
    retired: bool = False
    seal: bytes = b""
    idempotency_key: str | None = None
    provenance: bytes = b""

    @property
    def receipt(self) -> str:
        """What the vote keeps of this wish once it is applied. Empty if it has no receipt key."""
        return f"{self.receipt_key}:{self.choice or ''}" if self.receipt_key else ""


def receipt_key(voter_key: str, idempotency_key: str) -> str:
    """An idempotency key as it is stored: 12 characters, 72 bits.

    It depends on the voter key. So if a browser uses one idempotency key on two articles, the two stored votes have
    nothing in common (promise P7).
    """
    digest = hashlib.blake2b(idempotency_key.encode(), key=voter_key.encode(), digest_size=9).digest()
    return base64.urlsafe_b64encode(digest).decode()


@dataclass(frozen=True, slots=True)
class Keep:
    """Write nothing: the vote stays as it is."""

    vote: Vote


@dataclass(frozen=True, slots=True)
class Removal:
    """Take a vote of the same reader out of the counts of another article, which this one absorbed.

    `vote`: what is written in place of version `replaces`, which the same exclusion has. `count`: the name of the count
    that gets one less, on the vote's shard (`tallies.count_name`).
    """

    ref: ArticleRef
    voter_key: str
    vote: Vote
    replaces: int
    count: str


@dataclass(frozen=True, slots=True)
class Apply:
    """Write `vote` in place of version `replaces`, which `exclusion` has, and add `deltas` to the counts of its shard.

    `at`: when the wish came in. The article must take votes at that moment. `changes`: whether the reader has another
    choice then. `absorbed`: under which other ids the reader's votes were looked for; the article must have absorbed
    exactly these. `removals`: the votes that were found there. `is_wish` False: no reader asked for it, so it is stored
    whether the article takes votes or not.
    """

    vote: Vote
    deltas: tuple[tuple[str, int], ...]
    replaces: int
    at: int
    changes: bool
    absorbed: tuple[Absorbed, ...] = ()
    removals: tuple[Removal, ...] = ()
    is_wish: bool = True
    exclusion: str = ""


Decision = Keep | Apply


def decide(stored: Vote, wish: Wish, epoch: int = 0) -> Decision:
    """What the wish does to the vote, in this epoch of the article (see above).

    Raises `VoteHasChanged`, `IdempotencyKeyReused`, `InvalidValue` or `TooManyVotes`.
    """
    old = stored.in_epoch(epoch)
    for receipt in old.receipts if wish.receipt_key else ():
        if receipt.startswith(f"{wish.receipt_key}:"):
            if receipt != wish.receipt:
                raise IdempotencyKeyReused(
                    "This Idempotency-Key came before with another choice. Use a new key for a new wish.",
                    field="Idempotency-Key",
                )
            return Keep(old)

    failing = wish.precondition.failing_field(old.version)
    if failing is not None:
        raise VoteHasChanged(field=failing, vote=old)

    at = wish.at - wish.at % TIMES_KEPT_TO_SECONDS
    changes = old.choice != wish.choice
    if not changes and not wish.ordered:
        return Keep(old)
    if changes and wish.retired:
        raise InvalidValue("This choice is not offered any more.", field="choice")
    recent = old.changes if old.changed_at == at else 0
    if changes and recent == CHANGES_PER_HOUR:
        detail = f"A vote may change {CHANGES_PER_HOUR} times an hour."
        raise TooManyVotes(detail, at + TIMES_KEPT_TO_SECONDS - wish.at)

    vote = Vote(
        choice=wish.choice,
        version=old.version + 1,
        shard=old.shard,
        cast_at=old.cast_at if old.cast_at is not None or wish.choice is None else at,
        changed_at=at if changes else old.changed_at,
        receipts=(wish.receipt, *old.receipts[: RECEIPTS_KEPT - 1]) if wish.receipt else old.receipts,
        epoch=epoch,
        earlier=old.earlier,
        seal=wish.seal,
        changes=recent + (changes and old.changed_at is not None),
        provenance=b"" if wish.choice is None else wish.provenance if changes else old.provenance,
        exclusion=old.exclusion,
    )
    moved = deltas(old.counted_as, vote.counted_as)
    return Apply(vote, moved, stored.version, wish.at, changes, exclusion=stored.exclusion)


def deltas(old: str | None, new: str | None) -> tuple[tuple[str, int], ...]:
    """What is added to the counts of a vote's shard when it counts as something else. None: as nothing."""
    if old == new:
        return ()
    taken = () if old is None else ((old, -1),)
    given = () if new is None else ((new, +1),)
    return taken + given

"""One voter's vote on one article, and the one decision in this service: what a wish does to it.

A wish declares the state a reader wants. `decide` compares it with the vote as it is and says what to write,
if anything. It is total and pure; the table runs it again whenever the stored vote turned out to be another.

    the wish ...                                     the answer
    ----------------------------------------------   ------------------------------------------------
    was applied before (its receipt is on the vote)  Keep      nothing to do, however late: the last 16 keys are kept
    reuses a key with another choice                 refused   422 idempotency_key_reused
    has a precondition that does not hold            refused   412 precondition_failed
    wants what is there, and is not ordered          Keep
    wants what is there, and is ordered              Apply     version + 1, counts untouched (a fence)
    wants something else                             Apply     version + 1, counts follow

The fence is what makes "the newest wish wins" hold on a network that delays: a reader goes up, then down (which
hangs in the network), then up again. If the last wish left no trace, the delayed "down" would still fit its
`If-Match` and override it.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Final, Literal

from chalicelib.errors import IdempotencyKeyReused, PreconditionFailed
from chalicelib.publishing.articles import ArticleRef

RECEIPTS_KEPT = 16


@dataclass(frozen=True, slots=True)
class Vote:
    """The vote as stored. Version 0: nothing is stored. `choice` None: never cast, or retracted.

    `shard` is the tally shard it is counted on, for life. `cast_at` is when a choice first stood here and
    `changed_at` when the choice last changed, in epoch seconds. `receipts`: the wishes applied last, newest first.
    """

    choice: str | None
    version: int
    shard: int
    cast_at: int | None = None
    changed_at: int | None = None
    receipts: tuple[str, ...] = ()


def never_voted(shard: int) -> Vote:
    """The vote of somebody of whom nothing is stored; `shard` is where it would count."""
    return Vote(choice=None, version=0, shard=shard)


ANY: Final = "*"


@dataclass(frozen=True, slots=True)
class Precondition:
    """What a wish demands of the vote's version. None: no demand. `ANY`: that something is stored at all.

    `match` holds when the version is one of it, `none_match` when it is not (RFC 9110, sections 13.1.1 and 13.1.2).
    Version 0 is the version of the vote that is not there, so `match={0}` means the same as `none_match=ANY`.
    """

    match: frozenset[int] | Literal["*"] | None = None
    none_match: frozenset[int] | Literal["*"] | None = None

    def failing_field(self, version: int) -> str | None:
        """The header that does not hold at this version, or None when both do."""
        if self.match is not None and not _covers(self.match, version):
            return "If-Match"
        if self.none_match is not None and _covers(self.none_match, version):
            return "If-None-Match"
        return None

    def expects_a_vote(self) -> bool:
        """True when it can only hold if a vote is stored, so that it pays to look first."""
        return self.match == ANY or (self.match is not None and 0 not in self.match)


def _covers(versions: frozenset[int] | Literal["*"], version: int) -> bool:
    return version > 0 if versions == ANY else version in versions


NO_PRECONDITION: Final = Precondition()


@dataclass(frozen=True, slots=True)
class Wish:
    """What a voter wants their vote to be. `choice` None: no vote.

    `ordered`: the caller sent a precondition or an idempotency key and so relies on older wishes staying older.
    `receipt_key` identifies this wish among this voter's wishes on this article (see `receipt_key`); None when the
    caller sent no idempotency key, for then it can never be seen to come again.
    """

    ref: ArticleRef
    voter_key: str
    choice: str | None
    receipt_key: str | None
    at: int
    ordered: bool = False
    precondition: Precondition = NO_PRECONDITION

    @property
    def receipt(self) -> str:
        """What the vote remembers of this wish once it is applied; empty when there is nothing to remember it by."""
        return f"{self.receipt_key}:{self.choice or ''}" if self.receipt_key else ""


def receipt_key(voter_key: str, idempotency_key: str) -> str:
    """An idempotency key as it is kept: 12 characters, 72 bits.

    Bound to the voter key: a browser that uses one idempotency key on two articles leaves no common mark (P7).
    """
    digest = hashlib.blake2b(idempotency_key.encode(), key=voter_key.encode(), digest_size=9).digest()
    return base64.urlsafe_b64encode(digest).decode()


@dataclass(frozen=True, slots=True)
class Keep:
    """Nothing to write: the vote stays as it is."""

    vote: Vote


@dataclass(frozen=True, slots=True)
class Apply:
    """Write `vote` in place of the one it was decided on, and add `deltas` to the counts of its shard."""

    vote: Vote
    deltas: tuple[tuple[str, int], ...]


Decision = Keep | Apply


def decide(old: Vote, wish: Wish) -> Decision:
    """What the wish does to the vote. Raises `PreconditionFailed` or `IdempotencyKeyReused` (see the table above)."""
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
        raise PreconditionFailed(f"The vote is at version {old.version} now.", field=failing, current=old)

    changes = old.choice != wish.choice
    if not changes and not wish.ordered:
        return Keep(old)

    vote = Vote(
        choice=wish.choice,
        version=old.version + 1,
        shard=old.shard,
        cast_at=old.cast_at if old.cast_at is not None or wish.choice is None else wish.at,
        changed_at=wish.at if changes else old.changed_at,
        receipts=(wish.receipt, *old.receipts[: RECEIPTS_KEPT - 1]) if wish.receipt else old.receipts,
    )
    return Apply(vote, _deltas(old.choice, wish.choice) if changes else ())


def _deltas(old: str | None, new: str | None) -> tuple[tuple[str, int], ...]:
    taken = () if old is None else ((old, -1),)
    given = () if new is None else ((new, +1),)
    return taken + given


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a wish ended. `changed`: this request changed the choice. `first`: it was this voter's first here."""

    vote: Vote
    changed: bool
    first: bool

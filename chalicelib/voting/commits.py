"""What became of a decision about a vote: what a store says of a commit, and how a wish ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chalicelib.publishing.articles import Terms
from chalicelib.voting.votes import Vote


@dataclass(frozen=True, slots=True)
class Committed:
    """The decision was stored."""


@dataclass(frozen=True, slots=True)
class OtherTerms:
    """Nothing was stored: the article was reset or merged. Decide again, for these terms."""

    terms: Terms


@dataclass(frozen=True, slots=True)
class Conflict:
    """Nothing was stored: another vote is there than the one that was decided on. Decide again, on `vote`.

    `vote` None: one of the votes to be taken out has changed. Read all of them again.
    """

    vote: Vote | None


Reason = Literal["voting_closed", "voting_not_open", "unknown_article"]


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was stored: the article does not take this vote."""

    reason: Reason


CommitResult = Committed | Conflict | OtherTerms | Refused


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a wish ended. `changed`: this request changed the choice. `first`: it was this voter's first vote here."""

    vote: Vote
    changed: bool
    first: bool

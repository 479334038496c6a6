"""Ballots: the kinds of votes, and the choices of each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.errors import InvalidValue

CHOICE = re.compile(r"[a-z0-9_]{1,32}", re.ASCII)
FEWEST_REACTIONS, MOST_REACTIONS = 2, 12

FIXED_CHOICES: dict[str, tuple[str, ...]] = {
    "like": ("like",),
    "updown": ("up", "down"),
    "stars": ("1", "2", "3", "4", "5"),
}
KINDS = (*FIXED_CHOICES, "reactions")


@dataclass(frozen=True, slots=True)
class Ballot:
    """A kind and its choices, in the order in which the site shows them."""

    kind: str
    choices: tuple[str, ...]

    def parse_choice(self, raw: str) -> str:
        """The choice. Raises `InvalidValue` if it is not on this ballot."""
        if raw not in self.choices:
            raise InvalidValue(f"choice must be one of: {', '.join(self.choices)}.", field="choice")
        return raw


def make_ballot(kind: str, reactions: Sequence[str] = ()) -> Ballot:
    """A ballot of one of `KINDS`. Only `reactions` has choices of its own: 2 to 12, all different.

    Raises `InvalidValue`.
    """
    if kind not in KINDS:
        raise InvalidValue(f"ballot must be one of: {', '.join(KINDS)}.", field="ballot")
    if kind in FIXED_CHOICES:
        if reactions:
            raise InvalidValue(f"the ballot {kind} has its own choices.", field="choices")
        return Ballot(kind, FIXED_CHOICES[kind])
    if not FEWEST_REACTIONS <= len(reactions) <= MOST_REACTIONS or len(set(reactions)) != len(reactions):
        raise InvalidValue(
            f"reactions needs {FEWEST_REACTIONS} to {MOST_REACTIONS} different choices.", field="choices"
        )
    for choice in reactions:
        if not CHOICE.fullmatch(choice):
            raise InvalidValue(f"{choice!r} is not a choice: use 1 to 32 of a-z, 0-9, _.", field="choices")
    return Ballot(kind, tuple(reactions))

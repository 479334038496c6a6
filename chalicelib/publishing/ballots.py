"""Ballots: the kinds of votes, and the choices of each.

A choice is known by its name, in votes and in tallies. So a ballot may change at any time, and no vote gets another
meaning: a choice that is taken off the ballot is retired. It is counted and shown, but takes no votes. If it is put on
the ballot again, its votes are still there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as member

from chalicelib.errors import InvalidValue

CHOICE = re.compile(r"[a-z0-9_]{1,32}", re.ASCII)
FEWEST_REACTIONS, MOST_REACTIONS = 2, 12
MOST_RETIRED = 30
NO_TEXT = r"\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff"
LONGEST_LABEL, LONGEST_ICON = 40, 16
LABEL = re.compile(rf"[^{NO_TEXT}]{{1,{LONGEST_LABEL}}}")
ICON = re.compile(rf"[^\s{NO_TEXT}]{{1,{LONGEST_ICON}}}")

FIXED_CHOICES: dict[str, tuple[str, ...]] = {
    "like": ("like",),
    "updown": ("up", "down"),
    "stars": ("1", "2", "3", "4", "5"),
}
KINDS = (*FIXED_CHOICES, "reactions")


@dataclass(frozen=True, slots=True)
class Ballot:
    """A kind and its choices, in the order in which the site shows them.

    `retired`: choices that were on the ballot before, the one that was retired last at the end. `labels` and `icons`:
    the site's own texts for choices; the page's words have those of all others.
    """

    kind: str
    choices: tuple[str, ...]
    retired: tuple[str, ...] = ()
    labels: Mapping[str, str] = member(default_factory=dict)
    icons: Mapping[str, str] = member(default_factory=dict)

    @property
    def counted(self) -> tuple[str, ...]:
        """Every choice that is counted and shown."""
        return self.choices + self.retired

    def parse_choice(self, raw: str) -> str:
        """A choice that is or was on this ballot. Raises `InvalidValue`."""
        if raw not in self.counted:
            raise InvalidValue(f"choice must be one of: {', '.join(self.choices)}.", field="choice")
        return raw


def make_ballot(
    kind: str,
    reactions: Sequence[str] = (),
    labels: Mapping[str, str] | None = None,
    icons: Mapping[str, str] | None = None,
) -> Ballot:
    """A ballot of one of `KINDS`. Only `reactions` has choices of its own: 2 to 12, all different.

    Raises `InvalidValue`.
    """
    if kind not in KINDS:
        raise InvalidValue(f"ballot must be one of: {', '.join(KINDS)}.", field="ballot")
    if kind in FIXED_CHOICES:
        if reactions and tuple(reactions) != FIXED_CHOICES[kind]:
            raise InvalidValue(f"the choices of {kind} are: {', '.join(FIXED_CHOICES[kind])}.", field="choices")
        choices = FIXED_CHOICES[kind]
    else:
        choices = tuple(reactions)
        if not FEWEST_REACTIONS <= len(choices) <= MOST_REACTIONS or len(set(choices)) != len(choices):
            raise InvalidValue(
                f"reactions needs {FEWEST_REACTIONS} to {MOST_REACTIONS} different choices.", field="choices"
            )
        for choice in choices:
            if not CHOICE.fullmatch(choice):
                raise InvalidValue(f"{choice!r} is not a choice: use 1 to 32 of a-z, 0-9, _.", field="choices")
    for label in (labels or {}).values():
        if not LABEL.fullmatch(label) or not label.strip():
            raise InvalidValue(f"a label must be 1 to {LONGEST_LABEL} printable characters.", field="label")
    for icon in (icons or {}).values():
        if not ICON.fullmatch(icon):
            raise InvalidValue(f"an icon must be 1 to {LONGEST_ICON} printable characters, no spaces.", field="icon")
    return Ballot(kind, choices, labels=labels or {}, icons=icons or {})


def succeed(before: Ballot, wanted: Ballot) -> Ballot:
    """The ballot `wanted` in the place of `before`: choices that are on it no more are retired.

    Retired choices keep their labels and icons. Raises `InvalidValue` if too many would be retired, or if there is a
    text for a choice that never was on the ballot.
    """
    retired = tuple(one for one in (*before.retired, *before.choices) if one not in wanted.choices)
    if len(retired) > MOST_RETIRED:
        raise InvalidValue(f"at most {MOST_RETIRED} choices may be retired.", field="ballot")
    for field, named in (("labels", wanted.labels), ("icons", wanted.icons)):
        if unknown := sorted(named.keys() - {*wanted.choices, *retired}):
            raise InvalidValue(f"{unknown[0][:32]!r} is not a choice of this ballot.", field=field)
    return replace(
        wanted,
        retired=retired,
        labels={**{one: before.labels[one] for one in retired if one in before.labels}, **wanted.labels},
        icons={**{one: before.icons[one] for one in retired if one in before.icons}, **wanted.icons},
    )

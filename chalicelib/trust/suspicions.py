"""Which groups of an article's votes stand out: many from one network that differ from the readers who came alone.

The readers who came alone are the measure: votes whose address brought at most three, and of each wide network at most
three of these. So some hundred networks weigh little in it. How many of the measure chose what, at which hour, with how
old a token, is the base rate of this article on this site.

    group of 40 votes         base rate: of 2,700 readers who came alone
    39 chose "down"           40 % chose "down"                               surprising
    40 came at nine o'clock   3 % came at nine o'clock                        surprising
    40 had a fresh token      45 % had a fresh token                          a little surprising

For each of the three traits, the most surprising value counts (a beta-binomial test, times the number of values). The
three are taken together with Fisher's method. A group is suspected if its chance, times the number of groups, is below
`FALSE_ALARMS`: if all networks are as unlike each other as we assume, one article of a thousand shows a group wrongly.
`python -m bench trust` measures it. What the rule cannot tell: a crowd of real people with one opinion behind one
network, and a script whose votes are as mixed as those of readers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.admission.provenance import TokenAge
from chalicelib.trust.tails import tail, together

FALSE_ALARMS = 0.001  # articles that show a group wrongly
LIKENESS = 20.0  # how alike the people of one network are: as if 20 of them had decided
LEAST_VOTES = 8  # of a group: fewer can hardly stand out
MOST_ALONE = 3  # votes of an address, and votes in the measure of a widest network
LEAST_ALONE = 30  # readers: with fewer, there is no base rate
MOSTLY = 0.8  # of the votes of a group

Key = tuple[int, bytes]  # the level of a network, and its mark


@dataclass(frozen=True, slots=True)
class Seen:
    """A vote that counts. `hour`: the epoch second at which the hour of the choice began. `marks`: of its networks."""

    choice: str
    hour: int
    token_age: TokenAge
    marks: tuple[bytes, ...]


Trait = Callable[[Seen], str | int]
TRAITS: tuple[Trait, ...] = (lambda vote: vote.choice, lambda vote: vote.hour, lambda vote: vote.token_age)


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A group of votes that stands out. `level`: 0 for the narrowest network, as in `Seen.marks`.

    `chance`: of so surprising a group among readers, times the number of groups.
    """

    mark: bytes
    level: int
    votes: tuple[Seen, ...]
    chance: float


@dataclass(frozen=True, slots=True)
class _Group:
    key: Key
    indexes: list[int]
    chance: float


@dataclass(frozen=True, slots=True)
class Findings:
    """`alone`: how many votes are the measure. `suspicions`: the largest first. `kept`: the votes in none of them."""

    alone: int
    suspicions: tuple[Suspicion, ...]
    kept: tuple[Seen, ...]


def find(votes: Sequence[Seen]) -> Findings:
    """The groups that stand out. Of groups that lie in each other, not all are shown (`_shown`)."""
    sizes = Counter((level, mark) for vote in votes for level, mark in enumerate(vote.marks))
    alone = _came_alone(votes, sizes)
    members: dict[Key, list[int]] = {key: [] for key, size in sizes.items() if size >= LEAST_VOTES}
    for index, vote in enumerate(votes):
        for key in enumerate(vote.marks):
            if key in members:
                members[key].append(index)
    suspected: dict[Key, _Group] = {}
    rates = [_base_rate(trait, votes, alone) for trait in TRAITS]

    def chance(indexes: Sequence[int]) -> float:
        return min(1.0, len(members) * _chance([votes[index] for index in indexes], rates))

    if len(alone) >= LEAST_ALONE:
        for key, indexes in members.items():
            if (found := chance(indexes)) < FALSE_ALARMS:
                suspected[key] = _Group(key, indexes, found)
    shown, covered = _shown(votes, suspected, chance)
    suspicions = tuple(
        Suspicion(mark, level, tuple(votes[index] for index in one.indexes), one.chance)
        for one in shown
        for level, mark in [one.key]
    )
    kept = tuple(vote for index, vote in enumerate(votes) if index not in covered)
    return Findings(len(alone), suspicions, kept)


def _came_alone(votes: Sequence[Seen], sizes: Mapping[Key, int]) -> list[Seen]:
    """The measure. Votes without marks are not in it: nobody knows how they came."""
    taken: Counter[bytes] = Counter()
    alone = []
    for vote in votes:
        if vote.marks and sizes[0, vote.marks[0]] <= MOST_ALONE and taken[vote.marks[-1]] < MOST_ALONE:
            taken[vote.marks[-1]] += 1
            alone.append(vote)
    return alone


def _base_rate(trait: Trait, votes: Sequence[Seen], alone: Sequence[Seen]) -> dict[str | int, float]:
    """The share of each value of a trait among those who came alone. No value that somebody has is impossible."""
    counted = Counter(map(trait, alone))
    values = {trait(vote) for vote in votes}
    return {value: (counted[value] + 0.5) / (len(alone) + 0.5 * len(values)) for value in values}


def _chance(group: Sequence[Seen], rates: Sequence[Mapping[str | int, float]]) -> float:
    """The probability of so surprising a group, whatever trait and value it is that surprises."""
    chances = []
    for trait, rate in zip(TRAITS, rates, strict=True):
        counted = Counter(map(trait, group))
        surprising = [
            tail(number, len(group), rate[value], LIKENESS)
            for value, number in counted.items()
            if number > rate[value] * len(group)
        ]
        chances.append(min([1.0, *(one * len(rate) for one in surprising)]))
    return together(chances)


def _shown(
    votes: Sequence[Seen], suspected: Mapping[Key, _Group], chance: Callable[[Sequence[int]], float]
) -> tuple[list[_Group], set[int]]:
    """The groups to show, the largest first, and all their votes.

    A group whose votes are mostly shown already is left out. Of a wide network with mostly the votes of a narrow one
    that is suspected, too, the narrow one is shown, unless the others stand out as well.
    """
    shown, covered = [], set[int]()
    for one in sorted(suspected.values(), key=lambda one: (-len(one.indexes), one.key)):
        mostly = MOSTLY * len(one.indexes)
        if any(_is_mostly(level, one, votes, suspected, chance) for level in range(one.key[0])):
            continue
        if sum(index in covered for index in one.indexes) < mostly:
            shown.append(one)
            covered.update(one.indexes)
    return shown, covered


def _is_mostly(
    level: int,
    group: _Group,
    votes: Sequence[Seen],
    suspected: Mapping[Key, _Group],
    chance: Callable[[Sequence[int]], float],
) -> bool:
    """True if one suspected network of this narrower level is mostly the group, and the rest does not stand out."""
    ((mark, number),) = Counter(votes[index].marks[level] for index in group.indexes).most_common(1)
    if number < MOSTLY * len(group.indexes) or (level, mark) not in suspected:
        return False
    rest = [index for index in group.indexes if votes[index].marks[level] != mark]
    return len(rest) < LEAST_VOTES or chance(rest) >= FALSE_ALARMS

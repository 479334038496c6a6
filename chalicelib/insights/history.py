"""How an article's counts came about: where they stood at the end of each hour and day in which they changed.

What is known of an article arrives as states of its tally shards: shard 3 was at version 7 at that moment, with these
counts. States come twice, late and in any order, so a closing keeps, for each shard, the newest state from before the
interval's end. Taking the newer of two states is the same in any order and however often it is done, and so are the
closings. Sums of closings, and differences between them, are therefore exact: nothing is ever added up from changes.

An interval without a closing changed nothing: what stood before it stands after it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from chalicelib.insights.intervals import DAY, Step, end_of, start_of
from chalicelib.voting.tallies import EMPTY_TALLY, Tally, add_up

HOURS_ARE_KEPT_SECONDS = 60 * DAY

Shards = Mapping[int, Tally]
ShardState = tuple[int, Tally]
"""A shard's number and a state that it had; the state's `updated_at` says from when on."""


@dataclass(frozen=True, slots=True)
class Closing:
    """The newest states of an article's shards at the end of the hour or day that began at `start`."""

    step: Step
    start: int
    shards: Shards

    @property
    def end(self) -> int:
        return end_of(self.step, self.start)

    @property
    def tally(self) -> Tally:
        """The counts at the end of the interval."""
        return add_up(self.shards.values())


def learn(
    step: Step, known: Iterable[Closing], changed: Collection[ShardState], current: Shards, earlier: Shards
) -> list[Closing]:
    """The closings, oldest first, after the states `changed` and `current` became known.

    An interval in which a state of `changed` came about gets a closing if it has none. `known` must hold every closing
    from the oldest of those intervals on, and the one before them; `earlier` is what is known from before `known`.
    """
    before = {closing.start: closing.shards for closing in known}
    starts = before.keys() | {start_of(step, state.updated_at or 0) for _, state in changed}
    states = [(number, _counts_alone(state)) for number, state in chain(changed, current.items())]
    closings = []
    carried = dict(earlier)
    for start in sorted(starts):
        end = end_of(step, start)
        in_time = ((number, state) for number, state in states if (state.updated_at or 0) < end)
        for number, state in chain(before.get(start, {}).items(), in_time):
            if number not in carried or state.version > carried[number].version:
                carried[number] = state
        closings.append(Closing(step, start, dict(carried)))
    return closings


def _counts_alone(state: Tally) -> Tally:
    """Without what is no part of history: zeros, and whether votes are taken."""
    return Tally({choice: count for choice, count in state.counts.items() if count}, state.version, state.updated_at)


class Timeline:
    """What an article's counts were at any boundary of intervals, from its closings."""

    def __init__(self, closings: Iterable[Closing]) -> None:
        points = sorted(((one.end, one.tally) for one in closings), key=lambda point: (point[0], point[1].version))
        self._ends = [end for end, _ in points]
        self._tallies = [tally for _, tally in points]

    def before(self, at: int) -> Tally:
        """The counts right before the moment `at`, the beginning of an hour or a day."""
        index = bisect_right(self._ends, at)
        return self._tallies[index - 1] if index else EMPTY_TALLY

    def has_any_before(self, at: int) -> bool:
        """Whether anything is known of the time before `at`."""
        return bool(self._ends) and self._ends[0] <= at


def gain(after: Tally, before: Tally) -> dict[str, int]:
    """What each choice gained between two tallies of an article; what it lost is negative."""
    return {
        choice: after.counts.get(choice, 0) - before.counts.get(choice, 0)
        for choice in sorted(after.counts.keys() | before.counts.keys())
    }

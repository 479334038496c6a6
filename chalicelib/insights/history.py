"""An article's history: a snapshot of its counts at the end of each hour and each day in which they changed.

News about an article arrives as states of its tally shards. Example: shard 3 was at version 7 at this moment, with
these counts. States arrive twice, late and in any order. So a snapshot keeps, for each shard, the newest state from
before the end of its hour or day. Taking the newer of two states gives the same result in any order, also if it is
repeated, and so do snapshots. Their sums and differences are exact, because no counter is ever incremented.

An hour or day without a snapshot changed nothing: the counts after it are the counts before it.
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
class Snapshot:
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
    step: Step, known: Iterable[Snapshot], changed: Collection[ShardState], current: Shards, earlier: Shards
) -> list[Snapshot]:
    """The snapshots, oldest first, now that the states `changed` and `current` are known.

    Each hour or day in which a state of `changed` arose gets a snapshot if it has none. `known` must hold every
    snapshot from the oldest of these on, and the one before it. `earlier`: the shards before `known`.
    """
    before = {snapshot.start: snapshot.shards for snapshot in known}
    starts = before.keys() | {start_of(step, state.updated_at or 0) for _, state in changed}
    states = [(number, _counts_alone(state)) for number, state in chain(changed, current.items())]
    snapshots = []
    carried = dict(earlier)
    for start in sorted(starts):
        end = end_of(step, start)
        in_time = ((number, state) for number, state in states if (state.updated_at or 0) < end)
        for number, state in chain(before.get(start, {}).items(), in_time):
            if number not in carried or state.version > carried[number].version:
                carried[number] = state
        snapshots.append(Snapshot(step, start, dict(carried)))
    return snapshots


def _counts_alone(state: Tally) -> Tally:
    """The parts of a state that belong to history: counts that are not 0, the version and the time."""
    return Tally({choice: count for choice, count in state.counts.items() if count}, state.version, state.updated_at)


class Timeline:
    """Answers what an article's counts were at the beginning of any hour or day, from its snapshots."""

    def __init__(self, snapshots: Iterable[Snapshot]) -> None:
        points = sorted(((one.end, one.tally) for one in snapshots), key=lambda point: (point[0], point[1].version))
        self._ends = [end for end, _ in points]
        self._tallies = [tally for _, tally in points]

    def before(self, at: int) -> Tally:
        """The counts right before the moment `at`, which begins an hour or a day."""
        index = bisect_right(self._ends, at)
        return self._tallies[index - 1] if index else EMPTY_TALLY

    def has_any_before(self, at: int) -> bool:
        """True if anything is known about the time before `at`."""
        return bool(self._ends) and self._ends[0] <= at

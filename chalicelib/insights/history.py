"""An article's history: for each day in which its counts changed, the states of its tally shards, slot by slot.

News about an article arrives as states of its shards. Example: shard 3 was at version 7 at this moment, with these
counts. States arrive twice, late and in any order. So a day keeps, for each slot (`insights.intervals`) and each shard,
the newest state that arose in it. Taking the newer of two states gives the same result in any order, also if it is
repeated, and so do days. Their sums and differences are exact, because no counter is ever incremented.

A slot without a state changed nothing: the counts after it are the counts before it.

These days are days of UTC. So they stay as they are if the site changes its time zone.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from chalicelib.insights.excluded import NOTHING_EXCLUDED, Excluded
from chalicelib.insights.intervals import DAY, UTC, Calendar
from chalicelib.publishing.articles import Terms
from chalicelib.voting.tallies import EMPTY_TALLY, Tally

HOURS_ARE_KEPT_SECONDS = 60 * DAY

Shards = Mapping[int, Tally]
ShardState = tuple[int, Tally]
"""A shard's number and a state that it had; the state's `updated_at` says from when on."""


@dataclass(frozen=True, slots=True)
class Day:
    """What is known about an article in the day of UTC that began at `start`.

    `before`: the newest states of its shards from before the day. `slots`: by the start of a slot, the newest state of
    each shard that changed in this slot.
    """

    start: int
    before: Shards
    slots: Mapping[int, Shards]

    @property
    def version(self) -> int:
        """The sum of the versions of all states. It grows whenever anything becomes known."""
        return sum(state.version for shards in (self.before, *self.slots.values()) for state in shards.values())

    def until(self, end: int) -> Day:
        """The day as it was right before the moment `end`, at which a slot ends."""
        return Day(self.start, self.before, {start: self.slots[start] for start in self.slots if start < end})

    @property
    def after(self) -> Shards:
        """The newest states of the article's shards at the end of the day."""
        states = dict(self.before)
        for slot in sorted(self.slots):
            take_newer(states, self.slots[slot].items())
        return states


def learn(known: Iterable[Day], changed: Collection[ShardState], current: Shards, calendar: Calendar) -> list[Day]:
    """The days, oldest first, now that the states `changed` and `current` are known. `calendar`: the site's.

    Each day in which a state of `changed` arose is added if it is missing. `known` must hold every stored day from the
    oldest of these on, and the one before it.
    """
    days = {day.start: day for day in known}
    states = [(number, _counts_alone(state)) for number, state in chain(changed, current.items())]
    arose = [(UTC.start_of("day", state.updated_at or 0), number, state) for number, state in states]
    starts = sorted(days.keys() | {UTC.start_of("day", state.updated_at or 0) for _, state in changed})
    learned: list[Day] = []
    for start in starts:
        day = days.get(start, Day(start, {}, {}))
        before = dict(learned[-1].after if learned else {})
        take_newer(before, day.before.items())
        take_newer(before, ((number, state) for began, number, state in arose if began < start))
        slots = {slot: dict(shards) for slot, shards in day.slots.items()}
        for began, number, state in arose:
            if began == start:
                take_newer(slots.setdefault(calendar.slot_of(state.updated_at or 0), {}), [(number, state)])
        learned.append(Day(start, before, slots))
    return learned


def take_newer(states: dict[int, Tally], others: Iterable[ShardState]) -> None:
    """Put these states in, where they are newer."""
    for number, state in others:
        if number not in states or state.version > states[number].version:
            states[number] = state


def _counts_alone(state: Tally) -> Tally:
    """The parts of a state that belong to history: counts that are not 0, the version, the time and the epoch."""
    counts = {name: count for name, count in state.counts.items() if count}
    return Tally(counts, state.version, state.updated_at, Terms(epoch=state.terms.epoch))


class Timeline:
    """Answers what an article's counts were at the beginning of any slot or day, from its days.

    `calendar`: the site's. `excluded`: what is left out.
    """

    def __init__(self, days: Iterable[Day], calendar: Calendar, excluded: Excluded = NOTHING_EXCLUDED) -> None:
        points = []
        for day in days:
            states = dict(day.before)
            if states:
                points.append((day.start, excluded.add_up(states.values(), day.start)))
            for slot in sorted(day.slots):
                take_newer(states, day.slots[slot].items())
                end = calendar.end_of_slot(slot)
                points.append((end, excluded.add_up(states.values(), end)))
        points.sort(key=lambda point: (point[0], point[1].version))
        self._ends = [end for end, _ in points]
        self._tallies = [tally for _, tally in points]
        self._voters = [tally.voters for _, tally in points]

    def before(self, at: int) -> Tally:
        """The counts right before the moment `at`, which begins a slot or a day."""
        index = bisect_right(self._ends, at)
        return self._tallies[index - 1] if index else EMPTY_TALLY

    def voters_before(self, at: int, epoch: int) -> int:
        """How many readers had a vote of this epoch right before the moment `at`, which begins a slot or a day."""
        index = bisect_right(self._ends, at)
        return self._voters[index - 1] if index and self._tallies[index - 1].terms.epoch == epoch else 0

    def has_any_before(self, at: int) -> bool:
        """True if anything is known about the time before `at`."""
        return bool(self._ends) and self._ends[0] <= at

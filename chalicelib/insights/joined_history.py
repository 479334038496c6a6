"""The history of an article that has absorbed others (`publishing.merges`): their days and its own, as one.

The votes stay on the shards of the ids that they were cast for. So the days of all of them, put side by side, are the
days of the article: what readers gave the old id last week was gained last week. Each shard of an absorbed article gets
a number of its own here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chalicelib.insights.history import Day, Shards, take_newer
from chalicelib.publishing.articles import NO_TERMS
from chalicelib.publishing.merges import NEVER, Merges
from chalicelib.voting.tallies import Tally, count_name, epoch_and_choice

SHARDS_APART = 1000  # an article has at most 64 shards


def join_days(own: Sequence[Day], others: Mapping[str, Sequence[Day]], merges: Merges) -> list[Day]:
    """The days of an article and of those that it absorbed, oldest first. `others`: by id.

    Each must hold every day from some moment on, and the one before. What the article gave to another one is left out.
    """
    parts = [[_changed(day, 0, lambda epoch: epoch if epoch >= merges.given else None) for day in own]]
    for number, (article, days) in enumerate(sorted(others.items()), 1):
        into = {one.epoch: one.into for one in merges.counted if one.article == article and one.into != NEVER}
        parts.append([_changed(day, number * SHARDS_APART, into.get) for day in days])
    by_start: dict[int, list[Day]] = {}
    for part in parts:
        for day in part:
            by_start.setdefault(day.start, []).append(day)
    joined: list[Day] = []
    for start, days in sorted(by_start.items()):
        before = dict(joined[-1].after if joined else {})
        slots: dict[int, dict[int, Tally]] = {}
        for day in days:
            take_newer(before, day.before.items())
            for slot, shards in day.slots.items():
                slots.setdefault(slot, {}).update(shards)
        joined.append(Day(start, before, slots))
    return joined


def _changed(day: Day, shift: int, epoch_of: Callable[[int], int | None]) -> Day:
    """A day with its counts in other epochs, or without them (None), and with other numbers of its shards."""

    def changed(shards: Shards) -> dict[int, Tally]:
        return {number + shift: _in_epochs(state, epoch_of, own=not shift) for number, state in shards.items()}

    return Day(day.start, changed(day.before), {slot: changed(shards) for slot, shards in day.slots.items()})


def _in_epochs(state: Tally, epoch_of: Callable[[int], int | None], *, own: bool) -> Tally:
    counts: dict[str, int] = {}
    for name, count in state.counts.items():
        epoch, choice = epoch_and_choice(name)
        becomes = epoch_of(epoch)
        if becomes is not None:
            named = count_name(becomes, choice)
            counts[named] = counts.get(named, 0) + count
    # The article's epoch is known from its own shards.
    return Tally(counts, state.version, state.updated_at, state.terms if own else NO_TERMS)

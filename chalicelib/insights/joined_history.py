"""The history of an article that has absorbed others (`publishing.merges`): their days and its own, as one.

The votes stay on the shards of the ids that they were cast for. So the days of all of them, put side by side, are the
days of the article: what readers gave the old id last week was gained last week. Each shard of an absorbed article gets
a number of its own here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chalicelib.insights.excluded import Cast
from chalicelib.insights.history import Day, Shards, take_newer
from chalicelib.publishing.merges import NEVER, Merges
from chalicelib.voting.tallies import Tally, count_name, epoch_and_counted

SHARDS_APART = 1000  # an article has at most 64 shards


def join_days(own: Sequence[Day], others: Mapping[str, Sequence[Day]], merges: Merges) -> list[Day]:
    """The days of an article and of those that it absorbed, oldest first. `others`: by id.

    Each must have every day from the same moment on, and the last one before it.
    """
    parts = [own]
    for number, (article, days) in enumerate(sorted(others.items()), 1):
        into = _epochs(article, merges)
        parts.append([_as_absorbed(day, number * SHARDS_APART, into) for day in days])
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


def join_casts(casts: Mapping[str, Cast], merges: Merges) -> list[Cast]:
    """When the excluded votes of absorbed articles were cast, under the names that they have in the article."""
    return [
        {
            exclusion: {hour: _names_in(counts, _epochs(article, merges)) for hour, counts in hours.items()}
            for exclusion, hours in cast.items()
        }
        for article, cast in casts.items()
    ]


def _epochs(article: str, merges: Merges) -> dict[int, int]:
    """Which epochs of an absorbed article count, and for which ones of this article."""
    return {one.epoch: one.into for one in merges.counted if one.article == article and one.into != NEVER}


def _as_absorbed(day: Day, shift: int, into: Mapping[int, int]) -> Day:
    """A day with the counts that were absorbed, under the names that they have in the article."""

    def counted(shards: Shards) -> dict[int, Tally]:
        return {number + shift: _in_epochs(state, into) for number, state in shards.items()}

    return Day(day.start, counted(day.before), {slot: counted(shards) for slot, shards in day.slots.items()})


def _in_epochs(state: Tally, into: Mapping[int, int]) -> Tally:
    """A state with these epochs of the other article as epochs of this one. It does not say which is the last one."""
    return Tally(_names_in(state.counts, into), state.version, state.updated_at)


def _names_in(named: Mapping[str, int], into: Mapping[int, int]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name, count in named.items():
        epoch, counted = epoch_and_counted(name)
        if epoch in into:
            counts[count_name(into[epoch], counted)] = count
    return counts

"""The history without excluded votes, from the states in which they were still counted.

An exclusion moves its votes to counts of their own, from now on. The states of before have them among all others. But
it is known in which hour each of them was cast, and with which choice. And a state says how many were moved by then:

    state of      up   moved    cast by then    up without the exclusion
    9 o'clock     40       0              25    40 - (25 - 0) = 15
    10 o'clock    52       0              30    52 - (30 - 0) = 22
    11 o'clock    24      30              30    24 - (30 - 30) = 24

So the history is the one that the article would have had, if these readers had never voted as they did. What they had
voted before, for example another choice, stays in it. Where a site's day ends within an hour of UTC, the votes of this
hour are left out in its first part, because nobody knows in which part they were cast. All sums are right.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import replace

from chalicelib.publishing.exclusions import NO_EXCLUSIONS, Exclusions
from chalicelib.voting.tallies import (
    MOVED,
    Tally,
    add_counts,
    add_up,
    add_up_names,
    count_name,
    counting,
    epoch_and_counted,
    exclusion_of,
)

Cast = Mapping[str, Mapping[int, Mapping[str, int]]]
"""How many votes an exclusion has: by exclusion, by the hour in which they were cast, and by the name of the count."""


class Excluded:
    """What the exclusions in force on an article take out of its history."""

    def __init__(self, exclusions: Exclusions = NO_EXCLUSIONS, cast: Iterable[Cast] = ()) -> None:
        self._exclusions = exclusions
        hours: dict[int, dict[str, int]] = {}
        for of_article in cast:
            for exclusion in of_article.keys() & set(exclusions.active):
                for hour, counts in of_article[exclusion].items():
                    add_counts(hours.setdefault(hour, {}), counts)
        self._hours, self._sums = sorted(hours), [dict[str, int]()]
        for hour in self._hours:
            total = dict(self._sums[-1])
            add_counts(total, hours[hour])
            self._sums.append(total)

    def add_up(self, states: Iterable[Tally], end: int) -> Tally:
        """The tally of these states of shards, which are those of the moment `end`, without the excluded votes."""
        if not self._exclusions.active:
            return add_up(states)
        total = add_up_names(states)
        epoch = total.terms.epoch
        counts = dict(counting(total.counts, epoch, self._exclusions))
        left_out = dict(self._sums[bisect_left(self._hours, end)])
        for name, number in total.counts.items():
            if name.endswith(MOVED) and exclusion_of(name) in self._exclusions.active:
                of, counted = epoch_and_counted(name)
                add_counts(left_out, {count_name(of, counted.partition(":")[0]): -number})
        for name, number in left_out.items():
            of, choice = epoch_and_counted(name)
            if of == epoch:
                counts[choice] = max(0, counts.get(choice, 0) - max(0, number))  # one of them may be a stale read
        return replace(total, counts=counts)


NOTHING_EXCLUDED = Excluded()

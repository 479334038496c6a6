"""A site's totals: what its articles gained together in a slot, in a day, in a month, and since the beginning.

They are sums of sums: the articles that were active in the slot -> the slot -> its day -> its month -> everything. Each
sum is made again from what is stored below it. It replaces the stored one only if its version, the sum of the versions
below, has grown. Totals exist for settled hours; what was gained in later hours is added up when it is read.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from chalicelib.insights.gains import Gain, add_up_gains

Level = Literal["slot", "day", "month", "all"]


@dataclass(frozen=True, slots=True)
class SiteTotal:
    """What was gained in the slot, day or month that began at `start`. At the level "all", `start` is 0.

    `through`: the end of the last slot that is counted in it.
    """

    level: Level
    start: int
    gained: Gain
    through: int


@dataclass(frozen=True, slots=True)
class Settled:
    """Which hours of a site are settled: those before `through` are, and those before `begun` may be.

    An hour is settled when its articles are in the ranked lists and in the totals. `begun` is stored before that work
    begins, and `through` after it.
    """

    through: int = 0
    begun: int = 0


def add_up_totals(level: Level, start: int, totals: Collection[SiteTotal]) -> SiteTotal:
    """The totals of slots, days or months together. There is at least one."""
    gained = add_up_gains(one.gained for one in totals)
    return SiteTotal(level, start, gained, max(one.through for one in totals))

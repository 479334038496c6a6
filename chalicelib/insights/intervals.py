"""Hours of UTC, and days, weeks and months of a time zone. Each is named by the epoch second at which it begins.

Weeks begin on Monday (ISO 8601). A day begins at midnight in its zone. If the clocks skip midnight, it begins when they
do. If they show midnight twice, it begins the first time. So a day may have 23 or 25 hours.

In some zones a day begins in the middle of an hour of UTC. Such an hour has two slots: one before midnight and one
after it. Every other hour is one slot. So each slot lies in one hour and in one day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC as UTC_ZONE
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Literal

Step = Literal["hour", "day"]
Window = Literal["hour", "day", "week", "month", "all"]

HOUR, DAY = 3600, 24 * 3600
WEEK = 7 * DAY
QUARTER = 15 * 60  # in this century, days begin and clocks change at full quarter hours of UTC
REMEMBERED = 5000
FOR_EVER = 253_402_300_800  # the year 10000: the end of the window `all`


@dataclass(frozen=True, slots=True)
class Calendar:
    """The windows and slots of a time zone, such as "Europe/Berlin"."""

    time_zone: str = "UTC"

    @property
    def zone(self) -> tzinfo:
        """The zone's rules."""
        if self.time_zone == "UTC":
            return UTC_ZONE
        from zoneinfo import ZoneInfo  # noqa: PLC0415 - a cold start for a site in UTC does not pay for it

        return ZoneInfo(self.time_zone)

    def start_of(self, window: Window, at: int) -> int:
        """When the window that contains the moment `at` begins. The window `all` begins at 0."""
        if window == "hour":
            return at - at % HOUR
        if window == "all":
            return 0
        return _start(self.time_zone, window, at - at % QUARTER)

    def end_of(self, window: Window, start: int) -> int:
        """The first second after the window that begins at `start`."""
        if window == "hour":
            return start + HOUR
        if window == "all":
            return FOR_EVER
        return _end(self.time_zone, window, start)

    def earlier(self, window: Window, start: int, ago: int) -> int:
        """Go back `ago` windows from the window that begins at `start`. Returns when that window begins."""
        for _ in range(ago):
            start = self.start_of(window, start - 1)
        return start

    def starts(self, step: Step, since: int, until: int) -> list[int]:
        """When the hours or days begin that begin at `since`, which is one of them, or later, and before `until`."""
        if step == "hour":
            return list(range(since, until, HOUR))
        found = []
        while since < until:
            found.append(since)
            since = self.end_of("day", since)
        return found

    def slot_of(self, at: int) -> int:
        """When the slot that contains the moment `at` begins."""
        return max(self.start_of("hour", at), self.start_of("day", at))

    def end_of_slot(self, start: int) -> int:
        """The first second after the slot that begins at `start`."""
        next_hour = self.start_of("hour", start) + HOUR
        midnight = self.start_of("day", next_hour - 1)
        return midnight if midnight > start else next_hour

    def a_day_before(self, at: int) -> int:
        """When the clocks showed the same time one day earlier. If that was within a slot: when this slot ended."""
        before = int((datetime.fromtimestamp(at, self.zone).replace(fold=0) - timedelta(days=1)).timestamp())
        return self.end_of_slot(self.slot_of(before - 1))


UTC = Calendar()


# One activity asks some hundred times, mostly about the same days.
@lru_cache(REMEMBERED)
def _start(time_zone: str, window: Window, at: int) -> int:
    return int(_midnight(time_zone, window, at).timestamp())


@lru_cache(REMEMBERED)
def _end(time_zone: str, window: Window, start: int) -> int:
    midnight = _midnight(time_zone, window, start)
    if window == "month":
        return int((midnight + timedelta(days=31)).replace(day=1).timestamp())
    return int((midnight + timedelta(days=1 if window == "day" else 7)).timestamp())


def _midnight(time_zone: str, window: Window, at: int) -> datetime:
    """What the clocks show when the day, week or month that contains the moment `at` begins."""
    midnight = datetime.fromtimestamp(at, Calendar(time_zone).zone).replace(hour=0, minute=0, second=0, fold=0)
    if window == "week":
        return midnight - timedelta(days=midnight.weekday())
    return midnight.replace(day=1) if window == "month" else midnight

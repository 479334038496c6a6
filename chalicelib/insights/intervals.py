"""Hours, days, weeks and months of UTC. Each is named by the epoch second at which it begins.

Weeks begin on Monday (ISO 8601).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

Step = Literal["hour", "day"]
Window = Literal["hour", "day", "week", "month", "all"]

HOUR, DAY = 3600, 24 * 3600
WEEK = 7 * DAY
FIRST_MONDAY = 4 * DAY  # 1970-01-05
FOR_EVER = 253_402_300_800  # the year 10000: the end of the window `all`


def start_of(window: Window, at: int) -> int:
    """When the window that contains the moment `at` begins. The window `all` begins at 0."""
    if window == "hour":
        return at - at % HOUR
    if window == "day":
        return at - at % DAY
    if window == "week":
        return at - (at - FIRST_MONDAY) % WEEK
    if window == "month":
        moment = datetime.fromtimestamp(at, UTC)
        return int(datetime(moment.year, moment.month, 1, tzinfo=UTC).timestamp())
    return 0


def end_of(window: Window, start: int) -> int:
    """The first second after the window that begins at `start`."""
    if window == "all":
        return FOR_EVER
    if window == "month":
        return start_of("month", start + 31 * DAY)
    return start + {"hour": HOUR, "day": DAY, "week": WEEK}[window]


def earlier(window: Window, start: int, ago: int) -> int:
    """Go back `ago` windows from the window that begins at `start`. Returns when that window begins."""
    for _ in range(ago):
        start = start_of(window, start - 1)
    return start

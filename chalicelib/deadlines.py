"""How much time a request has left, and where time comes from. Nothing here reads a clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """`now` returns epoch seconds. `monotonic` returns seconds for measuring and never goes back."""

    now: Callable[[], int]
    monotonic: Callable[[], float]


class Deadline:
    """Says whether one more attempt against the table may still start.

    `monotonic` returns seconds. `start_within_seconds` is counted from the moment this object is made. An attempt
    that starts at the last allowed moment still ends within the client's timeouts (`settings`). So the sum stays
    below the three seconds that promise P4 gives the caller.
    """

    def __init__(self, monotonic: Callable[[], float], start_within_seconds: float) -> None:
        self._monotonic = monotonic
        self._last_start = monotonic() + start_within_seconds

    def remaining_seconds(self) -> float:
        """Seconds until the last moment at which an attempt may start. Negative once that moment has passed."""
        return self._last_start - self._monotonic()

    def at_most(self, seconds: float) -> Deadline:
        """This deadline, or one in so many seconds if that is earlier."""
        return Deadline(self._monotonic, min(seconds, self.remaining_seconds()))

    def passed(self) -> bool:
        """True when no further attempt may start."""
        return self.remaining_seconds() < 0

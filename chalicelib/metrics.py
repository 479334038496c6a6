"""What a container counts between two reports: how votes ended, what the table cost, how far insights are behind.

Features count here. `telemetry` reports. Nothing in here can name a reader: a count has a name, and a refusal its code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Final, Literal

Count = Literal[
    "votes", "changes", "repeats",  # first votes; changed or retracted ones; requests that changed nothing
    "attempts", "conflicts", "unknown_outcomes",  # calls to DynamoDB, and how they went
    "projected_articles", "articles_not_projected",
    "recounted_partitions", "drifted_shards", "finished_recounts", "unfinished_recounts",
    "read_feeds", "failed_feeds",
    "finished_merges", "failed_merges", "finished_exclusions", "failed_exclusions",
]  # fmt: skip
Length = Literal["projection_lag"]
ROUTINE: Final = {"attempts"}  # every read has some, so they wait for a report that something else causes


@dataclass(frozen=True, slots=True)
class Report:
    """Counts by name, refusals by code, and the longest times in seconds."""

    counts: Mapping[Count, int]
    refusals: Mapping[str, int]
    seconds: Mapping[Length, float]


class Metrics:
    """Counts of one container. Threads may count at the same time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._begin()

    def _begin(self) -> None:
        self._counts: Counter[Count] = Counter()
        self._refusals: Counter[str] = Counter()
        self._seconds: dict[Length, float] = {}

    def count(self, name: Count, amount: int = 1) -> None:
        """Something happened, this often."""
        with self._lock:
            self._counts[name] += amount

    def refused(self, code: str) -> None:
        """A request was refused with this code."""
        with self._lock:
            self._refusals[code] += 1

    def took(self, name: Length, seconds: float) -> None:
        """Something took this long. The longest is reported."""
        with self._lock:
            self._seconds[name] = max(seconds, self._seconds.get(name, seconds))

    def take(self) -> Report | None:
        """What was counted since the last report. None if there is nothing worth a report yet."""
        with self._lock:
            if self._counts.keys() <= ROUTINE and not self._refusals and not self._seconds:
                return None
            report = Report(self._counts, self._refusals, self._seconds)
            self._begin()
            return report

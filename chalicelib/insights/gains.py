"""What was gained in some time: how much the counts of an article, or of a site's articles together, changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chalicelib.voting.tallies import Tally, add_counts


@dataclass(frozen=True, slots=True)
class Gain:
    """Changes of counts per choice. A count is negative if more votes were retracted than cast.

    `version` grows whenever anything becomes known that the gain depends on. `updated_at`: the last change, in epoch
    seconds, or None.
    """

    counts: Mapping[str, int]
    version: int
    updated_at: int | None = None

    @property
    def voters(self) -> int:
        """How many more readers have a vote than before."""
        return sum(self.counts.values())


def gain_between(after: Tally, before: Tally) -> Gain:
    """What an article gained between two of its tallies. A new epoch begins at zero, so a reset is no loss."""
    had = before.counts if before.terms.epoch == after.terms.epoch else {}
    counts = {
        choice: after.counts.get(choice, 0) - had.get(choice, 0) for choice in sorted(after.counts.keys() | had.keys())
    }
    return Gain(counts, after.version, after.updated_at)


def add_up_gains(gains: Iterable[Gain]) -> Gain:
    """The gains together. The version is the sum of the versions, so it grows when one of them does."""
    counts: dict[str, int] = {}
    version = 0
    updated_at: int | None = None
    for gain in gains:
        version += gain.version
        add_counts(counts, gain.counts)
        if gain.updated_at is not None and (updated_at is None or gain.updated_at > updated_at):
            updated_at = gain.updated_at
    return Gain(counts, version, updated_at)

"""What a tally says of an article in one number: net votes, approval, mean of stars. Pure arithmetic on counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

Z_95 = 1.959964  # the normal quantile of a two-sided 95 % interval
DIGITS = 4


@dataclass(frozen=True, slots=True)
class Score:
    """`net`: likes minus dislikes. `approval`: 0 to 1. `mean`: 1 to 5. None where the ballot has no such thing."""

    net: int | None = None
    approval: float | None = None
    mean: float | None = None


def score(kind: str, counts: Mapping[str, int]) -> Score:
    """The score of an article with this kind of ballot; approval and mean are None while nobody has voted."""
    if kind == "like":
        return Score(net=counts.get("like", 0))
    if kind == "updown":
        up, down = counts.get("up", 0), counts.get("down", 0)
        approval = round(wilson_interval(up, up + down)[0], DIGITS) if up + down else None
        return Score(net=up - down, approval=approval)
    if kind == "stars":
        voters = sum(counts.values())
        stars = sum(int(star) * count for star, count in counts.items())
        return Score(mean=round(stars / voters, DIGITS) if voters else None)
    return Score()


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % score interval of a proportion; `trials` is at least 1.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927), 209-212. Its
    lower end ranks a proportion by what can be said of it: 9 of 10 stands below 90 of 100.
    """
    share, spread = successes / trials, Z_95**2 / trials
    middle = share + spread / 2
    reach = Z_95 * sqrt(share * (1 - share) / trials + spread / (4 * trials))
    lower, upper = (middle - reach) / (1 + spread), (middle + reach) / (1 + spread)
    return max(0.0, min(share, lower)), min(1.0, max(share, upper))  # rounding may leave an end just inside

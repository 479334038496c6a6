"""What the counts of an article come to in one number: net votes, approval, or the mean of the stars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from chalicelib.publishing.ballots import FIXED_CHOICES

Z_95 = 1.959964  # the normal quantile of a two-sided 95 % interval
DIGITS = 4


@dataclass(frozen=True, slots=True)
class Score:
    """`net`: likes minus dislikes. `approval`: 0 to 1. `mean`: 1 to 5. None if the ballot has no such number."""

    net: int | None = None
    approval: float | None = None
    mean: float | None = None


def score(kind: str, counts: Mapping[str, int]) -> Score:
    """The score of an article with this kind of ballot. Approval and mean are None if nobody has voted.

    Counts may be gains, so they may be negative. A negative count lowers `net`. In approval and mean it counts as 0,
    because a share of votes that were taken back has no meaning.
    """
    if kind == "like":
        return Score(net=counts.get("like", 0))
    if kind == "updown":
        up, down = counts.get("up", 0), counts.get("down", 0)
        liked, voters = max(0, up), max(0, up) + max(0, down)
        approval = round(wilson_interval(liked, voters)[0], DIGITS) if voters else None
        return Score(net=up - down, approval=approval)
    if kind == "stars":
        voters, stars = count_stars(counts)
        return Score(mean=round(stars / voters, DIGITS) if voters else None)
    return Score()


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % score interval of a proportion. `trials` is at least 1.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927), 209-212. Its
    lower end takes the number of trials into account: 9 of 10 ranks below 90 of 100.
    """
    share, spread = successes / trials, Z_95**2 / trials
    middle = share + spread / 2
    reach = Z_95 * sqrt(share * (1 - share) / trials + spread / (4 * trials))
    lower, upper = (middle - reach) / (1 + spread), (middle + reach) / (1 + spread)
    return max(0.0, min(share, lower)), min(1.0, max(share, upper))  # rounding may have moved an end past the share


def count_stars(counts: Mapping[str, int]) -> tuple[int, int]:
    """How many voters gave stars, and how many stars they gave in all. Negative counts are taken as 0."""
    cast = {star: max(0, counts.get(star, 0)) for star in FIXED_CHOICES["stars"]}
    return sum(cast.values()), sum(int(star) * count for star, count in cast.items())

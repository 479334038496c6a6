"""What counts say of an article in one number: net votes, approval, stars, controversy, surge. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from chalicelib.publishing.ballots import FIXED_CHOICES

Z_95 = 1.959964  # the normal quantile of a two-sided 95 % interval
DIGITS = 4


@dataclass(frozen=True, slots=True)
class Score:
    """`net`: likes minus dislikes. `approval`: 0 to 1. `mean`: 1 to 5. None where the ballot has no such thing."""

    net: int | None = None
    approval: float | None = None
    mean: float | None = None


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed of an article's stars before anybody voted: a mean (1 to 5), as good as `weight` votes, of which
    there must be some: where nobody voted, it is all that there is."""

    mean: float = 3.0
    weight: float = 10.0


def score(kind: str, counts: Mapping[str, int]) -> Score:
    """The score of an article with this kind of ballot; approval and mean are None while nobody has voted.

    Counts may be gains. A choice that lost votes lowers `net`; a share of what was lost would mean nothing.
    """
    if kind == "like":
        return Score(net=counts.get("like", 0))
    if kind == "updown":
        up, down = counts.get("up", 0), counts.get("down", 0)
        liked, voters = max(0, up), max(0, up) + max(0, down)
        approval = round(wilson_interval(liked, voters)[0], DIGITS) if voters else None
        return Score(net=up - down, approval=approval)
    if kind == "stars":
        voters, stars = _stars(counts)
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


def bayesian_mean(stars: Mapping[str, int], prior: Prior) -> float:
    """The mean of stars, with the prior's votes among them.

    A single five stays below many fours. The estimate is the posterior mean of a normal likelihood with a normal prior
    for its mean, the prior counted in observations: A. Gelman et al., "Bayesian Data Analysis", 3rd ed., section 2.5.
    """
    voters, total = _stars(stars)
    return round((prior.weight * prior.mean + total) / (prior.weight + voters), DIGITS)


def _stars(counts: Mapping[str, int]) -> tuple[int, int]:
    """How many gave stars, and how many stars they gave."""
    cast = {star: max(0, counts.get(star, 0)) for star in FIXED_CHOICES["stars"]}
    return sum(cast.values()), sum(int(star) * count for star, count in cast.items())


def controversy(up: int, down: int) -> float:
    """How much a story is fought over: many votes, evenly divided. 0 when all agree.

    The votes to the power of their balance, as in Reddit's published ranking (r2/lib/db/_sorts.pyx, `controversy`).
    """
    if up <= 0 or down <= 0:
        return 0.0
    balance = min(up, down) / max(up, down)
    return round(float((up + down) ** balance), DIGITS)


def surge(gained: int, expected: float) -> float:
    """How far a gain is above what was expected, in standard deviations of a count (for a Poisson count: its root).

    One more than expected stands under the root, so that an article of which nothing was expected is ranked by what
    it gained, not by a division by nothing.
    """
    return round((gained - expected) / sqrt(expected + 1), DIGITS)

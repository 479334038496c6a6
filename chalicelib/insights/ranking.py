"""The values that leaderboards are ordered by: stars with a prior, controversy, surge. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt

from chalicelib.publishing.sites import StarPrior
from chalicelib.voting.scores import DIGITS, count_stars


def bayesian_mean(stars: Mapping[str, int], prior: StarPrior) -> float:
    """The mean of the stars together with the prior's assumed votes. So one vote of five stars ranks below many fours.

    It is the posterior mean of a normal likelihood with a normal prior for its mean, whose weight is given in
    observations: A. Gelman et al., "Bayesian Data Analysis", 3rd ed., section 2.5.
    """
    voters, total = count_stars(stars)
    return round((prior.weight * prior.mean + total) / (prior.weight + voters), DIGITS)


def controversy(up: int, down: int) -> float:
    """High if an article has many votes that are evenly divided. 0 if all voters agree.

    It is the number of votes to the power of their balance, as in Reddit's published ranking
    (r2/lib/db/_sorts.pyx, `controversy`).
    """
    if up <= 0 or down <= 0:
        return 0.0
    balance = min(up, down) / max(up, down)
    return round(float((up + down) ** balance), DIGITS)


def surge(gained: int, expected: float) -> float:
    """How far a gain is above the expected gain, in standard deviations: the square root of (expected gain + 1).

    A Poisson count deviates by its square root. The 1 avoids a division by zero: an article with an expected gain of 0
    is ranked by its gain.
    """
    return round((gained - expected) / sqrt(expected + 1), DIGITS)

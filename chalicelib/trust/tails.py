"""How surprising it is that so many of a group have the same trait. Pure mathematics."""

from __future__ import annotations

import math
from collections.abc import Sequence

NEGLIGIBLE, SMALLEST = 1e-15, 1e-300


def tail(found: int, size: int, share: float, likeness: float) -> float:
    """The probability that at least `found` of `size` people have a trait that a `share` of all people has.

    People of one network are more alike than people are: a campus, a company. So their share is not fixed, but itself
    random around `share` (the beta-binomial distribution). `likeness` says how far: with 20, as if 20 people had
    decided for the whole network. Larger numbers mean less alike.
    """
    if found <= 0:
        return 1.0
    alpha, beta = share * likeness, (1 - share) * likeness
    first = _log_choose(size, found) + _log_beta(found + alpha, size - found + beta) - _log_beta(alpha, beta)
    term, total = 1.0, 1.0  # as multiples of the first
    for number in range(found, size):
        term *= (size - number) / (number + 1) * (number + alpha) / (size - number - 1 + beta)
        total += term
        if term < total * NEGLIGIBLE:
            break
    logarithm = first + math.log(total)
    return max(SMALLEST, math.exp(min(0.0, logarithm)))


def together(chances: Sequence[float]) -> float:
    """The probability that independent tests are together at least as surprising as these (Fisher's method)."""
    half = -sum(math.log(max(one, SMALLEST)) for one in chances)
    term, total = 1.0, 1.0
    for degree in range(1, len(chances)):
        term *= half / degree
        total += term
    return max(SMALLEST, min(1.0, math.exp(-half) * total)) if half < 690 else SMALLEST


def _log_choose(size: int, number: int) -> float:
    return math.lgamma(size + 1) - math.lgamma(number + 1) - math.lgamma(size - number + 1)


def _log_beta(alpha: float, beta: float) -> float:
    return math.lgamma(alpha) + math.lgamma(beta) - math.lgamma(alpha + beta)

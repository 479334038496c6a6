"""The two formulas, compared with sums and integrals that are written down plainly."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from itertools import pairwise
from math import comb, prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.trust.tails import tail, together


def exactly(found: int, size: int, share: Fraction, likeness: int) -> Fraction:
    """The same as a sum of fractions: Pólya's urn with `share * likeness` and `(1 - share) * likeness` balls."""
    alpha, beta = share * likeness, (1 - share) * likeness

    def rising(start: Fraction, times: int) -> Fraction:
        return prod((start + step for step in range(times)), start=Fraction(1))

    ways = (comb(size, n) * rising(alpha, n) * rising(beta, size - n) for n in range(found, size + 1))
    return sum(ways, Fraction(0)) / rising(alpha + beta, size)


@given(st.integers(1, 30).flatmap(lambda size: st.tuples(st.integers(0, size), st.just(size))), st.integers(1, 19))
def test_the_tail_is_that_of_polyas_urn(found_of: tuple[int, int], percent: int) -> None:
    found, size = found_of
    share = Fraction(percent, 20)
    assert tail(found, size, float(share), 20) == pytest.approx(float(exactly(found, size, share, 20)), rel=1e-9)


@given(st.integers(1, 3000), st.floats(0.001, 0.999))
def test_more_of_a_group_is_never_less_surprising(size: int, share: float) -> None:
    numbers = sorted({0, 1, size // 3, size // 2, size})
    chances = [tail(number, size, share, 20) for number in numbers]
    assert all(0 < chance <= 1 for chance in chances)
    assert all(later <= earlier * (1 + 1e-9) for earlier, later in pairwise(chances))


def test_people_who_are_alike_surprise_less() -> None:
    assert tail(40, 50, 0.5, 5) > tail(40, 50, 0.5, 50) > tail(40, 50, 0.5, 5000)


def test_fishers_method_is_right_in_the_long_run() -> None:
    rng = random.Random(3)
    below = sum(together([rng.random() for _ in range(3)]) < 0.05 for _ in range(20_000))
    assert abs(below / 20_000 - 0.05) < 4 * math.sqrt(0.05 * 0.95 / 20_000)


def test_fishers_method_takes_the_smallest_chances() -> None:
    assert together([1.0, 1.0, 1.0]) == 1.0
    assert 0 < together([1e-300, 1e-300, 1e-300]) <= 1e-290

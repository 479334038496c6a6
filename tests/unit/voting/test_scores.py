"""Scores against published figures and their own rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.publishing.ballots import KINDS
from chalicelib.voting.scores import Score, score, wilson_interval


@pytest.mark.parametrize(
    ("successes", "trials", "lower", "upper"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval_is_that_of_newcombes_table(successes: int, trials: int, lower: float, upper: float) -> None:
    # R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998),
    # 857-872, table I, method 3.
    assert wilson_interval(successes, trials) == pytest.approx((lower, upper), abs=5e-5)


@given(st.integers(1, 10**6), st.integers(0, 10**6))
def test_the_interval_holds_the_share_and_narrows_with_more_votes(trials: int, successes: int) -> None:
    successes = min(successes, trials)
    lower, upper = wilson_interval(successes, trials)
    assert 0 <= lower <= successes / trials <= upper <= 1
    closer_lower, closer_upper = wilson_interval(successes * 10, trials * 10)
    assert closer_upper - closer_lower < upper - lower


def test_nine_of_ten_stands_below_ninety_of_a_hundred() -> None:
    few, many = score("updown", {"up": 9, "down": 1}).approval, score("updown", {"up": 90, "down": 10}).approval
    assert few is not None
    assert many is not None
    assert few < many


@pytest.mark.parametrize(
    ("kind", "counts", "expected"),
    [
        ("like", {"like": 3}, Score(net=3)),
        ("like", {}, Score(net=0)),
        ("updown", {"up": 2, "down": 5}, Score(net=-3, approval=0.0822)),
        ("updown", {"up": 0, "down": 0}, Score(net=0)),
        ("stars", {"1": 1, "2": 0, "3": 0, "4": 0, "5": 2}, Score(mean=3.6667)),
        ("stars", {}, Score()),
        ("reactions", {"joy": 3}, Score()),
    ],
)
def test_each_ballot_has_the_scores_that_make_sense_on_it(kind: str, counts: dict[str, int], expected: Score) -> None:
    assert score(kind, counts) == expected


@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(["like", "up", "down"]), st.integers(0, 10**9)))
def test_no_counts_are_too_odd(kind: str, counts: dict[str, int]) -> None:
    found = score("updown" if kind == "stars" else kind, counts)
    assert found.approval is None or 0 <= found.approval <= 1


@pytest.mark.parametrize("kind", ["updown", "stars"])
def test_gains_of_all_kinds_have_scores_in_bounds(kind: str) -> None:
    lost = {"up": -5, "down": 3, "1": -2, "5": 1}
    found = score(kind, lost)
    assert found.approval is None or 0 <= found.approval <= 1
    assert found.mean is None or 1 <= found.mean <= 5


def test_missing_choices_count_as_nobody() -> None:
    assert score("updown", {"down": 3}) == Score(net=-3, approval=0.0)
    assert score("updown", {"up": 3}) == score("updown", {"up": 3, "down": 0})
    assert score("updown", {"up": 0, "down": 3}).approval == 0.0
    assert score("like", {}) == Score(net=0)

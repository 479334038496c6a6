"""The values that leaderboards are ordered by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.insights.ranking import bayesian_mean, controversy, surge
from chalicelib.publishing.sites import StarPrior
from chalicelib.voting.scores import score


class TestStars:
    def test_one_five_stays_below_fifty_votes_of_four_and_a_half(self) -> None:
        # The example of P. Masurel, "Of Bayesian average and star ratings" (2013).
        assert bayesian_mean({"5": 1}, StarPrior()) < bayesian_mean({"4": 25, "5": 25}, StarPrior())

    @given(
        st.dictionaries(st.sampled_from("12345"), st.integers(0, 10**6)),
        st.floats(1, 5),
        st.floats(0.5, 1000),
    )
    def test_the_mean_is_the_weighted_rating_that_imdb_publishes(
        self, stars: dict[str, int], mean: float, weight: float
    ) -> None:
        # WR = v / (v + m) * R + m / (v + m) * C, as printed under IMDb's Top 250.
        votes = sum(stars.values())
        rating = sum(int(star) * count for star, count in stars.items()) / votes if votes else 0.0
        expected = votes / (votes + weight) * rating + weight / (votes + weight) * mean
        assert bayesian_mean(stars, StarPrior(mean, weight)) == pytest.approx(expected, abs=1e-4)

    def test_what_was_lost_counts_for_nothing_and_other_choices_are_no_stars(self) -> None:
        assert bayesian_mean({"5": -3, "joy": 9}, StarPrior(3.4, 20)) == 3.4
        assert score("stars", {"5": 2, "joy": 9}).mean == 5.0


class TestControversy:
    @pytest.mark.parametrize(
        ("up", "down", "expected"),
        [
            (100, 100, 200.0), (100, 50, 12.2474), (50, 100, 12.2474), (1, 1, 2.0), (1000, 10, 1.0716),
            (9, 0, 0.0), (0, 9, 0.0), (-1, 5, 0.0),
        ],
    )  # fmt: skip
    def test_many_votes_evenly_divided_are_the_most_fought_over(self, up: int, down: int, expected: float) -> None:
        # Computed by hand from Reddit's published formula: the votes to the power of their balance.
        assert controversy(up, down) == expected


class TestSurge:
    @pytest.mark.parametrize(
        ("gained", "expected", "standard_deviations"), [(10, 0, 10.0), (9, 8, 0.3333), (100, 100, 0.0), (0, 24, -4.8)]
    )
    def test_a_gain_is_measured_by_what_was_expected(
        self, gained: int, expected: float, standard_deviations: float
    ) -> None:
        assert surge(gained, expected) == standard_deviations

    def test_the_same_gain_is_more_of_a_surprise_where_less_was_expected(self) -> None:
        assert surge(30, 10) > surge(120, 100)

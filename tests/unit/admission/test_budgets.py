"""What a new voter costs, and how long it must wait. Every rule is checked against the plain definition."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.admission.budgets import HOUR, MOST_STEPS, STEPS_AT_THE_BUDGET, TAKEN_UP_TO, Use, price, room, wait
from chalicelib.publishing.sites import Budget

BUDGETS = st.integers(1, 500).flatmap(lambda free: st.integers(free, 5000).map(lambda most: Budget(free, most)))
USES = st.builds(Use, BUDGETS, st.integers(0, 6000), st.integers(0, 6000))
TIMES = st.integers(1_790_000_000, 1_790_000_000 + 3 * HOUR)


def in_the_last_hour(use: Use, at: int) -> Fraction:
    """The definition: those of this hour, and of the hour before the share that the last sixty minutes reach into."""
    return use.now + use.before * (1 - Fraction(at % HOUR, HOUR))


@given(USES, TIMES)
def test_a_new_voter_is_free_exactly_while_the_use_is_below_the_budget(use: Use, at: int) -> None:
    assert (price([use], at) == 0) == (in_the_last_hour(use, at) < use.budget.free)


@given(USES, TIMES)
def test_the_price_is_in_proportion_to_the_load_up_to_the_most_steps(use: Use, at: int) -> None:
    load = in_the_last_hour(use, at) / use.budget.free
    assume(load >= 1)
    assert price([use], at) == min(MOST_STEPS, -(-load.numerator * STEPS_AT_THE_BUDGET // load.denominator))


@given(USES, TIMES)
def test_the_room_for_nothing_ends_where_the_price_begins(use: Use, at: int) -> None:
    assert (use.now < room(use, 0, at)) == (price([use], at) == 0)


@given(USES, TIMES, st.integers(1, MOST_STEPS))
def test_a_solution_is_taken_until_the_price_has_doubled_or_the_most_is_reached(use: Use, at: int, steps: int) -> None:
    taken = price([use], at) <= TAKEN_UP_TO * steps and in_the_last_hour(use, at) < use.budget.most
    assert (use.now < room(use, steps, at)) == taken


@given(USES, TIMES)
def test_one_must_wait_exactly_from_the_most_on_and_not_a_second_too_long(use: Use, at: int) -> None:
    seconds = wait([use], at)
    assert (seconds > 0) == (in_the_last_hour(use, at) >= use.budget.most)
    for later in {at + seconds, max(at, at + seconds - 1)}:
        hours = later // HOUR - at // HOUR
        then = [use, Use(use.budget, use.now, 0), Use(use.budget, 0, 0)][hours]
        assert (wait([then], later) == 0) == (later == at + seconds)


@given(st.lists(USES, min_size=1, max_size=3), TIMES)
def test_the_busiest_network_counts(uses: list[Use], at: int) -> None:
    assert price(uses, at) == max(price([use], at) for use in uses)
    assert wait(uses, at) == max(wait([use], at) for use in uses)


@given(USES, TIMES)
def test_the_price_never_falls_when_somebody_comes(use: Use, at: int) -> None:
    assert price([Use(use.budget, use.before, use.now + 1)], at) >= price([use], at)

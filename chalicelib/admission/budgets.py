"""What a new voter costs: nothing while its networks are within their budgets, then work, at a rising price.

A network's use is the number of new voters in the last sixty minutes: those of this clock hour, and of the hour before
the share that the sixty minutes still reach into. Its load is its use, divided by its budget. The highest load of an
address's networks counts.

    load      below 1        1 or more                      use at `most`
              free           a challenge of                 wait (`Retry-After`)
                             at most load * 200 steps

Budgets are per hour and site. Times are epoch seconds. docs/limits.md says the same to publishers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.publishing.sites import Budget

HOUR = 3600
STEPS_AT_THE_BUDGET = 200  # half of them are needed on average
MOST_STEPS = 20_000  # a slow phone must be done before the challenge ends
# The price may rise while a reader solves a challenge. A solution is taken until the price has doubled. So nobody saves
# more than half the price by collecting challenges while they are cheap.
TAKEN_UP_TO = 2


@dataclass(frozen=True, slots=True)
class Use:
    """How many new voters a network had: in the clock hour before this one, and in this one so far.

    All sums are in voters times seconds, so that they are whole numbers.
    """

    budget: Budget
    before: int
    now: int

    def remembered(self, at: int) -> int:
        """What of the clock hour before is in the last sixty minutes."""
        return self.before * (HOUR - at % HOUR)

    def total(self, at: int) -> int:
        """What is in the last sixty minutes."""
        return self.remembered(at) + self.now * HOUR


def price(uses: Iterable[Use], at: int) -> int:
    """The most steps that a new voter's challenge takes. 0: a new voter is free."""
    return max(_price(use, at) for use in uses)


def _price(use: Use, at: int) -> int:
    total, free = use.total(at), use.budget.free * HOUR
    return 0 if total < free else min(MOST_STEPS, _rounded_up(total * STEPS_AT_THE_BUDGET, free))


def wait(uses: Iterable[Use], at: int) -> int:
    """After how many seconds a new voter can be taken, if nobody else comes. 0: at once, free or for its price."""
    return max(_wait(use, at) for use in uses)


def _wait(use: Use, at: int) -> int:
    too_much = use.total(at) - use.budget.most * HOUR
    if too_much < 0:
        return 0
    if use.now < use.budget.most:  # enough of the hour before is forgotten within this hour
        return too_much // use.before + 1
    return HOUR - at % HOUR + (use.now - use.budget.most) * HOUR // use.now + 1


def room(use: Use, steps: int, at: int) -> int:
    """A new voter is taken while `now` is below this number.

    `steps`: how many steps the challenge had that the reader solved. 0: the reader solved none.
    """
    remembered = use.remembered(at)
    free = _rounded_up(use.budget.free * HOUR - remembered, HOUR)
    if steps == 0:
        return free
    most = _rounded_up(use.budget.most * HOUR - remembered, HOUR)
    if TAKEN_UP_TO * steps >= MOST_STEPS:
        return most
    paid_for = TAKEN_UP_TO * steps * use.budget.free * HOUR // STEPS_AT_THE_BUDGET
    return max(free, min((paid_for - remembered) // HOUR + 1, most))


def _rounded_up(dividend: int, divisor: int) -> int:
    return -(-dividend // divisor)

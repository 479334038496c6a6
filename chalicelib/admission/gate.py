"""What stands before a new voter: it is free, it costs work, or it must wait.

networks of the address -> their use in the last hour -> wait | challenge | count in the store
                                 ^                                            |
                                 +------- a network filled up meanwhile ------+
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.admission.budgets import HOUR, Use, price, room, wait
from chalicelib.admission.challenges import (
    LIFETIME_SECONDS,
    Solution,
    Validity,
    check_solution,
    make_challenge,
    spent,
)
from chalicelib.admission.networks import mark, networks_of
from chalicelib.admission.ports import Counted, NetworkStore, Spent
from chalicelib.admission.salts import Salts
from chalicelib.deadlines import Deadline
from chalicelib.errors import TooManyNewVoters, WorkNeeded
from chalicelib.publishing.sites import Budget, Site


class Challenged(WorkNeeded):
    """The refusal that brings a challenge, in altcha's format."""

    def __init__(self, challenge: dict[str, Any]) -> None:
        super().__init__("Many new voters came from this network. Solve the challenge and send its solution.")
        self.challenge = challenge


@dataclass(frozen=True, slots=True)
class NewVoter:
    """Who wants to become a voter. `address`: as the gateway or the edge gave it. `solution`: of a challenge, or None.

    `at`: when the request came in, in epoch seconds.
    """

    site: Site
    address: str | None
    solution: Solution | None
    at: int


@dataclass(frozen=True, slots=True)
class _Place:
    """A network as the store knows it: its marks in the hour before and in this hour, and its budget."""

    before: str
    now: str
    budget: Budget


class Gate:
    """Admits new voters. `random_below(n)`: a random number from 0 to n - 1."""

    def __init__(self, store: NetworkStore, salts: Salts, random_below: Callable[[int], int]) -> None:
        self._store = store
        self._salts = salts
        self._random_below = random_below

    def admit(self, voter: NewVoter, pepper: bytes, deadline: Deadline) -> None:
        """Count a new voter. Raises `Challenged`, `TooManyNewVoters` or `SolutionRefused`.

        A refusal counts nothing, and uses no solution up.
        """
        at, hour, places = voter.at, voter.at // HOUR, self._places(voter, deadline)
        steps, used_up = 0, None
        if voter.solution is not None:
            widest = {places[-1].now, places[-1].before}  # the challenge may be from before midnight
            solved = check_solution(pepper, voter.solution, voter.site.id, widest, at)
            steps, used_up = solved.validity.steps, Spent(solved.id, solved.validity.expires_at)
        while True:
            uses = self._uses(places, hour, deadline)
            if seconds := wait(uses, at):
                raise TooManyNewVoters("Very many new voters came from this network. Please wait.", seconds)
            rooms = [room(use, steps, at) for use in uses]
            if any(use.now >= most for use, most in zip(uses, rooms, strict=True)):
                validity = Validity(voter.site.id, places[-1].now, price(uses, at), at + LIFETIME_SECONDS)
                raise Challenged(make_challenge(pepper, validity, self._random_below(validity.steps)))
            counted = [Counted(place.now, hour, most) for place, most in zip(places, rooms, strict=True)]
            admitted = self._store.admit(counted, used_up, deadline)
            if admitted == "admitted":
                return
            if admitted == "spent":
                raise spent()

    def _places(self, voter: NewVoter, deadline: Deadline) -> list[_Place]:
        site, budget = voter.site.id, voter.site.new_voters
        now, before = (self._salts.at(at, deadline) for at in (voter.at, voter.at - HOUR))
        return [
            _Place(mark(before, site, network), mark(now, site, network), budget.times(network.share))
            for network in networks_of(voter.address)
        ]

    def _uses(self, places: Sequence[_Place], hour: int, deadline: Deadline) -> list[Use]:
        keys = [(place.before, hour - 1) for place in places] + [(place.now, hour) for place in places]
        counts = self._store.new_voters(keys, deadline)
        pairs = zip(places, counts[: len(places)], counts[len(places) :], strict=True)
        return [Use(place.budget, before, now) for place, before, now in pairs]

"""What admission needs from outside: a store of salts, of new voters per network, and of used solutions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from chalicelib.deadlines import Deadline

# Whether a new voter was counted. If not: the solution was used before, or a network had too many new voters meanwhile.
Admitted = Literal["admitted", "spent", "full"]


@dataclass(frozen=True, slots=True)
class Counted:
    """A network that gets a new voter in this hour. It must have had fewer than `below` in this hour so far.

    `mark`: the network's mark. `hour`: epoch hours.
    """

    mark: str
    hour: int
    below: int


@dataclass(frozen=True, slots=True)
class Spent:
    """A solution that is used up. `id`: the challenge's. `until`: when the challenge ends, in epoch seconds."""

    id: str
    until: int


class NetworkStore(Protocol):
    """Every method raises `Unavailable` if there is no answer by the deadline."""

    def salt(self, day: int, fresh: bytes, deadline: Deadline) -> bytes:
        """The salt of a day (in epoch days). The first to ask stores its own."""
        ...

    def forget_salts(self, before_day: int, deadline: Deadline) -> int:
        """Delete the salts of all days before this one. Returns how many there were."""
        ...

    def new_voters(self, networks: Sequence[tuple[str, int]], deadline: Deadline) -> list[int]:
        """How many new voters each of these marks had in this epoch hour."""
        ...

    def admit(self, networks: Sequence[Counted], spent: Spent | None, deadline: Deadline) -> Admitted:
        """Count a new voter in all these networks and use up the solution; all of it or nothing."""
        ...

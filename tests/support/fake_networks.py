"""The store of salts, new voters and used solutions in memory."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence

from chalicelib.admission.gate import Gate
from chalicelib.admission.ports import Admitted, Counted, Spent
from chalicelib.admission.salts import Salts
from chalicelib.deadlines import Deadline


class MemoryNetworks:
    """Implements `admission.ports.NetworkStore`. One lock, so that every call is one transaction."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._salts: dict[int, bytes] = {}
        self._uses: Counter[tuple[str, int]] = Counter()
        self._spent: set[str] = set()

    def salt(self, day: int, fresh: bytes, deadline: Deadline) -> bytes:
        with self._lock:
            return self._salts.setdefault(day, fresh)

    def forget_salts(self, before_day: int, deadline: Deadline) -> int:
        with self._lock:
            old = [day for day in self._salts if day < before_day]
            for day in old:
                del self._salts[day]
            return len(old)

    def new_voters(self, networks: Sequence[tuple[str, int]], deadline: Deadline) -> list[int]:
        with self._lock:
            return [self._uses[one] for one in networks]

    def admit(self, networks: Sequence[Counted], spent: Spent | None, deadline: Deadline) -> Admitted:
        with self._lock:
            if spent is not None and spent.id in self._spent:
                return "spent"
            if any(self._uses[one.mark, one.hour] >= one.below for one in networks):
                return "full"
            self._uses.update((one.mark, one.hour) for one in networks)
            if spent is not None:
                self._spent.add(spent.id)
            return "admitted"


def a_gate_and_its_salts() -> tuple[Gate, Salts]:
    """A gate whose salts are fixed, and whose challenges are solved at the first try."""
    store = MemoryNetworks()
    salts = Salts(store, lambda: b"a salt for tests")
    return Gate(store, salts, lambda below: 0), salts

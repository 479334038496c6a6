"""Solving the challenges that new voters get, as a script would: with the library that the service makes them with."""

from __future__ import annotations

import base64
import json
from typing import Any

import altcha


def solved(challenge: dict[str, Any]) -> dict[str, Any]:
    """A challenge and its solution, before they are encoded."""
    found = altcha.solve_challenge(altcha.Challenge.from_dict(challenge))
    assert found is not None
    return {"challenge": challenge, "solution": {"counter": found.counter, "derivedKey": found.derived_key}}


def encoded(payload: Any) -> str:
    """The text that a solver sends as `solution`."""
    return base64.b64encode(json.dumps(payload).encode()).decode()


def solve(challenge: dict[str, Any]) -> str:
    """The `solution` of a challenge."""
    return encoded(solved(challenge))

"""How far an exclusion may have come, and how long a rule may be: what requests are checked with."""

from __future__ import annotations

from typing import Literal

State = Literal["applying", "active", "restoring", "restored"]
HOUR, MOST_HOURS = 3600, 7 * 24  # how many votes were cast in which hour, and for what, is one item

"""A site's totals: what its articles gained, together, in an hour, a day, and since the beginning.

They are sums of sums: articles -> the parts of an hour -> the hour's day -> everything. Each is added up anew from what
is stored below it and replaces what is stored only when its version, the sum of the versions below, has grown.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from chalicelib.domain.tallies import Tally

HOUR_PARTS = 16
Level = Literal["hour", "day", "all"]


@dataclass(frozen=True, slots=True)
class SiteTotal:
    """What was gained in the hour or day that began at `start`. `part`: of an hour, which articles; else 0."""

    level: Level
    start: int
    part: int
    gained: Tally


def hour_part(article: str) -> int:
    """In which part of its site's hours an article is counted."""
    return hashlib.blake2b(article.encode(), digest_size=2).digest()[0] % HOUR_PARTS

"""A site's totals: what its articles gained, together, in an hour, a day, and since the beginning.

They are sums of sums: articles -> the parts of an hour -> the hour -> its day -> everything. Each is added up anew from
what is stored below it and replaces what is stored only when its version, the sum of the versions below, has grown.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from chalicelib.voting.tallies import Tally

HOUR_PARTS = 16
Level = Literal["part", "hour", "day", "all"]


@dataclass(frozen=True, slots=True)
class SiteTotal:
    """What was gained in the hour or day that began at `start`. `part`: of an hour's parts, which one."""

    level: Level
    start: int
    gained: Tally
    part: int = 0


def hour_part(article: str) -> int:
    """In which part of its site's hours an article is counted."""
    return hashlib.blake2b(article.encode(), digest_size=2).digest()[0] % HOUR_PARTS

"""A site's totals: what its articles gained together in an hour, in a day, and since the beginning.

They are sums of sums: articles -> parts of an hour -> the hour -> its day -> everything. Each sum is made again from
the stored sums below it. It replaces the stored one only if its version, the sum of the versions below, has grown.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from chalicelib.insights.gains import Gain

HOUR_PARTS = 16
Level = Literal["part", "hour", "day", "all"]


@dataclass(frozen=True, slots=True)
class SiteTotal:
    """What was gained in the hour or day that began at `start`. `part`: the number of the part, at the level "part"."""

    level: Level
    start: int
    gained: Gain
    part: int = 0


def hour_part(article: str) -> int:
    """The part of its site's hours that counts this article: 0 to 15."""
    return hashlib.blake2b(article.encode(), digest_size=2).digest()[0] % HOUR_PARTS

"""What a request demands of the stored version of something: `If-Match` and `If-None-Match` (RFC 9110, section 13.1).

Each change of a vote, a site or an article gives it the next version. So a request that was delayed, or that was made
on an older state, is refused. Pure: `http.preconditions` reads the headers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

ANY: Final = "*"


@dataclass(frozen=True, slots=True)
class Precondition:
    """What a request demands of the stored version. None: no demand. `ANY`: that something is stored.

    `match` holds if the version is in it, `none_match` if the version is not in it. What is not stored has version 0,
    so `match={0}` means the same as `none_match=ANY`.
    """

    match: frozenset[int] | Literal["*"] | None = None
    none_match: frozenset[int] | Literal["*"] | None = None

    def failing_field(self, version: int) -> str | None:
        """The header that does not hold at this version. None if both hold."""
        if self.match is not None and not _covers(self.match, version):
            return "If-Match"
        if self.none_match is not None and _covers(self.none_match, version):
            return "If-None-Match"
        return None


def _covers(versions: frozenset[int] | Literal["*"], version: int) -> bool:
    return version > 0 if versions == ANY else version in versions


NO_PRECONDITION: Final = Precondition()

"""Where a vote came from, as the vote keeps it: marks of its networks on that day, and how old its token was.

A mark is bound to the article: votes on one article from one network share it, so a burst is visible. On another
article the same network has another mark, so nothing links a reader's articles (promise P7). As with all marks, nobody
can find the network once the day's salt is deleted (`networks`).
"""

from __future__ import annotations

import hmac
from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal

from chalicelib.admission.networks import IPV6_PREFIXES, networks_of

MARK_BYTES = 6  # on an article with a million votes, two networks share a mark in one of 500 cases
TokenAge = Literal["minute", "hour", "day", "older"]
TOKEN_AGES: tuple[TokenAge, ...] = ("minute", "hour", "day", "older")
MOST_NETWORKS = len(IPV6_PREFIXES)
AGE_ENDS_SECONDS = (60, 3600, 24 * 3600)


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a vote keeps. `token_age`: how old its token was, at the most. `marks`: of its networks, the widest last."""

    token_age: TokenAge
    marks: tuple[bytes, ...]


def provenance_of(salt: bytes, site: str, article: str, address: str | None, token_seconds: int) -> bytes:
    """The provenance of a vote on this article as it is stored. `token_seconds`: the age of its token."""
    age = bisect_right(AGE_ENDS_SECONDS, token_seconds)
    texts = [f"vote\n{site}\n{article}\n{network.text}" for network in networks_of(address)]
    marks = (hmac.digest(salt, text.encode(), "sha256")[:MARK_BYTES] for text in texts)
    return bytes([age]) + b"".join(marks)


def read_provenance(stored: bytes) -> Provenance | None:
    """The provenance that a vote keeps. None if it keeps none: it is from before it was kept, or has no choice."""
    networks, rest = divmod(len(stored) - 1, MARK_BYTES)
    if not stored or rest or not 1 <= networks <= MOST_NETWORKS or stored[0] >= len(TOKEN_AGES):
        return None  # written by another version, which knows more
    marks = tuple(stored[start : start + MARK_BYTES] for start in range(1, len(stored), MARK_BYTES))
    return Provenance(TOKEN_AGES[stored[0]], marks)

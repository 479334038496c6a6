"""The edge: a CDN before the API that says which address a request came from.

API Gateway sees the address of whoever connects to it. Behind a CDN that is the CDN, for all readers. So the CDN may
send the reader's address in a header, together with a secret. Without the secret anybody could make up an address.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.deadlines import Deadline

SECRET_HEADER = "X-Edge-Secret"  # noqa: S105 - a name


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Edge:
    """`address_header`: where the edge writes the reader's address. `secrets`: the ones that are accepted now.

    There are two of them while the secret is changed.
    """

    address_header: str
    secrets: Callable[[Deadline], tuple[str, ...]]

    def knows(self, secret: str, deadline: Deadline) -> bool:
        """True if this is one of the secrets. The time that this takes says nothing about them."""
        same = [hmac.compare_digest(secret.encode(), one.encode()) for one in self.secrets(deadline)]
        return any(same)

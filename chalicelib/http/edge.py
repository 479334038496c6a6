"""The edge: a CDN before the API that says which address a request came from.

API Gateway sees the address of whoever connects to it. Behind a CDN that is the CDN, for all readers. So the CDN may
send the reader's address in a header, together with a secret. Without the secret anybody could make up an address.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

SECRET_HEADER = "X-Edge-Secret"  # noqa: S105 - a name


@dataclass(frozen=True, slots=True, repr=False)
class Edge:
    """`address_header`: where the edge writes the reader's address. `secrets`: those that it may show.

    There are two of them while the secret is changed.
    """

    address_header: str
    secrets: tuple[str, ...]

    def knows(self, secret: str) -> bool:
        """True if this is one of the secrets. The time that this takes says nothing about them."""
        shown = secret.encode("utf-8", "surrogatepass")
        same = [hmac.compare_digest(shown, one.encode()) for one in self.secrets]
        return any(same)

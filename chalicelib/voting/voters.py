"""Voters: random ids in signed tokens. Nobody knows which person a voter is.

Only the reader's browser has the token. The table has voter keys: an HMAC over site, article and voter id. So one
reader has unrelated voter keys on two articles (promise P7), and the holder of the token can still compute them all.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from chalicelib.publishing.articles import ArticleRef

VOTE_PARTITIONS = 16


def voter_key(pepper: bytes, ref: ArticleRef, voter_id: str) -> str:
    """The name under which the table stores this voter's vote on this article: 32 characters, 192 bits."""
    message = f"{ref.site}\n{ref.article}\n{voter_id}".encode()
    return base64.urlsafe_b64encode(hmac.digest(pepper, message, "sha256")[:24]).decode()


def vote_partition(key: str) -> int:
    """The number of the vote partition for this voter key: 0 to 15, evenly spread."""
    return hashlib.blake2b(key.encode(), digest_size=1).digest()[0] % VOTE_PARTITIONS


def shard_for(key: str, pages: int) -> int:
    """The tally shard on which a new vote counts if the article has this many pages of shards."""
    page = hashlib.blake2b(key.encode(), digest_size=2).digest()[1] % pages
    return page * VOTE_PARTITIONS + vote_partition(key)

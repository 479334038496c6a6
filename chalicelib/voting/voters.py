"""Voters: random ids in signed tokens. Nobody knows which person a voter is.

Only the reader's browser has the token. The table has voter keys: an HMAC over site, article and voter id. So one
reader has unrelated voter keys on two articles (promise P7), and the holder of the token can still compute them all.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

from chalicelib.publishing.articles import ArticleRef
from chalicelib.voting.seals import open_seal, seal
from chalicelib.voting.votes import REMOVED, Vote

VOTE_PARTITIONS = 16


def voter_key(pepper: bytes, ref: ArticleRef, voter_id: str) -> str:
    """The name under which the table stores this voter's vote on this article: 32 characters, 192 bits."""
    message = f"{ref.site}\n{ref.article}\n{voter_id}".encode()
    return base64.urlsafe_b64encode(hmac.digest(pepper, message, "sha256")[:24]).decode()


@dataclass(frozen=True, slots=True)
class VoterKeys:
    """A voter's keys on any article: what the pepper and the voter id make."""

    pepper: bytes
    voter_id: str

    def on(self, ref: ArticleRef) -> str:
        """The voter key on this article."""
        return voter_key(self.pepper, ref, self.voter_id)

    def seal(self, key: str, at: int) -> bytes:
        """The seal of a vote under this voter key. `at`: the epoch second of its wish."""
        return seal(self.pepper, key, self.voter_id, at)

    def wished_at(self, key: str, vote: Vote) -> int:
        """The epoch second of the last wish for a vote under this voter key. 0 if that is not known, or not valid."""
        if vote.changed_at == REMOVED:
            return 0
        opened = open_seal(self.pepper, key, vote.seal)
        return opened[1] if opened is not None else vote.changed_at or 0


def vote_partition(key: str) -> int:
    """The number of the vote partition for this voter key: 0 to 15, evenly spread."""
    return hashlib.blake2b(key.encode(), digest_size=1).digest()[0] % VOTE_PARTITIONS


def shard_for(key: str, pages: int) -> int:
    """The tally shard on which a new vote counts if the article has this many pages of shards."""
    page = hashlib.blake2b(key.encode(), digest_size=2).digest()[1] % pages
    return page * VOTE_PARTITIONS + vote_partition(key)

"""Seals: how a merge of two articles finds out that two votes are one reader's.

A vote's voter key does not say who the reader is, so from the votes on two articles nobody can tell which ones belong
together (promise P7). A merge must. So each vote has a seal: the voter id and the second of the last wish, encrypted
with the pepper. Only who has the table and the pepper can open seals; the table alone says no more than before.

The scheme is SIV (RFC 5297), with BLAKE2b as the keyed hash: the IV is a keyed hash of the voter key and of what is
sealed, and the key stream is a keyed hash of the IV. So no random number is needed, two seals of one reader on two
articles have nothing in common, and a seal that was made for another vote, or changed, does not open.
"""

from __future__ import annotations

import hashlib
import hmac

IV_BYTES, TIME_BYTES = 12, 5
LONGEST_VOTER_ID = 64 - TIME_BYTES  # one BLAKE2b hash is the whole key stream


def seal(pepper: bytes, voter_key: str, voter_id: str, at: int) -> bytes:
    """The seal of this voter's vote under this voter key. `at`: the epoch second of the wish."""
    sealed = at.to_bytes(TIME_BYTES, "big") + voter_id.encode()
    iv = _iv(pepper, voter_key, sealed)
    return iv + _encrypted(pepper, iv, sealed)


def open_seal(pepper: bytes, voter_key: str, found: bytes) -> tuple[str, int] | None:
    """The voter id and the second in a seal. None if it was not made for this voter key with this pepper."""
    iv, encrypted = found[:IV_BYTES], found[IV_BYTES:]
    if len(encrypted) <= TIME_BYTES:
        return None
    sealed = _encrypted(pepper, iv, encrypted)
    if not hmac.compare_digest(iv, _iv(pepper, voter_key, sealed)):
        return None
    return sealed[TIME_BYTES:].decode(), int.from_bytes(sealed[:TIME_BYTES], "big")


def _iv(pepper: bytes, voter_key: str, sealed: bytes) -> bytes:
    key = hashlib.blake2b(pepper, person=b"seal iv").digest()
    return hashlib.blake2b(voter_key.encode() + b"\n" + sealed, key=key, digest_size=IV_BYTES).digest()


def _encrypted(pepper: bytes, iv: bytes, text: bytes) -> bytes:
    """The text XORed with the key stream of this IV: doing it twice gives the text back."""
    key = hashlib.blake2b(pepper, person=b"seal stream").digest()
    stream = hashlib.blake2b(iv, key=key).digest()
    return bytes(one ^ other for one, other in zip(text, stream[: len(text)], strict=True))

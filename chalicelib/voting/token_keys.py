"""The ring of keys that sign voter tokens: which one signs, which ones are accepted, and when one may be dropped.

The ring is one secret, a JSON text. `voting.keyring` reads it, and `ops token-key` changes it.

    rotate        wait until every container has read it     400 days later
    new key ----- the new key signs ------------------------ the old key may be retired

Times are epoch seconds.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace

from chalicelib.errors import InvalidValue

TOKEN_LIFETIME_SECONDS = 400 * 24 * 3600
READ_AGAIN_SECONDS = 900  # a container reads the ring again after this time
SHORTEST_SECRET = 32  # characters: HS256 wants at least as many bits as it gives
SPREAD_SECONDS = 2 * READ_AGAIN_SECONDS  # after this time every container knows a new key, even if one read failed


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A key and its name in the header of a token (`kid`). It signs from `signs_from` on, until a newer key does.

    `revoked_at`: since then its tokens are not accepted. They can only be renewed, by a reader who voted before.
    """

    kid: str
    secret: str
    signs_from: int = 0
    revoked_at: int | None = None


@dataclass(frozen=True, slots=True)
class Ring:
    """The keys, oldest first, and the names of keys that were retired."""

    keys: tuple[TokenKey, ...] = ()
    retired: tuple[str, ...] = ()

    def named(self, kid: str) -> TokenKey | None:
        """The key of this name."""
        return next((key for key in self.keys if key.kid == kid), None)

    def signing_key(self, now: int) -> TokenKey | None:
        """The key that signs: of those whose time has come, the newest one that is not revoked."""
        signing = [key for key in self.keys if key.signs_from <= now and key.revoked_at is None]
        return signing[-1] if signing else None


def make_token_key(secret: str, signs_from: int = 0) -> TokenKey:
    """The key and its name. The name is a fingerprint of the key, so nobody has to think of names."""
    return TokenKey(hashlib.sha256(secret.encode()).hexdigest()[:12], secret, signs_from)


def parse_ring(text: str) -> Ring:
    """The ring in a secret. A ring has at least one key. Raises `InvalidValue` if the text is not a ring."""
    try:
        value = json.loads(text)
        ring = Ring(tuple(TokenKey(**key) for key in value["keys"]), tuple(value["retired"]))
        if not ring.keys or not all(_is_sound(key) for key in ring.keys):
            raise ValueError
    except (ValueError, TypeError, KeyError):
        raise InvalidValue("The secret of the token keys is not a ring. See `ops token-key`.") from None
    return ring


def _is_sound(key: TokenKey) -> bool:
    """A ring may have been changed by hand."""
    if not isinstance(key.secret, str) or len(key.secret) < SHORTEST_SECRET:
        return False
    times = (key.signs_from, 0 if key.revoked_at is None else key.revoked_at)
    return key.kid == make_token_key(key.secret).kid and all(type(at) is int for at in times)


def ring_text(ring: Ring) -> str:
    """The text of the secret."""
    return json.dumps({"keys": [asdict(key) for key in ring.keys], "retired": ring.retired})


def rotate(ring: Ring, secret: str, now: int, *, at_once: bool = False) -> Ring:
    """The ring with a new key. It signs when every container knows it; the first key, or `at_once`, from now on."""
    first = ring.signing_key(now) is None
    signs_from = now if first or at_once else now + SPREAD_SECONDS
    return replace(ring, keys=(*ring.keys, make_token_key(secret, signs_from)))


def retirable_at(ring: Ring, kid: str, now: int) -> int | None:
    """From when on no valid token of this key exists. None: never, because no newer key signs."""
    key = _known(ring, kid)
    newer = ring.keys[ring.keys.index(key) + 1 :]
    ends = [one.signs_from for one in newer if one.revoked_at is None and one.signs_from <= now]
    if key.revoked_at is not None:
        ends.append(key.revoked_at)
    return min(ends) + SPREAD_SECONDS + TOKEN_LIFETIME_SECONDS if ends else None


def retire(ring: Ring, kid: str, now: int, *, forced: bool = False) -> Ring:
    """The ring without this key. Raises `InvalidValue` if its tokens may still be valid and this is not `forced`."""
    key, safe_at = _known(ring, kid), retirable_at(ring, kid, now)
    left = replace(ring, keys=tuple(one for one in ring.keys if one != key), retired=(*ring.retired, kid))
    if left.signing_key(now) is None:
        raise InvalidValue("No other key signs now. Rotate first.")
    if not forced and (safe_at is None or now < safe_at):
        raise InvalidValue("Tokens of this key may still be valid. Their readers would become new voters.")
    return left


def revoke(ring: Ring, kid: str, secret: str, now: int) -> Ring:
    """The ring in which this key's tokens are not accepted any more. `secret`: of a new key, if no other one signs."""
    key = _known(ring, kid)
    if key.revoked_at is not None:
        raise InvalidValue("This key is revoked already.")
    keys = tuple(replace(one, revoked_at=now) if one == key else one for one in ring.keys)
    revoked = replace(ring, keys=keys)
    return revoked if revoked.signing_key(now) else rotate(revoked, secret, now, at_once=True)


def _known(ring: Ring, kid: str) -> TokenKey:
    key = ring.named(kid)
    if key is None:
        raise InvalidValue(f"There is no key {kid} in the ring. See `ops token-key list`.")
    return key

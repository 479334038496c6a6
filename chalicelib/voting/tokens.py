"""Voter tokens: JSON Web Tokens with a voter's random id (RFC 7519). Only the reader's browser keeps its token."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass

import jwt
from jwt.types import Options

from chalicelib.errors import InvalidToken
from chalicelib.voting.token_keys import TOKEN_LIFETIME_SECONDS, TokenKey

ALGORITHM = "HS256"
CLOCK_SKEW_SECONDS = 60

# Each token has only one valid text. It has no padding. Four different last characters decode to the same signature,
# and PyJWT accepts only the one whose unused bits are zero (a test flips every bit).
TOKEN = re.compile(r"[A-Za-z0-9_-]{1,256}\.[A-Za-z0-9_-]{1,512}\.[A-Za-z0-9_-]{43}", re.ASCII)
VOTER_ID = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)


@dataclass(frozen=True, slots=True)
class VoterToken:
    """A signed token, and the epoch second at which it expires."""

    token: str
    expires_at: int


def issue_token(voter_id: str, site: str, key: TokenKey, now: int) -> VoterToken:
    """A token for one voter on one site (RFC 7519: the audience is the site)."""
    expires_at = now + TOKEN_LIFETIME_SECONDS
    claims = {"sub": voter_id, "aud": site, "iat": now, "exp": expires_at}
    token = jwt.encode(claims, key.secret, algorithm=ALGORITHM, headers={"kid": key.kid})
    return VoterToken(token, expires_at)


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """What a good token says, and when the key that signed it was revoked (None: it is not).

    `issued_at`: when the token was issued, in epoch seconds.
    """

    voter_id: str
    issued_at: int
    revoked_at: int | None


def read_token(token: str, site: str, key_named: Callable[[str], TokenKey | None], now: int) -> VerifiedToken:
    """What a token says. One of our keys must have signed it for this site, and it must be valid at `now`.

    Raises `InvalidToken`. Its detail tells a developer which check failed, and tells a forger nothing useful.
    """
    if not TOKEN.fullmatch(token):
        raise _invalid("is not a voter token")
    try:
        kid = _named_key(token)
        key = None if kid is None else key_named(kid)
        if key is None:
            raise _invalid("is signed with a key that is not in use")
        claims = jwt.decode(token, key.secret, algorithms=[ALGORITHM], audience=site, options=_CHECKS)
    except jwt.InvalidAudienceError:
        raise _invalid("belongs to another site") from None
    except jwt.InvalidTokenError:
        raise _invalid("does not verify") from None
    issued_at, expires_at, voter_id = claims["iat"], claims["exp"], claims["sub"]
    if not isinstance(issued_at, int) or not isinstance(expires_at, int) or not VOTER_ID.fullmatch(voter_id):
        raise _invalid("does not say what a voter token says")
    if issued_at > now + CLOCK_SKEW_SECONDS:
        raise _invalid("was issued in the future")
    if expires_at <= now:
        raise _invalid("has expired")
    return VerifiedToken(str(voter_id), issued_at, key.revoked_at)


def _named_key(token: str) -> str | None:
    """The `kid` in the token's header. It is not verified yet: it only says which key verifies the token."""
    header = token.partition(".")[0]
    try:
        named = json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))
    except ValueError:
        return None
    kid = named.get("kid") if isinstance(named, dict) else None
    return kid if isinstance(kid, str) else None


# The times are checked above, against the given `now`. The library would read the clock.
_CHECKS: Options = {
    "require": ["sub", "aud", "iat", "exp"],
    "strict_aud": True,
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}


def revoked() -> InvalidToken:
    """The refusal of a token whose key was revoked, except for its renewal."""
    return InvalidToken(
        "The key that signed this voter token was revoked. POST /v1/sites/<site>/voters/renew makes a new one for a "
        "voter who voted before that.", field="Authorization",
    )  # fmt: skip


def _invalid(what: str) -> InvalidToken:
    return InvalidToken(f"The voter token {what}. POST /v1/sites/<site>/voters makes a new one.", field="Authorization")

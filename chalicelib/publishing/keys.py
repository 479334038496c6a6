"""Keys: with one, a publisher's tools read a site's insights, write its articles, or change the site itself.

Only a hash of the key is stored. A key is 256 random bits, so nobody can guess it, and a fast hash without a salt is
enough.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Literal, get_args

from chalicelib.errors import InvalidKey, InvalidValue

Scope = Literal["read", "write", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)  # each scope may do what those before it may do

PREFIX = "avk_"
KEY = re.compile(r"avk_[A-Za-z0-9_-]{43}", re.ASCII)
KEY_ID = re.compile(r"[0-9a-f]{12}", re.ASCII)
LABEL = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]{1,64}")
ID_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Key:
    """What is stored of an issued key.

    `issued_at`: epoch second. `used_on`: the epoch second at which the last day of UTC began on which the key was used;
    None if it never was.
    """

    site: str
    hash: str
    label: str
    scope: Scope
    issued_at: int
    used_on: int | None = None

    @property
    def id(self) -> str:
        """The name of the key in lists: the beginning of its hash."""
        return self.hash[:ID_LENGTH]

    def may(self, scope: Scope) -> bool:
        """True if the key may do what this scope may do."""
        return SCOPES.index(self.scope) >= SCOPES.index(scope)


def make_key(random_text: str) -> str:
    """The key with these 43 random characters of base64url."""
    return PREFIX + random_text


def hash_key(raw: str) -> str:
    """The hash under which a key is stored. Raises `InvalidKey` if the text does not have the form of a key."""
    if not KEY.fullmatch(raw):
        raise InvalidKey("A key begins with avk_ and has 47 characters.", field="Authorization")
    return hashlib.sha256(raw.encode()).hexdigest()


def parse_label(raw: str) -> str:
    """What a key is for, in 1 to 64 characters. Raises `InvalidValue`."""
    if not LABEL.fullmatch(raw) or not raw.strip():
        raise InvalidValue("label must be 1 to 64 printable characters.", field="label")
    return raw


def parse_scope(raw: str) -> Scope:
    """One of `SCOPES`. Raises `InvalidValue`."""
    if raw not in SCOPES:
        raise InvalidValue(f"scope must be one of: {', '.join(SCOPES)}.", field="scope")
    return raw


def parse_key_id(raw: str) -> str:
    """The id of a key. Raises `InvalidValue`."""
    if not KEY_ID.fullmatch(raw):
        raise InvalidValue(f"key must be {ID_LENGTH} of 0-9 and a-f, as the list of keys has them.", field="key")
    return raw

"""Read keys: with one, a data tool or an editor reads the private insights of a site.

Only a hash of the key is stored. A key is 256 random bits, so nobody can guess it, and a fast hash without a salt is
enough.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from chalicelib.errors import InvalidReadKey, InvalidValue

PREFIX = "avk_"
READ_KEY = re.compile(r"avk_[A-Za-z0-9_-]{43}", re.ASCII)
LABEL = re.compile(r"[^\x00-\x1f\x7f]{1,64}")
ID_LENGTH = 12


@dataclass(frozen=True, slots=True)
class ReadKey:
    """What is stored of an issued key. `issued_at` is in epoch seconds."""

    site: str
    hash: str
    label: str
    issued_at: int

    @property
    def id(self) -> str:
        """The name of the key on the command line: the beginning of its hash."""
        return self.hash[:ID_LENGTH]


def make_read_key(random_text: str) -> str:
    """The key with these 43 random characters of base64url."""
    return PREFIX + random_text


def hash_read_key(raw: str) -> str:
    """The hash under which a key is stored. Raises `InvalidReadKey` if the text does not have the form of a key."""
    if not READ_KEY.fullmatch(raw):
        raise InvalidReadKey("A read key begins with avk_ and has 47 characters.", field="Authorization")
    return hashlib.sha256(raw.encode()).hexdigest()


def parse_label(raw: str) -> str:
    """What a key is for, in 1 to 64 characters. Raises `InvalidValue`."""
    if not LABEL.fullmatch(raw):
        raise InvalidValue("label must be 1 to 64 printable characters.", field="label")
    return raw

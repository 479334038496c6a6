"""Attribute values as the low-level client takes and returns them, and as stream records carry them.

{"PK": {"S": "SITE#demo"}, "version": {"N": "3"}}
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

Item = dict[str, Any]
StoredItem = Mapping[str, Any]

PK, SK = "PK", "SK"


def key(partition: str, sort: str) -> Item:
    """The primary key of an item."""
    return {PK: {"S": partition}, SK: {"S": sort}}


def text(value: str) -> Item:
    """A text."""
    return {"S": value}


def texts(values: tuple[str, ...] | list[str]) -> Item:
    """A list of texts, in their order."""
    return {"L": [text(value) for value in values]}


def number(value: int) -> Item:
    """A whole number."""
    return {"N": str(value)}


def decimal(value: float) -> Item:
    """A number with at most four decimals."""
    return {"N": f"{value:.4f}".rstrip("0").rstrip(".")}


def packed(value: Any) -> Item:
    """A value as compressed JSON: for numbers that no condition and no other tool needs to read."""
    return {"B": zlib.compress(json.dumps(value, separators=(",", ":"), sort_keys=True).encode())}


def unpacked(value: StoredItem) -> Any:
    """The value in compressed JSON."""
    return json.loads(zlib.decompress(bytes(value["B"])))


def read_texts(value: StoredItem) -> tuple[str, ...]:
    """The values of a list of texts."""
    return tuple(one["S"] for one in value["L"])


def optional_texts(item: StoredItem, name: str) -> tuple[str, ...]:
    """The texts in this attribute of an item; none if the item does not have it."""
    return read_texts(item[name]) if name in item else ()


def text_map(values: Mapping[str, str]) -> Item:
    """Texts by name."""
    return {"M": {name: text(value) for name, value in values.items()}}


def read_text_map(item: StoredItem, name: str) -> dict[str, str]:
    """The texts in this attribute of an item; none if the item does not have it."""
    return {key: value["S"] for key, value in item[name]["M"].items()} if name in item else {}


def optional_text(item: StoredItem, name: str) -> str | None:
    """The text in this attribute of an item, or None if the item does not have it."""
    return item[name]["S"] if name in item else None


def optional_number(item: StoredItem, name: str) -> int | None:
    """The whole number in this attribute of an item, or None if the item does not have it."""
    return int(item[name]["N"]) if name in item else None

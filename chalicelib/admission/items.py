"""How salts, new voters of networks and used solutions are stored. Nothing here talks to DynamoDB.

They are in a table of their own, without backups: what is deleted there is gone.
"""

from __future__ import annotations

from chalicelib.admission.budgets import HOUR
from chalicelib.admission.salts import DAY, DAYS_KEPT
from chalicelib.dynamodb.attributes import SK, Item, StoredItem, key, number

SALTS = "SALTS"
USE_KEPT_HOURS = 2  # budgets look back into the hour before


def salt_key(day: int) -> Item:
    return key(SALTS, f"{day:06d}")  # they sort like numbers


def salt_item(day: int, salt: bytes) -> Item:
    return {**salt_key(day), "salt": {"B": salt}, "expires_at": number((day + DAYS_KEPT) * DAY)}


def read_salt(item: StoredItem) -> bytes:
    return bytes(item["salt"]["B"])


def day_of_salt(item: StoredItem) -> int:
    return int(item[SK]["S"])


def use_key(mark: str, hour: int) -> Item:
    return key(f"NETWORK#{mark}", f"HOUR#{hour}")


def use_ends(hour: int) -> Item:
    """When the number of new voters of an hour may be deleted."""
    return number((hour + USE_KEPT_HOURS) * HOUR)


def read_use(item: StoredItem | None) -> int:
    return 0 if item is None else int(item["new_voters"]["N"])


def spent_item(solution: str, until: int) -> Item:
    return {**key(f"SOLUTION#{solution}", "SPENT"), "expires_at": number(until + HOUR)}  # clocks differ

"""Keys and codecs of the read models: closings, leaderboard entries, site totals, read keys, the list of sites.

Like `items`, whose vocabulary this continues; together the only places with '#'.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, get_args

from chalicelib.domain.articles import ArticleRef
from chalicelib.domain.history import HOURS_ARE_KEPT_SECONDS, Closing
from chalicelib.domain.intervals import DAY, Step, Window, end_of
from chalicelib.domain.leaderboards import Board, Entry, Order, Place, Trend
from chalicelib.domain.read_keys import ReadKey
from chalicelib.domain.site_totals import Level, SiteTotal, hour_part
from chalicelib.domain.tallies import Tally
from chalicelib.storage.items import PK, SK, Item, decimal, number, read_tally, tally_attributes

BOARD = "board"  # the hash key of every leaderboard index; the range key is the order's own attribute
ORDERS: tuple[Order, ...] = get_args(Order)
KEY_PREFIX = "KEY#"
LEVELS: dict[Level, str] = {"hour": "HOUR#", "day": "DAY#", "all": "TOTAL"}  # sorted so that hours lead to the total
STEPS: dict[Step, str] = {"hour": "HOUR#", "day": "DAY#"}  # sorted so that days stand before hours
# Time to live is coarse, and a range of hours needs the hour before it: two days more than are promised.
LIFETIME_SECONDS = HOURS_ARE_KEPT_SECONDS + 2 * DAY


def moment(at: int) -> str:
    """A time in keys: readable, and in its own order."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H")


def read_moment(text: str) -> int:
    return int(datetime.strptime(text, "%Y-%m-%dT%H").replace(tzinfo=UTC).timestamp())


# History of an article


def history_partition(ref: ArticleRef) -> str:
    return f"HISTORY#{ref.site}#{ref.article}"


def closing_sort_key(step: Step, start: int) -> str:
    return STEPS[step] + moment(start)


def closing_item(ref: ArticleRef, closing: Closing) -> Item:
    item = {
        PK: {"S": history_partition(ref)},
        SK: {"S": closing_sort_key(closing.step, closing.start)},
        "version": number(closing.tally.version),
        "shards": {"M": {f"{shard:02d}": {"M": _counted(tally)} for shard, tally in closing.shards.items()}},
    }
    if closing.step == "hour":
        item["expires_at"] = number(closing.end + LIFETIME_SECONDS)
    return item


def _counted(shard: Tally) -> Item:
    return tally_attributes(Tally(shard.counts, shard.version, shard.updated_at))


def read_closing(item: Mapping[str, Any]) -> Closing:
    prefix, _, start = item[SK]["S"].partition("#")
    shards = {int(shard): read_tally(attributes["M"]) for shard, attributes in item["shards"]["M"].items()}
    return Closing("hour" if prefix == "HOUR" else "day", read_moment(start), shards)


# Leaderboards


def board_partition(site: str, window: Window, start: int, part: int) -> str:
    return f"BOARD#{board(site, window, start)}#{part:02d}"


def board(site: str, window: Window, start: int) -> str:
    return f"{site}#{window}#{moment(start)}"


def entry_item(entry: Entry) -> Item:
    """An entry; without `board` it is in no index, and so on no leaderboard."""
    site, article = entry.ref.site, entry.ref.article
    item = {
        PK: {"S": board_partition(site, entry.window, entry.start, hour_part(article))},
        SK: {"S": article},
        "total": number(entry.total),
        "trend_step": {"S": entry.trend.step},
        "trend_start": number(entry.trend.start),
        "trend": {"S": " ".join(map(str, entry.trend.values))},
        **tally_attributes(entry.gained),
    }
    if entry.values:
        item[BOARD] = {"S": board(site, entry.window, entry.start)}
        item |= {order: decimal(value) for order, value in entry.values.items()}
    if entry.title is not None:
        item["title"] = {"S": entry.title}
    if entry.url is not None:
        item["url"] = {"S": entry.url}
    if entry.window != "all":
        item["expires_at"] = number(end_of(entry.window, entry.start) + LIFETIME_SECONDS)
    return item


def read_entry(item: Mapping[str, Any]) -> Entry:
    _, site, window, start, _ = item[PK]["S"].split("#")
    step = item["trend_step"]["S"]
    values = tuple(int(value) for value in item["trend"]["S"].split())
    return Entry(
        ref=ArticleRef(site, item[SK]["S"]),
        window=window,
        start=read_moment(start),
        gained=read_tally(item),
        total=int(item["total"]["N"]),
        values={order: float(item[order]["N"]) for order in ORDERS if order in item},
        trend=Trend(step, int(item["trend_start"]["N"]), values),
        title=item["title"]["S"] if "title" in item else None,
        url=item["url"]["S"] if "url" in item else None,
    )


def place_key(of: Board, place: Place) -> Item:
    """Where a Query of the board's index goes on after this place."""
    return {
        PK: {"S": board_partition(of.site, of.window, of.start, hour_part(place.article))},
        SK: {"S": place.article},
        BOARD: {"S": board(of.site, of.window, of.start)},
        of.order: {"N": place.value},
    }


def read_place(of: Board, key: Mapping[str, Any]) -> Place:
    return Place(key[of.order]["N"], key[SK]["S"])


# Totals of a site


def totals_partition(site: str) -> str:
    return f"TOTALS#{site}"


def total_sort_key(level: Level, start: int, part: int = 0) -> str:
    if level == "all":
        return LEVELS[level]
    suffix = f"#{part:02d}" if level == "hour" else ""
    return f"{LEVELS[level]}{moment(start)}{suffix}"


def total_item(site: str, total: SiteTotal) -> Item:
    item = {
        PK: {"S": totals_partition(site)},
        SK: {"S": total_sort_key(total.level, total.start, total.part)},
        **tally_attributes(total.gained),
    }
    if total.level == "hour":
        item["expires_at"] = number(end_of("hour", total.start) + LIFETIME_SECONDS)
    return item


def read_total(item: Mapping[str, Any]) -> SiteTotal:
    prefix, *rest = item[SK]["S"].split("#")
    gained = read_tally(item)
    if prefix == "TOTAL":
        return SiteTotal("all", 0, 0, gained)
    if prefix == "DAY":
        return SiteTotal("day", read_moment(rest[0]), 0, gained)
    return SiteTotal("hour", read_moment(rest[0]), int(rest[1]), gained)


# Read keys


def read_key_key(site: str, key_hash: str) -> Item:
    return {PK: {"S": f"SITE#{site}"}, SK: {"S": KEY_PREFIX + key_hash}}


def read_key_item(key: ReadKey) -> Item:
    return {**read_key_key(key.site, key.hash), "label": {"S": key.label}, "issued_at": number(key.issued_at)}


def read_read_key(item: Mapping[str, Any]) -> ReadKey:
    site, key_hash = item[PK]["S"].split("#")[1], item[SK]["S"].removeprefix(KEY_PREFIX)
    return ReadKey(site, key_hash, item["label"]["S"], int(item["issued_at"]["N"]))

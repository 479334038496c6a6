"""Keys and codecs of the read models: closings, leaderboard entries, site totals, read keys, the list of sites.

Like `items`, whose vocabulary this continues; together the only places with '#'.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from chalicelib.insights.history import HOURS_ARE_KEPT_SECONDS, Closing
from chalicelib.insights.intervals import DAY, Step, Window, end_of
from chalicelib.insights.leaderboards import EVERY_ORDER, Board, Entry, Place, Trend
from chalicelib.insights.site_totals import Level, SiteTotal, hour_part
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.read_keys import ReadKey
from chalicelib.voting.items import PK, SK, Item, decimal, number, read_tally, tally_attributes
from chalicelib.voting.tallies import Tally

BOARD = "board"  # the hash key of every leaderboard index; the range key is the order's own attribute
KEY_PREFIX = "KEY#"
LEVELS: dict[Level, str] = {
    "part": "",
    "hour": "HOUR#",
    "day": "DAY#",
    "all": "TOTAL",
}  # sorted so that hours lead to the total
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
    """Small, as a history of 400 hours is to be one answer: the choices are named once, not in each shard."""
    choices = sorted({choice for tally in closing.shards.values() for choice in tally.counts})
    item = {
        PK: {"S": history_partition(ref)},
        SK: {"S": closing_sort_key(closing.step, closing.start)},
        "version": number(closing.tally.version),
        "choices": {"L": [{"S": choice} for choice in choices]},
        "shards": {"M": {f"{shard:02d}": {"L": _numbers(tally, choices)} for shard, tally in closing.shards.items()}},
    }
    if closing.step == "hour":
        item["expires_at"] = number(closing.end + LIFETIME_SECONDS)
    return item


def _numbers(shard: Tally, choices: list[str]) -> list[Item]:
    return [
        number(shard.version),
        number(shard.updated_at or 0),
        *(number(shard.counts.get(one, 0)) for one in choices),
    ]


def read_closing(item: Mapping[str, Any]) -> Closing:
    prefix, _, start = item[SK]["S"].partition("#")
    choices = [choice["S"] for choice in item["choices"]["L"]]
    shards = {int(shard): _read_numbers(numbers["L"], choices) for shard, numbers in item["shards"]["M"].items()}
    return Closing("hour" if prefix == "HOUR" else "day", read_moment(start), shards)


def _read_numbers(numbers: list[Item], choices: list[str]) -> Tally:
    version, updated_at, *counts = (int(one["N"]) for one in numbers)
    return Tally({choice: count for choice, count in zip(choices, counts, strict=True) if count}, version, updated_at)


# Leaderboards


def board_partition(site: str, window: Window, start: int, part: int) -> str:
    return f"BOARD#{board(site, window, start)}#{part:02d}"


def board(site: str, window: Window, start: int) -> str:
    return f"{site}#{window}#{moment(start)}"


def entry_key(ref: ArticleRef, window: Window, start: int) -> Item:
    return {PK: {"S": board_partition(ref.site, window, start, hour_part(ref.article))}, SK: {"S": ref.article}}


def entry_item(entry: Entry) -> Item:
    """An entry; without `board` it is in no index, and so on no leaderboard."""
    site = entry.ref.site
    item = {
        **entry_key(entry.ref, entry.window, entry.start),
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
        values={order: _numeric(item[order]["N"]) for order in EVERY_ORDER if order in item},
        trend=Trend(step, int(item["trend_start"]["N"]), values),
        title=item["title"]["S"] if "title" in item else None,
        url=item["url"]["S"] if "url" in item else None,
    )


def _numeric(text: str) -> float:
    """A number as it was: whole ones stay whole."""
    return int(text) if text.lstrip("-").isdecimal() else float(text)


def place_key(of: Board, place: Place) -> Item:
    """Where a Query of the board's index goes on after this place."""
    return {
        **entry_key(ArticleRef(of.site, place.article), of.window, of.start),
        BOARD: {"S": board(of.site, of.window, of.start)},
        of.order: {"N": place.value},
    }


def read_place(of: Board, key: Mapping[str, Any]) -> Place:
    return Place(key[of.order]["N"], key[SK]["S"])


# Totals of a site


def totals_partition(site: str) -> str:
    return f"TOTALS#{site}"


def parts_partition(site: str, start: int) -> str:
    return f"PARTS#{site}#{moment(start)}"


def total_sort_key(level: Level, start: int) -> str:
    return LEVELS[level] if level == "all" else LEVELS[level] + moment(start)


def total_item(site: str, total: SiteTotal) -> Item:
    part = total.level == "part"
    item = {
        PK: {"S": parts_partition(site, total.start) if part else totals_partition(site)},
        SK: {"S": f"{total.part:02d}" if part else total_sort_key(total.level, total.start)},
        **tally_attributes(total.gained),
    }
    if total.level in ("part", "hour"):
        item["expires_at"] = number(end_of("hour", total.start) + LIFETIME_SECONDS)
    return item


def read_total(item: Mapping[str, Any]) -> SiteTotal:
    prefix, _, start = item[SK]["S"].partition("#")
    gained = read_tally(item)
    if prefix == "TOTAL":
        return SiteTotal("all", 0, gained)
    return SiteTotal("hour" if prefix == "HOUR" else "day", read_moment(start), gained)


# Read keys


def read_key_key(site: str, key_hash: str) -> Item:
    return {PK: {"S": f"SITE#{site}"}, SK: {"S": KEY_PREFIX + key_hash}}


def read_key_item(key: ReadKey) -> Item:
    return {**read_key_key(key.site, key.hash), "label": {"S": key.label}, "issued_at": number(key.issued_at)}


def read_read_key(item: Mapping[str, Any]) -> ReadKey:
    site, key_hash = item[PK]["S"].split("#")[1], item[SK]["S"].removeprefix(KEY_PREFIX)
    return ReadKey(site, key_hash, item["label"]["S"], int(item["issued_at"]["N"]))

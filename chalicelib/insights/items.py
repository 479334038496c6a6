"""How histories, leaderboard entries and site totals are stored: their keys and codecs.

Nothing here talks to DynamoDB.
"""

from __future__ import annotations

from datetime import UTC, datetime

from chalicelib.dynamodb.attributes import PK, SK, Item, StoredItem, decimal, key, number, read_texts, text, texts
from chalicelib.insights.gains import Gain
from chalicelib.insights.history import HOURS_ARE_KEPT_SECONDS, Snapshot
from chalicelib.insights.intervals import DAY, Step, Window, end_of
from chalicelib.insights.leaderboards import EVERY_ORDER, Board, Entry, Place, Trend
from chalicelib.insights.site_totals import Level, SiteTotal, hour_part
from chalicelib.publishing.articles import ArticleRef
from chalicelib.voting.items import tally_attributes, tally_from
from chalicelib.voting.tallies import Tally

BOARD = "board"  # the hash key of every leaderboard index; the range key is the order's own attribute
LEVELS: dict[Level, str] = {
    "part": "",
    "hour": "HOUR#",
    "day": "DAY#",
    "all": "TOTAL",  # sorts after the hours, so that one Query returns the last hours and the total
}
STEPS: dict[Step, str] = {"hour": "HOUR#", "day": "DAY#"}  # days sort before hours
# DynamoDB deletes expired items some time later or earlier than expected, and a range of hours needs the hour before
# it. So hours live two days longer than we promise.
LIFETIME_SECONDS = HOURS_ARE_KEPT_SECONDS + 2 * DAY


def moment(at: int) -> str:
    """A time as it stands in keys: readable, and sorted by time."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H")


def read_moment(written: str) -> int:
    return int(datetime.strptime(written, "%Y-%m-%dT%H").replace(tzinfo=UTC).timestamp())


# History of an article


def history_partition(ref: ArticleRef) -> str:
    return f"HISTORY#{ref.site}#{ref.article}"


def snapshot_sort_key(step: Step, start: int) -> str:
    return STEPS[step] + moment(start)


def snapshot_item(ref: ArticleRef, snapshot: Snapshot) -> Item:
    """An item that names the choices once and not in each shard, so that one answer can hold 400 snapshots."""
    choices = sorted({choice for tally in snapshot.shards.values() for choice in tally.counts})
    item = {
        **key(history_partition(ref), snapshot_sort_key(snapshot.step, snapshot.start)),
        "version": number(snapshot.tally.version),
        "choices": texts(choices),
        "shards": {"M": {f"{shard:02d}": {"L": _numbers(tally, choices)} for shard, tally in snapshot.shards.items()}},
    }
    if snapshot.step == "hour":
        item["expires_at"] = number(snapshot.end + LIFETIME_SECONDS)
    return item


def _numbers(shard: Tally, choices: list[str]) -> list[Item]:
    return [
        number(shard.version),
        number(shard.updated_at or 0),
        *(number(shard.counts.get(one, 0)) for one in choices),
    ]


def read_snapshot(item: StoredItem) -> Snapshot:
    prefix, _, start = item[SK]["S"].partition("#")
    choices = read_texts(item["choices"])
    shards = {int(shard): _read_numbers(numbers["L"], choices) for shard, numbers in item["shards"]["M"].items()}
    return Snapshot("hour" if prefix == "HOUR" else "day", read_moment(start), shards)


def _read_numbers(numbers: list[Item], choices: tuple[str, ...]) -> Tally:
    version, updated_at, *counts = (int(one["N"]) for one in numbers)
    return Tally({choice: count for choice, count in zip(choices, counts, strict=True) if count}, version, updated_at)


# Gains have the attributes of tallies.


def gain_attributes(gain: Gain) -> Item:
    return tally_attributes(Tally(gain.counts, gain.version, gain.updated_at))


def gain_from(item: StoredItem) -> Gain:
    tally = tally_from(item)
    return Gain(tally.counts, tally.version, tally.updated_at)


# Leaderboards


def board_partition(site: str, window: Window, start: int, part: int) -> str:
    return f"BOARD#{board(site, window, start)}#{part:02d}"


def board(site: str, window: Window, start: int) -> str:
    return f"{site}#{window}#{moment(start)}"


def entry_key(ref: ArticleRef, window: Window, start: int) -> Item:
    return key(board_partition(ref.site, window, start, hour_part(ref.article)), ref.article)


def entry_item(entry: Entry) -> Item:
    """An entry. An entry without values has no attribute `board`, so it is in no index and on no leaderboard."""
    site = entry.ref.site
    item = {
        **entry_key(entry.ref, entry.window, entry.start),
        "total": number(entry.total),
        "trend_step": text(entry.trend.step),
        "trend_start": number(entry.trend.start),
        "trend": text(" ".join(map(str, entry.trend.values))),
        **gain_attributes(entry.gained),
    }
    if entry.values:
        item[BOARD] = text(board(site, entry.window, entry.start))
        item |= {order: decimal(value) for order, value in entry.values.items()}
    if entry.title is not None:
        item["title"] = text(entry.title)
    if entry.url is not None:
        item["url"] = text(entry.url)
    if entry.window != "all":
        item["expires_at"] = number(end_of(entry.window, entry.start) + LIFETIME_SECONDS)
    return item


def read_entry(item: StoredItem) -> Entry:
    _, site, window, start, _ = item[PK]["S"].split("#")
    step = item["trend_step"]["S"]
    values = tuple(int(value) for value in item["trend"]["S"].split())
    return Entry(
        ref=ArticleRef(site, item[SK]["S"]),
        window=window,
        start=read_moment(start),
        gained=gain_from(item),
        total=int(item["total"]["N"]),
        values={order: _numeric(item[order]["N"]) for order in EVERY_ORDER if order in item},
        trend=Trend(step, int(item["trend_start"]["N"]), values),
        title=item["title"]["S"] if "title" in item else None,
        url=item["url"]["S"] if "url" in item else None,
    )


def _numeric(written: str) -> float:
    """A whole number as int, any other number as float."""
    return int(written) if written.lstrip("-").isdecimal() else float(written)


def place_key(of: Board, place: Place) -> Item:
    """The key with which a Query of the board's index continues after this place."""
    return {
        **entry_key(ArticleRef(of.site, place.article), of.window, of.start),
        BOARD: text(board(of.site, of.window, of.start)),
        of.order: {"N": place.value},
    }


def read_place(of: Board, last: StoredItem) -> Place:
    return Place(last[of.order]["N"], last[SK]["S"])


# Totals of a site


def totals_partition(site: str) -> str:
    return f"TOTALS#{site}"


def parts_partition(site: str, start: int) -> str:
    return f"PARTS#{site}#{moment(start)}"


def total_sort_key(level: Level, start: int) -> str:
    return LEVELS[level] if level == "all" else LEVELS[level] + moment(start)


def total_key(site: str, total: SiteTotal) -> Item:
    if total.level == "part":
        return key(parts_partition(site, total.start), f"{total.part:02d}")
    return key(totals_partition(site), total_sort_key(total.level, total.start))


def total_item(site: str, total: SiteTotal) -> Item:
    item = {
        **total_key(site, total),
        **gain_attributes(total.gained),
    }
    if total.level in ("part", "hour"):
        item["expires_at"] = number(end_of("hour", total.start) + LIFETIME_SECONDS)
    return item


def read_total(item: StoredItem) -> SiteTotal:
    prefix, _, start = item[SK]["S"].partition("#")
    gained = gain_from(item)
    if prefix == "TOTAL":
        return SiteTotal("all", 0, gained)
    return SiteTotal("hour" if prefix == "HOUR" else "day", read_moment(start), gained)

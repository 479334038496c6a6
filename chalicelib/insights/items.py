"""How days, activities, ranked lists and site totals are stored: their keys and codecs. Nothing here talks to DynamoDB.

What has many numbers is stored as compressed JSON (`dynamodb.attributes.packed`), because DynamoDB charges by size.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from chalicelib.dynamodb.attributes import SK, Item, StoredItem, key, number, packed, text, unpacked
from chalicelib.insights.gains import Gain
from chalicelib.insights.history import HOURS_ARE_KEPT_SECONDS, Day, Shards
from chalicelib.insights.intervals import DAY, HOUR, Window, end_of, start_of
from chalicelib.insights.leaderboards import WINDOWS, Activity, Entry, Trend, trend_starts
from chalicelib.insights.ranked_lists import RankedList
from chalicelib.insights.site_totals import Level, Settled, SiteTotal
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.items import article_partition
from chalicelib.voting.items import tally_attributes, tally_from
from chalicelib.voting.tallies import Tally

# An article's days are beside its tally shards and sort before them. So one Query, backwards, reads both.
DAY_PREFIX = "DAY#"
LEVELS: dict[Level, str] = {
    "hour": "HOUR#",
    "day": "DAY#",
    "all": "TOTAL",  # sorts after the hours, so that one Query returns the last hours and the total
}
SETTLED = "SETTLED"
# DynamoDB deletes expired items some time later or earlier than expected. So they live two days longer than we promise.
LIFETIME_SECONDS = HOURS_ARE_KEPT_SECONDS + 2 * DAY
# The last hour of a site is settled when the next vote comes, which may take long.
ACTIVITY_LIFETIME_SECONDS = 400 * DAY


def moment(at: int) -> str:
    """A time as it stands in keys: readable, and sorted by time."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H")


def read_moment(written: str) -> int:
    return int(datetime.strptime(written, "%Y-%m-%dT%H").replace(tzinfo=UTC).timestamp())


# Days of an article


def day_sort_key(start: int) -> str:
    return DAY_PREFIX + moment(start)


def is_day(item: StoredItem) -> bool:
    return bool(item[SK]["S"].startswith(DAY_PREFIX))


def day_item(ref: ArticleRef, day: Day) -> Item:
    """A day. It names the choices once, and times count from the start of the day."""
    states = [state for shards in (day.before, *day.hours.values()) for state in shards.values()]
    choices = sorted({choice for state in states for choice in state.counts})
    hours = [[(hour - day.start) // HOUR, _shards(day, day.hours[hour], choices)] for hour in sorted(day.hours)]
    return {
        **key(article_partition(ref), day_sort_key(day.start)),
        "version": number(day.version),
        "states": packed([choices, _shards(day, day.before, choices), hours]),
    }


def _shards(day: Day, shards: Shards, choices: list[str]) -> list[list[int]]:
    return [
        [shard, state.version, (state.updated_at or 0) - day.start, *(state.counts.get(one, 0) for one in choices)]
        for shard, state in sorted(shards.items())
    ]


def read_day(item: StoredItem) -> Day:
    start = read_moment(item[SK]["S"].removeprefix(DAY_PREFIX))
    choices, before, hours = unpacked(item["states"])
    return Day(
        start=start,
        before=_read_shards(start, before, choices),
        hours={start + hour * HOUR: _read_shards(start, shards, choices) for hour, shards in hours},
    )


def _read_shards(start: int, rows: list[list[int]], choices: list[str]) -> dict[int, Tally]:
    shards = {}
    for shard, version, at, *counts in rows:
        found = {choice: count for choice, count in zip(choices, counts, strict=True) if count}
        shards[shard] = Tally(found, version, start + at)
    return shards


# Activities of a site's articles


def activities_partition(site: str) -> str:
    return f"ACTIVE#{site}"


def activity_key(ref: ArticleRef, hour: int) -> Item:
    return key(activities_partition(ref.site), f"{moment(hour)}#{ref.article}")


def activity_item(activity: Activity) -> Item:
    some = activity.entries["all"]
    rows = [_row(activity.entries[window]) for window in WINDOWS]
    return {
        **activity_key(activity.ref, activity.hour),
        "version": number(activity.version),
        "entries": packed([some.gained.updated_at, some.total, rows]),
        "expires_at": number(activity.hour + HOUR + ACTIVITY_LIFETIME_SECONDS),
    }


def read_activity(item: StoredItem, site: str, windows: Collection[Window]) -> Activity:
    """An activity with its entries in these windows."""
    written, _, article = item[SK]["S"].partition("#")
    ref, hour = ArticleRef(site, article), read_moment(written)
    updated_at, total, rows = unpacked(item["entries"])
    version = int(item["version"]["N"])
    entries = {
        window: _read_row(ref, window, start_of(window, hour), hour, (version, updated_at, total), row)
        for window, row in zip(WINDOWS, rows, strict=True)
        if window in windows
    }
    return Activity(ref, hour, version, entries)


def _row(entry: Entry) -> list[Any]:
    """What is different in each window. A trend is stored without the zeros at its beginning."""
    trend = list(entry.trend.values)
    zeros = next((index for index, value in enumerate(trend) if value), len(trend))
    return [entry.gained.counts, entry.surge, trend[zeros:]]


def _read_row(
    ref: ArticleRef, window: Window, start: int, hour: int, facts: tuple[int, int, int], row: list[Any]
) -> Entry:
    version, updated_at, total = facts
    counts, surge, values = row
    step, starts = trend_starts(window, start, updated_at)
    trend = Trend(step, starts[0], tuple([0] * (len(starts) - len(values)) + values))
    return Entry(ref, window, start, hour, Gain(counts, version, updated_at), total, surge, trend)


# Ranked lists of a site


def ranked_list_key(site: str, window: Window, start: int) -> Item:
    return key(f"LISTS#{site}", f"{window}#{moment(start)}")


def ranked_list_item(site: str, ranked: RankedList) -> Item:
    rows = [
        [article, entry.hour // HOUR, entry.gained.version, entry.gained.updated_at, entry.total, *_row(entry)]
        for article, entry in sorted(ranked.entries.items())
    ]
    content = packed([rows, ranked.fallen])
    item = {
        **ranked_list_key(site, ranked.window, ranked.start),
        "through": number(ranked.through),
        "articles": content,
        "digest": text(hashlib.blake2b(content["B"] + str(ranked.through).encode(), digest_size=12).hexdigest()),
    }
    if ranked.window != "all":
        item["expires_at"] = number(end_of(ranked.window, ranked.start) + LIFETIME_SECONDS)
    return item


def read_ranked_list(item: StoredItem, site: str, window: Window, start: int) -> RankedList:
    rows, fallen = unpacked(item["articles"])
    entries = {
        article: _read_row(ArticleRef(site, article), window, start, hour * HOUR, (version, updated_at, total), row)
        for article, hour, version, updated_at, total, *row in rows
    }
    return RankedList(window, start, int(item["through"]["N"]), entries, fallen, item["digest"]["S"])


# Totals of a site. Gains have the attributes of tallies.


def totals_partition(site: str) -> str:
    return f"TOTALS#{site}"


def total_sort_key(level: Level, start: int) -> str:
    return LEVELS[level] if level == "all" else LEVELS[level] + moment(start)


def total_item(site: str, total: SiteTotal) -> Item:
    gained = total.gained
    item = {
        **key(totals_partition(site), total_sort_key(total.level, total.start)),
        **tally_attributes(Tally(gained.counts, gained.version, gained.updated_at)),
        "through": number(total.through),
    }
    if total.level == "hour":
        item["expires_at"] = number(end_of("hour", total.start) + LIFETIME_SECONDS)
    return item


def is_total(item: StoredItem) -> bool:
    return bool(item[SK]["S"] != SETTLED)


def read_total(item: StoredItem) -> SiteTotal:
    prefix, _, start = item[SK]["S"].partition("#")
    tally = tally_from(item)
    gained, through = Gain(tally.counts, tally.version, tally.updated_at), int(item["through"]["N"])
    if prefix == "TOTAL":
        return SiteTotal("all", 0, gained, through)
    return SiteTotal("hour" if prefix == "HOUR" else "day", read_moment(start), gained, through)


def settled_key(site: str) -> Item:
    return key(totals_partition(site), SETTLED)


def settled_item(site: str, settled: Settled) -> Item:
    return {**settled_key(site), "through": number(settled.through), "begun": number(settled.begun)}


def read_settled(item: StoredItem) -> Settled:
    return Settled(int(item["through"]["N"]), int(item["begun"]["N"]))

"""How days, activities, ranked lists and site totals are stored: their keys and codecs. Nothing here talks to DynamoDB.

What has many numbers is stored as compressed JSON (`dynamodb.attributes.packed`), because DynamoDB charges by size.

Activities, lists and totals depend on settings of their site. They are in partitions that name these settings: after a
change there are others, and they are empty until `ops project` fills them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.dynamodb.attributes import SK, Item, StoredItem, key, number, packed, text, unpacked
from chalicelib.insights.editions import edition
from chalicelib.insights.gains import Gain
from chalicelib.insights.history import HOURS_ARE_KEPT_SECONDS, Day, Shards
from chalicelib.insights.intervals import DAY, Calendar, Window
from chalicelib.insights.leaderboards import WINDOWS, Activity, Entry, Trend, trend_starts
from chalicelib.insights.ranked_lists import RankedList
from chalicelib.insights.site_totals import Level, Settled, SiteTotal
from chalicelib.publishing.articles import ArticleRef, Terms
from chalicelib.publishing.items import article_partition
from chalicelib.publishing.sites import Site
from chalicelib.voting.items import tally_attributes, tally_from
from chalicelib.voting.tallies import Tally

# An article's days are beside its tally shards and sort before them. So one Query, backwards, reads both.
DAY_PREFIX = "DAY#"
EPOCH = ":"  # stands among the names of a day's counts, if the article was reset
MINUTE = 60
LEVELS: dict[Level, str] = {
    "day": "DAY#",
    "month": "MONTH#",
    "slot": "SLOT#",
    "all": "TOTAL",  # sorts after the slots, so that one Query returns the last slots and the total
}
SETTLED = "SETTLED"
# DynamoDB deletes expired items some time later or earlier than expected. So they live two days longer than we promise.
LIFETIME_SECONDS = HOURS_ARE_KEPT_SECONDS + 2 * DAY
# The last hour of a site is settled when the next vote comes, which may take long.
ACTIVITY_LIFETIME_SECONDS = 400 * DAY


def moment(at: int) -> str:
    """A time as it stands in keys: readable, and sorted by time."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M")


def read_moment(written: str) -> int:
    return int(datetime.strptime(written, "%Y-%m-%dT%H:%M").replace(tzinfo=UTC).timestamp())


# Days of an article


def day_sort_key(start: int) -> str:
    return DAY_PREFIX + moment(start)


def is_day(item: StoredItem) -> bool:
    return bool(item[SK]["S"].startswith(DAY_PREFIX))


def day_item(ref: ArticleRef, day: Day) -> Item:
    """A day. It names the choices once. Times count from its start: those of slots in minutes, others in seconds."""
    states = [state for shards in (day.before, *day.slots.values()) for state in shards.values()]
    choices = sorted({choice for state in states for choice in state.counts})
    if any(state.terms.epoch for state in states):
        choices.append(EPOCH)
    slots = [[(slot - day.start) // MINUTE, _shards(day, day.slots[slot], choices)] for slot in sorted(day.slots)]
    return {
        **key(article_partition(ref), day_sort_key(day.start)),
        "version": number(day.version),
        "states": packed([choices, _shards(day, day.before, choices), slots]),
    }


def _shards(day: Day, shards: Shards, choices: list[str]) -> list[list[int]]:
    return [
        [shard, state.version, (state.updated_at or 0) - day.start, *(_number(state, one) for one in choices)]
        for shard, state in sorted(shards.items())
    ]


def _number(state: Tally, name: str) -> int:
    return state.terms.epoch if name == EPOCH else state.counts.get(name, 0)


def read_day(item: StoredItem) -> Day:
    start = read_moment(item[SK]["S"].removeprefix(DAY_PREFIX))
    choices, before, slots = unpacked(item["states"])
    return Day(
        start=start,
        before=_read_shards(start, before, choices),
        slots={start + slot * MINUTE: _read_shards(start, shards, choices) for slot, shards in slots},
    )


def _read_shards(start: int, rows: list[list[int]], choices: list[str]) -> dict[int, Tally]:
    shards = {}
    for shard, version, at, *counts in rows:
        found = {choice: count for choice, count in zip(choices, counts, strict=True) if count}
        shards[shard] = Tally(found, version, start + at, Terms(epoch=found.pop(EPOCH, 0)))
    return shards


# Activities of a site's articles


def activities_partition(site: Site) -> str:
    return f"ACTIVE#{edition(site)}"


def activity_item(site: Site, activity: Activity, now: int) -> Item:
    """An activity. It outlives `now`, so that it can be settled, however old it is."""
    some = activity.entries["all"]
    rows = [_row(activity.entries[window]) for window in WINDOWS]
    return {
        **key(activities_partition(site), f"{moment(activity.slot)}#{activity.ref.article}"),
        "version": number(activity.version),
        "entries": packed([some.gained.updated_at, some.total, activity.gained.counts, rows]),
        "expires_at": number(max(activity.slot + ACTIVITY_LIFETIME_SECONDS, now) + 2 * DAY),
    }


def read_activity(item: StoredItem, site: Site, windows: Collection[Window]) -> Activity:
    """An activity with its entries in these windows."""
    calendar = Calendar(site.time_zone)
    written, _, article = item[SK]["S"].partition("#")
    slot = read_moment(written)
    updated_at, total, gained, rows = unpacked(item["entries"])
    version = int(item["version"]["N"])
    facts = _Facts(ArticleRef(site.id, article), slot, version, updated_at, total)
    entries = {
        window: _read_row(facts, window, calendar.start_of(window, slot), calendar, row)
        for window, row in zip(WINDOWS, rows, strict=True)
        if window in windows
    }
    return Activity(facts.ref, slot, version, Gain(gained, version, updated_at), entries)


def _row(entry: Entry) -> list[Any]:
    """What is different in each window. A trend is stored without the zeros at its beginning."""
    trend = list(entry.trend.values)
    zeros = next((index for index, value in enumerate(trend) if value), len(trend))
    return [entry.gained.counts, entry.surge, trend[zeros:]]


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the entries of an activity have in common."""

    ref: ArticleRef
    slot: int
    version: int
    updated_at: int
    total: int


def _read_row(facts: _Facts, window: Window, start: int, calendar: Calendar, row: list[Any]) -> Entry:
    counts, surge, values = row
    step, starts = trend_starts(window, start, facts.updated_at, calendar)
    trend = Trend(step, starts[0], tuple([0] * (len(starts) - len(values)) + values))
    gained = Gain(counts, facts.version, facts.updated_at)
    return Entry(facts.ref, window, start, facts.slot, gained, facts.total, surge, trend)


# Ranked lists of a site


def ranked_list_key(site: Site, window: Window, start: int) -> Item:
    return key(f"LISTS#{edition(site)}", f"{window}#{moment(start)}")


def ranked_list_item(site: Site, ranked: RankedList) -> Item:
    rows = [
        [article, entry.slot // MINUTE, entry.gained.version, entry.gained.updated_at, entry.total, *_row(entry)]
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
        item["expires_at"] = number(Calendar(site.time_zone).end_of(ranked.window, ranked.start) + LIFETIME_SECONDS)
    return item


def read_ranked_list(item: StoredItem, site: Site, window: Window, start: int) -> RankedList:
    calendar = Calendar(site.time_zone)
    rows, fallen = unpacked(item["articles"])
    entries = {}
    for article, slot, version, updated_at, total, *row in rows:
        facts = _Facts(ArticleRef(site.id, article), slot * MINUTE, version, updated_at, total)
        entries[article] = _read_row(facts, window, start, calendar, row)
    return RankedList(window, start, int(item["through"]["N"]), entries, fallen, item["digest"]["S"])


# Totals of a site. Gains have the attributes of tallies.


def totals_partition(site: Site) -> str:
    return f"TOTALS#{edition(site)}"


def total_sort_key(level: Level, start: int) -> str:
    return LEVELS[level] if level == "all" else LEVELS[level] + moment(start)


def total_item(site: Site, total: SiteTotal, now: int) -> Item:
    """A total. That of a slot outlives `now`, so that it can be added up, however old it is."""
    gained = total.gained
    item = {
        **key(totals_partition(site), total_sort_key(total.level, total.start)),
        **tally_attributes(Tally(gained.counts, gained.version, gained.updated_at)),
        "through": number(total.through),
    }
    if total.level == "slot":
        item["expires_at"] = number(max(total.start + LIFETIME_SECONDS, now) + 2 * DAY)
    return item


def is_total(item: StoredItem) -> bool:
    return bool(item[SK]["S"] != SETTLED)


def read_total(item: StoredItem) -> SiteTotal:
    level = next(level for level, prefix in LEVELS.items() if item[SK]["S"].startswith(prefix))
    start = 0 if level == "all" else read_moment(item[SK]["S"].removeprefix(LEVELS[level]))
    tally = tally_from(item)
    return SiteTotal(level, start, Gain(tally.counts, tally.version, tally.updated_at), int(item["through"]["N"]))


def settled_key(site: Site) -> Item:
    return key(totals_partition(site), SETTLED)


def settled_item(site: Site, settled: Settled) -> Item:
    return {**settled_key(site), "through": number(settled.through), "begun": number(settled.begun)}


def read_settled(item: StoredItem) -> Settled:
    return Settled(int(item["through"]["N"]), int(item["begun"]["N"]))

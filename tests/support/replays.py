"""Votes whose every record is kept; what is projected from records in any order; and what is true."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any, get_args

from chalicelib.insights.editions import edition as edition_of
from chalicelib.insights.history import Timeline
from chalicelib.insights.intervals import DAY, HOUR, Calendar, Step
from chalicelib.insights.leaderboards import WINDOWS, choose_board
from chalicelib.insights.use_cases import Insights
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.key_directory import KeyDirectory
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.voting.applying import apply
from chalicelib.voting.tallies import Tally
from chalicelib.voting.voters import vote_partition
from chalicelib.voting.votes import Wish
from tests.support.fake_insights import MemoryInsights
from tests.support.fakes import DEMO, START, MemoryStore, patient
from tests.support.stream import ShardRecord, deliver_batch

STEPS: tuple[Step, ...] = get_args(Step)
REFS = [ArticleRef("demo", f"a-{number}") for number in range(6)]
EDITION = edition_of(DEMO)
NOON = START - START % DAY + 12 * HOUR


class RecordingStore(MemoryStore):
    """Keeps every state that a tally shard ever had, as the table's stream would."""

    def __init__(self, time_zone: str = "UTC") -> None:
        super().__init__()
        self.demo = replace(DEMO, time_zone=time_zone)
        self.put_site(self.demo, patient())
        self.records: list[ShardRecord] = []
        self.truths: dict[tuple[ArticleRef, int], dict[str, int]] = {}

    def cast(self, ref: ArticleRef, voter: str, choice: str | None, at: int) -> None:
        number = len(self.records)
        if apply(self, Wish(ref, voter, choice, f"r-{number}", at), patient(), registered_only=False).changed:
            shard = vote_partition(voter)
            self.records.append((ref, shard, self.shards(ref, patient())[shard]))
            self.truths.clear()


def voted(rng: random.Random, records: int, hours: int) -> RecordingStore:
    """A store in which readers voted, changed their minds and retracted, for some hours."""
    store = RecordingStore()
    while len(store.records) < records:
        at = NOON + len(store.records) * hours * HOUR // records - rng.choice([0, 0, 0, 3])
        voter = f"v{rng.randrange(records // 3)}"
        store.cast(rng.choice(REFS), voter, rng.choice(["up", "up", "down", None]), at)
    return store


def projected(store: RecordingStore, deliveries: list[list[ShardRecord]]) -> MemoryInsights:
    """What the read models are after these batches."""
    insights = MemoryInsights(store)
    for batch in deliveries:
        deliver_batch(store, insights, batch)
    return insights


def everything(insights: MemoryInsights) -> dict[str, Any]:
    """All items, but for the digests that lists are replaced by."""
    lists = {key: replace(one, digest="") for key, one in insights._lists.items()}
    return {
        "days": insights._days,
        "activities": insights._activities,
        "lists": lists,
        "totals": insights._totals,
        "settled": insights._settled,
    }


def batches(records: list[Any], rng: random.Random, most: int = 100) -> list[list[Any]]:
    cut, rest = [], records
    while rest:
        size = rng.randint(1, most)
        cut.append(rest[:size])
        rest = rest[size:]
    return cut


def truth(store: RecordingStore, ref: ArticleRef, end: int) -> dict[str, int]:
    """The counts right before `end`, straight from the records: each shard's newest state from before it."""
    if (ref, end) not in store.truths:
        newest: dict[int, Tally] = {}
        for of, shard, one in store.records:
            early = of == ref and (one.updated_at or 0) < end
            if early and (shard not in newest or one.version > newest[shard].version):
                newest[shard] = one
        counts = {choice: sum(one.counts.get(choice, 0) for one in newest.values()) for choice in ("up", "down")}
        store.truths[ref, end] = counts
    return store.truths[ref, end]


def check_against_truth(store: RecordingStore, insights: MemoryInsights) -> None:
    last = max(one.updated_at or 0 for _, _, one in store.records)
    calendar, edition = Calendar(store.demo.time_zone), edition_of(store.demo)
    for ref in REFS:
        timeline = Timeline(insights.days(ref, last, 10**6, patient()), calendar)
        for step in STEPS:
            for end in calendar.starts(step, calendar.start_of(step, NOON - 3), last + 2 * DAY):
                found = timeline.before(end).counts
                assert {choice: found.get(choice, 0) for choice in ("up", "down")} == truth(store, ref, end)
    for activity in insights._activities[edition].values():
        for window, entry in activity.entries.items():
            ref = activity.ref
            before, after = truth(store, ref, entry.start), truth(store, ref, calendar.end_of_slot(activity.slot))
            gained = {choice: after[choice] - before[choice] for choice in before}
            assert {choice: entry.gained.counts.get(choice, 0) for choice in before} == gained
            assert entry.total == sum(after.values())
            assert sum(entry.trend.values) == entry.gained.voters or window in ("hour", "all")
    assert insights._settled[edition].through > 0
    for total in insights._totals[edition].values():
        ends = [sum(sum(truth(store, ref, at).values()) for ref in REFS) for at in (total.start, total.through)]
        assert total.gained.voters == ends[1] - ends[0]
    check_pages(store, insights, last)


def check_pages(store: RecordingStore, insights: MemoryInsights, last: int) -> None:
    """Every page of the last days has the articles that changed in its window, in the order of what they gained."""
    site, calendar = store.demo, Calendar(store.demo.time_zone)
    sites = SiteDirectory(store, lambda: 0.0)
    reading = Insights(sites, KeyDirectory(store, lambda: 0.0), insights)
    for window in WINDOWS:
        for ago in (0, 1, 2) if window != "all" else (0,):
            board = choose_board(site, "voters", window, ago, last)
            page, _ = reading.leaderboard(site, board, 100, None, patient())
            ends = board.start, calendar.end_of(window, board.start)
            gains = [(ref.article, [truth(store, ref, end) for end in ends]) for ref in REFS]
            expected = [
                (sum(after.values()) - sum(before.values()), article)
                for article, (before, after) in gains
                if before != after
            ]
            assert [(one.gained.voters, one.ref.article) for one in page.entries] == sorted(expected, reverse=True)
            assert page.complete

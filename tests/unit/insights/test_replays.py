"""The same values, however the records of votes arrive: twice, late, shuffled, half-handled, two at once."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.deadlines import Deadline
from chalicelib.insights.history import Day, Timeline
from chalicelib.insights.intervals import DAY, HOUR, end_of, start_of
from chalicelib.insights.leaderboards import WINDOWS, choose_board, value
from chalicelib.insights.projection import Projection
from chalicelib.insights.site_totals import Settled
from chalicelib.insights.use_cases import Insights
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.key_directory import KeyDirectory
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.publishing.sites import Site
from chalicelib.voting.tallies import Tally
from chalicelib.voting.use_cases import apply
from chalicelib.voting.voters import vote_partition
from chalicelib.voting.votes import Wish
from tests.support.fake_insights import MemoryInsights
from tests.support.fakes import START, MemoryStore, patient
from tests.support.stream import deliver

REFS = [ArticleRef("demo", f"a-{number}") for number in range(6)]
NOON = START - START % DAY + 12 * HOUR
RECORDS, DUPLICATES = 10_000, 0.1


class RecordingStore(MemoryStore):
    """Keeps every state that a tally shard ever had, as the table's stream would."""

    def __init__(self) -> None:
        super().__init__()
        self.put_site(Site("demo", make_ballot("updown"), ranks="any"), patient())
        self.records: list[tuple[ArticleRef, int, Tally]] = []

    def cast(self, ref: ArticleRef, voter: str, choice: str | None, at: int) -> None:
        number = len(self.records)
        if apply(self, Wish(ref, voter, choice, f"r-{number}", at), patient(), registered_only=False).changed:
            shard = vote_partition(voter)
            self.records.append((ref, shard, self.shards(ref, patient())[shard]))


def voted(rng: random.Random, records: int, hours: int) -> RecordingStore:
    """A store in which readers voted, changed their minds and retracted, for some hours."""
    store = RecordingStore()
    while len(store.records) < records:
        at = NOON + len(store.records) * hours * HOUR // records - rng.choice([0, 0, 0, 3])
        voter = f"v{rng.randrange(records // 3)}"
        store.cast(rng.choice(REFS), voter, rng.choice(["up", "up", "down", None]), at)
    return store


def projected(store: RecordingStore, deliveries: list[list[tuple[ArticleRef, int, Tally]]]) -> MemoryInsights:
    """What the read models are after these batches."""
    insights = MemoryInsights(store)
    for batch in deliveries:
        by_article = defaultdict(list)
        for ref, shard, one in batch:
            by_article[ref].append((shard, one))
        for ref, states in by_article.items():
            deliver(store, insights, ref, states)
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
    newest: dict[int, Tally] = {}
    for of, shard, one in store.records:
        early = of == ref and (one.updated_at or 0) < end
        if early and (shard not in newest or one.version > newest[shard].version):
            newest[shard] = one
    return {choice: sum(one.counts.get(choice, 0) for one in newest.values()) for choice in ("up", "down")}


def check_against_truth(store: RecordingStore, insights: MemoryInsights) -> None:
    last = max(one.updated_at or 0 for _, _, one in store.records)
    first_hour = start_of("hour", NOON - 3)
    for ref in REFS:
        for step, length in (("hour", HOUR), ("day", DAY)):
            timeline = Timeline(insights.days(ref, last, 10**6, patient()))
            for end in range(start_of(step, first_hour), last + 2 * length, length):  # type: ignore[arg-type]
                found = timeline.before(end).counts
                assert {choice: found.get(choice, 0) for choice in ("up", "down")} == truth(store, ref, end)
    for activity in insights._activities["demo"].values():
        for window, entry in activity.entries.items():
            ref = activity.ref
            before, after = truth(store, ref, entry.start), truth(store, ref, activity.hour + HOUR)
            gained = {choice: after[choice] - before[choice] for choice in before}
            assert {choice: entry.gained.counts.get(choice, 0) for choice in before} == gained
            assert entry.total == sum(after.values())
            assert sum(entry.trend.values) == entry.gained.voters or window in ("hour", "all")
    assert insights._settled["demo"].through > 0
    for total in insights._totals["demo"].values():
        ends = [sum(sum(truth(store, ref, at).values()) for ref in REFS) for at in (total.start, total.through)]
        assert total.gained.voters == ends[1] - ends[0]
    check_pages(store, insights, last)


def check_pages(store: RecordingStore, insights: MemoryInsights, last: int) -> None:
    """Every page of the last days has the articles that changed in its window, in the order of what they gained."""
    site = Site("demo", make_ballot("updown"), ranks="any")
    sites = SiteDirectory(store, lambda: 0.0)
    reading = Insights(sites, KeyDirectory(store, lambda: 0.0), insights)
    for window in WINDOWS:
        for ago in (0, 1, 2) if window != "all" else (0,):
            board = choose_board(site, "voters", window, ago, last)
            page, _ = reading.leaderboard(site, board, 100, None, patient())
            ends = board.start, end_of(window, board.start)
            gains = [(ref.article, [truth(store, ref, end) for end in ends]) for ref in REFS]
            expected = [
                (sum(after.values()) - sum(before.values()), article)
                for article, (before, after) in gains
                if before != after
            ]
            assert [(one.gained.voters, one.ref.article) for one in page.entries] == sorted(expected, reverse=True)
            assert page.complete


def test_ten_thousand_shuffled_records_a_tenth_of_them_twice_end_in_the_same_values() -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    rng = random.Random(seed)
    store = voted(rng, RECORDS, hours=50)
    in_order = projected(store, batches(store.records, rng))
    check_against_truth(store, in_order)
    shuffled = [*store.records, *rng.sample(store.records, int(RECORDS * DUPLICATES))]
    rng.shuffle(shuffled)
    assert everything(projected(store, batches(shuffled, rng))) == everything(in_order)


@pytest.mark.parametrize("seed", range(8))
def test_pauses_repeats_and_halved_batches_change_nothing(seed: int) -> None:
    rng = random.Random(seed)
    store = RecordingStore()
    insights = MemoryInsights(store)
    for day in range(4):  # votes go on while nothing is projected, then some of the records come, from all times
        for hour in range(24):
            for _ in range(rng.randrange(4)):
                at = NOON + day * DAY + hour * HOUR + rng.randrange(HOUR)
                store.cast(rng.choice(REFS), f"v{rng.randrange(40)}", rng.choice(["up", "down", None]), at)
            if rng.random() < 0.1:
                late = rng.sample(store.records, rng.randrange(len(store.records) + 1))
                for ref, shard, one in late:
                    deliver(store, insights, ref, [(shard, one)])
    rng.shuffle(store.records)
    for batch in batches(store.records, rng, 10):
        half = len(batch) // 2
        for part in (batch[:half], batch, batch[half:]):
            for ref in {ref for ref, _, _ in part}:
                deliver(store, insights, ref, [(shard, one) for of, shard, one in part if of == ref])
    newest = max(store.records, key=lambda record: record[2].updated_at or 0)
    deliver(store, insights, newest[0], [newest[1:]])  # an hour is settled when a record of a later hour comes
    check_against_truth(store, insights)
    fresh = projected(store, [[one] for one in sorted(store.records, key=lambda record: record[2].updated_at or 0)])
    assert everything(insights) == everything(fresh)


def test_a_record_handled_only_half_is_finished_when_it_comes_again() -> None:
    rng = random.Random(3)
    store = voted(rng, 300, hours=30)
    whole = everything(projected(store, [store.records]))
    insights = MemoryInsights(store)
    for stop_after in (0, 1, 2, 5, 9, 14):
        calls = 0

        def dying(*arguments: Any, real: Any, stop: int = stop_after, **options: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls > stop:
                raise ConnectionError
            return real(*arguments, **options)

        broken = MemoryInsights(store)
        broken.__dict__.update(insights.__dict__)
        for name in ("put_day", "put_activity", "put_ranked_list", "put_total", "put_settled"):
            real = getattr(insights, name)
            setattr(broken, name, lambda *a, real=real, **o: dying(*a, real=real, **o))
        for ref in REFS:
            with pytest.raises(ConnectionError):
                deliver(store, broken, ref, [(shard, one) for of, shard, one in store.records if of == ref])
    for batch in batches(store.records, rng):
        for ref in {ref for ref, _, _ in batch}:
            deliver(store, insights, ref, [(shard, one) for of, shard, one in batch if of == ref])
    assert everything(insights) == whole


@pytest.mark.parametrize("seed", range(6))
def test_two_projections_of_an_article_at_once_lose_nothing(seed: int) -> None:
    rng = random.Random(seed)
    store = voted(rng, 200, hours=6)
    whole = everything(projected(store, [store.records]))
    insights = MemoryInsights(store)
    rng.shuffle(store.records)
    mine, theirs = store.records[:100], store.records[100:]  # what the one loses the other will not bring again
    others = iter(batches(theirs, rng, 10))
    real = insights.put_day

    def overtaken(ref: ArticleRef, day: Day, read_version: int, deadline: Deadline) -> bool:
        # Between what the one has read and what it stores, another one does all of its work.
        if (batch := next(others, None)) is not None:
            insights.put_day = real  # type: ignore[method-assign]
            for of in {one for one, _, _ in batch}:
                deliver(store, insights, of, [(shard, one) for other, shard, one in batch if other == of])
            insights.put_day = overtaken  # type: ignore[method-assign]
        return real(ref, day, read_version, deadline)

    insights.put_day = overtaken  # type: ignore[method-assign]
    for batch in batches(mine, rng, 10):
        for of in {one for one, _, _ in batch}:
            deliver(store, insights, of, [(shard, one) for other, shard, one in batch if other == of])
    for batch in others:
        for of in {one for one, _, _ in batch}:
            deliver(store, insights, of, [(shard, one) for other, shard, one in batch if other == of])
    assert everything(insights) == whole


def test_last_states_that_come_again_change_nothing_however_old_some_are() -> None:
    store = RecordingStore()
    for day in (75, 40, 10, 9, 1, 0):
        for voter in range(40):  # enough for every shard
            store.cast(REFS[0], f"v{voter}-{day % 7}", "up", NOON - day * DAY + voter * 600)
    insights = projected(store, [[one] for one in store.records])
    before = everything(insights)
    for _ in range(2):
        deliver(store, insights, REFS[0], store.shards(REFS[0], patient()).items())
    assert everything(insights) == before


def test_a_state_of_a_clock_that_is_hours_ahead_hides_no_later_votes() -> None:
    store = RecordingStore()
    for voter in range(3):
        store.cast(REFS[0], f"a{voter}", "up", NOON)
    store.put_article(Article(REFS[0], "T", "https://news.example"), NOON + 3 * HOUR, patient())
    for shard, one in store.shards(REFS[0], patient()).items():
        store.records.append((REFS[0], shard, one))
    for voter in range(60):
        store.cast(REFS[0], f"b{voter}", "up", NOON + 60)
    insights = projected(store, [[one] for one in store.records])
    timeline = Timeline(insights.days(REFS[0], NOON + DAY, 100, patient()))
    assert {timeline.before(NOON + hours * HOUR).voters for hours in range(1, 9)} == {63}


def test_what_stood_before_hours_were_kept_stands_in_the_first_hour_since() -> None:
    store = RecordingStore()
    voters = {vote_partition(f"v{number}"): f"v{number}" for number in range(200)}
    store.cast(REFS[0], voters[0], "up", NOON - 100 * DAY)
    store.cast(REFS[0], voters[1], "up", NOON)
    store.cast(REFS[0], voters[0], "down", NOON + 3 * HOUR)
    old, first, second = store.records
    insights = projected(store, [[old], [first], [second]])
    timeline = Timeline(insights.days(REFS[0], NOON + DAY, 10, patient()))
    assert [timeline.before(NOON + hours * HOUR).counts for hours in (0, 1, 4)] == [
        {"up": 1}, {"up": 2}, {"up": 1, "down": 1}
    ]  # fmt: skip


def test_a_vote_that_comes_late_on_the_first_of_a_month_finds_the_week_that_began_before() -> None:
    store = RecordingStore()
    first = 1_793_491_200  # 2026-11-01, a Sunday
    for day in range(-20, 29):
        store.cast(REFS[0], f"a{day}", "up", first + day * DAY + 9 * HOUR)
        if day == 0:
            store.cast(REFS[0], "late", "up", first + 12 * HOUR)
    late = next(one for one in store.records if one[2].updated_at == first + 12 * HOUR)
    in_time = [one for one in store.records if one is not late]
    insights = projected(store, [*([one] for one in in_time), [late]])
    assert everything(insights) == everything(projected(store, [store.records]))
    check_against_truth(store, insights)


def test_a_clock_that_went_back_over_an_hour_leaves_a_trend_of_that_hour() -> None:
    store = RecordingStore()
    same = [f"v{number}" for number in range(200) if vote_partition(f"v{number}") == 3][:2]
    store.cast(REFS[0], same[0], "up", NOON)
    store.cast(REFS[0], same[1], "up", NOON - 2)
    insights = projected(store, [store.records])
    entry = insights._activities["demo"][NOON, "a-0"].entries["hour"]
    assert (entry.gained.voters, len(entry.trend.values)) == (0, 24)


def test_stars_that_were_retracted_in_another_hour_are_projected_too() -> None:
    store = RecordingStore()
    store.put_site(Site("demo", make_ballot("stars"), ranks="any"), patient())
    store.cast(REFS[0], "v", "5", NOON - 10)
    store.cast(REFS[0], "v", None, NOON + 10)
    insights = projected(store, [store.records])
    entry = insights._activities["demo"][NOON, "a-0"].entries["hour"]
    site = store.site("demo", patient())
    assert site is not None
    assert (entry.gained.counts, value(site, entry, "stars")) == ({"5": -1}, 3.0)


def test_a_vote_that_was_taken_back_leaves_the_boards_and_a_registration_alone_makes_nothing() -> None:
    store = RecordingStore()
    store.put_article(Article(REFS[1], "T", "https://news.example"), NOON, patient())
    store.cast(REFS[0], "v", "up", NOON)
    store.cast(REFS[0], "v", None, NOON + 60)
    registered = [(REFS[1], shard, one) for shard, one in store.shards(REFS[1], patient()).items()]
    insights = projected(store, [*([one] for one in store.records), registered])
    (only,) = insights._activities["demo"].values()
    assert (only.ref, only.entries["hour"].gained.counts) == (REFS[0], {})


def test_an_article_that_is_registered_after_its_votes_has_all_its_hours_then() -> None:
    store = RecordingStore()
    store.put_site(Site("demo", make_ballot("updown")), patient())
    for hour in range(3):
        store.cast(REFS[0], f"v{hour}", "up", NOON + hour * HOUR)
    insights = projected(store, [[one] for one in store.records])
    assert insights._activities == {}
    store.put_article(Article(REFS[0], "T", "https://news.example"), NOON + 5 * HOUR, patient())
    deliver(store, insights, REFS[0], store.shards(REFS[0], patient()).items())
    active = insights._activities["demo"]
    assert [(hour - NOON) // HOUR for hour, _ in active] == [0, 1, 2, 5]
    assert sum(one.entries["hour"].gained.voters for one in active.values()) == 3


def test_a_late_vote_is_settled_also_if_no_further_hour_is() -> None:
    store = RecordingStore()
    for number, at in enumerate((NOON, NOON + HOUR + 90, NOON + 2 * HOUR + 30)):
        store.cast(REFS[number], "v", "up", at)
    store.cast(REFS[3], "v", "up", NOON + HOUR - 1)
    insights = projected(store, [[one] for one in store.records[:3]])
    assert insights._settled["demo"].through == NOON + HOUR
    deliver(store, insights, REFS[3], [store.records[3][1:]])
    assert insights._totals["demo"]["hour", NOON].gained.voters == 2
    assert insights._lists["demo", "all", 0].entries.keys() == {"a-0", "a-3"}


def test_a_vote_of_an_earlier_hour_that_comes_when_settling_begins_is_settled_too() -> None:
    store = RecordingStore()
    for number, at in enumerate((NOON + HOUR, NOON, NOON + 2 * HOUR + 90)):
        store.cast(REFS[number], "v", "up", at)
    first, late, last = store.records
    insights = projected(store, [[first]])
    real = insights.put_settled

    def overtaken(site: str, settled: Settled, deadline: Deadline) -> bool:
        insights.put_settled = real  # type: ignore[method-assign]
        deliver(store, insights, late[0], [late[1:]])
        return real(site, settled, deadline)

    insights.put_settled = overtaken  # type: ignore[method-assign]
    deliver(store, insights, last[0], [last[1:]])
    assert insights._totals["demo"]["hour", NOON].gained.voters == 1
    assert insights._lists["demo", "all", 0].entries.keys() == {"a-0", "a-1"}


@pytest.mark.parametrize("kind", ["stale", "two at once"])
def test_days_that_meet_at_midnight_know_of_each_other(kind: str) -> None:
    store = RecordingStore()
    midnight = NOON + 12 * HOUR
    same = [f"v{number}" for number in range(400) if vote_partition(f"v{number}") == 3][:3]
    for voter, at in zip(same, (midnight - 90, midnight - 5, midnight + 5), strict=True):
        store.cast(REFS[0], voter, "up", at)
    first, second, third = store.records
    insights = MemoryInsights(store)
    deliver(store, insights, REFS[0], [first[1:]])
    real_state, real_put = insights.article_state, insights.put_day
    before_second = real_state(REFS[0], 0, patient(), consistent=True)
    if kind == "stale":
        deliver(store, insights, REFS[0], [second[1:]])
        insights.article_state = lambda ref, first, deadline, *, consistent: (  # type: ignore[method-assign]
            real_state(ref, first, deadline, consistent=True) if consistent else before_second
        )
    else:

        def overtaken(ref: ArticleRef, day: Day, read_version: int, deadline: Deadline) -> bool:
            insights.put_day = real_put  # type: ignore[method-assign]
            deliver(store, insights, REFS[0], [second[1:]])
            return real_put(ref, day, read_version, deadline)

        insights.put_day = overtaken  # type: ignore[method-assign]
    deliver(store, insights, REFS[0], [third[1:]])
    assert insights._days == projected(store, [store.records])._days
    assert insights._activities == projected(store, [[first], [second], [third]])._activities


def test_a_clock_that_is_ahead_settles_no_hour_that_is_not_over() -> None:
    store = RecordingStore()
    store.cast(REFS[0], "v", "up", NOON)
    store.cast(REFS[1], "v", "up", NOON + 30 * HOUR)
    insights = MemoryInsights(store)
    projection = Projection(store, insights, SiteDirectory(store, lambda: 0.0), lambda: NOON + 60)
    for ref, shard, one in store.records:
        assert projection.project_batch({ref: [(shard, one)]}, patient(), patient()) == {}
    assert insights._settled == {}


def test_windows_of_long_ago_are_not_made_again_but_the_list_of_all_time_has_the_article() -> None:
    store = RecordingStore()
    store.cast(REFS[0], "early", "up", NOON - 100 * DAY)
    store.cast(REFS[0], "late", "up", NOON)
    insights = MemoryInsights(store)
    deliver(store, insights, REFS[0], [(shard, one) for _, shard, one in store.records])
    assert list(insights._activities["demo"]) == [(NOON, "a-0")]
    assert insights._activities["demo"][NOON, "a-0"].entries["all"].total == 2
    assert len(insights._days[REFS[0]]) == 2

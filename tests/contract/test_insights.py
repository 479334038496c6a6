"""What every store of the read models must do. Run against the in-memory fake, moto and DynamoDB Local."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from chalicelib.insights.gains import Gain
from chalicelib.insights.history import learn
from chalicelib.insights.intervals import DAY, FOR_EVER, HOUR, UTC, Window
from chalicelib.insights.leaderboards import WINDOWS, Activity, Board, Order
from chalicelib.insights.ports import InsightStore
from chalicelib.insights.ranked_lists import Page, RankedList, merge
from chalicelib.insights.site_totals import Settled, SiteTotal
from chalicelib.insights.use_cases import Insights
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.key_directory import KeyDirectory
from chalicelib.publishing.registering import register
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.publishing.sites import Site
from chalicelib.voting.ports import OperatorStore
from chalicelib.voting.tallies import Tally
from chalicelib.voting.voters import vote_partition
from tests.contract.test_store import REF, cast, every_store, wish, without_moto
from tests.support.activities import activity
from tests.support.fakes import DEMO, START, patient
from tests.support.stream import deliver, project_all

TODAY = UTC.start_of("day", START)
HOUR_NOW = UTC.start_of("hour", START)
ENDS = 2**40
DAYS_ALONE: tuple[Window, ...] = ("day",)
STATES = [(0, Tally({"up": 2, "down": 1}, 3, TODAY + 60)), (15, Tally({"up": 4}, 4, TODAY + 5 * HOUR))]


def article(name: str, site: str = "demo") -> ArticleRef:
    return ArticleRef(site, name)


def settled_list(*made: Activity, window: Window = "day", start: int = TODAY) -> RankedList:
    site = Site("demo", make_ballot("updown"), ranks="any")
    return merge(RankedList(window, start, start), site, [one.entries[window] for one in made])


@every_store
class TestDays:
    def test_a_day_is_read_back_as_it_was_put(self, insights: InsightStore) -> None:
        (before, day) = learn([], [*STATES, (3, Tally({"down": 1}, 1, TODAY - 40 * DAY))], {}, UTC)
        for one in (before, day):
            assert insights.put_day(REF, one, 0, patient())
        assert insights.days(REF, TODAY, 10, patient()) == [day, before]
        assert insights.days(REF, TODAY - 1, 10, patient()) == [before]
        assert insights.days(REF, TODAY, 1, patient()) == [day]

    def test_a_day_is_replaced_only_if_it_is_the_one_that_was_read(self, insights: InsightStore) -> None:
        (less,), (more,) = learn([], STATES[:1], {}, UTC), learn([], STATES, {}, UTC)
        assert insights.put_day(REF, less, 0, patient())
        assert not insights.put_day(REF, more, 0, patient())
        assert not insights.put_day(REF, more, less.version - 1, patient())
        assert insights.put_day(REF, more, less.version, patient())
        assert not insights.put_day(REF, less, less.version, patient())
        assert insights.days(REF, TODAY, 10, patient()) == [more]

    def test_an_article_comes_with_its_shards_and_its_days_back_to_the_one_before_a_time(
        self, store: OperatorStore, insights: InsightStore
    ) -> None:
        register(store, Article(REF, "Title", "https://news.example/a-1"), START, patient())
        cast(store, wish("v1", "up"))
        store.put_projected_tally(REF, Tally({"up": 1}, 1), patient())
        for ago in (0, 2, 3, 80, 90):
            (day,) = learn([], [(0, Tally({"up": 1}, 1, TODAY - ago * DAY))], {}, UTC)
            insights.put_day(REF, day, 0, patient())
        for consistent in (True, False):
            state = insights.article_state(REF, TODAY - 5 * DAY, patient(), consistent=consistent)
            assert state.shards == store.shards(REF, patient())
            assert [(TODAY - day.start) // DAY for day in state.days] == [0, 2, 3, 80]

    def test_a_hundred_days_and_more_are_read_in_full(self, insights: InsightStore) -> None:
        for ago in range(130):
            (day,) = learn([], [(0, Tally({"up": 1}, 1, TODAY - ago * DAY))], {}, UTC)
            insights.put_day(REF, day, 0, patient())
        assert len(insights.article_state(REF, 0, patient(), consistent=True).days) == 130

    def test_articles_and_sites_do_not_mix(self, insights: InsightStore) -> None:
        (day,) = learn([], STATES, {}, UTC)
        for ref in (article("a-10"), article("a-1", "demo2")):
            insights.put_day(ref, day, 0, patient())
        assert insights.days(REF, TODAY, 10, patient()) == []
        assert insights.article_state(REF, 0, patient(), consistent=True).days == []


@every_store
class TestActivities:
    def test_an_activity_is_read_back_as_it_was_put(self, insights: InsightStore) -> None:
        made = activity(article("a"), START, {"up": 3, "down": 2})
        assert insights.put_activity(DEMO, made, patient())
        assert insights.activities(DEMO, 0, ENDS, patient()) == [made]

    def test_what_happened_before_and_after_midnight_is_kept_apart_also_within_an_hour(
        self, store: OperatorStore, insights: InsightStore
    ) -> None:
        site = replace(DEMO, time_zone="Asia/Kolkata")
        store.put_site(site, patient())
        midnight = TODAY + 18 * HOUR + HOUR // 2
        for voter, at in (("v1", midnight - 60), ("v2", midnight), ("v3", midnight + 60)):
            cast(store, wish(voter, "up", at=at))
            project_all(store, insights, REF)
        found = insights.activities(site, 0, ENDS, patient())
        assert [(one.slot - midnight, one.gained.voters) for one in found] == [(-HOUR // 2, 1), (0, 2)]
        assert [one.entries["day"].gained.voters for one in found] == [1, 2]
        assert [one.entries["hour"].gained.voters for one in found] == [1, 3]

    def test_only_the_windows_that_are_asked_for_are_read(self, insights: InsightStore) -> None:
        made = activity(article("a"), START, {"up": 3})
        insights.put_activity(DEMO, made, patient())
        (found,) = insights.activities(DEMO, 0, ENDS, patient(), windows=DAYS_ALONE)
        assert found.entries == {"day": made.entries["day"]}

    def test_an_activity_is_replaced_only_by_one_that_knows_more(self, insights: InsightStore) -> None:
        more, less = (activity(article("a"), START, {"up": version}, version) for version in (5, 4))
        assert insights.put_activity(DEMO, more, patient())
        assert not insights.put_activity(DEMO, less, patient())
        assert not insights.put_activity(DEMO, more, patient())
        assert insights.activities(DEMO, 0, ENDS, patient()) == [more]

    def test_activities_of_the_hours_that_are_asked_for_come_oldest_first(self, insights: InsightStore) -> None:
        for hours in (3, 0, 1, 2):
            for name in ("b", "a"):
                insights.put_activity(DEMO, activity(article(name), TODAY + hours * HOUR + 7, {"up": 1}), patient())
        found = insights.activities(DEMO, TODAY + HOUR, TODAY + 3 * HOUR, patient())
        assert [((one.slot - TODAY) // HOUR, one.ref.article) for one in found] == [
            (1, "a"), (1, "b"), (2, "a"), (2, "b"),
        ]  # fmt: skip
        first = insights.activities(DEMO, TODAY + HOUR, ENDS, patient(), most=1)
        assert [one.slot for one in first] == [TODAY + HOUR]

    def test_sites_do_not_mix(self, insights: InsightStore) -> None:
        insights.put_activity(replace(DEMO, id="demo2"), activity(article("a", "demo2"), START, {"up": 1}), patient())
        assert insights.activities(DEMO, 0, ENDS, patient()) == []


@every_store
class TestRankedLists:
    def test_a_list_is_read_back_as_it_was_put(self, insights: InsightStore) -> None:
        made = settled_list(*(activity(article(f"a-{n}"), START, {"up": n, "down": 1}) for n in range(20)))
        assert insights.put_ranked_list(DEMO, replace(made, fallen={"net": -1.5}), patient())
        found = insights.ranked_list(DEMO, "day", TODAY, patient())
        assert replace(found, digest="") == replace(made, fallen={"net": -1.5})

    def test_a_list_that_was_never_stored_is_empty_and_knows_nothing(self, insights: InsightStore) -> None:
        assert insights.ranked_list(DEMO, "week", TODAY, patient()) == RankedList("week", TODAY, TODAY)

    def test_a_list_is_replaced_only_if_it_is_the_one_that_was_read(self, insights: InsightStore) -> None:
        one, other = settled_list(activity(article("a"), START, {"up": 1})), settled_list()
        assert insights.put_ranked_list(DEMO, one, patient())
        assert not insights.put_ranked_list(DEMO, other, patient())
        read = insights.ranked_list(DEMO, "day", TODAY, patient(), consistent=True)
        assert insights.put_ranked_list(DEMO, replace(other, digest=read.digest), patient())
        assert not insights.put_ranked_list(DEMO, read, patient())
        assert insights.ranked_list(DEMO, "day", TODAY, patient()).entries == {}

    def test_windows_days_and_sites_do_not_mix(self, insights: InsightStore) -> None:
        made = activity(article("a"), START, {"up": 1})
        insights.put_ranked_list(DEMO, settled_list(made), patient())
        others: list[tuple[Site, Window, int]] = [
            (DEMO, "week", TODAY),
            (DEMO, "day", TODAY - DAY),
            (replace(DEMO, id="demo2"), "day", TODAY),
            (replace(DEMO, time_zone="Africa/Accra"), "day", TODAY),
        ]
        for site, window, start in others:
            assert insights.ranked_list(site, window, start, patient()).entries == {}

    def test_articles_that_are_registered_are_told_in_the_order_asked(
        self, store: OperatorStore, insights: InsightStore
    ) -> None:
        known = Article(article("b"), 'Zwölf "Türme" und 岩', "https://news.example/b")
        register(store, known, START, patient())
        assert insights.registered([article("a"), article("b")], patient()) == [None, replace(known, version=1)]
        assert insights.registered([], patient()) == []


@every_store
class TestTotals:
    def test_a_total_is_replaced_only_by_one_that_knows_more(self, insights: InsightStore) -> None:
        total = SiteTotal("day", TODAY, Gain({"up": 5, "down": -1}, 7), TODAY + HOUR)
        assert insights.put_total(DEMO, total, patient())
        assert not insights.put_total(DEMO, replace(total, gained=Gain({"up": 4}, 7)), patient())
        assert insights.totals(DEMO, "day", TODAY, TODAY + DAY, patient(), consistent=True) == [total]

    def test_totals_come_oldest_first_within_the_time_asked(self, insights: InsightStore) -> None:
        for hour in (3, 0, 23, 24, -1):
            at = TODAY + hour * HOUR
            insights.put_total(DEMO, SiteTotal("slot", at, Gain({"up": hour}, 1), at + HOUR), patient())
        for day in (1, 0, 5):
            at = TODAY + day * DAY
            insights.put_total(DEMO, SiteTotal("day", at, Gain({}, 1), at + DAY), patient())
        insights.put_total(DEMO, SiteTotal("all", 0, Gain({"up": 9}, 9), TODAY), patient())
        insights.put_total(replace(DEMO, id="demo2"), SiteTotal("all", 0, Gain({}, 9), TODAY), patient())
        insights.put_settled(DEMO, Settled(TODAY, TODAY), patient())

        def found(totals: Sequence[SiteTotal]) -> list[tuple[str, int]]:
            return [(one.level, (one.start - TODAY) // HOUR if one.level != "all" else 0) for one in totals]

        hours = insights.totals(DEMO, "slot", TODAY, TODAY + DAY, patient(), consistent=True)
        assert found(hours) == [("slot", hour) for hour in (0, 3, 23)]
        days = insights.totals(DEMO, "day", 0, FOR_EVER, patient(), consistent=False)
        assert found(days) == [("day", hour) for hour in (0, 24, 120)]
        since = insights.totals_since(DEMO, TODAY + 20 * HOUR, patient())
        assert found(since) == [("slot", 23), ("slot", 24), ("all", 0)]

    def test_a_site_is_never_less_settled_than_it_was(self, insights: InsightStore) -> None:
        assert insights.settled(DEMO, patient()) == Settled()
        assert insights.put_settled(DEMO, Settled(0, TODAY), patient())
        assert insights.put_settled(DEMO, Settled(TODAY, TODAY), patient())
        for less in (Settled(0, TODAY), Settled(0, TODAY + HOUR), Settled(TODAY, TODAY - HOUR)):
            assert not insights.put_settled(DEMO, less, patient())
        assert insights.settled(DEMO, patient()) == Settled(TODAY, TODAY)


def reading(store: OperatorStore, insights: InsightStore) -> Insights:
    return Insights(SiteDirectory(store, lambda: 0.0), KeyDirectory(store, lambda: 0.0), insights)


def pages_of(store: OperatorStore, insights: InsightStore) -> Callable[..., tuple[Page, dict[str, Article]]]:
    site = store.site("demo", patient())
    assert site is not None

    def page(window: Window, at: int, order: Order) -> tuple[Page, dict[str, Article]]:
        board = Board("demo", window, UTC.start_of(window, at), order)
        return reading(store, insights).leaderboard(site, board, 9, None, patient())

    return page


@every_store
class TestProjection:
    def test_votes_are_projected_into_every_read_model(self, store: OperatorStore, insights: InsightStore) -> None:
        store.put_site(DEMO, patient())
        register(store, Article(REF, "Title", "https://news.example/a-1"), START - 3 * DAY, patient())
        for number in range(20):
            cast(store, wish(f"v{number}", "up" if number % 4 else "down", at=START - DAY + number * HOUR))
        project_all(store, insights, REF)
        assert store.projected_tallies([REF], patient()) == [store.tally(REF, patient(), consistent=True)]
        for window in WINDOWS:
            page, articles = pages_of(store, insights)(window, START - 5 * HOUR, "voters")
            (only,) = page.entries
            assert (articles["a-1"].title, only.ref, only.total) == ("Title", REF, 20)
        everything = reading(store, insights).overview(DEMO, START - 4 * HOUR, patient()).total
        assert everything.counts == {"up": 15, "down": 5}


@without_moto  # moto copies its whole table at each transaction
class TestReplays:
    def test_shuffled_and_repeated_states_end_in_the_same_boards(
        self, store: OperatorStore, insights: InsightStore
    ) -> None:
        store.put_site(DEMO, patient())
        rng = random.Random(11)
        states = []
        for number in range(60):
            voter = f"v{number % 23}"
            cast(store, wish(voter, rng.choice(["up", "down"]), f"r{number}", at=START + number * 1000))
            states.append((vote_partition(voter), store.shards(REF, patient())[vote_partition(voter)]))
        for one in states:
            deliver(store, insights, REF, [one])

        def now() -> list[object]:
            boards = [
                pages_of(store, insights)(window, at, order)
                for window in ("hour", "day", "all") for order in ("voters", "rising", "controversial")
                for at in range(START, START + 16 * HOUR, HOUR)
            ]  # fmt: skip
            return [*boards, *insights.totals_since(DEMO, 0, patient())]

        before = now()
        rng.shuffle(states)
        for at in range(0, 60, 7):
            deliver(store, insights, REF, states[at : at + 9])
        assert now() == before

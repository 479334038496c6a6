"""What every store of the read models must do. Run against the in-memory fake, moto and DynamoDB Local."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from chalicelib.insights.gains import Gain
from chalicelib.insights.history import Snapshot
from chalicelib.insights.intervals import DAY, FOR_EVER, HOUR, start_of
from chalicelib.insights.leaderboards import EVERY_ORDER, WINDOWS, Board, Entry, Order, Place, Trend
from chalicelib.insights.ports import InsightStore, OperatorInsightStore
from chalicelib.insights.site_totals import SiteTotal, hour_part
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.read_keys import ReadKey
from chalicelib.publishing.sites import Site, StarPrior
from chalicelib.voting.ports import OperatorStore
from chalicelib.voting.tallies import Tally
from chalicelib.voting.voters import vote_partition
from tests.contract.test_store import REF, cast, concurrent_stores, every_store, wish
from tests.support.fakes import START, patient
from tests.support.stream import deliver, project_all

TODAY = start_of("day", START)
SHARDS = {0: Tally({"up": 2, "down": 1}, 3, START), 15: Tally({"up": 4}, 4, START)}


def entry(article: str, voters: int = 1, version: int = 1, **more: object) -> Entry:
    values: dict[Order, float] = {"voters": voters, "rising": voters / 4, "approval": 0.5}
    made = Entry(
        ArticleRef("demo", article), "day", TODAY, Gain({"up": voters}, version, START), voters, values,
        Trend("hour", TODAY, (1, 0, -2)),
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def board(order: Order = "voters", start: int = TODAY) -> Board:
    return Board("demo", "day", start, order)


def names(insights: InsightStore, of: Board, limit: int = 100) -> list[str]:
    return [one.ref.article for one in insights.leaderboard(of, limit, None, patient()).entries]


@every_store
class TestSnapshots:
    def test_a_snapshot_is_read_back_as_it_was_put(self, insights: InsightStore) -> None:
        snapshot = Snapshot("hour", TODAY, SHARDS)
        assert insights.put_snapshot(REF, snapshot, 0, patient())
        assert insights.snapshots(REF, "hour", TODAY, 10, patient()) == [snapshot]

    def test_a_snapshot_is_replaced_only_if_it_is_the_one_that_was_read(self, insights: InsightStore) -> None:
        less = Snapshot("day", TODAY, {0: SHARDS[0]})
        more = Snapshot("day", TODAY, SHARDS)
        assert insights.put_snapshot(REF, less, 0, patient())
        assert not insights.put_snapshot(REF, more, 0, patient())
        assert not insights.put_snapshot(REF, more, 2, patient())
        assert insights.put_snapshot(REF, more, less.tally.version, patient())
        assert not insights.put_snapshot(REF, less, less.tally.version, patient())
        assert insights.snapshots(REF, "day", TODAY, 10, patient()) == [more]

    def test_snapshots_are_read_back_to_the_one_before_an_interval(self, insights: InsightStore) -> None:
        for hour in (0, 1, 2, 5, 9, 200):
            insights.put_snapshot(REF, Snapshot("hour", TODAY + hour * HOUR, SHARDS), 0, patient())
        insights.put_snapshot(REF, Snapshot("day", TODAY, SHARDS), 0, patient())
        for expected in (1, 3, 100):
            found = insights.snapshots_back_to(REF, "hour", TODAY + 4 * HOUR, expected, patient())
            assert [(one.start - TODAY) // HOUR for one in found] == [200, 9, 5, 2]
            everything = insights.snapshots_back_to(REF, "hour", TODAY - DAY, expected, patient())
            assert len(list(everything)) == 6

    def test_hours_come_newest_first_and_days_behind_them(self, insights: InsightStore) -> None:
        for hour in (0, 5, 2):
            insights.put_snapshot(REF, Snapshot("hour", TODAY + hour * HOUR, SHARDS), 0, patient())
        for day in (0, -1, -200):
            insights.put_snapshot(REF, Snapshot("day", TODAY + day * DAY, SHARDS), 0, patient())
        found = insights.snapshots(REF, "hour", TODAY + 4 * HOUR, 4, patient())
        assert [(one.step, one.start) for one in found] == [
            ("hour", TODAY + 2 * HOUR), ("hour", TODAY), ("day", TODAY), ("day", TODAY - DAY),
        ]  # fmt: skip
        days = insights.snapshots(REF, "day", TODAY, 10, patient())
        assert [one.start for one in days] == [TODAY, TODAY - DAY, TODAY - 200 * DAY]

    def test_articles_and_sites_do_not_mix(self, insights: InsightStore) -> None:
        for ref in (ArticleRef("demo", "a-10"), ArticleRef("demo2", "a-1")):
            insights.put_snapshot(ref, Snapshot("day", TODAY, SHARDS), 0, patient())
        assert insights.snapshots(REF, "day", TODAY, 10, patient()) == []


@every_store
class TestLeaderboards:
    def test_an_entry_is_read_back_as_it_was_put(self, insights: InsightStore) -> None:
        plain, titled = entry("a", 5), entry("b", 4, title='Zwölf "Türme" und 岩', url="https://news.example/b")
        for one in (plain, titled):
            assert insights.put_entry(one, patient())
        assert insights.leaderboard(board(), 10, None, patient()).entries == [plain, titled]

    def test_best_comes_first_in_each_order_and_negative_values_last(self, insights: InsightStore) -> None:
        for article, value in (("a", 9.5), ("b", -3), ("c", 10), ("d", 0.0001), ("e", 0)):
            values = dict.fromkeys(EVERY_ORDER, value)
            insights.put_entry(entry(article, values=values), patient())
        for order in EVERY_ORDER:
            assert names(insights, board(order)) == ["c", "a", "d", "e", "b"]

    def test_an_entry_without_a_value_is_not_in_that_order(self, insights: InsightStore) -> None:
        insights.put_entry(entry("a", values={"voters": 3}), patient())
        insights.put_entry(entry("b", values={}), patient())
        assert [names(insights, board(order)) for order in ("voters", "net")] == [["a"], []]

    def test_an_entry_that_has_lost_its_value_leaves_the_board(self, insights: InsightStore) -> None:
        insights.put_entry(entry("a", 1, version=1), patient())
        insights.put_entry(entry("a", 0, version=2, values={}), patient())
        assert names(insights, board()) == []

    def test_an_entry_is_replaced_unless_the_stored_one_is_newer(self, insights: InsightStore) -> None:
        assert insights.put_entry(entry("a", 5, version=5), patient())
        assert not insights.put_entry(entry("a", 4, version=4), patient())
        assert insights.put_entry(entry("a", 5, version=5, title="A title since"), patient())
        (only,) = insights.leaderboard(board(), 10, None, patient()).entries
        assert (only.gained.voters, only.title) == (5, "A title since")

    def test_a_title_is_given_to_entries_that_exist_and_makes_none(self, insights: OperatorInsightStore) -> None:
        insights.put_entry(entry("a", 5, start=TODAY - DAY), patient())
        article = Article(ArticleRef("demo", "a"), "A title since", "https://news.example/a")
        assert insights.put_title(article, "day", TODAY - DAY, patient())
        assert not insights.put_title(article, "day", TODAY, patient())
        (only,) = insights.leaderboard(board(start=TODAY - DAY), 10, None, patient()).entries
        assert (only.title, only.url, only.gained.voters) == ("A title since", "https://news.example/a", 5)
        assert names(insights, board()) == []

    def test_windows_sites_and_days_do_not_mix(self, insights: InsightStore) -> None:
        insights.put_entry(entry("a"), patient())
        others = [entry("b", window="week"), entry("c", start=TODAY - DAY), entry("d", ref=ArticleRef("demo2", "d"))]
        for other in others:
            insights.put_entry(other, patient())
        assert names(insights, board()) == ["a"]
        assert names(insights, board(start=TODAY - DAY)) == ["c"]

    @pytest.mark.parametrize("order", ["voters", "rising", "approval"])
    def test_pages_go_on_where_the_one_before_ended_also_among_equals(
        self, insights: InsightStore, order: Order
    ) -> None:
        for number in range(57):
            insights.put_entry(entry(f"a-{number}", number // 3), patient())
        seen: list[str] = []
        after: Place | None = None
        pages = 0
        while pages == 0 or after is not None:
            page = insights.leaderboard(board(order), 10, after, patient())
            values = [one.values[order] for one in page.entries]
            assert values == sorted(values, reverse=True)
            seen += [one.ref.article for one in page.entries]
            after, pages = page.next, pages + 1
        assert sorted(seen) == sorted(f"a-{number}" for number in range(57))
        assert pages == 6

    def test_gains_of_an_hour_come_by_part(self, insights: InsightStore) -> None:
        articles = [f"a-{number}" for number in range(40)]
        for number, article in enumerate(articles):
            insights.put_entry(entry(article, number - 3, window="hour", values={}), patient())
        for part in range(16):
            gained = [one.voters for one in insights.gains_of_hour("demo", TODAY, part, patient())]
            assert sorted(gained) == [n - 3 for n, article in enumerate(articles) if hour_part(article) == part]


@every_store
class TestTotals:
    def test_a_total_is_replaced_only_by_one_that_knows_more(self, insights: InsightStore) -> None:
        assert insights.put_total("demo", SiteTotal("day", TODAY, Gain({"up": 5, "down": -1}, 7)), patient())
        assert not insights.put_total("demo", SiteTotal("day", TODAY, Gain({"up": 4}, 7)), patient())
        (only,) = insights.totals("demo", "day", TODAY, TODAY + DAY, patient(), consistent=True)
        assert only == SiteTotal("day", TODAY, Gain({"up": 5, "down": -1}, 7))

    def test_totals_come_oldest_first_within_the_time_asked(self, insights: InsightStore) -> None:
        for hour in (3, 0, 23, 24, -1):
            total = SiteTotal("hour", TODAY + hour * HOUR, Gain({"up": hour}, 1))
            insights.put_total("demo", total, patient())
        for day in (1, 0, 5):
            insights.put_total("demo", SiteTotal("day", TODAY + day * DAY, Gain({}, 1)), patient())
        insights.put_total("demo", SiteTotal("all", 0, Gain({"up": 9}, 9)), patient())
        insights.put_total("demo2", SiteTotal("all", 0, Gain({}, 9)), patient())

        def found(totals: Sequence[SiteTotal]) -> list[tuple[str, int]]:
            return [(one.level, (one.start - TODAY) // HOUR if one.level != "all" else 0) for one in totals]

        hours = insights.totals("demo", "hour", TODAY, TODAY + DAY, patient(), consistent=True)
        assert found(hours) == [("hour", hour) for hour in (0, 3, 23)]
        days = insights.totals("demo", "day", 0, FOR_EVER, patient(), consistent=False)
        assert found(days) == [("day", hour) for hour in (0, 24, 120)]
        since = insights.totals_since("demo", TODAY + 20 * HOUR, patient())
        assert found(since) == [("hour", 23), ("hour", 24), ("all", 0)]

    def test_parts_of_an_hour_are_a_list_of_their_own(self, insights: InsightStore) -> None:
        for part in (0, 7, 15):
            total = SiteTotal("part", TODAY, Gain({"up": part}, 1), part)
            assert insights.put_total("demo", total, patient())
            assert not insights.put_total("demo", total, patient())
        insights.put_total("demo", SiteTotal("part", TODAY + HOUR, Gain({"up": 99}, 1), 3), patient())
        assert [one.voters for one in insights.parts_of_hour("demo", TODAY, patient())] == [0, 7, 15]
        assert insights.totals_since("demo", 0, patient()) == []


@every_store
class TestKeysAndSites:
    def test_a_key_is_known_from_issue_to_revocation_and_only_on_its_site(self, store: OperatorStore) -> None:
        key = ReadKey("demo", "ab" * 32, "The newsroom's spreadsheet", START)
        store.put_read_key(key, patient())
        store.put_read_key(replace(key, hash="cd" * 32), patient())
        assert store.read_keys("demo", patient()) == [key, replace(key, hash="cd" * 32)]
        assert store.has_read_key("demo", key.hash, patient())
        assert not store.has_read_key("demo2", key.hash, patient())
        store.delete_read_key(key, patient())
        assert not store.has_read_key("demo", key.hash, patient())
        assert [one.hash for one in store.read_keys("demo", patient())] == ["cd" * 32]

    def test_a_key_does_not_make_a_site(self, store: OperatorStore) -> None:
        store.put_read_key(ReadKey("demo", "ab" * 32, "x", START), patient())
        assert store.site("demo", patient()) is None

    def test_only_sites_whose_insights_are_public_are_listed(self, store: OperatorStore) -> None:
        site = Site("b-site", make_ballot("stars"), star_prior=StarPrior(3.45, 12))
        store.put_site(site, patient())
        store.put_site(replace(site, id="a-site"), patient())
        store.put_site(replace(site, id="private", insights="private"), patient())
        assert store.listed_sites(patient()) == ["a-site", "b-site"]
        store.put_site(replace(site, insights="private"), patient())
        assert store.listed_sites(patient()) == ["a-site"]
        assert store.site("b-site", patient()) == replace(site, insights="private")


@every_store
class TestProjection:
    def test_an_article_and_its_shards_come_together(self, store: OperatorStore) -> None:
        assert store.article_and_shards(REF, patient()) == (None, {})
        article = Article(REF, "Title", "https://news.example/a-1")
        store.put_article(article, START, patient())
        cast(store, wish("v1", "up"))
        store.put_projected_tally(REF, Tally({"up": 1}, 1), patient())
        found, shards = store.article_and_shards(REF, patient())
        assert found == article
        assert shards[vote_partition("v1")].counts == {"up": 1}
        assert set(shards) == set(range(16))

    def test_votes_are_projected_into_every_read_model(self, store: OperatorStore, insights: InsightStore) -> None:
        store.put_site(Site("demo", make_ballot("updown")), patient())
        store.put_article(Article(REF, "Title", "https://news.example/a-1"), START - 3 * DAY, patient())
        for number in range(20):
            cast(store, wish(f"v{number}", "up" if number % 4 else "down", at=START - DAY + number * HOUR))
        project_all(store, insights, REF)
        assert store.projected_tallies([REF], patient()) == [store.tally(REF, patient(), consistent=True)]
        for window in WINDOWS:
            page = insights.leaderboard(
                Board("demo", window, start_of(window, START - 5 * HOUR), "voters"), 10, None, patient()
            )
            (only,) = page.entries
            assert (only.title, only.ref, only.total) == ("Title", REF, 20)
        (everything,) = insights.totals("demo", "all", 0, 1, patient(), consistent=True)
        assert everything.gained.counts == {"up": 15, "down": 5}


@concurrent_stores  # moto copies its whole table at each transaction
class TestReplays:
    def test_shuffled_and_repeated_states_end_in_the_same_boards(
        self, store: OperatorStore, insights: InsightStore
    ) -> None:
        store.put_site(Site("demo", make_ballot("updown")), patient())
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
                insights.leaderboard(Board("demo", window, start_of(window, at), order), 9, None, patient())
                for window in ("hour", "day", "all") for order in ("voters", "rising", "controversial")
                for at in range(START, START + 16 * HOUR, HOUR)
            ]  # fmt: skip
            return [*boards, *insights.totals_since("demo", 0, patient())]

        before = now()
        rng.shuffle(states)
        for at in range(0, 60, 7):
            deliver(store, insights, REF, states[at : at + 9])
        assert now() == before

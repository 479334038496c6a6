"""Insights over HTTP, on fakes: leaderboards, histories, summaries, CSV, feeds, read keys."""

from __future__ import annotations

import pytest

from chalicelib.insights import wire as schemas
from chalicelib.insights.intervals import DAY, HOUR, UTC
from chalicelib.insights.leaderboard_wire import LeaderboardBody
from chalicelib.insights.leaderboards import ORDERS, WINDOWS
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.registering import register
from chalicelib.publishing.sites import Site
from chalicelib.services import Services
from chalicelib.voting.applying import apply
from chalicelib.voting.votes import Wish
from tests.support.fakes import START, Clock, MemoryStore, patient
from tests.support.gateway import send
from tests.support.insights import EVERY_ADDRESS, HISTORY, LEADERBOARD, Cast, get, rows
from tests.support.stream import project_all

HOUR_START = UTC.start_of("hour", START)


pytestmark = pytest.mark.usefixtures("services")


class TestLeaderboards:
    def test_rank_the_articles_of_the_day_by_voters_unless_asked_otherwise(self, cast: Cast) -> None:
        cast("a", {"up": 3})
        cast("b", {"up": 4, "down": 4})
        cast("c", {"up": 20}, START - 2 * DAY)
        board = get(LEADERBOARD, LeaderboardBody)
        assert (board["order"], board["window"]) == ("voters", "day")
        assert [(one["article"], one["voters"], one["value"]) for one in board["entries"]] == [("b", 8, 8), ("a", 3, 3)]
        assert board["entries"][0]["counts"] == {"up": 4, "down": 4}
        assert board["entries"][0]["score"]["net"] == 0
        assert (board["start"], board["cursor"]) == ("2026-09-21T00:00:00Z", None)

    @pytest.mark.parametrize(
        ("order", "articles"),
        [("voters", "bcad"), ("net", "acbd"), ("approval", "acbd"), ("controversial", "bcad"), ("rising", "bcad")],
    )
    def test_know_every_order_of_up_and_down(self, cast: Cast, order: str, articles: str) -> None:
        cast("a", {"up": 9})
        cast("b", {"up": 7, "down": 7})
        cast("c", {"up": 8, "down": 2})
        cast("d", {"down": 3})
        found = get(f"{LEADERBOARD}?order={order}", LeaderboardBody)["entries"]
        # Nothing is controversial about a and d: they share a last place.
        ranked = "".join(one["article"] for one in found)
        assert ranked in ((articles, "bcda") if order == "controversial" else (articles,))

    def test_rank_stars_by_a_mean_that_few_votes_move_little(
        self, services: Services, store: MemoryStore, cast: Cast
    ) -> None:
        store.put_site(Site("stars", make_ballot("stars"), ranks="any"), patient())
        cast("one-five", {"5": 1}, site="stars")
        cast("many-fours", {"4": 40}, site="stars")
        found = get("/v1/sites/stars/leaderboard?order=stars&window=all", LeaderboardBody)["entries"]
        assert [(one["article"], one["value"]) for one in found] == [("many-fours", 3.8), ("one-five", 3.1818)]
        assert [one["score"]["mean"] for one in found] == [4.0, 5.0]

    def test_rising_is_what_an_article_gains_over_its_own_pace(self, cast: Cast) -> None:
        noon = UTC.start_of("day", START) + 12 * HOUR
        for day in range(7, 0, -1):
            cast("steady", {"up": 20}, noon - day * DAY)
        cast("steady", {"up": 10}, noon)
        cast("new", {"up": 5}, noon)
        found = get(f"{LEADERBOARD}?order=rising", LeaderboardBody)["entries"]
        assert [(one["article"], one["value"]) for one in found] == [("new", 5.0), ("steady", 0.0)]

    def test_go_back_in_time_window_by_window(self, cast: Cast) -> None:
        cast("a", {"up": 1}, START)
        cast("b", {"up": 1}, START - DAY)
        cast("c", {"up": 1}, START - HOUR)
        for url, articles in (
            ("?ago=1", ["b"]), ("?ago=2", []), ("?window=hour&ago=1", ["c"]), ("?window=hour&ago=0", ["a"]),
            ("?window=week", ["a", "c"]), ("?window=week&ago=1", ["b"]), ("?window=month", ["a", "b", "c"]),
        ):  # fmt: skip
            found = get(LEADERBOARD + url, LeaderboardBody)["entries"]
            assert sorted(one["article"] for one in found) == articles, url

    def test_come_page_by_page_and_a_cursor_stays_in_its_window(self, cast: Cast, clock: Clock) -> None:
        for number in range(7):
            cast(f"a-{number}", {"up": number + 1})
        first = get(f"{LEADERBOARD}?limit=3", LeaderboardBody)
        clock.advance(DAY)
        second = get(f"{LEADERBOARD}?limit=3&cursor={first['cursor']}", LeaderboardBody)
        third = get(f"{LEADERBOARD}?limit=3&cursor={second['cursor']}", LeaderboardBody)
        articles = [one["article"] for page in (first, second, third) for one in page["entries"]]
        assert articles == [f"a-{number}" for number in range(6, -1, -1)]
        assert third["cursor"] is None
        assert {page["start"] for page in (first, second, third)} == {"2026-09-21T00:00:00Z"}

    def test_a_link_leads_to_the_next_page_of_the_csv(self, cast: Cast) -> None:
        for number in range(3):
            cast(f"a-{number}", {"up": number + 1})
        first = send("GET", f"{LEADERBOARD}.csv?limit=2&order=net")
        assert first.headers["link"].startswith("<?order=net&limit=2&cursor=")
        assert first.headers["link"].endswith('>; rel="next"')
        url = first.headers["link"][1:].partition(">")[0]
        assert [one["article"] for one in rows(send("GET", f"{LEADERBOARD}.csv{url}"))] == ["a-0"]

    def test_show_title_and_address_where_the_article_is_known(self, store: MemoryStore, cast: Cast) -> None:
        register(store, Article(ArticleRef("demo", "a"), "A title", "https://news.example/a"), START, patient())
        cast("a", {"up": 2})
        cast("b", {"up": 1})
        found = get(LEADERBOARD, LeaderboardBody)["entries"]
        assert [(one["title"], one["url"]) for one in found] == [("A title", "https://news.example/a"), (None, None)]

    def test_show_a_new_title_in_past_windows_too(self, store: MemoryStore, cast: Cast) -> None:
        cast("a", {"up": 2}, START - DAY)
        register(store, Article(ArticleRef("demo", "a"), "Since", "https://news.example/a"), START, patient())
        (only,) = get(f"{LEADERBOARD}?ago=1", LeaderboardBody)["entries"]
        assert only["title"] == "Since"

    def test_rank_registered_articles_only_unless_the_site_chooses_otherwise(
        self, services: Services, store: MemoryStore, cast: Cast
    ) -> None:
        store.put_site(Site("careful", make_ballot("updown")), patient())
        known = ArticleRef("careful", "known")
        cast("invented", {"up": 9}, site="careful")
        cast("known", {"up": 1}, site="careful")
        assert get("/v1/sites/careful/leaderboard", LeaderboardBody)["entries"] == []
        register(store, Article(known, "T", "https://news.example"), START, patient())
        project_all(store, services.insights.store, known)
        (only,) = get("/v1/sites/careful/leaderboard", LeaderboardBody)["entries"]
        assert (only["article"], only["voters"]) == ("known", 1)
        assert get("/v1/sites/careful/summary", schemas.SummaryBody)["total"]["voters"] == 1
        assert get("/v1/sites/careful/articles/invented/history", schemas.HistoryBody)["points"][-1]["voters"] == 9

    def test_say_what_they_know_of_and_that_they_are_complete(self, cast: Cast) -> None:
        cast("a", {"up": 1}, START)
        board = get(LEADERBOARD, LeaderboardBody)
        assert (board["complete"], board["as_of"]) == (True, "2026-09-21T14:13:20Z")

    def test_leave_out_what_nobody_voted_on(self, services: Services, store: MemoryStore, cast: Cast) -> None:
        register(store, Article(ArticleRef("demo", "silent"), "T", "https://news.example"), START, patient())
        project_all(store, services.insights.store, ArticleRef("demo", "silent"))
        for window in WINDOWS:
            assert get(f"{LEADERBOARD}?window={window}", LeaderboardBody)["entries"] == []

    def test_a_trend_has_the_hours_of_the_day_until_the_last_change(self, cast: Cast) -> None:
        day = UTC.start_of("day", START)
        cast("a", {"up": 2}, day + 10)
        cast("a", {"down": 3}, day + 2 * HOUR)
        (only,) = get(LEADERBOARD, LeaderboardBody)["entries"]
        assert only["trend"] == {"step": "hour", "start": "2026-09-21T00:00:00Z", "values": [2, 0, 3]}

    def test_gains_can_be_negative(self, services: Services, store: MemoryStore, cast: Cast) -> None:
        cast("a", {"up": 3}, START - DAY)
        for voter in (0, 1):
            wish = Wish(ArticleRef("demo", "a"), f"v{voter}", None, f"x{voter}", START)
            apply(store, wish, patient(), registered_only=False)
        project_all(store, services.insights.store, ArticleRef("demo", "a"))
        (only,) = get(LEADERBOARD, LeaderboardBody)["entries"]
        assert (only["voters"], only["counts"]["up"], only["total"], only["score"]["approval"]) == (-2, -2, 1, None)


class TestHistories:
    def test_an_articles_history_has_every_hour_from_its_first_vote_on(self, cast: Cast) -> None:
        cast("a", {"up": 2}, START - 3 * HOUR)
        cast("a", {"up": 1, "down": 1}, START - HOUR)
        history = get(HISTORY, schemas.HistoryBody)
        assert [one["voters"] for one in history["points"]] == [2, 2, 4, 4]
        assert [one["gained"]["voters"] for one in history["points"]] == [2, 0, 2, 0]
        assert history["points"][2]["gained"]["counts"] == {"up": 1, "down": 1}
        assert history["points"][-1]["start"] == "2026-09-21T14:00:00Z"

    def test_a_span_begins_with_what_was_there_before_it(self, cast: Cast) -> None:
        cast("a", {"up": 5}, START - 3 * DAY)
        history = get(f"{HISTORY}?since=2026-09-21T12:00:00Z&until=2026-09-21T14:00:00Z", schemas.HistoryBody)
        assert [(one["start"][11:13], one["voters"]) for one in history["points"]] == [("12", 5), ("13", 5)]

    def test_days_go_back_for_ever_and_hours_after_a_long_silence_know_of_them(self, cast: Cast) -> None:
        cast("a", {"up": 5}, START - 200 * DAY)
        cast("a", {"up": 1}, START)
        days = get(f"{HISTORY}?step=day&since=2026-03-01", schemas.HistoryBody)["points"]
        assert (days[0]["start"][:10], days[0]["voters"], days[-1]["voters"]) == ("2026-03-05", 5, 6)
        hours = get(HISTORY, schemas.HistoryBody)["points"]
        assert (len(hours), hours[0]["voters"], hours[-1]["voters"]) == (168, 5, 6)

    def test_hours_before_many_days_with_votes_know_what_was_long_before_them(self, cast: Cast) -> None:
        cast("a", {"up": 5}, START - 100 * DAY)
        for day in range(49, -1, -1):
            cast("a", {"up": 1}, START - day * DAY)
        early = get(f"{HISTORY}?since=2026-07-29T01:00:00Z&until=2026-07-29T03:00:00Z", schemas.HistoryBody)
        assert [one["voters"] for one in early["points"]] == [5, 5]

    def test_the_first_point_of_a_full_span_gains_only_what_it_gained(self, cast: Cast) -> None:
        for day in range(9, -1, -1):
            cast("a", {"up": 1}, START - day * DAY)
        days = get(f"{HISTORY}?step=day&since=2026-09-19", schemas.HistoryBody)["points"]
        assert [(one["voters"], one["gained"]["voters"]) for one in days] == [(8, 1), (9, 1), (10, 1)]

    def test_an_article_that_nobody_voted_on_has_no_points_and_no_title(self) -> None:
        history = get(HISTORY, schemas.HistoryBody)
        assert (history["points"], history["title"], history["url"]) == ([], None, None)

    def test_a_registered_article_has_its_title_also_before_its_first_vote(self, store: MemoryStore) -> None:
        register(store, Article(ArticleRef("demo", "a"), "A title", "https://news.example/a"), START, patient())
        history = get(HISTORY, schemas.HistoryBody)
        assert (history["title"], history["url"]) == ("A title", "https://news.example/a")

    def test_a_span_never_reaches_into_the_future(self, cast: Cast) -> None:
        cast("a", {"up": 1})
        history = get(f"{HISTORY}?until=2030-01-01&since=2026-09-21", schemas.HistoryBody)
        assert history["until"] == "2026-09-21T15:00:00Z"
        assert len(history["points"]) == 1

    def test_a_sites_history_adds_its_articles_up(self, cast: Cast) -> None:
        for number in range(40):
            cast(f"a-{number}", {"up": 1, "down": number % 2}, START - (number % 3) * HOUR)
        history = get("/v1/sites/demo/history", schemas.SiteHistoryBody)
        assert [one["gained"]["voters"] for one in history["points"]] == [19, 20, 21]
        days = get("/v1/sites/demo/history?step=day", schemas.SiteHistoryBody)
        assert [one["gained"]["counts"] for one in days["points"]] == [{"up": 40, "down": 20}]

    def test_a_sites_history_shows_hours_without_votes_as_nothing_gained(self, cast: Cast) -> None:
        cast("a", {"up": 1}, START - 3 * HOUR)
        points = get("/v1/sites/demo/history", schemas.SiteHistoryBody)["points"]
        assert [one["gained"]["voters"] for one in points] == [1, 0, 0, 0]


class TestSummaries:
    def test_today_against_yesterday_in_whole_and_by_this_hour(self, cast: Cast) -> None:
        day = UTC.start_of("day", START)  # it is 14:13 then
        cast("a", {"up": 1}, START - 10 * DAY)
        cast("a", {"up": 2}, day - DAY)
        cast("a", {"up": 1}, START - DAY)  # yesterday, in this very hour
        cast("b", {"down": 2}, day - DAY + 20 * HOUR)
        cast("a", {"up": 4}, day)
        cast("a", {"up": 5}, START)
        found = get("/v1/sites/demo/summary", schemas.SummaryBody)
        gained = {name: found[name]["gained"]["voters"] for name in ("hour", "today", "yesterday", "yesterday_by_now")}
        assert gained == {"hour": 5, "today": 9, "yesterday": 5, "yesterday_by_now": 3}
        assert found["total"] == {"voters": 15, "counts": {"up": 13, "down": 2}}
        assert found["yesterday_by_now"]["end"] == "2026-09-20T15:00:00Z"

    def test_of_a_site_without_votes_is_zeros(self) -> None:
        found = get("/v1/sites/demo/summary", schemas.SummaryBody)
        assert found["total"] == {"voters": 0, "counts": {"up": 0, "down": 0}}


class TestCaching:
    @pytest.mark.parametrize("path", EVERY_ADDRESS)
    def test_an_insight_is_cached_like_a_tally_and_asked_for_again_with_its_tag(self, cast: Cast, path: str) -> None:
        cast("a", {"up": 1})
        answer = send("GET", path)
        assert answer.headers["cache-control"] == "public, max-age=5, stale-while-revalidate=60, stale-if-error=86400"
        again = send("GET", path, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status, again.text, again.headers.get("vary")) == (304, "", answer.headers.get("vary"))
        cast("a", {"up": 1})
        assert send("GET", path, headers={"If-None-Match": answer.headers["etag"]}).status == 200

    def test_json_and_csv_have_tags_of_their_own(self, cast: Cast) -> None:
        tags = {send("GET", LEADERBOARD, headers={"Accept": kind}).headers["etag"] for kind in ("text/csv", "*/*")}
        assert len(tags) == 2


def test_every_ballot_has_an_order_and_refuses_the_others(services: Services, store: MemoryStore) -> None:
    for kind, orders in ORDERS.items():
        reactions = ["joy", "rage"] if kind == "reactions" else []
        store.put_site(Site(kind, make_ballot(kind, reactions)), patient())
        for order in ("voters", "net", "approval", "stars", "controversial", "rising"):
            answer = send("GET", f"/v1/sites/{kind}/leaderboard?order={order}")
            assert answer.status == (200 if order in orders else 422), (kind, order)
            if answer.status == 422:
                assert answer.json()["field"] == "order"
                assert orders[0] in answer.json()["detail"]

"""Insights as CSV, opened by a real parser, and as feeds, read by a feed reader."""

from __future__ import annotations

import calendar
import json
from dataclasses import replace

import feedparser
import pytest

from chalicelib.insights.feed_routes import FeedBody
from chalicelib.insights.intervals import DAY, HOUR
from chalicelib.insights.leaderboard_wire import LeaderboardBody
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.registering import register
from chalicelib.services import Services
from tests.support.fakes import START, MemoryStore, patient
from tests.support.forms import has_form
from tests.support.gateway import send
from tests.support.insights import HISTORY, INSIGHTS, LEADERBOARD, Cast, get, rows
from tests.support.keys import READ, basic, issue

pytestmark = pytest.mark.usefixtures("services")


class TestCsv:
    def test_every_insight_opens_in_a_real_parser(self, cast: Cast) -> None:
        cast("a", {"up": 2, "down": 1}, START - HOUR)
        assert rows(send("GET", f"{LEADERBOARD}.csv?order=net")) == [
            {
                "article": "a", "title": "", "url": "", "author": "", "section": "", "image": "", "published_at": "",
                "value": "1", "gained": "3", "gained_up": "2", "gained_down": "1", "total": "3", "updated_at": "2026-09-21T13:13:20Z",
            }
        ]  # fmt: skip
        first, second = rows(send("GET", f"{HISTORY}.csv"))
        assert first == {
            "start": "2026-09-21T13:00:00Z", "voters": "3", "up": "2", "down": "1",
            "gained": "3", "gained_up": "2", "gained_down": "1",
        }  # fmt: skip
        assert (second["voters"], second["gained"]) == ("3", "0")
        assert [one["gained"] for one in rows(send("GET", "/v1/sites/demo/history.csv"))] == ["3", "0"]
        summary = {one["period"]: one["gained"] for one in rows(send("GET", "/v1/sites/demo/summary.csv"))}
        assert summary == {"hour": "0", "today": "3", "yesterday": "0", "yesterday_by_now": "0", "total": "3"}

    @pytest.mark.parametrize(
        "title",
        ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=HYPERLINK(\"http://evil.example\",\"x\")", " =1", "\u00a0=cmd|' /C calc'!A0", "\uff1d1+1"],
    )  # fmt: skip
    def test_no_title_is_a_formula(self, store: MemoryStore, cast: Cast, title: str) -> None:
        register(store, Article(ArticleRef("demo", "a"), title, "https://news.example"), START, patient())
        cast("a", {"up": 1})
        (only,) = rows(send("GET", f"{LEADERBOARD}.csv"))
        assert only["title"].replace("'", "") == title.replace("'", "")
        assert only["title"].startswith("'")

    @pytest.mark.parametrize("delimiter", [";", "\t"])
    @pytest.mark.parametrize(
        "title",
        [
            "x;=cmd|' /C calc'!A0;y; @SUM(A1)",
            ";=HYPERLINK(1)",
            ";@SUM(1)",
            "\t=1",
            "a\t+1",
            ";;;-1",
            'x;"=1+1;y',
            'x;"@SUM(1);y',
            ';"=1',
            'x\t"=1',
            "\n=1",
        ],
    )
    def test_no_part_of_a_title_is_a_formula_where_another_sign_ends_a_cell(
        self, store: MemoryStore, cast: Cast, title: str, delimiter: str
    ) -> None:
        register(store, Article(ArticleRef("demo", "a"), title, "https://news.example"), START, patient())
        cast("a", {"up": 1})
        text = send("GET", f"{LEADERBOARD}.csv").text
        for line in text.splitlines():  # as a spreadsheet that does not know what the quotes mean
            for cell in line.split(delimiter):
                assert not cell.strip('" \t').startswith(("=", "@", "+", "-"))

    @pytest.mark.parametrize("title", ['He said "no", twice', "Two\r\nlines", "Grüße, 東京", "a;b", "'quoted'", "١٢"])
    def test_titles_come_through_as_they_are(self, store: MemoryStore, cast: Cast, title: str) -> None:
        register(store, Article(ArticleRef("demo", "a"), title, "https://news.example"), START, patient())
        cast("a", {"up": 1})
        (only,) = rows(send("GET", f"{LEADERBOARD}.csv"))
        assert only["title"] == title

    def test_negative_numbers_stay_numbers(self, cast: Cast) -> None:
        cast("a", {"down": 2})
        assert rows(send("GET", f"{LEADERBOARD}.csv?order=net"))[0]["value"] == "-2"

    @pytest.mark.parametrize(
        ("accept", "csv_wanted"),
        [
            ("text/csv", True), ("text/csv, */*;q=0.1", True), ("application/json;q=0.5, text/csv", True), ("TEXT/CSV", True),
            ("text/csv;q=0", False), ("application/json", False), ("*/*", False), ("text/csv, application/json", False),
            ("text/csv;q=0.4, application/json;q=0.5", False),
            ("text/csv;q=0.5, */*", False), ("text/csv;q=0.5, application/*;q=0.9", False), ("text/*", True), ("text/*;q=0.5, */*", False), ("text/csv;q=high", False), ("", False), (";;,,", False),
        ],
    )  # fmt: skip
    def test_accept_chooses_between_json_and_csv(self, cast: Cast, accept: str, csv_wanted: bool) -> None:
        for path in INSIGHTS:
            answer = send("GET", path, headers={"Accept": accept})
            assert answer.headers["content-type"].startswith("text/csv" if csv_wanted else "application/json")
            assert answer.headers["vary"] == "Accept"


class TestFeeds:
    def test_atom_is_read_by_a_feed_parser(self, store: MemoryStore, cast: Cast) -> None:
        title = 'Ünder <b>"attack"</b> & more \x0b ]]>'
        register(store, Article(ArticleRef("demo", "a:b~c"), title, "https://news.example/?a=1&b=2"), START, patient())
        cast("a:b~c", {"up": 2, "down": 1})
        cast("unknown-one", {"up": 1})
        answer = send("GET", f"{LEADERBOARD}.atom")
        assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
        feed = feedparser.parse(answer.text)
        assert not feed.bozo, feed.get("bozo_exception")
        assert feed.version == "atom10"
        assert feed.feed.id == feed.feed.links[0]["href"]
        known, unknown = feed.entries
        assert unknown.content[0]["value"] == "+1 votes (up +1), 1 in all."
        assert (known.link, known.id) == ("https://news.example/?a=1&b=2", "urn:article-votes:article:demo:a%3Ab~c")
        assert known.title == title.replace("\x0b", "\ufffd")
        assert (unknown.title, unknown.get("links")) == ("unknown-one", None)
        assert known.updated == "2026-09-21T14:13:20Z"
        assert feed.feed.links[0]["href"].endswith("/v1/sites/demo/leaderboard.atom")

    def test_json_feed_has_the_same_stories(self, store: MemoryStore, cast: Cast) -> None:
        register(store, Article(ArticleRef("demo", "a"), "A title", "https://news.example/a"), START, patient())
        cast("a", {"up": 2})
        cast("b", {"up": 1})
        answer = send("GET", f"{LEADERBOARD}.feed.json")
        assert answer.headers["content-type"] == "application/feed+json; charset=utf-8"
        feed = has_form(answer, FeedBody)
        assert feed["version"] == "https://jsonfeed.org/version/1.1"
        assert [(one["title"], one.get("url")) for one in feed["items"]] == [
            ("A title", "https://news.example/a"),
            ("b", None),
        ]

    @pytest.mark.parametrize("form", ["atom", "feed.json"])
    def test_a_feed_names_the_address_that_it_was_read_at(self, form: str) -> None:
        text = send("GET", f"{LEADERBOARD}.{form}?order=net&window=week&ago=1&limit=5").text
        own = f"https://votes.example/api/v1/sites/demo/leaderboard.{form}?order=net&window=week&ago=1&limit=5"
        found = feedparser.parse(text).feed.links[0]["href"] if form == "atom" else json.loads(text)["feed_url"]
        assert found == own

    @pytest.mark.parametrize(
        ("title", "shown"), [("a\udcffb", "a\ufffdb"), ("a\x00b", "a\ufffdb"), ("\uffff", "\ufffd")]
    )
    def test_what_cannot_be_carried_is_shown_as_unknown(
        self, store: MemoryStore, cast: Cast, title: str, shown: str
    ) -> None:
        article = Article(ArticleRef("demo", "a"), title, "https://news.example/\udcff")
        register(store, article, START, patient())
        cast("a", {"up": 1})
        (entry,) = get(LEADERBOARD, LeaderboardBody)["entries"]
        assert (entry["title"], entry["url"]) == (shown, None)
        assert rows(send("GET", f"{LEADERBOARD}.csv"))[0]["title"] == shown
        (story,) = feedparser.parse(send("GET", f"{LEADERBOARD}.atom").text).entries
        assert story.title == shown
        assert get(f"{LEADERBOARD}.feed.json", FeedBody)["items"][0]["title"] == shown

    def test_yesterdays_stories_have_an_address_that_stays(self, cast: Cast) -> None:
        cast("today", {"up": 1})
        cast("yesterday", {"up": 1}, START - DAY)
        assert [one.title for one in feedparser.parse(send("GET", f"{LEADERBOARD}.atom?ago=1").text).entries] == [
            "yesterday"
        ]

    def test_an_empty_feed_is_a_feed(self) -> None:
        feed = feedparser.parse(send("GET", f"{LEADERBOARD}.atom").text)
        assert (feed.bozo, feed.entries) == (False, [])

    def test_an_address_that_is_no_web_address_is_no_link(self, store: MemoryStore, cast: Cast) -> None:
        register(store, Article(ArticleRef("demo", "a"), "T", "javascript:alert(1)"), START, patient())
        cast("a", {"up": 1})
        assert "javascript" not in send("GET", f"{LEADERBOARD}.atom").text
        assert "javascript" not in send("GET", f"{LEADERBOARD}.feed.json").text


class TestWhatNewslettersNeed:
    @pytest.fixture
    def told(self, services: Services, store: MemoryStore, cast: Cast) -> None:
        services.sites.forget("demo")
        store.put_site(replace(store.every_site()[0], language="pt-BR"), patient())
        known = Article(
            ArticleRef("demo", "a"), "Sardinhas & <sal>", "https://news.example/a?x=1&y=2", None, "Inês \"Nê\" Sá", "Mar & Rio",
            "https://news.example/a.jpg?w=1&h=2", START - 3600,
        )  # fmt: skip
        register(store, known, START, patient())
        cast("a", {"up": 2})
        cast("b", {"up": 1})

    @pytest.mark.parametrize(("form", "version"), [("atom", "atom10"), ("rss", "rss20")])
    def test_a_feed_parser_finds_everything_in_both_xml_formats(self, told: None, form: str, version: str) -> None:
        answer = send("GET", f"{LEADERBOARD}.{form}")
        feed = feedparser.parse(answer.text)
        assert (feed.bozo, feed.version) == (False, version)
        assert (feed.feed.language, feed.feed.title) == ("pt-BR", "demo: most voted on of the day (UTC)")
        known, unknown = feed.entries
        assert known.title == "Sardinhas & <sal>"
        assert known.link == "https://news.example/a?x=1&y=2"
        assert known.author == 'Inês "Nê" Sá'
        assert [tag.term for tag in known.tags] == ["Mar & Rio"]
        assert known.media_content[0]["url"] == "https://news.example/a.jpg?w=1&h=2"
        assert calendar.timegm(known.published_parsed) == START - 3600
        assert known.summary == "+2 votes (up +2), 2 in all."
        assert known.id == "urn:article-votes:article:demo:a"
        assert (unknown.title, unknown.get("links", []), "author" in unknown, "tags" in unknown) == (
            "b",
            [],
            False,
            False,
        )

    def test_so_does_json(self, told: None) -> None:
        body = get(f"{LEADERBOARD}.feed.json", FeedBody)
        assert body["language"] == "pt-BR"
        known, unknown = body["items"]
        assert known == {
            "id": "urn:article-votes:article:demo:a", "url": "https://news.example/a?x=1&y=2", "title": "Sardinhas & <sal>",
            "summary": "+2 votes (up +2), 2 in all.", "content_text": "+2 votes (up +2), 2 in all.",
            "image": "https://news.example/a.jpg?w=1&h=2", "date_published": "2026-09-21T13:13:20Z",
            "date_modified": "2026-09-21T14:13:20Z", "authors": [{"name": 'Inês "Nê" Sá'}], "tags": ["Mar & Rio"], "language": "pt-BR",
        }  # fmt: skip
        assert set(unknown) == {"id", "title", "summary", "content_text", "date_modified", "language"}

    @pytest.mark.parametrize("form", ["atom", "rss", "feed.json"])
    def test_a_private_feed_is_read_with_the_key_as_the_user_name(
        self, services: Services, store: MemoryStore, form: str
    ) -> None:
        services.sites.forget("demo")
        store.put_site(replace(store.every_site()[0], insights="private"), patient())
        issue(store, READ, "read")
        url = f"{LEADERBOARD}.{form}"
        assert (send("GET", url).status, send("GET", url, headers=basic(READ)).status) == (401, 200)

"""Leaderboards of one section or author, over HTTP, on fakes."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from chalicelib.insights.leaderboard_wire import LeaderboardBody
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.registering import register
from tests.support.fakes import START, MemoryStore, patient
from tests.support.gateway import send
from tests.support.insights import LEADERBOARD, Cast, get

ANN = quote("Ann O'Neill")

pytestmark = pytest.mark.usefixtures("services")


@pytest.fixture
def town(store: MemoryStore, cast: Cast) -> None:
    """Articles a to h, best first. Every second one is about sport, every fourth by Ann; h is not registered."""
    for number, name in enumerate("abcdefg"):
        section, author = ("Sport" if number % 2 else None), ("Ann O'Neill" if number % 4 == 1 else None)
        article = Article(
            ArticleRef("demo", name), name.upper(), "https://news.example", author=author, section=section,
            image="https://news.example/x.jpg", published_at=START - 60,
        )  # fmt: skip
        register(store, article, START, patient())
    for number, name in enumerate("abcdefgh"):
        cast(name, {"up": 9 - number})


def names(query: str) -> str:
    return "".join(one["article"] for one in get(f"{LEADERBOARD}?{query}", LeaderboardBody)["entries"])


@pytest.mark.usefixtures("town")
class TestSelections:
    def test_only_articles_of_the_section_and_the_author_are_ranked(self) -> None:
        assert names("section=Sport") == "bdf"
        assert names(f"author={ANN}") == "bf"
        assert names(f"author={ANN}&section=Sport&order=net") == "bf"
        assert names("section=sport") == ""
        assert names("") == "abcdefgh"

    def test_an_entry_says_what_is_known_about_the_article(self) -> None:
        found = {one["article"]: one for one in get(LEADERBOARD, LeaderboardBody)["entries"]}
        facts = ("title", "url", "author", "section", "image", "published_at")
        assert [found["b"][fact] for fact in facts] == [
            "B", "https://news.example", "Ann O'Neill", "Sport", "https://news.example/x.jpg", "2026-09-21T14:12:20Z"
        ]  # fmt: skip
        assert {found["h"][fact] for fact in facts} == {None}

    def test_pages_go_on_where_the_one_before_ended(self) -> None:
        first = get(f"{LEADERBOARD}?section=Sport&limit=2", LeaderboardBody)
        assert [one["article"] for one in first["entries"]] == ["b", "d"]
        second = get(f"{LEADERBOARD}?section=Sport&limit=2&cursor={first['cursor']}", LeaderboardBody)
        assert [one["article"] for one in second["entries"]] == ["f"]
        assert (second["cursor"], second["complete"]) == (None, True)

    def test_a_cursor_belongs_to_its_selection(self) -> None:
        cursor = get(f"{LEADERBOARD}?section=Sport&limit=1", LeaderboardBody)["cursor"]
        for other in ("", "section=Council&", f"section=Sport&author={ANN}&"):
            answer = send("GET", f"{LEADERBOARD}?{other}cursor={cursor}")
            assert (answer.status, answer.json()["field"]) == (422, "cursor")

    def test_the_link_of_a_csv_keeps_the_selection(self) -> None:
        answer = send("GET", f"{LEADERBOARD}.csv?section=Sport&limit=1")
        assert answer.headers["link"].startswith("<?limit=1&section=Sport&cursor=")

    def test_feeds_can_be_of_a_section(self) -> None:
        feed = send("GET", f"{LEADERBOARD}.feed.json?section=Sport").json()
        assert [one["title"] for one in feed["items"]] == ["B", "D", "F"]
        assert feed["title"] == "demo: Sport, most voted on of the day (UTC)"
        assert feed["feed_url"].endswith("?section=Sport")
        assert send("GET", f"{LEADERBOARD}.atom?section=Sport").text.count("<entry>") == 3


def test_a_page_looks_at_five_hundred_articles_at_most_and_says_where_it_ended(store: MemoryStore, cast: Cast) -> None:
    for number in range(520):
        cast(f"a-{number}", {"up": 1})
    last = min(f"a-{number}" for number in range(520))  # equals are ordered by their ids, backwards
    register(store, Article(ArticleRef("demo", last), "T", "https://news.example", section="x"), START, patient())
    first = get(f"{LEADERBOARD}?section=x", LeaderboardBody)
    assert (first["entries"], first["complete"]) == ([], True)
    (found,) = get(f"{LEADERBOARD}?section=x&cursor={first['cursor']}", LeaderboardBody)["entries"]
    assert found["article"] == last


@pytest.mark.parametrize("name", ["section", "author"])
@pytest.mark.parametrize("value", ["", " x", "a%0Ab", "x" * 101, "%00"])
def test_a_name_that_cannot_be_one_is_refused(name: str, value: str) -> None:
    answer = send("GET", f"{LEADERBOARD}?{name}={value}")
    assert answer.status == 422, answer.text
    assert answer.json()["field"] == name

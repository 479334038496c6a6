"""A page from a ranked list and later activities is the page that a complete list would give, or ends before it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.insights.gains import Gain
from chalicelib.insights.intervals import HOUR, UTC
from chalicelib.insights.leaderboards import Entry, Order, Trend, value
from chalicelib.insights.ranked_lists import Page, Place, RankedList, merge, rank
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.sites import Site
from tests.support.fakes import START

TODAY = UTC.start_of("day", START)
SITE = Site("demo", make_ballot("updown"), ranks="any")
LIKES = replace(SITE, ballot=make_ballot("like"))
EMPTY = RankedList("day", TODAY, TODAY)
ORDERS: list[Order] = ["voters", "net", "approval", "controversial", "rising"]


def entry(article: str, up: int, down: int = 0, hour: int = 0, version: int = 1) -> Entry:
    at = TODAY + hour * HOUR
    counts = {choice: number for choice, number in (("up", up), ("down", down)) if number}
    gained = Gain(counts, version, at)
    return Entry(ArticleRef("demo", article), "day", TODAY, at, gained, up + down, up - down / 2, Trend("hour", at, ()))


def names(found: Page) -> list[str]:
    return [one.ref.article for one in found.entries]


def page(known: RankedList, site: Site, active: list[Entry], order: Order, limit: int, after: Place | None) -> Page:
    ranking = rank(known, site, active, order, after)
    return ranking.page(ranking.entries[:limit], min(limit, len(ranking.entries)))


def show(known: RankedList, *active: Entry, order: Order = "voters", limit: int = 100) -> Page:
    return page(known, SITE, list(active), order, limit, None)


class TestPages:
    def test_the_list_and_the_activities_since_are_one_ranking(self) -> None:
        known = merge(EMPTY, SITE, [entry("a", 5), entry("b", 3)])
        found = show(known, entry("b", 9, hour=1), entry("c", 4, hour=1))
        assert names(found) == ["b", "a", "c"]
        assert (found.complete, found.as_of) == (True, TODAY + HOUR)

    def test_an_article_whose_counts_are_as_before_the_window_has_no_place(self) -> None:
        known = merge(EMPTY, SITE, [entry("a", 5), entry("b", 3)])
        assert names(show(known, entry("a", 0, hour=1))) == ["b"]

    def test_the_same_entry_from_both_is_shown_once(self) -> None:
        assert names(show(merge(EMPTY, SITE, [entry("a", 5)]), entry("a", 5))) == ["a"]

    def test_of_an_hour_the_entry_that_knows_more_is_shown(self) -> None:
        less, more = entry("a", 5, version=5), entry("a", 4, version=6)
        for one, other in ((less, more), (more, less)):
            assert show(merge(EMPTY, SITE, [one]), other).entries == [more]

    def test_pages_go_on_where_the_one_before_ended_also_among_equals(self) -> None:
        known = merge(EMPTY, SITE, [entry(f"a-{number}", number // 3) for number in range(3, 60)])
        seen: list[str] = []
        after: Place | None = None
        pages = 0
        while pages == 0 or after is not None:
            found = page(known, SITE, [], "voters", 10, after)
            seen += names(found)
            after, pages = found.next, pages + 1
        assert sorted(seen) == sorted(f"a-{number}" for number in range(3, 60))
        assert pages == 6


class TestLongLists:
    def full(self, *entries: Entry) -> RankedList:
        return merge(EMPTY, LIKES, entries, 2)

    def test_a_page_ends_where_an_article_that_fell_off_may_come_next(self) -> None:
        known = self.full(entry("a", 9), entry("b", 8), entry("c", 7))
        assert known.entries.keys() == {"a", "b"}
        assert known.fallen["voters"] == 7
        found = show(known, entry("d", 5, hour=1))
        assert names(found) == ["a", "b"]
        assert (found.next, found.complete) == (None, False)

    def test_an_article_returns_to_the_list_when_it_gets_a_vote_after_others_lost_theirs(self) -> None:
        known = self.full(entry("a", 9), entry("b", 8), entry("c", 7))
        lost = entry("b", 2, hour=1)  # now c, which is not on the list, is before b
        assert names(show(known, lost)) == ["a"]
        settled = merge(known, LIKES, [lost], 2)
        assert names(show(settled)) == ["a"]
        assert names(show(settled, entry("c", 8, hour=2))) == ["a", "c"]

    def test_a_list_that_never_lost_an_article_is_complete(self) -> None:
        found = show(self.full(entry("a", 9), entry("b", 8)))
        assert (names(found), found.complete) == (["a", "b"], True)

    def test_a_page_that_another_one_follows_is_complete(self) -> None:
        found = show(self.full(entry("a", 9), entry("b", 8), entry("c", 7)), limit=1)
        assert (names(found), found.complete, found.next is not None) == (["a"], True, True)

    def test_the_best_of_every_order_are_kept(self) -> None:
        entries = [entry("many", 0, 90), entry("liked", 8), entry("fair", 7, 7), entry("x", 1, 1)]
        known = merge(EMPTY, SITE, entries, 1)
        assert known.entries.keys() == {"many", "liked", "fair"}
        assert "x" not in known.entries
        assert known.fallen["controversial"] == value(SITE, entry("x", 1, 1), "controversial")

    def test_a_list_says_through_which_hour_it_goes(self) -> None:
        known = self.full(entry("a", 1, hour=3))
        assert known.through == TODAY + 4 * HOUR
        assert merge(known, LIKES, [entry("b", 1, hour=2)]).through == TODAY + 4 * HOUR


@pytest.mark.parametrize("order", ORDERS)
@given(data=st.data())
def test_a_page_is_the_beginning_of_the_complete_ranking(order: Order, data: st.DataObject) -> None:
    """Hours of votes and lost votes, settled one by one into a list of the best three, against all that happened."""
    known, complete = EMPTY, dict[str, Entry]()
    gains = st.dictionaries(st.sampled_from("abcdefg"), st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=5)
    hours = data.draw(st.lists(gains, min_size=1, max_size=6))
    for hour, gained in enumerate(hours):
        active = [entry(article, up, down, hour) for article, (up, down) in gained.items()]
        complete |= {one.ref.article: one for one in active}
        everything = page(replace(EMPTY, entries=complete), SITE, [], order, 100, None)
        found = page(known, SITE, active, order, 100, None)
        assert list(found.entries) == list(everything.entries)[: len(found.entries)]
        assert not found.complete or len(found.entries) == len(everything.entries)
        known = merge(known, SITE, active, most=3)
        again = merge(known, SITE, active, most=3)
        assert again == known

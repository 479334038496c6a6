"""The read models in the table: days, activities, ranked lists and site totals. One method for each access pattern.

A write never replaces an item by one that knows less. So a writer may be repeated, delayed or overtaken. A request for
a vote neither reads nor writes any of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from chalicelib.deadlines import Deadline
from chalicelib.dynamodb.attempts import Attempts
from chalicelib.dynamodb.attributes import Item, number
from chalicelib.dynamodb.table import Table
from chalicelib.insights import items
from chalicelib.insights.excluded import Cast
from chalicelib.insights.history import Day
from chalicelib.insights.intervals import FOR_EVER, Window
from chalicelib.insights.leaderboards import WINDOWS, Activity
from chalicelib.insights.ports import ArticleState
from chalicelib.insights.ranked_lists import ListTooLong, RankedList
from chalicelib.insights.site_totals import Level, Settled, SiteTotal
from chalicelib.publishing.articles import NO_TERMS, Article, ArticleRef, Terms
from chalicelib.publishing.items import article_key, article_partition, read_article
from chalicelib.publishing.sites import Site
from chalicelib.voting.items import (
    CAST_PREFIX,
    is_cast,
    is_projected,
    is_shard,
    is_terms,
    page_partition,
    read_cast,
    read_pages,
    shard_of,
    tally_from,
    tally_of_terms,
    terms_key,
)
from chalicelib.voting.terms import read_terms

NOTHING_IS_STORED = "attribute_not_exists(PK)"
STORED_IS_AS_READ = "version = :read"
STORED_IS_OLDER = "attribute_not_exists(version) OR version < :version"
STORED_HAS_THE_DIGEST = "digest = :read"
SETTLED_IS_EARLIER = "attribute_not_exists(PK) OR (begun <= :begun AND through <= :through)"
MOST_LIST_BYTES = 380_000  # an item may have 400 KB
STATE_ITEMS = 16 + 1 + 47  # one call for shards, the projected tally, and the days that trends of a month need


class InsightsStore(Table):
    """Implements `ports.InsightStore`. `now`: the time in epoch seconds, from which on items must still live."""

    def __init__(self, client: Any, name: str, attempts: Attempts, now: Callable[[], int]) -> None:
        super().__init__(client, name, attempts)
        self._now = now

    # Articles

    def article_state(self, ref: ArticleRef, first: int, deadline: Deadline, *, consistent: bool) -> ArticleState:
        """The article's tally shards that have counted, and its days, newest first.

        Of the days before `first`, only the last one is read.
        """
        values = {":article": {"S": article_partition(ref)}, ":day": {"S": items.DAY_PREFIX}}
        shards, days, pages, projected, terms, cast = {}, [], 1, None, None, []
        for item in self._query(
            deadline, "PK = :article AND SK >= :day", values,
            ScanIndexForward=False, ConsistentRead=consistent, Limit=STATE_ITEMS,
        ):  # fmt: skip
            if is_terms(item):
                pages, terms = read_pages(item), tally_of_terms(item)
            elif is_shard(item):
                shards[shard_of(item)] = tally_from(item)
            elif is_projected(item):
                projected = tally_from(item)
            elif is_cast(item):
                cast.append(item)
            elif items.is_day(item):
                days.append(items.read_day(item))
                if days[-1].start < first:
                    break
        for page in range(1, pages):
            of_page = {":page": {"S": page_partition(ref, page)}}
            found = self._query(deadline, "PK = :page", of_page, ConsistentRead=consistent)
            shards |= {shard_of(item): tally_from(item) for item in found}
        counted = {shard: state for shard, state in shards.items() if state.version}
        return ArticleState(counted, days, projected, terms, read_cast(cast))

    def put_day(self, ref: ArticleRef, day: Day, read_version: int, deadline: Deadline) -> bool:
        """Store a day if the stored one still has the version that was read (0: there was none).

        Returns True if it was stored. Versions of days only grow, so equal versions are equal days.
        """
        condition, values = NOTHING_IS_STORED, {}
        if read_version:
            condition, values = STORED_IS_AS_READ, {":read": number(read_version)}
        return self._put_if(items.day_item(ref, day), condition, values, deadline)

    def days(self, ref: ArticleRef, last: int, most: int, deadline: Deadline) -> list[Day]:
        """The article's newest `most` days up to the one that began at `last`, newest first."""
        values = {
            ":article": {"S": article_partition(ref)},
            ":first": {"S": items.DAY_PREFIX},
            ":last": {"S": items.day_sort_key(last)},
        }
        condition = "PK = :article AND SK BETWEEN :first AND :last"
        return [items.read_day(item) for item in self._query(deadline, condition, values, most, ScanIndexForward=False)]

    def registered(self, refs: Sequence[ArticleRef], deadline: Deadline) -> list[Article | None]:
        """At most 100 different articles, in their order. None for one that is not registered."""
        if not refs:
            return []
        found = self._batch_get([article_key(ref) for ref in refs], deadline, consistent=False)
        return [read_article(item, ref) for item, ref in zip(found, refs, strict=True)]

    def described(self, ref: ArticleRef, deadline: Deadline) -> tuple[Article | None, Terms]:
        """An article, or None if it is not registered, and its terms."""
        article, terms = self._batch_get([article_key(ref), terms_key(ref)], deadline, consistent=False)
        return read_article(article, ref), NO_TERMS if terms is None else read_terms(terms)

    def cast(self, ref: ArticleRef, deadline: Deadline) -> Cast:
        """When the article's excluded votes were cast."""
        values = {":article": {"S": article_partition(ref)}, ":cast": {"S": CAST_PREFIX}}
        return read_cast(self._query(deadline, "PK = :article AND begins_with(SK, :cast)", values))

    # Leaderboards

    def put_activity(self, site: Site, activity: Activity, deadline: Deadline) -> bool:
        """Store an activity if it knows more than the stored one. Returns True if it was stored."""
        values = {":version": number(activity.version)}
        return self._put_if(items.activity_item(site, activity, self._now()), STORED_IS_OLDER, values, deadline)

    def activities(
        self,
        site: Site,
        first: int,
        end: int,
        deadline: Deadline,
        *,
        windows: Collection[Window] = WINDOWS,
        most: int | None = None,
        consistent: bool = False,
    ) -> list[Activity]:
        """What a site's articles did in the slots from `first` on and before `end`, oldest first; at most `most`."""
        values = {
            ":active": {"S": items.activities_partition(site)},
            ":first": {"S": items.moment(first)},
            ":end": {"S": items.moment(min(end, FOR_EVER - 1))},
        }
        condition = "PK = :active AND SK BETWEEN :first AND :end"
        found = self._query(deadline, condition, values, most, ConsistentRead=consistent)
        return [items.read_activity(item, site, windows) for item in found]

    def ranked_list(
        self, site: Site, window: Window, start: int, deadline: Deadline, *, consistent: bool = False
    ) -> RankedList:
        """The ranked list of a site in a window. It is empty if none of the window's hours is settled."""
        item = self._get(items.ranked_list_key(site, window, start), deadline, consistent=consistent)
        return RankedList(window, start, start) if item is None else items.read_ranked_list(item, site, window, start)

    def put_ranked_list(self, site: Site, ranked: RankedList, deadline: Deadline) -> bool:
        """Store a list if the stored one still is the one that was read. Returns True if it was stored.

        Raises `ListTooLong`.
        """
        condition, values = NOTHING_IS_STORED, {}
        if ranked.digest:
            condition, values = STORED_HAS_THE_DIGEST, {":read": {"S": ranked.digest}}
        item = items.ranked_list_item(site, ranked)
        if len(item["articles"]["B"]) > MOST_LIST_BYTES:
            raise ListTooLong
        return self._put_if(item, condition, values, deadline)

    # Totals of a site

    def settled(self, site: Site, deadline: Deadline) -> Settled:
        """Which hours of the site are settled, read consistently."""
        item = self._get(items.settled_key(site), deadline, consistent=True)
        return Settled() if item is None else items.read_settled(item)

    def put_settled(self, site: Site, settled: Settled, deadline: Deadline) -> bool:
        """Store how far the site is settled, unless it is further. Returns True if it was stored."""
        values = {":begun": number(settled.begun), ":through": number(settled.through)}
        return self._put_if(items.settled_item(site, settled), SETTLED_IS_EARLIER, values, deadline)

    def put_total(self, site: Site, total: SiteTotal, deadline: Deadline) -> bool:
        """Store a total if its version is higher than the stored one's. Returns True if it was stored."""
        values = {":version": number(total.gained.version)}
        return self._put_if(items.total_item(site, total, self._now()), STORED_IS_OLDER, values, deadline)

    def totals(
        self, site: Site, level: Level, first: int, end: int, deadline: Deadline, *, consistent: bool
    ) -> list[SiteTotal]:
        """The totals of the slots, days or months that began at `first` or later and before `end`, oldest first.

        At the level "all" there is one total, which begins at 0.
        """
        keys = items.total_sort_key(level, first), items.total_sort_key(level, min(end, FOR_EVER) - 1)
        return self._totals(site, *keys, deadline, consistent)

    def totals_since(self, site: Site, first: int, deadline: Deadline) -> list[SiteTotal]:
        """The totals of the slots that began at `first` or later, and the site's total since the beginning."""
        keys = items.total_sort_key("slot", first), items.total_sort_key("all", 0)
        return self._totals(site, *keys, deadline, consistent=False)

    def _totals(self, site: Site, first: str, last: str, deadline: Deadline, consistent: bool) -> list[SiteTotal]:
        values: Item = {":totals": {"S": items.totals_partition(site)}, ":first": {"S": first}, ":last": {"S": last}}
        condition = "PK = :totals AND SK BETWEEN :first AND :last"
        found = self._query(deadline, condition, values, ConsistentRead=consistent)
        return [items.read_total(item) for item in found if items.is_total(item)]

"""What the insights need from a store. `insights.store` implements it on DynamoDB, and tests have a fake."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from dataclasses import field as member
from typing import Protocol

from chalicelib.deadlines import Deadline
from chalicelib.insights.excluded import Cast
from chalicelib.insights.history import Day, Shards
from chalicelib.insights.intervals import Window
from chalicelib.insights.leaderboards import WINDOWS, Activity
from chalicelib.insights.ranked_lists import RankedList
from chalicelib.insights.site_totals import Level, Settled, SiteTotal
from chalicelib.publishing.articles import Article, ArticleRef, Terms
from chalicelib.publishing.sites import Site
from chalicelib.voting.tallies import Tally


@dataclass(frozen=True, slots=True)
class ArticleState:
    """An article's tally shards, its newest days, newest first, its projected tally, and its terms; or None.

    `cast`: when its excluded votes were cast.
    """

    shards: Shards
    days: Sequence[Day]
    projected: Tally | None
    terms: Tally | None
    cast: Cast = member(default_factory=dict)


class InsightStore(Protocol):
    """The read models. What depends on a site's settings is kept for these settings (`editions.edition`).

    Every method raises `Unavailable` if there is no answer by the deadline.
    """

    def article_state(self, ref: ArticleRef, first: int, deadline: Deadline, *, consistent: bool) -> ArticleState: ...
    def put_day(self, ref: ArticleRef, day: Day, read_version: int, deadline: Deadline) -> bool: ...
    def days(self, ref: ArticleRef, last: int, most: int, deadline: Deadline) -> list[Day]: ...
    def put_activity(self, site: Site, activity: Activity, deadline: Deadline) -> bool: ...
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
    ) -> list[Activity]: ...
    def ranked_list(
        self, site: Site, window: Window, start: int, deadline: Deadline, *, consistent: bool = False
    ) -> RankedList: ...
    def put_ranked_list(self, site: Site, ranked: RankedList, deadline: Deadline) -> bool: ...
    def settled(self, site: Site, deadline: Deadline) -> Settled: ...
    def put_settled(self, site: Site, settled: Settled, deadline: Deadline) -> bool: ...
    def put_total(self, site: Site, total: SiteTotal, deadline: Deadline) -> bool: ...
    def totals(
        self, site: Site, level: Level, first: int, end: int, deadline: Deadline, *, consistent: bool
    ) -> list[SiteTotal]: ...
    def totals_since(self, site: Site, first: int, deadline: Deadline) -> list[SiteTotal]: ...
    def described(self, ref: ArticleRef, deadline: Deadline) -> tuple[Article | None, Terms]: ...
    def cast(self, ref: ArticleRef, deadline: Deadline) -> Cast: ...
    def registered(self, refs: Sequence[ArticleRef], deadline: Deadline) -> list[Article | None]: ...

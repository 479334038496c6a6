"""What the insights need from a store. `insights.store` implements it on DynamoDB, and tests have a fake."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from chalicelib.deadlines import Deadline
from chalicelib.insights.gains import Gain
from chalicelib.insights.history import Snapshot
from chalicelib.insights.intervals import Step, Window
from chalicelib.insights.leaderboards import Board, Entry, Page, Place
from chalicelib.insights.site_totals import Level, SiteTotal
from chalicelib.publishing.articles import Article, ArticleRef


class InsightStore(Protocol):
    """The read models. Every method raises `Unavailable` if there is no answer by the deadline."""

    def snapshots(self, ref: ArticleRef, step: Step, last: int, most: int, deadline: Deadline) -> list[Snapshot]: ...
    def snapshots_back_to(
        self, ref: ArticleRef, step: Step, first: int, expected: int, deadline: Deadline
    ) -> Iterator[Snapshot]: ...
    def put_snapshot(self, ref: ArticleRef, snapshot: Snapshot, read_version: int, deadline: Deadline) -> bool: ...
    def put_entry(self, entry: Entry, deadline: Deadline) -> bool: ...
    def leaderboard(self, board: Board, limit: int, after: Place | None, deadline: Deadline) -> Page: ...
    def gains_of_hour(self, site: str, start: int, part: int, deadline: Deadline) -> Iterator[Gain]: ...
    def parts_of_hour(self, site: str, start: int, deadline: Deadline) -> list[Gain]: ...
    def put_total(self, site: str, total: SiteTotal, deadline: Deadline) -> bool: ...
    def totals(
        self, site: str, level: Level, first: int, end: int, deadline: Deadline, *, consistent: bool
    ) -> list[SiteTotal]: ...
    def totals_since(self, site: str, first: int, deadline: Deadline) -> list[SiteTotal]: ...


class OperatorInsightStore(InsightStore, Protocol):
    """What only the command line may do."""

    def put_title(self, article: Article, window: Window, start: int, deadline: Deadline) -> bool: ...

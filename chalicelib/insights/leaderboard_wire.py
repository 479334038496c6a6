"""Leaderboards as JSON."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.http.wire import Count, Timestamp, Wire, optional_timestamp, timestamp
from chalicelib.insights.intervals import FOR_EVER, Calendar, Step, Window
from chalicelib.insights.leaderboards import Board, Entry, Order, value
from chalicelib.insights.ranked_lists import Page
from chalicelib.insights.wire import in_order
from chalicelib.publishing.articles import Article
from chalicelib.publishing.sites import Noun, Site
from chalicelib.publishing.wire import ArticleFactsBody, BallotBody, SiteId, TimeZone, article_facts
from chalicelib.voting.scores import score
from chalicelib.voting.wire import ScoreBody


class TrendBody(Wire):
    """Voters gained in each hour, or in each day of the site, in their order, from `start` to the last change."""

    step: Step
    start: Timestamp
    values: list[int]


class EntryBody(ArticleFactsBody):
    """An article on a leaderboard. `voters`, `counts` and `score` are gains in the window.

    `total`: all its voters at the end of the window, or now. `value`: what the leaderboard is ordered by. What is said
    about the article is null if it is not registered. `counts` and `score` are null if the site does not show them yet.
    """

    value: float
    voters: int
    counts: dict[str, int] | None
    score: ScoreBody | None
    total: Count
    trend: TrendBody
    updated_at: Timestamp | None

    @classmethod
    def of(cls, site: Site, board: Board, entry: Entry, article: Article | None, *, counts_shown: bool) -> EntryBody:
        counts = in_order(site, entry.gained.counts)
        trend = entry.trend
        return cls.model_construct(
            **article_facts(entry.ref.public_id, article),
            value=value(site, entry, board.order),
            voters=entry.gained.voters,
            counts=counts if counts_shown else None,
            score=ScoreBody.of(score(site.ballot.kind, counts)) if counts_shown else None,
            total=entry.total,
            trend=TrendBody.model_construct(step=trend.step, start=timestamp(trend.start), values=list(trend.values)),
            updated_at=optional_timestamp(entry.gained.updated_at),
        )


class LeaderboardBody(Wire):
    """Articles, best first. `cursor` asks for the next page; it is null on the last page.

    Days, weeks and months are those of `time_zone`. `noun`: what the page calls voters. For the window `all`, `start`
    and `end` are null. `complete` is false if the list ends on this page although more articles have votes in this
    window: below the best thousand, no order can be proven. `as_of`: the last change that the list knows of, or null if
    it is empty. A page of one section or author may have fewer entries than asked for, also none, although there are
    more pages.
    """

    site: SiteId
    time_zone: TimeZone
    ballot: BallotBody
    noun: Noun
    order: Order
    window: Window
    start: Timestamp | None
    end: Timestamp | None
    entries: list[EntryBody]
    cursor: str | None
    complete: bool
    as_of: Timestamp | None

    @classmethod
    def of(
        cls,
        site: Site,
        board: Board,
        page: Page,
        articles: Mapping[str, Article],
        cursor: str | None,
        *,
        counts_shown: bool,
    ) -> LeaderboardBody:
        end = Calendar(site.time_zone).end_of(board.window, board.start)
        return cls.model_construct(
            site=site.id,
            time_zone=site.time_zone,
            ballot=BallotBody.of(site.ballot),
            noun=site.noun,
            order=board.order,
            window=board.window,
            start=None if board.window == "all" else timestamp(board.start),
            end=None if end == FOR_EVER else timestamp(end),
            entries=[
                EntryBody.of(site, board, entry, articles.get(entry.ref.article), counts_shown=counts_shown)
                for entry in page.entries
            ],
            cursor=cursor,
            complete=page.complete,
            as_of=optional_timestamp(page.as_of),
        )

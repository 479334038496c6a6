"""Leaderboards, histories and overviews as JSON.

Gains may be negative, because votes are retracted and changed. Counts at a moment are never negative.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chalicelib.http.wire import Count, Timestamp, Wire, optional_timestamp, timestamp
from chalicelib.insights.gains import Gain
from chalicelib.insights.intervals import DAY, FOR_EVER, HOUR, Step, Window, end_of
from chalicelib.insights.leaderboards import Board, Entry, Order, value
from chalicelib.insights.ranked_lists import Page
from chalicelib.insights.use_cases import Overview, Point, SitePoint, Span
from chalicelib.publishing.articles import Article, ArticleRef, shown_title, shown_url
from chalicelib.publishing.sites import Site
from chalicelib.publishing.wire import ArticleId, BallotBody, SiteId
from chalicelib.voting.scores import score
from chalicelib.voting.wire import ScoreBody


class GainBody(Wire):
    """What was gained in some time: voters, and votes for each choice. Negative if more were retracted than cast."""

    voters: int
    counts: dict[str, int]

    @classmethod
    def of(cls, site: Site, gain: Gain) -> GainBody:
        return cls.model_construct(voters=gain.voters, counts=in_order(site, gain.counts))


class TrendBody(Wire):
    """Voters gained in each hour or day, in their order, from `start` to the last change."""

    step: Step
    start: Timestamp
    values: list[int]


class EntryBody(Wire):
    """An article on a leaderboard. `voters`, `counts` and `score` are gains in the window.

    `total`: all its voters at the end of the window, or now. `value`: what the leaderboard is ordered by. The title
    and the address are null if the article is not registered.
    """

    article: ArticleId
    title: str | None
    url: str | None
    value: float
    voters: int
    counts: dict[str, int]
    score: ScoreBody
    total: Count
    trend: TrendBody
    updated_at: Timestamp | None

    @classmethod
    def of(cls, site: Site, board: Board, entry: Entry, article: Article | None) -> EntryBody:
        counts = in_order(site, entry.gained.counts)
        trend = entry.trend
        return cls.model_construct(
            article=entry.ref.article,
            title=shown_title(article.title if article else None),
            url=shown_url(article.url if article else None),
            value=value(site, entry, board.order),
            voters=entry.gained.voters,
            counts=counts,
            score=ScoreBody.of(score(site.ballot.kind, counts)),
            total=entry.total,
            trend=TrendBody.model_construct(step=trend.step, start=timestamp(trend.start), values=list(trend.values)),
            updated_at=optional_timestamp(entry.gained.updated_at),
        )


class LeaderboardBody(Wire):
    """Articles, best first. `cursor` asks for the next page; it is null on the last page.

    For the window `all`, `start` and `end` are null. `complete` is false if the list ends on this page although more
    articles have votes in this window: below the best thousand, no order can be proven. `as_of`: the last change that
    the list knows of, or null if it is empty.
    """

    site: SiteId
    ballot: BallotBody
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
        cls, site: Site, board: Board, page: Page, articles: Mapping[str, Article], cursor: str | None
    ) -> LeaderboardBody:
        end = end_of(board.window, board.start)
        return cls.model_construct(
            site=site.id,
            ballot=BallotBody.of(site.ballot),
            order=board.order,
            window=board.window,
            start=None if board.window == "all" else timestamp(board.start),
            end=None if end == FOR_EVER else timestamp(end),
            entries=[EntryBody.of(site, board, entry, articles.get(entry.ref.article)) for entry in page.entries],
            cursor=cursor,
            complete=page.complete,
            as_of=optional_timestamp(page.as_of),
        )


class PointBody(Wire):
    """An hour or a day of an article: its counts at the end, and what they gained during the hour or day."""

    start: Timestamp
    voters: Count
    counts: dict[str, Count]
    gained: GainBody


class HistoryBody(Wire):
    """An article's history, oldest first, from the first hour or day about which anything is known.

    The hour or day of the last point may not have ended yet. The title and the address are null if the article is not
    registered.
    """

    site: SiteId
    article: ArticleId
    title: str | None
    url: str | None
    ballot: BallotBody
    step: Step
    since: Timestamp
    until: Timestamp
    points: list[PointBody]

    @classmethod
    def of(
        cls, site: Site, ref: ArticleRef, article: Article | None, span: Span, points: Iterable[Point]
    ) -> HistoryBody:
        return cls.model_construct(
            site=site.id,
            article=ref.article,
            title=shown_title(article.title if article else None),
            url=shown_url(article.url if article else None),
            ballot=BallotBody.of(site.ballot),
            step=span.step,
            since=timestamp(span.since),
            until=timestamp(span.until),
            points=[
                PointBody.model_construct(
                    start=timestamp(point.start),
                    voters=point.tally.voters,
                    counts=in_order(site, point.tally.counts),
                    gained=GainBody.of(site, point.gained),
                )
                for point in points
            ],
        )


class SitePointBody(Wire):
    """An hour or a day of a site: what its articles gained together."""

    start: Timestamp
    gained: GainBody

    @classmethod
    def of(cls, site: Site, point: SitePoint) -> SitePointBody:
        gained = GainBody.of(site, point.gained)
        return cls.model_construct(start=timestamp(point.start), gained=gained)


class SiteHistoryBody(Wire):
    """A site's history, oldest first, from the first hour or day in which anything was gained.

    The hour or day of the last point may not have ended yet.
    """

    site: SiteId
    ballot: BallotBody
    step: Step
    since: Timestamp
    until: Timestamp
    points: list[SitePointBody]

    @classmethod
    def of(cls, site: Site, span: Span, points: Iterable[SitePoint]) -> SiteHistoryBody:
        return cls.model_construct(
            site=site.id,
            ballot=BallotBody.of(site.ballot),
            step=span.step,
            since=timestamp(span.since),
            until=timestamp(span.until),
            points=[SitePointBody.of(site, point) for point in points],
        )


class PeriodBody(Wire):
    """What the site's articles gained together from `start` on and before `end`."""

    start: Timestamp
    end: Timestamp
    gained: GainBody

    @classmethod
    def of(cls, site: Site, point: SitePoint, end: int) -> PeriodBody:
        gained = GainBody.of(site, point.gained)
        return cls.model_construct(start=timestamp(point.start), end=timestamp(end), gained=gained)


class SummaryBody(Wire):
    """A site at a glance, in days of UTC. `hour` and `today` have not ended. `total`: since the beginning.

    `yesterday_by_now` ends exactly one day before `hour` ends, so it can be compared with `today`.
    """

    site: SiteId
    ballot: BallotBody
    total: GainBody
    hour: PeriodBody
    today: PeriodBody
    yesterday: PeriodBody
    yesterday_by_now: PeriodBody

    @classmethod
    def of(cls, site: Site, found: Overview) -> SummaryBody:
        hour, today, yesterday = found.hour, found.today, found.yesterday
        return cls.model_construct(
            site=site.id,
            ballot=BallotBody.of(site.ballot),
            total=GainBody.of(site, found.total),
            hour=PeriodBody.of(site, hour, hour.start + HOUR),
            today=PeriodBody.of(site, today, today.start + DAY),
            yesterday=PeriodBody.of(site, yesterday, today.start),
            yesterday_by_now=PeriodBody.of(site, found.yesterday_by_now, hour.start + HOUR - DAY),
        )


def in_order(site: Site, counts: Mapping[str, int]) -> dict[str, int]:
    """The counts of all the site's choices, in the site's order."""
    return {choice: counts.get(choice, 0) for choice in site.ballot.choices}

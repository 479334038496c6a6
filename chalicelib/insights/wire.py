"""The wire of the insights: leaderboards, histories, summaries. Continues `schemas`.

Gains may be negative, because votes are retracted and changed, too; counts at a moment may not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import Field

from chalicelib.insights.intervals import DAY, FOR_EVER, HOUR, Step, Window, end_of
from chalicelib.insights.leaderboards import Board, Entry, Order
from chalicelib.insights.use_cases import Point, SitePoint, Span, Summary
from chalicelib.publishing.articles import shown_title, shown_url
from chalicelib.publishing.sites import Site
from chalicelib.voting.scores import score
from chalicelib.voting.wire import ArticleId, BallotBody, Count, ScoreBody, SiteId, Timestamp, Wire, timestamp


class GainBody(Wire):
    """What was gained in some time: voters, and votes for each choice. Negative when more were retracted than cast."""

    voters: int
    counts: dict[str, int]

    @classmethod
    def of(cls, site: Site, counts: Mapping[str, int]) -> GainBody:
        return cls.model_construct(voters=sum(counts.values()), counts=in_order(site, counts))


class TrendBody(Wire):
    """Voters gained in each hour or day, one after the other, from `start` to the last change."""

    step: Step
    start: Timestamp
    values: list[int]


class EntryBody(Wire):
    """An article's place. `voters`, `counts` and `score` are of the window, `total` is all its voters by then.

    `value` is what the board is ordered by. Title and address are null where the article is not registered.
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
    def of(cls, site: Site, board: Board, entry: Entry) -> EntryBody:
        counts = in_order(site, entry.gained.counts)
        trend = entry.trend
        return cls.model_construct(
            article=entry.ref.article,
            title=shown_title(entry.title),
            url=shown_url(entry.url),
            value=entry.values[board.order],
            voters=entry.gained.voters,
            counts=counts,
            score=ScoreBody.of(score(site.ballot.kind, counts)),
            total=entry.total,
            trend=TrendBody.model_construct(
                step=trend.step, start=timestamp(trend.start) or "", values=list(trend.values)
            ),
            updated_at=timestamp(entry.gained.updated_at),
        )


class LeaderboardBody(Wire):
    """Articles, best first. `cursor`, if not null, asks for the next page; `start` and `end` are null for `all`."""

    site: SiteId
    ballot: BallotBody
    order: Order
    window: Window
    start: Timestamp | None
    end: Timestamp | None
    entries: list[EntryBody]
    cursor: str | None

    @classmethod
    def of(cls, site: Site, board: Board, entries: Iterable[Entry], cursor: str | None) -> LeaderboardBody:
        end = end_of(board.window, board.start)
        return cls.model_construct(
            site=site.id,
            ballot=BallotBody.of(site),
            order=board.order,
            window=board.window,
            start=None if board.window == "all" else timestamp(board.start),
            end=None if end == FOR_EVER else timestamp(end),
            entries=[EntryBody.of(site, board, entry) for entry in entries],
            cursor=cursor,
        )


class PointBody(Wire):
    """An hour or a day of an article: where its counts stood at the end, and what they gained within."""

    start: Timestamp
    voters: Count
    counts: dict[str, Count]
    gained: GainBody


class HistoryBody(Wire):
    """An article's history, oldest first, from the first hour or day of the time asked of which anything is known.

    The last point may be of an hour or day that has not ended yet.
    """

    site: SiteId
    article: ArticleId
    ballot: BallotBody
    step: Step
    since: Timestamp
    until: Timestamp
    points: list[PointBody]

    @classmethod
    def of(cls, site: Site, article: str, span: Span, points: Iterable[Point]) -> HistoryBody:
        return cls.model_construct(
            site=site.id,
            article=article,
            ballot=BallotBody.of(site),
            step=span.step,
            since=timestamp(span.since) or "",
            until=timestamp(span.until) or "",
            points=[
                PointBody.model_construct(
                    start=timestamp(point.start) or "",
                    voters=point.tally.voters,
                    counts=in_order(site, point.tally.counts),
                    gained=GainBody.of(site, point.gained),
                )
                for point in points
            ],
        )


class SitePointBody(Wire):
    """An hour or a day of a site: what its articles gained within, together."""

    start: Timestamp
    gained: GainBody

    @classmethod
    def of(cls, site: Site, point: SitePoint) -> SitePointBody:
        gained = GainBody.of(site, point.gained.counts)
        return cls.model_construct(start=timestamp(point.start) or "", gained=gained)


class SiteHistoryBody(Wire):
    """A site's history, oldest first, from the first hour or day of the time asked in which anything was gained.

    The last point may be of an hour or day that has not ended yet.
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
            ballot=BallotBody.of(site),
            step=span.step,
            since=timestamp(span.since) or "",
            until=timestamp(span.until) or "",
            points=[SitePointBody.of(site, point) for point in points],
        )


class PeriodBody(Wire):
    """What the site's articles gained, together, from `start` on and before `end`."""

    start: Timestamp
    end: Timestamp
    gained: GainBody

    @classmethod
    def of(cls, site: Site, point: SitePoint, end: int) -> PeriodBody:
        gained = GainBody.of(site, point.gained.counts)
        return cls.model_construct(start=timestamp(point.start) or "", end=timestamp(end) or "", gained=gained)


class SummaryBody(Wire):
    """A site at a glance, in days of UTC. `hour` and `today` go on; `yesterday_by_now` ends a day before `hour` ends.

    `total`: all votes there are.
    """

    site: SiteId
    ballot: BallotBody
    total: GainBody
    hour: PeriodBody
    today: PeriodBody
    yesterday: PeriodBody
    yesterday_by_now: PeriodBody

    @classmethod
    def of(cls, site: Site, found: Summary) -> SummaryBody:
        hour, today, yesterday = found.hour, found.today, found.yesterday
        return cls.model_construct(
            site=site.id,
            ballot=BallotBody.of(site),
            total=GainBody.of(site, found.total.counts),
            hour=PeriodBody.of(site, hour, hour.start + HOUR),
            today=PeriodBody.of(site, today, today.start + DAY),
            yesterday=PeriodBody.of(site, yesterday, today.start),
            yesterday_by_now=PeriodBody.of(site, found.yesterday_by_now, hour.start + HOUR - DAY),
        )


class ListedSiteBody(Wire):
    """A site whose insights are public."""

    site: SiteId


class SitesBody(Wire):
    """The sites whose insights are public, by id."""

    sites: list[ListedSiteBody]


class FeedItemBody(Wire):
    """A story in a JSON feed."""

    id: str
    url: str | None = None
    title: str
    content_text: str
    date_modified: Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class FeedBody(Wire):
    """A JSON feed (https://jsonfeed.org/version/1.1)."""

    version: Literal["https://jsonfeed.org/version/1.1"]
    title: str
    feed_url: str
    items: list[FeedItemBody]


def in_order(site: Site, counts: Mapping[str, int]) -> dict[str, int]:
    """The counts of the site's choices, in its order, zeros included."""
    return {choice: counts.get(choice, 0) for choice in site.ballot.choices}

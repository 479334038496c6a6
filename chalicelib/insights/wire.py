"""Histories and overviews as JSON.

Gains may be negative, because votes are retracted and changed. Counts at a moment are never negative.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chalicelib.http.wire import Count, Timestamp, Wire, timestamp
from chalicelib.insights.gains import Gain
from chalicelib.insights.intervals import Step
from chalicelib.insights.use_cases import Overview, Period, Point, SitePoint, Span
from chalicelib.publishing.articles import Article
from chalicelib.publishing.sites import Site
from chalicelib.publishing.wire import ArticleFactsBody, BallotBody, SiteId, TimeZone, article_facts


class GainBody(Wire):
    """What was gained in some time: voters, and votes for each choice. Negative if more were retracted than cast."""

    voters: int
    counts: dict[str, int]

    @classmethod
    def of(cls, site: Site, gain: Gain) -> GainBody:
        return cls.model_construct(voters=gain.voters, counts=in_order(site, gain.counts))


class PointBody(Wire):
    """An hour or a day of an article: its counts at the end, and what they gained during the hour or day."""

    start: Timestamp
    voters: Count
    counts: dict[str, Count]
    gained: GainBody


class HistoryBody(ArticleFactsBody):
    """An article's history, oldest first, from the first hour or day about which anything is known.

    The hour or day of the last point may not have ended yet. What is said about the article is null if it is not
    registered.
    """

    site: SiteId
    time_zone: TimeZone
    ballot: BallotBody
    step: Step
    since: Timestamp
    until: Timestamp
    points: list[PointBody]

    @classmethod
    def of(
        cls, site: Site, article: str, registered: Article | None, span: Span, points: Iterable[Point]
    ) -> HistoryBody:
        return cls.model_construct(
            site=site.id,
            time_zone=site.time_zone,
            **article_facts(article, registered),
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
    time_zone: TimeZone
    ballot: BallotBody
    step: Step
    since: Timestamp
    until: Timestamp
    points: list[SitePointBody]

    @classmethod
    def of(cls, site: Site, span: Span, points: Iterable[SitePoint]) -> SiteHistoryBody:
        return cls.model_construct(
            site=site.id,
            time_zone=site.time_zone,
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
    def of(cls, site: Site, period: Period) -> PeriodBody:
        gained = GainBody.of(site, period.gained)
        return cls.model_construct(start=timestamp(period.start), end=timestamp(period.end), gained=gained)


class SummaryBody(Wire):
    """A site at a glance, in days of `time_zone`. `hour` and `today` have not ended. `total`: since the beginning.

    `yesterday_by_now` ends at the time of day at which `hour` ends, so it can be compared with `today`.
    """

    site: SiteId
    time_zone: TimeZone
    ballot: BallotBody
    total: GainBody
    hour: PeriodBody
    today: PeriodBody
    yesterday: PeriodBody
    yesterday_by_now: PeriodBody

    @classmethod
    def of(cls, site: Site, found: Overview) -> SummaryBody:
        return cls.model_construct(
            site=site.id,
            time_zone=site.time_zone,
            ballot=BallotBody.of(site.ballot),
            total=GainBody.of(site, found.total),
            hour=PeriodBody.of(site, found.hour),
            today=PeriodBody.of(site, found.today),
            yesterday=PeriodBody.of(site, found.yesterday),
            yesterday_by_now=PeriodBody.of(site, found.yesterday_by_now),
        )


def in_order(site: Site, counts: Mapping[str, int]) -> dict[str, int]:
    """The counts of all the site's choices, in the site's order. Retired ones come last."""
    return {choice: counts.get(choice, 0) for choice in site.ballot.counted}

"""Reading histories and summaries out of the read models. Leaderboards are read as they are stored."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.deadlines import Deadline
from chalicelib.insights.history import HOURS_ARE_KEPT_SECONDS, Timeline, gain
from chalicelib.insights.intervals import DAY, HOUR, Step, start_of
from chalicelib.publishing.articles import ArticleRef
from chalicelib.voting.ports import InsightStore
from chalicelib.voting.tallies import EMPTY_TALLY, Tally, add_up


@dataclass(frozen=True, slots=True)
class Span:
    """Whole hours or days, from `since` on and before `until`."""

    step: Step
    since: int
    until: int

    @property
    def length(self) -> int:
        return HOUR if self.step == "hour" else DAY

    @property
    def starts(self) -> range:
        return range(self.since, self.until, self.length)


@dataclass(frozen=True, slots=True)
class Point:
    """An hour or a day of an article: its counts at the end, and what they gained within."""

    start: int
    tally: Tally
    gained: dict[str, int]


@dataclass(frozen=True, slots=True)
class SitePoint:
    """An hour or a day of a site: what its articles gained within."""

    start: int
    gained: Tally


@dataclass(frozen=True, slots=True)
class Summary:
    """What a site gained, now and yesterday. `yesterday_by_now` ends a day before the current hour ends."""

    today: SitePoint
    hour: SitePoint
    yesterday: SitePoint
    yesterday_by_now: SitePoint
    total: Tally


def article_history(insights: InsightStore, ref: ArticleRef, span: Span, deadline: Deadline) -> list[Point]:
    """A point for each hour or day of the span, from the first on of which anything is known. One Query.

    Where hours are no longer kept, the days behind them say what was before: at most as many as hours are kept for.
    """
    days_behind = HOURS_ARE_KEPT_SECONDS // DAY + 3 if span.step == "hour" else 0
    most = len(span.starts) + 1 + days_behind
    last = span.until - span.length
    closings = insights.closings(ref, span.step, last, most, deadline)
    timeline = Timeline(closings)
    points = []
    for start in span.starts:
        if timeline.has_any_before(start + span.length):
            before, after = timeline.before(start), timeline.before(start + span.length)
            points.append(Point(start, after, gain(after, before)))
    return points


def site_history(insights: InsightStore, site_id: str, span: Span, deadline: Deadline) -> list[SitePoint]:
    """A point for each hour or day of the span, from the first on in which anything was gained. One Query."""
    totals = insights.totals(site_id, span.step, span.since, span.until, deadline, consistent=False)
    gained = {one.start: one.gained for one in totals}
    first = min(gained, default=span.until)
    return [SitePoint(start, gained.get(start, EMPTY_TALLY)) for start in span.starts if start >= first]


def summary(insights: InsightStore, site_id: str, now: int, deadline: Deadline) -> Summary:
    """The site's votes today, in this hour, and yesterday. One Query."""
    hour, today = start_of("hour", now), start_of("day", now)
    totals = insights.totals_since(site_id, today - DAY, deadline)

    def between(first: int, end: int) -> SitePoint:
        hours = (one for one in totals if one.level == "hour" and first <= one.start < end)
        return SitePoint(first, add_up(one.gained for one in hours))

    return Summary(
        today=between(today, today + DAY),
        hour=between(hour, hour + HOUR),
        yesterday=between(today - DAY, today),
        yesterday_by_now=between(today - DAY, hour + HOUR - DAY),
        total=add_up(one.gained for one in totals if one.level == "all"),
    )

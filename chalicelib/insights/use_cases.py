"""What editors and data tools read: leaderboards, histories, and a site's overview."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.deadlines import Deadline
from chalicelib.insights.gains import NO_GAIN, Gain, add_up_gains, gain_between
from chalicelib.insights.history import HOURS_ARE_KEPT_SECONDS, Timeline
from chalicelib.insights.intervals import DAY, HOUR, Step, start_of
from chalicelib.insights.leaderboards import Board, Page, Place
from chalicelib.insights.ports import InsightStore
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.key_directory import KeyDirectory
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.voting.tallies import Tally


@dataclass(frozen=True, slots=True)
class Span:
    """Whole hours or days from `since` on and before `until`, both in epoch seconds."""

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
    """An hour or a day of an article: its tally at the end, and what it gained during the hour or day."""

    start: int
    tally: Tally
    gained: Gain


@dataclass(frozen=True, slots=True)
class SitePoint:
    """An hour or a day of a site: what its articles gained together."""

    start: int
    gained: Gain


@dataclass(frozen=True, slots=True)
class Overview:
    """What a site gained today, in this hour, and yesterday. `total`: since the beginning.

    `yesterday_by_now`: yesterday's gain up to the same hour as now, for a fair comparison with today.
    """

    today: SitePoint
    hour: SitePoint
    yesterday: SitePoint
    yesterday_by_now: SitePoint
    total: Gain


@dataclass(frozen=True, slots=True)
class Insights:
    """The insights feature."""

    sites: SiteDirectory
    read_keys: KeyDirectory
    store: InsightStore

    def leaderboard(self, board: Board, limit: int, after: Place | None, deadline: Deadline) -> Page:
        """At most `limit` entries of a leaderboard, best first, from `after` on. One Query."""
        return self.store.leaderboard(board, limit, after, deadline)

    def article_history(self, ref: ArticleRef, span: Span, deadline: Deadline) -> list[Point]:
        """A point for each hour or day of the span, from the first one about which anything is known. One Query.

        For the counts before the first kept hour, the Query also reads days.
        """
        days_behind = HOURS_ARE_KEPT_SECONDS // DAY + 3 if span.step == "hour" else 0
        most = len(span.starts) + 1 + days_behind
        last = span.until - span.length
        timeline = Timeline(self.store.snapshots(ref, span.step, last, most, deadline))
        points = []
        for start in span.starts:
            if timeline.has_any_before(start + span.length):
                before, after = timeline.before(start), timeline.before(start + span.length)
                points.append(Point(start, after, gain_between(after, before)))
        return points

    def site_history(self, site_id: str, span: Span, deadline: Deadline) -> list[SitePoint]:
        """A point for each hour or day of the span, from the first one in which anything was gained. One Query."""
        totals = self.store.totals(site_id, span.step, span.since, span.until, deadline, consistent=False)
        gained = {one.start: one.gained for one in totals}
        first = min(gained, default=span.until)
        return [SitePoint(start, gained.get(start, NO_GAIN)) for start in span.starts if start >= first]

    def overview(self, site_id: str, now: int, deadline: Deadline) -> Overview:
        """The site's votes today, in this hour, and yesterday. One Query."""
        hour, today = start_of("hour", now), start_of("day", now)
        totals = self.store.totals_since(site_id, today - DAY, deadline)

        def between(first: int, end: int) -> SitePoint:
            hours = (one for one in totals if one.level == "hour" and first <= one.start < end)
            return SitePoint(first, add_up_gains(one.gained for one in hours))

        return Overview(
            today=between(today, today + DAY),
            hour=between(hour, hour + HOUR),
            yesterday=between(today - DAY, today),
            yesterday_by_now=between(today - DAY, hour + HOUR - DAY),
            total=add_up_gains(one.gained for one in totals if one.level == "all"),
        )

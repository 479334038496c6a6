"""What editors and data tools read: leaderboards, histories, and a site's overview."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.deadlines import Deadline
from chalicelib.insights import ranked_lists
from chalicelib.insights.gains import NO_GAIN, Gain, add_up_gains, gain_between
from chalicelib.insights.history import Timeline
from chalicelib.insights.intervals import DAY, HOUR, Step, end_of, start_of
from chalicelib.insights.leaderboards import HOURS_ALONE, Board
from chalicelib.insights.ports import InsightStore
from chalicelib.insights.ranked_lists import Page, Place, RankedList
from chalicelib.insights.site_totals import SiteTotal
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.key_directory import KeyDirectory
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.publishing.sites import Site
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

    def leaderboard(
        self, site: Site, board: Board, limit: int, after: Place | None, deadline: Deadline
    ) -> tuple[Page, dict[str, Article]]:
        """At most `limit` entries of a leaderboard, best first, from `after` on; and those that are registered, by id.

        At most three calls: the ranked list, the activities since, and the registered articles. An hour has no list.
        """
        window, end = board.window, end_of(board.window, board.start)
        known = RankedList(window, board.start, board.start)
        if window != "hour":
            known = self.store.ranked_list(site.id, window, board.start, deadline)
        active = []
        if known.through < end:
            active = self.store.activities(site.id, known.through, end, deadline, windows=(window,))
        page = ranked_lists.page(known, site, (one.entries[window] for one in active), board.order, limit, after)
        refs = [one.ref for one in page.entries]
        articles = {one.ref.article: one for one in self.store.registered(refs, deadline) if one is not None}
        return page, articles

    def article_history(self, ref: ArticleRef, span: Span, deadline: Deadline) -> tuple[list[Point], Article | None]:
        """A point for each hour or day of the span, and the article if it is registered. Two calls.

        The points begin with the first hour or day about which anything is known.
        """
        most = (span.until - start_of("day", span.since)) // DAY + 2  # also a day that has begun, and the one before
        timeline = Timeline(self.store.days(ref, start_of("day", span.until - 1), most, deadline))
        points = []
        for start in span.starts:
            if timeline.has_any_before(start + span.length):
                before, after = timeline.before(start), timeline.before(start + span.length)
                points.append(Point(start, after, gain_between(after, before)))
        (article,) = self.store.registered([ref], deadline)
        return points, article

    def site_history(self, site_id: str, span: Span, deadline: Deadline) -> list[SitePoint]:
        """A point for each hour or day of the span, from the first one in which anything was gained. Two Queries."""
        totals = self.store.totals(site_id, span.step, span.since, span.until, deadline, consistent=False)
        gained = {one.start: one.gained for one in totals}
        for hour, gain in self._gained_since(site_id, _through(totals, span.since), span.until, deadline):
            start = start_of(span.step, hour)
            gained[start] = add_up_gains([gained.get(start, NO_GAIN), gain])
        first = min(gained, default=span.until)
        return [SitePoint(start, gained.get(start, NO_GAIN)) for start in span.starts if start >= first]

    def overview(self, site_id: str, now: int, deadline: Deadline) -> Overview:
        """The site's votes today, in this hour, and yesterday. Two Queries."""
        hour, today = start_of("hour", now), start_of("day", now)
        stored = self.store.totals_since(site_id, today - DAY, deadline)
        ever = [one for one in stored if one.level == "all"]
        hours = [one for one in stored if one.level == "hour"]
        since = self._gained_since(site_id, _through(ever, 0), hour + HOUR, deadline)
        # While an hour is being settled, its own total may be stored before the total of all time.
        counted = _through(hours, today - DAY)
        gains = [(one.start, one.gained) for one in hours] + [one for one in since if one[0] >= counted]

        def between(first: int, end: int) -> SitePoint:
            return SitePoint(first, add_up_gains(gain for start, gain in gains if first <= start < end))

        return Overview(
            today=between(today, today + DAY),
            hour=between(hour, hour + HOUR),
            yesterday=between(today - DAY, today),
            yesterday_by_now=between(today - DAY, hour + HOUR - DAY),
            total=add_up_gains([*(one.gained for one in ever), *(gain for _, gain in since)]),
        )

    def _gained_since(self, site_id: str, first: int, end: int, deadline: Deadline) -> list[tuple[int, Gain]]:
        """What each article gained in each hour from `first` on, as (start of the hour, gain)."""
        if first >= end:
            return []
        found = self.store.activities(site_id, first, end, deadline, windows=HOURS_ALONE)
        return [(one.hour, one.entries["hour"].gained) for one in found]


def _through(totals: list[SiteTotal], since: int) -> int:
    """The hour from which on nothing is counted in these totals. Every settled hour is counted in one."""
    return max((one.through for one in totals), default=since)

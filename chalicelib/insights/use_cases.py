"""What editors and data tools read: leaderboards, histories, and a site's overview."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.deadlines import Deadline
from chalicelib.insights import ranked_lists
from chalicelib.insights.excluded import NOTHING_EXCLUDED, Excluded
from chalicelib.insights.gains import Gain, add_up_gains, gain_between
from chalicelib.insights.history import Timeline
from chalicelib.insights.intervals import DAY, HOUR, UTC, Calendar, Step
from chalicelib.insights.joined_history import join_casts, join_days
from chalicelib.insights.leaderboards import Board, Entry
from chalicelib.insights.ports import InsightStore
from chalicelib.insights.ranked_lists import Page, Place, RankedList
from chalicelib.insights.site_totals import Level, SiteTotal
from chalicelib.publishing.articles import MOST_ARTICLES_PER_REQUEST, Article, ArticleRef, Selection
from chalicelib.publishing.key_directory import KeyDirectory
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.publishing.sites import Site
from chalicelib.voting.tallies import Tally

MOST_READS = 5
EVERYTHING = Selection()


@dataclass(frozen=True, slots=True)
class Span:
    """Whole hours, or whole days of the site, from `since` on and before `until`, both in epoch seconds."""

    step: Step
    since: int
    until: int


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
class Period:
    """What a site's articles gained together from `start` on and before `end`, both in epoch seconds."""

    start: int
    end: int
    gained: Gain


@dataclass(frozen=True, slots=True)
class Overview:
    """What a site gained today, in this hour, and yesterday. `total`: since the beginning.

    `yesterday_by_now`: yesterday's gain up to the time of day at which `hour` ends, for a fair comparison with today.
    """

    today: Period
    hour: Period
    yesterday: Period
    yesterday_by_now: Period
    total: Gain


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Insights:
    """The insights feature."""

    sites: SiteDirectory
    keys: KeyDirectory
    store: InsightStore

    def leaderboard(
        self,
        site: Site,
        board: Board,
        limit: int,
        after: Place | None,
        deadline: Deadline,
        selection: Selection = EVERYTHING,
        *,
        hidden_too: bool = False,
    ) -> tuple[Page, dict[str, Article]]:
        """At most `limit` entries of a leaderboard, best first, from `after` on; and those that are registered, by id.

        Hidden articles are left out, unless `hidden_too`; and so are removed ones, if only registered ones are ranked.

        At most three calls: the ranked list, the activities since, and the registered articles. An hour has no list. If
        only some articles are selected, or some are hidden, articles are read in at most MOST_READS calls.
        """
        window, end = board.window, Calendar(site.time_zone).end_of(board.window, board.start)
        known = RankedList(window, board.start, board.start)
        if window != "hour":
            known = self.store.ranked_list(site, window, board.start, deadline)
        active = []
        if known.through < end:
            active = self.store.activities(site, known.through, end, deadline, windows=(window,))
        ranking = ranked_lists.rank(known, site, (one.entries[window] for one in active), board.order, after)
        shown: list[Entry] = []
        articles: dict[str, Article] = {}
        # `end`: of the page. It ends after an article that the caller may see, because the cursor names it.
        seen, end, step = 0, 0, limit if selection.is_everything() else MOST_ARTICLES_PER_REQUEST
        for _ in range(MOST_READS):
            part = ranking.entries[seen : seen + step]
            for entry, article in zip(part, self.store.registered([one.ref for one in part], deadline), strict=True):
                if len(shown) == limit:
                    break
                seen += 1
                if not (hidden_too or _is_public(site, article)):
                    continue
                end = seen
                if selection.has(article):
                    shown.append(entry)
                    if article is not None:
                        articles[entry.ref.article] = article
            if len(shown) == limit or seen >= len(ranking.entries):
                break
            step = MOST_ARTICLES_PER_REQUEST
        return ranking.page(shown, len(ranking.entries) if seen >= len(ranking.entries) else end), articles

    def article_history(
        self, site: Site, article: str, span: Span, deadline: Deadline
    ) -> tuple[list[Point], Article | None]:
        """A point for each hour or day of the span, and the article if it is registered.

        An alias has the history of its article. Two calls, and one more for each id that the article has absorbed. If
        exclusions are in force, there are half again as many.

        The points begin with the first hour or day about which anything is known.
        """
        ref, calendar = ArticleRef(site.id, article), Calendar(site.time_zone)
        last = UTC.start_of("day", span.until - 1)
        most = (last - UTC.start_of("day", span.since)) // DAY + 2  # also the day before
        registered, terms = self.store.described(ref, deadline)
        while terms.merges.moved_to is not None:
            ref = ArticleRef(site.id, terms.merges.moved_to)
            registered, terms = self.store.described(ref, deadline)
        days, merges = self.store.days(ref, last, most, deadline), terms.merges
        absorbed = {one.article: ArticleRef(site.id, one.article) for one in merges.counted}
        if absorbed:
            others = {name: self.store.days(one, last, most, deadline) for name, one in absorbed.items()}
            days = join_days(days, others, merges)
        excluded = NOTHING_EXCLUDED
        if terms.exclusions.active:  # read after the days: a vote that a day has as moved is in there
            casts = {name: self.store.cast(one, deadline) for name, one in absorbed.items()}
            excluded = Excluded(terms.exclusions, [self.store.cast(ref, deadline), *join_casts(casts, merges)])
        timeline = Timeline(days, calendar, excluded)
        points = []
        for start in calendar.starts(span.step, span.since, span.until):
            end = calendar.end_of(span.step, start)
            if timeline.has_any_before(end):
                before, after = timeline.before(start), timeline.before(end)
                points.append(Point(start, after, gain_between(after, before)))
        return points, registered

    def site_history(self, site: Site, span: Span, deadline: Deadline) -> list[SitePoint]:
        """A point for each hour or day of the span, from the first one in which anything was gained. Two Queries."""
        calendar = Calendar(site.time_zone)
        level: Level = "slot" if span.step == "hour" else "day"
        totals = self.store.totals(site, level, span.since, span.until, deadline, consistent=False)
        gains = [(one.start, one.gained) for one in totals]
        gains += self._gained_since(site, _through(totals, span.since), span.until, deadline)
        parts: dict[int, list[Gain]] = {}
        for at, gain in gains:
            parts.setdefault(calendar.start_of(span.step, at), []).append(gain)
        starts = calendar.starts(span.step, min(parts, default=span.until), span.until)
        return [SitePoint(start, add_up_gains(parts.get(start, ()))) for start in starts]

    def overview(self, site: Site, now: int, deadline: Deadline) -> Overview:
        """The site's votes today, in this hour, and yesterday. Two Queries."""
        calendar = Calendar(site.time_zone)
        hour, today = calendar.start_of("hour", now), calendar.start_of("day", now)
        yesterday = calendar.earlier("day", today, 1)
        first = calendar.start_of("hour", yesterday)  # this hour may have begun before yesterday
        now_ends = min(hour + HOUR, calendar.end_of("day", today))
        stored = self.store.totals_since(site, first, deadline)
        ever = [one for one in stored if one.level == "all"]
        slots = [one for one in stored if one.level == "slot"]
        since = self._gained_since(site, _through(ever, 0), hour + HOUR, deadline)
        # While an hour is being settled, its own total may be stored before the total of all time.
        counted = _through(slots, first)
        gains = [(one.start, one.gained) for one in slots] + [one for one in since if one[0] >= counted]

        def between(start: int, end: int) -> Period:
            return Period(start, end, add_up_gains(gain for at, gain in gains if start <= at < end))

        return Overview(
            today=between(today, calendar.end_of("day", today)),
            hour=between(hour, hour + HOUR),
            yesterday=between(yesterday, today),
            yesterday_by_now=between(yesterday, max(yesterday, calendar.a_day_before(now_ends))),
            total=add_up_gains([*(one.gained for one in ever), *(gain for _, gain in since)]),
        )

    def _gained_since(self, site: Site, first: int, end: int, deadline: Deadline) -> list[tuple[int, Gain]]:
        """What each article gained in each slot from `first` on, as (start of the slot, gain)."""
        if first >= end:
            return []
        return [(one.slot, one.gained) for one in self.store.activities(site, first, end, deadline, windows=())]


def _is_public(site: Site, article: Article | None) -> bool:
    """True if everybody may see this article on the site's leaderboards."""
    return site.ranks == "any" if article is None else article.state != "hidden"


def _through(totals: list[SiteTotal], since: int) -> int:
    """The slot from which on nothing is counted in these totals. Every slot of a settled hour is counted in one."""
    return max((one.through for one in totals), default=since)

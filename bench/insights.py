"""Insights: what reading and projecting cost on a wide site and on a narrow one, and how fresh they are."""

from __future__ import annotations

import random
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from chalicelib import bootstrap
from chalicelib.insights.gains import Gain
from chalicelib.insights.history import Day
from chalicelib.insights.intervals import DAY, HOUR, UTC
from chalicelib.insights.leaderboards import Board, activities
from chalicelib.insights.projection import Projection
from chalicelib.insights.ranked_lists import RankedList, merge
from chalicelib.insights.settling import LISTED
from chalicelib.insights.site_totals import Settled, SiteTotal
from chalicelib.insights.store import InsightsStore
from chalicelib.insights.use_cases import Insights, Span
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.items import article_item
from chalicelib.publishing.key_directory import KeyDirectory
from chalicelib.publishing.registering import register
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.publishing.sites import Site
from chalicelib.voting.applying import apply
from chalicelib.voting.operator_store import VotingOperatorStore
from chalicelib.voting.tallies import Tally
from chalicelib.voting.votes import Wish
from local.emulator import free_port
from local.stack import LocalStack, deployed_table
from ops.seeding import new_token, request
from tests.support.fakes import patient
from tests.support.metering import Meter
from tests.support.stream import last_state

NARROW, WIDE, VOTES = 100, 100_000, 10
FRESH_VOTES, FRESH_ARTICLES, PAUSE_SECONDS = 400, 40, 0.05
GOAL_SECONDS = 4.0

Row = tuple[str, str, str, str, str]


def measure(console: Console, options: dict[str, str], table: str) -> list[Row]:
    """Name, round trips and units at NARROW and at WIDE articles of VOTES votes each, of reads and a projection."""
    store, insights = bootstrap.operator_store(table, **options), bootstrap.operator_insights(table, **options)
    now = int(time.time())
    sites = {}
    for name, articles in (("narrow", NARROW), ("wide", WIDE)):
        sites[name] = Site(name, make_ballot("updown"), ranks="any")
        store.put_site(sites[name], patient())
        _fill(console, store, insights, sites[name], articles, now)
    meter = Meter(store._client)
    Meter(insights._client).calls = meter.calls
    span = Span("hour", UTC.start_of("hour", now) - 7 * DAY + HOUR, UTC.start_of("hour", now) + HOUR)
    reading = Insights(SiteDirectory(store, time.monotonic), KeyDirectory(store, time.monotonic), insights)

    def leaderboard(site: str) -> None:
        board = Board(site, "day", UTC.start_of("day", now), "approval")
        page, articles = reading.leaderboard(sites[site], board, 20, None, patient())
        assert len(page.entries) == 20
        assert articles.keys() <= {one.ref.article for one in page.entries}

    def projection(site: str) -> None:
        ref, voter = ArticleRef(site, "article-7"), f"voter-{site}"
        apply(store, Wish(ref, voter, "up", f"r-{voter}", now), patient(), registered_only=False)
        states = [last_state(store, ref, voter)]
        sites = SiteDirectory(store, time.monotonic)
        sites.site(site, patient())  # as a container remembers it
        meter.calls.clear()
        failed = Projection(store, insights, sites, lambda: now).project_batch({ref: states}, patient(), patient())
        assert not failed

    uses: dict[str, Any] = {
        "a page of the leaderboard": leaderboard,
        "the summary": lambda site: reading.overview(sites[site], now, patient()),
        "a week's hours of an article": lambda site: reading.article_history(sites[site], "article-7", span, patient()),
        "a week's hours of the site": lambda site: reading.site_history(sites[site], span, patient()),
        "projecting a lone vote": projection,
    }
    rows = []
    for name, use in uses.items():
        found = []
        for site in ("narrow", "wide"):
            meter.calls.clear()
            use(site)
            reads, writes = (sum(getattr(one, unit) for one in meter.calls) for unit in ("read_units", "write_units"))
            found.append((len(meter.calls), f"{reads:g} read, {writes:g} write"))
        rows.append((name, str(found[0][0]), str(found[1][0]), found[0][1], found[1][1]))
    return rows


def _fill(console: Console, store: Any, insights: InsightsStore, site: Site, articles: int, now: int) -> None:
    """What the projection leaves: lists of the settled hours, and activities of this hour, of one article in a hundred.

    Every article is registered, and one has votes in each hour of a week.
    """
    rng = random.Random(site.id)
    hour = UTC.start_of("hour", now)
    entries = []
    with Progress(console=console, transient=True) as progress:
        for number in progress.track(range(articles), description=f"{articles:,} articles"):
            ref = ArticleRef(site.id, f"article-{number}")
            votes = VOTES + number % VOTES
            shards = {shard: Tally({"up": votes, "down": rng.randrange(votes)}, votes) for shard in range(16)}
            at = hour + 60 if number < articles // 100 else hour - HOUR
            days = [Day(UTC.start_of("day", at), {}, {at - at % HOUR: _at(shards, at)})]
            (activity,) = activities(ref, days, at, UTC)
            if at < hour:
                entries.append(activity)
            else:
                insights.put_activity(site, activity, patient())
            if number < 100:
                store._client.put_item(TableName=store._name, Item=article_item(Article(ref, "T", "https://n.example")))
    for window in LISTED:
        empty = RankedList(window, UTC.start_of(window, now), UTC.start_of(window, now))
        ranked = merge(empty, site, [one.entries[window] for one in entries])
        insights.put_ranked_list(site, ranked, patient())
    insights.put_settled(site, Settled(hour, hour), patient())
    for ago in range(7 * 24, 0, -1):
        at = hour - ago * HOUR
        insights.put_total(site, SiteTotal("slot", at, Gain({"up": articles}, articles), at + HOUR), patient())
    insights.put_total(site, SiteTotal("all", 0, Gain({"up": articles}, articles), hour), patient())
    days = [Day(UTC.start_of("day", now) - 8 * DAY, {}, {})]
    for number in range(24 * 7):
        at = days[0].start + DAY + number * HOUR
        if at % DAY == 0:
            days.append(Day(at, days[-1].after, {}))
        days[-1] = replace(days[-1], slots={**days[-1].slots, at: _hour(number, at)})
    for day in days[1:]:
        insights.put_day(ArticleRef(site.id, "article-7"), day, 0, patient())


def _hour(number: int, at: int) -> dict[int, Tally]:
    return {shard: Tally({"up": 9 + number, "down": 3 + number}, 12 + 2 * number, at) for shard in range(16)}


def _at(shards: dict[int, Tally], at: int) -> dict[int, Tally]:
    return {shard: replace(state, updated_at=at) for shard, state in shards.items()}


def freshness(console: Console) -> dict[str, list[float]]:
    """Seconds from a vote's answer to its place on the leaderboard, on the deployed stack, for each of FRESH_VOTES.

    Once on a quiet stack, and once while a script votes on invented articles of another site.
    """
    with tempfile.TemporaryDirectory() as folder:
        stack = LocalStack(Path(folder), free_port(), say=lambda step: console.print(f"{step} …"))
        try:
            deployment = stack.up()
            table = deployed_table(deployment)
            for site in ("fresh", "flooded"):
                table.put_site(Site(site, make_ballot("updown")), patient())
            for number in range(FRESH_ARTICLES):
                ref = ArticleRef("fresh", f"article-{number}")
                register(table, Article(ref, "T", "https://news.example"), int(time.time()), patient())
            quiet = _freshness(console, f"{deployment.api}/v1/sites/fresh", 0)
            stop, flood = threading.Event(), ThreadPoolExecutor(1)
            voted = flood.submit(_flood, table, stop)
            flooded = _freshness(console, f"{deployment.api}/v1/sites/fresh", FRESH_VOTES // FRESH_ARTICLES)
            stop.set()
            return {"a vote on the leaderboard": quiet, f"… during {voted.result():.0f} votes/s elsewhere": flooded}
        finally:
            stack.down()


def _flood(table: VotingOperatorStore, stop: threading.Event) -> float:
    """Vote on invented articles, one after the other. Returns how many votes that were in a second."""
    started = time.monotonic()
    for number in count():
        if stop.is_set():
            return number / (time.monotonic() - started)
        wish = Wish(ArticleRef("flooded", f"invented-{number}"), f"v{number}", "up", f"r{number}", int(time.time()))
        apply(table, wish, patient(), registered_only=False)
    raise AssertionError("the numbers have ended")


def _freshness(console: Console, site: str, before: int) -> list[float]:
    """`before`: how many votes each article has already."""
    waiting: list[tuple[str, int, float]] = []
    seconds: list[float] = []
    done = threading.Event()

    def watch() -> None:
        while not (done.is_set() and not waiting):
            entries = request("GET", f"{site}/leaderboard?window=all&limit=100")["entries"]
            now = time.monotonic()
            shown = {entry["article"]: entry["total"] for entry in entries}
            for vote in list(waiting):
                article, total, answered = vote
                if shown.get(article, 0) >= total:
                    waiting.remove(vote)
                    seconds.append(now - answered)
            time.sleep(PAUSE_SECONDS)

    watcher = threading.Thread(target=watch)
    watcher.start()
    totals: dict[str, int] = {}
    with Progress(console=console, transient=True) as progress:
        for number in progress.track(range(FRESH_VOTES), description="Votes and their places"):
            article = f"article-{number % FRESH_ARTICLES}"
            token = new_token(site)
            headers = {"Authorization": f"Bearer {token}"}
            request("PUT", f"{site}/articles/{article}/vote", {"choice": "up"}, headers)
            totals[article] = totals.get(article, before) + 1
            waiting.append((article, totals[article], time.monotonic()))
    done.set()
    watcher.join()
    return sorted(seconds)

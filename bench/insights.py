"""Insights: what reading and projecting cost on a wide site and on a narrow one, and how fresh they are."""

from __future__ import annotations

import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from chalicelib import bootstrap
from chalicelib.insights import items as insight_items
from chalicelib.insights.gains import Gain
from chalicelib.insights.history import Snapshot
from chalicelib.insights.intervals import DAY, HOUR, start_of
from chalicelib.insights.leaderboards import Board, Entry, Trend
from chalicelib.insights.projection import Projection
from chalicelib.insights.site_totals import SiteTotal
from chalicelib.insights.use_cases import Insights, Span
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.key_directory import KeyDirectory
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.publishing.sites import Site
from chalicelib.voting.tallies import Tally
from chalicelib.voting.use_cases import apply
from chalicelib.voting.voters import vote_partition
from chalicelib.voting.votes import Wish
from local.emulator import free_port
from local.stack import LocalStack, deployed_table
from ops.seeding import request
from tests.support.fakes import patient
from tests.support.metering import Meter

NARROW, WIDE, VOTES = 100, 100_000, 10
FRESH_VOTES, FRESH_ARTICLES, PAUSE_SECONDS = 400, 40, 0.05
GOAL_SECONDS = 2.0

Row = tuple[str, str, str, str, str]


def measure(console: Console, options: dict[str, str], table: str) -> list[Row]:
    """Name, round trips and units at NARROW and at WIDE articles of VOTES votes each, of reads and a projection."""
    store, insights = bootstrap.operator_store(table, **options), bootstrap.operator_insights(table, **options)
    now = int(time.time())
    for site, articles in (("narrow", NARROW), ("wide", WIDE)):
        store.put_site(Site(site, make_ballot("updown")), patient())
        _fill(console, store._client, table, site, articles, now)
        for hour in range(7 * 24, -1, -1):
            at = start_of("hour", now) - hour * HOUR
            shards = {shard: Tally({"up": 200 - hour, "down": 9}, 209 - hour, at) for shard in range(16)}
            insights.put_snapshot(ArticleRef(site, "article-7"), Snapshot("hour", at, shards), 0, patient())
            total = SiteTotal("hour", at, Gain({"up": articles}, articles))
            insights.put_total(site, total, patient())
    meter = Meter(store._client)
    Meter(insights._client).calls = meter.calls
    span = Span("hour", start_of("hour", now) - 7 * DAY + HOUR, start_of("hour", now) + HOUR)

    def leaderboard(site: str) -> None:
        page = insights.leaderboard(Board(site, "day", start_of("day", now), "voters"), 20, None, patient())
        assert len(page.entries) == 20

    def projection(site: str) -> None:
        ref, voter = ArticleRef(site, "article-7"), f"voter-{site}"
        apply(store, Wish(ref, voter, "up", f"r-{voter}", now), patient(), registered_only=False)
        shard = vote_partition(voter)
        states = [(shard, store.shards(ref, patient())[shard])]
        meter.calls.clear()
        sites = SiteDirectory(store, time.monotonic)
        failed = Projection(store, insights, sites).project_batch({ref: states}, patient(), patient())
        assert not failed

    reading = Insights(SiteDirectory(store, time.monotonic), KeyDirectory(store, time.monotonic), insights)
    uses: dict[str, Any] = {
        "a page of the leaderboard": leaderboard,
        "a week's hours of an article": lambda site: reading.article_history(
            ArticleRef(site, "article-7"), span, patient()
        ),
        "a week's hours of the site": lambda site: reading.site_history(site, span, patient()),
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


def _fill(console: Console, client: Any, table: str, site: str, articles: int, now: int) -> None:
    """Entries as the projection leaves them, of the day and of this hour."""
    start = start_of("day", now)
    with Progress(console=console, transient=True) as progress:
        for first in progress.track(range(0, articles, 12), description=f"{articles:,} articles"):
            puts = [
                {"PutRequest": {"Item": insight_items.entry_item(_entry(site, number, window, at, now))}}
                for number in range(first, min(first + 12, articles))
                for window, at in (("day", start), ("hour", start_of("hour", now)))
                if window == "day" or number < articles // 100  # one in a hundred has votes in this hour
            ]
            if puts:
                client.batch_write_item(RequestItems={table: puts})


def _entry(site: str, number: int, window: Any, start: int, now: int) -> Entry:
    votes = VOTES + number % VOTES
    return Entry(
        ArticleRef(site, f"article-{number}"), window, start, Gain({"up": votes}, votes, now), votes,
        {"voters": votes, "net": votes, "rising": votes, "approval": 0.5}, Trend("hour", start, (votes,)),
    )  # fmt: skip


def freshness(console: Console) -> list[float]:
    """Seconds from a vote's answer to its place on the leaderboard, on the deployed stack, for each of FRESH_VOTES."""
    with tempfile.TemporaryDirectory() as folder:
        stack = LocalStack(Path(folder), free_port(), say=lambda step: console.print(f"{step} …"))
        try:
            deployment = stack.up()
            deployed_table(deployment).put_site(Site("fresh", make_ballot("updown")), patient())
            return _freshness(console, f"{deployment.api}/v1/sites/fresh")
        finally:
            stack.down()


def _freshness(console: Console, site: str) -> list[float]:
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
            token = request("POST", f"{site}/voters")["voter_token"]
            headers = {"Authorization": f"Bearer {token}"}
            request("PUT", f"{site}/articles/{article}/vote", {"choice": "up"}, headers)
            totals[article] = totals.get(article, 0) + 1
            waiting.append((article, totals[article], time.monotonic()))
    done.set()
    watcher.join()
    return sorted(seconds)

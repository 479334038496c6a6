"""`ops recount` and `ops project`: both go through articles with a progress bar.

The rules are in `voting.recount` and `insights.projection`.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import Progress
from rich.table import Table as Grid

from chalicelib.deadlines import Deadline
from chalicelib.errors import InvalidValue, UnknownSite
from chalicelib.insights.projection import Projection
from chalicelib.insights.settling import Active
from chalicelib.publishing.articles import ArticleRef, parse_article_id
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.publishing.sites import parse_site_id
from chalicelib.voting.operator_store import VotingOperatorStore
from chalicelib.voting.recount import Drift, PartitionCount, recount_partition, repair
from chalicelib.voting.voters import VOTE_PARTITIONS
from ops.target import new_deadline, open_insights, open_store

MOST_REPAIRS = 20
PAUSE_SECONDS = 2.0
BATCH_ARTICLES = 25
MOST_SECONDS = 3600.0  # for a batch, and for settling a site: an operator can see and stop it


@dataclass
class Row:
    """What was found on one article."""

    ref: ArticleRef
    votes: int = 0
    drifts: list[Drift] = field(default_factory=list)
    repaired: int = 0


def run(arguments: argparse.Namespace) -> int:
    """Compare and print a table; with --repair, correct the counts first. Returns 1 if drift is left."""
    store = open_store(local=arguments.local)
    refs = _articles(store, arguments.site, arguments.article)
    console = Console()
    rows = []
    with Progress(console=console) as progress:
        task = progress.add_task("Recounting", total=len(refs) * VOTE_PARTITIONS)
        for ref in refs:
            row = Row(ref)
            for partition in range(VOTE_PARTITIONS):
                count = recount_partition(store, ref, partition, new_deadline, _pause)
                if arguments.repair and count.drifts:
                    found, count = len(count.drifts), _repaired(store, ref, partition, count)
                    row.repaired += found - len(count.drifts)
                row.votes += count.votes
                row.drifts += count.drifts
                progress.advance(task)
            rows.append(row)
    _print(console, rows)
    return 1 if any(row.drifts for row in rows) else 0


def _repaired(store: VotingOperatorStore, ref: ArticleRef, partition: int, count: PartitionCount) -> PartitionCount:
    """Repair and recount until there is nothing left to repair, or votes come too fast for it."""
    for _ in range(MOST_REPAIRS):
        for drift in count.drifts:
            if drift.certain:
                repair(store, drift, int(time.time()), new_deadline)
                store.spread_terms(drift.ref, int(time.time()), new_deadline())  # a shard that was lost has no terms
        count = recount_partition(store, ref, partition, new_deadline, _pause)
        if not count.drifts:
            break
    return count


def _pause() -> None:
    time.sleep(PAUSE_SECONDS)


def run_projection(arguments: argparse.Namespace) -> int:
    """Derive the read models again, as if the last record of every tally shard arrived once more."""
    store, insights = open_store(local=arguments.local), open_insights(local=arguments.local)
    projection = Projection(store, insights, SiteDirectory(store, time.monotonic), lambda: int(time.time()))
    refs = _articles(store, arguments.site, None)
    active: dict[str, Active] = {}
    with Progress() as progress:
        task = progress.add_task("Projecting", total=len(refs))
        for first in range(0, len(refs), BATCH_ARTICLES):
            batch = {
                ref: list(store.shards(ref, new_deadline()).items()) for ref in refs[first : first + BATCH_ARTICLES]
            }
            failed, of_batch = projection.project_articles(batch, _an_hour(), every_slot=True)
            for error in failed.values():
                raise error
            for site, one in of_batch.items():
                active.setdefault(site, Active()).include(one)
            progress.advance(task, len(batch))
    for site, one in active.items():
        projection.settle(site, one, _an_hour())
    print(f"{len(refs)} articles are up to date")
    return 0


def _an_hour() -> Deadline:
    return Deadline(time.monotonic, MOST_SECONDS)


def _articles(store: VotingOperatorStore, site: str | None, article: str | None) -> list[ArticleRef]:
    if article is not None:
        if site is None:
            raise InvalidValue("--article needs --site.")
        parse_article_id(article)
    site_id = None if site is None else parse_site_id(site)
    if site_id is not None and store.site(site_id, new_deadline()) is None:
        raise UnknownSite(f"There is no site {site_id}.")
    if site_id is not None and article is not None:
        return [ArticleRef(site_id, article)]
    return sorted(store.articles_with_votes(site_id, new_deadline), key=lambda ref: (ref.site, ref.article))


def _print(console: Console, rows: list[Row]) -> None:
    grid = Grid("site", "article")
    for heading in ("votes stored", "drifted shards", "repaired"):
        grid.add_column(heading, justify="right")
    for row in rows:
        grid.add_row(row.ref.site, row.ref.article, str(row.votes), str(len(row.drifts)), str(row.repaired))
    console.print(grid)
    drifts = [drift for row in rows for drift in row.drifts]
    for drift in drifts:
        what = "drift" if drift.certain else "votes came too fast to tell"
        console.print(
            f"{drift.ref.site}/{drift.ref.article} shard {drift.shard}: {what}; "
            f"tally {drift.tallied}, votes {drift.counted}"
        )
    votes = sum(row.votes for row in rows)
    if len(rows) == 1 and not votes:
        console.print(f"No votes are stored for {rows[0].ref.article}. Is its id right?")
    console.print(f"{votes} votes on {len(rows)} articles, {len(drifts)} shards drifted")

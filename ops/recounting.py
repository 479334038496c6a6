"""`ops recount` and `ops project`: walks over articles with a progress bar; the rule itself is `service.recount`."""

from __future__ import annotations

import argparse
import time

from rich.console import Console
from rich.progress import Progress
from rich.table import Table as Grid

from chalicelib.domain.articles import ArticleRef, parse_article_id
from chalicelib.domain.errors import InvalidValue
from chalicelib.domain.sites import parse_site_id
from chalicelib.domain.voters import VOTE_PARTITIONS
from chalicelib.service.recount import Drift, recount_partition, repair
from chalicelib.service.tallies import project_tally
from chalicelib.storage.table import Table
from ops.target import new_deadline, open_table

MOST_REPAIRS = 20


def run(arguments: argparse.Namespace) -> int:
    """Compare, print a table, and with --repair correct. 1 when drift is left."""
    store = open_table(local=arguments.local)
    refs = _articles(store, arguments.site, arguments.article)
    console = Console()
    rows: list[tuple[ArticleRef, int, list[Drift], int]] = []
    with Progress(console=console) as progress:
        task = progress.add_task("Recounting", total=len(refs) * VOTE_PARTITIONS)
        for ref in refs:
            votes, drifts, repaired = 0, [], 0
            for partition in range(VOTE_PARTITIONS):
                count = recount_partition(store, ref, partition, new_deadline)
                found = len(count.drifts)
                for _ in range(MOST_REPAIRS if arguments.repair else 0):
                    if not count.drifts:
                        break
                    for drift in count.drifts:
                        if drift.settled:
                            repair(store, drift, int(time.time()), new_deadline)
                    count = recount_partition(store, ref, partition, new_deadline)
                votes += count.votes
                drifts += count.drifts
                repaired += found - len(count.drifts)
                progress.advance(task)
            rows.append((ref, votes, drifts, repaired))
    _print(console, rows)
    return 1 if any(drifts for _, _, drifts, _ in rows) else 0


def run_projection(arguments: argparse.Namespace) -> int:
    """Write the summary of every article with votes, as the stream's handler would."""
    store = open_table(local=arguments.local)
    refs = _articles(store, arguments.site, None)
    with Progress() as progress:
        for ref in progress.track(refs, description="Projecting"):
            project_tally(store, ref, new_deadline())
    print(f"{len(refs)} summaries are up to date")
    return 0


def _articles(store: Table, site: str | None, article: str | None) -> list[ArticleRef]:
    if article is not None:
        if site is None:
            raise InvalidValue("--article needs --site.")
        return [ArticleRef(parse_site_id(site), parse_article_id(article))]
    site_id = None if site is None else parse_site_id(site)
    return sorted(store.articles_with_votes(site_id, new_deadline), key=lambda ref: (ref.site, ref.article))


def _print(console: Console, rows: list[tuple[ArticleRef, int, list[Drift], int]]) -> None:
    grid = Grid("site", "article")
    for heading in ("votes stored", "drifted shards", "repaired"):
        grid.add_column(heading, justify="right")
    for ref, votes, drifts, repaired in rows:
        grid.add_row(ref.site, ref.article, str(votes), str(len(drifts)), str(repaired))
    console.print(grid)
    for _, _, drifts, _ in rows:
        for drift in drifts:
            what = "drift" if drift.settled else "votes came too fast to tell"
            console.print(
                f"{drift.ref.site}/{drift.ref.article} shard {drift.shard}: {what}; "
                f"tally {drift.tallied}, votes {drift.counted}"
            )
    votes, drifted = sum(row[1] for row in rows), sum(len(row[2]) for row in rows)
    console.print(f"{votes} votes on {len(rows)} articles, {drifted} shards drifted")

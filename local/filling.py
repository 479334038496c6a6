"""What the demo shows the first time: sites for every ballot, articles, first votes, and two votings that are over."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor

from rich.progress import Progress

from chalicelib.deadlines import Deadline
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.ballots import Ballot, make_ballot
from chalicelib.publishing.registering import register
from chalicelib.publishing.sites import Budget, Site
from chalicelib.voting.votes import Wish
from local import newsroom
from local.demo import PAGE
from local.deploy import Deployment
from local.stack import deployed_table
from ops.seeding import cast_votes, request

SITE, ARTICLE, FIRST_VOTES = "demo", "night-ferry-returns", 132
BALLOTS: dict[str, Ballot] = {
    SITE: make_ballot("updown"),
    "demo-like": make_ballot("like"),
    "demo-stars": make_ballot("stars"),
    "demo-reactions": make_ballot("reactions", ["joy", "love", "wow", "sad", "angry"]),
}
VOTES: dict[tuple[str, str], int] = {
    (SITE, ARTICLE): FIRST_VOTES,
    ("demo-like", "herring-season"): 21,
    ("demo-stars", "nine-hour-soup"): 14,
    ("demo-reactions", "seals-take-the-pontoon"): 24,
    (SITE, "statue-to-be-turned"): 11,
}
CLOSED = ("statue-to-be-turned", "committee-on-committees")
AT_ONCE = 4
DEMO_BUDGET = Budget(1_000, 50_000)  # all readers of the demo come from one address


def fill(deployment: Deployment) -> list[Wish]:
    """Make what is missing of it; an interrupted first time is taken up where it ended, a later one changes nothing.

    Returns the newsroom's votes, which are still to be cast: the demo need not wait for them.
    """
    table = deployed_table(deployment)
    for site, ballot in BALLOTS.items():
        # What an operator made of it since stays; put again, it is on the list of sites, which there was not always.
        table.put_site(table.site(site, _soon()) or Site(site, ballot, ranks="any", new_voters=DEMO_BUDGET), _soon())
    with ThreadPoolExecutor(AT_ONCE) as pool, Progress() as progress:
        wanted = first_votes()
        missing = dict(zip(wanted, pool.map(lambda one: _missing(deployment, *one), wanted.items()), strict=True))
        total = sum(missing.values())
        task = progress.add_task("Casting votes", total=total, visible=total > 0)

        def cast(where: tuple[str, str]) -> None:
            for _ in cast_votes(deployment.api, *where, missing[where]):
                progress.advance(task)

        casting = [pool.submit(cast, where) for where, number in missing.items() if number]
        for done in casting:
            done.result()
    for article in CLOSED:
        ref = ArticleRef(SITE, article)
        if table.articles([ref], _soon())[0].article is None:
            now = int(time.time())
            register(table, Article(ref, "Closed", "https://news.example", closes_at=now), now, _soon())
    return newsroom.missing_votes(table, int(time.time()), _soon())


def first_votes() -> dict[tuple[str, str], int]:
    """How many votes each article of the demo has the first time; those of the front page have a few."""
    front = re.findall(r'<article-vote site="demo" article="([^"]+)"', (PAGE / "front.html").read_text())
    return {(SITE, article): index * index % 4 for index, article in enumerate(front)} | VOTES


def _missing(deployment: Deployment, where: tuple[str, str], wanted: int) -> int:
    site, article = where
    # The version counts every change ever made, so it tells how many first votes were cast, whoever voted since.
    tally = request("GET", f"{deployment.api}/v1/sites/{site}/articles/{article}/tally")
    return 0 if tally["state"] == "closed" else max(0, wanted - int(tally["version"]))


def _soon() -> Deadline:
    return Deadline(time.monotonic, 30)

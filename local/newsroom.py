"""A fortnight of a newsroom, for the dashboard of the demo: votes with times of the past.

They go through the very transaction that votes go through, with the times that they would have been cast at; the
stream and everything behind it takes them as it takes all others. The same fortnight every time, ending now.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from chalicelib.domain.articles import Article, ArticleRef
from chalicelib.domain.ballots import make_ballot
from chalicelib.domain.deadlines import Deadline
from chalicelib.domain.intervals import DAY, HOUR, start_of
from chalicelib.domain.sites import Site
from chalicelib.domain.votes import Wish
from chalicelib.storage.operator_table import OperatorTable

SITE = "demo-newsroom"
TITLES = (  # with the share of readers who like it, and the day of the fortnight on which it came out
    ("ferry-timetable", "The ferry timetable changes on Monday, and nobody has read it", 0.4, 0),
    ("library-night", "The library stays open all night, once", 0.93, 1),
    ("parking-fees", "Parking fees: the council's third attempt", 0.22, 3),
    ("school-garden", "Pupils grow more cabbage than the canteen can cook", 0.9, 4),
    ("harbour-bridge", "A bridge for the harbour, or a tunnel, or neither", 0.52, 6),
    ("bakery-closes", "After ninety years the bakery on the corner closes", 0.7, 8),
    ("night-buses", "Night buses are back on weekends", 0.95, 9),
    ("statue", "The statue is to be turned around", 0.48, 11),
    ("storm-warning", "The storm that did not come", 0.62, 12),
    ("goose", "The goose of Mill Lane has a nameplate now", 0.97, 13),
)
DAYS, VOTES_A_DAY = 14, 9


def articles() -> list[Article]:
    """The articles, with titles and addresses."""
    return [
        Article(ArticleRef(SITE, article), title, f"https://news.example/{article}") for article, title, _, _ in TITLES
    ]


def wishes(now: int) -> list[Wish]:
    """Every vote of the fortnight that ends at `now`, in its order: most in the days after an article came out."""
    return sorted(_wishes(now), key=lambda wish: wish.at)


def _wishes(now: int) -> Iterator[Wish]:
    rng = random.Random(14)
    first = start_of("hour", now) - DAYS * DAY
    for article, _, liked, day in TITLES:
        for age in range(DAYS - day):
            for number in range(int(VOTES_A_DAY * 4 / (1 + 1.5 * age)) + rng.randrange(3)):
                at = first + (day + age) * DAY + int(rng.triangular(0, 24, 13) * HOUR)
                voter = f"{article}-{age}-{number}"
                choice = "up" if rng.random() < liked else "down"
                if at < now:
                    yield Wish(ArticleRef(SITE, article), voter, choice, f"r-{voter}", at)


def missing_votes(table: OperatorTable, now: int, deadline: Deadline) -> list[Wish]:
    """Make the site and its articles if they are missing; the votes to cast, none if they have been."""
    if table.site(SITE, deadline) is None:
        table.put_site(Site(SITE, make_ballot("updown")), deadline)
    for article, (_, _, _, day) in zip(articles(), TITLES, strict=True):
        if table.article(article.ref, deadline) is None:
            table.put_article(article, start_of("hour", now) + (day - DAYS) * DAY, deadline)
    all_of_them = wishes(now)
    cast = table.vote(all_of_them[-1].ref, all_of_them[-1].voter_key, deadline).version > 0
    return [] if cast else all_of_them

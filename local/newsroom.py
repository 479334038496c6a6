"""A fortnight of a newsroom, for the dashboard of the demo: thousands of votes with times of the past.

They go through the very transaction that votes go through, with the times that they would have been cast at; the
stream and everything behind it takes them as it takes all others. The same fortnight every time, ending now. While the
demo runs, a few new readers vote every minute, through the API, so that the dashboard moves.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import formatdate
from xml.sax.saxutils import escape

from chalicelib.deadlines import Deadline
from chalicelib.insights.intervals import DAY, HOUR, Calendar
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.registering import register
from chalicelib.publishing.site_feeds import SiteFeed
from chalicelib.publishing.sites import Budget, Site
from chalicelib.voting.applying import apply
from chalicelib.voting.operator_store import VotingOperatorStore
from chalicelib.voting.votes import Wish
from ops.seeding import SeedFailed, cast_choice

SITE = "demo-newsroom"
BUDGET = Budget(1_000, 50_000)  # all its readers come from one address
TOWN = Calendar("Europe/Berlin")
DAYS = 14
READERS = 0.6  # of each story's pull: thousands of votes, and a fortnight that is there within a minute or so
SECONDS_BETWEEN_VOTES = (4, 20)
# How many of a day's readers come in each hour of it: coffee, lunch, and the evening on the sofa.
HOURS = (2, 1, 1, 1, 1, 3, 8, 14, 13, 9, 7, 8, 13, 11, 7, 6, 7, 9, 11, 13, 15, 14, 9, 4)
AUTHORS = {
    "harbour": "Mara Quist", "council": "Ole Brandt", "schools": "Ada Sommer", "sport": "Jon Fisk",
    "culture": "Iris Holm",
}  # fmt: skip
WEEKEND = 0.7  # of a working day's readers


@dataclass(frozen=True)
class Story:
    """An article: how many votes it draws on its first day, which share likes it, and the day that it came out on."""

    id: str
    title: str
    section: str
    pull: int
    liked: float
    day: int
    fades: float = 1.2  # how fast readers turn to something else
    polled: int = 99  # how many days it takes votes


STORIES = (
    Story("ferry-timetable", "The ferry timetable changes on Monday, and nobody has read it", "harbour", 90, 0.4, 0),
    Story("crane-dances", "A crane is moved at night, and half the town watches", "harbour", 60, 0.95, 1),
    Story("fish-market", "The fish market will open an hour later", "harbour", 55, 0.35, 3),
    # The contested one: readers come back to it, and each other reader disagrees.
    Story("harbour-bridge", "A bridge for the harbour, or a tunnel, or neither", "harbour", 130, 0.51, 6, 0.25),
    Story("seal-count", "One hundred and four seals, and one that would not be counted", "harbour", 70, 0.97, 9),
    Story("pilot-retires", "The last pilot who knew the old channel retires", "harbour", 45, 0.93, 12),
    Story("parking-fees", "Parking fees: the council's third attempt", "council", 110, 0.22, 2, polled=7),
    Story("statue", "The statue is to be turned around", "council", 80, 0.48, 4),
    Story("budget-night", "Eleven hours for a budget that nobody likes", "council", 65, 0.3, 5),
    Story("minutes-lost", "The minutes of the meeting about lost minutes are lost", "council", 75, 0.88, 8),
    Story("town-clock", "The town clock is right again, twice a day more than before", "council", 50, 0.8, 10),
    Story("cycle-lane", "A cycle lane that ends at a wall", "council", 85, 0.36, 11),
    Story("library-night", "The library stays open all night, once", "schools", 70, 0.93, 1),
    Story("school-garden", "Pupils grow more cabbage than the canteen can cook", "schools", 60, 0.9, 3),
    Story("phones-away", "A month without phones: what the pupils say", "schools", 95, 0.55, 5),
    Story("choir-wins", "The choir that could not sing wins a prize for trying", "schools", 55, 0.96, 7),
    Story("bus-driver", "The school bus driver knows all the names", "schools", 65, 0.98, 10),
    Story("maths-prize", "Two sisters solve what their teacher could not", "schools", 50, 0.94, 12),
    Story("late-equaliser", "An equaliser in the ninety-sixth minute, and no lights", "sport", 75, 0.72, 2),
    Story("rowing-upset", "Outrowed by a boat of pensioners", "sport", 60, 0.91, 4),
    Story("stadium-name", "The stadium is to be named after a biscuit", "sport", 90, 0.18, 6),
    Story("goalkeeper", "The goalkeeper who scored from his own half", "sport", 70, 0.95, 9),
    Story("referee-short", "No referees, no matches: the weekend is off", "sport", 55, 0.4, 11),
    Story("chess-hall", "Chess in the sports hall is louder than you think", "sport", 40, 0.87, 13),
    Story("bakery-closes", "After ninety years the bakery on the corner closes", "culture", 85, 0.7, 3),
    Story("storm-warning", "The storm that did not come", "culture", 60, 0.62, 7),
    Story("night-buses", "Night buses are back on weekends", "culture", 80, 0.95, 8),
    Story("film-club", "The film club shows the film that nobody finished", "culture", 45, 0.83, 10),
    Story("brass-band", "The brass band practises outdoors again. Opinions differ", "culture", 75, 0.5, 12),
    # The rising one.
    Story("goose", "The goose of Mill Lane has a nameplate now", "culture", 160, 0.97, 13, 0.1),
)

LATE = Article(
    ArticleRef(SITE, "goose-update"), "The goose of Mill Lane: what the neighbours say", "https://news.example/culture/goose-update",
    author=AUTHORS["culture"], section="culture",
)  # fmt: skip


def articles(now: int) -> list[Article]:
    """The articles of the fortnight that ends at `now`. The feed keeps what is known about them current."""
    return [
        Article(
            ArticleRef(SITE, one.id),
            one.title,
            f"https://news.example/{one.section}/{one.id}",
            author=AUTHORS[one.section],
            section=one.section,
            published_at=_first_day(one, now),
            closes_at=None if one.polled > DAYS else _first_day(one, now) + one.polled * DAY,
            from_feed=True,
        )
        for one in STORIES
    ]


def _first_day(story: Story, now: int) -> int:
    return TOWN.start_of("day", now) + (story.day - DAYS + 1) * DAY


def feed(now: int) -> str:
    """The newsroom's own feed, as a CMS writes it. The last story is known from it alone."""
    items = [
        f"<item><title>{escape(one.title)}</title><link>{one.url}</link><guid>{one.url}</guid>"
        f"<dc:creator>{one.author}</dc:creator><category>{one.section}</category>"
        f"<pubDate>{formatdate(one.published_at)}</pubDate></item>"
        for one in [*articles(now), replace(LATE, published_at=TOWN.start_of("day", now))]
    ]
    head = '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    return f"{head}<channel><title>The Harbour Gazette</title>{''.join(items)}</channel></rss>"


def name_feed(table: VotingOperatorStore, url: str, deadline: Deadline) -> None:
    """Have the feed at this address read. The function that reads feeds does so within five minutes."""
    site = table.site(SITE, deadline, consistent=True)
    if site is not None and (site.feed is None or site.feed.url != url):
        table.put_site(replace(site, feed=SiteFeed(url), version=site.version + 1), deadline)


def wishes(now: int) -> list[Wish]:
    """Every vote of the fortnight that ends at `now`, in its order: most in the days after an article came out."""
    return sorted(_wishes(now), key=lambda wish: wish.at)


def _wishes(now: int) -> Iterator[Wish]:
    rng = random.Random(14)
    first = TOWN.start_of("day", now) - (DAYS - 1) * DAY
    for story in STORIES:
        for age in range(DAYS - story.day):
            day = first + (story.day + age) * DAY
            weekend = WEEKEND if _is_weekend(day) else 1.0
            if age >= story.polled:
                break
            for number in range(int(READERS * weekend * story.pull / (1 + story.fades * age)) + rng.randrange(3)):
                hour = rng.choices(range(24), HOURS)[0]
                at = day + hour * HOUR + rng.randrange(HOUR)
                voter = f"{story.id}-{age}-{number}"
                choice = "up" if rng.random() < story.liked else "down"
                if at < now:
                    yield Wish(ArticleRef(SITE, story.id), voter, choice, f"r-{voter}", at)


def _is_weekend(day: int) -> bool:
    return datetime.fromtimestamp(day, TOWN.zone).weekday() >= 5


def missing_votes(table: VotingOperatorStore, now: int, deadline: Deadline) -> list[Wish]:
    """Make the site and its articles if they are missing; the votes to cast, none if they have been."""
    if table.site(SITE, deadline) is None:
        table.put_site(Site(SITE, make_ballot("updown"), time_zone=TOWN.time_zone, new_voters=BUDGET), deadline)
    for article, story in zip(articles(now), STORIES, strict=True):
        if table.articles([article.ref], deadline)[0].article is None:
            register(table, article, _first_day(story, now), deadline)
    all_of_them = wishes(now)
    done = table.vote(all_of_them[-1].ref, all_of_them[-1].voter_key, deadline).version > 0
    return [] if done else all_of_them


def cast(table: VotingOperatorStore, wish: Wish) -> None:
    """Cast a vote with a time of the past."""
    apply(table, wish, Deadline(time.monotonic, 30), registered_only=False)


class Readers:
    """Readers who vote while the demo runs, in a thread of this process: first in the past, then now."""

    def __init__(self, table: VotingOperatorStore, api: str, missing: list[Wish]) -> None:
        self._table, self._api, self._missing = table, api, missing
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._vote, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let the vote that is being cast end, and cast no more."""
        self._stopped.set()
        self._thread.join()

    def _vote(self) -> None:
        for wish in self._missing:  # in their order: histories are of counts that follow each other in time
            if self._stopped.is_set():
                return
            cast(self._table, wish)
        rng = random.Random()
        weights = [story.pull / (1 + story.fades * (DAYS - story.day)) for story in STORIES]
        while not self._stopped.wait(rng.uniform(*SECONDS_BETWEEN_VOTES)):
            story = rng.choices(STORIES, weights)[0]
            try:
                cast_choice(self._api, SITE, story.id, "up" if rng.random() < story.liked else "down")
            except SeedFailed:
                continue  # the stack is busy, or about to stop

"""Ranked lists: the best articles of a site in a window, and how a page of a leaderboard is read from them.

    settled hours   -> the ranked list: the best articles in every order, and the best value that ever fell off it
    later slots     -> the articles that were active in them, each with its newest entry
    both            -> a page

An article that was not active since the list was made has the same entry as then. So the newest entries of both are all
that is known. A list holds the best MOST_RANKED articles of each order. The values of all other articles are at most
`fallen`. So a page is exact as far as its values are above `fallen`, and there it ends.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.insights.intervals import Calendar, Window
from chalicelib.insights.leaderboards import Entry, Order, orders_of, value
from chalicelib.publishing.sites import Site

MOST_RANKED = 1000


@dataclass(frozen=True, slots=True)
class RankedList:
    """The best articles of a site in the window that began at `start`, as its hours before `through` left them.

    `fallen`: for each order, the best value of an article that fell off the list. `digest`: of what is stored; "" if
    nothing is.
    """

    window: Window
    start: int
    through: int
    entries: Mapping[str, Entry] = field(default_factory=dict)
    fallen: Mapping[Order, float] = field(default_factory=dict)
    digest: str = ""


class ListTooLong(Exception):
    """A ranked list has more than one item can hold. It happens if ids are long and each order has other articles."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of a leaderboard ended: the value and the article of the last entry that it looked at."""

    value: str
    article: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """The entries of a leaderboard, best first, as far as their order is proven, and the place of each.

    `complete`: False if there are more articles.
    """

    entries: Sequence[Entry]
    places: Sequence[Place]
    complete: bool
    as_of: int | None

    def page(self, shown: Sequence[Entry], end: int) -> Page:
        """A page with these of the first `end` entries. If it ends where it begins, there is no next page."""
        more = 0 < end < len(self.entries)
        return Page(shown, self.places[end - 1] if more else None, more or self.complete, self.as_of)


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries of a leaderboard, best first. `next`: where the next page begins; None on the last page.

    `complete`: False if the page is the last one that can be proven, although there are more articles. `as_of`: the
    last change that is known, in epoch seconds, or None.
    """

    entries: Sequence[Entry]
    next: Place | None
    complete: bool
    as_of: int | None


def merge(known: RankedList, site: Site, active: Collection[Entry], most: int = MOST_RANKED) -> RankedList:
    """The list with these entries, which are all that arose in some further slots of its window."""
    calendar = Calendar(site.time_zone)
    entries = _newest([*known.entries.values(), *active])
    fallen = dict(known.fallen)
    ranked = {order: _rank(site, entries.values(), order) for order in orders_of(site, known.window)}
    kept = {article for places in ranked.values() for _, article in places[:most]}
    for order, places in ranked.items():
        for worth, article in places[most:]:
            if article not in kept:
                fallen[order] = max(worth, fallen.get(order, worth))
                break  # the others are worth less
    return RankedList(
        window=known.window,
        start=known.start,
        through=max([known.through, *(calendar.end_of_slot(one.slot) for one in active)]),
        entries={article: entries[article] for article in sorted(kept)},
        fallen=fallen,
        digest=known.digest,
    )


def rank(known: RankedList, site: Site, active: Iterable[Entry], order: Order, after: Place | None) -> Ranking:
    """The entries, best first, from `after` on."""
    entries = _newest([*known.entries.values(), *active])
    ranked = _rank(site, entries.values(), order)
    if after is not None:
        ranked = [place for place in ranked if place < (float(after.value), after.article)]
    fallen = known.fallen.get(order)
    proven = [place for place in ranked if fallen is None or place[0] > fallen]
    return Ranking(
        entries=[entries[article] for _, article in proven],
        places=[Place(_written(worth), article) for worth, article in proven],
        complete=fallen is None,
        as_of=max((entry.gained.updated_at or 0 for entry in entries.values()), default=None),
    )


def _rank(site: Site, entries: Iterable[Entry], order: Order) -> list[tuple[float, str]]:
    """(value, article) of the entries that have a place in this order, best first."""
    valued = ((value(site, entry, order), entry.ref.article) for entry in entries)
    return sorted(((worth, article) for worth, article in valued if worth is not None), reverse=True)


def _written(worth: float) -> str:
    return f"{worth:.4f}".rstrip("0").rstrip(".")


def _newest(entries: Iterable[Entry]) -> dict[str, Entry]:
    """The newest entry of each article."""
    found: dict[str, Entry] = {}
    for entry in entries:
        other = found.get(entry.ref.article)
        if other is None or entry.newness > other.newness:
            found[entry.ref.article] = entry
    return found

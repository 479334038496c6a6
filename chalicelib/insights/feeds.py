"""A leaderboard as a feed, for the tool that sends the newsletter: which stories, and what is said about each.

`feed_routes` writes it as Atom, RSS 2.0 and JSON Feed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from chalicelib.insights.leaderboards import Board, Entry
from chalicelib.publishing.articles import Article, Selection, shown_text, shown_url
from chalicelib.publishing.sites import Site

ORDER_NAMES = {
    "voters": "most voted on",
    "net": "most liked",
    "approval": "best approved",
    "stars": "best rated",
    "controversial": "most fought over",
    "rising": "rising",
}
WINDOW_NAMES = {
    "hour": "of the hour",
    "day": "of the day",
    "week": "of the week",
    "month": "of the month",
    "all": "ever",
}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Story:
    """An entry of a feed. What is not known is None. `summary`: its votes, in words."""

    id: str
    title: str
    url: str | None
    author: str | None
    section: str | None
    image: str | None
    published_at: int | None
    updated_at: int
    summary: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Feed:
    """The entries of a leaderboard, those of its articles that are registered, by id, and the address of the feed.

    `counts_shown`: whether summaries say what readers chose.
    """

    site: Site
    board: Board
    selection: Selection
    entries: Sequence[Entry]
    articles: Mapping[str, Article]
    address: str
    counts_shown: bool

    @property
    def title(self) -> str:
        """For example "news: Sport, most liked of the day (Europe/Berlin)"."""
        asked = "".join(f"{one}, " for one in (self.selection.section, self.selection.author) if one)
        name = f"{self.site.id}: {asked}{ORDER_NAMES[self.board.order]} {WINDOW_NAMES[self.board.window]}"
        return f"{name} ({self.site.time_zone})" if self.board.window in ("day", "week", "month") else name

    @property
    def updated_at(self) -> int:
        """The last change of any entry, or the beginning of the window, in epoch seconds."""
        return max((one.gained.updated_at or 0 for one in self.entries), default=self.board.start)

    def stories(self) -> Iterator[Story]:
        """The entries, best first."""
        for entry in self.entries:
            article = self.articles.get(entry.ref.article)
            yield Story(
                id=f"urn:article-votes:article:{entry.ref.site}:{quote(entry.ref.public_id, safe='')}",
                title=shown_text(article.title if article else None) or entry.ref.public_id,
                url=shown_url(article.url if article else None),
                author=shown_text(article.author if article else None),
                section=shown_text(article.section if article else None),
                image=shown_url(article.image if article else None),
                published_at=article.published_at if article else None,
                updated_at=entry.gained.updated_at or entry.start,
                summary=self._summary(entry),
            )

    def _summary(self, entry: Entry) -> str:
        gained = entry.gained.counts
        changed = ", ".join(f"{one} {gained[one]:+d}" for one in self.site.ballot.counted if gained.get(one))
        shown = f" ({changed})" if self.counts_shown else ""
        return f"{entry.gained.voters:+d} votes{shown}, {entry.total} in all."

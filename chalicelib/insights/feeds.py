"""A leaderboard as a feed, for the tool that sends the newsletter: Atom (RFC 4287) and JSON Feed 1.1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape, quoteattr

from chalice.app import Response

from chalicelib.http.descriptions import IF_NONE_MATCH, NOT_MODIFIED, json_of, text_of
from chalicelib.http.requests import Request
from chalicelib.http.responses import tagged_answer
from chalicelib.http.routing import Routes
from chalicelib.http.wire import Timestamp, Wire, timestamp
from chalicelib.insights.leaderboards import Board, Entry
from chalicelib.insights.parameters import (
    BOARD,
    SELECTION,
    Asked,
    board_of,
    limit_of,
    selection_of,
)
from chalicelib.insights.routes import LEADERBOARD, READING_INSIGHTS, asked_for_board, cached_for
from chalicelib.insights.use_cases import Insights
from chalicelib.insights.wire import in_order
from chalicelib.publishing.articles import Article, Selection, shown_text, shown_url
from chalicelib.publishing.parameters import OPTIONAL_KEY, PATH_PARAMETERS

routes: Routes[Insights] = Routes("insights", PATH_PARAMETERS)

ATOM, JSON_FEED = "application/atom+xml", "application/feed+json"
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


class FeedItemBody(Wire):
    """A story in a JSON feed."""

    id: str
    url: str | None = None
    title: str
    content_text: str
    date_modified: Timestamp


class FeedBody(Wire):
    """A JSON feed (https://jsonfeed.org/version/1.1)."""

    version: Literal["https://jsonfeed.org/version/1.1"]
    title: str
    feed_url: str
    items: list[FeedItemBody]


@dataclass(frozen=True, slots=True)
class Feed:
    """The entries of a leaderboard, those of its articles that are registered, by id, and the address of the feed."""

    asked: Asked
    board: Board
    selection: Selection
    entries: Sequence[Entry]
    articles: Mapping[str, Article]
    address: str

    @property
    def title(self) -> str:
        asked = "".join(f"{one}, " for one in (self.selection.section, self.selection.author) if one)
        site = self.asked.site
        name = f"{site.id}: {asked}{ORDER_NAMES[self.board.order]} {WINDOW_NAMES[self.board.window]}"
        return f"{name} ({site.time_zone})" if self.board.window in ("day", "week", "month") else name


@routes.route(
    "GET",
    f"{LEADERBOARD}.atom",
    answers={200: text_of(ATOM), **NOT_MODIFIED},
    problems=READING_INSIGHTS,
    parameters=(*BOARD, *SELECTION, IF_NONE_MATCH),
    security=OPTIONAL_KEY,
)
def read_atom_feed(request: Request, insights: Insights) -> Response:
    """The leaderboard as an Atom feed"""
    feed = _feed(request, insights, "atom")
    updated = timestamp(max((one.gained.updated_at or 0 for one in feed.entries), default=feed.board.start))
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n',
        f"<id>{escape(feed.address)}</id>\n<title>{escape(feed.title)}</title>\n",
        f"<updated>{updated}</updated>\n<author><name>{escape(feed.asked.site.id)}</name></author>\n",
        f'<link rel="self" type="{ATOM}" href={quoteattr(feed.address)}/>\n',
        *(_atom_entry(feed, one) for one in feed.entries),
        "</feed>\n",
    ]
    return _answer(request, feed.asked, "".join(parts), ATOM)


def _atom_entry(feed: Feed, entry: Entry) -> str:
    article = feed.articles.get(entry.ref.article)
    address = shown_url(article.url if article else None)
    link = "" if address is None else f'<link rel="alternate" href={quoteattr(address)}/>'
    return (
        f"<entry><id>{escape(_entry_id(entry))}</id><title>{escape(_name(entry, article))}</title>"
        f"<updated>{timestamp(entry.gained.updated_at or entry.start)}</updated>{link}"
        f'<content type="text">{escape(_words(feed, entry))}</content></entry>\n'
    )


@routes.route(
    "GET",
    f"{LEADERBOARD}.feed.json",
    answers={200: json_of(FeedBody, JSON_FEED), **NOT_MODIFIED},
    problems=READING_INSIGHTS,
    parameters=(*BOARD, *SELECTION, IF_NONE_MATCH),
    security=OPTIONAL_KEY,
)
def read_json_feed(request: Request, insights: Insights) -> Response:
    """The leaderboard as a JSON feed"""
    feed = _feed(request, insights, "feed.json")
    items = []
    for one in feed.entries:
        article = feed.articles.get(one.ref.article)
        url = shown_url(article.url if article else None)
        items.append(
            FeedItemBody(
                id=_entry_id(one),
                title=_name(one, article),
                content_text=_words(feed, one),
                date_modified=timestamp(one.gained.updated_at or one.start),
                **({} if url is None else {"url": url}),
            )
        )
    body = FeedBody(version="https://jsonfeed.org/version/1.1", title=feed.title, feed_url=feed.address, items=items)
    return _answer(request, feed.asked, body.model_dump_json(exclude_unset=True), JSON_FEED)


def _feed(request: Request, insights: Insights, form: str) -> Feed:
    asked, limit, selection = asked_for_board(request, insights), limit_of(request), selection_of(request)
    site = asked.site
    board = board_of(request, site)
    query = urlencode(request.values_given("order", "window", "ago", "limit", "section", "author"))
    address = f"{request.public_url}/v1/sites/{site.id}/leaderboard.{form}"
    page, articles = insights.leaderboard(
        site, board, limit, None, request.deadline, selection, hidden_too=asked.by_publisher
    )
    return Feed(asked, board, selection, page.entries, articles, f"{address}?{query}" if query else address)


def _answer(request: Request, asked: Asked, text: str, media_type: str) -> Response:
    caching, varies = cached_for(asked)
    more = {"Vary": ", ".join(varies)} if varies else {}
    return tagged_answer(request, text, f"{media_type}; charset=utf-8", caching, more)


def _entry_id(entry: Entry) -> str:
    return f"urn:article-votes:article:{entry.ref.site}:{quote(entry.ref.article, safe='')}"


def _name(entry: Entry, article: Article | None) -> str:
    """The article's title, or its id if it is not registered."""
    return shown_text(article.title if article else None) or entry.ref.article


def _words(feed: Feed, entry: Entry) -> str:
    counts = in_order(feed.asked.site, entry.gained.counts)
    changed = ", ".join(f"{choice} {count:+d}" for choice, count in counts.items() if count)
    shown = f" ({changed})" if feed.asked.shows_counts else ""
    return f"{entry.gained.voters:+d} votes{shown}, {entry.total} in all."

"""A leaderboard as a feed, for the tool that sends the newsletter: Atom (RFC 4287) and JSON Feed 1.1."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape, quoteattr

from chalice.app import Blueprint, Response

from chalicelib.http.requests import header, values_given
from chalicelib.http.responses import tagged_answer
from chalicelib.http.routing import Call, endpoint
from chalicelib.insights.leaderboards import Board, Entry
from chalicelib.insights.parameters import board_asked, limit_asked
from chalicelib.insights.routes import LEADERBOARD, cached_for
from chalicelib.publishing.articles import shown_title, shown_url
from chalicelib.publishing.sites import Site
from chalicelib.voting.wire import timestamp

routes = Blueprint(__name__)

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


@dataclass(frozen=True, slots=True)
class Feed:
    """A board's stories, and the address that says so."""

    site: Site
    board: Board
    entries: Sequence[Entry]
    address: str

    @property
    def title(self) -> str:
        return f"{self.site.id}: {ORDER_NAMES[self.board.order]} {WINDOW_NAMES[self.board.window]}"


@endpoint(routes, "GET", f"{LEADERBOARD}.atom")
def read_atom(call: Call) -> Response:
    """The leaderboard as an Atom feed"""
    feed = _asked(call, "atom")
    updated = timestamp(max((one.gained.updated_at or 0 for one in feed.entries), default=feed.board.start))
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n',
        f"<id>{escape(feed.address)}</id>\n<title>{escape(feed.title)}</title>\n",
        f"<updated>{updated}</updated>\n<author><name>{escape(feed.site.id)}</name></author>\n",
        f'<link rel="self" type="application/atom+xml" href={quoteattr(feed.address)}/>\n',
        *(_atom_entry(one) for one in feed.entries),
        "</feed>\n",
    ]
    return _answer(call, feed.site, "".join(parts), "application/atom+xml; charset=utf-8")


def _atom_entry(entry: Entry) -> str:
    address = shown_url(entry.url)
    link = "" if address is None else f'<link rel="alternate" href={quoteattr(address)}/>'
    return (
        f"<entry><id>{escape(_entry_id(entry))}</id><title>{escape(_name(entry))}</title>"
        f"<updated>{timestamp(entry.gained.updated_at)}</updated>{link}"
        f'<content type="text">{escape(_words(entry))}</content></entry>\n'
    )


@endpoint(routes, "GET", f"{LEADERBOARD}.feed.json")
def read_json_feed(call: Call) -> Response:
    """The leaderboard as a JSON feed"""
    from chalicelib.insights.wire import FeedBody, FeedItemBody

    feed = _asked(call, "feed.json")
    items = []
    for one in feed.entries:
        url = shown_url(one.url)
        items.append(
            FeedItemBody(
                id=_entry_id(one),
                title=_name(one),
                content_text=_words(one),
                date_modified=timestamp(one.gained.updated_at) or "",
                **({} if url is None else {"url": url}),
            )
        )
    body = FeedBody(version="https://jsonfeed.org/version/1.1", title=feed.title, feed_url=feed.address, items=items)
    return _answer(call, feed.site, body.model_dump_json(exclude_unset=True), "application/feed+json; charset=utf-8")


def _asked(call: Call, form: str) -> Feed:
    site, limit = call.readable_site(), limit_asked(call)
    board = board_asked(call, site)
    query = urlencode(values_given(call.request, "order", "window", "ago", "limit"))
    address = f"{call.public_url()}/v1/sites/{site.id}/leaderboard.{form}"
    page = call.services.insights.leaderboard(board, limit, None, call.deadline)
    return Feed(site, board, page.entries, f"{address}?{query}" if query else address)


def _answer(call: Call, site: Site, text: str, media_type: str) -> Response:
    caching, varies = cached_for(site)
    more = {"Vary": ", ".join(varies)} if varies else {}
    return tagged_answer(text, media_type, caching, header(call.request, "If-None-Match"), more)


def _entry_id(entry: Entry) -> str:
    return f"urn:article-votes:article:{entry.ref.site}:{quote(entry.ref.article, safe='')}"


def _name(entry: Entry) -> str:
    """The title where the article is known, else its id."""
    return shown_title(entry.title) or entry.ref.article


def _words(entry: Entry) -> str:
    counts = ", ".join(f"{choice} {count:+d}" for choice, count in _nonzero(entry))
    return f"{entry.gained.voters:+d} votes ({counts}), {entry.total} in all."


def _nonzero(entry: Entry) -> Iterable[tuple[str, int]]:
    return ((choice, count) for choice, count in entry.gained.counts.items() if count)

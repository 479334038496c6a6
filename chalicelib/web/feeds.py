"""A leaderboard as a feed, for the tool that sends the newsletter: Atom (RFC 4287) and JSON Feed 1.1."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from chalice.app import Blueprint, Response

from chalicelib.domain.articles import URL
from chalicelib.domain.leaderboards import Board, Entry
from chalicelib.domain.sites import Site
from chalicelib.web.endpoints import Call, endpoint
from chalicelib.web.insight_requests import board_asked, limit_asked
from chalicelib.web.insight_schemas import FeedBody, FeedItemBody
from chalicelib.web.insights import LEADERBOARD, cached_for
from chalicelib.web.requests import header
from chalicelib.web.responses import tagged_answer
from chalicelib.web.schemas import timestamp

routes = Blueprint(__name__)

NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
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


@endpoint(routes, "GET", f"{LEADERBOARD}.atom")
def read_atom(call: Call) -> Response:
    """The leaderboard as an Atom feed"""
    site, board, entries = _asked(call)
    address = f"{call.public_url()}/v1/sites/{site.id}/leaderboard.atom"
    updated = timestamp(max((one.gained.updated_at or 0 for one in entries), default=board.start))
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n',
        f"<id>{escape(_id(site, board))}</id>\n<title>{escape(_title(site, board))}</title>\n",
        f"<updated>{updated}</updated>\n<author><name>{escape(site.id)}</name></author>\n",
        f'<link rel="self" type="application/atom+xml" href={quoteattr(address)}/>\n',
        *(_atom_entry(one) for one in entries),
        "</feed>\n",
    ]
    return _answer(call, site, "".join(parts), "application/atom+xml; charset=utf-8")


def _atom_entry(entry: Entry) -> str:
    address = _address(entry)
    link = "" if address is None else f'<link rel="alternate" href={quoteattr(address)}/>'
    return (
        f"<entry><id>{escape(_entry_id(entry))}</id><title>{escape(_name(entry))}</title>"
        f"<updated>{timestamp(entry.gained.updated_at)}</updated>{link}<summary>{escape(_words(entry))}</summary></entry>\n"
    )


@endpoint(routes, "GET", f"{LEADERBOARD}.feed.json")
def read_json_feed(call: Call) -> Response:
    """The leaderboard as a JSON feed"""
    site, board, entries = _asked(call)
    items = [
        FeedItemBody(
            id=_entry_id(one),
            title=_name(one),
            content_text=_words(one),
            date_modified=timestamp(one.gained.updated_at) or "",
            **({} if _address(one) is None else {"url": _address(one)}),
        )
        for one in entries
    ]
    body = FeedBody(
        version="https://jsonfeed.org/version/1.1",
        title=_title(site, board),
        feed_url=f"{call.public_url()}/v1/sites/{site.id}/leaderboard.feed.json",
        items=items,
    )
    return _answer(call, site, body.model_dump_json(exclude_unset=True), "application/feed+json; charset=utf-8")


def _asked(call: Call) -> tuple[Site, Board, list[Entry]]:
    site, limit = call.readable_site(), limit_asked(call)
    board = board_asked(call, site)
    return site, board, list(call.services.insights.leaderboard(board, limit, None, call.deadline).entries)


def _answer(call: Call, site: Site, text: str, media_type: str) -> Response:
    caching, varies = cached_for(site)
    more = {"Vary": ", ".join(varies)} if varies else {}
    return tagged_answer(text, media_type, caching, header(call.request, "If-None-Match"), more)


def _title(site: Site, board: Board) -> str:
    return f"{site.id}: {ORDER_NAMES[board.order]} {WINDOW_NAMES[board.window]}"


def _id(site: Site, board: Board) -> str:
    return f"urn:article-votes:leaderboard:{site.id}:{board.order}:{board.window}"


def _entry_id(entry: Entry) -> str:
    return f"urn:article-votes:article:{entry.ref.site}:{quote(entry.ref.article, safe='')}"


def _name(entry: Entry) -> str:
    """The title where the article is known, else its id."""
    return NOT_IN_XML.sub("\ufffd", entry.title or entry.ref.article)


def _address(entry: Entry) -> str | None:
    return entry.url if entry.url is not None and URL.fullmatch(entry.url) else None


def _words(entry: Entry) -> str:
    counts = ", ".join(f"{choice} {count:+d}" for choice, count in _nonzero(entry))
    return f"{entry.gained.voters:+d} votes ({counts}), {entry.total} in all."


def _nonzero(entry: Entry) -> Iterable[tuple[str, int]]:
    return ((choice, count) for choice, count in entry.gained.counts.items() if count)

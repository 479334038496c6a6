"""Feeds of leaderboards: Atom (RFC 4287), RSS 2.0 (https://www.rssboard.org/rss-specification) and JSON Feed 1.1.

Pictures are Media RSS (https://www.rssboard.org/media-rss) in both XML formats. A private feed is read with the key as
the user name of HTTP Basic.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Literal
from urllib.parse import urlencode
from xml.sax.saxutils import escape, quoteattr

from chalice.app import Response

from chalicelib.http.descriptions import IF_NONE_MATCH, NOT_MODIFIED, Content, json_of, text_of
from chalicelib.http.requests import Request
from chalicelib.http.responses import tagged_answer
from chalicelib.http.routing import Routes, View
from chalicelib.http.wire import Timestamp, Wire, timestamp
from chalicelib.insights.feeds import Feed, Story
from chalicelib.insights.parameters import BOARD, SELECTION, Asked, board_of, limit_of, selection_of
from chalicelib.insights.routes import LEADERBOARD, READING_INSIGHTS, asked_for_board, cached_for
from chalicelib.insights.use_cases import Insights
from chalicelib.publishing.parameters import OPTIONAL_KEY, PATH_PARAMETERS

routes: Routes[Insights] = Routes("insights", PATH_PARAMETERS)

ATOM, RSS, JSON_FEED = "application/atom+xml", "application/rss+xml", "application/feed+json"
MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'
XML = '<?xml version="1.0" encoding="utf-8"?>\n'


class AuthorBody(Wire):
    """Who wrote a story."""

    name: str


class FeedItemBody(Wire):
    """A story in a JSON feed. What is not known is left out."""

    id: str
    url: str | None = None
    title: str
    summary: str
    content_text: str
    image: str | None = None
    date_published: Timestamp | None = None
    date_modified: Timestamp
    authors: list[AuthorBody] | None = None
    tags: list[str] | None = None
    language: str


class FeedBody(Wire):
    """A JSON feed (https://jsonfeed.org/version/1.1)."""

    version: Literal["https://jsonfeed.org/version/1.1"]
    title: str
    feed_url: str
    language: str
    items: list[FeedItemBody]


def feed_route(form: str, content: Content) -> Callable[[View[Insights]], View[Insights]]:
    """Declare a view of the leaderboard under its address and this ending."""
    return routes.route(
        "GET",
        f"{LEADERBOARD}.{form}",
        answers={200: content, **NOT_MODIFIED},
        problems=READING_INSIGHTS,
        parameters=(*BOARD, *SELECTION, IF_NONE_MATCH),
        security=OPTIONAL_KEY,
    )


@feed_route("atom", text_of(ATOM))
def read_atom_feed(request: Request, insights: Insights) -> Response:
    """The leaderboard as an Atom feed"""
    asked = asked_for_board(request, insights)
    feed = _feed(request, insights, asked, "atom")
    parts = [
        f'{XML}<feed xmlns="http://www.w3.org/2005/Atom" {MEDIA} xml:lang={quoteattr(feed.site.language)}>\n',
        _element("id", feed.address),
        _element("title", feed.title),
        _element("updated", timestamp(feed.updated_at)),
        f"<author>{_element('name', feed.site.id)}</author>\n",
        f'<link rel="self" type="{ATOM}" href={quoteattr(feed.address)}/>\n',
        *(f"<entry>{_atom_parts(story)}</entry>\n" for story in feed.stories()),
        "</feed>\n",
    ]
    return _answer(request, asked, "".join(parts), ATOM)


def _atom_parts(story: Story) -> str:
    parts = [
        _element("id", story.id),
        _element("title", story.title),
        _element("updated", timestamp(story.updated_at)),
        None if story.published_at is None else _element("published", timestamp(story.published_at)),
        None if story.url is None else f'<link rel="alternate" href={quoteattr(story.url)}/>',
        None if story.author is None else f"<author>{_element('name', story.author)}</author>",
        None if story.section is None else f"<category term={quoteattr(story.section)}/>",
        _image(story),
        _element("summary", story.summary),
        f'<content type="text">{escape(story.summary)}</content>',  # required of an entry without a link
    ]
    return "".join(part for part in parts if part is not None)


@feed_route("rss", text_of(RSS))
def read_rss_feed(request: Request, insights: Insights) -> Response:
    """The leaderboard as an RSS 2.0 feed"""
    asked = asked_for_board(request, insights)
    feed = _feed(request, insights, asked, "rss")
    parts = [
        f'{XML}<rss version="2.0" {MEDIA} xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:atom="http://www.w3.org/2005/Atom"><channel>\n',
        _element("title", feed.title),
        _element("link", feed.address),
        _element("description", feed.title),
        _element("language", feed.site.language),
        _element("lastBuildDate", _rss_date(feed.updated_at)),
        f'<atom:link rel="self" type="{RSS}" href={quoteattr(feed.address)}/>\n',
        *(f"<item>{_rss_parts(story)}</item>\n" for story in feed.stories()),
        "</channel></rss>\n",
    ]
    return _answer(request, asked, "".join(parts), RSS)


def _rss_parts(story: Story) -> str:
    parts = [
        f'<guid isPermaLink="false">{escape(story.id)}</guid>',
        _element("title", story.title),
        None if story.url is None else _element("link", story.url),
        None if story.published_at is None else _element("pubDate", _rss_date(story.published_at)),
        None if story.author is None else _element("dc:creator", story.author),
        None if story.section is None else _element("category", story.section),
        _image(story),
        _element("description", story.summary),
    ]
    return "".join(part for part in parts if part is not None)


@feed_route("feed.json", json_of(FeedBody, JSON_FEED))
def read_json_feed(request: Request, insights: Insights) -> Response:
    """The leaderboard as a JSON feed"""
    asked = asked_for_board(request, insights)
    feed = _feed(request, insights, asked, "feed.json")
    body = FeedBody(
        version="https://jsonfeed.org/version/1.1",
        title=feed.title,
        feed_url=feed.address,
        language=feed.site.language,
        items=[_json_item(story, feed.site.language) for story in feed.stories()],
    )
    return _answer(request, asked, body.model_dump_json(exclude_none=True), JSON_FEED)


def _json_item(story: Story, language: str) -> FeedItemBody:
    return FeedItemBody(
        id=story.id,
        url=story.url,
        title=story.title,
        summary=story.summary,
        content_text=story.summary,
        image=story.image,
        date_published=None if story.published_at is None else timestamp(story.published_at),
        date_modified=timestamp(story.updated_at),
        authors=None if story.author is None else [AuthorBody(name=story.author)],
        tags=None if story.section is None else [story.section],
        language=language,
    )


def _feed(request: Request, insights: Insights, asked: Asked, form: str) -> Feed:
    site, limit, selection = asked.site, limit_of(request), selection_of(request)
    board = board_of(request, site)
    query = urlencode(request.values_given("order", "window", "ago", "limit", "section", "author"))
    address = f"{request.public_url}/v1/sites/{site.id}/leaderboard.{form}"
    page, articles = insights.leaderboard(
        site, board, limit, None, request.deadline, selection, hidden_too=asked.by_publisher
    )
    address = f"{address}?{query}" if query else address
    return Feed(site, board, selection, page.entries, articles, address, asked.shows_counts)


def _answer(request: Request, asked: Asked, text: str, media_type: str) -> Response:
    caching, varies = cached_for(asked)
    more = {"Vary": ", ".join(varies)} if varies else {}
    return tagged_answer(request, text, f"{media_type}; charset=utf-8", caching, more)


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"


def _image(story: Story) -> str | None:
    return None if story.image is None else f'<media:content medium="image" url={quoteattr(story.image)}/>'


def _rss_date(at: int) -> str:
    return format_datetime(datetime.fromtimestamp(at, UTC))

"""What a feed lists: RSS and Atom with feedparser, JSON Feed, and sitemaps for news."""

from __future__ import annotations

import calendar
import json
import re
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import urljoin
from xml.parsers import expat

import feedparser

from chalicelib.syncing.fetched import FeedFailed, Fetched
from chalicelib.syncing.listed_articles import ListedArticle, without_markup

JSON_FEED = "https://jsonfeed.org/version/"
MAIL_FIRST, MAIL_LAST = re.compile(r"\S+@\S+(?: +\((.*)\))?"), re.compile(r"(.*?) +\(\S+@\S+\)")
MARKUP = {"text/html", "application/xhtml+xml"}
SITEMAP = re.compile(rb"<(?:[\w-]+:)?(urlset|sitemapindex)[\s>]")
SITEMAP_HEAD = 4096
SITEMAP_NAMES = {
    "http://www.sitemaps.org/schemas/sitemap/0.9 loc": "url",
    "http://www.google.com/schemas/sitemap-news/0.9 title": "title",
    "http://www.google.com/schemas/sitemap-news/0.9 publication_date": "published",
    "http://www.google.com/schemas/sitemap-image/1.1 loc": "image",
}
NO_FEED = "It is no RSS, Atom or JSON Feed, and no sitemap for news."


def parse_feed(fetched: Fetched) -> list[ListedArticle]:
    """The articles that a feed lists, in its order. Raises `FeedFailed` if the text is no feed."""
    start = fetched.body.lstrip(b"\xef\xbb\xbf\t\r\n ")
    if start.startswith(b"{"):
        return _json_feed(fetched)
    found = SITEMAP.search(start[:SITEMAP_HEAD])
    if found is not None:
        if found[1] == b"sitemapindex":
            raise FeedFailed("It lists other sitemaps. Give the address of the one for news.")
        return _sitemap(fetched)
    return _rss_or_atom(fetched)


def _rss_or_atom(fetched: Fetched) -> list[ListedArticle]:
    # feedparser would open what looks like an address or a file's name. A stream is only read.
    headers = {"content-type": fetched.content_type, "content-location": fetched.url}
    parsed = feedparser.parse(
        BytesIO(fetched.body), response_headers=headers, resolve_relative_uris=False, sanitize_html=False
    )
    if not parsed.get("version") and not parsed.entries:
        raise FeedFailed(NO_FEED)
    return [_entry(entry, fetched.url) for entry in parsed.entries]


def _entry(entry: Any, base: str) -> ListedArticle:
    title = entry.get("title")
    if entry.get("title_detail", {}).get("type") in MARKUP and title is not None:
        title = without_markup(title)
    sections = [tag for tag in entry.get("tags", []) if not (tag.get("scheme") or "").endswith("#kind")]
    published = entry.get("published_parsed") or entry.get("updated_parsed")
    return ListedArticle(
        guid=entry.get("id"),
        url=_joined(base, entry.get("link")),
        title=title,
        author=_name(entry.get("author")),
        section=next((tag.get("label") or tag.get("term") for tag in sections), None),
        image=_joined(base, _image(entry)),
        published_at=_second(published),
    )


def _second(published: Any) -> int | None:
    """The epoch second of a time as feedparser has it. None without one, and for years that no calendar has."""
    try:
        return None if published is None else calendar.timegm(published)
    except (ValueError, OverflowError, TypeError):
        return None


def _name(author: str | None) -> str | None:
    """The name of an author, without the mail address that RSS 2.0 has before it, and feedparser behind it."""
    found = MAIL_FIRST.fullmatch(author or "") or MAIL_LAST.fullmatch(author or "")
    return found[1] if found else author


def _image(entry: Any) -> str | None:
    """The address of an entry's picture: in Media RSS, among its enclosures, or as iTunes has it."""
    for media in entry.get("media_content", []):
        if media.get("medium") == "image" or media.get("type", "").startswith("image/"):
            return str(media.get("url")) if media.get("url") else None
    enclosed = [one for one in entry.get("enclosures", []) if one.get("type", "").startswith("image/")]
    for link in (*entry.get("media_thumbnail", []), *enclosed):
        found: str | None = link.get("url") or link.get("href")
        return found
    href: str | None = entry.get("image", {}).get("href")
    return href


def _json_feed(fetched: Fetched) -> list[ListedArticle]:
    try:
        feed = json.loads(fetched.body)
    except (ValueError, RecursionError) as error:
        raise FeedFailed("It begins like a JSON Feed, but is not JSON.") from error
    if not str(feed.get("version")).startswith(JSON_FEED) or not isinstance(feed.get("items"), list):
        raise FeedFailed(NO_FEED)
    return [_json_item(item, fetched.url) for item in feed["items"] if isinstance(item, dict)]


def _json_item(item: dict[str, Any], base: str) -> ListedArticle:
    def text(name: str) -> str | None:
        value = item.get(name)
        return value if isinstance(value, str) else str(value) if isinstance(value, int) else None

    authors, tags = item.get("authors") or [item.get("author")], item.get("tags") or [None]
    author = authors[0] if isinstance(authors, list) else None
    return ListedArticle(
        guid=text("id"),
        url=_joined(base, text("url") or text("external_url")),
        title=text("title"),
        author=_text(author.get("name")) if isinstance(author, dict) else None,
        section=_text(tags[0]) if isinstance(tags, list) else None,
        image=_joined(base, text("image") or text("banner_image")),
        published_at=_moment(text("date_published") or text("date_modified")),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _sitemap(fetched: Fetched) -> list[ListedArticle]:
    """The addresses of a sitemap (https://www.sitemaps.org/protocol.html), with what Google News and images add."""
    found: list[dict[str, str]] = []
    name: str | None = None
    whole = 0  # how many of them have ended

    def start(tag: str, _: Any) -> None:
        nonlocal name
        if tag.endswith(" url"):
            found.append({})
        name = SITEMAP_NAMES.get(tag)
        if found and name in found[-1]:
            name = None  # of several pictures, the first

    def end(tag: str) -> None:
        nonlocal name, whole
        name = None
        whole += tag.endswith(" url")

    def text(data: str) -> None:
        if name is not None and found:
            found[-1][name] = found[-1].get(name, "") + data

    def doctype(*_: Any) -> None:
        raise FeedFailed("Sitemaps have no document type declaration.")  # and so no entities that grow

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = text, doctype
    try:
        parser.Parse(fetched.body, True)
    except expat.ExpatError as error:
        if not whole:
            raise FeedFailed(f"It is not XML: {error}.") from error
    return [
        ListedArticle(
            guid=one.get("url", "").strip() or None,
            url=_joined(fetched.url, one.get("url", "").strip() or None),
            title=one.get("title"),
            image=_joined(fetched.url, one.get("image", "").strip() or None),
            published_at=_moment(one.get("published", "").strip() or None),
        )
        for one in found[:whole]
    ]


def _joined(base: str, url: str | None) -> str | None:
    try:
        return urljoin(base, url.strip()) if url and url.strip() else None
    except ValueError:
        return None


def _moment(raw: str | None) -> int | None:
    """A time of ISO 8601 as an epoch second. One without a zone is taken for UTC."""
    try:
        moment = datetime.fromisoformat(raw) if raw else None
        return None if moment is None else int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return None

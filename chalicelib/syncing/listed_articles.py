"""What a feed says about its articles, in plain text and within the limits of the register."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from chalicelib.errors import InvalidValue
from chalicelib.publishing.articles import (
    LONGEST_NAME,
    LONGEST_TITLE,
    NO_TEXT,
    Article,
    ArticleRef,
    is_time,
    parse_url,
)
from chalicelib.publishing.site_feeds import SiteFeed

LONGEST_SHOWN = 120  # of an entry that is reported
NOT_SHOWN = re.compile(rf"[\s{NO_TEXT}]+")
TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class ListedArticle:
    """An entry of a feed, as it stands there. What it does not say is None. `published_at`: an epoch second."""

    guid: str | None = None
    url: str | None = None
    title: str | None = None
    author: str | None = None
    section: str | None = None
    image: str | None = None
    published_at: int | None = None

    @property
    def name(self) -> str:
        """What a report calls it."""
        return plain(self.url or self.guid or self.title, LONGEST_SHOWN) or "an entry without an address"


def article_of(listed: ListedArticle, feed: SiteFeed, site: str) -> Article:
    """The article that an entry is about. Raises `InvalidValue`, which says why the entry cannot be used."""
    if listed.url is None:
        raise InvalidValue("it has no address")
    url = _url(listed.url)
    if url is None:
        raise InvalidValue("its address is not an http or https address of at most 2048 characters")
    title = plain(listed.title, LONGEST_TITLE)
    if title is None:
        raise InvalidValue("it has no title")
    article_id = feed.article_id(listed.guid, listed.url)
    if article_id is None:
        raise InvalidValue(f"the rule {feed.ids} finds no article id of 1 to 128 characters in it")
    at = listed.published_at
    return Article(
        ref=ArticleRef(site, article_id),
        title=title,
        url=url,
        author=plain(listed.author, LONGEST_NAME),
        section=plain(listed.section, LONGEST_NAME),
        image=_url(listed.image),
        published_at=at if at is not None and is_time(at) else None,
        from_feed=True,
    )


def plain(raw: str | None, longest: int) -> str | None:
    """A text on one line, of at most this many characters. None if nothing is left."""
    text = NOT_SHOWN.sub(" ", raw or "").strip()
    return (text if len(text) <= longest else text[: longest - 1].rstrip() + "…") or None


def without_markup(markup: str) -> str:
    """The text of a piece of HTML."""
    return html.unescape(TAG.sub("", markup))


def _url(raw: str | None) -> str | None:
    try:
        return None if raw is None else parse_url(raw)
    except InvalidValue:
        return None

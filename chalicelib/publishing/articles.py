"""Articles: their ids, their lists, and whether they take votes at a given moment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from chalicelib.errors import InvalidValue

ARTICLE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~:-]{0,127}", re.ASCII)
# No control characters, no halves of characters, none that XML or browsers refuse.
NO_TEXT = r"\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff"
URL = re.compile(rf"""https?://[^\s{NO_TEXT}"<>\\^`{{|}}\[\]]{{1,2040}}""")
# What neither JSON nor XML can carry, should something have stored such a one.
NOT_CARRIED = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TITLE = re.compile(rf"[^{NO_TEXT}]{{1,300}}")
MOST_ARTICLES_PER_REQUEST = 100

State = Literal["open", "closed", "unknown"]


@dataclass(frozen=True, slots=True)
class ArticleRef:
    """Which article of which site. Both ids are well-formed."""

    site: str
    article: str


@dataclass(frozen=True, slots=True)
class Article:
    """A registered article. `closes_at`: the epoch second from which it takes no votes, or None."""

    ref: ArticleRef
    title: str
    url: str
    closes_at: int | None = None


def parse_article_id(raw: str, *, field: str = "article") -> str:
    """A well-formed article id, or `InvalidValue`."""
    if not ARTICLE_ID.fullmatch(raw):
        raise InvalidValue(
            f"{field} must be 1 to 128 of A-Z, a-z, 0-9 and ._~:-, starting with a letter or digit.", field=field
        )
    return raw


def parse_url(raw: str) -> str:
    """An address that readers can be sent to, or `InvalidValue`: links in dashboards and feeds are made of it."""
    if not URL.fullmatch(raw):
        raise InvalidValue("url must be an http or https address of at most 2048 characters.", field="url")
    return raw


def parse_title(raw: str) -> str:
    """A title for lists and feeds, or `InvalidValue`."""
    if not TITLE.fullmatch(raw) or not raw.strip():
        raise InvalidValue("title must be 1 to 300 printable characters, without line breaks.", field="title")
    return raw


def shown_title(title: str | None) -> str | None:
    """A title as lists and feeds show it, with a sign in place of what they cannot carry."""
    return None if title is None else NOT_CARRIED.sub("\ufffd", title)


def shown_url(url: str | None) -> str | None:
    """An address if it is one that readers can be sent to."""
    return url if url is not None and URL.fullmatch(url) else None


def parse_article_ids(raw: str) -> list[str]:
    """The ids of a comma-separated list, in its order; repeats are kept. At most 100."""
    ids = raw.split(",") if raw else []
    if not 1 <= len(ids) <= MOST_ARTICLES_PER_REQUEST:
        raise InvalidValue(
            f"articles must list 1 to {MOST_ARTICLES_PER_REQUEST} article ids, separated by commas.", field="articles"
        )
    return [parse_article_id(one, field="articles") for one in ids]


def is_closed(closes_at: int | None, now: int) -> bool:
    """Whether voting has ended. The table's condition `ARTICLE_TAKES_VOTES` says the same in DynamoDB's words."""
    return closes_at is not None and closes_at <= now

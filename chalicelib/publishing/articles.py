"""Articles: ids, titles, addresses, and the terms on which an article takes votes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

from chalicelib.errors import InvalidValue
from chalicelib.publishing.exclusions import NO_EXCLUSIONS, Exclusions
from chalicelib.publishing.merges import NO_MERGES, Merges

ARTICLE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~:-]{0,127}", re.ASCII)
STORED_ID = re.compile(ARTICLE_ID.pattern + "(@[1-9][0-9]{0,5})?", re.ASCII)  # with the number of its life
# Control characters, halves of surrogate pairs, and characters that XML or browsers refuse.
NO_TEXT = r"\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff"
LONGEST_URL, LONGEST_TITLE = 2048, 300
URL = re.compile(rf"""https?://[^\s{NO_TEXT}"<>\\^`{{|}}\[\]]{{1,2040}}""")
# Characters that JSON or XML cannot contain. A title in the table may have them, so they are replaced.
NOT_CARRIED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
TITLE = re.compile(rf"[^{NO_TEXT}]{{1,{LONGEST_TITLE}}}")
LONGEST_NAME = 100
NAME = re.compile(rf"[^{NO_TEXT}]{{1,{LONGEST_NAME}}}")
MOST_ARTICLES_PER_REQUEST = 100
# The years 1971 to 9998 in UTC, as epoch seconds. In every zone they have four digits, and they are never negative.
FIRST_SECOND, END_OF_TIME = 31_536_000, 253_370_764_800

State = Literal["open", "upcoming", "closed", "unknown"]
ArticleState = Literal["open", "closed", "hidden"]
ARTICLE_STATES: tuple[ArticleState, ...] = get_args(ArticleState)


@dataclass(frozen=True, slots=True)
class ArticleRef:
    """The ids of a site and of one of its articles. Both are well-formed.

    The id of an article that was an alias once, and is an article of its own again, is stored with the number of its
    life, as in "ferry@2" (`merges`). Nobody can send such an id, because no id has an "@".
    """

    site: str
    article: str

    @property
    def public_id(self) -> str:
        """The article's id as publishers know it."""
        return self.article.partition("@")[0]

    @property
    def life(self) -> int:
        """Which life of the id this is: 1 before it ever was an alias."""
        return int(self.article.partition("@")[2] or 1)

    @property
    def next_life(self) -> ArticleRef:
        """The next life of the id."""
        return ArticleRef(self.site, f"{self.public_id}@{self.life + 1}")


@dataclass(frozen=True, slots=True)
class Terms:
    """What decides whether an article takes a vote. A vote's own transaction checks a copy of it.

    `opens_at` and `closes_at`: the epoch second from which on it takes votes, or no votes any more; None if there is no
    such time. `hidden`: it is not shown to readers, and takes no votes. `epoch`: how often its votes were reset. Only
    votes of the newest epoch count. `merges`: its votes may be another article's, and others' votes may be its own.
    `exclusions`: whose votes do not count. A vote need not know of them, so shards have no copy.
    """

    registered: bool = False
    opens_at: int | None = None
    closes_at: int | None = None
    hidden: bool = False
    epoch: int = 0
    merges: Merges = NO_MERGES
    exclusions: Exclusions = NO_EXCLUSIONS

    def state(self, now: int, *, registers_articles: bool) -> State:
        """The state of the article at `now`. `voting.store` has the same rules as conditions for DynamoDB."""
        if self.hidden or (registers_articles and not self.registered):
            return "unknown"
        if self.closes_at is not None and self.closes_at <= now:
            return "closed"
        return "upcoming" if self.opens_at is not None and self.opens_at > now else "open"

    @property
    def restrict(self) -> bool:
        """True if they refuse votes: now, at some time, those of an earlier epoch, or those that ignore a merge."""
        is_merged = self.merges.moved_to is not None or bool(self.merges.absorbed)
        return self.hidden or self.opens_at is not None or self.closes_at is not None or self.epoch > 0 or is_merged


NO_TERMS = Terms()
CLOSED_FROM_THE_BEGINNING = 0


@dataclass(frozen=True, slots=True)
class Article:
    """A registered article.

    `state`: what the publisher wants; an open article takes votes between `opens_at` and `closes_at`, which are epoch
    seconds or None. `image`: the address of a picture. `published_at`: an epoch second. What is not known is None.
    `from_feed`: the publisher's feed keeps the article's facts current; otherwise the feed leaves it alone.
    `version`: grows with each change; 0 before the article is stored.
    """

    ref: ArticleRef
    title: str
    url: str
    closes_at: int | None = None
    author: str | None = None
    section: str | None = None
    image: str | None = None
    published_at: int | None = None
    state: ArticleState = "open"
    opens_at: int | None = None
    from_feed: bool = False
    version: int = 0

    @property
    def terms(self) -> Terms:
        """What votes are checked against."""
        closes_at = CLOSED_FROM_THE_BEGINNING if self.state == "closed" else self.closes_at
        return Terms(True, self.opens_at, closes_at, self.state == "hidden")


@dataclass(frozen=True, slots=True)
class Selection:
    """Which articles are asked for: those of a section, of an author, or of both. None is any."""

    section: str | None = None
    author: str | None = None

    def is_everything(self) -> bool:
        """True if no article is left out."""
        return self.section is None and self.author is None

    def has(self, article: Article | None) -> bool:
        """True if the article is asked for. Of an unregistered one, neither is known."""
        if article is None:
            return self.is_everything()
        return self.section in (None, article.section) and self.author in (None, article.author)


def is_time(at: int) -> bool:
    """True for an epoch second that an article may have as one of its times."""
    return FIRST_SECOND <= at < END_OF_TIME


def parse_article_id(raw: str, *, field: str = "article") -> str:
    """A well-formed article id. Raises `InvalidValue`."""
    if not ARTICLE_ID.fullmatch(raw):
        raise InvalidValue(
            f"{field} must be 1 to 128 of A-Z, a-z, 0-9 and ._~:-, starting with a letter or digit.", field=field
        )
    return raw


def parse_url(raw: str, *, field: str = "url") -> str:
    """An address for links in the dashboard and in feeds. Raises `InvalidValue`."""
    if not URL.fullmatch(raw):
        raise InvalidValue(f"{field} must be an http or https address of at most 2048 characters.", field=field)
    return raw


def parse_title(raw: str) -> str:
    """A title for lists and feeds. Raises `InvalidValue`."""
    if not TITLE.fullmatch(raw) or not raw.strip():
        raise InvalidValue("title must be 1 to 300 printable characters, without line breaks.", field="title")
    return raw


def parse_name(raw: str, field: str) -> str:
    """The name of an author or of a section. Raises `InvalidValue`."""
    if not NAME.fullmatch(raw) or raw != raw.strip():
        raise InvalidValue(
            f"{field} must be 1 to {LONGEST_NAME} printable characters, without spaces at its ends.", field=field
        )
    return raw


def shown_text(text: str | None) -> str | None:
    """A title or a name as lists and feeds show it. Characters that they cannot contain are replaced."""
    return None if text is None else NOT_CARRIED.sub("\ufffd", text)


def shown_url(url: str | None) -> str | None:
    """The address if readers can be sent to it, otherwise None."""
    return url if url is not None and URL.fullmatch(url) else None


def parse_article_ids(raw: str) -> list[str]:
    """The ids in a comma-separated list, in its order, with repeats. At most 100. Raises `InvalidValue`."""
    ids = raw.split(",") if raw else []
    if not 1 <= len(ids) <= MOST_ARTICLES_PER_REQUEST:
        raise InvalidValue(
            f"articles must list 1 to {MOST_ARTICLES_PER_REQUEST} article ids, separated by commas.", field="articles"
        )
    return [parse_article_id(one, field="articles") for one in ids]

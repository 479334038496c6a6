"""Articles as publishers register them, as JSON and as lines of NDJSON."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from chalicelib.errors import InvalidValue, VotingError
from chalicelib.http.wire import Count, Timestamp, Wire, optional_timestamp
from chalicelib.publishing.articles import (
    LONGEST_NAME,
    LONGEST_TITLE,
    LONGEST_URL,
    Article,
    ArticleRef,
    ArticleState,
    is_time,
    parse_name,
    parse_title,
    parse_url,
)
from chalicelib.publishing.wire import ArticleId

MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)
Moment = Annotated[
    str, Field(max_length=35, json_schema_extra={"format": "date-time"}, examples=["2026-01-31T12:00:00+01:00"])
]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
Url = Annotated[str, Field(min_length=1, max_length=LONGEST_URL)]


class ArticleBody(Wire):
    """A registered article. `state`: what its publisher wants. If open, it takes votes from `opens_at` to `closes_at`.

    `from_feed`: the publisher's feed keeps its title, address, author, section, picture and date current.
    `version` grows with each change. What is not known is null.
    """

    article: ArticleId
    version: Count
    title: str
    url: str
    author: str | None
    section: str | None
    image: str | None
    published_at: Timestamp | None
    state: ArticleState
    opens_at: Timestamp | None
    closes_at: Timestamp | None
    from_feed: bool

    @classmethod
    def of(cls, article: Article) -> ArticleBody:
        return cls.model_construct(
            article=article.ref.public_id,
            version=article.version,
            title=article.title,
            url=article.url,
            author=article.author,
            section=article.section,
            image=article.image,
            published_at=optional_timestamp(article.published_at),
            state=article.state,
            opens_at=optional_timestamp(article.opens_at),
            closes_at=optional_timestamp(article.closes_at),
            from_feed=article.from_feed,
        )


class ArticleRequest(Wire):
    """What is to be registered of an article. What is left out is not known.

    `from_feed`: the site's feed may change it later. Without it, the feed leaves this article alone.

    So that the answer to a GET can be changed and sent back, `article` and `version` may be sent. They change nothing.
    """

    article: ArticleId | None = None
    version: Count | None = None
    title: Annotated[str, Field(min_length=1, max_length=LONGEST_TITLE)]
    url: Url
    author: Name | None = None
    section: Name | None = None
    image: Url | None = None
    published_at: Moment | None = None
    state: ArticleState = "open"
    opens_at: Moment | None = None
    closes_at: Moment | None = None
    from_feed: bool = False

    def wanted(self, ref: ArticleRef) -> Article:
        """The article with these facts. Raises `InvalidValue`."""
        if self.article not in (None, ref.article):
            raise InvalidValue(f"This address is that of the article {ref.article}.", field="article")
        opens_at, closes_at = parse_moment(self.opens_at, "opens_at"), parse_moment(self.closes_at, "closes_at")
        if opens_at is not None and closes_at is not None and opens_at >= closes_at:
            raise InvalidValue("closes_at must be after opens_at.", field="closes_at")
        return Article(
            ref=ref,
            title=parse_title(self.title),
            url=parse_url(self.url),
            closes_at=closes_at,
            author=None if self.author is None else parse_name(self.author, "author"),
            section=None if self.section is None else parse_name(self.section, "section"),
            image=None if self.image is None else parse_url(self.image, field="image"),
            published_at=parse_moment(self.published_at, "published_at"),
            state=self.state,
            opens_at=opens_at,
            from_feed=self.from_feed,
        )


class ArticleLine(ArticleRequest):
    """A line of a bulk request: an article with its id."""

    article: ArticleId


class RemovedArticleBody(Wire):
    """An article that is not registered any more."""

    article: ArticleId


class ResetBody(Wire):
    """An article whose votes were reset. `epoch`: how often that has happened."""

    article: ArticleId
    epoch: Count
    version: Count


class LineBody(Wire):
    """What became of a line, counted from 1. `status` is what a request of its own would have been answered with.

    With 503 the outcome is unknown: send the line again. `code`, `detail` and `field` say what was wrong.
    """

    line: Annotated[int, Field(ge=1)]
    article: str | None
    status: int
    version: Count | None
    code: str | None
    detail: str | None
    field: str | None

    @classmethod
    def of(cls, line: int, article: str | None, outcome: Article | VotingError) -> LineBody:
        known: dict[str, Any] = dict.fromkeys(("version", "code", "detail", "field"))
        if isinstance(outcome, Article):
            known |= {"status": 200, "version": outcome.version}
        else:
            known |= {"status": outcome.status, "code": outcome.code, "detail": outcome.detail, "field": outcome.field}
        return cls.model_construct(line=line, article=article, **known)


class LinesBody(Wire):
    """A result for each line that is not empty, in their order."""

    results: list[LineBody]


def parse_moment(raw: str | None, field: str) -> int | None:
    """A time as an epoch second; parts of a second are dropped. Raises `InvalidValue`."""
    if raw is None:
        return None
    try:
        moment = datetime.fromisoformat(raw) if MOMENT.fullmatch(raw) else None
        if moment is not None and is_time(at := int(moment.timestamp())):
            return at
    except (ValueError, OverflowError):
        pass
    raise InvalidValue(
        f"{field} must be a time with its zone, such as 2026-01-31T12:00:00+01:00, from 1971 to 9998.", field=field
    )

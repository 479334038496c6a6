"""Exclusions as JSON."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from chalicelib.admission.provenance import MARK_BYTES, TokenAge
from chalicelib.errors import InvalidValue
from chalicelib.http.wire import Count, Timestamp, Wire, optional_timestamp, timestamp
from chalicelib.publishing.article_wire import Moment, parse_moment
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.wire import ArticleId, Choice, SiteId
from chalicelib.trust.states import HOUR, MOST_HOURS, State
from chalicelib.trust.wire import written_mark

if TYPE_CHECKING:  # few requests are about exclusions, so a cold start does without their rules
    from chalicelib.trust.exclusions import Exclusion, Rule
    from chalicelib.trust.use_cases import Preview

MARK = "[A-Za-z0-9_-]{8}"
EXCLUSION_ID = "[a-z2-7]{8}"
ExclusionId = Annotated[str, Field(pattern=f"^({EXCLUSION_ID})$", examples=["kq3x7abc"])]
Mark = Annotated[str, Field(pattern=f"^({MARK})$", examples=["AQIDBAUG"])]


class ExclusionRequest(Wire):
    """Which votes are to be excluded, in the words in which suspicions name them. What is left out does not matter.

    `first_hour` and `last_hour`: when the choice was made, in whole hours, both included; at most 7 days. `preview`:
    only count the votes, and store nothing.
    """

    article: ArticleId
    first_hour: Moment
    last_hour: Moment
    mark: Mark | None = None
    token_age: TokenAge | None = None
    choice: Choice | None = None
    preview: bool = False

    def rule(self, choices: Collection[str]) -> Rule:
        """The rule for a site that counts these choices. Raises `InvalidValue`."""
        from chalicelib.trust.exclusions import Rule  # noqa: PLC0415

        first, last = _hour(self.first_hour, "first_hour"), _hour(self.last_hour, "last_hour")
        if last < first:
            raise InvalidValue("last_hour must not be before first_hour.", field="last_hour")
        if last - first >= MOST_HOURS * HOUR:
            raise InvalidValue(
                f"From first_hour to last_hour there may be {MOST_HOURS} hours ({MOST_HOURS // 24} days).",
                field="last_hour",
            )
        if self.choice is not None and self.choice not in choices:
            raise InvalidValue(f"choice must be one of: {', '.join(choices)}.", field="choice")
        return Rule(self.article, first, last, _mark(self.mark), self.token_age, self.choice)


class ExclusionBody(Wire):
    """An exclusion. `state`: `preview` only counts, and has no id. `applying`: votes are being moved and still count.

    (If it was `active` before, only votes that came since still count.) `active`: they do not count. `restoring`: all
    of them count again, and are being moved back. `restored`: it is undone. `votes`: how many, by the choice that they
    had when they were excluded. `made_by` and `ended_by`: ids of keys.
    """

    exclusion: ExclusionId | None
    article: ArticleId
    first_hour: Timestamp
    last_hour: Timestamp
    mark: Mark | None
    token_age: TokenAge | None
    choice: Choice | None
    state: Literal["preview"] | State
    votes: dict[str, Count]
    made_by: str | None
    made_at: Timestamp | None
    ended_by: str | None
    ended_at: Timestamp | None

    @classmethod
    def of(cls, exclusion: Exclusion) -> ExclusionBody:
        return cls._of(
            exclusion.site,
            exclusion.rule,
            exclusion=exclusion.rule.id,
            state=exclusion.state,
            votes=dict(exclusion.votes),
            made_by=exclusion.made_by,
            made_at=timestamp(exclusion.made_at),
            ended_by=exclusion.ended_by,
            ended_at=optional_timestamp(exclusion.ended_at),
        )

    @classmethod
    def of_preview(cls, site: str, preview: Preview) -> ExclusionBody:
        nobody = dict.fromkeys(("exclusion", "made_by", "made_at", "ended_by", "ended_at"))
        return cls._of(site, preview.rule, state="preview", votes=dict(preview.votes), **nobody)

    @classmethod
    def _of(cls, site: str, rule: Rule, **more: Any) -> ExclusionBody:
        return cls.model_construct(
            article=ArticleRef(site, rule.article).public_id,
            first_hour=timestamp(rule.first_hour),
            last_hour=timestamp(rule.last_hour),
            mark=None if rule.mark is None else written_mark(rule.mark),
            token_age=rule.token_age,
            choice=rule.choice,
            **more,
        )


class ExclusionAnswer(Wire):
    """`counts`: the article's tally, and for a preview what it would be. `complete`: all votes were read and moved.

    Otherwise a preview may have missed some, and what was begun goes on by itself within minutes, or at once if the
    same request is sent again. A rule that is applied again must be sent until it is not `restoring` any more.
    """

    site: SiteId
    exclusion: ExclusionBody
    counts: dict[str, Count]
    complete: bool

    @classmethod
    def of(cls, exclusion: Exclusion, choices: Collection[str], counts: Mapping[str, int]) -> ExclusionAnswer:
        return cls.model_construct(
            site=exclusion.site,
            exclusion=ExclusionBody.of(exclusion),
            counts={choice: counts.get(choice, 0) for choice in choices},
            complete=exclusion.is_finished,
        )

    @classmethod
    def of_preview(cls, site: str, choices: Collection[str], preview: Preview) -> ExclusionAnswer:
        left = {choice: preview.counts.get(choice, 0) - preview.votes.get(choice, 0) for choice in choices}
        return cls.model_construct(
            site=site,
            exclusion=ExclusionBody.of_preview(site, preview),
            counts={choice: max(0, count) for choice, count in left.items()},
            complete=preview.complete,
        )


class ExclusionsBody(Wire):
    """Every exclusion of a site, the newest first, also those that were undone."""

    site: SiteId
    exclusions: list[ExclusionBody]

    @classmethod
    def of(cls, site: str, exclusions: Collection[Exclusion]) -> ExclusionsBody:
        newest = sorted(exclusions, key=lambda one: (-one.made_at, one.rule.id))
        return cls.model_construct(site=site, exclusions=[ExclusionBody.of(one) for one in newest])


def _hour(raw: str, field: str) -> int:
    with suppress(InvalidValue):
        at = parse_moment(raw, field)
        if at is not None and at % HOUR == 0:
            return at
    raise InvalidValue(f"{field} must be a whole hour of UTC, such as 2026-01-31T12:00:00Z.", field=field)


def _mark(raw: str | None) -> bytes | None:
    if raw is None:
        return None
    try:
        mark = base64.urlsafe_b64decode(raw)
    except binascii.Error:
        mark = b""
    if len(mark) != MARK_BYTES:
        raise InvalidValue("mark must be one that a suspicion has shown.", field="mark")
    return mark

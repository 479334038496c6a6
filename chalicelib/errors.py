"""Everything the service refuses, as one family.

Each class is one answer a caller can be given: its HTTP status, a stable `code`, and a title. They are
raised wherever a rule is broken and rendered once, by `web.responses`. What must not live here: wording
that depends on HTTP headers, and any error that is a bug rather than an answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from chalicelib.voting.votes import Vote


class VotingError(Exception):
    """An answer that is not success. `field` names the part of the request that is at fault, if one is."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Something went wrong on our side"

    def __init__(self, detail: str, *, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field


class MalformedRequest(VotingError):
    """The request cannot be parsed at all."""

    status, code, title = 400, "malformed_request", "The request cannot be read"


class InvalidToken(VotingError):
    """No voter token, or one that this site does not accept."""

    status, code, title = 401, "invalid_token", "A valid voter token is needed"


class InvalidReadKey(VotingError):
    """The site's insights are private, and there is no read key, or one that this site does not accept."""

    status, code, title = 401, "invalid_read_key", "A valid read key is needed"


class OriginNotAllowed(VotingError):
    """The site lists the origins that may vote, and this page is not on one of them."""

    status, code, title = 403, "origin_not_allowed", "This page may not vote here"


class UnknownSite(VotingError):
    """No site has this id."""

    status, code, title = 404, "unknown_site", "There is no such site"


class UnknownArticle(VotingError):
    """The site registers its articles, and this one is not registered."""

    status, code, title = 404, "unknown_article", "There is no such article"


class UnknownFile(VotingError):
    """No file for browsers has this name."""

    status, code, title = 404, "unknown_file", "There is no such file"


class UnknownEmbed(VotingError):
    """The address is not that of an embed page of this service."""

    status, code, title = 404, "unknown_embed", "There is nothing to embed at this address"


class VotingClosed(VotingError):
    """The article no longer takes votes."""

    status, code, title = 409, "voting_closed", "Voting is closed"


class PreconditionFailed(VotingError):
    """`If-Match` or `If-None-Match` does not hold. Carries the vote as it is now."""

    status, code, title = 412, "precondition_failed", "The vote has changed since you saw it"

    def __init__(self, detail: str, *, field: str, current: Vote) -> None:
        super().__init__(detail, field=field)
        self.current = current


class BodyTooLarge(VotingError):
    """The request body is over the limit."""

    status, code, title = 413, "body_too_large", "The request body is too large"


class UnsupportedMediaType(VotingError):
    """The body is not declared as JSON."""

    status, code, title = 415, "unsupported_media_type", "The body must be JSON"


class InvalidValue(VotingError):
    """The request can be read, but a value in it is not allowed."""

    status, code, title = 422, "invalid_value", "A value is not allowed"


class IdempotencyKeyReused(VotingError):
    """The same `Idempotency-Key` came before with another wish."""

    status, code, title = 422, "idempotency_key_reused", "This Idempotency-Key was used for another wish"


class UnsupportedFormat(VotingError):
    """A format that the standard of this route knows and that is not offered here."""

    status, code, title = 501, "unsupported_format", "This format is not offered"


class Unavailable(VotingError):
    """The outcome is unknown or the table does not answer. Trying again, with the same request, is safe."""

    status, code, title = 503, "unavailable", "Please try again"
    retry_after_seconds: ClassVar[int] = 2

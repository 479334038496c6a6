"""Everything the service refuses, as one family of exceptions.

Each class is one kind of refusal: its HTTP status, a stable `code` and a title. Code anywhere raises them where a rule
is broken. `http.problems` turns them into an answer. Two things must not live here: text that depends on HTTP headers,
and errors that are bugs.
"""

from __future__ import annotations

from typing import ClassVar


class VotingError(Exception):
    """A refusal. `detail` tells the caller what to do. `field` names the part of the request at fault, or is None."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Something went wrong on our side"

    def __init__(self, detail: str, *, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field


class MalformedRequest(VotingError):
    """The request cannot be parsed."""

    status, code, title = 400, "malformed_request", "The request cannot be read"


class InvalidToken(VotingError):
    """The voter token is missing, or this site does not accept it."""

    status, code, title = 401, "invalid_token", "A valid voter token is needed"


class InvalidKey(VotingError):
    """This needs a key of the site, and it is missing, or this site does not accept it."""

    status, code, title = 401, "invalid_key", "A valid key is needed"


class ScopeTooLow(VotingError):
    """The key is one of the site's, but its scope does not allow this."""

    status, code, title = 403, "scope_too_low", "This key may not do this"


class OriginNotAllowed(VotingError):
    """The site lists the origins whose pages may vote, and this page's origin is not on the list."""

    status, code, title = 403, "origin_not_allowed", "This page may not vote here"


class UnknownSite(VotingError):
    """No site has this id."""

    status, code, title = 404, "unknown_site", "There is no such site"


class UnknownArticle(VotingError):
    """The site takes votes only on registered articles, and this article is not registered."""

    status, code, title = 404, "unknown_article", "There is no such article"


class UnknownExclusion(VotingError):
    """The site has no exclusion with this id."""

    status, code, title = 404, "unknown_exclusion", "There is no such exclusion"


class UnknownFeed(VotingError):
    """The site names no feed of its publisher."""

    status, code, title = 404, "unknown_feed", "The site has no feed"


class UnknownFile(VotingError):
    """No file for browsers has this name."""

    status, code, title = 404, "unknown_file", "There is no such file"


class UnknownEmbed(VotingError):
    """The address is not the address of an embed page of this service."""

    status, code, title = 404, "unknown_embed", "There is nothing to embed at this address"


class MethodNotAllowed(VotingError):
    """The address exists, but not with this HTTP method."""

    status, code, title = 405, "method_not_allowed", "This method is not allowed here"


class LastAdminKey(VotingError):
    """A site keeps one admin key. Only an operator can revoke the last one."""

    status, code, title = 409, "last_admin_key", "This is the site's last admin key"


class ArticleMoved(VotingError):
    """The id is an alias of another article."""

    status, code, title = 409, "article_moved", "This id is an alias of another article"


class AliasRefused(VotingError):
    """The old id is the article itself, or an alias of another one, or a limit of aliases is reached."""

    status, code, title = 409, "alias_refused", "This alias cannot be made"


class ExclusionRefused(VotingError):
    """As many exclusions as there may be are in force on the article."""

    status, code, title = 409, "exclusion_refused", "There are too many exclusions"


class VotingClosed(VotingError):
    """The article takes no more votes."""

    status, code, title = 409, "voting_closed", "Voting is closed"


class VotingNotOpen(VotingError):
    """The article does not take votes yet."""

    status, code, title = 409, "voting_not_open", "Voting has not started yet"


class PreconditionFailed(VotingError):
    """`If-Match` or `If-None-Match` does not hold. `version` is the version that is stored now."""

    status, code, title = 412, "precondition_failed", "It has changed since you saw it"

    def __init__(self, detail: str, *, field: str, version: int) -> None:
        super().__init__(detail, field=field)
        self.version = version


class BodyTooLarge(VotingError):
    """The request body is over the limit."""

    status, code, title = 413, "body_too_large", "The request body is too large"


class UnsupportedMediaType(VotingError):
    """The `Content-Type` of the body is not JSON."""

    status, code, title = 415, "unsupported_media_type", "The body must be JSON"


class InvalidValue(VotingError):
    """The request can be parsed, but a value in it is not allowed."""

    status, code, title = 422, "invalid_value", "A value is not allowed"


class IdempotencyKeyReused(VotingError):
    """The same `Idempotency-Key` was used before, with another choice."""

    status, code, title = 422, "idempotency_key_reused", "This Idempotency-Key was used for another wish"


class SolutionRefused(VotingError):
    """The solution is not of a challenge of this service, for this site and network, or it was used before."""

    status, code, title = 422, "solution_refused", "This solution is not accepted"


class TooManyVotes(VotingError):
    """This voter votes too often. `retry_after_seconds`: after which time the request may be sent again."""

    status, code, title = 429, "too_many_votes", "Too many votes in a short time"

    def __init__(self, detail: str, retry_after_seconds: int) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class WorkNeeded(VotingError):
    """Many new voters came from this network. The next one must solve a challenge first."""

    status, code, title = 429, "work_needed", "A challenge must be solved first"


class TooManyNewVoters(VotingError):
    """Very many new voters came from this network. `retry_after_seconds`: when the next one may come."""

    status, code, title = 429, "too_many_new_voters", "Too many new voters from one network"

    def __init__(self, detail: str, retry_after_seconds: int) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class UnsupportedFormat(VotingError):
    """The standard of this route knows this format, but this service does not offer it."""

    status, code, title = 501, "unsupported_format", "This format is not offered"


class TooEarly(VotingError):
    """It is not known yet whether this token's key is good. The same request may be sent again."""

    status, code, title = 425, "too_early", "Please try again in a moment"
    retry_after_seconds: ClassVar[int] = 5


class Unavailable(VotingError):
    """The table does not answer, or the outcome is unknown. It is safe to send the same request again."""

    status, code, title = 503, "unavailable", "Please try again"
    retry_after_seconds: ClassVar[int] = 2

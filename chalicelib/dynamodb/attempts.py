"""Asking DynamoDB until it has answered: which failures are worth another attempt, and how long to wait.

An exception after a request was sent means "outcome unknown", not "failed": the answer may be lost, late or
corrupted (a garbled body surfaces as UnicodeDecodeError or worse). Every call made through here is safe to repeat,
because each write is conditional or carries a token, so unknown outcomes are simply asked again.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

from botocore.exceptions import ClientError, NoCredentialsError

from chalicelib.deadlines import Deadline
from chalicelib.errors import Unavailable

T = TypeVar("T")
log = logging.getLogger("article-votes.storage")

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.025, 0.4

# Refusals with a 4xx status that say nothing against the request itself. All 5xx are worth another attempt.
PASSING_CODES = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "RequestTimeoutException",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
PASSING_REASONS = frozenset(
    {"None", "TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError", "RequestLimitExceeded"}
)
CONDITION_FAILED = "ConditionalCheckFailed"


class ConditionRefused(Exception):
    """A condition did not hold. `reasons` has one entry per action of the transaction: its item, or None."""

    def __init__(self, reasons: list[dict[str, Any]]) -> None:
        super().__init__("a condition did not hold")
        self.reasons = reasons

    def failed(self, action: int) -> bool:
        """Whether the condition of this action (counted from 0) is one of those that did not hold."""
        return self.reasons[action].get("Code") == CONDITION_FAILED

    def item(self, action: int) -> dict[str, Any] | None:
        """The item that the condition of this action met, or None when there was none."""
        return self.reasons[action].get("Item") or None


class Incomplete(Exception):
    """The answer was only a part of what was asked for; the rest is worth another attempt."""


class Attempts:
    """Repeats a call until it is answered, with full jitter, for as long as the deadline lets attempts start."""

    def __init__(
        self,
        sleep: Callable[[float], None] = time.sleep,
        random_fraction: Callable[[], float] = random.random,
    ) -> None:
        self._sleep = sleep
        self._random_fraction = random_fraction

    def until_answered(self, call: Callable[[], T], deadline: Deadline) -> T:
        """The call's answer. Raises `ConditionRefused`, or `Unavailable` when time is up or asking again is no use."""
        longest_wait = FIRST_WAIT_SECONDS
        while not deadline.passed():
            try:
                return call()
            except ClientError as error:
                refused = _condition_refused(error)
                if refused is not None:
                    raise refused from None
                if not _passing(error):
                    log.error("dynamodb refused the request: %s", error)
                    raise Unavailable("The table refused the request.") from error
            except NoCredentialsError as error:  # nothing was sent, and nothing will be
                raise Unavailable("There are no AWS credentials.") from error
            except Exception as error:
                log.warning("outcome unknown, asking again: %s", type(error).__name__)
            wait = self._random_fraction() * longest_wait
            longest_wait = min(LONGEST_WAIT_SECONDS, longest_wait * 2)
            if wait < deadline.remaining_seconds():
                self._sleep(wait)
            else:
                break
        raise Unavailable("The table did not answer in time. The same request may be sent again.")


def _condition_refused(error: ClientError) -> ConditionRefused | None:
    code = error.response["Error"]["Code"]
    if code == "ConditionalCheckFailedException":
        return ConditionRefused([{"Code": CONDITION_FAILED, "Item": error.response.get("Item")}])
    if code == "TransactionCanceledException":
        reasons = _reasons(error)
        if any(reason.get("Code") == CONDITION_FAILED for reason in reasons):
            return ConditionRefused(reasons)
    return None


def _passing(error: ClientError) -> bool:
    code = error.response["Error"]["Code"]
    if code == "TransactionCanceledException":
        return all(reason.get("Code") in PASSING_REASONS for reason in _reasons(error))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    return status >= 500 or code in PASSING_CODES


def _reasons(error: ClientError) -> list[dict[str, Any]]:
    reasons: list[dict[str, Any]] = error.response.get("CancellationReasons", [])
    return reasons

"""Calling DynamoDB until it has answered: which failures deserve another attempt, and how long to wait.

An exception after a request was sent means "outcome unknown", not "failed". The answer may be lost, late or corrupted
(a corrupted body can raise UnicodeDecodeError, for example). It is safe to repeat every call that is made here: each
write has a condition or a token. So a call whose outcome is unknown is made again.
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
from chalicelib.metrics import Metrics

T = TypeVar("T")
log = logging.getLogger("article-votes.dynamodb")

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.025, 0.4

# Temporary refusals with a 4xx status: the same request can succeed later. So can all requests after a 5xx.
TEMPORARY_CODES = frozenset(
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
TEMPORARY_REASONS = frozenset(
    {"None", "TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError", "RequestLimitExceeded"}
)
CONDITION_FAILED = "ConditionalCheckFailed"


class ConditionRefused(Exception):
    """A condition did not hold. `reasons` has one entry for each action of the transaction, in their order."""

    def __init__(self, reasons: list[dict[str, Any]]) -> None:
        super().__init__("a condition did not hold")
        self.reasons = reasons

    def failed(self, action: int) -> bool:
        """True if the condition of this action did not hold. Actions are counted from 0."""
        return self.reasons[action].get("Code") == CONDITION_FAILED

    def item(self, action: int) -> dict[str, Any] | None:
        """The stored item that the condition of this action was compared with, or None."""
        return self.reasons[action].get("Item") or None


class Incomplete(Exception):
    """DynamoDB returned only some of the items. The others deserve another attempt."""


class Attempts:
    """Repeats a call until it is answered. It waits a random time between attempts and stops at the deadline."""

    def __init__(
        self,
        sleep: Callable[[float], None] = time.sleep,
        random_fraction: Callable[[], float] = random.random,
        metrics: Metrics | None = None,
    ) -> None:
        self._metrics = metrics or Metrics()
        self._sleep = sleep
        self._random_fraction = random_fraction

    def until_answered(self, call: Callable[[], T], deadline: Deadline) -> T:
        """The call's answer.

        Raises `ConditionRefused`, or `Unavailable` if the time is up or if another attempt would not help.
        """
        longest_wait = FIRST_WAIT_SECONDS
        while not deadline.passed():
            self._metrics.count("attempts")
            try:
                return call()
            except ClientError as error:
                if conflicting_actions(error):
                    self._metrics.count("conflicts")
                refused = _condition_refused(error)
                if refused is not None:
                    raise refused from None
                if not _is_temporary(error):
                    log.error("dynamodb refused the request: %s", error)
                    raise Unavailable("The table refused the request.") from error
                if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:
                    self._metrics.count("unknown_outcomes")
            except NoCredentialsError as error:  # nothing was sent, and nothing can be sent
                raise Unavailable("There are no AWS credentials.") from error
            except Incomplete:
                log.warning("incomplete answer, calling again for the rest")
            except Exception as error:
                self._metrics.count("unknown_outcomes")
                log.warning("outcome unknown, calling again: %s", type(error).__name__)
            wait = self._random_fraction() * longest_wait
            longest_wait = min(LONGEST_WAIT_SECONDS, longest_wait * 2)
            if wait < deadline.remaining_seconds():
                self._sleep(wait)
            else:
                break
        raise Unavailable("The table did not answer in time. The same request may be sent again.")


def conflicting_actions(error: ClientError) -> set[int]:
    """The actions of a transaction on whose items another transaction was at work. Actions are counted from 0."""
    return {action for action, one in enumerate(_reasons(error)) if one.get("Code") == "TransactionConflict"}


def _condition_refused(error: ClientError) -> ConditionRefused | None:
    code = error.response["Error"]["Code"]
    if code == "ConditionalCheckFailedException":
        return ConditionRefused([{"Code": CONDITION_FAILED, "Item": error.response.get("Item")}])
    if code == "TransactionCanceledException":
        reasons = _reasons(error)
        if any(reason.get("Code") == CONDITION_FAILED for reason in reasons):
            return ConditionRefused(reasons)
    return None


def _is_temporary(error: ClientError) -> bool:
    code = error.response["Error"]["Code"]
    if code == "TransactionCanceledException":
        return all(reason.get("Code") in TEMPORARY_REASONS for reason in _reasons(error))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    return status >= 500 or code in TEMPORARY_CODES


def _reasons(error: ClientError) -> list[dict[str, Any]]:
    reasons: list[dict[str, Any]] = error.response.get("CancellationReasons", [])
    return reasons

"""Repeating: what is asked again, what is not, and that it ends in time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from chalicelib.deadlines import Deadline
from chalicelib.dynamodb.attempts import Attempts, ConditionRefused
from chalicelib.errors import Unavailable
from tests.support.fakes import Clock


def refused(code: str, status: int = 400, reasons: list[dict[str, Any]] | None = None) -> ClientError:
    response: dict[str, Any] = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    if reasons is not None:
        response["CancellationReasons"] = reasons
    return ClientError(response, "TransactWriteItems")


def cancelled(*codes: str) -> ClientError:
    return refused("TransactionCanceledException", reasons=[{"Code": code} for code in codes])


def failing_first(*failures: Exception) -> Callable[[], str]:
    waiting = list(failures)

    def call() -> str:
        if waiting:
            raise waiting.pop(0)
        return "answer"

    return call


@pytest.fixture
def attempts(clock: Clock) -> Attempts:
    return Attempts(sleep=clock.advance, random_fraction=lambda: 0.5)


@pytest.fixture
def deadline(clock: Clock) -> Deadline:
    return Deadline(clock.monotonic, 1.3)


@pytest.mark.parametrize(
    "failure",
    [
        ConnectionClosedError(endpoint_url="x"),
        EndpointConnectionError(endpoint_url="x"),
        ReadTimeoutError(endpoint_url="x"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "corrupted answer"),
        KeyError("corrupted answer"),
        refused("InternalServerError", 500),
        refused("ServiceUnavailable", 503),
        refused("ThrottlingException"),
        refused("ProvisionedThroughputExceededException"),
        refused("RequestLimitExceeded"),
        refused("TransactionInProgressException"),
        refused("TransactionConflictException"),
        cancelled("TransactionConflict", "None"),
        cancelled("None", "ThrottlingError"),
        cancelled("None", "ProvisionedThroughputExceeded"),
    ],
    ids=str,
)
def test_whatever_leaves_the_outcome_unknown_or_passes_is_asked_again(
    attempts: Attempts, deadline: Deadline, failure: Exception
) -> None:
    assert attempts.until_answered(failing_first(failure, failure, failure), deadline) == "answer"


@pytest.mark.parametrize(
    "failure",
    [
        refused("ValidationException"),
        refused("AccessDeniedException"),
        refused("ResourceNotFoundException"),
        refused("IdempotentParameterMismatchException"),
        cancelled("ValidationError", "None"),
    ],
    ids=str,
)
def test_what_will_not_pass_is_not_asked_again(
    attempts: Attempts, deadline: Deadline, clock: Clock, failure: Exception
) -> None:
    started = clock.at
    with pytest.raises(Unavailable):
        attempts.until_answered(failing_first(failure), deadline)
    assert clock.at == started


def test_a_refused_condition_is_an_answer_with_all_its_reasons(attempts: Attempts, deadline: Deadline) -> None:
    failure = refused(
        "TransactionCanceledException",
        reasons=[{"Code": "ConditionalCheckFailed", "Item": {"PK": {"S": "x"}}}, {"Code": "TransactionConflict"}],
    )
    with pytest.raises(ConditionRefused) as caught:
        attempts.until_answered(failing_first(failure), deadline)
    assert (caught.value.failed(0), caught.value.failed(1)) == (True, False)
    assert (caught.value.item(0), caught.value.item(1)) == ({"PK": {"S": "x"}}, None)


def test_it_gives_up_at_its_deadline_and_starts_nothing_after_it(clock: Clock) -> None:
    starts: list[float] = []
    begun = clock.at

    def black_hole() -> None:
        starts.append(clock.at - begun)
        clock.advance(1.0)
        raise ReadTimeoutError(endpoint_url="x")

    with pytest.raises(Unavailable):
        Attempts(clock.advance, lambda: 0.999).until_answered(black_hole, Deadline(clock.monotonic, 1.3))
    assert len(starts) == 2
    assert max(starts) <= 1.3
    assert clock.at - begun <= 2.8


def test_waits_are_jittered_and_grow_to_a_limit(clock: Clock) -> None:
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)

    with pytest.raises(Unavailable):
        Attempts(sleep, lambda: 0.999).until_answered(
            failing_first(*[refused("ThrottlingException")] * 9, refused("ValidationException")),
            Deadline(clock.monotonic, 1.3),
        )
    assert waits == sorted(waits)
    assert max(waits) < 0.4
    assert len(set(waits)) > 4


@pytest.mark.parametrize(
    "code",
    [
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "RequestTimeoutException",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    ],
)
def test_every_refusal_that_passes_is_asked_again(attempts: Attempts, deadline: Deadline, code: str) -> None:
    assert attempts.until_answered(failing_first(refused(code)), deadline) == "answer"


def test_an_error_without_a_status_is_asked_again(attempts: Attempts, deadline: Deadline) -> None:
    strange = ClientError({"Error": {"Code": "Strange"}}, "GetItem")
    assert attempts.until_answered(failing_first(strange), deadline) == "answer"


def test_a_cancelled_transaction_without_reasons_is_asked_again(attempts: Attempts, deadline: Deadline) -> None:
    assert attempts.until_answered(failing_first(refused("TransactionCanceledException")), deadline) == "answer"


def test_a_status_of_499_is_a_refusal_and_500_is_not(attempts: Attempts, deadline: Deadline) -> None:
    with pytest.raises(Unavailable):
        attempts.until_answered(failing_first(refused("Strange", 499)), deadline)
    assert attempts.until_answered(failing_first(refused("Strange", 500)), deadline) == "answer"


def test_a_refused_condition_of_a_single_item_has_that_item(attempts: Attempts, deadline: Deadline) -> None:
    response: Any = {"Error": {"Code": "ConditionalCheckFailedException"}, "Item": {"PK": {"S": "x"}}}
    with pytest.raises(ConditionRefused) as caught:
        attempts.until_answered(failing_first(ClientError(response, "PutItem")), deadline)
    assert (caught.value.failed(0), caught.value.item(0)) == (True, {"PK": {"S": "x"}})


def test_without_credentials_nothing_is_asked_again(attempts: Attempts, deadline: Deadline, clock: Clock) -> None:
    calls = []

    def call() -> None:
        calls.append(clock.at)
        raise NoCredentialsError

    with pytest.raises(Unavailable):
        attempts.until_answered(call, deadline)
    assert len(calls) == 1


def test_it_does_not_sleep_past_the_deadline(clock: Clock) -> None:
    slept: list[float] = []
    with pytest.raises(Unavailable):
        Attempts(slept.append, lambda: 1.0).until_answered(
            failing_first(ReadTimeoutError(endpoint_url="x")), Deadline(clock.monotonic, 0.02)
        )
    assert slept == []


def test_the_first_wait_is_at_most_25_ms_and_doubles_up_to_400_ms(clock: Clock) -> None:
    slept: list[float] = []
    failures = [ReadTimeoutError(endpoint_url="x")] * 6
    assert (
        Attempts(slept.append, lambda: 1.0).until_answered(failing_first(*failures), Deadline(clock.monotonic, 9.0))
        == "answer"
    )
    assert slept == [0.025, 0.05, 0.1, 0.2, 0.4, 0.4]


def test_an_attempt_may_start_at_the_very_deadline(clock: Clock) -> None:
    deadline = Deadline(clock.monotonic, 1.0)
    clock.advance(1.0)
    assert Attempts(clock.advance).until_answered(lambda: "answer", deadline) == "answer"

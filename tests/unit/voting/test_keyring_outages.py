"""Secrets Manager does not answer or refuses: what was read before is used, and it is asked again after a pause."""

from __future__ import annotations

import contextlib
from itertools import pairwise
from typing import Any

import pytest

from chalicelib.deadlines import Deadline
from chalicelib.errors import Unavailable
from chalicelib.voting.keyring import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, SecretsKeyring
from chalicelib.voting.token_keys import (
    READ_AGAIN_SECONDS,
)
from tests.support.fakes import Clock, patient
from tests.support.secrets_manager import (
    PEPPER,
    UNKNOWN,
    with_client,
)


def test_keys_once_read_outlast_an_outage(secrets: SecretsKeyring, manager: Any, clock: Clock) -> None:
    key = secrets.signing_key(patient())
    manager.answers = False
    clock.advance(READ_AGAIN_SECONDS)
    assert secrets.signing_key(patient()) == key


def test_without_any_key_an_outage_is_unavailable(secrets: SecretsKeyring, manager: Any) -> None:
    manager.answers = False
    for ask in (secrets.signing_key, secrets.pepper):
        with pytest.raises(Unavailable):
            ask(patient())


def test_no_call_starts_after_the_deadline(secrets: SecretsKeyring, manager: Any, clock: Clock) -> None:
    late = Deadline(clock.monotonic, 1.0)
    clock.advance(2)
    with pytest.raises(Unavailable):
        secrets.pepper(late)
    assert manager.calls == 0


def test_a_key_that_cannot_be_looked_up_is_not_called_unknown(
    secrets: SecretsKeyring, manager: Any, clock: Clock
) -> None:
    secrets.signing_key(patient())
    manager.answers = False
    clock.advance(6)
    with pytest.raises(Unavailable):
        secrets.key_named(UNKNOWN, patient())


REFUSALS = ["ThrottlingException", "AccessDeniedException", "InternalServiceError", "DecryptionFailure"]


@pytest.mark.parametrize("code", REFUSALS)
def test_a_ring_that_cannot_be_read_is_unavailable(secrets: SecretsKeyring, manager: Any, code: str) -> None:
    manager.refused = {"token-key": code}
    for ask in (secrets.signing_key, lambda deadline: secrets.key_named(UNKNOWN, deadline)):
        with pytest.raises(Unavailable):
            ask(patient())


def test_a_secret_that_is_no_text_and_a_client_that_cannot_be_made_are_unavailable(manager: Any, clock: Clock) -> None:
    def broken() -> Any:
        raise OSError("no client")

    manager.client.put_secret_value(SecretId="pepper", SecretBinary=b"x")
    for make_client in (lambda: manager, broken):
        with pytest.raises(Unavailable):
            with_client(make_client, clock).pepper(patient())


def test_after_a_failure_it_pauses_and_the_pause_doubles_up_to_a_limit(
    secrets: SecretsKeyring, manager: Any, clock: Clock
) -> None:
    manager.answers = False
    asked_at = []
    for _ in range(1200):
        before = manager.calls
        with pytest.raises(Unavailable):
            secrets.pepper(patient())
        if manager.calls > before:
            asked_at.append(clock.at)
        clock.advance(0.125)
    pauses = [later - one for one, later in pairwise(asked_at)]
    assert pauses[:6] == [1, 2, 4, 8, 16, 30]
    assert (pauses[0], max(pauses)) == (FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)


def test_after_the_pauses_it_recovers(secrets: SecretsKeyring, manager: Any, clock: Clock) -> None:
    def fail() -> None:
        manager.answers = False
        with pytest.raises(Unavailable):
            secrets.pepper(patient())
        manager.answers = True

    fail()
    clock.advance(1)
    fail()
    clock.advance(2)
    assert secrets.pepper(patient()) == PEPPER.encode()


def test_good_tokens_are_accepted_during_the_pause(secrets: SecretsKeyring, manager: Any, clock: Clock) -> None:
    key = secrets.signing_key(patient())
    manager.answers = False
    clock.advance(READ_AGAIN_SECONDS)
    calls = manager.calls
    for _ in range(20):
        assert secrets.key_named(key.kid, patient()) == key
    assert manager.calls == calls + 1


def test_a_refusal_pauses_like_silence(secrets: SecretsKeyring, manager: Any, clock: Clock) -> None:
    manager.refused = {"pepper": "AccessDeniedException"}
    for _ in range(20):
        with pytest.raises(Unavailable):
            secrets.pepper(patient())
    assert manager.calls == 1
    clock.advance(1)
    manager.refused = {}
    assert secrets.pepper(patient()) == PEPPER.encode()


def test_after_a_success_the_next_pause_is_the_shortest_again(
    secrets: SecretsKeyring, manager: Any, clock: Clock
) -> None:
    def read() -> int:
        """How many calls the keyring makes for a name that it does not know."""
        before = manager.calls
        with contextlib.suppress(Unavailable):
            secrets.key_named(UNKNOWN, patient())
        return int(manager.calls - before)

    manager.answers = False
    for pause in (1, 2):
        assert read() == 1
        clock.advance(pause)
    manager.answers = True
    assert read() == 1
    manager.answers = False
    clock.advance(READ_AGAIN_SECONDS)
    assert read() == 1
    clock.advance(0.999)
    assert read() == 0
    clock.advance(0.001)
    assert read() == 1

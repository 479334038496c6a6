"""Keys from Secrets Manager: two at a time, read anew when a new one shows up, kept when it does not answer."""

from __future__ import annotations

import contextlib
from itertools import pairwise
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from moto import mock_aws

from chalicelib.deadlines import Deadline
from chalicelib.errors import Unavailable
from chalicelib.voting.keyring import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, REFRESH_SECONDS, SecretsKeyring
from tests.support.fakes import Clock, patient


class Counting:
    """A Secrets Manager client that counts its calls. It can fall silent, and refuse to read a stage."""

    def __init__(self, client: Any) -> None:
        self.client, self.calls, self.answers = client, 0, True
        self.refused: dict[str, str] = {}

    def get_secret_value(self, **request: str) -> Any:
        self.calls += 1
        if not self.answers:
            raise ReadTimeoutError(endpoint_url="x")
        if request["VersionStage"] in self.refused:
            raise ClientError({"Error": {"Code": self.refused[request["VersionStage"]]}}, "GetSecretValue")
        return self.client.get_secret_value(**request)


@pytest.fixture
def manager() -> Any:
    with mock_aws():
        client = boto3.client("secretsmanager")
        client.create_secret(Name="pepper", SecretString="pepper value")
        client.create_secret(Name="token-key", SecretString="first key, long enough for HS256")
        yield Counting(client)


@pytest.fixture
def secrets(manager: Any, clock: Clock) -> SecretsKeyring:
    return SecretsKeyring(lambda: manager, "pepper", "token-key", clock.monotonic)


def replace_key(manager: Any, value: str) -> None:
    manager.client.put_secret_value(SecretId="token-key", SecretString=value)


def test_secrets_are_read_once(secrets: SecretsKeyring, manager: Any) -> None:
    for _ in range(5):
        assert secrets.pepper(patient()) == b"pepper value"
        secrets.signing_key(patient())
    assert manager.calls == 3  # pepper, current key, and the question for a previous one


def test_the_key_before_the_current_one_stays_valid_and_the_one_before_that_does_not(
    secrets: SecretsKeyring, manager: Any, clock: Clock
) -> None:
    kids = [secrets.signing_key(patient()).kid]
    for number in (2, 3):
        replace_key(manager, f"key number {number}, long enough for HS256")
        clock.advance(REFRESH_SECONDS)
        kids.append(secrets.signing_key(patient()).kid)
    assert len(set(kids)) == 3
    assert [secrets.key_named(kid, patient()) is not None for kid in kids] == [False, True, True]


def test_a_key_that_another_container_signs_with_already_is_found(
    secrets: SecretsKeyring, manager: Any, clock: Clock
) -> None:
    secrets.signing_key(patient())
    replace_key(manager, "the new key, long enough for HS256")
    clock.advance(6)
    elsewhere = SecretsKeyring(lambda: manager, "pepper", "token-key", clock.monotonic).signing_key(patient())
    assert secrets.key_named(elsewhere.kid, patient()) == elsewhere


def test_made_up_key_names_do_not_cause_a_call_each(secrets: SecretsKeyring, manager: Any, clock: Clock) -> None:
    secrets.signing_key(patient())
    before = manager.calls
    for number in range(100):
        assert secrets.key_named(f"made-up-{number}", patient()) is None
        clock.advance(0.1)
    assert manager.calls - before <= 6


def test_keys_once_read_outlast_an_outage(secrets: SecretsKeyring, manager: Any, clock: Clock) -> None:
    key = secrets.signing_key(patient())
    manager.answers = False
    clock.advance(REFRESH_SECONDS)
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
        secrets.key_named("a key that may be new", patient())


REFUSALS = ["ThrottlingException", "AccessDeniedException", "InternalServiceError", "DecryptionFailure"]


@pytest.mark.parametrize("code", REFUSALS)
def test_a_current_key_that_cannot_be_read_is_unavailable(secrets: SecretsKeyring, manager: Any, code: str) -> None:
    manager.refused = {"AWSCURRENT": code}
    for ask in (secrets.signing_key, lambda deadline: secrets.key_named("any", deadline)):
        with pytest.raises(Unavailable):
            ask(patient())


@pytest.mark.parametrize("code", REFUSALS)
def test_a_previous_key_that_cannot_be_read_is_not_taken_for_one_that_does_not_exist(
    secrets: SecretsKeyring, manager: Any, clock: Clock, code: str
) -> None:
    replace_key(manager, "the new key, long enough for HS256")
    manager.refused = {"AWSPREVIOUS": code}
    current = secrets.signing_key(patient())  # the current key is good all the same
    assert secrets.key_named(current.kid, patient()) == current
    with pytest.raises(Unavailable):
        secrets.key_named("perhaps the previous one", patient())
    manager.refused = {}
    clock.advance(30)
    assert secrets.key_named("perhaps the previous one", patient()) is None


def test_the_pause_doubles_also_if_only_the_previous_key_cannot_be_read(
    secrets: SecretsKeyring, manager: Any, clock: Clock
) -> None:
    manager.refused = {"AWSPREVIOUS": "ThrottlingException"}
    asked_at = []
    for _ in range(600):
        before = manager.calls
        secrets.signing_key(patient())
        if manager.calls > before:
            asked_at.append(clock.at)
        clock.advance(0.25)
    assert [later - one for one, later in pairwise(asked_at)][:6] == [1, 2, 4, 8, 16, 30]


def test_a_pause_for_the_token_key_does_not_keep_the_pepper_away(secrets: SecretsKeyring, manager: Any) -> None:
    manager.refused = {"AWSPREVIOUS": "ThrottlingException"}
    secrets.signing_key(patient())
    assert secrets.pepper(patient()) == b"pepper value"


def test_a_secret_that_is_no_text_and_a_client_that_cannot_be_made_are_unavailable(manager: Any, clock: Clock) -> None:
    def broken() -> Any:
        raise OSError("no client")

    manager.client.create_secret(Name="binary", SecretBinary=b"x")
    with pytest.raises(Unavailable):
        SecretsKeyring(lambda: manager, "binary", "binary", clock.monotonic).pepper(patient())
    with pytest.raises(Unavailable):
        SecretsKeyring(broken, "pepper", "token-key", clock.monotonic).pepper(patient())


def test_a_missing_secret_is_unavailable_and_only_a_missing_previous_version_is_not(
    secrets: SecretsKeyring, manager: Any
) -> None:
    manager.refused = {"AWSCURRENT": "ResourceNotFoundException"}
    with pytest.raises(Unavailable):
        secrets.signing_key(patient())


@pytest.mark.parametrize("start", [0.0, 0.001, 10.0**9])
def test_it_works_wherever_the_clock_starts(manager: Any, start: float) -> None:
    clock = Clock()
    clock.at = start
    secrets = SecretsKeyring(lambda: manager, "pepper", "token-key", clock.monotonic)
    first = secrets.signing_key(patient())
    replace_key(manager, "the new key, long enough for HS256")
    clock.advance(REFRESH_SECONDS - 0.001)
    assert secrets.signing_key(patient()) == first
    clock.advance(0.001)
    assert secrets.signing_key(patient()) != first


def test_an_unknown_name_is_looked_up_again_after_five_seconds(
    secrets: SecretsKeyring, manager: Any, clock: Clock
) -> None:
    secrets.signing_key(patient())
    calls = manager.calls
    clock.advance(4.999)
    assert secrets.key_named("unknown", patient()) is None
    assert manager.calls == calls
    clock.advance(0.001)
    assert secrets.key_named("unknown", patient()) is None
    assert manager.calls == calls + 2  # the current and the previous key


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
    assert secrets.pepper(patient()) == b"pepper value"


def test_good_tokens_are_accepted_during_the_pause(secrets: SecretsKeyring, manager: Any, clock: Clock) -> None:
    key = secrets.signing_key(patient())
    manager.answers = False
    clock.advance(REFRESH_SECONDS)
    calls = manager.calls
    for _ in range(20):
        assert secrets.key_named(key.kid, patient()) == key
    assert manager.calls == calls + 1


def test_keys_are_read_again_every_quarter_of_an_hour() -> None:
    assert REFRESH_SECONDS == 900


def test_a_refusal_pauses_like_silence(secrets: SecretsKeyring, manager: Any, clock: Clock) -> None:
    manager.refused = {"AWSCURRENT": "AccessDeniedException"}
    for _ in range(20):
        with pytest.raises(Unavailable):
            secrets.pepper(patient())
    assert manager.calls == 1
    clock.advance(1)
    manager.refused = {}
    assert secrets.pepper(patient()) == b"pepper value"


def test_after_a_success_the_next_pause_is_the_shortest_again(
    secrets: SecretsKeyring, manager: Any, clock: Clock
) -> None:
    def read() -> int:
        """How many calls the keyring makes for a name that it does not know."""
        before = manager.calls
        with contextlib.suppress(Unavailable):
            secrets.key_named("unknown", patient())
        return int(manager.calls - before)

    manager.answers = False
    for pause in (1, 2):
        assert read() == 1
        clock.advance(pause)
    manager.answers = True
    assert read() == 2
    manager.answers = False
    clock.advance(REFRESH_SECONDS)
    assert read() == 1
    clock.advance(0.999)
    assert read() == 0
    clock.advance(0.001)
    assert read() == 1

"""Keys from Secrets Manager: a ring of any number, read anew when a new one shows up, kept when it does not answer."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from moto import mock_aws

from chalicelib.deadlines import Clock as Clocks
from chalicelib.deadlines import Deadline
from chalicelib.errors import TooEarly, Unavailable
from chalicelib.voting.keyring import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, SecretsKeyring, fingerprint_of
from chalicelib.voting.token_keys import (
    READ_AGAIN_SECONDS,
    SPREAD_SECONDS,
    Ring,
    make_token_key,
    parse_ring,
    retire,
    ring_text,
    rotate,
)
from tests.support.fakes import START, Clock, patient

PEPPER, OTHER_PEPPER = "a pepper of 32 characters, or more", "another pepper of 32 characters, or more"
UNKNOWN = "0123456789ab"  # the name of no key
FIRST, SECOND = "first key, long enough for HS256", "second key, long enough for HS256"


class Counting:
    """A Secrets Manager client that counts its calls. It can fall silent, and refuse to read a secret."""

    def __init__(self, client: Any) -> None:
        self.client, self.calls, self.answers = client, 0, True
        self.refused: dict[str, str] = {}

    def get_secret_value(self, **request: str) -> Any:
        self.calls += 1
        if not self.answers:
            raise ReadTimeoutError(endpoint_url="x")
        if request["SecretId"] in self.refused:
            raise ClientError({"Error": {"Code": self.refused[request["SecretId"]]}}, "GetSecretValue")
        return self.client.get_secret_value(**request)


class Odd:
    """A Secrets Manager whose secrets have an odd value."""

    def __init__(self, value: str) -> None:
        self.value = value

    def get_secret_value(self, **_: str) -> dict[str, str]:
        return {"SecretString": self.value}


class Table:
    """Keeps the first fingerprint that it is told."""

    def __init__(self) -> None:
        self.fingerprint = ""

    def agree(self, fingerprint: str, _: Deadline) -> str:
        self.fingerprint = self.fingerprint or fingerprint
        return self.fingerprint


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def manager() -> Any:
    with mock_aws():
        client = boto3.client("secretsmanager")
        client.create_secret(Name="pepper", SecretString=PEPPER)
        client.create_secret(Name="token-key", SecretString=ring_text(rotate(Ring(), FIRST, START)))
        yield Counting(client)


@pytest.fixture
def secrets(manager: Any, clock: Clock, table: Table) -> SecretsKeyring:
    return keyring(manager, clock, table)


def keyring(manager: Any, clock: Clock, table: Table | None = None) -> SecretsKeyring:
    return with_client(lambda: manager, clock, table)


def with_client(make_client: Callable[[], Any], clock: Clock, table: Table | None = None) -> SecretsKeyring:
    agree, clocks = (table or Table()).agree, Clocks(clock.now, clock.monotonic)
    return SecretsKeyring(make_client, "pepper", "token-key", agree, clocks)


def put_ring(manager: Any, ring: Ring) -> None:
    manager.client.put_secret_value(SecretId="token-key", SecretString=ring_text(ring))


def add_key(manager: Any, secret: str, clock: Clock, *, at_once: bool = True) -> None:
    ring = parse_ring(manager.client.get_secret_value(SecretId="token-key")["SecretString"])
    put_ring(manager, rotate(ring, secret, clock.now(), at_once=at_once))


def test_secrets_are_read_once(secrets: SecretsKeyring, manager: Any) -> None:
    for _ in range(5):
        assert secrets.pepper(patient()) == PEPPER.encode()
        secrets.signing_key(patient())
    assert manager.calls == 2  # the pepper and the ring


def test_every_key_of_the_ring_is_accepted_and_the_newest_signs(
    secrets: SecretsKeyring, manager: Any, clock: Clock
) -> None:
    kids = [secrets.signing_key(patient()).kid]
    for number in (2, 3, 4):
        add_key(manager, f"key number {number}, long enough for HS256", clock)
        clock.advance(READ_AGAIN_SECONDS)
        kids.append(secrets.signing_key(patient()).kid)
    assert len(set(kids)) == 4
    assert [one for kid in kids if (one := secrets.key_named(kid, patient())) is None] == []


def test_a_new_key_signs_when_every_container_has_read_it(secrets: SecretsKeyring, manager: Any, clock: Clock) -> None:
    first = secrets.signing_key(patient())
    add_key(manager, SECOND, clock, at_once=False)
    clock.advance(SPREAD_SECONDS - 1)
    assert secrets.signing_key(patient()) == first
    assert secrets.key_named(make_token_key(SECOND).kid, patient()) is not None
    clock.advance(1)
    assert secrets.signing_key(patient()).kid == make_token_key(SECOND).kid


def test_a_key_that_another_container_signs_with_already_is_found(
    secrets: SecretsKeyring, manager: Any, clock: Clock
) -> None:
    secrets.signing_key(patient())
    add_key(manager, SECOND, clock)
    elsewhere = keyring(manager, clock).signing_key(patient())
    with pytest.raises(TooEarly):  # the ring was read a moment ago, so nobody knows yet
        secrets.key_named(elsewhere.kid, patient())
    clock.advance(5)
    assert secrets.key_named(elsewhere.kid, patient()) == elsewhere


def test_made_up_key_names_do_not_cause_a_call_each(secrets: SecretsKeyring, manager: Any, clock: Clock) -> None:
    secrets.signing_key(patient())
    before = manager.calls
    for number in range(100):
        with contextlib.suppress(TooEarly):
            assert secrets.key_named(f"{number:012x}", patient()) is None
        clock.advance(0.1)
    assert manager.calls - before <= 2


def test_the_name_of_a_retired_key_is_refused_without_a_call(
    secrets: SecretsKeyring, manager: Any, clock: Clock
) -> None:
    add_key(manager, SECOND, clock)
    ring = parse_ring(manager.client.get_secret_value(SecretId="token-key")["SecretString"])
    kid = ring.keys[0].kid
    put_ring(manager, retire(ring, kid, clock.now(), forced=True))
    secrets.signing_key(patient())
    calls = manager.calls
    assert secrets.key_named(kid, patient()) is None
    assert manager.calls == calls


def test_without_a_ring_nobody_becomes_a_voter_and_the_log_says_what_to_do(
    secrets: SecretsKeyring, manager: Any, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for text, said in (
        ("no ring", "is not a ring"),
        ('{"keys": [], "retired": []}', "is not a ring"),
        (ring_text(rotate(Ring(), FIRST, START + 9_999)), "ops token-key rotate --now"),
    ):
        manager.client.put_secret_value(SecretId="token-key", SecretString=text)
        with pytest.raises(Unavailable):
            keyring(manager, clock).signing_key(patient())
        assert said in caplog.text


def test_a_name_that_the_ring_did_not_have_when_it_was_read_is_unknown_at_once(
    secrets: SecretsKeyring, manager: Any, clock: Clock
) -> None:
    assert secrets.key_named(UNKNOWN, patient()) is None  # this call read the ring
    calls = manager.calls
    for _ in range(5):
        assert secrets.key_named(UNKNOWN, patient()) is None
    assert secrets.key_named("what no key is named", patient()) is None
    assert manager.calls == calls


def test_a_ring_that_was_damaged_does_not_take_the_place_of_a_good_one(
    secrets: SecretsKeyring, manager: Any, clock: Clock
) -> None:
    key = secrets.signing_key(patient())
    for text in ("", "{}", '{"keys": [], "retired": []}', ring_text(Ring((replace(key, signs_from=None),)))):  # type: ignore[arg-type]
        manager.client.put_secret_value(SecretId="token-key", SecretString=text or " ")
        clock.advance(READ_AGAIN_SECONDS)
        assert secrets.signing_key(patient()) == secrets.key_named(key.kid, patient()) == key


class TestThePepper:
    def test_its_fingerprint_is_stored_at_its_first_use(self, secrets: SecretsKeyring, table: Table) -> None:
        secrets.pepper(patient())
        # printf "the fingerprint of article-votes' pepper" | openssl dgst -sha256 -hmac "$PEPPER"
        assert table.fingerprint == fingerprint_of(PEPPER.encode()) == "207f69f8ae82d765"

    @pytest.mark.parametrize("value", ["", " ", "\n", "short", f"{PEPPER}\n"])
    def test_without_a_whole_one_no_vote_is_taken_and_nothing_is_stored(
        self, value: str, secrets: SecretsKeyring, manager: Any, table: Table, caplog: pytest.LogCaptureFixture
    ) -> None:
        manager.client = Odd(value)
        with pytest.raises(Unavailable):
            secrets.pepper(patient())
        assert (table.fingerprint, "ops pepper create" in caplog.text) == ("", True)

    def test_with_another_pepper_no_vote_is_taken_and_the_log_names_both(
        self, manager: Any, clock: Clock, table: Table, caplog: pytest.LogCaptureFixture
    ) -> None:
        keyring(manager, clock, table).pepper(patient())
        manager.client.put_secret_value(SecretId="pepper", SecretString=OTHER_PEPPER)
        other = keyring(manager, clock, table)
        for _ in range(3):
            with pytest.raises(Unavailable):
                other.pepper(patient())
        assert "wrong pepper" in caplog.text
        assert table.fingerprint in caplog.text
        assert fingerprint_of(OTHER_PEPPER.encode()) in caplog.text
        assert OTHER_PEPPER not in caplog.text
        assert manager.calls == 2, "it asks again only after a pause"
        manager.client.put_secret_value(SecretId="pepper", SecretString=PEPPER)
        clock.advance(1)
        assert other.pepper(patient()) == PEPPER.encode()


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


@pytest.mark.parametrize("start", [0.0, 0.001, 10.0**9])
def test_it_works_wherever_the_clock_starts(manager: Any, start: float) -> None:
    clock = Clock()
    clock.at = start
    put_ring(manager, rotate(Ring(), FIRST, clock.now()))
    secrets = keyring(manager, clock)
    first = secrets.signing_key(patient())
    add_key(manager, SECOND, clock)
    clock.advance(READ_AGAIN_SECONDS - 0.001)
    assert secrets.signing_key(patient()) == first
    clock.advance(0.001)
    assert secrets.signing_key(patient()) != first


def test_an_unknown_name_is_looked_up_again_after_five_seconds(
    secrets: SecretsKeyring, manager: Any, clock: Clock
) -> None:
    secrets.signing_key(patient())
    calls = manager.calls
    clock.advance(4.999)
    with pytest.raises(TooEarly):
        secrets.key_named(UNKNOWN, patient())
    assert manager.calls == calls
    clock.advance(0.001)
    assert secrets.key_named(UNKNOWN, patient()) is None
    assert manager.calls == calls + 1


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

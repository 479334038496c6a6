"""The ring of token keys in a container: a new key shows up, a name is unknown, the ring is damaged."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.errors import TooEarly, Unavailable
from chalicelib.voting.keyring import SecretsKeyring
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
from tests.support.secrets_manager import (
    FIRST,
    PEPPER,
    SECOND,
    UNKNOWN,
    add_key,
    keyring,
    put_ring,
)


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

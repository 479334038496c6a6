"""The ring of token keys: who signs, who is accepted, and what may be dropped when."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import InvalidValue
from chalicelib.voting.token_keys import (
    SPREAD_SECONDS,
    TOKEN_LIFETIME_SECONDS,
    Ring,
    TokenKey,
    make_token_key,
    parse_ring,
    retirable_at,
    retire,
    revoke,
    ring_text,
    rotate,
)
from tests.support.fakes import START

ONE, TWO, THREE, FOUR = (f"key number {number}, long enough for HS256" for number in range(1, 5))
LATER = START + 10 * SPREAD_SECONDS
SAFE = SPREAD_SECONDS + TOKEN_LIFETIME_SECONDS


def kid(secret: str) -> str:
    return make_token_key(secret).kid


def signing(ring: Ring, now: int) -> str | None:
    key = ring.signing_key(now)
    return None if key is None else key.secret


def test_the_name_of_a_key_is_its_fingerprint() -> None:
    assert kid("secret") == "2bb80d537b1d"  # printf secret | sha256sum


def test_the_first_key_signs_at_once_and_the_next_one_when_every_container_knows_it() -> None:
    one = rotate(Ring(), ONE, START)
    two = rotate(one, TWO, LATER)
    assert (signing(Ring(), START), signing(one, START)) == (None, ONE)
    assert signing(two, LATER + SPREAD_SECONDS - 1) == ONE
    assert signing(two, LATER + SPREAD_SECONDS) == TWO
    assert signing(rotate(one, TWO, LATER, at_once=True), LATER) == TWO


def test_a_key_that_is_added_at_once_signs_also_after_the_time_of_one_that_waits() -> None:
    waiting = rotate(rotate(Ring(), ONE, START), TWO, LATER)
    ring = rotate(waiting, THREE, LATER, at_once=True)
    assert [signing(ring, LATER), signing(ring, LATER + SPREAD_SECONDS)] == [THREE, THREE]
    assert ring.named(kid(TWO)) is not None


def test_a_key_that_leaks_while_another_one_waits_is_revoked_at_once() -> None:
    waiting = rotate(rotate(Ring(), ONE, START), TWO, LATER)
    revoked = revoke(waiting, kid(ONE), THREE, LATER + 1)
    assert signing(revoked, LATER + 1) == THREE


def test_a_key_is_retired_when_no_valid_token_of_it_exists() -> None:
    ring = rotate(rotate(Ring(), ONE, START), TWO, LATER, at_once=True)
    assert retirable_at(ring, kid(ONE), LATER) == LATER + SAFE
    assert retirable_at(ring, kid(TWO), LATER) is None
    with pytest.raises(InvalidValue, match="may still be valid"):
        retire(ring, kid(ONE), LATER + SAFE - 1)
    for left in (retire(ring, kid(ONE), LATER + SAFE), retire(ring, kid(ONE), LATER, forced=True)):
        assert (left.named(kid(ONE)), left.retired) == (None, (kid(ONE),))
        assert signing(left, LATER) == TWO


def test_the_last_key_that_signs_is_never_retired() -> None:
    ring = rotate(Ring(), ONE, START)
    with pytest.raises(InvalidValue, match="No other key signs"):
        retire(ring, kid(ONE), LATER, forced=True)
    waiting = rotate(ring, TWO, LATER)
    with pytest.raises(InvalidValue, match="No other key signs"):
        retire(waiting, kid(ONE), LATER, forced=True)


def test_a_revoked_key_stays_in_the_ring_and_another_one_signs() -> None:
    ring = rotate(rotate(Ring(), ONE, START), TWO, LATER, at_once=True)
    revoked = revoke(ring, kid(TWO), THREE, LATER + 1)
    assert signing(revoked, LATER + 1) == ONE
    assert (one := revoked.named(kid(TWO))) is not None
    assert one.revoked_at == LATER + 1
    both = revoke(revoked, kid(ONE), THREE, LATER + 2)
    assert signing(both, LATER + 2) == THREE
    with pytest.raises(InvalidValue, match="revoked already"):
        revoke(both, kid(ONE), FOUR, LATER + 3)


def test_a_key_that_signs_again_because_the_newer_one_was_revoked_cannot_be_retired() -> None:
    ring = rotate(rotate(Ring(), ONE, START), TWO, LATER, at_once=True)
    revoked = revoke(ring, kid(TWO), THREE, LATER + 1)
    assert retirable_at(revoked, kid(ONE), LATER + 2 * SAFE) is None


@pytest.mark.parametrize("change", [lambda ring: retire(ring, "none", LATER), lambda ring: revoke(ring, "no", "x", 1)])
def test_a_name_that_is_not_in_the_ring_is_refused(change: object) -> None:
    with pytest.raises(InvalidValue, match="no key"):
        change(rotate(Ring(), ONE, START))  # type: ignore[operator]


@pytest.mark.parametrize(
    "text",
    ["", "x", "[]", "{}", '{"keys": [{}], "retired": []}', '{"keys": 1, "retired": []}', '{"keys": [], "retired": []}',
     ring_text(Ring((replace(make_token_key(ONE), signs_from=0.5),))), ring_text(Ring((TokenKey("0" * 12, ONE),))),  # type: ignore[arg-type]
     ring_text(Ring((make_token_key("short"),)))],
)  # fmt: skip
def test_a_secret_that_is_no_ring_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="not a ring"):
        parse_ring(text)


STEPS = st.lists(
    st.tuples(st.sampled_from(["rotate", "at once", "retire", "revoke"]), st.integers(0, 500)), max_size=30
)


@given(STEPS)
def test_whatever_operators_do_unforced_a_token_is_accepted_until_it_expires_unless_its_key_was_revoked(
    steps: list[tuple[str, int]],
) -> None:
    ring, now, tokens = rotate(Ring(), ONE, START), START, []
    for number, (step, days) in enumerate(steps, 1):
        key = ring.signing_key(now)
        assert key is not None, "nobody can become a voter"
        tokens.append((key.kid, now + TOKEN_LIFETIME_SECONDS))
        now += days * 86_400
        oldest = ring.keys[0].kid
        try:
            if step == "retire":
                ring = retire(ring, oldest, now)
            elif step == "revoke":
                ring = revoke(ring, oldest, f"{ONE} {number}", now)
            else:
                ring = rotate(ring, f"{ONE} {number}", now, at_once=step == "at once")
        except InvalidValue:
            pass
        assert parse_ring(ring_text(ring)) == ring
        for name, expires_at in tokens:
            assert ring.named(name) is not None or expires_at <= now

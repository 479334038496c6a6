"""A seal says whose vote it is to whom has the pepper, and nothing to anybody else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.voting.seals import LONGEST_VOTER_ID, open_seal, seal

PEPPER, KEY, VOTER, AT = b"pepper", "k" * 32, "A" * 22, 1_790_000_000


@given(voter=st.text("ABCxyz019-_", min_size=1, max_size=LONGEST_VOTER_ID), at=st.integers(0, 2**40 - 1), key=st.text())
def test_a_seal_opens_to_what_was_sealed(voter: str, at: int, key: str) -> None:
    assert open_seal(PEPPER, key, seal(PEPPER, key, voter, at)) == (voter, at)


def test_a_seal_of_another_vote_or_another_pepper_does_not_open() -> None:
    found = seal(PEPPER, KEY, VOTER, AT)
    assert open_seal(PEPPER, "l" * 32, found) is None
    assert open_seal(b"other", KEY, found) is None


def test_a_seal_that_was_changed_anywhere_does_not_open() -> None:
    found = seal(PEPPER, KEY, VOTER, AT)
    for place in range(len(found)):
        for bit in range(8):
            changed = bytearray(found)
            changed[place] ^= 1 << bit
            assert open_seal(PEPPER, KEY, bytes(changed)) is None
    for length in range(len(found)):
        assert open_seal(PEPPER, KEY, found[:length]) is None


def test_what_is_stored_today_opens_tomorrow() -> None:
    stored = bytes.fromhex("71f7335cec7f6a6fdb42b8e5e86bd3f7b844b353d718a0257ee27585ee3dad658da26b8d9cc0d9")
    assert seal(PEPPER, KEY, VOTER, AT) == stored
    assert open_seal(PEPPER, KEY, stored) == (VOTER, AT)

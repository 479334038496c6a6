"""Where a vote came from, as the vote keeps it."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.admission.networks import networks_of
from chalicelib.admission.ports import NetworkStore
from chalicelib.admission.provenance import provenance_of, read_provenance
from chalicelib.admission.salts import DAY, PAUSE_SECONDS, Salts
from chalicelib.deadlines import Deadline
from chalicelib.errors import Unavailable
from chalicelib.publishing.articles import ArticleRef
from chalicelib.services import Services
from chalicelib.voting.voters import VoterKeys
from tests.support.fake_networks import MemoryNetworks
from tests.support.fakes import START, Clock, MemoryKeyring, MemoryStore, patient
from tests.support.gateway import call, event, prepared

SALT = b"the salt of a day, which has 32 b"


def marks(address: str | None, article: str = "a-1", site: str = "demo", salt: bytes = SALT) -> tuple[bytes, ...]:
    found = read_provenance(provenance_of(salt, site, article, address, 0))
    assert found is not None
    return found.marks


NEAR = st.builds("10.0.{}.{}".format, st.integers(0, 1), st.integers(0, 1)) | st.builds(
    "2001:db8:{}:{}::1".format, st.integers(0, 1), st.sampled_from(["0", "1", "100"])
)


@given(NEAR, NEAR)
def test_two_votes_on_an_article_share_a_mark_exactly_if_they_share_a_network(one: str, other: str) -> None:
    networks = set(networks_of(one)) & set(networks_of(other))
    assert len(set(marks(one)) & set(marks(other))) == len(networks)


def test_on_another_article_site_or_day_a_network_has_other_marks() -> None:
    base = marks("192.0.2.1")
    others = [marks("192.0.2.1", "a-2"), marks("192.0.2.1", site="news"), marks("192.0.2.1", salt=b"another")]
    assert not any(set(one) & set(other) for one, other in combinations([base, *others], 2))


@pytest.mark.parametrize(
    ("seconds", "age"),
    [
        (-30, "minute"), (0, "minute"), (59, "minute"), (60, "hour"), (3599, "hour"), (3600, "day"), (86_399, "day"),
        (86_400, "older"),
    ],
)  # fmt: skip
def test_the_age_of_a_token_is_one_of_four(seconds: int, age: str) -> None:
    found = read_provenance(provenance_of(SALT, "demo", "a-1", "192.0.2.1", seconds))
    assert found is not None
    assert found.token_age == age


def test_a_vote_of_before_provenance_was_kept_has_none() -> None:
    assert read_provenance(b"") is None


@pytest.mark.parametrize("stored", [b"\x04" + b"m" * 12, b"\x00", b"\x00" + b"m" * 24, b"\x00" + b"m" * 7])
def test_what_another_version_wrote_is_as_good_as_none(stored: bytes) -> None:
    assert read_provenance(stored) is None


def put(token: str, choice: str | None, address: str, **headers: str) -> int:
    body, sent = prepared(None if choice is None else {"choice": choice}, headers, token)
    method = "DELETE" if choice is None else "PUT"
    return call(event(method, "/v1/sites/demo/articles/a-1/vote", body, sent, address=address)).status


class TestOnVotes:
    @pytest.fixture
    def stored(self, services: Services, store: MemoryStore, token: str) -> object:
        voter = services.voting.recognise_voter("demo", token, START, patient()).voter_id
        ref = ArticleRef("demo", "a-1")
        return lambda: store.vote(ref, VoterKeys(MemoryKeyring().pepper(patient()), voter).on(ref), patient())

    def test_a_vote_keeps_the_origin_of_the_choice_that_it_has(self, stored, token: str, clock: Clock) -> None:  # type: ignore[no-untyped-def]
        put(token, "up", "192.0.2.1")
        first = read_provenance(stored().provenance)
        put(token, "up", "198.51.100.1", **{"Idempotency-Key": "0f8fad5b-d9cb-469f-a165-70867728950e"})  # a fence
        assert read_provenance(stored().provenance) == first
        clock.advance(4000)
        put(token, "down", "198.51.100.1")
        second = read_provenance(stored().provenance)
        assert first is not None
        assert second is not None
        assert (first.token_age, second.token_age) == ("minute", "day")
        assert not set(first.marks) & set(second.marks)
        put(token, None, "198.51.100.1")
        assert stored().provenance == b""

    def test_a_reset_leaves_no_origin(self, stored, token: str) -> None:  # type: ignore[no-untyped-def]
        put(token, "up", "192.0.2.1")
        assert stored().in_epoch(1).provenance == b""


class Broken(MemoryNetworks):
    """A table of networks that does not answer."""

    asked = 0

    def salt(self, day: int, fresh: bytes, deadline: Deadline) -> bytes:
        self.asked += 1
        raise Unavailable("No answer.")


def test_without_the_table_of_networks_votes_are_stored_without_provenance(clock: Clock) -> None:
    networks: NetworkStore = Broken()
    salts = Salts(networks, lambda: b"fresh")
    assert isinstance(networks, Broken)
    assert salts.if_at_hand(START, patient()) is None
    assert salts.if_at_hand(START + PAUSE_SECONDS - 1, patient()) is None
    assert networks.asked == 1  # it is not asked for every vote
    assert salts.if_at_hand(START + PAUSE_SECONDS, patient()) is None
    assert networks.asked == 2


def test_a_salt_is_read_once_a_day() -> None:
    networks = MemoryNetworks()
    salts = Salts(networks, lambda: b"fresh")
    assert salts.if_at_hand(START, patient()) == b"fresh"
    networks._salts.clear()
    assert salts.if_at_hand(START + 60, patient()) == b"fresh"
    assert set(networks._salts) == set()
    salts.if_at_hand(START + DAY, patient())
    assert set(networks._salts) == {START // DAY + 1}

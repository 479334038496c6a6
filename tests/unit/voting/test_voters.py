"""Voter tokens, voter keys and the partitions of votes."""

from __future__ import annotations

from collections import Counter

import jwt
import pytest

from chalicelib.errors import InvalidToken
from chalicelib.publishing.articles import ArticleRef
from chalicelib.voting.token_keys import TOKEN_LIFETIME_SECONDS, make_token_key
from chalicelib.voting.tokens import CLOCK_SKEW_SECONDS, issue_token, read_token
from chalicelib.voting.voters import VOTE_PARTITIONS, vote_partition, voter_key
from chalicelib.voting.votes import receipt_key
from tests.support.fakes import START

A, B = ArticleRef("demo", "a"), ArticleRef("demo", "b")


class TestValuesThatMustNeverChange:
    """The table holds these values. If they changed, every reader could vote twice, and no token would be good."""

    KEY = "_1T3Jme6XbTfp223SU7z81Z6xZWe-wnw"

    def test_a_voter_key_is_the_beginning_of_an_hmac_under_the_pepper(self) -> None:
        # printf 'demo\na\nAAAAAAAAAAAAAAAAAAAAAA' | openssl dgst -sha256 -hmac pepper -binary | head -c 24 |
        #     basenc --base64url
        assert voter_key(b"pepper", A, "A" * 22) == self.KEY

    def test_a_voter_key_has_its_partition_for_ever(self) -> None:
        # b2sum -l 8, modulo 16
        assert vote_partition(self.KEY) == 10

    def test_a_receipt_key_is_bound_to_the_voter_key(self) -> None:
        assert receipt_key(self.KEY, "0d9e8c1e-5c0f-4c3e-9d5f-2b6a7c1f0e11") == "8F2l-G73Qpmr"

    def test_a_token_key_is_named_by_its_fingerprint(self) -> None:
        # printf 'a secret that is long enough for HS256' | sha256sum | head -c 12
        assert make_token_key("a secret that is long enough for HS256").kid == "2fa62e150967"

    def test_a_token_lives_400_days_and_a_clock_may_be_a_minute_ahead(self) -> None:
        assert TOKEN_LIFETIME_SECONDS == 400 * 86_400
        assert CLOCK_SKEW_SECONDS == 60


class TestTokens:
    KEY = make_token_key("a secret that is long enough for HS256")

    def test_a_token_gives_back_the_voter(self) -> None:
        token = issue_token("A" * 22, "demo", self.KEY, START)
        assert token.expires_at == START + TOKEN_LIFETIME_SECONDS
        for now in (START, START - 59, token.expires_at - 1):
            assert read_token(token.token, "demo", {self.KEY.kid: self.KEY}.get, now).voter_id == "A" * 22

    @pytest.mark.parametrize("issued_at", [1, START, 4_000_000_000])
    def test_its_times_are_compared_with_the_given_time_and_not_with_a_clock(self, issued_at: int) -> None:
        token = issue_token("A" * 22, "demo", self.KEY, issued_at).token
        for now in (issued_at - CLOCK_SKEW_SECONDS, issued_at, issued_at + TOKEN_LIFETIME_SECONDS - 1):
            assert read_token(token, "demo", {self.KEY.kid: self.KEY}.get, now).voter_id == "A" * 22
        for now in (issued_at - CLOCK_SKEW_SECONDS - 1, issued_at + TOKEN_LIFETIME_SECONDS):
            with pytest.raises(InvalidToken):
                read_token(token, "demo", {self.KEY.kid: self.KEY}.get, now)

    def test_its_claims_are_those_of_rfc_7519(self) -> None:
        token = issue_token("A" * 22, "demo", self.KEY, START).token
        claims = jwt.decode(token, options={"verify_signature": False})
        assert claims == {"sub": "A" * 22, "aud": "demo", "iat": START, "exp": START + TOKEN_LIFETIME_SECONDS}
        assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT", "kid": self.KEY.kid}

    @pytest.mark.parametrize("now", [START - 61, START + TOKEN_LIFETIME_SECONDS])
    def test_a_token_is_refused_outside_its_time(self, now: int) -> None:
        token = issue_token("A" * 22, "demo", self.KEY, START).token
        with pytest.raises(InvalidToken):
            read_token(token, "demo", {self.KEY.kid: self.KEY}.get, now)

    def test_two_keys_are_accepted_at_a_time(self) -> None:
        newer = make_token_key("another secret, also long enough for HS256")
        keys = {key.kid: key for key in (self.KEY, newer)}
        for key in (self.KEY, newer):
            assert (
                read_token(issue_token("B" * 22, "demo", key, START).token, "demo", keys.get, START).voter_id
                == "B" * 22
            )

    def test_one_voter_has_unrelated_keys_on_two_articles(self) -> None:
        keys = {voter_key(b"pepper", ref, "voter") for ref in (A, B, ArticleRef("other", "a"))}
        assert len(keys) == 3
        assert voter_key(b"pepper", A, "voter") in keys
        assert voter_key(b"other pepper", A, "voter") not in keys

    def test_voter_keys_spread_evenly_over_the_partitions(self) -> None:
        number = 16_000
        spread = Counter(vote_partition(voter_key(b"pepper", A, f"voter-{n}")) for n in range(number))
        assert set(spread) == set(range(VOTE_PARTITIONS))
        expected = number / VOTE_PARTITIONS
        chi_squared = sum((count - expected) ** 2 / expected for count in spread.values())
        assert chi_squared < 37.7  # 15 degrees of freedom, p = 0.001; the voters are fixed, so this never flickers


def forged(**claims: object) -> str:
    """A token that our own key signed, with other claims than ours."""
    key = TestTokens.KEY
    made = {"sub": "A" * 22, "aud": "demo", "iat": START, "exp": START + 9, **claims}
    return jwt.encode(made, key.secret, algorithm="HS256", headers={"kid": key.kid})


@pytest.mark.parametrize(
    "claims",
    [
        {"iat": float(START)}, {"exp": START + 9.5}, {"iat": str(START)}, {"exp": str(START + 9)}, {"aud": ["demo"]},
        {"sub": "short"}, {"sub": "A" * 23}, {"iat": START + 61}, {"exp": START},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_of_our_key_must_have_claims_of_our_form(claims: dict[str, object]) -> None:
    keys = {TestTokens.KEY.kid: TestTokens.KEY}
    assert read_token(forged(), "demo", keys.get, START).voter_id == "A" * 22
    with pytest.raises(InvalidToken):
        read_token(forged(**claims), "demo", keys.get, START)

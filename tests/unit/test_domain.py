"""The small rules: ballots, sites, articles, tallies, voters."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import InvalidReadKey, InvalidToken, InvalidValue
from chalicelib.insights.site_totals import HOUR_PARTS, hour_part
from chalicelib.publishing.articles import ArticleRef, parse_article_id, parse_article_ids, parse_title, parse_url
from chalicelib.publishing.ballots import KINDS, make_ballot
from chalicelib.publishing.read_keys import hash_read_key, make_read_key, parse_label
from chalicelib.publishing.sites import parse_origin, parse_site_id, parse_star_prior
from chalicelib.voting.tallies import EMPTY_TALLY, Tally, add_up
from chalicelib.voting.voters import (
    TOKEN_LIFETIME_SECONDS,
    VOTE_PARTITIONS,
    issue_token,
    make_token_key,
    read_token,
    vote_partition,
    voter_key,
)
from tests.support.fakes import START

A, B = ArticleRef("demo", "a"), ArticleRef("demo", "b")


class TestBallots:
    def test_each_kind_has_its_choices(self) -> None:
        assert make_ballot("like").choices == ("like",)
        assert make_ballot("updown").choices == ("up", "down")
        assert make_ballot("stars").choices == ("1", "2", "3", "4", "5")
        assert make_ballot("reactions", ["wow", "sad"]).choices == ("wow", "sad")

    @pytest.mark.parametrize(
        ("kind", "choices"),
        [
            ("thumbs", []), ("", []), ("like", ["love"]), ("reactions", []), ("reactions", ["one"]),
            ("reactions", ["same", "same"]), ("reactions", [f"c{n}" for n in range(13)]), ("reactions", ["ok", "No"]),
            ("reactions", ["ok", ""]), ("reactions", ["ok", "x" * 33]), ("reactions", ["ok", "a-b"]),
        ],
    )  # fmt: skip
    def test_other_ballots_are_refused(self, kind: str, choices: list[str]) -> None:
        with pytest.raises(InvalidValue):
            make_ballot(kind, choices)

    def test_two_and_twelve_reactions_are_allowed(self) -> None:
        for number in (2, 12):
            assert len(make_ballot("reactions", [f"c{n}" for n in range(number)]).choices) == number

    def test_a_choice_is_taken_only_from_its_own_ballot(self) -> None:
        for kind in KINDS[:-1]:
            ballot = make_ballot(kind)
            assert [ballot.parse_choice(choice) for choice in ballot.choices] == list(ballot.choices)
            with pytest.raises(InvalidValue) as refused:
                ballot.parse_choice("sideways")
            assert refused.value.field == "choice"


class TestIds:
    @pytest.mark.parametrize("site", ["a", "0", "a-b", "a" * 63, "news-24"])
    def test_sites(self, site: str) -> None:
        assert parse_site_id(site) == site

    @pytest.mark.parametrize("article", ["a", "0", "A.b_c~d:e-f", "a" * 128])
    def test_articles(self, article: str) -> None:
        assert parse_article_id(article) == article

    @given(st.text())
    def test_whatever_is_taken_is_safe_in_a_key(self, text: str) -> None:
        for parse in (parse_site_id, parse_article_id):
            try:
                taken = parse(text)
            except InvalidValue:
                continue
            assert taken.isascii()
            assert not set(taken) & set("#,/ \n\0")

    def test_lists_keep_order_and_repeats(self) -> None:
        assert parse_article_ids("b,a,b") == ["b", "a", "b"]

    @pytest.mark.parametrize("origin", ["https://news.example", "http://localhost:8000"])
    def test_origins(self, origin: str) -> None:
        assert parse_origin(origin) == origin

    @pytest.mark.parametrize("origin", ["", "*", "null", "news.example", "https://news.example/", "https://A.example"])
    def test_what_is_no_origin(self, origin: str) -> None:
        with pytest.raises(InvalidValue):
            parse_origin(origin)


class TestTallies:
    def test_nothing_adds_up_to_the_empty_tally(self) -> None:
        assert add_up([]) == EMPTY_TALLY

    @given(st.lists(st.builds(Tally, st.dictionaries(st.sampled_from("abc"), st.integers(0, 9)), st.integers(1, 9))))
    def test_shards_add_up_in_any_order(self, shards: list[Tally]) -> None:
        total = add_up(shards)
        expected = Counter[str]()
        for shard in shards:
            expected.update(shard.counts)
        assert Counter(total.counts) == expected
        assert total.version == sum(shard.version for shard in shards)
        assert total == add_up(reversed(shards))

    def test_the_latest_change_is_the_tallys(self) -> None:
        assert add_up([Tally({}, 1, 5), Tally({}, 1), Tally({}, 1, 7), Tally({}, 1, 6)]).updated_at == 7


class TestVoters:
    KEY = make_token_key("a secret that is long enough for HS256")

    def test_a_token_gives_back_the_voter(self) -> None:
        token = issue_token("A" * 22, "demo", self.KEY, START)
        assert token.expires_at == START + TOKEN_LIFETIME_SECONDS
        for now in (START, START - 59, token.expires_at - 1):
            assert read_token(token.token, "demo", {self.KEY.kid: self.KEY}.get, now) == "A" * 22

    @pytest.mark.parametrize("now", [START - 61, START + TOKEN_LIFETIME_SECONDS])
    def test_a_token_is_refused_outside_its_time(self, now: int) -> None:
        token = issue_token("A" * 22, "demo", self.KEY, START).token
        with pytest.raises(InvalidToken):
            read_token(token, "demo", {self.KEY.kid: self.KEY}.get, now)

    def test_two_keys_are_accepted_at_a_time(self) -> None:
        newer = make_token_key("another secret, also long enough for HS256")
        keys = {key.kid: key for key in (self.KEY, newer)}
        for key in (self.KEY, newer):
            assert read_token(issue_token("B" * 22, "demo", key, START).token, "demo", keys.get, START) == "B" * 22

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


class TestInsights:
    @pytest.mark.parametrize("raw", ["3.4:20", "1:0.5", "5:100000", "2.125:3"])
    def test_a_prior_of_stars_is_a_mean_and_a_weight(self, raw: str) -> None:
        prior = parse_star_prior(raw)
        assert f"{prior.mean:g}:{prior.weight:g}" == raw

    @pytest.mark.parametrize(
        "raw", ["", "3", "3:", ":3", "0.9:3", "5.1:3", "3:0", "3:-1", "nan:1", "3:inf", "3,4:20", "3:1e3", "٣:١"]
    )
    def test_what_is_no_prior_is_refused(self, raw: str) -> None:
        with pytest.raises(InvalidValue):
            parse_star_prior(raw)

    @pytest.mark.parametrize(
        "raw", ["https://news.example/a", "http://x", "https://news.example/ä?b=%20#c", "https://x/" + "a" * 2000]
    )
    def test_addresses_of_the_web_are_taken(self, raw: str) -> None:
        assert parse_url(raw) == raw

    @pytest.mark.parametrize(
        "raw",
        ["", "news.example", "javascript:alert(1)", "ftp://x/", "https://", "https://a b", 'https://a"b', "https://a<b", "https://x/\udcff",
         "https://x/\uffff", "https://x/\x00", "https://[/", "https://x/" + "a" * 2050, "HTTPS://x", " https://x", "data:text/html,x"],
    )  # fmt: skip
    def test_other_addresses_are_not(self, raw: str) -> None:
        with pytest.raises(InvalidValue):
            parse_url(raw)

    @pytest.mark.parametrize("raw", ["", " ", "a\nb", "\x00", "a\udcff", "\uffff", "x" * 301, "\x85"])
    def test_titles_that_cannot_be_shown_are_refused(self, raw: str) -> None:
        with pytest.raises(InvalidValue):
            parse_title(raw)

    def test_a_key_is_known_by_its_hash_and_other_texts_are_no_keys(self) -> None:
        raw = make_read_key("k" * 43)
        assert len(hash_read_key(raw)) == 64
        assert raw not in hash_read_key(raw)
        for other in ("", "avk_", raw + "x", raw[:-1], raw.upper(), f" {raw}", raw + "\n", "avk_" + "é" * 43):
            with pytest.raises(InvalidReadKey):
                hash_read_key(other)

    @pytest.mark.parametrize("raw", ["", "x" * 65, "a\nb", "\x7f"])
    def test_labels_of_keys_are_short_and_printable(self, raw: str) -> None:
        with pytest.raises(InvalidValue):
            parse_label(raw)

    def test_the_articles_of_a_site_are_spread_over_all_parts_of_its_hours(self) -> None:
        assert {hour_part(f"article-{number}") for number in range(500)} == set(range(HOUR_PARTS))

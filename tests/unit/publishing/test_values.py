"""What publishers type in: ids, ballots, origins, addresses, titles, priors, and read keys."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import InvalidKey, InvalidValue
from chalicelib.insights.leaderboards import ORDERS
from chalicelib.publishing.articles import ArticleRef, parse_article_id, parse_article_ids, parse_title, parse_url
from chalicelib.publishing.ballots import KINDS, make_ballot
from chalicelib.publishing.keys import hash_key, make_key, parse_label
from chalicelib.publishing.sites import Budget, parse_budget, parse_origin, parse_site_id, parse_star_prior
from chalicelib.publishing.wire import BallotBody

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

    def test_every_kind_is_known_to_leaderboards_and_to_answers(self) -> None:
        assert set(ORDERS) == set(KINDS)
        assert set(get_args(BallotBody.model_fields["kind"].annotation)) == set(KINDS)

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


class TestPriorsAddressesTitlesAndKeys:
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
        raw = make_key("k" * 43)
        assert len(hash_key(raw)) == 64
        assert raw not in hash_key(raw)
        for other in ("", "avk_", raw + "x", raw[:-1], raw.upper(), f" {raw}", raw + "\n", "avk_" + "é" * 43):
            with pytest.raises(InvalidKey):
                hash_key(other)

    @pytest.mark.parametrize("raw", ["", "x" * 65, "a\nb", "\x7f"])
    def test_labels_of_keys_are_short_and_printable(self, raw: str) -> None:
        with pytest.raises(InvalidValue):
            parse_label(raw)


class TestBudget:
    @pytest.mark.parametrize(("raw", "budget"), [("60:3000", Budget(60, 3000)), ("1:1", Budget(1, 1))])
    def test_two_numbers_are_a_budget(self, raw: str, budget: Budget) -> None:
        assert parse_budget(raw) == budget

    @pytest.mark.parametrize("raw", ["", "60", "60:", "0:5", "6:5", "5:1000001", "-1:5", "1.5:9", "1:2:3", " 1:2"])
    def test_everything_else_is_refused_by_its_name(self, raw: str) -> None:
        with pytest.raises(InvalidValue) as refused:
            parse_budget(raw)
        assert (refused.value.field or "").replace("-", "_") == "new_voters"

"""Exclusions: which votes a rule matches, and the routes, on the handlers over fakes."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.admission.provenance import provenance_of, read_provenance
from chalicelib.deadlines import Clock
from chalicelib.errors import Unavailable
from chalicelib.http.wire import timestamp
from chalicelib.metrics import Metrics
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.keys import hash_key
from chalicelib.services import Services
from chalicelib.trust.exclusion_wire import ExclusionAnswer, ExclusionsBody
from chalicelib.trust.exclusions import Rule
from chalicelib.trust.schedule import finish_all_exclusions
from chalicelib.trust.states import HOUR, MOST_HOURS
from chalicelib.voting.applying import apply
from chalicelib.voting.votes import Vote, Wish
from tests.support import fakes
from tests.support.counting import counted
from tests.support.fakes import START, MemoryStore, patient
from tests.support.gateway import Answer, send
from tests.support.keys import ADMIN, FOREIGN, READ, WRITE, issue, with_key
from tests.support.refusals import refuses

REF = ArticleRef("demo", "ferry")
URL = "/v1/sites/demo/exclusions"
TALLY = "/v1/sites/demo/articles/ferry/tally"
NOON = START - START % HOUR
BODY = {"article": "ferry", "first_hour": timestamp(NOON), "last_hour": timestamp(NOON)}
PROVENANCE = provenance_of(b"salt", "demo", "ferry", "192.0.2.7", 5)
ADDRESS, NEIGHBOURS = read_provenance(PROVENANCE).marks  # type: ignore[union-attr]  # it has two
VOTE = Vote("down", 1, 0, NOON, NOON, provenance=PROVENANCE)
RULE = Rule("ferry", NOON, NOON)
TAKEN = {"kq3x7abc.1"}


@pytest.fixture(autouse=True)
def keys(services: Services, store: MemoryStore) -> None:
    for raw, scope in ((ADMIN, "admin"), (WRITE, "write"), (READ, "read")):
        issue(store, raw, scope)  # type: ignore[arg-type]  # the three scopes
    for number in range(6):
        choice, address = ("down", "192.0.2.7") if number < 4 else ("up", f"198.51.100.{number}")
        provenance = provenance_of(b"salt", "demo", "ferry", address, 5)
        wish = Wish(REF, f"reader-{number}", choice, None, START, provenance=provenance)
        apply(store, wish, patient(), registered_only=False)


def post(**body: Any) -> Answer:
    return with_key("POST", URL, ADMIN, {**BODY, **body})


def counts() -> dict[str, int]:
    found: dict[str, int] = send("GET", TALLY).json()["counts"]
    return found


class TestRules:
    @pytest.mark.parametrize(
        "rule",
        [
            RULE,
            replace(RULE, choice="down"),
            replace(RULE, token_age="minute"),
            replace(RULE, mark=ADDRESS),
            replace(RULE, mark=NEIGHBOURS),
            Rule("ferry", NOON - 5 * HOUR, NOON + HOUR, ADDRESS, "minute", "down"),
        ],
    )
    def test_a_vote_that_has_everything_that_a_rule_says_matches(self, rule: Rule) -> None:
        assert rule.matches(VOTE, 0, TAKEN)

    @pytest.mark.parametrize(
        "rule",
        [
            replace(RULE, choice="up"),
            replace(RULE, token_age="hour"),
            replace(RULE, mark=b"another"),
            Rule("ferry", NOON + HOUR, NOON + 2 * HOUR),
            Rule("ferry", NOON - 2 * HOUR, NOON - HOUR),
        ],
    )
    def test_a_vote_that_lacks_one_thing_does_not(self, rule: Rule) -> None:
        assert not rule.matches(VOTE, 0, TAKEN)

    @pytest.mark.parametrize(
        "vote", [replace(VOTE, choice=None), replace(VOTE, epoch=1), replace(VOTE, exclusion="kq3x7abc.1")]
    )
    def test_votes_that_do_not_count_or_are_excluded_are_left_alone(self, vote: Vote) -> None:
        assert not RULE.matches(vote, 0, TAKEN)

    def test_a_vote_with_the_name_of_an_exclusion_that_is_undone_matches(self) -> None:
        assert RULE.matches(replace(VOTE, exclusion="kq3x7abc.0"), 0, TAKEN)

    def test_of_a_vote_that_does_not_know_where_it_came_from_only_time_and_choice_are_asked(self) -> None:
        vote = replace(VOTE, provenance=b"")
        assert RULE.matches(vote, 0, TAKEN)
        assert not replace(RULE, token_age="older").matches(vote, 0, TAKEN)
        assert not replace(RULE, mark=ADDRESS).matches(vote, 0, TAKEN)

    RULES = st.builds(
        Rule,
        st.sampled_from(["a", "b"]),
        st.integers(0, 2),
        st.integers(0, 2),
        st.sampled_from([None, b"mark-a", b"mark-b"]),
        st.sampled_from([None, "minute", "hour"]),
        st.sampled_from([None, "up", "down"]),
    )

    @given(RULES, RULES)
    def test_the_same_rule_has_the_same_id_and_another_one_another(self, one: Rule, other: Rule) -> None:
        assert (one.id == other.id) == (one == other)


class TestRoutes:
    def test_a_preview_says_what_would_be_and_changes_nothing(self) -> None:
        answer = ExclusionAnswer.model_validate_json(post(mark=mark_of(ADDRESS), preview=True).text)
        assert (answer.exclusion.state, answer.exclusion.exclusion) == ("preview", None)
        assert (answer.exclusion.votes, answer.counts, answer.complete) == ({"down": 4}, {"up": 2, "down": 0}, True)
        assert counts() == {"up": 2, "down": 4}

    def test_votes_are_excluded_listed_and_restored(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level("INFO", "article-votes.trust")
        answer = ExclusionAnswer.model_validate_json(post(mark=mark_of(ADDRESS)).text)
        one = answer.exclusion
        assert (one.state, one.votes, answer.counts) == ("active", {"down": 4}, {"up": 2, "down": 0})
        assert counts() == answer.counts
        listed = ExclusionsBody.model_validate_json(with_key("GET", URL, ADMIN).text)
        assert listed.exclusions == [one]
        assert one.made_by == issue_id(ADMIN)
        undone = ExclusionAnswer.model_validate_json(with_key("DELETE", f"{URL}/{one.exclusion}", ADMIN).text)
        assert (undone.exclusion.state, undone.exclusion.ended_by) == ("restored", issue_id(ADMIN))
        assert counts() == undone.counts == {"up": 2, "down": 4}
        assert [one.getMessage() for one in caplog.records if one.name == "article-votes.trust"] == [
            f"exclusion {one.exclusion}.1 of demo: {what} by key {issue_id(ADMIN)}" for what in ("applied", "undone")
        ]

    @pytest.mark.parametrize("preview", [True, False])
    def test_an_article_that_nobody_knows_is_refused_and_nothing_is_stored(
        self, preview: bool, services: Services
    ) -> None:
        refuses(post(article="unseen", preview=preview), 404, "article")
        assert services.stores.exclusions().exclusions("demo", patient()) == []

    def test_excluded_votes_are_suspected_no_more(self) -> None:
        post(choice="down")
        found = with_key("GET", "/v1/sites/demo/articles/ferry/suspicions", ADMIN).json()
        assert found["counts"] == {"up": 2, "down": 0}

    def test_what_takes_too_long_goes_on_by_itself(
        self, services: Services, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def no_answer(*_: Any) -> Any:
            raise Unavailable("The table does not answer.")

        metrics, clock = Metrics(), Clock(fakes.Clock().now, fakes.Clock().monotonic)
        stores = services.stores
        with monkeypatch.context() as patch:
            patch.setattr(store, "votes_in_partition", no_answer)
            answer = post(choice="down").json()
            assert (answer["exclusion"]["state"], answer["complete"]) == ("applying", False)
            assert post(choice="up", preview=True).json()["complete"] is False
            finish_all_exclusions(stores.votes, stores.exclusions(), clock, metrics)
            assert counted(metrics) == {"failed_exclusions": 1}
        assert counts() == {"up": 2, "down": 4}
        finish_all_exclusions(stores.votes, stores.exclusions(), clock, metrics)
        assert counts() == {"up": 2, "down": 0}
        assert counted(metrics) == {"finished_exclusions": 1}

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("first_hour", "2026-01-31"),
            ("first_hour", timestamp(NOON + 1)),
            ("first_hour", "0000-01-01T00:00:00Z"),
            ("last_hour", timestamp(NOON + 1800)),
            ("last_hour", timestamp(NOON - HOUR)),
            ("last_hour", timestamp(NOON + MOST_HOURS * HOUR)),
            ("article", "-"),
            ("article", None),
            ("mark", "short"),
            ("mark", "\u00e9" * 8),
            ("mark", 7),
            ("token_age", "week"),
            ("choice", "love"),
            ("choice", "UP!"),
            ("preview", "yes"),
            ("reason", "a bot"),
        ],
    )
    def test_bad_values_are_refused_with_their_names_and_nothing_is_stored(
        self, field: str, value: object, services: Services
    ) -> None:
        refuses(post(**{field: value}), 422, field)
        assert services.stores.exclusions().exclusions("demo", patient()) == []
        assert counts() == {"up": 2, "down": 4}

    @pytest.mark.parametrize("field", ["article", "first_hour", "last_hour"])
    def test_what_is_needed_and_missing_is_named(self, field: str) -> None:
        body = {name: value for name, value in BODY.items() if name != field}
        refuses(with_key("POST", URL, ADMIN, body), 422, field)

    @pytest.mark.parametrize(("bad", "status"), [("nothing!", 422), ("aaaaaaaa", 404), ("AAAAAAAA", 422)])
    def test_an_exclusion_that_is_not_there_cannot_be_undone(self, bad: str, status: int) -> None:
        refuses(with_key("DELETE", f"{URL}/{bad}", ADMIN), status, "exclusion")

    @pytest.mark.parametrize(("method", "path"), [("GET", ""), ("POST", ""), ("DELETE", "/aaaaaaaa")])
    @pytest.mark.parametrize(("key", "status"), [(READ, 403), (WRITE, 403), (FOREIGN, 401)])
    def test_only_an_admin_key_of_the_site_may(self, method: str, path: str, key: str, status: int) -> None:
        assert with_key(method, URL + path, key, BODY if method == "POST" else None).status == status


def mark_of(mark: bytes) -> str:
    return base64.urlsafe_b64encode(mark).decode()


def issue_id(raw: str) -> str:
    return hash_key(raw)[:12]

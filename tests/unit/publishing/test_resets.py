"""Articles whose votes are reset over HTTP."""

from __future__ import annotations

import uuid

import pytest

from chalicelib.publishing.article_wire import ResetBody
from chalicelib.publishing.articles import ArticleRef
from chalicelib.services import Services
from chalicelib.voting.applying import apply
from chalicelib.voting.votes import Wish
from tests.support.articles import ARTICLE, SITE, TALLY, VOTE
from tests.support.fakes import START, MemoryStore, patient
from tests.support.forms import has_form
from tests.support.gateway import send
from tests.support.insights import Cast
from tests.support.keys import READ, WRITE, with_key
from tests.support.stream import project_all

pytestmark = pytest.mark.usefixtures("keys")


class TestReset:
    RESET = f"{ARTICLE}/reset"

    def test_the_count_begins_again_and_the_reader_may_vote_again(self, token: str) -> None:
        for choice in ("up", "down"):
            send("PUT", VOTE, {"choice": choice}, {"Idempotency-Key": str(uuid.uuid4())}, token=token)
        answer = with_key("POST", self.RESET, WRITE)
        assert has_form(answer, ResetBody) == {"article": "a", "epoch": 1, "version": 1}
        assert send("GET", TALLY).json()["counts"] == {"up": 0, "down": 0}
        mine = send("GET", VOTE, token=token)
        assert (mine.json()["vote"]["choice"], mine.headers["etag"]) == (None, '"3"')
        assert send("GET", f"{SITE}/votes?articles=a,b", token=token).json()["votes"][0]["choice"] is None
        late = send("PUT", VOTE, {"choice": "up"}, {"If-Match": '"2"'}, token=token)
        assert (late.status, late.json()["vote"]) == (412, mine.json()["vote"])
        again = send("PUT", VOTE, {"choice": "up"}, {"If-Match": '"3"'}, token=token)
        assert (again.status, again.json()["tally"]["counts"], again.headers["etag"]) == (
            201,
            {"up": 1, "down": 0},
            '"4"',
        )
        assert send("GET", f"{SITE}/votes?articles=a,b", token=token).json()["votes"][0]["choice"] == "up"

    def test_the_same_request_again_resets_nothing(self, token: str) -> None:
        key = {"Idempotency-Key": str(uuid.uuid4())}
        first = with_key("POST", self.RESET, WRITE, headers=key)
        send("PUT", VOTE, {"choice": "up"}, token=token)
        again = with_key("POST", self.RESET, WRITE, headers=key)
        assert (again.status, again.json()) == (200, first.json())
        assert send("GET", TALLY).json()["voters"] == 1
        assert with_key("POST", self.RESET, WRITE).json()["epoch"] == 2

    def test_a_read_key_and_a_bad_key_of_a_request_reset_nothing(self, token: str) -> None:
        send("PUT", VOTE, {"choice": "up"}, token=token)
        assert with_key("POST", self.RESET, READ).json()["code"] == "scope_too_low"
        bad = with_key("POST", self.RESET, WRITE, headers={"Idempotency-Key": "x"})
        assert (bad.status, bad.json()["field"]) == (400, "Idempotency-Key")
        assert send("GET", TALLY).json()["voters"] == 1

    def test_the_history_keeps_both_epochs_and_leaderboards_count_the_new_one(
        self, services: Services, store: MemoryStore, cast: Cast
    ) -> None:
        hour = 3600
        ref = ArticleRef("demo", "a")
        cast("a", {"up": 40}, START - 2 * hour)
        with_key("POST", self.RESET, WRITE)
        project_all(store, services.insights.store, ref)
        assert send("GET", f"{SITE}/tallies?articles=a").json()["tallies"][0]["voters"] == 0
        for voter in range(3):
            wish = Wish(ref, f"w{voter}", "down", f"r{voter}", START)
            apply(store, wish, patient(), registered_only=False)
        project_all(store, services.insights.store, ref)
        points = send("GET", f"{ARTICLE}/history").json()["points"]
        assert [(one["counts"], one["gained"]["counts"]) for one in points] == [
            ({"up": 40, "down": 0}, {"up": 40, "down": 0}), ({"up": 40, "down": 0}, {"up": 0, "down": 0}),
            ({"up": 0, "down": 3}, {"up": 0, "down": 3}),
        ]  # fmt: skip
        assert all(one >= 0 for one in send("GET", f"{SITE}/leaderboard").json()["entries"][0]["trend"]["values"])
        for window in ("hour", "day", "all"):
            (entry,) = send("GET", f"{SITE}/leaderboard?window={window}").json()["entries"]
            assert (entry["voters"], entry["counts"], entry["total"]) == (3, {"up": 0, "down": 3}, 3), window

    def test_nothing_of_an_old_epoch_comes_back_when_the_new_one_has_no_votes(
        self, services: Services, store: MemoryStore, cast: Cast
    ) -> None:
        hour, ref = 3600, ArticleRef("demo", "a")
        cast("a", {"up": 40}, START - 3 * hour)
        with_key("POST", self.RESET, WRITE)

        def state() -> tuple[int, list[int], int]:
            project_all(store, services.insights.store, ref)
            points = [one["voters"] for one in send("GET", f"{ARTICLE}/history").json()["points"]]
            boards = (send("GET", f"{SITE}/leaderboard?window={one}").json()["entries"] for one in ("day", "all"))
            return send("GET", TALLY).json()["voters"], points, sum(one["total"] for found in boards for one in found)

        assert state() == (0, [40, 40, 40, 0], 0)
        for choice in ("up", None):
            wish = Wish(ref, "w", choice, f"r{choice}", START)
            apply(store, wish, patient(), registered_only=False)
            assert state()[1][-1] == (1 if choice else 0)
        assert state() == (0, [40, 40, 40, 0], 0)

    def test_the_list_of_votes_says_the_same_as_each_vote(self, token: str) -> None:
        for method, body in (("PUT", {"choice": "up"}), ("DELETE", None)):
            send(method, VOTE, body, token=token)
        with_key("POST", self.RESET, WRITE)
        (listed,) = send("GET", f"{SITE}/votes?articles=a", token=token).json()["votes"]
        assert listed["version"] == send("GET", VOTE, token=token).json()["vote"]["version"] == 3

"""An alias on the deployed stack: a request that makes it, and the function of the schedule that ends a merge."""

from __future__ import annotations

import time

import pytest

from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.sites import Site
from chalicelib.voting.aliases import add_alias
from tests.e2e.service.test_operation import SCHEDULED, invoke
from tests.support.fakes import patient
from tests.support.http import fetch, until
from tests.support.keys import WRITE, issue
from tests.support.stack import Stack
from tests.support.tags import fresh


class Readers:
    """A site of its own with three readers: one voted on both ids, one on the old one, one on the new one."""

    def __init__(self, stack: Stack) -> None:
        self.site = fresh("moved")
        stack.table.put_site(Site(self.site, make_ballot("updown"), ranks="any", version=1), patient())
        issue(stack.table, WRITE, "write", self.site)
        self.url = f"{stack.api}/v1/sites/{self.site}"
        self.tokens = [fetch("POST", f"{self.url}/voters").json()["voter_token"] for _ in range(3)]
        for reader, article, choice in ((0, "old", "up"), (1, "old", "up"), (2, "new", "down"), (0, "new", "down")):
            answer = fetch("PUT", f"{self.url}/articles/{article}/vote", {"choice": choice}, token=self.tokens[reader])
            assert answer.status == 201, answer.text

    def counts(self, article: str) -> dict[str, int]:
        counts: dict[str, int] = fetch("GET", f"{self.url}/articles/{article}/tally").json()["counts"]
        return counts


@pytest.fixture
def readers(stack: Stack) -> Readers:
    return Readers(stack)


def test_both_ids_show_one_count_in_which_each_reader_is_counted_once(readers: Readers) -> None:
    answer = fetch("PUT", f"{readers.url}/articles/new/aliases/old", token=WRITE)
    assert (answer.status, answer.json()) == (200, {"alias": "old", "article": "new", "merged": True})
    assert readers.counts("old") == readers.counts("new") == {"up": 1, "down": 2}
    late = fetch("PUT", f"{readers.url}/articles/old/vote", {"choice": "down"}, token=readers.tokens[1])
    assert late.json()["tally"]["counts"] == {"up": 0, "down": 3}
    listed = until(
        "the projection",
        lambda: fetch("GET", f"{readers.url}/tallies?articles=old,new").json()["tallies"],
        lambda found: all(one["counts"] == {"up": 0, "down": 3} for one in found),
    )
    assert [one["article"] for one in listed] == ["old", "new"]
    board = until(
        "the leaderboard",
        lambda: fetch("GET", f"{readers.url}/leaderboard?window=all", token=WRITE).json()["entries"],
        lambda found: [(one["article"], one["voters"]) for one in found] == [("new", 3)],
    )
    assert board[0]["counts"] == {"up": 0, "down": 3}


def test_a_merge_that_no_request_finished_is_finished_by_the_schedule(stack: Stack, readers: Readers) -> None:
    add_alias(stack.table, ArticleRef(readers.site, "new"), "old", int(time.time()), patient())
    assert readers.counts("old") == {"up": 0, "down": 2}, "what is not merged does not count yet"
    invoke(stack, "merges", SCHEDULED)
    # The emulator's own schedule may be at it at this moment, and ends soon.
    until("the merge", lambda: readers.counts("old"), lambda counts: counts == {"up": 1, "down": 2})

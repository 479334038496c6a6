"""The use cases of voting, over a store that says what it was asked."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import pytest

from chalicelib.deadlines import Deadline
from chalicelib.errors import UnknownArticle, VotingClosed
from chalicelib.metrics import Metrics
from chalicelib.preconditions import ANY, Precondition
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.key_directory import KeyDirectory
from chalicelib.publishing.registering import register
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.publishing.sites import Site
from chalicelib.voting.applying import apply
from chalicelib.voting.commits import CommitResult, Conflict
from chalicelib.voting.tallies import Tally
from chalicelib.voting.use_cases import Declaration, Voter, Voting
from chalicelib.voting.voters import vote_partition
from chalicelib.voting.votes import Vote, VoteHasChanged, Wish, never_voted
from tests.support.fake_networks import a_gate_and_its_salts
from tests.support.fakes import START, MemoryKeyring, MemoryStore, patient

REF = ArticleRef("demo", "a")
DEMO = Site("demo", make_ballot("updown"))
KEY = "0d9e8c1e-5c0f-4c3e-9d5f-2b6a7c1f0e11"
CLOSED = Article(REF, "T", "https://news.example", closes_at=START)


class Recording(MemoryStore):
    """Remembers the consistent reads of tallies, the reads of votes, and what was committed."""

    def __init__(self) -> None:
        super().__init__()
        self.put_site(DEMO, patient())
        self.consistent: list[bool] = []
        self.reads = 0
        self.committed: list[Any] = []

    def tally(self, ref: ArticleRef, deadline: Deadline, *, consistent: bool) -> Tally:
        self.consistent.append(consistent)
        return super().tally(ref, deadline, consistent=consistent)

    def vote(self, ref: ArticleRef, voter_key: str, deadline: Deadline) -> Vote:
        self.reads += 1
        return super().vote(ref, voter_key, deadline)

    def commit(self, *arguments: Any, **named: Any) -> CommitResult:
        result = super().commit(*arguments, **named)
        self.committed.append((arguments[2], result))
        return result


@pytest.fixture
def recording() -> Recording:
    return Recording()


@pytest.fixture
def voting(recording: Recording) -> Voting:
    sites, keys = SiteDirectory(recording, lambda: 0.0), KeyDirectory(recording, lambda: 0.0)
    return Voting(sites, keys, recording, MemoryKeyring(), *a_gate_and_its_salts(), lambda: "n" * 22, Metrics())


VOTER = Voter(DEMO, "A" * 22)
NOT_VERSION_0 = Precondition(none_match=frozenset({0}))


def declared(choice: str | None, **more: Any) -> Declaration:
    return Declaration(choice, START, **more)


class TestOrder:
    """A wish is ordered if its request has a key or a precondition. Only ordered wishes leave a fence."""

    @pytest.mark.parametrize(
        ("more", "fenced"),
        [
            ({}, False),
            ({"idempotency_key": KEY}, True),
            ({"precondition": Precondition(match=frozenset({1}))}, True),
            ({"precondition": Precondition(none_match=frozenset({7}))}, True),
            ({"idempotency_key": KEY, "precondition": Precondition(match=ANY)}, True),
        ],
    )
    def test_a_key_alone_or_a_precondition_alone_orders_a_wish(
        self, voting: Voting, more: dict[str, Any], fenced: bool
    ) -> None:
        voting.set_vote(VOTER, "a", declared("up"), patient())
        again = voting.set_vote(VOTER, "a", declared("up", **more), patient())
        assert (again.vote.version, again.changed, again.first) == (2 if fenced else 1, False, False)

    def test_without_a_key_nothing_is_remembered_of_a_wish(self, voting: Voting) -> None:
        assert voting.set_vote(VOTER, "a", declared("up"), patient()).vote.receipts == ()
        (receipt,) = voting.set_vote(VOTER, "a", declared("down", idempotency_key=KEY), patient()).vote.receipts
        assert receipt.endswith(":down")


class TestReads:
    def test_the_tally_after_a_vote_is_read_consistently_and_the_public_one_is_not(
        self, voting: Voting, recording: Recording
    ) -> None:
        voting.tally_if_in_time(DEMO, "a", patient())
        voting.tally(DEMO, "a", patient())
        assert recording.consistent == [True, False]

    @pytest.mark.parametrize(
        ("choice", "precondition", "reads"),
        [
            ("up", Precondition(), 0),
            (None, Precondition(), 1),
            ("up", Precondition(match=ANY), 1),
            ("up", Precondition(match=frozenset({3})), 1),
            ("up", Precondition(match=frozenset({0, 3})), 0),
            ("up", Precondition(none_match=ANY), 0),
            ("up", Precondition(none_match=frozenset({0})), 1),
        ],
    )
    def test_the_vote_is_read_first_only_if_the_wish_needs_one(
        self, voting: Voting, recording: Recording, choice: str | None, precondition: Precondition, reads: int
    ) -> None:
        with contextlib.suppress(VoteHasChanged):
            voting.set_vote(VOTER, "a", declared(choice, precondition=precondition), patient())
        assert recording.reads == reads

    def test_a_refused_precondition_shows_the_stored_vote_and_never_an_assumed_one(self, voting: Voting) -> None:
        voting.set_vote(VOTER, "a", declared("up"), patient())
        changed = voting.set_vote(VOTER, "a", declared("down", precondition=NOT_VERSION_0), patient())
        assert (changed.vote.choice, changed.vote.version) == ("down", 2)
        both = Precondition(match=frozenset({0, 1}), none_match=frozenset({0}))
        with pytest.raises(VoteHasChanged) as refused:
            voting.set_vote(VOTER, "a", declared("up", precondition=both), patient())
        assert (refused.value.vote.choice, refused.value.version, refused.value.field) == ("down", 2, "If-Match")
        with pytest.raises(VoteHasChanged) as first:
            voting.set_vote(VOTER, "b", declared("up", precondition=NOT_VERSION_0), patient())
        assert (first.value.version, first.value.field) == (0, "If-None-Match")

    def test_repeated_articles_are_asked_for_once_and_answered_as_often_as_asked(
        self, voting: Voting, recording: Recording
    ) -> None:
        asked: list[Sequence[Any]] = []
        real = recording.votes
        recording.votes = lambda keys, deadline: asked.append(keys) or real(keys, deadline)  # type: ignore[func-returns-value, method-assign, assignment]
        voting.set_vote(VOTER, "b", declared("up"), patient())
        found = voting.votes(VOTER, ["b", "a", "b"], patient())
        assert [vote.choice for vote in found] == ["up", None, "up"]
        assert [ref.article for ref, _ in asked[0]] == ["b", "a"]

    def test_a_voters_first_vote_and_its_own_key_and_shard(self, voting: Voting, recording: Recording) -> None:
        outcome = voting.set_vote(VOTER, "a", declared("up"), patient())
        assert (outcome.first, outcome.changed) == (True, True)
        assert voting.vote_and_tally(VOTER, "a", patient())[0] == outcome.vote
        assert outcome.vote.shard in recording.shards(REF, patient())


class TestConflicts:
    def test_a_conflict_is_decided_again_on_the_vote_that_was_found(self, recording: Recording) -> None:
        apply(recording, Wish(REF, "v", "up", None, START), patient(), registered_only=False)
        outcome = apply(recording, Wish(REF, "v", "down", None, START + 5), patient(), registered_only=False)
        (_, first), (change, _), (_, _) = recording.committed[0], recording.committed[1], recording.committed[2]
        assert change.replaces == 0
        assert isinstance(recording.committed[1][1], Conflict)
        assert recording.committed[2][0].replaces == 1
        assert (outcome.vote.version, outcome.vote.cast_at, outcome.first) == (2, START - START % 3600, False)
        assert first is not None

    def test_as_many_conflicts_as_there_are_lead_to_one_change(self) -> None:
        class Contended(MemoryStore):
            left = 5

            def commit(self, *arguments: Any, **named: Any) -> CommitResult:
                if self.left:
                    self.left -= 1
                    return Conflict(never_voted(vote_partition("v")))
                return super().commit(*arguments, **named)

        store = Contended()
        outcome = apply(store, Wish(REF, "v", "up", None, START), patient(), registered_only=False)
        assert (outcome.changed, outcome.vote.version) == (True, 1)
        assert store.tally(REF, patient(), consistent=True).counts == {"up": 1}

    def test_a_precondition_is_judged_again_after_a_conflict(self, recording: Recording) -> None:
        apply(recording, Wish(REF, "v", "up", None, START), patient(), registered_only=False)
        wish = Wish(REF, "v", "down", None, START, ordered=True, precondition=Precondition(none_match=ANY))
        with pytest.raises(VoteHasChanged) as refused:
            apply(recording, wish, patient(), registered_only=False)
        assert (refused.value.vote.choice, refused.value.version, refused.value.field) == ("up", 1, "If-None-Match")


class TestRefusals:
    def test_a_closed_article_says_that_voting_is_closed_also_where_articles_are_registered(
        self, recording: Recording
    ) -> None:
        register(recording, CLOSED, 1, patient())
        for registered_only in (False, True):
            with pytest.raises(VotingClosed):
                apply(recording, Wish(REF, "v", "up", None, START), patient(), registered_only=registered_only)

    def test_an_unregistered_article_is_named(self, recording: Recording) -> None:
        with pytest.raises(UnknownArticle) as refused:
            apply(recording, Wish(REF, "v", "up", None, START), patient(), registered_only=True)
        assert refused.value.field == "article"
        assert "article a" in refused.value.detail

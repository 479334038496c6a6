"""The decision: what a wish does to a vote. Pure, so it can be tried from every side."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import IdempotencyKeyReused, TooManyVotes, VotingError
from chalicelib.preconditions import ANY, Precondition
from chalicelib.publishing.articles import ArticleRef
from chalicelib.voting.votes import (
    CHANGES_PER_HOUR,
    RECEIPTS_KEPT,
    Apply,
    Keep,
    Vote,
    VoteHasChanged,
    Wish,
    decide,
    never_voted,
    receipt_key,
)
from tests.support.fakes import START

REF = ArticleRef("demo", "a-1")
KEY = "voter-key"
choices = st.sampled_from([None, "up", "down"])
versions = st.sets(st.integers(-1, 5), min_size=1).map(frozenset)
preconditions = st.builds(
    Precondition,
    match=st.one_of(st.none(), st.just(ANY), versions),
    none_match=st.one_of(st.none(), st.just(ANY), versions),
)
request_ids = st.sampled_from(["k1", "k2", "k3", "k4"])


def wish(
    choice: str | None,
    request_id: str = "k1",
    *,
    ordered: bool = False,
    precondition: Precondition | None = None,
    at: int = START,
) -> Wish:
    return Wish(REF, KEY, choice, receipt_key(KEY, request_id), at, ordered, precondition or Precondition())


wishes = st.builds(
    lambda choice, request_id, ordered, precondition: wish(
        choice, request_id, ordered=ordered, precondition=precondition
    ),
    choices,
    request_ids,
    st.booleans(),
    preconditions,
)


@st.composite
def stored_votes(draw: st.DrawFn) -> Vote:
    """Votes as they come about: by wishes applied one after another."""
    vote = never_voted(3)
    for one in draw(st.lists(wishes, max_size=6)):
        try:
            decision = decide(vote, one)
        except VotingError:
            continue
        vote = decision.vote
    return vote


@given(stored_votes(), wishes)
def test_every_wish_on_every_vote_is_kept_applied_or_refused_for_a_reason_the_caller_can_act_on(
    old: Vote, new: Wish
) -> None:
    try:
        decision = decide(old, new)
    except (VoteHasChanged, IdempotencyKeyReused) as refusal:
        assert 400 <= refusal.status < 500
        assert refusal.field in ("If-Match", "If-None-Match", "Idempotency-Key")
        return
    assert isinstance(decision, Keep | Apply)
    if isinstance(decision, Keep):
        assert decision.vote == old
    else:
        assert decision.vote.choice == new.choice
        assert decision.vote.version == old.version + 1
        assert decision.vote.shard == old.shard


@given(stored_votes(), wishes)
def test_a_wish_applied_is_kept_when_it_comes_again(old: Vote, new: Wish) -> None:
    try:
        first = decide(old, new)
    except VotingError:
        return
    if isinstance(first, Apply):
        assert decide(first.vote, new) == Keep(first.vote)


@given(st.lists(wishes, max_size=12))
def test_deltas_add_up_to_the_vote_as_it_stands(sequence: list[Wish]) -> None:
    vote, counts = never_voted(3), Counter[str]()
    for one in sequence:
        try:
            decision = decide(vote, one)
        except VotingError:
            continue
        if isinstance(decision, Apply):
            counts.update(dict(decision.deltas))
            vote = decision.vote
    assert {choice: count for choice, count in counts.items() if count} == ({vote.choice: 1} if vote.choice else {})


@given(stored_votes(), choices, choices)
def test_changing_and_changing_back_cancels_out(old: Vote, first: str | None, second: str | None) -> None:
    counts = Counter[str]()
    vote = old
    for number, choice in enumerate((first, second, old.choice)):
        decision = decide(vote, wish(choice, f"x{number}"))
        if isinstance(decision, Apply):
            counts.update(dict(decision.deltas))
        vote = decision.vote
    assert not any(counts.values())


def test_wanting_what_is_there_writes_nothing() -> None:
    voted = decide(never_voted(0), wish("up")).vote
    assert decide(voted, wish("up", "k2")) == Keep(voted)


def test_an_ordered_wish_for_what_is_there_leaves_a_fence_against_older_wishes() -> None:
    up = decide(never_voted(0), wish("up", "k1", precondition=Precondition(match=frozenset({0})))).vote
    late_down = wish("down", "k2", ordered=True, precondition=Precondition(match=frozenset({1})))
    up_again = decide(up, wish("up", "k3", ordered=True, precondition=Precondition(match=frozenset({1}))))
    assert isinstance(up_again, Apply)
    assert up_again.deltas == ()
    assert up_again.vote.changed_at == up.changed_at
    with pytest.raises(VoteHasChanged):
        decide(up_again.vote, late_down)


def test_an_ordered_retraction_of_nothing_leaves_a_fence_too() -> None:
    nothing = frozenset({0})
    retracted = decide(never_voted(0), wish(None, "k2", ordered=True, precondition=Precondition(match=nothing)))
    assert isinstance(retracted, Apply)
    assert (retracted.vote.choice, retracted.vote.version, retracted.deltas) == (None, 1, ())
    with pytest.raises(VoteHasChanged):
        decide(retracted.vote, wish("up", "k1", ordered=True, precondition=Precondition(none_match=ANY)))


def test_a_key_used_for_another_choice_is_refused() -> None:
    up = decide(never_voted(0), wish("up", "k1", ordered=True)).vote
    with pytest.raises(IdempotencyKeyReused):
        decide(up, wish("down", "k1", ordered=True))
    with pytest.raises(IdempotencyKeyReused):
        decide(up, wish(None, "k1", ordered=True))


def test_a_repeat_is_recognised_before_its_precondition_is_looked_at() -> None:
    first = wish("up", "k1", ordered=True, precondition=Precondition(none_match=ANY))
    voted = decide(never_voted(0), first).vote
    assert decide(voted, first) == Keep(voted)


def test_the_last_sixteen_wishes_are_remembered() -> None:
    vote = never_voted(0)
    for number in range(RECEIPTS_KEPT + 1):
        vote = decide(
            vote, wish("up" if number % 2 else "down", f"n{number}", at=START + 3600 * number, ordered=True)
        ).vote
    assert len(vote.receipts) == RECEIPTS_KEPT
    assert isinstance(decide(vote, wish("up", "n1", ordered=True)), Keep)
    assert isinstance(decide(vote, wish("up", "n0", at=START + 3600 * 20, ordered=True)), Apply)


def test_times_say_in_which_hour_a_choice_first_stood_and_in_which_it_last_changed() -> None:
    hour = 1_790_002_800
    vote = decide(never_voted(0), wish("up", "k1", at=hour + 3599)).vote
    vote = decide(vote, wish("down", "k2", at=hour + 3600)).vote
    vote = decide(vote, wish(None, "k3", at=hour + 3 * 3600 - 1)).vote
    vote = decide(vote, wish("up", "k4", at=hour + 7 * 3600)).vote
    assert (vote.cast_at, vote.changed_at) == (hour, hour + 7 * 3600)


def test_a_mind_may_change_eight_times_an_hour_and_then_has_to_wait_for_the_next() -> None:
    hour = 1_790_002_800
    vote = decide(never_voted(0), wish("up", "first", at=hour + 1)).vote
    for number in range(CHANGES_PER_HOUR):
        assert vote.changes == number
        vote = decide(vote, wish("down" if number % 2 == 0 else None, f"k{number}", at=hour + 2)).vote
    with pytest.raises(TooManyVotes) as refused:
        decide(vote, wish("up", "last", at=hour + 3590))
    assert refused.value.retry_after_seconds == 10
    assert isinstance(decide(vote, wish(vote.choice, "same", at=hour + 3590)), Keep), "a repeat changes nothing"
    again = decide(vote, wish("up", "last", at=hour + 3600)).vote
    assert (again.choice, again.changes) == ("up", 1)


@pytest.mark.parametrize(
    ("precondition", "version", "failing"),
    [
        (Precondition(), 0, None),
        (Precondition(match=ANY), 0, "If-Match"),
        (Precondition(match=ANY), 1, None),
        (Precondition(match=frozenset({0})), 0, None),
        (Precondition(match=frozenset({3})), 3, None),
        (Precondition(match=frozenset({2, 3})), 3, None),
        (Precondition(match=frozenset({-1})), 0, "If-Match"),
        (Precondition(match=frozenset({3})), 4, "If-Match"),
        (Precondition(none_match=ANY), 0, None),
        (Precondition(none_match=ANY), 1, "If-None-Match"),
        (Precondition(none_match=frozenset({3})), 3, "If-None-Match"),
        (Precondition(none_match=frozenset({3})), 4, None),
        (Precondition(match=frozenset({3}), none_match=frozenset({3})), 3, "If-None-Match"),
    ],
)
def test_preconditions_hold_as_rfc_9110_says(precondition: Precondition, version: int, failing: str | None) -> None:
    assert precondition.failing_field(version) == failing


def test_wishes_without_a_key_leave_no_receipt_and_push_none_out() -> None:
    vote = decide(never_voted(0), wish("up", "k1", ordered=True)).vote
    for number in range(2 * RECEIPTS_KEPT):
        keyless = Wish(REF, KEY, "down" if number % 2 == 0 else "up", None, START + 3600 * number)
        vote = decide(vote, keyless).vote
    assert len(vote.receipts) == 1
    assert decide(vote, wish("up", "k1", ordered=True)) == Keep(vote)


def test_receipts_of_one_key_on_two_articles_have_nothing_in_common() -> None:
    assert receipt_key("voter-key-1", "same") != receipt_key("voter-key-2", "same")


class TestAnyOrderOfDeliveriesEndsInTheNewestWish:
    """Requests as a network may deliver them: in any order, any number of times, late."""

    @staticmethod
    def deliver(vote: Vote, one: Wish) -> Vote:
        try:
            return decide(vote, one).vote
        except VoteHasChanged as refused:
            assert refused.vote == vote
            return vote

    @staticmethod
    def settle(vote: Vote, newest: Wish) -> Vote:
        """What a client does about its newest wish: send it until it is answered; after 412, on the state it got."""
        while True:
            try:
                return decide(vote, newest).vote
            except VoteHasChanged as refused:
                seen = Precondition(match=frozenset({refused.vote.version}))
                newest = Wish(newest.ref, newest.voter_key, newest.choice, newest.receipt_key, newest.at, True, seen)

    @staticmethod
    def unanswered(picks: tuple[str | None, ...]) -> list[Wish]:
        """Wishes of a reader who got no answer to any of them: all know the same version."""
        seen = Precondition(match=frozenset({0}))
        return [wish(choice, f"w{number}", ordered=True, precondition=seen) for number, choice in enumerate(picks)]

    @pytest.mark.parametrize("order", list(permutations(range(4))))
    @pytest.mark.parametrize(
        "picks", [("up", "down", "up", "down"), ("up", None, "up", None), ("up", "up", "down", "up")]
    )
    def test_four_unanswered_wishes_in_every_order_then_all_of_them_late_in_every_order(
        self, order: tuple[int, ...], picks: tuple[str | None, ...]
    ) -> None:
        sent = self.unanswered(picks)
        vote = never_voted(0)
        for number in order:
            vote = self.deliver(vote, sent[number])
        vote = self.settle(vote, sent[-1])
        assert vote.choice == picks[-1]
        for late in permutations(sent):
            after = vote
            for one in late:
                after = self.deliver(after, one)
            assert after.choice == picks[-1]

    @given(st.lists(choices, min_size=6, max_size=6), st.data())
    def test_six_unanswered_wishes_in_sampled_orders_and_multiplicities(
        self, picks: list[str | None], data: st.DataObject
    ) -> None:
        sent = self.unanswered(tuple(picks))
        vote = never_voted(0)
        for number in data.draw(st.lists(st.integers(0, 5), max_size=18)):
            vote = self.deliver(vote, sent[number])
        vote = self.settle(vote, sent[-1])
        for number in data.draw(st.lists(st.integers(0, 5), max_size=18)):
            vote = self.deliver(vote, sent[number])
        assert vote.choice == picks[-1]

    @given(st.lists(choices, min_size=4, max_size=6), st.booleans(), st.data())
    def test_answered_wishes_stand_against_late_duplicates_of_all_before_them(
        self, picks: list[str | None], with_preconditions: bool, data: st.DataObject
    ) -> None:
        """With `If-Match`, or with idempotency keys alone."""
        vote, sent = never_voted(0), list[Wish]()
        for number, choice in enumerate(picks):
            seen = Precondition(match=frozenset({vote.version})) if with_preconditions else Precondition()
            sent.append(wish(choice, f"w{number}", ordered=True, precondition=seen))
            vote = self.settle(vote, sent[-1])
            for late in data.draw(st.lists(st.integers(0, number), max_size=6)):
                vote = self.deliver(vote, sent[late])
                assert vote.choice == choice

    @given(st.lists(st.tuples(choices, st.booleans()), min_size=1, max_size=6), st.data())
    def test_some_answered_some_not_some_lost(self, plan: list[tuple[str | None, bool]], data: st.DataObject) -> None:
        """A reader who at times gets an answer and at times gives up waiting and wants something else."""
        vote, known, sent = never_voted(0), 0, list[Wish]()
        for number, (choice, answered) in enumerate(plan):
            seen = Precondition(match=frozenset({known}))
            sent.append(wish(choice, f"w{number}", ordered=True, precondition=seen))
            for any_sent in data.draw(st.lists(st.integers(0, number), max_size=4)):
                vote = self.deliver(vote, sent[any_sent])
            if answered or number == len(plan) - 1:
                vote = self.settle(vote, sent[-1])
                known = vote.version
        for any_sent in data.draw(st.lists(st.integers(0, len(sent) - 1), max_size=8)):
            vote = self.deliver(vote, sent[any_sent])
        assert vote.choice == plan[-1][0]


def test_a_vote_remembers_its_last_sixteen_wishes_and_a_fence_keeps_its_times() -> None:
    assert RECEIPTS_KEPT == 16
    old = Vote("up", 4, 3, cast_at=START, changed_at=START + 1)
    decision = decide(old, Wish(REF, "v", "up", "r", START + 9, ordered=True))
    assert decision == Apply(
        Vote("up", 5, 3, cast_at=START, changed_at=START + 1, receipts=("r:up",)),
        (),
        replaces=4,
        at=START + 9,
        changes=False,
    )


def test_an_ordered_retraction_of_nothing_is_no_vote_at_any_time() -> None:
    decision = decide(never_voted(3), Wish(REF, "v", None, "r", START, ordered=True))
    assert isinstance(decision, Apply)
    assert (decision.vote.cast_at, decision.vote.changed_at, decision.deltas) == (None, None, ())


def test_any_version_matches_a_stored_vote_and_the_refusal_carries_the_vote() -> None:
    old = Vote("up", 1, 3, cast_at=START, changed_at=START)
    wish = Wish(REF, "v", "down", None, START, ordered=True, precondition=Precondition(match=ANY))
    assert isinstance(decide(old, wish), Apply)
    with pytest.raises(VoteHasChanged) as refused:
        decide(never_voted(3), wish)
    assert (refused.value.vote, refused.value.version, refused.value.field) == (never_voted(3), 0, "If-Match")


def test_a_key_is_compared_as_a_whole() -> None:
    """A receipt key may be the beginning of another one."""
    old = Vote("up", 1, 3, receipts=("abc:up",))
    assert isinstance(decide(old, Wish(REF, "v", "down", "ab", START, ordered=True)), Apply)
    assert isinstance(decide(old, Wish(REF, "v", "up", "abc", START, ordered=True)), Keep)


def test_a_wish_is_ordered_only_if_it_says_so() -> None:
    assert Wish(REF, "v", "up", None, START).ordered is False

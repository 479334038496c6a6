"""Exclusions: votes that are taken out of every count and put back, whatever happens meanwhile."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count

import pytest

from chalicelib.errors import ExclusionRefused, Unavailable, UnknownExclusion
from chalicelib.insights.ports import InsightStore
from chalicelib.publishing.registering import reset
from chalicelib.trust.exclusions import MOST_ACTIVE
from chalicelib.trust.ports import ExclusionStore
from chalicelib.trust.states import HOUR
from chalicelib.voting.aliases import add_alias, remove_alias
from chalicelib.voting.ports import OperatorStore
from chalicelib.voting.voters import VoterKeys, vote_partition
from tests.contract.test_store import every_store, without_moto
from tests.support.excluding import Editor
from tests.support.fakes import DEMO, START, patient
from tests.support.merging import NEW, OLD, PEPPER, Newsroom, ending_after


@pytest.fixture
def newsroom(store: OperatorStore) -> Newsroom:
    store.put_site(DEMO, patient())
    return Newsroom(store)


@pytest.fixture
def editor(store: OperatorStore, exclusions: ExclusionStore, insights: InsightStore) -> Editor:
    return Editor(store, exclusions, insights)


def vote_for_hours(newsroom: Newsroom, editor: Editor, hours: int = 6, each: int = 6) -> None:
    """Readers who vote hour by hour, some of them down, and some of whom change their minds. The stream keeps up."""
    rng = random.Random(4)
    for hour in range(hours):
        newsroom.seconds = count(START + hour * HOUR)
        for number in range(each):
            newsroom.vote(f"r{hour}-{number}", OLD, "down" if number % 3 else "up")
            if hour and rng.random() < 0.3:
                newsroom.vote(f"r{hour - 1}-{number}", OLD, rng.choice(["up", "down", None]))
        editor.project(OLD)


@every_store
class TestOnEveryStore:
    def test_excluded_votes_count_no_more_and_their_readers_see_nothing_of_it(
        self, newsroom: Newsroom, editor: Editor
    ) -> None:
        for reader, choice in [("ann", "up"), ("bob", "down"), ("cid", "down")]:
            newsroom.vote(reader, OLD, choice)
        before, seen = editor.stored(OLD), newsroom.vote_of("bob", OLD)
        excluded = editor.exclude(OLD)
        assert (excluded.state, excluded.votes) == ("active", {"down": 2})
        assert newsroom.counts(OLD) == {"up": 1}
        found = newsroom.vote_of("bob", OLD)
        assert (found.choice, found.version, found.receipts) == (seen.choice, seen.version, seen.receipts)
        assert newsroom.drifts(OLD) == 0
        assert editor.restore(excluded).state == "restored"
        assert newsroom.counts(OLD) == {"up": 1, "down": 2}
        assert editor.stored(OLD) == before
        assert newsroom.drifts(OLD) == 0


@without_moto
class TestExclusions:
    def test_a_preview_says_how_many_and_stores_nothing(self, newsroom: Newsroom, editor: Editor) -> None:
        newsroom.vote("ann", OLD, "up")
        newsroom.vote("bob", OLD, "down")
        before = editor.stored(OLD)
        preview = editor.trust.preview("demo", editor.rule(OLD), patient())
        assert (dict(preview.votes), dict(preview.counts), preview.complete) == (
            {"down": 1},
            {"up": 1, "down": 1},
            True,
        )
        assert editor.stored(OLD) == before
        assert editor.trust.listed("demo", patient()) == []

    def test_a_reader_who_votes_again_stays_excluded_and_counts_with_the_new_choice_after_undo(
        self, newsroom: Newsroom, editor: Editor
    ) -> None:
        newsroom.vote("ann", OLD, "up")
        newsroom.vote("bob", OLD, "down")
        newsroom.vote("cid", OLD, "down")
        excluded = editor.exclude(OLD)
        outcome = newsroom.vote("bob", OLD, "up")
        assert (outcome.vote.choice, outcome.changed) == ("up", True)
        newsroom.vote("cid", OLD, None)
        newsroom.vote("cid", OLD, "down")
        assert newsroom.counts(OLD) == {"up": 1}
        assert newsroom.vote_of("bob", OLD).choice == "up"
        assert newsroom.drifts(OLD) == 0
        editor.restore(excluded)
        assert newsroom.counts(OLD) == {"up": 2, "down": 1}
        assert newsroom.drifts(OLD) == 0

    def test_the_same_rule_again_takes_votes_that_came_since_and_none_twice(
        self, newsroom: Newsroom, editor: Editor
    ) -> None:
        newsroom.vote("ann", OLD, "down")
        first = editor.exclude(OLD)
        newsroom.vote("bob", OLD, "down")
        assert newsroom.counts(OLD) == {"down": 1}
        again = editor.exclude(OLD)
        assert (again.name, again.votes) == (first.name, {"down": 2})
        assert newsroom.counts(OLD) == {}
        editor.restore(again)
        assert newsroom.counts(OLD) == {"down": 2}
        assert len(editor.trust.listed("demo", patient())) == 1

    def test_it_can_be_applied_again_after_it_was_undone(self, newsroom: Newsroom, editor: Editor) -> None:
        newsroom.vote("ann", OLD, "down")
        before = editor.stored(OLD)
        for generation in range(1, 4):
            excluded = editor.exclude(OLD)
            assert (excluded.generation, newsroom.counts(OLD)) == (generation, {})
            assert editor.restore(excluded) == editor.restore(excluded)
            assert editor.stored(OLD) == before
        assert editor.exclusions.unfinished_exclusions(patient()) == []

    def test_a_vote_belongs_to_the_exclusion_that_took_it_first(self, newsroom: Newsroom, editor: Editor) -> None:
        newsroom.vote("ann", OLD, "down")
        newsroom.vote("bob", OLD, "up")
        before = editor.stored(OLD)
        downs, everything = editor.exclude(OLD), editor.exclude(OLD, choice=None)
        assert (downs.votes, everything.votes) == ({"down": 1}, {"up": 1})
        assert newsroom.counts(OLD) == {}
        editor.restore(downs)
        assert newsroom.counts(OLD) == {"down": 1}
        assert editor.exclude(OLD, choice=None).votes == {"up": 1, "down": 1}
        assert newsroom.counts(OLD) == {}
        editor.restore(everything)
        assert editor.stored(OLD) == before

    def test_history_and_gains_are_those_without_the_votes_and_come_back_byte_for_byte(
        self, newsroom: Newsroom, editor: Editor
    ) -> None:
        vote_for_hours(newsroom, editor)
        before = editor.history(OLD)
        kept = [vote for vote in editor.stored(OLD)["votes"].values() if vote.choice == "down"]
        excluded = editor.exclude(OLD)
        editor.project(OLD)
        after = editor.history(OLD)
        for (start, counts, _), (_, without, _) in zip(before, after, strict=True):
            gone = sum(1 for vote in kept if (vote.changed_at or 0) <= start)
            assert without.get("down", 0) == counts.get("down", 0) - gone
            assert without.get("up", 0) == counts.get("up", 0)
        assert after[-1][1] == newsroom.counts(OLD)
        editor.restore(excluded)
        editor.project(OLD)
        assert editor.history(OLD) == before

    def test_what_a_killed_run_has_begun_is_not_seen_and_the_next_one_finishes_it(
        self, newsroom: Newsroom, editor: Editor
    ) -> None:
        vote_for_hours(newsroom, editor, hours=2)
        before, counts = editor.stored(OLD), newsroom.counts(OLD)
        states = Counter[str]()
        for calls in range(4, 60, 5):
            with suppress(Unavailable):
                editor.exclude(OLD, ending_after(calls))
            states.update(one.state for one in editor.trust.listed("demo", patient()))
            assert newsroom.counts(OLD) in (counts, {"up": counts["up"]})
            assert newsroom.drifts(OLD) == 0
        excluded = editor.exclude(OLD)
        assert newsroom.counts(OLD) == {"up": counts["up"]}
        for calls in range(4, 60, 5):
            with suppress(Unavailable):
                editor.restore(excluded, ending_after(calls))
            states.update(one.state for one in editor.trust.listed("demo", patient()))
            assert newsroom.counts(OLD) in (counts, {"up": counts["up"]})
            assert newsroom.drifts(OLD) == 0
        assert min(states["applying"], states["restoring"]) > 1
        assert editor.restore(excluded).state == "restored"
        assert editor.stored(OLD) == before

    def test_votes_of_an_alias_are_excluded_too_and_stay_so_when_the_article_gets_a_new_id(
        self, newsroom: Newsroom, editor: Editor
    ) -> None:
        newsroom.vote("ann", OLD, "down")
        newsroom.vote("bob", OLD, "up")
        excluded = editor.exclude(OLD)
        newsroom.vote("cid", NEW, "down")
        newsroom.alias(OLD, NEW)
        assert newsroom.counts(NEW) == {"up": 1, "down": 1}
        newsroom.vote("ann", NEW, "up")
        assert newsroom.counts(NEW) == {"up": 1, "down": 1}
        more = editor.exclude(OLD)
        assert more.rule.article == NEW.article
        assert newsroom.counts(NEW) == {"up": 1}
        assert newsroom.drifts(OLD, NEW) == 0
        editor.project(OLD, NEW)
        assert editor.history(NEW)[-1][1] == {"up": 1}
        editor.restore(excluded)
        assert newsroom.counts(NEW) == {"up": 2}
        editor.restore(more)
        editor.project(OLD, NEW)
        assert newsroom.counts(NEW) == {"up": 2, "down": 1} == editor.history(NEW)[-1][1]
        assert newsroom.drifts(OLD, NEW) == 0

    def test_votes_that_an_article_absorbed_are_restored_there_when_the_old_id_is_its_own_again(
        self, newsroom: Newsroom, editor: Editor
    ) -> None:
        newsroom.vote("ann", OLD, "down")
        excluded = editor.exclude(OLD)
        newsroom.alias(OLD, NEW)
        remove_alias(newsroom.store, NEW, OLD.article, START, patient())
        newsroom.vote("bob", OLD, "down")
        assert newsroom.counts(NEW) == {}
        assert editor.restore(excluded).state == "restored"
        assert (newsroom.counts(NEW), newsroom.counts(OLD)) == ({"down": 1}, {"down": 1})
        assert newsroom.drifts(OLD, NEW) == 0

    def test_votes_that_came_since_are_taken_out_of_every_gain(self, newsroom: Newsroom, editor: Editor) -> None:
        """On one shard, whose last change was by a vote that stays."""
        readers = (f"r{number}" for number in count())
        of_one_shard = (one for one in readers if vote_partition(VoterKeys(PEPPER, one).on(OLD)) == 3)
        for hour, choice in enumerate(["down", "down", "up"]):
            newsroom.seconds = count(START + hour * HOUR)
            newsroom.vote(next(of_one_shard), OLD, choice)
            editor.project(OLD)
            if hour == 0:
                editor.exclude(OLD)
        editor.exclude(OLD)
        editor.project(OLD)
        gained = [one.gained.counts for one in editor.activities()]
        assert gained == [{}, {}, {"up": 1}]

    def test_a_reset_ends_what_an_exclusion_counts_and_undo_still_works(
        self, newsroom: Newsroom, editor: Editor
    ) -> None:
        for reader in ("ann", "bob"):
            newsroom.vote(reader, OLD, "down")
        excluded = editor.exclude(OLD)
        reset(newsroom.store, OLD, "a-key", START, patient())
        newsroom.vote("ann", OLD, "down")
        assert newsroom.counts(OLD) == {"down": 1}
        assert newsroom.drifts(OLD) == 0
        editor.restore(excluded)
        assert newsroom.counts(OLD) == {"down": 1}
        assert newsroom.drifts(OLD) == 0

    def test_an_article_has_at_most_so_many(self, newsroom: Newsroom, editor: Editor) -> None:
        newsroom.vote("ann", OLD, "down")
        made = [editor.exclude(OLD, hours=number + 1) for number in range(MOST_ACTIVE)]
        with pytest.raises(ExclusionRefused):
            editor.exclude(OLD, hours=100)
        assert editor.exclude(OLD, hours=1).state == "active"
        editor.restore(made[0])
        assert editor.exclude(OLD, hours=100).votes == {"down": 1}

    def test_undoing_what_is_not_there_is_refused(self, newsroom: Newsroom, editor: Editor) -> None:
        with pytest.raises(UnknownExclusion):
            editor.trust.restore("demo", "aaaaaaaa", "key", START, patient())


@without_moto
def test_votes_that_arrive_while_rules_come_and_go_are_counted_once(newsroom: Newsroom, editor: Editor) -> None:
    rng = random.Random(9)
    readers = [f"r{number}" for number in range(40)]
    for reader in readers:
        newsroom.vote(reader, OLD, rng.choice(["up", "down"]))

    def vote(seed: int) -> None:
        lane = random.Random(seed)
        for _ in range(40):
            newsroom.vote(f"r{lane.randrange(40)}", OLD, lane.choice(["up", "down", None]))

    def edit(choice: str) -> None:
        for _ in range(4):
            editor.restore(editor.exclude(OLD, choice=choice))

    with ThreadPoolExecutor() as threads:
        for one in [
            *(threads.submit(vote, seed) for seed in range(4)),
            *(threads.submit(edit, choice) for choice in ("up", "down", "down")),
        ]:
            one.result()
    for left in editor.trust.listed("demo", patient()):
        editor.restore(left)
    found = Counter(newsroom.vote_of(reader, OLD).choice for reader in readers)
    assert newsroom.counts(OLD) == {choice: number for choice, number in found.items() if choice is not None}
    assert newsroom.drifts(OLD) == 0
    assert all(not vote.exclusion for vote in editor.stored(OLD)["votes"].values())


@without_moto
def test_an_alias_that_is_made_while_a_rule_is_undone_leaves_nothing_excluded(
    newsroom: Newsroom, editor: Editor
) -> None:
    for number in range(20):
        newsroom.vote(f"r{number}", OLD, "down")
    excluded = editor.exclude(OLD)
    with ThreadPoolExecutor() as threads:
        threads.submit(add_alias, newsroom.store, NEW, OLD.article, START, patient())
        editor.restore(excluded)
    newsroom.alias(OLD, NEW)
    editor.restore(excluded)
    assert newsroom.counts(NEW) == {"down": 20}
    assert newsroom.drifts(OLD, NEW) == 0

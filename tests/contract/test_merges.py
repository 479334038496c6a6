"""Merges: a reader who voted on an article and on its old id counts once, whatever happens meanwhile."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.errors import IdempotencyKeyReused, TooManyVotes, Unavailable, VotingClosed
from chalicelib.preconditions import Precondition
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.registering import register, reset
from chalicelib.voting.aliases import add_alias, remove_alias
from chalicelib.voting.merging import finish_merges
from chalicelib.voting.ports import OperatorStore
from chalicelib.voting.votes import CHANGES_PER_HOUR, VoteHasChanged
from tests.contract.test_store import every_store, without_moto
from tests.support.fakes import DEMO, START, patient
from tests.support.merging import NEW, NEWEST, OLD, PEPPER, Newsroom, ending_after

ADDRESS = "https://news.example/a"


@pytest.fixture
def newsroom(store: OperatorStore) -> Newsroom:
    store.put_site(DEMO, patient())
    return Newsroom(store)


@every_store
class TestOnEveryStore:
    @pytest.mark.parametrize("first", [OLD, NEW])
    def test_a_reader_who_voted_on_both_counts_once_with_the_newer_wish(
        self, newsroom: Newsroom, first: ArticleRef
    ) -> None:
        newsroom.vote("ann", first, "up")
        newsroom.vote("ann", NEW if first == OLD else OLD, "down")
        newsroom.vote("bob", OLD, "up")
        newsroom.alias(OLD, NEW)
        assert newsroom.counts(NEW) == {"down": 1, "up": 1}
        assert newsroom.vote_of("ann", OLD).choice == "down"
        assert newsroom.drifts(OLD, NEW) == 0


@without_moto
class TestMerges:
    def test_a_vote_that_was_taken_back_later_does_not_come_back(self, newsroom: Newsroom) -> None:
        newsroom.vote("ann", NEW, "up")
        newsroom.vote("ann", OLD, "up")
        newsroom.vote("ann", OLD, None)
        newsroom.alias(OLD, NEW)
        assert newsroom.counts(NEW) == {}
        assert newsroom.vote_of("ann", NEW).choice is None
        assert newsroom.drifts(OLD, NEW) == 0

    def test_a_vote_under_the_old_id_is_changed_and_counted_once(self, newsroom: Newsroom) -> None:
        newsroom.vote("ann", OLD, "up")
        newsroom.alias(OLD, NEW)
        outcome = newsroom.vote("ann", NEW, "down")
        assert (outcome.first, outcome.changed) == (False, True)
        assert newsroom.counts(NEW) == {"down": 1}
        newsroom.vote("ann", OLD, None)
        assert newsroom.counts(NEW) == {}
        assert newsroom.drifts(OLD, NEW) == 0

    @pytest.mark.parametrize("choices", [("down", "up"), (None, "up")])
    def test_a_mind_changes_only_so_often_on_a_merged_article_too(
        self, newsroom: Newsroom, choices: tuple[str | None, ...]
    ) -> None:
        newsroom.vote("ann", OLD, "up")
        newsroom.alias(OLD, NEW)
        for number in range(CHANGES_PER_HOUR):
            newsroom.vote("ann", (OLD, NEW)[number % 2], choices[number % 2])
        with pytest.raises(TooManyVotes):
            newsroom.vote("ann", NEW, choices[0])

    def test_versions_that_a_page_knows_go_on(self, newsroom: Newsroom) -> None:
        newsroom.vote("ann", OLD, "up")
        known = newsroom.vote("ann", OLD, "down").vote.version
        newsroom.alias(OLD, NEW)
        assert newsroom.vote_of("ann", NEW).version == known
        after = newsroom.vote("ann", OLD, "up", precondition=Precondition(match=frozenset({known}))).vote.version
        assert after > known
        with pytest.raises(VoteHasChanged):
            newsroom.vote("ann", NEW, "down", precondition=Precondition(match=frozenset({known})))

    def test_a_late_copy_of_a_wish_for_the_old_id_changes_nothing(self, newsroom: Newsroom) -> None:
        newsroom.vote("ann", OLD, "up", key="k1")
        newsroom.vote("ann", OLD, "down", key="k2")
        newsroom.alias(OLD, NEW)
        for _ in range(2):
            outcome = newsroom.vote("ann", OLD, "up", key="k1")
            assert (outcome.changed, outcome.vote.choice) == (False, "down")
            newsroom.vote("ann", NEW, "down", key="k3")  # now the vote is under the new id
        with pytest.raises(IdempotencyKeyReused):
            newsroom.vote("ann", OLD, "down", key="k1")

    def test_the_tally_never_falls_behind_the_version_that_the_old_ids_pages_know(self, newsroom: Newsroom) -> None:
        for reader in range(20):
            newsroom.vote(f"reader-{reader}", OLD, "up")
        known = newsroom.tally(OLD).version
        target = add_alias(newsroom.store, NEW, "old", START, patient())
        assert newsroom.tally(OLD).version > known
        finish_merges(newsroom.store, target, PEPPER, START, patient)
        assert newsroom.tally(OLD).version > known

    def test_a_reset_is_one_of_what_was_merged(self, newsroom: Newsroom) -> None:
        newsroom.vote("ann", OLD, "up", key="k1")
        newsroom.vote("bob", NEW, "up")
        newsroom.alias(OLD, NEW)
        known = newsroom.vote_of("ann", NEW).version
        reset(newsroom.store, NEW, "reset", START, patient())
        assert newsroom.counts(OLD) == {}
        assert (newsroom.vote_of("ann", NEW).choice, newsroom.vote_of("ann", NEW).version) == (None, known + 1)
        assert not newsroom.vote("ann", OLD, "up", key="k1").changed
        assert newsroom.vote("ann", OLD, "up", key="k2").first
        assert newsroom.counts(NEW) == {"up": 1}
        assert newsroom.drifts(OLD, NEW) == 0

    def test_votes_of_before_a_reset_of_the_old_id_stay_uncounted(self, newsroom: Newsroom) -> None:
        newsroom.vote("ann", OLD, "up")
        newsroom.vote("bob", OLD, "up")
        reset(newsroom.store, OLD, "reset", START, patient())
        newsroom.vote("bob", OLD, "down")
        newsroom.alias(OLD, NEW)
        assert newsroom.counts(NEW) == {"down": 1}
        assert newsroom.vote("ann", NEW, "down").changed
        assert newsroom.counts(NEW) == {"down": 2}
        assert newsroom.drifts(OLD, NEW) == 0

    @pytest.mark.parametrize("state", ["closed", "hidden"])
    def test_an_article_that_takes_no_votes_is_merged_and_takes_none(self, newsroom: Newsroom, state: str) -> None:
        newsroom.vote("ann", OLD, "up")
        newsroom.vote("ann", NEW, "down")
        register(newsroom.store, Article(NEW, "T", ADDRESS, state=state), START, patient())  # type: ignore[arg-type]
        newsroom.alias(OLD, NEW)
        assert newsroom.store.tally(NEW, patient(), consistent=True).voters == 1
        assert newsroom.drifts(OLD, NEW) == 0
        if state == "closed":
            with pytest.raises(VotingClosed):
                newsroom.vote("bob", OLD, "up")

    @pytest.mark.parametrize(("is_reset", "other"), [(OLD, NEW), (NEW, OLD)])
    def test_a_vote_of_before_a_reset_does_not_hide_a_valid_one(
        self, newsroom: Newsroom, is_reset: ArticleRef, other: ArticleRef
    ) -> None:
        newsroom.vote("ann", other, "down")
        newsroom.vote("ann", is_reset, "up")
        reset(newsroom.store, is_reset, "r", START, patient())
        newsroom.alias(OLD, NEW)
        assert newsroom.counts(NEW) == {"down": 1}

    def test_a_removed_alias_keeps_the_order_of_wishes_that_are_still_to_be_merged(self, newsroom: Newsroom) -> None:
        newsroom.vote("ann", OLD, "up")
        newsroom.vote("ann", NEW, "down")
        target = add_alias(newsroom.store, NEW, "old", START, patient())
        remove_alias(newsroom.store, NEW, "old", START, patient())
        newsroom.vote("ann", OLD, "up")
        finish_merges(newsroom.store, target, PEPPER, START, patient)
        assert (newsroom.counts(NEW), newsroom.counts(OLD)) == ({"down": 1}, {"up": 1})

    def test_votes_that_count_are_never_more_than_readers_and_a_killed_merge_goes_on(self, newsroom: Newsroom) -> None:
        readers = [f"reader-{number}" for number in range(12)]
        for reader in readers:
            newsroom.vote(reader, OLD, "up")
        for reader in readers[:6]:
            newsroom.vote(reader, NEW, "down")
        target = add_alias(newsroom.store, NEW, "old", START, patient())
        for calls in range(1, 400):
            try:
                finish_merges(newsroom.store, target, PEPPER, START, ending_after(calls))
            except Unavailable:
                assert newsroom.tally(NEW).voters <= len(readers)
                assert newsroom.store.unfinished_merges(patient()) == [NEW] or newsroom.counts(NEW)["up"] == 6
            else:
                break
        assert calls > 10, "it was not killed"
        assert newsroom.counts(NEW) == {"up": 6, "down": 6}
        assert newsroom.store.unfinished_merges(patient()) == []
        assert newsroom.drifts(OLD, NEW) == 0


@without_moto
@pytest.mark.parametrize("seed", range(2))
def test_readers_who_vote_under_both_ids_during_merges_count_once(store: OperatorStore, seed: int) -> None:
    store.put_site(DEMO, patient())
    newsroom, rng = Newsroom(store), random.Random(seed)
    refs = [OLD, NEW, NEWEST]
    last: dict[str, str | None] = {}

    def live(number: int, seed: float) -> None:
        one, reader = random.Random(seed), f"reader-{number}"
        for _ in range(6):
            choice = one.choice(["up", "down", "up", "down", None])
            newsroom.vote(reader, one.choice(refs), choice, key=str(one.random()))
            last[reader] = choice

    def publish() -> None:
        for old, new in ((OLD, NEW), (NEW, NEWEST), (OLD, NEWEST)):
            Newsroom(store).alias(old, new)

    with ThreadPoolExecutor(8) as pool:
        voting = [pool.submit(live, number, rng.random()) for number in range(40)]
        voting[rng.randrange(20)].result()
        merging = pool.submit(publish)
        for done in [*voting, merging]:
            done.result()
    expected = Counter(choice for choice in last.values() if choice is not None)
    for ref in refs:
        assert newsroom.counts(ref) == dict(expected)
        for reader, choice in last.items():
            assert newsroom.vote_of(reader, ref).choice == choice
    assert newsroom.drifts(*refs) == 0

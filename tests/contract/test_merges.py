"""Aliases and merges: an old id's reads and votes are the article's, and a reader who voted on both counts once."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import pytest

from chalicelib.errors import AliasRefused, ArticleMoved, IdempotencyKeyReused, Unavailable, VotingClosed
from chalicelib.preconditions import Precondition
from chalicelib.publishing.articles import Article, ArticleRef, Terms
from chalicelib.publishing.merges import MOST_ABSORBED, MOST_DEPTH, Absorbed, Merges
from chalicelib.publishing.registering import register, reset, unregister
from chalicelib.voting.aliases import add_alias, remove_alias
from chalicelib.voting.merging import finish_merges
from chalicelib.voting.ports import OperatorStore
from chalicelib.voting.tallies import Tally
from chalicelib.voting.use_cases import Voter
from chalicelib.voting.votes import VoteHasChanged
from tests.contract.test_store import concurrent_stores, every_store
from tests.support.fakes import DEMO, START, patient
from tests.support.merging import NEW, NEWEST, OLD, PEPPER, Newsroom, ending_after

ADDRESS = "https://news.example/a"


@pytest.fixture
def newsroom(store: OperatorStore) -> Newsroom:
    store.put_site(DEMO, patient())
    return Newsroom(store)


@every_store
class TestAliases:
    def test_votes_and_reads_of_an_alias_are_those_of_its_article(self, newsroom: Newsroom) -> None:
        newsroom.alias(OLD, NEW)
        assert newsroom.vote("ann", OLD, "up").first
        assert not newsroom.vote("ann", NEW, "up").first
        newsroom.vote("bob", NEW, "down")
        assert newsroom.counts(OLD) == newsroom.counts(NEW) == {"up": 1, "down": 1}
        assert newsroom.vote_of("bob", OLD) == newsroom.vote_of("bob", NEW)
        assert newsroom.drifts(OLD, NEW) == 0

    def test_an_alias_without_votes_costs_its_article_nothing(self, newsroom: Newsroom) -> None:
        newsroom.alias(OLD, NEW)
        (stored,) = newsroom.store.articles([NEW], patient())
        assert stored.merges.absorbed == stored.merges.merging == ()

    def test_the_same_request_again_changes_nothing(self, newsroom: Newsroom) -> None:
        newsroom.vote("ann", OLD, "up")
        newsroom.alias(OLD, NEW)
        before = newsroom.store.articles([OLD, NEW], patient()), newsroom.tally(NEW)
        newsroom.alias(OLD, NEW)
        assert (newsroom.store.articles([OLD, NEW], patient()), newsroom.tally(NEW)) == before

    def test_chains_lead_to_their_end(self, newsroom: Newsroom) -> None:
        newsroom.vote("ann", OLD, "up")
        newsroom.vote("bob", NEW, "up")
        newsroom.alias(OLD, NEW)
        newsroom.alias(NEW, NEWEST)
        newsroom.vote("cid", OLD, "up")
        for ref in (OLD, NEW, NEWEST):
            assert newsroom.counts(ref) == {"up": 3}
            assert newsroom.vote_of("ann", ref).choice == "up"
        newsroom.alias(OLD, NEWEST)  # it is one already
        newsroom.alias(ArticleRef("demo", "oldest"), OLD)
        newsroom.vote("dee", ArticleRef("demo", "oldest"), "down")
        assert newsroom.counts(NEWEST) == {"up": 3, "down": 1}

    def test_circles_are_refused_whatever_their_length(self, newsroom: Newsroom) -> None:
        for old, new in ((OLD, NEW), (NEW, NEWEST)):
            newsroom.alias(old, new)
        for old, new in ((NEWEST, NEWEST), (NEWEST, NEW), (NEWEST, OLD), (OLD, OLD)):
            with pytest.raises(AliasRefused):
                newsroom.alias(old, new)

    def test_two_requests_that_would_make_a_circle_together_do_not(self, newsroom: Newsroom) -> None:
        stored = newsroom.store.articles([OLD, NEW], patient())
        newsroom.alias(OLD, NEW)
        changes = [
            stored[1].change_to(NEW, None, merges=stored[1].merges.move("old")),
            stored[0].change_to(OLD, None, merges=stored[0].merges.absorb([Absorbed(0, 0, "new")], 0)),
        ]
        assert not newsroom.store.put_articles(changes, START, patient())

    def test_an_alias_of_one_article_is_not_made_one_of_another(self, newsroom: Newsroom) -> None:
        newsroom.alias(OLD, NEW)
        with pytest.raises(AliasRefused, match="alias of new"):
            newsroom.alias(OLD, NEWEST)

    def test_an_alias_is_not_registered_and_can_be_neither_changed_nor_reset(self, newsroom: Newsroom) -> None:
        register(newsroom.store, Article(OLD, "T", ADDRESS), START, patient())
        newsroom.alias(OLD, NEW)
        (stored,) = newsroom.store.articles([OLD], patient())
        assert stored.article is None
        with pytest.raises(ArticleMoved, match="alias of new"):
            register(newsroom.store, Article(OLD, "T", ADDRESS), START, patient())
        with pytest.raises(ArticleMoved):
            reset(newsroom.store, OLD, "k", START, patient())

    def test_neither_an_alias_nor_a_merge_looks_like_a_removal_to_the_feed(self, newsroom: Newsroom) -> None:
        newsroom.vote("ann", OLD, "up")
        newsroom.alias(OLD, NEW)
        remove_alias(newsroom.store, NEW, "old", START, patient())
        assert not any(one.removed for one in newsroom.store.articles([OLD, NEW], patient()))
        register(newsroom.store, Article(NEW, "T", ADDRESS), START, patient())
        unregister(newsroom.store, NEW, START, patient())
        (stored,) = newsroom.store.articles([NEW], patient())
        assert stored.removed

    def test_an_article_absorbs_only_so_many_others(self, newsroom: Newsroom) -> None:
        for number in range(MOST_ABSORBED):
            other = ArticleRef("demo", f"old-{number}")
            newsroom.vote("ann", other, "up")
            newsroom.alias(other, NEW)
        assert newsroom.counts(NEW) == {"up": 1}
        with pytest.raises(AliasRefused, match="more than 10 other ids"):
            newsroom.alias(OLD, NEW)


@every_store
class TestMerges:
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

    def test_a_removed_alias_begins_at_zero_and_what_was_merged_stays(self, newsroom: Newsroom) -> None:
        newsroom.vote("ann", OLD, "up")
        newsroom.alias(OLD, NEW)
        for _ in range(2):
            remove_alias(newsroom.store, NEW, "old", START, patient())
        assert (newsroom.counts(OLD), newsroom.counts(NEW)) == ({}, {"up": 1})
        assert newsroom.vote("ann", OLD, "down").first
        assert (newsroom.counts(OLD), newsroom.counts(NEW)) == ({"down": 1}, {"up": 1})
        assert newsroom.vote("ann", NEW, "down").changed
        assert (newsroom.counts(OLD), newsroom.counts(NEW)) == ({"down": 1}, {"down": 1})
        assert newsroom.drifts(OLD, NEW) == 0
        newsroom.alias(OLD, NEW)
        assert newsroom.counts(OLD) == {"down": 1}
        assert newsroom.drifts(OLD, NEW) == 0

    def test_an_alias_that_is_made_again_counts_each_reader_once(self, newsroom: Newsroom) -> None:
        newsroom.vote("ann", OLD, "up")
        newsroom.alias(OLD, NEW)
        remove_alias(newsroom.store, NEW, "old", START, patient())
        newsroom.vote("ann", OLD, "down")
        newsroom.alias(OLD, NEW)
        assert newsroom.counts(NEW) == {"down": 1}
        assert newsroom.drifts(OLD, NEW, OLD.next_life) == 0

    @pytest.mark.parametrize("lives", [1, 2, 3])
    def test_aliases_of_an_alias_go_with_it(self, newsroom: Newsroom, lives: int) -> None:
        for _ in range(lives - 1):
            newsroom.alias(OLD, NEW)
            remove_alias(newsroom.store, NEW, "old", START, patient())
        oldest = ArticleRef("demo", "oldest")
        newsroom.vote("ann", oldest, "up")
        newsroom.alias(oldest, OLD)
        newsroom.alias(OLD, NEW)
        remove_alias(newsroom.store, NEW, "old", START, patient())
        newsroom.vote("bob", oldest, "down")
        assert newsroom.counts(NEW) == {"up": 1}
        assert newsroom.counts(OLD) == newsroom.counts(oldest) == {"down": 1}

    def test_an_alias_may_be_reversed(self, newsroom: Newsroom) -> None:
        newsroom.vote("ann", OLD, "up")
        newsroom.vote("bob", NEW, "up")
        newsroom.alias(OLD, NEW)
        remove_alias(newsroom.store, NEW, "old", START, patient())
        newsroom.alias(NEW, OLD)
        assert newsroom.counts(OLD) == newsroom.counts(NEW) == {"up": 2}
        assert newsroom.vote_of("ann", OLD).choice == "up"
        newsroom.vote("ann", OLD, "up")
        newsroom.vote("ann", NEW, None)
        assert newsroom.counts(OLD) == {"up": 1}

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

    def test_a_version_of_the_alias_is_no_version_of_its_next_life(self, newsroom: Newsroom) -> None:
        newsroom.alias(OLD, NEW)
        known = newsroom.vote("ann", OLD, "up").vote.version
        remove_alias(newsroom.store, NEW, "old", START, patient())
        assert newsroom.vote_of("ann", OLD).version > known
        newsroom.vote("ann", OLD, "down")
        with pytest.raises(VoteHasChanged):
            newsroom.vote("ann", OLD, None, precondition=Precondition(match=frozenset({known})))

    def test_chains_have_an_end(self, newsroom: Newsroom) -> None:
        refs = [ArticleRef("demo", f"c-{number}") for number in range(MOST_DEPTH + 2)]
        for old, new in pairwise(refs[:-1]):
            newsroom.alias(old, new)
        with pytest.raises(AliasRefused, match="10 aliases"):
            newsroom.alias(refs[-2], refs[-1])
        newsroom.vote("ann", refs[0], "up")
        assert newsroom.vote_of("ann", refs[-2]).choice == "up"

    def test_lists_that_were_projected_at_different_moments_do_not_lead_in_a_circle(self, newsroom: Newsroom) -> None:
        def project(ref: ArticleRef, moved_to: str) -> None:
            terms = Terms(merges=Merges(moved_to=moved_to, changes=1))
            newsroom.store.put_projected_tally(ref, Tally({}, 1, START, terms), patient())

        project(OLD, "new")
        project(NEW, "old")
        (tally,) = newsroom.voting.tallies(DEMO, ["old"], patient())
        assert tally.voters == 0

    def test_a_reader_is_known_by_a_vote_for_an_alias_when_a_token_is_renewed(self, newsroom: Newsroom) -> None:
        newsroom.alias(OLD, NEW)
        newsroom.vote("ann", OLD, "up")
        (vote,) = newsroom.voting._votes_of(DEMO, "ann", ["old"], patient())
        assert vote.cast_at is not None

    def test_only_its_own_alias_is_removed(self, newsroom: Newsroom) -> None:
        newsroom.alias(OLD, NEW)
        with pytest.raises(AliasRefused, match="alias of new, not of newest"):
            remove_alias(newsroom.store, NEWEST, "old", START, patient())
        (stored,) = newsroom.store.articles([OLD], patient())
        assert stored.merges.moved_to == "new"

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


@concurrent_stores
@pytest.mark.parametrize("seed", range(4))
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


@every_store
def test_a_list_of_votes_follows_aliases_and_absorbed_votes(newsroom: Newsroom) -> None:
    newsroom.vote("ann", OLD, "up")
    newsroom.vote("ann", ArticleRef("demo", "plain"), "down")
    newsroom.alias(OLD, NEW)
    keys = ["new", "old", "plain", "missing", "old"]

    found = newsroom.voting.votes(Voter(DEMO, "ann"), keys, patient())
    assert [vote.choice for vote in found] == ["up", "up", "down", None, "up"]
    assert replace(found[0], version=0) == replace(found[1], version=0)

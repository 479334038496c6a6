"""Aliases: an old id's reads and votes are the article's, until it is an article of its own again."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from chalicelib.errors import AliasRefused, ArticleMoved
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
from tests.contract.test_store import every_store, without_moto
from tests.support.fakes import DEMO, START, patient
from tests.support.merging import NEW, NEWEST, OLD, PEPPER, Newsroom

ADDRESS = "https://news.example/a"


@pytest.fixture
def newsroom(store: OperatorStore) -> Newsroom:
    store.put_site(DEMO, patient())
    return Newsroom(store)


@every_store
class TestOnEveryStore:
    def test_votes_and_reads_of_an_alias_are_those_of_its_article(self, newsroom: Newsroom) -> None:
        newsroom.alias(OLD, NEW)
        assert newsroom.vote("ann", OLD, "up").first
        assert not newsroom.vote("ann", NEW, "up").first
        newsroom.vote("bob", NEW, "down")
        assert newsroom.counts(OLD) == newsroom.counts(NEW) == {"up": 1, "down": 1}
        assert newsroom.vote_of("bob", OLD) == newsroom.vote_of("bob", NEW)
        assert newsroom.drifts(OLD, NEW) == 0

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


@without_moto
class TestAliases:
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
            add_alias(newsroom.store, NEW, other.article, START, patient())
        finish_merges(newsroom.store, NEW, PEPPER, START, patient)
        assert newsroom.counts(NEW) == {"up": 1}
        with pytest.raises(AliasRefused, match="more than 10 other ids"):
            newsroom.alias(OLD, NEW)


@without_moto
class TestLives:
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


@every_store
def test_a_list_of_votes_follows_aliases_and_absorbed_votes(newsroom: Newsroom) -> None:
    newsroom.vote("ann", OLD, "up")
    newsroom.vote("ann", ArticleRef("demo", "plain"), "down")
    newsroom.alias(OLD, NEW)
    keys = ["new", "old", "plain", "missing", "old"]

    found = newsroom.voting.votes(Voter(DEMO, "ann"), keys, patient())
    assert [vote.choice for vote in found] == ["up", "up", "down", None, "up"]
    assert replace(found[0], version=0) == replace(found[1], version=0)

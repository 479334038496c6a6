"""What every store of votes must do. Run against the in-memory fake, moto and DynamoDB Local."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import pytest

from chalicelib.deadlines import Deadline
from chalicelib.errors import Unavailable, UnknownArticle, VotingClosed
from chalicelib.preconditions import ANY, Precondition
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.registering import register
from chalicelib.publishing.sites import Site
from chalicelib.voting.applying import apply
from chalicelib.voting.commits import Outcome
from chalicelib.voting.ports import OperatorStore
from chalicelib.voting.recount import recount_partition, repair
from chalicelib.voting.tallies import Tally
from chalicelib.voting.voters import VOTE_PARTITIONS, vote_partition
from chalicelib.voting.votes import VoteHasChanged, Wish, receipt_key
from tests.contract.conftest import EVERY_STORE, WITHOUT_MOTO
from tests.support.drifts import drifted
from tests.support.fakes import START, no_pause, patient

REF = ArticleRef("demo", "a-1")
every_store = pytest.mark.parametrize("store", EVERY_STORE, indirect=True)
without_moto = pytest.mark.parametrize("store", WITHOUT_MOTO, indirect=True)


def wish(
    voter: str, choice: str | None, request_id: str = "r1", *, ref: ArticleRef = REF, at: int = START, **more: object
) -> Wish:
    made = Wish(ref, voter, choice, receipt_key(voter, request_id), at)
    return replace(made, **{"ordered": bool(more), **more})  # type: ignore[arg-type]


def cast(store: OperatorStore, one: Wish, *, registered_only: bool = False) -> Outcome:
    return apply(store, one, patient(), registered_only=registered_only)


def counts(store: OperatorStore, ref: ArticleRef = REF) -> dict[str, int]:
    tally = store.tally(ref, patient(), consistent=True)
    return {choice: count for choice, count in tally.counts.items() if count}


def drifts(store: OperatorStore, ref: ArticleRef = REF) -> int:
    return len(drifted(store, ref))


@every_store
class TestVotes:
    def test_an_article_that_nobody_voted_on_has_an_unknown_empty_tally(self, store: OperatorStore) -> None:
        tally = store.tally(REF, patient(), consistent=False)
        assert (tally.version, tally.voters, tally.terms.registered) == (0, 0, False)

    def test_a_first_vote_is_stored_and_counted(self, store: OperatorStore) -> None:
        outcome = cast(store, wish("v1", "up"))
        assert (outcome.changed, outcome.first, outcome.vote.version) == (True, True, 1)
        assert store.vote(REF, "v1", patient()) == outcome.vote
        tally = store.tally(REF, patient(), consistent=True)
        assert (dict(tally.counts), tally.version, tally.updated_at) == ({"up": 1}, 1, START)

    def test_the_same_request_again_changes_nothing(self, store: OperatorStore) -> None:
        first = cast(store, wish("v1", "up"))
        again = cast(store, wish("v1", "up", at=START + 5))
        assert (again.changed, again.first, again.vote) == (False, False, first.vote)
        assert counts(store) == {"up": 1}

    def test_a_changed_vote_moves_one_count(self, store: OperatorStore) -> None:
        cast(store, wish("v1", "up"))
        outcome = cast(store, wish("v1", "down", "r2", at=START + 9))
        assert (outcome.changed, outcome.first, outcome.vote.version) == (True, False, 2)
        assert (outcome.vote.cast_at, outcome.vote.changed_at) == (START - START % 3600, START - START % 3600)
        assert counts(store) == {"down": 1}
        assert store.tally(REF, patient(), consistent=True).version == 2

    def test_a_retracted_vote_leaves_a_tombstone_that_can_be_voted_on_again(self, store: OperatorStore) -> None:
        cast(store, wish("v1", "up"))
        retracted = cast(store, wish("v1", None, "r2"))
        assert (retracted.changed, retracted.vote.choice, retracted.vote.version) == (True, None, 2)
        assert counts(store) == {}
        again = cast(store, wish("v1", "up", "r3"))
        assert (again.first, again.vote.version) == (False, 3)
        assert counts(store) == {"up": 1}

    def test_retracting_nothing_stores_nothing(self, store: OperatorStore) -> None:
        assert cast(store, wish("v1", None)).vote.version == 0
        assert store.vote(REF, "v1", patient()).version == 0

    def test_a_fence_is_stored_without_touching_the_tally(self, store: OperatorStore) -> None:
        cast(store, wish("v1", "up"))
        fenced = cast(store, wish("v1", "up", "r2", precondition=Precondition(match=frozenset({1}))))
        assert (fenced.changed, fenced.vote.version) == (False, 2)
        assert store.vote(REF, "v1", patient()).version == 2
        assert store.tally(REF, patient(), consistent=True).version == 1

    def test_a_precondition_that_does_not_hold_is_refused_with_the_current_vote(self, store: OperatorStore) -> None:
        cast(store, wish("v1", "up"))
        with pytest.raises(VoteHasChanged) as refused:
            cast(store, wish("v1", "down", "r2", precondition=Precondition(none_match=ANY)))
        assert (refused.value.vote.choice, refused.value.field) == ("up", "If-None-Match")
        with pytest.raises(VoteHasChanged):
            cast(store, wish("v2", "down", "r2", precondition=Precondition(match=frozenset({1}))))
        assert counts(store) == {"up": 1}

    def test_a_late_duplicate_of_an_older_request_does_not_override_a_newer_one(self, store: OperatorStore) -> None:
        first, second = wish("v1", "up", "r1", ordered=True), wish("v1", "down", "r2", ordered=True)
        for one in (first, second, first, second, first):
            outcome = cast(store, one)
        assert (outcome.vote.choice, outcome.changed) == ("down", False)
        assert counts(store) == {"down": 1}

    def test_votes_of_many_voters_add_up_over_all_shards(self, store: OperatorStore) -> None:
        for number in range(60):
            cast(store, wish(f"voter-{number}", "up" if number % 3 else "down"))
        assert counts(store) == {"up": 40, "down": 20}
        assert set(store.shards(REF, patient())) == {vote_partition(f"voter-{number}") for number in range(60)}
        assert drifts(store) == 0

    def test_votes_are_read_back_in_the_order_asked(self, store: OperatorStore) -> None:
        refs = [ArticleRef("demo", f"a-{number}") for number in range(100)]
        for ref in refs[::2]:
            cast(store, wish("v1", "up", ref=ref))
        found = store.votes([(ref, "v1") for ref in refs], patient())
        assert [vote.choice for vote in found] == ["up", None] * 50

    def test_articles_and_sites_do_not_mix(self, store: OperatorStore) -> None:
        cast(store, wish("v1", "up"))
        cast(store, wish("v1", "down", ref=ArticleRef("demo", "a-10")))
        cast(store, wish("v1", "down", ref=ArticleRef("demo2", "a-1")))
        assert counts(store) == {"up": 1}


@every_store
class TestArticles:
    def test_an_unregistered_article_is_refused_where_articles_are_registered(self, store: OperatorStore) -> None:
        with pytest.raises(UnknownArticle):
            cast(store, wish("v1", "up"), registered_only=True)
        assert store.vote(REF, "v1", patient()).version == 0
        assert store.tally(REF, patient(), consistent=True).version == 0

    def test_votes_from_before_articles_were_registered_do_not_register_an_article(self, store: OperatorStore) -> None:
        for number in range(40):
            cast(store, wish(f"voter-{number}", "up"))
        for number in (3, 50):
            with pytest.raises(UnknownArticle):
                cast(store, wish(f"voter-{number}", "down", "r2"), registered_only=True)
        assert not store.tally(REF, patient(), consistent=True).terms.registered

    def test_a_registered_article_takes_votes_and_shows_zeros_before(self, store: OperatorStore) -> None:
        article = Article(
            REF, "Title", "https://news.example/a-1", None, "Ann", "Sport", "https://news.example/a.jpg", START - 60
        )
        register(store, article, START, patient())
        assert store.tally(REF, patient(), consistent=True).terms.registered
        assert counts(store) == {}
        cast(store, wish("v1", "up"), registered_only=True)
        assert counts(store) == {"up": 1}
        assert store.articles([REF], patient())[0].article == replace(article, version=1)

    def test_from_its_closing_time_on_an_article_takes_no_vote_of_any_kind(self, store: OperatorStore) -> None:
        cast(store, wish("v1", "up"))
        register(store, Article(REF, "Title", "https://news.example", closes_at=START + 100), START, patient())
        cast(store, wish("v2", "up", at=START + 99))
        for late in (
            wish("v3", "up"),
            wish("v1", "down", "r2"),
            wish("v1", None, "r3"),
            wish("v1", "up", "r4", ordered=True),
        ):
            with pytest.raises(VotingClosed):
                cast(store, replace(late, at=START + 100))
        assert counts(store) == {"up": 2}
        assert store.vote(REF, "v1", patient()).version == 1

    def test_where_articles_are_registered_a_closed_one_is_closed_and_not_unknown(self, store: OperatorStore) -> None:
        register(store, Article(REF, "T", "https://news.example", closes_at=START), 1, patient())
        for one in (wish("v1", "up"), wish("v1", None, "r2", ordered=True)):
            with pytest.raises(VotingClosed):
                cast(store, one, registered_only=True)
        assert store.vote(REF, "v1", patient()).version == 0

    def test_a_closed_article_can_be_opened_again(self, store: OperatorStore) -> None:
        register(store, Article(REF, "Title", "https://news.example", closes_at=START), START, patient())
        register(store, Article(REF, "Title", "https://news.example"), START + 1, patient())
        assert cast(store, wish("v1", "up", at=START + 2)).changed

    def test_opening_and_closing_are_changes_that_caches_and_summaries_see(self, store: OperatorStore) -> None:
        versions = [store.tally(REF, patient(), consistent=True).version]
        for closes_at in (None, START, None):
            register(store, Article(REF, "T", "https://news.example", closes_at), START, patient())
            versions.append(store.tally(REF, patient(), consistent=True).version)
        assert all(before < after for before, after in pairwise(versions))


@every_store
class TestSummaries:
    def test_a_summary_is_replaced_only_by_a_newer_one(self, store: OperatorStore) -> None:
        newer, older = Tally({"up": 5}, 7, START), Tally({"up": 4}, 6, START)
        assert store.put_projected_tally(REF, newer, patient())
        assert not store.put_projected_tally(REF, older, patient())
        assert not store.put_projected_tally(REF, newer, patient())
        assert store.projected_tallies([REF, ArticleRef("demo", "none")], patient()) == [newer, None]

    def test_a_hundred_summaries_come_in_the_order_asked(self, store: OperatorStore) -> None:
        refs = [ArticleRef("demo", f"a-{number}") for number in range(100)]
        for number, ref in enumerate(refs):
            store.put_projected_tally(ref, Tally({"up": number}, number + 1, START), patient())
        found = store.projected_tallies(refs[::-1], patient())
        assert [summary.counts["up"] for summary in found if summary] == list(range(99, -1, -1))


@every_store
class TestSites:
    def test_a_site_is_read_back_as_it_was_put(self, store: OperatorStore) -> None:
        site = Site("demo", make_ballot("reactions", ["joy", "rage"]), ("https://news.example",), True)
        assert store.site("demo", patient()) is None
        store.put_site(site, patient())
        assert store.site("demo", patient()) == site


@every_store
class TestRecount:
    def test_the_segments_of_the_table_meet_every_partition_also_of_what_is_lost(self, store: OperatorStore) -> None:
        other = ArticleRef("other", "b")
        for number in range(20):
            cast(store, wish(f"v{number}", "up"))
        cast(store, wish("v1", "up", ref=other))
        register(store, Article(ArticleRef("demo", "quiet"), "T", "https://news.example"), START, patient())
        met = [set(store.partitions_in_segment(segment, 4, patient)) for segment in range(4)]
        every = {(ref, one) for ref in (REF, other, ArticleRef("demo", "quiet")) for one in range(VOTE_PARTITIONS)}
        assert set[tuple[ArticleRef, int]]().union(*met) == every

    def test_articles_with_votes_are_listed_once_each(self, store: OperatorStore) -> None:
        other = ArticleRef("other", "a-1")
        for number in range(20):
            cast(store, wish(f"voter-{number}", "up"))
        cast(store, wish("v1", "up", ref=other))
        store.put_site(Site("demo", make_ballot("updown")), patient())
        assert set(store.articles_with_votes(None, patient)) == {REF, other}
        assert list(store.articles_with_votes("other", patient)) == [other]

    def test_drift_is_found_and_repaired_and_the_version_grows(self, store: OperatorStore) -> None:
        for number in range(40):
            cast(store, wish(f"voter-{number}", "up"))
        shard = vote_partition("voter-7")
        version = store.shards(REF, patient())[shard].version
        assert store.repair_shard(REF, shard, {"up": 99, "down": 3}, version, START, patient())  # damage
        found = recount_partition(store, REF, shard, patient, no_pause)
        assert [drift.shard for drift in found.drifts] == [shard]
        before = store.tally(REF, patient(), consistent=True).version
        assert repair(store, found.drifts[0], START, patient)
        assert drifts(store) == 0
        assert counts(store) == {"up": 40}
        assert store.tally(REF, patient(), consistent=True).version == before + 1

    def test_a_repair_gives_way_to_a_vote_that_came_in_between(self, store: OperatorStore) -> None:
        cast(store, wish("v1", "up"))
        shard = vote_partition("v1")
        assert store.repair_shard(REF, shard, {"up": 5}, 1, START, patient())  # damage
        drift = recount_partition(store, REF, shard, patient, no_pause).drifts[0]
        cast(store, wish("v1", "down", "r2"))
        assert not repair(store, drift, START, patient)
        assert counts(store) == {"up": 4, "down": 1}

    def test_a_lost_shard_is_made_again_from_its_votes(self, store: OperatorStore) -> None:
        shard = vote_partition("v1")
        assert store.repair_shard(REF, shard, {"up": 2}, 0, START, patient())  # a shard that no vote made
        drift = recount_partition(store, REF, shard, patient, no_pause).drifts[0]
        assert (drift.tallied, drift.counted) == ({"up": 2}, {})
        assert not store.repair_shard(REF, shard, {"up": 2}, 0, START, patient())
        assert repair(store, drift, START, patient)
        assert counts(store) == {}


@every_store
class TestDeadlines:
    def test_past_its_deadline_a_call_is_unavailable_and_stores_nothing(self, store: OperatorStore) -> None:
        now = [0.0]
        late = Deadline(lambda: now[0], 1.0)
        now[0] = 2.0
        with pytest.raises(Unavailable):
            apply(store, wish("v1", "up"), late, registered_only=False)
        with pytest.raises(Unavailable):
            store.tally(REF, late, consistent=False)
        assert store.vote(REF, "v1", patient()).version == 0


@without_moto
class TestRaces:
    def test_one_voter_in_sixteen_threads_is_counted_once(self, store: OperatorStore) -> None:
        with ThreadPoolExecutor(16) as pool:
            outcomes = list(pool.map(lambda n: cast(store, wish("v1", "up", f"r{n}")), range(64)))
        assert sum(outcome.changed for outcome in outcomes) == 1
        assert counts(store) == {"up": 1}
        assert drifts(store) == 0

    def test_one_request_in_sixteen_threads_is_counted_once(self, store: OperatorStore) -> None:
        with ThreadPoolExecutor(16) as pool:
            outcomes = list(pool.map(lambda _: cast(store, wish("v1", "up", "same", ordered=True)), range(64)))
        assert {outcome.vote.version for outcome in outcomes} == {1}
        assert counts(store) == {"up": 1}

    def test_voters_who_change_their_minds_at_once_never_drift(self, store: OperatorStore) -> None:
        picks = ("up", "down", None)
        with ThreadPoolExecutor(16) as pool:
            voting = (wish(f"voter-{n % 5}", picks[n % 3], f"r{n}", at=START + 3600 * n) for n in range(200))
            list(pool.map(lambda one: cast(store, one), voting))
        assert drifts(store) == 0
        assert store.tally(REF, patient(), consistent=True).voters <= 5

    def test_a_recount_while_votes_arrive_finds_no_drift(self, store: OperatorStore) -> None:
        with ThreadPoolExecutor(9) as pool:
            voting = [pool.submit(cast, store, wish(f"voter-{n}", "up", f"r{n}")) for n in range(300)]
            for partition in range(VOTE_PARTITIONS):
                assert recount_partition(store, REF, partition, patient, no_pause).drifts == ()
            for vote in voting:
                vote.result()
        assert drifts(store) == 0
        assert counts(store) == {"up": 300}

    def test_closing_lets_in_every_vote_before_it_and_none_after(self, store: OperatorStore) -> None:
        closed = Article(REF, "T", "https://news.example", closes_at=START)
        refused = 0
        with ThreadPoolExecutor(9) as pool:
            voting = [pool.submit(cast, store, wish(f"voter-{n}", "up", f"r{n}")) for n in range(200)]
            register(store, closed, START, patient())
            after = counts(store).get("up", 0)
            for vote in voting:
                refused += isinstance(vote.exception(), VotingClosed)
        assert counts(store).get("up", 0) == after == 200 - refused
        assert drifts(store) == 0

"""What every store of sites and keys must do. Run against the in-memory fake, moto and DynamoDB Local."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.ballots import Ballot, make_ballot
from chalicelib.publishing.keys import Key
from chalicelib.publishing.registering import register, unregister
from chalicelib.publishing.site_feeds import SiteFeed
from chalicelib.publishing.sites import Budget, Site, StarPrior
from chalicelib.syncing.feed_states import FeedReport, FeedState, Match, Skipped
from chalicelib.syncing.fetched import Validators
from chalicelib.syncing.ports import FeedStore
from chalicelib.syncing.registering import register_listed
from chalicelib.voting.ports import OperatorStore
from tests.contract.conftest import WITHOUT_MOTO
from tests.contract.test_store import every_store
from tests.support.fakes import START, patient

KEY = Key("demo", "ab" * 32, "The newsroom's spreadsheet", "read", START)
ADMINS = [Key("demo", f"{number:064x}", "admin", "admin", START) for number in range(2)]


@every_store
class TestKeys:
    def test_a_key_is_known_from_issue_to_revocation_and_only_on_its_site(self, store: OperatorStore) -> None:
        other = replace(KEY, hash="cd" * 32, scope="write", used_on=START)
        store.put_key(KEY, patient())
        store.put_key(other, patient())
        assert store.keys("demo", patient()) == [KEY, other]
        assert store.key("demo", KEY.hash, patient()) == KEY
        assert store.key("demo2", KEY.hash, patient()) is None
        assert store.revoke_key(KEY, patient())
        assert store.key("demo", KEY.hash, patient()) is None
        assert store.keys("demo", patient()) == [other]

    def test_its_use_is_recorded_unless_it_is_revoked(self, store: OperatorStore) -> None:
        store.put_key(KEY, patient())
        store.record_use(KEY, START, patient())
        assert store.key("demo", KEY.hash, patient()) == replace(KEY, used_on=START)
        store.revoke_key(KEY, patient())
        store.record_use(KEY, START, patient())
        assert store.keys("demo", patient()) == []

    def test_it_is_only_revoked_while_another_admin_key_is_there(self, store: OperatorStore) -> None:
        for key in (KEY, *ADMINS):
            store.put_key(key, patient())
        assert not store.revoke_key(ADMINS[0], patient(), while_there_is=KEY)
        assert store.revoke_key(ADMINS[0], patient(), while_there_is=ADMINS[1])
        assert not store.revoke_key(ADMINS[1], patient(), while_there_is=ADMINS[0])
        assert store.key("demo", ADMINS[1].hash, patient()) == ADMINS[1]

    def test_a_key_does_not_make_a_site(self, store: OperatorStore) -> None:
        store.put_key(KEY, patient())
        assert store.site("demo", patient()) is None


@every_store
class TestSites:
    def test_every_setting_is_kept(self, store: OperatorStore) -> None:
        ballot = Ballot("like", ("like",), ("up", "down"), {"like": "Good", "up": "Yes"}, {"like": "👍"})
        site = Site(
            "demo", ballot, ("https://*.news.example",), registers_articles=True, insights="private", ranks="any",
            star_prior=StarPrior(3.45, 12), time_zone="Asia/Tokyo", noun="people", results="after_close",
            language="pt-BR", feed=SiteFeed("https://news.example/feed", "pattern", "(x)"), new_voters=Budget(7, 70),
            version=7,
        )  # fmt: skip
        assert store.put_site(site, patient())
        assert store.site("demo", patient()) == site
        assert store.site("demo", patient(), consistent=True) == site

    def test_only_sites_whose_insights_are_public_are_listed(self, store: OperatorStore) -> None:
        site = Site("b-site", make_ballot("stars"))
        store.put_site(site, patient())
        store.put_site(replace(site, id="a-site"), patient())
        store.put_site(replace(site, id="private", insights="private"), patient())
        assert store.listed_sites(patient()) == ["a-site", "b-site"]
        store.put_site(replace(site, insights="private"), patient())
        assert store.listed_sites(patient()) == ["a-site"]

    def test_a_change_is_stored_only_on_the_version_that_was_read(self, store: OperatorStore) -> None:
        made = Site("demo", make_ballot("like"))
        store.put_site(made, patient())
        first = replace(made, version=1)
        assert store.put_site(first, patient(), read_version=0)
        assert not store.put_site(replace(first, noun="people"), patient(), read_version=0)
        second = replace(first, noun="readers", version=2)
        assert store.put_site(second, patient(), read_version=1)
        assert not store.put_site(replace(first, noun="people", version=2), patient(), read_version=1)
        assert store.site("demo", patient()) == second


@every_store
class TestFeeds:
    SITE = Site("demo", make_ballot("like"), feed=SiteFeed("https://news.example/feed"), version=1)

    def test_the_feed_of_a_site_is_on_the_list_until_the_site_has_none(
        self, store: OperatorStore, feeds: FeedStore
    ) -> None:
        store.put_site(self.SITE, patient())
        store.put_site(Site("other", make_ballot("like")), patient())
        assert feeds.feeds(patient()) == [FeedState("demo", 1)]
        assert feeds.feed("other", patient()) is None
        store.put_site(replace(self.SITE, feed=None, version=2), patient())
        assert feeds.feeds(patient()) == []
        assert store.site("demo", patient()) == replace(self.SITE, feed=None, version=2)

    def test_how_a_reading_went_is_kept_until_the_site_changes(self, store: OperatorStore, feeds: FeedStore) -> None:
        store.put_site(self.SITE, patient())
        report = FeedReport(START, 3, 1, 0, 1, 0, 1, (Match("https://news.example/a", "a"),), (Skipped("b", "why"),))
        read = FeedState("demo", 1).succeeded(START, Validators('"1"', "yesterday"), "digest", report)
        for state in (read, read.failed("Its server answered 500.", START + 300)):
            assert feeds.put_feed(state, patient())
            assert feeds.feed("demo", patient()) == state
        store.put_site(replace(self.SITE, noun="people", version=2), patient())
        assert not feeds.put_feed(read, patient())
        assert feeds.feed("demo", patient()) == FeedState("demo", 2)
        store.put_site(replace(self.SITE, feed=None, version=3), patient())
        assert not feeds.put_feed(read, patient())
        assert feeds.feeds(patient()) == []

    def test_what_a_feed_lists_is_registered_and_what_was_removed_is_not(self, store: OperatorStore) -> None:
        refs = [ArticleRef("demo", f"a-{number}") for number in range(120)]
        listed = [Article(ref, "T", "https://news.example/a", from_feed=True) for ref in refs]
        assert register_listed(store, listed, START, patient()) == {"registered": 120}
        assert register_listed(store, listed, START, patient()) == {"unchanged": 120}
        unregister(store, refs[0], START, patient())
        register(store, replace(listed[1], from_feed=False), START, patient())
        assert register_listed(store, listed, START, patient()) == {"unchanged": 118, "kept": 2}
        stored = store.articles(refs[:3], patient())
        assert [one.removed for one in stored] == [True, False, False]
        assert [one.article and one.article.from_feed for one in stored] == [None, False, True]


@pytest.mark.parametrize("store", WITHOUT_MOTO, indirect=True)
def test_admin_keys_that_revoke_each_other_at_once_never_all_go(store: OperatorStore) -> None:
    for _ in range(20):
        for key in ADMINS:
            store.put_key(key, patient())
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(lambda pair: store.revoke_key(pair[0], patient(), while_there_is=pair[1]),
                             [(ADMINS[0], ADMINS[1]), (ADMINS[1], ADMINS[0])]))  # fmt: skip
        assert len(store.keys("demo", patient())) == 1

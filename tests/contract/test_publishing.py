"""What every store of sites and keys must do. Run against the in-memory fake, moto and DynamoDB Local."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.read_keys import ReadKey
from chalicelib.publishing.sites import Site, StarPrior
from chalicelib.voting.ports import OperatorStore
from tests.contract.test_store import every_store
from tests.support.fakes import START, patient


@every_store
class TestKeysAndSites:
    def test_a_key_is_known_from_issue_to_revocation_and_only_on_its_site(self, store: OperatorStore) -> None:
        key = ReadKey("demo", "ab" * 32, "The newsroom's spreadsheet", START)
        store.put_read_key(key, patient())
        store.put_read_key(replace(key, hash="cd" * 32), patient())
        assert store.read_keys("demo", patient()) == [key, replace(key, hash="cd" * 32)]
        assert store.has_read_key("demo", key.hash, patient())
        assert not store.has_read_key("demo2", key.hash, patient())
        store.delete_read_key(key, patient())
        assert not store.has_read_key("demo", key.hash, patient())
        assert [one.hash for one in store.read_keys("demo", patient())] == ["cd" * 32]

    def test_a_key_does_not_make_a_site(self, store: OperatorStore) -> None:
        store.put_read_key(ReadKey("demo", "ab" * 32, "x", START), patient())
        assert store.site("demo", patient()) is None

    def test_only_sites_whose_insights_are_public_are_listed(self, store: OperatorStore) -> None:
        site = Site("b-site", make_ballot("stars"), star_prior=StarPrior(3.45, 12), time_zone="Asia/Tokyo")
        store.put_site(site, patient())
        store.put_site(replace(site, id="a-site"), patient())
        store.put_site(replace(site, id="private", insights="private"), patient())
        assert store.listed_sites(patient()) == ["a-site", "b-site"]
        store.put_site(replace(site, insights="private"), patient())
        assert store.listed_sites(patient()) == ["a-site"]
        assert store.site("b-site", patient()) == replace(site, insights="private")

"""Private sites: who shows a read key that was issued, and who does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.keys import Key, hash_key
from chalicelib.publishing.sites import Site
from chalicelib.publishing.wire import SitesBody
from chalicelib.services import Services
from tests.support.fakes import START, Clock, MemoryStore, patient
from tests.support.gateway import send
from tests.support.insights import EVERY_ADDRESS, get

KEY = "avk_" + "k" * 43


pytestmark = pytest.mark.usefixtures("services")


class TestKeys:
    @pytest.fixture(autouse=True)
    def private_site(self, services: Services, store: MemoryStore) -> None:
        store.put_site(replace(store.every_site()[0], insights="private"), patient())
        store.put_key(Key("demo", hash_key(KEY), "test", "read", START), patient())

    @pytest.mark.parametrize("path", EVERY_ADDRESS)
    @pytest.mark.parametrize(
        "authorization",
        [None, "", "Bearer", f"Basic {KEY}", "Bearer avk_", f"Bearer {KEY}x", f"Bearer {KEY[:-1]}", f"Bearer {KEY[:-1]}l",
         "Bearer " + "k" * 3000, f"Bearer {KEY} {KEY}", f"Bearer {KEY}\x00", "Bearer ä"],
    )  # fmt: skip
    def test_without_a_key_that_was_issued_nothing_is_said(self, path: str, authorization: str | None) -> None:
        answer = send("GET", path, headers={} if authorization is None else {"Authorization": authorization})
        refused_as = (400, "malformed_request") if len(authorization or "") > 2048 else (401, "invalid_key")
        assert (answer.status, answer.json()["code"], answer.json()["field"]) == (*refused_as, "Authorization")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers.get("www-authenticate") == ("Bearer" if answer.status == 401 else None)

    @pytest.mark.parametrize("path", EVERY_ADDRESS)
    def test_with_a_key_the_answer_is_kept_by_nobody_else(self, path: str) -> None:
        answer = send("GET", path, headers={"Authorization": f"Bearer {KEY}"})
        assert (answer.status, answer.headers["cache-control"]) == (200, "private, no-cache")
        assert "Authorization" in answer.headers["vary"]
        tagged = {"Authorization": f"Bearer {KEY}", "If-None-Match": answer.headers["etag"]}
        assert send("GET", path, headers=tagged).status == 304

    def test_a_key_of_another_site_is_refused(self, store: MemoryStore) -> None:
        store.put_site(replace(store.every_site()[0], id="other"), patient())
        assert send("GET", "/v1/sites/other/summary", headers={"Authorization": f"Bearer {KEY}"}).status == 401

    def test_a_revoked_key_is_remembered_for_a_minute_at_most(self, store: MemoryStore, clock: Clock) -> None:
        def status() -> int:
            return send("GET", "/v1/sites/demo/summary", headers={"Authorization": f"Bearer {KEY}"}).status

        assert status() == 200
        store.revoke_key(Key("demo", hash_key(KEY), "test", "read", START), patient())
        clock.advance(59)
        assert status() == 200
        clock.advance(2)
        assert status() == 401

    def test_tallies_of_a_private_site_stay_public(self) -> None:
        assert send("GET", "/v1/sites/demo/articles/a/tally").status == 200
        assert send("GET", "/v1/sites/demo/tallies?articles=a").status == 200

    def test_a_private_site_is_not_listed(self, store: MemoryStore) -> None:
        store.put_site(Site("open", make_ballot("like")), patient())
        assert get("/v1/sites", SitesBody) == {"sites": [{"site": "open"}]}

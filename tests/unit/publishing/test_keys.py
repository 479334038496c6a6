"""Keys over HTTP: who may list, issue and revoke them, and what each scope may do."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from chalicelib.errors import Unavailable
from chalicelib.publishing.key_directory import RECORD_WITHIN_SECONDS
from chalicelib.publishing.key_wire import IssuedKeyBody, KeysBody
from chalicelib.publishing.keys import SCOPES, Key
from chalicelib.publishing.sites import Site
from chalicelib.services import Services
from tests.support.fakes import DEMO, START, Clock, MemoryStore, patient
from tests.support.forms import has_form
from tests.support.gateway import Answer, send
from tests.support.keys import ADMIN, FOREIGN, READ, WRITE, basic, issue, with_key

KEYS = "/v1/sites/demo/keys"
DAY = 24 * 3600


@pytest.fixture(autouse=True)
def keys(services: Services, store: MemoryStore) -> dict[str, Key]:
    store.put_site(replace(DEMO, id="other"), patient())
    issue(store, FOREIGN, "admin", "other")
    return {scope: issue(store, raw, scope) for scope, raw in zip(SCOPES, (READ, WRITE, ADMIN), strict=True)}


def refused(answer: Answer) -> tuple[int, str, str]:
    problem = answer.json()
    return answer.status, problem["code"], problem["field"]


class TestListingIssuingRevoking:
    def test_a_key_is_shown_once_and_works_at_once(self, store: MemoryStore) -> None:
        answer = with_key("POST", KEYS, ADMIN, {"label": "the CMS", "scope": "write"})
        assert (answer.status, answer.headers["cache-control"]) == (201, "no-store")
        issued = has_form(answer, IssuedKeyBody)
        assert (issued["label"], issued["scope"], issued["used_on"]) == ("the CMS", "write", None)
        listed = has_form(with_key("GET", KEYS, ADMIN), KeysBody)["keys"]
        assert {name: value for name, value in issued.items() if name != "key"} in listed
        assert issued["key"] not in str(listed)
        assert issued["key"] not in str(store.keys("demo", patient()))
        assert refused(with_key("GET", KEYS, issued["key"])) == (403, "scope_too_low", "scope")

    def test_two_keys_are_never_the_same(self) -> None:
        issued = [with_key("POST", KEYS, ADMIN, {"label": "x", "scope": "read"}).json()["key"] for _ in range(50)]
        assert len(set(issued)) == 50

    def test_a_revoked_key_is_refused_after_a_minute_at_most(self, keys: dict[str, Key], clock: Clock) -> None:
        issued = with_key("POST", KEYS, ADMIN, {"label": "x", "scope": "admin"}).json()
        assert with_key("GET", KEYS, issued["key"]).status == 200
        left = has_form(with_key("DELETE", f"{KEYS}/{issued['id']}", ADMIN), KeysBody)
        assert sorted(key["id"] for key in left["keys"]) == sorted(key.id for key in keys.values())
        clock.advance(61)
        assert refused(with_key("GET", KEYS, issued["key"])) == (401, "invalid_key", "Authorization")

    def test_to_revoke_a_key_again_changes_nothing(self, keys: dict[str, Key]) -> None:
        once = with_key("DELETE", f"{KEYS}/{keys['read'].id}", ADMIN)
        again = with_key("DELETE", f"{KEYS}/{keys['read'].id}", ADMIN)
        assert (once.status, once.text) == (again.status, again.text)

    def test_the_last_admin_key_stays(self, keys: dict[str, Key]) -> None:
        address = f"{KEYS}/{keys['admin'].id}"
        assert refused(with_key("DELETE", address, ADMIN)) == (409, "last_admin_key", "key")
        with_key("POST", KEYS, ADMIN, {"label": "x", "scope": "admin"})
        assert with_key("DELETE", address, ADMIN).status == 200

    def test_two_admin_keys_that_revoke_each_other_at_once_leave_one(
        self, services: Services, store: MemoryStore, keys: dict[str, Key]
    ) -> None:
        second = issue(store, "avk_" + "s" * 43, "admin")
        assert store.revoke_key(second, patient(), while_there_is=keys["admin"])
        assert not store.revoke_key(keys["admin"], patient(), while_there_is=second)

    @pytest.mark.parametrize(
        ("body", "field"),
        [({}, "label"), ({"label": "", "scope": "read"}, "label"), ({"label": " ", "scope": "read"}, "label"),
         ({"label": "x" * 65, "scope": "read"}, "label"), ({"label": "a\nb", "scope": "read"}, "label"), ({"label": "x"}, "scope"),
         ({"label": "x", "scope": "owner"}, "scope"), ({"label": "x", "scope": None}, "scope"), ({"label": 1, "scope": "read"}, "label"),
         ({"label": "x", "scope": "read", "site": "other"}, "site"), ({"label": "\ud800", "scope": "read"}, "label")],
    )  # fmt: skip
    def test_a_body_that_is_wrong_issues_nothing(self, body: dict[str, object], field: str, store: MemoryStore) -> None:
        before = store.keys("demo", patient())
        assert refused(with_key("POST", KEYS, ADMIN, body))[::2] == (422, field)
        assert [key.hash for key in store.keys("demo", patient())] == [key.hash for key in before]

    @pytest.mark.parametrize("key_id", ["x", "0" * 11, "0" * 13, "G" * 12, "%20" * 4, "\u0661" * 12])
    def test_a_key_id_that_is_no_key_id_is_refused(self, key_id: str) -> None:
        assert refused(with_key("DELETE", f"{KEYS}/{key_id}", ADMIN))[::2] == (422, "key")


class TestScopes:
    @pytest.mark.parametrize("key", [READ, WRITE])
    @pytest.mark.parametrize(("method", "path"), [("GET", KEYS), ("POST", KEYS), ("DELETE", f"{KEYS}/{'0' * 12}")])
    def test_only_an_admin_key_manages_keys(self, key: str, method: str, path: str) -> None:
        assert refused(with_key(method, path, key)) == (403, "scope_too_low", "scope")

    def test_a_key_may_be_the_user_name_of_http_basic(self) -> None:
        assert send("GET", KEYS, headers=basic(ADMIN)).status == 200
        assert send("GET", KEYS, headers=basic(ADMIN, "anything")).status == 200
        assert refused(send("GET", KEYS, headers=basic(READ)))[0] == 403
        assert refused(send("GET", KEYS, headers=basic("", ADMIN)))[0] == 401
        assert refused(send("GET", KEYS, headers={"Authorization": f"Basic {ADMIN}"}))[0] == 401
        assert refused(send("GET", KEYS, headers={"Authorization": "Basic \xff"}))[0] == 401

    def test_a_missing_site_and_a_foreign_site_answer_with_the_same_words(self) -> None:
        answers = [with_key("GET", f"/v1/sites/{site}/keys", FOREIGN) for site in ("demo", "missing")]
        assert {answer.status for answer in answers} == {401}
        texts = [{**answer.json(), "request_id": ""} for answer in answers]
        assert texts[0] == texts[1]

    def test_none_of_100_000_mutated_keys_is_accepted(self, services: Services) -> None:
        rng = random.Random(20261127)
        signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        issued = [READ, WRITE, ADMIN, FOREIGN]
        accepted = 0
        for _ in range(100_000):
            text = list(rng.choice(issued))
            for _ in range(rng.randint(1, 3)):
                place = rng.randrange(len(text))
                change = rng.randrange(4)
                if change == 0:
                    text[place] = rng.choice(signs)
                elif change == 1:
                    del text[place]
                elif change == 2:
                    text.insert(place, rng.choice(signs + "\x00é \n"))
                else:
                    text[place] = text[place].swapcase()
            raw = "".join(text)
            if raw in issued[:3]:
                continue
            try:
                services.keys.check("demo", raw, "read", START, patient())
            except Exception as error:
                assert type(error).__name__ == "InvalidKey"
            else:
                accepted += 1
        assert accepted == 0


class TestLastUse:
    def test_the_last_day_of_use_is_recorded_once_a_day(self, store: MemoryStore, clock: Clock) -> None:
        def used() -> list[str | None]:
            listed = with_key("GET", KEYS, ADMIN).json()["keys"]
            return [key["used_on"] for key in listed if key["scope"] == "admin"]

        used()
        today = START - START % DAY
        assert used() == ["2026-09-21"]
        assert [key.used_on for key in store.keys("demo", patient()) if key.scope == "admin"] == [today]
        clock.advance(DAY)
        used()
        assert used() == ["2026-09-22"]

    def test_a_use_that_cannot_be_recorded_fails_no_request(
        self, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object) -> None:
            raise Unavailable("No.")

        monkeypatch.setattr(store, "record_use", broken)
        assert with_key("GET", KEYS, ADMIN).status == 200

    def test_to_record_a_use_leaves_the_request_its_time(
        self, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        given: list[float] = []
        monkeypatch.setattr(
            store, "record_use", lambda _key, _day, deadline: given.append(deadline.remaining_seconds())
        )
        assert with_key("GET", KEYS, ADMIN).status == 200
        assert given == [pytest.approx(RECORD_WITHIN_SECONDS)]

    def test_the_use_of_a_revoked_key_does_not_bring_it_back(self, store: MemoryStore, keys: dict[str, Key]) -> None:
        store.revoke_key(keys["read"], patient())
        store.record_use(keys["read"], START, patient())
        assert keys["read"].id not in [key.id for key in store.keys("demo", patient())]


def test_a_key_does_not_open_a_site_of_another_publisher(store: MemoryStore) -> None:
    store.put_site(Site("locked", DEMO.ballot, insights="private"), patient())
    for key in (READ, WRITE, ADMIN, FOREIGN):
        assert refused(with_key("GET", "/v1/sites/locked/summary", key)) == (401, "invalid_key", "Authorization")

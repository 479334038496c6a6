"""A site's settings over HTTP: the public part, the whole, and changes of them."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.sites import Site, succeed_site
from chalicelib.publishing.wire import SiteBody
from chalicelib.services import Services
from tests.support.fakes import Clock, MemoryStore, patient
from tests.support.forms import has_form
from tests.support.gateway import Answer, send
from tests.support.keys import ADMIN, READ, WRITE, with_key

SITE = "/v1/sites/demo"
VOTE = f"{SITE}/articles/a/vote"


pytestmark = pytest.mark.usefixtures("keys")


def settings(**changed: Any) -> dict[str, Any]:
    return {"ballot": {"kind": "updown"}, "ranks": "any", **changed}


def put(body: Any, key: str = ADMIN, **headers: str) -> Answer:
    return with_key("PUT", SITE, key, body, {name.replace("_", "-"): value for name, value in headers.items()})


class TestReading:
    def test_without_an_admin_key_the_public_part_is_read(self) -> None:
        answer = send("GET", SITE)
        body = has_form(answer, SiteBody)
        assert (body["origins"], body["ranks"], body["star_prior"], body["feed"]) == (None, None, None, None)
        assert body["new_voters"] is None
        assert (body["ballot"]["kind"], body["noun"], body["results"]) == ("updown", "users", "always")
        assert answer.headers["cache-control"].startswith("public")
        assert answer.headers["vary"] == "Authorization"
        with_read_key = with_key("GET", SITE, READ)
        assert (with_read_key.json(), with_read_key.headers["cache-control"]) == (body, "private, no-store")

    def test_with_an_admin_key_all_settings_are_read(self) -> None:
        answer = with_key("GET", SITE, ADMIN)
        body = has_form(answer, SiteBody)
        assert (body["origins"], body["ranks"], body["star_prior"]) == ([], "any", {"mean": 3.0, "weight": 10.0})
        assert body["new_voters"] == {"free": 60, "most": 3000}
        assert (answer.headers["etag"], answer.headers["cache-control"]) == ('"0"', "private, no-store")

    def test_a_site_that_does_not_exist_is_404_and_a_key_says_no_more(self) -> None:
        assert send("GET", "/v1/sites/missing").json()["code"] == "unknown_site"
        assert with_key("GET", "/v1/sites/missing", ADMIN).json()["code"] == "invalid_key"


class TestChanging:
    def test_what_is_put_is_read_again_and_can_be_sent_back(self) -> None:
        wanted = settings(
            ballot={
                "kind": "reactions", "choices": ["joy", "sad"],
                "labels": {"joy": "Made my day"}, "icons": {"sad": "😿"},
            },
            noun="readers", results="after_vote", articles="registered", insights="private", time_zone="Europe/Berlin", language="pt-BR",
            origins=["https://news.example", "https://*.news.example"], star_prior={"mean": 3.5, "weight": 2.0},
            feed={"url": "https://news.example/feed", "ids": "pattern", "pattern": r"/(\d+)-"},
            new_voters={"free": 7, "most": 70},
        )  # fmt: skip
        answer = put(wanted)
        assert (answer.status, answer.headers["etag"]) == (200, '"1"')
        body = has_form(answer, SiteBody)
        for name, value in wanted.items():
            if name != "ballot":
                assert body[name] == value, name
        assert body["ballot"] == {**wanted["ballot"], "retired": ["up", "down"]}
        assert with_key("GET", SITE, ADMIN).json() == body
        again = put(body)
        assert (again.status, again.json()) == (200, body)

    @pytest.mark.parametrize("key", [READ, WRITE])
    def test_only_an_admin_key_may(self, key: str, store: MemoryStore) -> None:
        before = store.every_site()
        assert put(settings(noun="people"), key).json()["code"] == "scope_too_low"
        assert store.every_site() == before

    def test_a_request_that_is_sent_again_changes_nothing_whatever_it_demands(self) -> None:
        first = put(settings(noun="people"), If_Match='"0"')
        again = put(settings(noun="people"), If_Match='"0"')
        assert (first.status, first.text, first.headers["etag"]) == (again.status, again.text, again.headers["etag"])

    def test_a_change_of_an_older_version_is_refused(self) -> None:
        put(settings(noun="people"))
        late = put(settings(noun="readers"), If_Match='"0"')
        assert (late.status, late.json()["field"], late.headers["etag"]) == (412, "If-Match", '"1"')
        assert with_key("GET", SITE, ADMIN).json()["noun"] == "people"
        assert put(settings(noun="readers"), If_Match='"1"').status == 200

    def test_two_changes_at_once_lose_nothing(self, store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
        read = store.site
        overtaken: list[Site] = []

        def read_and_be_overtaken(site_id: str, *arguments: Any, **more: Any) -> Site | None:
            found = read(site_id, *arguments, **more)
            if not overtaken and found is not None and more:
                overtaken.append(found)
                other = Site("demo", make_ballot("reactions", ["a", "b"]))
                store.put_site(succeed_site(found, other), patient())
            return found

        monkeypatch.setattr(store, "site", read_and_be_overtaken)
        body = put(settings(ballot={"kind": "stars"})).json()
        assert body["version"] == 2
        assert body["ballot"]["retired"] == ["up", "down", "a", "b"]

    @pytest.mark.parametrize(
        ("changed", "field"),
        [({"ballot": None}, "ballot"), ({"ballot": {"kind": "thumbs"}}, "ballot.kind"), ({"ballot": {"kind": "reactions"}}, "choices"),
         ({"ballot": {"kind": "reactions", "choices": ["a", "a"]}}, "choices"), ({"ballot": {"kind": "like", "choices": ["up"]}}, "choices"),
         ({"ballot": {"kind": "like", "labels": {"like": ""}}}, "ballot.labels.like"), ({"ballot": {"kind": "like", "labels": {"up2": "x"}}}, "labels"),
         ({"ballot": {"kind": "like", "icons": {"like": "a b"}}}, "icon"), ({"noun": "cats"}, "noun"), ({"results": "never"}, "results"),
         ({"articles": "some"}, "articles"), ({"insights": "secret"}, "insights"), ({"time_zone": "Mars/Base"}, "time_zone"), ({"language": "english!"}, "language"),
         ({"origins": ["news.example"]}, "origins.0"), ({"origins": ["https://*.example"]}, "origins.0"), ({"origins": ["https://*"]}, "origins.0"),
         ({"origins": ["https://a.*.example"]}, "origins.0"), ({"origins": ["https://a.example"] * 101}, "origins"), ({"ranks": "all"}, "ranks"),
         ({"star_prior": {"mean": 6.0, "weight": 1.0}}, "star_prior.mean"), ({"star_prior": {"mean": 3.0, "weight": 0.0}}, "star_prior.weight"),
         ({"star_prior": {"mean": 3.0, "weight": 0.00001}}, "star_prior"), ({"new_voters": {"free": 0, "most": 9}}, "new_voters.free"), ({"new_voters": {"free": 9, "most": 8}}, "new_voters"),
         ({"owner": "me"}, "owner"), ({"version": -1}, "version"),
         ({"feed": "https://news.example/feed"}, "feed"), ({"feed": {}}, "feed.url"), ({"feed": {"url": "https://a.example", "ids": "title"}}, "feed.ids"),
         ({"feed": {"url": "http://news.example/feed"}}, "feed.url"), ({"feed": {"url": "https://me:secret@news.example/feed"}}, "feed.url"),
         ({"feed": {"url": "file:///etc/passwd"}}, "feed.url"), ({"feed": {"url": "https://a.example/" + "x" * 2048}}, "feed.url"),
         ({"feed": {"url": "https://a.example", "pattern": "(x)"}}, "feed.pattern"), ({"feed": {"url": "https://a.example", "ids": "pattern"}}, "feed.pattern"),
         ({"feed": {"url": "https://a.example", "ids": "pattern", "pattern": "x"}}, "feed.pattern"), ({"feed": {"url": "https://a.example", "ids": "pattern", "pattern": "("}}, "feed.pattern"),
         ({"feed": {"url": "https://a.example", "ids": "pattern", "pattern": "(a)(b)"}}, "feed.pattern"),
         ({"feed": {"url": "https://a.example", "ids": "pattern", "pattern": "(" * 200}}, "feed.pattern"), ({"feed": {"url": "https://a.example", "ids": "pattern", "pattern": "(a)" + "b" * 198}}, "feed.pattern"),
         ({"feed": {"url": "https://a.example", "ids": "pattern", "pattern": "(a)\n"}}, "feed.pattern"), ({"feed": {"url": "https://a.example", "ids": "pattern", "pattern": "(a){9999999999}"}}, "feed.pattern"),
         ({"feed": {"url": "https://a.example", "ids": "pattern", "pattern": "(?a)(?u)(x)"}}, "feed.pattern")],
    )  # fmt: skip
    def test_a_setting_that_is_wrong_is_named_and_nothing_changes(
        self, changed: dict[str, Any], field: str, store: MemoryStore
    ) -> None:
        before = store.every_site()
        answer = put(settings(**changed))
        assert (answer.status, answer.json()["field"]) == (422, field), answer.text
        assert store.every_site() == before

    def test_another_site_in_the_body_is_refused(self) -> None:
        assert put(settings(site="other")).json()["field"] == "site"

    def test_a_large_body_is_refused(self) -> None:
        assert put(settings(padding="x" * 40_000)).status == 413

    def test_a_change_is_in_force_everywhere_within_a_minute(self, services: Services, clock: Clock) -> None:
        put(settings(noun="people"))
        assert send("GET", f"{SITE}/articles/a/tally").json()["noun"] == "people"


class TestRetiredChoices:
    @pytest.fixture
    def voted(self, token: str) -> str:
        assert send("PUT", VOTE, {"choice": "down"}, token=token).status == 201
        assert put(settings(ballot={"kind": "like"})).status == 200
        return token

    def test_a_retired_choice_is_counted_and_shown_but_takes_no_votes(self, voted: str, new_token: Any) -> None:
        tally = send("GET", f"{SITE}/articles/a/tally").json()
        assert (tally["voters"], tally["counts"]) == (1, {"like": 0, "up": 0, "down": 1})
        assert (tally["ballot"]["choices"], tally["ballot"]["retired"]) == (["like"], ["up", "down"])
        refused = send("PUT", VOTE, {"choice": "down"}, token=new_token())
        assert (refused.status, refused.json()["field"]) == (422, "choice")

    def test_a_reader_keeps_such_a_vote_and_may_change_or_retract_it(self, voted: str) -> None:
        assert send("GET", VOTE, token=voted).json()["vote"]["choice"] == "down"
        same = send("PUT", VOTE, {"choice": "down"}, token=voted)
        assert (same.status, same.json()["changed"]) == (200, False)
        changed = send("PUT", VOTE, {"choice": "like"}, token=voted).json()
        assert changed["tally"]["counts"] == {"like": 1, "up": 0, "down": 0}
        assert send("PUT", VOTE, {"choice": "down"}, token=voted).status == 422
        assert send("DELETE", VOTE, token=voted).json()["tally"]["voters"] == 0

    def test_to_add_it_again_revives_it(self, voted: str) -> None:
        body = put(settings(ballot={"kind": "updown"})).json()
        assert (body["ballot"]["choices"], body["ballot"]["retired"]) == (["up", "down"], ["like"])
        assert send("PUT", VOTE, {"choice": "up"}, token=voted).json()["tally"]["counts"]["up"] == 1

    def test_labels_of_retired_choices_stay(self) -> None:
        put(settings(ballot={"kind": "updown", "labels": {"up": "Yes", "down": "No"}}))
        body = put(settings(ballot={"kind": "like", "labels": {"like": "Good"}})).json()
        assert body["ballot"]["labels"] == {"like": "Good", "up": "Yes", "down": "No"}

    def test_at_most_thirty_choices_may_be_retired(self) -> None:
        for number in range(3):
            choices = [f"c{number}_{index}" for index in range(12)]
            answer = put(settings(ballot={"kind": "reactions", "choices": choices}))
        assert answer.status == 200
        assert put(settings(ballot={"kind": "stars"})).json()["field"] == "ballot"


class TestOrigins:
    @pytest.mark.parametrize(
        ("allowed", "origin", "may_vote"),
        [("https://news.example", "https://news.example", True), ("https://news.example", "http://news.example", False),
         ("https://news.example", "https://www.news.example", False), ("https://*.news.example", "https://www.news.example", True),
         ("https://*.news.example", "https://a.b.news.example", True), ("https://*.news.example", "https://news.example", False),
         ("https://*.news.example", "https://.news.example", False), ("https://*.news.example", "https://evilnews.example", False),
         ("https://*.news.example", "http://www.news.example", False), ("https://*.news.example", "https://www.news.example:8443", False),
         ("https://*.news.example:8443", "https://www.news.example:8443", True), ("https://*.news.example", "https://x/.news.example", False),
         ("https://*.news.example", "https://..news.example", False), ("https://*.news.example", "null", False)],
    )  # fmt: skip
    def test_a_pattern_covers_subdomains_and_nothing_else(self, allowed: str, origin: str, may_vote: bool) -> None:
        put(settings(origins=[allowed]))
        answer = send("POST", f"{SITE}/voters", headers={"Origin": origin})
        assert answer.status == (201 if may_vote else 403)

    def test_an_answer_names_the_origin_only_where_it_depends_on_it(self) -> None:
        page = {"Origin": "https://news.example"}
        anywhere = send("POST", f"{SITE}/voters", headers=page)
        assert (anywhere.headers["access-control-allow-origin"], anywhere.headers.get("vary")) == ("*", None)
        put(settings(origins=["https://news.example"]))
        listed = send("POST", f"{SITE}/voters", headers=page)
        assert (listed.headers["access-control-allow-origin"], listed.headers["vary"]) == (page["Origin"], "Origin")
        refused = send("POST", f"{SITE}/voters", headers={"Origin": "https://other.example"})
        assert (refused.status, refused.headers["vary"]) == (403, "Origin")
        tally = send("GET", f"{SITE}/articles/a/tally", headers=page)
        assert (tally.headers["access-control-allow-origin"], tally.headers.get("vary")) == ("*", None)

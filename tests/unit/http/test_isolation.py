"""No key and no token of one publisher reads or writes anything of another: every route, every kind of credential.

The routes come from the OpenAPI document. A site that has something to hide is asked for things that it has and for
things that it does not have. Both answers must be the same, nothing of the site may be in them, and nothing may change.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.about import document_of
from chalicelib.api import OPERATIONS
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.keys import hash_key
from chalicelib.publishing.registering import register
from chalicelib.publishing.site_feeds import SiteFeed
from chalicelib.publishing.sites import Site
from chalicelib.services import Services
from chalicelib.syncing.feed_states import FeedState
from chalicelib.trust.exclusions import Exclusion, Rule
from tests.support.fakes import DEMO, START, MemoryStore, patient
from tests.support.gateway import Answer, call, event, send
from tests.support.insights import Cast
from tests.support.keys import ADMIN, FOREIGN, READ, WRITE, basic, issue
from tests.support.stream import project_all

DOCUMENT = json.loads(document_of(OPERATIONS))
CANARY = "canary"
VICTIM = Site(
    "victim", make_ballot("updown"), (f"https://{CANARY}.example",), registers_articles=True, insights="private",
    results="after_close", ranks="any", feed=SiteFeed(f"https://{CANARY}.example/feed"),
)  # fmt: skip
OWN = "avk_" + "v" * 43
BODIES: dict[str, str] = {
    "VoteRequest": '{"choice": "up"}',
    "ExclusionRequest": (
        '{"article": "secret", "first_hour": "2026-01-31T12:00:00Z", "last_hour": "2026-01-31T12:00:00Z",'
        ' "preview": true}'
    ),
    "VoterRequest": '{"solution": null}',
    "RenewalRequest": '{"voted_on": ["secret"]}',
    "SiteRequest": '{"ballot": {"kind": "like"}}',
    "KeyRequest": '{"label": "mine", "scope": "admin"}',
    "ArticleRequest": '{"title": "Mine", "url": "https://evil.example"}',
    "ArticleLine": '{"article": "secret", "title": "Mine", "url": "https://evil.example"}',
}
QUERIES = {"articles": "secret,missing", "url": "https://votes.example/api/v1/sites/victim/articles/secret/embed"}


RULE = Rule("secret", START - START % 3600, START - START % 3600, choice="up")
OTHERS = {"old": "old", "exclusion": RULE.id}


def operations() -> Iterator[tuple[str, str]]:
    for path, methods in DOCUMENT["paths"].items():
        for method in methods:
            if "{site}" in path:
                yield method.upper(), path


@pytest.fixture
def credentials(services: Services, store: MemoryStore, cast: Cast) -> dict[str, dict[str, str]]:
    """Headers by the kind of credential. None of them is the victim's, except a voter's token."""
    store.put_site(VICTIM, patient())
    store.put_site(replace(DEMO, id="other"), patient())
    hidden = Article(ArticleRef("victim", "secret"), f"{CANARY} title", f"https://{CANARY}.example", state="open")
    register(store, hidden, START, patient())
    cast("secret", {"up": 41}, site="victim")
    register(store, replace(hidden, state="hidden"), START, patient())
    project_all(store, services.insights.store, hidden.ref)
    excluded = Exclusion("victim", RULE, "0" * 12, START, "active", votes={"up": 41})
    services.stores.exclusions().put_exclusion(excluded, patient())
    store.put_feed(FeedState("victim", 0).failed(f"{CANARY} is no feed", START), patient())
    issue(store, OWN, "admin", "victim")
    for raw, scope in ((READ, "read"), (WRITE, "write"), (ADMIN, "admin")):
        issue(store, raw, scope)  # type: ignore[arg-type]  # the three scopes
    issue(store, FOREIGN, "admin", "other")
    revoked = "avk_" + "x" * 43
    store.revoke_key(issue(store, revoked, "admin", "victim"), patient())
    tokens = {site: send("POST", f"/v1/sites/{site}/voters").json()["voter_token"] for site in ("demo", "victim")}
    bearers = {
        "a read key of another site": READ, "a write key of another site": WRITE, "an admin key of another site": ADMIN,
        "an admin key of a third site": FOREIGN, "a revoked key": revoked, "a mutated key": OWN[:-1] + "w",
        "a voter of another site": tokens["demo"], "a voter of the site": tokens["victim"], "rubbish": "rubbish",
    }  # fmt: skip
    made = {kind: {"Authorization": f"Bearer {text}"} for kind, text in bearers.items()}
    return {**made, "nothing": {}, "a foreign key as the user of HTTP Basic": basic(ADMIN)}


def ask(method: str, path: str, headers: dict[str, str], **names: str) -> Answer:
    """A request to a route with these ids in its path, with a body that the route takes."""
    described = DOCUMENT["paths"][path][method.lower()]
    required = [one["name"] for one in described["parameters"] if one["in"] == "query" and one["required"]]
    query = "&".join(f"{name}={QUERIES[name]}" for name in required)
    url = path.format(**names) + (f"?{query}" if query else "")
    body, sent = None, dict(headers)
    if "requestBody" in described:
        ((media_type, content),) = described["requestBody"]["content"].items()
        said = json.dumps(content)
        body = next(text for name, text in BODIES.items() if f'/{name}"' in said or f"a {name}." in said)
        sent["Content-Type"] = media_type
    return call(event(method, url, body, sent))


def comparable(answer: Answer, *ids: str) -> tuple[int, str, dict[str, str]]:
    """What an answer says, without the ids that the caller sent, the id of the request, and tokens."""
    text = re.sub(r"eyJ[\w.-]+", "<token>", answer.text)
    for one in sorted(ids, key=len, reverse=True):
        text = text.replace(one, "<id>")
    if answer.headers.get("content-type", "").endswith("json") and "request_id" in text:
        text = json.dumps({**json.loads(text), "request_id": ""})
    return answer.status, text, {name: value for name, value in answer.headers.items() if name not in ("etag",)}


def stored(store: MemoryStore) -> dict[str, Any]:
    """Everything that the store holds, but for the days on which keys were used."""
    found = {name: deepcopy(value) for name, value in vars(store).items() if isinstance(value, dict)}
    found["_keys"] = {name: replace(key, used_on=None) for name, key in store._keys.items()}
    return found


@pytest.mark.parametrize(("method", "path"), list(operations()))
def test_what_is_not_yours_is_not_read_and_not_written_and_as_good_as_missing(
    method: str, path: str, credentials: dict[str, dict[str, str]], store: MemoryStore
) -> None:
    needs_key = any("key" in one for one in DOCUMENT["paths"][path][method.lower()]["security"])
    needs_key = needs_key and {} not in DOCUMENT["paths"][path][method.lower()]["security"]
    key_id = hash_key(OWN)[:12]
    before = stored(store)
    for kind, headers in credentials.items():
        there = ask(method, path, headers, site="victim", article="secret", key=key_id, **OTHERS)
        missing = ask(method, path, headers, site="victim", article="missing", key="0" * 12, **OTHERS)
        ids = ("victim", "secret", "missing", "nowhere", key_id, "0" * 12)
        assert comparable(there, *ids) == comparable(missing, *ids), kind
        if needs_key:
            nowhere = ask(method, path, headers, site="nowhere", article="secret", key=key_id, **OTHERS)
            assert comparable(there, *ids) == comparable(nowhere, *ids), kind
            assert there.status == 401, kind
        assert CANARY not in there.text + missing.text + str(there.headers), kind
        assert "41" not in comparable(there, *ids)[1], kind
    assert stored(store) == before


@pytest.mark.parametrize("path", [path for method, path in operations() if method == "GET"])
def test_the_owner_is_told_what_others_are_not(
    path: str, credentials: dict[str, dict[str, str]], store: MemoryStore
) -> None:
    """Otherwise the test above would not notice that it asks for nothing."""
    if not any("key" in one for one in DOCUMENT["paths"][path]["get"]["security"]):
        return
    answer = ask(
        "GET", path, {"Authorization": f"Bearer {OWN}"}, site="victim", article="secret", key="0" * 12, **OTHERS
    )
    assert answer.status == 200, answer.text
    assert CANARY in answer.text or "41" in answer.text or path.endswith("keys"), answer.text


def test_every_body_that_a_route_takes_is_tried() -> None:
    taken = {operation.body.__name__ for operation in OPERATIONS if operation.body is not None}
    assert taken == set(BODIES)

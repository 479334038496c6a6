"""Promise P7: what lies in the table names nobody, and does not tell that two votes are one reader's."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import random
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from ipaddress import IPv6Address, ip_address
from itertools import combinations
from typing import Any

import pytest

from chalicelib import bootstrap
from chalicelib.admission.networks import networks_of as networks_of_address
from chalicelib.admission.provenance import provenance_of
from chalicelib.dynamodb.attributes import unpacked
from chalicelib.insights.intervals import FOR_EVER, HOUR
from chalicelib.insights.settling import Active, settle_after
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.sites import Budget, Site
from chalicelib.telemetry import Telemetry
from chalicelib.voting.voters import VoterKeys
from local.dynamodb_local import create_table
from tests.support.fakes import patient
from tests.support.gateway import call, event, send
from tests.support.installing import networks_of, services_on
from tests.support.solving import solve
from tests.support.stream import project_all

DEMO = Site("demo", make_ballot("updown"), ranks="any")
BROWSER = "Mozilla/5.0 (Privacy Test) NobodyElseHasThis/1.0"
ADDRESS = "192.0.2.1"  # what tests.support.gateway sends as the caller's


@pytest.fixture
def table(dynamodb_local: Any, new_local_table: Callable[[], str]) -> Iterator[str]:
    name = new_local_table()
    store = bootstrap.operator_store(name, **dynamodb_local.client_options)
    store.put_site(DEMO, patient())
    insights = bootstrap.operator_insights(name, **dynamodb_local.client_options)
    create_table(dynamodb_local.client(), networks_name(name), "Networks")
    bootstrap.install(services_on(store, insights, networks_of(store)))
    yield name
    bootstrap.install(None)


def networks_name(table: str) -> str:
    return f"{table}-networks"


def vote(token: str, article: str, key: str) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": key}
    headers |= {"User-Agent": BROWSER, "X-Forwarded-For": ADDRESS, "Cookie": "name=Somebody"}
    url = f"/v1/sites/demo/articles/{article}/vote"
    assert call(event("PUT", url, '{"choice": "up"}', headers)).status == 201


def texts(item: Any) -> set[str]:
    """Every text in an item, split where keys are put together. Packed values are unpacked."""
    if isinstance(item, dict) and item.keys() == {"B"}:
        return set(re.findall(r"[\w-]+", json.dumps(unpacked(item))))
    if isinstance(item, dict):
        return {text for name, value in item.items() if name not in ("seal", "provenance") for text in texts(value)}
    if isinstance(item, list):
        return {text for value in item for text in texts(value)}
    return {part for piece in str(item).replace(":", "#").split("#") for part in piece.split()}


def test_two_votes_of_one_reader_have_nothing_in_common_but_what_all_votes_have(
    table: str, dynamodb_local: Any
) -> None:
    mine, theirs = (send("POST", "/v1/sites/demo/voters").json()["voter_token"] for _ in range(2))
    key = str(uuid.uuid4())
    for token, article in ((mine, "first"), (mine, "second"), (theirs, "third")):
        vote(token, article, key)  # a careless browser: one key for everything
    found = dynamodb_local.client().scan(TableName=table)["Items"]
    votes = {item["PK"]["S"].split("#")[2]: texts(item) for item in found if item["SK"]["S"].startswith("VOTE#")}
    assert set(votes) == {"first", "second", "third"}
    same_reader = votes["first"] & votes["second"]
    same_reader -= {str(number) for number in range(16)} | {f"{number:02d}" for number in range(16)}  # shards
    assert same_reader <= {"BALLOTS", "VOTE", "demo", "up"} | times(votes["first"])
    for name in ("seal", "provenance"):
        values = [bytes(item[name]["B"]) for item in found if name in item]
        windows = [{value[start : start + 4] for start in range(len(value) - 3)} for value in values]
        assert len(windows) == 3
        assert not any(one & other for one, other in combinations(windows, 2)), f"two of {name} share four bytes"


def test_no_bit_of_a_seal_says_that_two_votes_are_one_readers() -> None:
    """Seals of one reader on 200 articles, in one second, differ from each other in half of their bits."""
    keys = VoterKeys(b"pepper", "r" * 22)
    found = [keys.seal(keys.on(ArticleRef("demo", f"a-{number}")), 1_790_000_000) for number in range(200)]
    bits = [int.from_bytes(one, "big") for one in found]
    differing = [(one ^ other).bit_count() / (8 * len(found[0])) for one, other in combinations(bits, 2)]
    assert len(set(found)) == 200
    assert 0.49 < sum(differing) / len(differing) < 0.51
    assert min(differing) > 0.3
    assert max(differing) < 0.7


def test_no_bit_of_a_provenance_says_that_two_votes_are_one_readers() -> None:
    """Marks of one address on 1,000 articles differ from each other like those of 1,000 strangers."""

    def numbers(found: list[bytes]) -> list[int]:
        return [int.from_bytes(one[1:], "big") for one in found]

    rng = random.Random(7)
    mine = [provenance_of(b"salt" * 8, "demo", f"a-{number}", "198.51.100.7", 90) for number in range(1000)]
    strangers = [
        provenance_of(b"salt" * 8, "demo", f"a-{number}", f"198.51.{rng.randrange(256)}.{rng.randrange(256)}", 90)
        for number in range(1000)
    ]
    assert len({one[1:7] for one in mine}) == len({one[7:] for one in mine}) == 1000
    bits = 8 * (len(mine[0]) - 1)
    for found in (numbers(mine), numbers(strangers)):
        differing = [(one ^ other).bit_count() / bits for one, other in combinations(found, 2)]
        assert 0.499 < sum(differing) / len(differing) < 0.501
        ones = [sum(one >> bit & 1 for one in found) for bit in range(bits)]
        assert all(400 < one < 600 for one in ones)  # 6 standard deviations: no bit stays the same


def times(found: set[str]) -> set[str]:
    return {text for text in found if text.isdigit() and len(text) == 10}


def test_no_address_browser_token_or_key_is_stored_or_logged(
    table: str, dynamodb_local: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="article-votes")
    token, key = send("POST", "/v1/sites/demo/voters").json()["voter_token"], str(uuid.uuid4())
    vote(token, "first", key)
    send("PUT", "/v1/sites/demo/articles/first/vote", {"choice": "wrong"}, token=token)
    found = dynamodb_local.client().scan(TableName=table)["Items"]
    stored = json.dumps(found, default=lambda value: bytes(value).decode("latin-1"))
    for secret in (ADDRESS, "Mozilla", "Somebody", token, token.split(".")[1], key):
        assert secret not in stored
        assert secret not in caplog.text


CANARIES = ("198.51.100.237", "2001:db8:cafe:f00d:1234:5678:9abc:def0", "::ffff:203.0.113.199", "canary-of-no-address")


def forms(address: str) -> set[bytes]:
    """How an address could be written: as text, in full, as a number, as its bytes, each of its networks, hashed."""
    texts = {address}
    with suppress(ValueError):
        parsed = ip_address(address)
        mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
        for one in {parsed, mapped or parsed}:
            texts |= {str(one), one.exploded, str(int(one)), f"{int(one):x}", one.packed.decode("latin-1")}
    texts |= {network.text for network in networks_of_address(address)} - {"unknown"}
    digests = [hashlib.new(kind, text.encode()).digest() for text in texts for kind in ("md5", "sha1", "sha256")]
    encoded = {base64.urlsafe_b64encode(one)[:16] for one in digests}
    return {text.encode("latin-1") for text in texts} | {one.hex()[:16].encode() for one in digests} | encoded


def test_no_form_of_an_address_is_stored_logged_or_answered_whatever_becomes_of_the_request(
    table: str, dynamodb_local: Any, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    services = bootstrap.services()
    services.stores.sites.put_site(replace(DEMO, id="busy", new_voters=Budget(1, 2)), patient())
    metrics = services.metrics
    bootstrap.install(replace(services, observed=Telemetry("article-votes", metrics).request))
    answers = []
    for address in CANARIES:
        codes = []
        for body in (None, None, '{"solution": "e30="}', "{"):
            sent = {"Content-Type": "application/json", "User-Agent": BROWSER} if body else {"User-Agent": BROWSER}
            answers.append(call(event("POST", "/v1/sites/busy/voters", body, sent, address=address)))
            codes.append(answers[-1].json().get("code", "voter"))
        assert codes == ["voter", "work_needed", "invalid_value", "malformed_request"]
        solution = solve(answers[-3].json()["challenge"])
        sent = {"Content-Type": "application/json", "User-Agent": BROWSER}
        solved = call(event("POST", "/v1/sites/busy/voters", json.dumps({"solution": solution}), sent, address=address))
        assert solved.status == 201, solved.text
        token = solved.json()["voter_token"]
        answers.append(call(event("POST", "/v1/sites/busy/voters", None, {}, address=address)))
        assert answers[-1].json()["code"] == "too_many_new_voters"
        url = "/v1/sites/busy/articles/one/vote"
        answers.append(
            call(event("PUT", url, '{"choice": "up"}', {**sent, "Authorization": f"Bearer {token}"}, address=address))
        )
        assert answers[-1].status == 201
    items = [
        item for name in (table, networks_name(table)) for item in dynamodb_local.client().scan(TableName=name)["Items"]
    ]
    assert {item["PK"]["S"].split("#")[0] for item in items} >= {"SALTS", "NETWORK", "SOLUTION", "BALLOTS"}
    stored = json.dumps(items, default=lambda value: bytes(value).decode("latin-1")).encode("latin-1", "replace")
    printed = capsys.readouterr()
    seen = stored + caplog.text.encode() + printed.out.encode() + printed.err.encode()
    seen += "".join(answer.text + json.dumps(answer.headers) for answer in answers).encode()
    assert b'"refusals"' in seen  # the reports are there to be searched
    for canary in CANARIES:
        assert not {form for form in forms(canary) if form in seen}, canary
    assert b"Privacy Test" not in seen


def test_nothing_that_is_derived_from_votes_knows_a_reader(table: str, dynamodb_local: Any) -> None:
    token = send("POST", "/v1/sites/demo/voters").json()["voter_token"]
    for article in ("first", "second"):
        vote(token, article, str(uuid.uuid4()))
    services = bootstrap.services()
    store = bootstrap.operator_store(table, **dynamodb_local.client_options)
    insights = services.insights.store
    project_all(store, insights, ArticleRef("demo", "first"), ArticleRef("demo", "second"))
    active = {one.slot for one in insights.activities(DEMO, 0, FOR_EVER, patient())}
    settle_after(insights, DEMO, Active(active, max(active) + 2 * HOUR), patient())
    found = dynamodb_local.client().scan(TableName=table)["Items"]
    voters = {item["SK"]["S"].removeprefix("VOTE#") for item in found if item["SK"]["S"].startswith("VOTE#")}
    receipts = {text for item in found for text in item.get("receipts", {"S": ""})["S"].split()}
    derived = [item for item in found if not item["PK"]["S"].startswith("BALLOTS#")]
    assert {"ARTICLE", "ACTIVE", "LISTS", "TOTALS"} <= {item["PK"]["S"].split("#")[0] for item in derived}
    assert len(voters) == 2
    assert not {text for item in derived for text in texts(item)} & (voters | receipts)

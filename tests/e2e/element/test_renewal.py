"""Old tokens are renewed, and revoked ones too if that is possible. The reader stays the voter who they were."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Route

from chalicelib.voting.token_keys import parse_ring
from chalicelib.voting.tokens import issue_token
from tests.support.reader import Reader, answer_with

DAY = 86_400
RENEW = "**/voters/renew"


def claims(token: str) -> Any:
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def token_name(reader: Reader) -> str:
    return f"article-vote {reader.stack.api}/v1/sites/{reader.site}"


def kept(reader: Reader) -> Any:
    """The token that the browser keeps; None if it keeps none."""
    return json.loads(reader.page.evaluate("name => localStorage[name] ?? 'null'", token_name(reader)))


def grow_old(reader: Reader, days: int) -> str:
    """The reader voted; now their token is this many days old. Returns it."""
    deployment = reader.stack.deployment
    client = reader.stack.local.emulator.client("secretsmanager")
    ring = parse_ring(client.get_secret_value(SecretId=deployment.token_key_secret)["SecretString"])
    issued_at = int(time.time()) - days * DAY
    old = issue_token(claims(kept(reader))["sub"], reader.site, ring.keys[0], issued_at).token
    reader.page.evaluate("([name, token]) => { localStorage[name] = JSON.stringify(token) }", [token_name(reader), old])
    return old


def voted(reader: Reader) -> Reader:
    """A reader who voted for the article, with another reader."""
    reader.others_vote(1)
    reader.open().click("Like")
    reader.was_told(["vote-cast", "up", None, "article-vote"])
    return reader


def renewed(reader: Reader, old: str) -> str:
    """Waits until the browser keeps another token of the same voter."""
    fresh: str = reader.until("the renewal", lambda: kept(reader), lambda token: token not in (None, old))
    assert claims(fresh)["sub"] == claims(old)["sub"]
    return fresh


class TestAnOldToken:
    def test_is_renewed_once_and_the_vote_stays_the_readers(self, reader: Reader) -> None:
        old = grow_old(voted(reader), days=31)
        reader.requests.clear()
        reader.page.reload()
        reader.sees("2 users have voted, including you.", "Like")
        assert time.time() - claims(renewed(reader, old))["iat"] < DAY
        reader.page.reload()
        reader.click("Dislike")
        reader.until("the change", lambda: reader.tally()["counts"], lambda counts: counts == {"up": 1, "down": 1})
        assert len([one for one in reader.requests if one.url.endswith("/renew") and one.method == "POST"]) == 1

    def test_of_less_than_thirty_days_is_left_alone(self, reader: Reader) -> None:
        old = grow_old(voted(reader), days=29)
        reader.requests.clear()
        reader.page.reload()
        reader.sees("2 users have voted, including you.", "Like")
        reader.page.wait_for_load_state("networkidle")
        assert kept(reader) == old
        assert [one for one in reader.requests if one.url.endswith("/renew")] == []

    def test_is_kept_if_the_answer_is_lost_and_renewed_the_next_time(self, reader: Reader) -> None:
        old = grow_old(voted(reader), days=31)
        lost: list[Route] = []

        def lose(route: Route) -> None:
            if route.request.method == "OPTIONS":
                return route.continue_()
            lost.append(route)
            return route.abort()

        reader.page.route(RENEW, lose)
        reader.page.reload()
        reader.until("the renewal", lambda: len(lost), lambda number: number == 1)
        reader.sees("2 users have voted, including you.", "Like")
        reader.click("Dislike")
        reader.until("the change", lambda: reader.tally()["counts"], lambda counts: counts == {"up": 1, "down": 1})
        assert kept(reader) == old
        reader.page.unroute(RENEW)
        reader.page.reload()
        renewed(reader, old)
        reader.sees("2 users have voted, including you.", "Dislike")

    def test_of_two_tabs_stays_one_voters(self, reader: Reader, context: BrowserContext) -> None:
        old = grow_old(voted(reader), days=31)
        second = Reader(context.new_page(), reader.publisher, reader.stack)
        second.article = reader.article
        reader.page.reload()
        second.page.goto(reader.publisher.url)
        second.sees("2 users have voted, including you.", "Like")
        renewed(reader, old)
        for tab, choice in ((reader, "Dislike"), (second, "Like")):
            tab.click(choice)
            for one in (reader, second):
                one.sees("2 users have voted, including you.", choice)
        reader.until("both changes", lambda: reader.tally()["counts"], lambda counts: counts == {"up": 2, "down": 0})
        assert reader.tally()["voters"] == 2


class TestATokenThatTheServiceDoesNotAccept:
    def test_is_renewed_with_the_names_of_voted_articles_and_the_click_goes_on(self, reader: Reader) -> None:
        old = grow_old(voted(reader), days=1)
        answer_with(reader.page, 401, {"code": "invalid_token"})
        reader.click("Dislike")
        reader.was_told(["vote-cast", "up", None, "article-vote"], ["vote-cast", "down", None, "article-vote"])
        renewed(reader, old)
        assert reader.tally()["counts"] == {"up": 1, "down": 1}

    def test_is_kept_while_nobody_knows_whether_it_can_be_renewed(self, reader: Reader) -> None:
        old = grow_old(voted(reader), days=1)
        answer_with(reader.page, 401, {"code": "invalid_token"})
        cors = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*, Authorization"}
        reader.page.route(RENEW, lambda route: route.fulfill(status=503, headers=cors, body="{}"), times=1)
        reader.click("Dislike")
        reader.was_told(["vote-cast", "up", None, "article-vote"], ["vote-cast", "down", None, "article-vote"])
        assert claims(kept(reader))["sub"] == claims(old)["sub"]
        assert reader.tally()["counts"] == {"up": 1, "down": 1}

    def test_that_cannot_be_renewed_makes_way_for_a_new_voter(self, reader: Reader) -> None:
        reader.open().sees("Be the first to vote.")
        reader.page.evaluate("name => { localStorage[name] = JSON.stringify('x.e30.y') }", token_name(reader))
        reader.click("Like")
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        reader.sees("Only you voted.", "Like")
        assert reader.tally()["voters"] == 1

    @pytest.mark.parametrize("status", [200, 403, 404, 422, 503])
    def test_and_that_stays_refused_causes_no_storm_of_requests(self, status: int, reader: Reader) -> None:
        grow_old(voted(reader), days=1)
        cors = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*, Authorization"}
        body = json.dumps({"voter_token": kept(reader)} if status == 200 else {"code": "x"})
        reader.page.route(RENEW, lambda route: route.fulfill(status=status, headers=cors, body=body))

        def refuse(route: Route) -> None:
            if route.request.method == "GET":
                return route.fulfill(status=401, headers=cors, body="{}")
            return route.continue_()

        reader.page.route("**/vote", refuse)
        reader.requests.clear()
        reader.page.reload()
        reader.sees("2 users have voted, including you.", "Like")
        reader.page.wait_for_timeout(1_000)  # a storm sends dozens in this time
        assert len([one for one in reader.requests if "/v1/sites/" in one.url and one.method != "OPTIONS"]) < 12


class TestATableThatWasRestored:
    def test_knows_an_older_vote_and_the_next_click_is_taken(self, reader: Reader) -> None:
        reader.open().click("Like")
        reader.was_told(["vote-cast", "up", None, "article-vote"])
        forget_votes(reader)
        reader.click("Dislike")
        reader.was_told(["vote-cast", "up", None, "article-vote"], ["vote-refused", "down", 412, "article-vote"])
        reader.sees("Be the first to vote.", None, "Your vote had changed elsewhere.")
        reader.click("Dislike")
        reader.until("the vote", lambda: reader.tally()["counts"], lambda counts: counts == {"up": 0, "down": 1})


def forget_votes(reader: Reader) -> None:
    """The table is as it was before anybody voted on this article, as after a restore."""
    client = reader.stack.local.emulator.client("dynamodb")
    table = reader.stack.deployment.table
    for page in client.get_paginator("scan").paginate(TableName=table):
        for item in page["Items"]:
            if f"#{reader.article}" in item["PK"]["S"]:
                client.delete_item(TableName=table, Key={"PK": item["PK"], "SK": item["SK"]})

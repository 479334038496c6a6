"""The publisher's own feed on the deployed stack: read by the function of the schedule, seen over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.site_feeds import SiteFeed
from chalicelib.publishing.sites import Site
from tests.e2e.service.test_operation import SCHEDULED, invoke
from tests.support.fakes import patient
from tests.support.feeds import FEEDS
from tests.support.http import fetch, until
from tests.support.keys import WRITE, issue
from tests.support.operator import ops
from tests.support.stack import Stack
from tests.support.tags import fresh


@pytest.fixture
def feed() -> Iterator[str]:
    """The address of a feed on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.headers.get("If-None-Match") == '"1"'
            body = b"" if known else FEEDS["WordPress"].body
            self.send_response(304 if known else 200)
            for name, value in {"ETag": '"1"', "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/feed"
    server.shutdown()
    server.server_close()


def test_the_function_reads_a_feed_and_the_publisher_sees_what_came_of_it(stack: Stack, feed: str) -> None:
    site = fresh("fed")
    stack.table.put_site(Site(site, make_ballot("updown"), feed=SiteFeed(feed), version=1), patient())
    issue(stack.table, WRITE, "write", site)
    url = f"{stack.api}/v1/sites/{site}"
    assert fetch("GET", f"{url}/feed", token=WRITE).json()["tried_at"] is None
    invoke(stack, "feeds", SCHEDULED)
    # The emulator's own schedule may be at it at this moment, and ends soon.
    read = until(
        "the feed", lambda: fetch("GET", f"{url}/feed", token=WRITE), lambda one: one.json()["read_at"] is not None
    ).json()
    assert (read["error"], read["listed"], read["registered"]) == (None, 1, 1)
    assert read["matches"] == [{"entry": "https://news.example/2026/11/27/ferry/", "article": "ferry"}]
    article = fetch("GET", f"{url}/articles/ferry", token=WRITE).json()
    assert (article["title"], article["section"], article["from_feed"]) == (
        "The ferry\u2019s return \u2013 at last", "Harbour", True,
    )  # fmt: skip


def test_an_operator_is_told_why_a_feed_cannot_be_read(stack: Stack, feed: str) -> None:
    site = fresh("fed")
    assert ops(stack, "site", "create", site, "--feed", "http://news.example/feed").returncode == 2
    made = ops(stack, "site", "create", site, "--feed", "https://feeds.invalid/feed", "--feed-pattern", r"p=(\d+)")
    assert r"feed: https://feeds.invalid/feed; article ids: p=(\d+)" in made.stdout, made.stderr
    refused = ops(stack, "articles", "sync", site)
    assert (refused.returncode, refused.stdout) == (
        1, f"the feed of {site} cannot be read: There is no host feeds.invalid.\n",
    )  # fmt: skip
    kept = ops(stack, "site", "change", site, "--noun", "people")
    assert "article ids: p=" in kept.stdout
    assert "feed:" not in ops(stack, "site", "change", site, "--feed", "none").stdout
    assert "has no feed" in ops(stack, "articles", "sync", site).stderr
    # Only functions of `make run` and its tests may read from this machine.
    stack.table.put_site(Site(site, make_ballot("updown"), feed=SiteFeed(feed), version=9), patient())
    assert "must begin with https" in ops(stack, "articles", "sync", site).stdout

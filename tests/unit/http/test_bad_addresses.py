"""Ids and queries that are refused: a clear 4xx that names the field, and nothing is stored."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from chalicelib.insights.cursors import write_cursor
from chalicelib.insights.leaderboards import Board
from chalicelib.insights.ranked_lists import Place
from chalicelib.publishing.articles import Selection
from tests.support.gateway import call, event
from tests.support.refusals import JSON, anything, refuses

pytestmark = pytest.mark.usefixtures("nothing_stored")


ROUTES: list[tuple[str, str]] = [
    ("GET", "/v1/sites/{site}/articles/{article}/tally"),
    ("PUT", "/v1/sites/{site}/articles/{article}/vote"),
    ("DELETE", "/v1/sites/{site}/articles/{article}/vote"),
    ("GET", "/v1/sites/{site}/articles/{article}/vote"),
    ("GET", "/v1/sites/{site}/articles/{article}/tally.svg"),
    ("GET", "/v1/sites/{site}/articles/{article}/embed"),
    ("GET", "/v1/sites/{site}/articles/{article}/history"),
    ("GET", "/v1/sites/{site}/articles/{article}/history.csv"),
]
SITE_ROUTES = [
    *ROUTES,
    ("GET", "/v1/sites/{site}/tallies?articles=a"),
    ("POST", "/v1/sites/{site}/voters"),
    ("GET", "/v1/sites/{site}/votes?articles=a"),
    *(
        ("GET", f"/v1/sites/{{site}}/{insight}")
        for insight in ("leaderboard", "leaderboard.csv", "leaderboard.atom", "leaderboard.feed.json")
    ),
    *(("GET", f"/v1/sites/{{site}}/{insight}") for insight in ("history", "history.csv", "summary", "summary.csv")),
]
BAD_SITES = [
    "%20", "-demo", "Demo", "d" * 64, "d" * 3000, "de_mo", "demo%00", "demo%0A", "demo%23x", "d%C3%A9mo", "%F0%9F%91%8D",
    "..", "demo.", "%2e%2e", "demo%2Fx", "%ff", "demo%252F", "d%E2%80%AEemo",
]  # fmt: skip
BAD_ARTICLES = [
    "%20", "-a", ".", "..", "_a", "a" * 129, "a" * 3000, "a%00", "a%0A", "a%23TALLY", "%C3%A9", "a%2Fb", "a%252Fb",
    "a%20b", "a,b", "a%3Fb", "a%25", "%ED%A0%80", "a%5Cb", "%3Cscript%3E", "a*", "a'b", "a%22b",
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), SITE_ROUTES)
@pytest.mark.parametrize("site", BAD_SITES, ids=lambda site: site[:12])
def test_site_ids(token: str, method: str, path: str, site: str) -> None:
    refuses(anything(method, path.format(site=site, article="a-1"), token), 422, "site")


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("article", BAD_ARTICLES, ids=lambda article: article[:12])
def test_article_ids(token: str, method: str, path: str, article: str) -> None:
    refuses(anything(method, path.format(site="demo", article=article), token), 422, "article")


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_ids_that_an_emulator_leaves_empty(token: str, method: str, path: str) -> None:
    url = path.format(site="demo", article="a-1")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": JSON}
    for parameters, field in (({"site": "", "article": "a"}, "site"), ({"site": "demo", "article": ""}, "article")):
        body = '{"choice": "up"}' if method == "PUT" else None
        refuses(call(event(method, url, body, headers, path_parameters=parameters)), 422, field)


@pytest.mark.parametrize("path", ["/v1/sites/demo/tallies", "/v1/sites/demo/votes"])
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400), ("?article=a", 400), ("?ARTICLES=a", 400), ("?articles=a&articles=b", 400), ("?articles[]=a", 400),
        ("?articles=", 422), ("?articles=,", 422), ("?articles=a,", 422), ("?articles=,a", 422), ("?articles=a,,b", 422),
        ("?articles=a%20b", 422), ("?articles=%00", 422), ("?articles=" + "a" * 129, 422), ("?articles=a;b", 422),
        ("?articles=" + ",".join(["a"] * 101), 422), ("?articles=" + "a," * 5000, 422), ("?articles=%5B%22a%22%5D", 422),
        ("?articles=a%23b", 422), ("?articles=%ED%A0%80", 422), ("?articles=a,%2e%2e", 422),
    ],
)  # fmt: skip
def test_lists_of_articles(token: str, path: str, query: str, status: int) -> None:
    refuses(anything("GET", path + query, token), status, "articles")


def test_there_are_more_than_150_cases_by_hand() -> None:
    assert len(SITE_ROUTES) * len(BAD_SITES) + len(ROUTES) * len(BAD_ARTICLES) > 150


PICTURE = "/v1/sites/demo/articles/a-1/tally.svg"
FRAME = "/v1/sites/demo/articles/a-1/embed"
OUR_FRAME = "https%3A%2F%2Fvotes.example%2Fapi%2Fv1%2Fsites%2Fdemo%2Farticles%2Fa-1%2Fembed"


@pytest.mark.parametrize(
    ("url", "status", "field"),
    [
        *[(f"{path}?lang={tag}", 422, "lang")
          for path in (PICTURE, FRAME)
          for tag in ("e", "", "toolonglanguage", "de_DE", "de-", "-de", "%00", "..", "%3Cscript%3E", "d" * 3000, "de%0A", "é")],
        *[(f"{path}?noun={noun}", 422, "noun")
          for path in (PICTURE, FRAME) for noun in ("", "Users", "martians", "%00", "users,readers", "__proto__", "u" * 3000)],
        *[(f"{PICTURE}?theme={theme}", 422, "theme") for theme in ("black", "DARK", "%3C/style%3E", "auto%0A", "0")],
        *[(f"{FRAME}?layout={layout}", 422, "layout") for layout in ("grid", "Buttons", "%22onload=", "stars%00")],
        *[(f"{path}?{name}=en&{name}=en", 400, name)
          for path, name in ((PICTURE, "lang"), (PICTURE, "noun"), (PICTURE, "theme"), (FRAME, "lang"), (FRAME, "layout"))],
        ("/oembed", 400, "url"), (f"/oembed?url={OUR_FRAME}&url={OUR_FRAME}", 400, "url"), ("/oembed?url=x", 404, "url"),
        (f"/oembed?url={OUR_FRAME}&format=xml", 501, "format"), (f"/oembed?url={OUR_FRAME}&format=", 501, "format"),
        *[(f"/oembed?url={OUR_FRAME}&{name}={size}", 422, name)
          for name in ("maxwidth", "maxheight") for size in ("-1", "1e3", "wide", "100000", "%D9%A1", "1.5", "0x10", "%00")],
        (f"/oembed?url={OUR_FRAME.replace('demo', 'nowhere')}", 404, "site"),
        (f"/oembed?url={OUR_FRAME.replace('demo', 'De%20mo')}", 422, "site"),
        (f"/oembed?url={OUR_FRAME.replace('a-1', '-a')}", 422, "article"),
    ],
)  # fmt: skip
def test_what_pictures_frames_and_oembed_are_asked_for(token: str, url: str, status: int, field: str) -> None:
    refuses(anything("GET", url, token), status, field)


BOARDS = [f"/v1/sites/demo/leaderboard{form}" for form in ("", ".csv", ".atom", ".feed.json")]
HISTORIES = [f"/v1/sites/demo/{of}history{form}" for of in ("", "articles/a/") for form in ("", ".csv")]


TODAY = 1_789_948_800
EVERYTHING = json.loads(base64.urlsafe_b64decode(
    write_cursor(Board("demo", "day", TODAY, "voters"), Selection(), Place("1", "a")) + "=="
))[2]  # the third part of a cursor; the others stand below  # fmt: skip


def cursor(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("url", "status", "field"),
    [
        *[(f"{path}?order={order}", 422, "order") for path in BOARDS
          for order in ("", "Voters", "votes", "stars", "net%00", "__proto__", "by_net", "net,voters", "n" * 3000)],
        *[(f"{path}?window={window}", 422, "window") for path in BOARDS for window in ("", "year", "DAY", "1d", "hour%0A", "0")],
        *[(f"{path}?limit={limit}", 422, "limit") for path in BOARDS
          for limit in ("", "0", "101", "-1", "1.5", "1e1", "ten", "%D9%A1", "0x5", "99999", " 5", "5%00")],
        *[(f"{path}?ago={ago}", 422, "ago") for path in BOARDS
          for ago in ("", "-1", "61", "1.0", "9999", "yesterday", "%2B1", "10000", "%D9%A1")],
        *[(f"{path}?window=all&{more}", 422, field) for path in BOARDS for more, field in (("ago=1", "ago"), ("order=rising", "order"))],
        *[(f"{BOARDS[0]}?window={window}&ago={ago}", 422, "ago")
          for window, ago in (("hour", 1440), ("hour", 1442), ("day", 62), ("week", 10), ("month", 3)) if ago != 1440],
        *[(f"{path}?{name}=1&{name}=1", 400, name) for path in BOARDS for name in ("limit", "ago", "order", "window")],
        *[(f"{path}?{name}={value}", 422, name) for path in HISTORIES for name in ("since", "until")
          for value in ("", "yesterday", "2026", "2026-13-01", "2026-02-30", "20260901", "2026-09-01T12", "2026-09-01 12:00:00",
                        "2026-09-01T12:00:00", "2026-09-01T25:00:00Z", "1790000000", "-1", "1969-12-31", "0000-01-01", "9999-99-99",
                        "2026-09-01T12:00:00Z%00", "2026-W36", "2026-09-01T12:00:00+99:00", "%D9%A2%D9%A0%D9%A2%D9%A6-09-01")],
        *[(f"{path}?step={step}", 422, "step") for path in HISTORIES for step in ("", "week", "Hour", "3600", "day%00")],
        *[(f"{path}?{query}", 422, "since") for path in HISTORIES
          for query in ("since=2026-09-20&until=2026-09-20", "since=2026-09-21&until=2026-09-20", "since=2030-01-01",
                        "since=2026-09-01", "step=day&since=2025-08-17", "since=2026-07-01&until=2026-07-02", "step=day&since=1970-01-01")],
        *[(f"{path}?until=1970-01-01", 422, "until") for path in HISTORIES],
        *[(f"{path}?{name}=2026-09-20&{name}=2026-09-20", 400, name) for path in HISTORIES for name in ("since", "until")],
        *[(f"{path}?step=day&step=day", 400, "step") for path in HISTORIES],
        *[(f"/v1/sites/demo/leaderboard?cursor={bad}", 422, "cursor")
          for bad in ("", "x", "%00", "a" * 513, "é", "e30", cursor(), cursor("day"), cursor("day", "net", EVERYTHING, TODAY, "1", "a"),
                      cursor("hour", "voters", EVERYTHING, TODAY, "1", "a"), cursor("day", "voters", EVERYTHING, TODAY + 1, "1", "a"),
                      cursor("day", "voters", EVERYTHING, str(TODAY), "1", "a"), cursor("day", "voters", EVERYTHING, True, "1", "a"),
                      cursor("day", "voters", EVERYTHING, -86400, "1", "a"), cursor("day", "voters", EVERYTHING, 2**60, "1", "a"),
                      cursor("day", "voters", EVERYTHING, TODAY, 1, "a"), cursor("day", "voters", EVERYTHING, TODAY, "one", "a"),
                      cursor("day", "voters", EVERYTHING, TODAY, "1", "a#b"), cursor("day", "voters", EVERYTHING, TODAY, "1", None),
                      cursor("day", "voters", EVERYTHING, TODAY, "9" * 40, "a"), cursor("day", "voters", EVERYTHING, TODAY, "NaN", "a"),
                      cursor("day", "voters", EVERYTHING, TODAY, "1", "a", "b"), cursor("day", "voters", 0, TODAY, "1", "a"), base64.urlsafe_b64encode(b"\xff\xfe").decode().rstrip("="))],
        ("/v1/sites/demo/leaderboard?cursor=a&cursor=a", 400, "cursor"),
    ],
)  # fmt: skip
def test_what_insights_are_asked_for(token: str, url: str, status: int, field: str) -> None:
    refuses(anything("GET", url, token), status, field)


def test_a_good_cursor_is_taken_so_the_refusals_above_mean_something(token: str) -> None:
    good = cursor("day", "voters", EVERYTHING, TODAY, "1", "a")
    assert anything("GET", f"/v1/sites/demo/leaderboard?cursor={good}", token).status == 200

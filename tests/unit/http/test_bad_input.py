"""Bad input over all routes: a clear 4xx that names the field, as a problem, with CORS headers, and nothing stored."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest

from chalicelib.bootstrap import Services
from chalicelib.http import wire
from chalicelib.voting.wire import VoteProblemBody
from tests.support.fakes import START, MemoryStore
from tests.support.gateway import Answer, call, event

VOTE = "/v1/sites/demo/articles/a-1/vote"
JSON = "application/json"
DEEP = 100_000


@pytest.fixture
def nothing_stored(services: Services, store: MemoryStore) -> Iterator[None]:
    before = repr(vars(store))
    yield
    assert repr(vars(store)) == before, "something was stored"


pytestmark = pytest.mark.usefixtures("nothing_stored")


def refuses(answer: Answer, status: int | tuple[int, ...], field: str | None) -> None:
    assert answer.status in ((status,) if isinstance(status, int) else status), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "no-store"
    body = (VoteProblemBody if answer.status == 412 else wire.ProblemBody).model_validate_json(answer.text)
    assert (body.status, body.field) == (answer.status, field)
    assert body.code
    assert body.request_id


def put(token: str, body: str | bytes | None, content_type: str | None = JSON, **headers: str) -> Answer:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    sent["Authorization"] = f"Bearer {token}"
    if content_type is not None:
        sent["Content-Type"] = content_type
    return call(event("PUT", VOTE, body, sent))


BODIES: list[tuple[str, str | bytes | None, int, str]] = [
    ("no body", None, 400, "body"),
    ("an empty body", "", 400, "body"),
    ("white space", "   \n", 400, "body"),
    ("a word", "up", 400, "body"),
    ("half an object", '{"choice": "up"', 400, "body"),
    ("two objects", '{"choice": "up"}{"choice": "up"}', 400, "body"),
    ("a trailing comma", '{"choice": "up",}', 400, "body"),
    ("single quotes", "{'choice': 'up'}", 400, "body"),
    ("a comment", '{"choice": "up" /* why */}', 400, "body"),
    ("a form", "choice=up", 400, "body"),
    ("XML", "<choice>up</choice>", 400, "body"),
    ("a repeated key", '{"choice": "up", "choice": "down"}', 400, "body"),
    ("a repeated unknown key", '{"choice": "up", "x": 1, "x": 2}', 400, "body"),
    ("NaN", '{"choice": NaN}', 400, "body"),
    ("Infinity", '{"choice": Infinity}', 400, "body"),
    ("minus Infinity", '{"choice": -Infinity}', 400, "body"),
    ("a NUL in the text", '{"choice": "up\x00"}', 400, "body"),
    ("a raw NUL", "\x00", 400, "body"),
    ("invalid UTF-8", b'{"choice": "\xff\xfe"}', 400, "body"),
    ("UTF-16", '{"choice": "up"}'.encode("utf-16"), 400, "body"),
    ("a byte order mark", "\ufeff" + '{"choice": "up"}', 400, "body"),
    ("deep lists that fit", "[" * 1000, 400, "body"),
    ("deep lists, closed", "[" * 1000 + "]" * 1000, 400, "body"),
    ("deep objects that fit", '{"a":' * 400, 400, "body"),
    ("100k-deep lists", "[" * DEEP, 413, "body"),
    ("100k-deep objects", '{"choice":' * DEEP + "1" + "}" * DEEP, 413, "body"),
    ("2,049 bytes", '{"choice": "' + "u" * 2035 + '"}', 413, "body"),
    ("2,049 bytes of white space", '{"choice": "up"}' + " " * 2033, 413, "body"),
    ("many bytes in few characters", '{"choice": "' + "\u2603" * 700 + '"}', 413, "body"),
    ("500 KB", '{"choice": "' + "u" * 500_000 + '"}', 413, "body"),
    ("500 KB of bytes", b"\x00" * 500_000, 413, "body"),
    ("null", "null", 422, "body"),
    ("true", "true", 422, "body"),
    ("a number", "1", 422, "body"),
    ("a huge number", "1" * 2000, 422, "body"),
    ("a text", '"up"', 422, "body"),
    ("a list", '["up"]', 422, "body"),
    ("an empty list", "[]", 422, "body"),
    ("a list of objects", '[{"choice": "up"}]', 422, "body"),
    ("an empty object", "{}", 422, "choice"),
    ("choice null", '{"choice": null}', 422, "choice"),
    ("choice true", '{"choice": true}', 422, "choice"),
    ("choice 1", '{"choice": 1}', 422, "choice"),
    ("choice 1e999", '{"choice": 1e999}', 422, "choice"),
    ("choice a list", '{"choice": ["up"]}', 422, "choice"),
    ("choice an object", '{"choice": {"S": "up"}}', 422, "choice"),
    ("choice empty", '{"choice": ""}', 422, "choice"),
    ("choice a space", '{"choice": " "}', 422, "choice"),
    ("choice with a space", '{"choice": "up "}', 422, "choice"),
    ("choice with a line end", '{"choice": "up\\n"}', 422, "choice"),
    ("choice in capitals", '{"choice": "UP"}', 422, "choice"),
    ("choice not on the ballot", '{"choice": "sideways"}', 422, "choice"),
    ("choice of another ballot", '{"choice": "like"}', 422, "choice"),
    ("choice an attribute name", '{"choice": "n_up"}', 422, "choice"),
    ("choice the version", '{"choice": "version"}', 422, "choice"),
    ("choice too long", '{"choice": "' + "u" * 33 + '"}', 422, "choice"),
    ("choice an escaped NUL", '{"choice": "\\u0000"}', 422, "choice"),
    ("choice a lone surrogate", '{"choice": "\\ud800"}', 422, "choice"),
    ("choice a lone low surrogate", '{"choice": "up\\udc00"}', 422, "choice"),
    ("choice fullwidth", '{"choice": "\uff55\uff50"}', 422, "choice"),
    ("choice with a combining mark", '{"choice": "up\u0301"}', 422, "choice"),
    ("choice right to left", '{"choice": "\u202eup"}', 422, "choice"),
    ("choice an emoji", '{"choice": "\U0001f44d"}', 422, "choice"),
    ("choice an expression", '{"choice": "up + :one"}', 422, "choice"),
    ("choice a script", '{"choice": "<script>alert(1)</script>"}', 422, "choice"),
    ("choice a path", '{"choice": "../../up"}', 422, "choice"),
    ("choice misspelt", '{"chioce": "up"}', 422, "choice"),
    ("a key in capitals", '{"Choice": "up"}', 422, "choice"),
    ("something more", '{"choice": "up", "count": 5}', 422, "count"),
    ("a prototype", '{"choice": "up", "__proto__": {}}', 422, "__proto__"),
    ("an empty key", '{"choice": "up", "": 1}', 422, "body"),
    ("a key that is a lone surrogate", '{"choice": "up", "\\ud800": 1}', 422, "body"),
    ("a voter", '{"choice": "up", "voter_id": "somebody"}', 422, "voter_id"),
]


@pytest.mark.parametrize(("body", "status", "field"), [case[1:] for case in BODIES], ids=[case[0] for case in BODIES])
def test_bodies(token: str, body: str | bytes | None, status: int, field: str) -> None:
    refuses(put(token, body), status, field)


def test_a_body_whose_base64_is_broken(token: str) -> None:
    broken = event("PUT", VOTE, '{"choice": "up"}', {"Authorization": f"Bearer {token}", "Content-Type": JSON})
    broken["isBase64Encoded"] = True
    refuses(call(broken), 400, "body")
    broken["body"] = "snow \u2603"
    refuses(call(broken), 400, "body")


@pytest.mark.parametrize(
    "content_type",
    [
        None, "", "text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
        "application/xml", "application/jsonp", "application/json-patch+json", "application/vnd.api+json", "*/*",
        "application/ json", "application/json, text/plain", "json", "application/json\x00", "\u2603", "a" * 1000,
    ],
)  # fmt: skip
def test_content_types(token: str, content_type: str | None) -> None:
    refuses(put(token, '{"choice": "up"}', content_type), 415, "Content-Type")


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


def anything(method: str, path: str, token: str) -> Answer:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": JSON}
    return call(event(method, path, '{"choice": "up"}' if method == "PUT" else None, headers))


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
          for bad in ("", "x", "%00", "a" * 513, "é", "e30", cursor(), cursor("day"), cursor("day", "net", 1789948800, "1", "a"),
                      cursor("hour", "voters", 1789948800, "1", "a"), cursor("day", "voters", 1789948801, "1", "a"),
                      cursor("day", "voters", "1789948800", "1", "a"), cursor("day", "voters", True, "1", "a"),
                      cursor("day", "voters", -86400, "1", "a"), cursor("day", "voters", 2**60, "1", "a"),
                      cursor("day", "voters", 1789948800, 1, "a"), cursor("day", "voters", 1789948800, "one", "a"),
                      cursor("day", "voters", 1789948800, "1", "a#b"), cursor("day", "voters", 1789948800, "1", None),
                      cursor("day", "voters", 1789948800, "9" * 40, "a"), cursor("day", "voters", 1789948800, "NaN", "a"),
                      cursor("day", "voters", 1789948800, "1", "a", "b"), base64.urlsafe_b64encode(b"\xff\xfe").decode().rstrip("="))],
        ("/v1/sites/demo/leaderboard?cursor=a&cursor=a", 400, "cursor"),
    ],
)  # fmt: skip
def test_what_insights_are_asked_for(token: str, url: str, status: int, field: str) -> None:
    refuses(anything("GET", url, token), status, field)


@pytest.mark.parametrize("name", ["If-Match", "If-None-Match"])
@pytest.mark.parametrize(
    "value",
    [
        "", " ", "3", "3, 4", '"3', '3"', "'3'", '""3""', '"3" "4"', '"3",', ',"3"', "**", "*, *", '* "3"', '"3", *', "W/3",
        'w/"3"', 'W/ "3"', '"\x00"', '"3\n"', "null", "undefined", '"3 "', ", ".join(['"3"'] * 9), '"' + "3" * 3000 + '"', "\u2603",
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_preconditions_that_cannot_be_read(token: str, method: str, name: str, value: str) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": JSON, name: value}
    refuses(call(event(method, VOTE, '{"choice": "up"}' if method == "PUT" else None, headers)), 400, name)


@pytest.mark.parametrize(
    "value", ['"3"', '"01"', '"-1"', '"3.0"', '""', '"abc"', '"\xe9"', '"' + "9" * 16 + '"', 'W/"0"']
)
def test_preconditions_that_can_be_read_but_never_hold(token: str, value: str) -> None:
    refuses(put(token, '{"choice": "up"}', If_Match=value), 412, "If-Match")


@pytest.mark.parametrize(
    "value",
    [
        "", " ", "1", "abc", "null", "not-a-uuid", "123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400",
        "123e4567-e89b-12d3-a456-4266141740000", "{123e4567-e89b-12d3-a456-426614174000}", "g" * 36, "\u0661" * 36, "x" * 5000,
        "123e4567-e89b-12d3-a456-426614174000, 123e4567-e89b-12d3-a456-426614174001", "123e4567-e89b-12d3-a456-42661417400\x00",
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_idempotency_keys(token: str, method: str, value: str) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": JSON, "Idempotency-Key": value}
    body = '{"choice": "up"}' if method == "PUT" else None
    refuses(call(event(method, VOTE, body, headers)), 400, "Idempotency-Key")


def claims(**changed: Any) -> dict[str, Any]:
    return {"sub": "A" * 22, "aud": "demo", "iat": START, "exp": START + 60, **changed}


def signed(
    services: Services, payload: dict[str, Any], *, header: dict[str, Any] | None = None, secret: str = ""
) -> str:
    from tests.support.fakes import patient

    key = services.voting.keyring.signing_key(patient())
    return jwt.encode(payload, secret or key.secret, "HS256", {"kid": key.kid} | (header or {}))


def raw(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def bad_tokens(services: Services) -> Iterator[tuple[str, str]]:
    from tests.support.fakes import patient

    kid = services.voting.keyring.signing_key(patient()).kid
    good = signed(services, claims())
    head, payload, signature = good.split(".")
    yield "empty", ""
    yield "a word", "token"
    yield "one dot", "a.b"
    yield "dots", ".."
    yield "four parts", good + ".x"
    yield "no signature", f"{head}.{payload}."
    yield "alg none", f"{raw({'alg': 'none', 'kid': kid})}.{raw(claims())}."
    yield "alg none with a signature", f"{raw({'alg': 'none', 'kid': kid})}.{raw(claims())}.{signature}"
    yield "alg None", f"{raw({'alg': 'None', 'kid': kid})}.{raw(claims())}.{signature}"
    yield "no alg", f"{raw({'kid': kid})}.{raw(claims())}.{signature}"
    yield "alg RS256", f"{raw({'alg': 'RS256', 'kid': kid})}.{payload}.{signature}"
    yield (
        "alg HS512",
        jwt.encode(claims(), services.voting.keyring.signing_key(patient()).secret * 2, "HS512", {"kid": kid}),
    )
    yield "no kid", jwt.encode(claims(), services.voting.keyring.signing_key(patient()).secret, "HS256")
    yield "foreign kid", signed(services, claims(), header={"kid": "0123456789ab"})
    yield "kid a path", signed(services, claims(), header={"kid": "../../etc/passwd"})
    yield "kid empty", signed(services, claims(), header={"kid": ""})
    yield "another secret", signed(services, claims(), secret="another secret that is long enough for HS256")
    yield "header a list", f"{raw([])}.{payload}.{signature}"
    yield "header null", f"{raw(None)}.{payload}.{signature}"
    yield "header not JSON", f"{base64.urlsafe_b64encode(b'{').decode().rstrip('=')}.{payload}.{signature}"
    yield "header kid a number", f"{raw({'alg': 'HS256', 'kid': 1})}.{payload}.{signature}"
    yield "crit header", f"{raw({'alg': 'HS256', 'kid': kid, 'crit': ['x']})}.{payload}.{signature}"
    yield "expired", signed(services, claims(exp=START))
    yield "expired long ago", signed(services, claims(exp=1))
    yield "from the future", signed(services, claims(iat=START + 3600, exp=START + 7200))
    yield "another site", signed(services, claims(aud="other"))
    yield "many sites", signed(services, claims(aud=["demo", "other"]))
    yield "no site", signed(services, {"sub": "A" * 22, "iat": START, "exp": START + 60})
    yield "no voter", signed(services, {"aud": "demo", "iat": START, "exp": START + 60})
    yield "no end", signed(services, {"aud": "demo", "sub": "A" * 22, "iat": START})
    yield "no start", signed(services, {"aud": "demo", "sub": "A" * 22, "exp": START + 60})
    yield "end a text", signed(services, claims(exp=str(START + 60)))
    yield "end null", signed(services, claims(exp=None))
    yield "start a float", signed(services, claims(iat=START + 0.5))
    yield "start a list", signed(services, claims(iat=[START]))
    yield "voter empty", signed(services, claims(sub=""))
    yield "voter a path", signed(services, claims(sub="../" * 7 + "x"))
    yield "voter too long", signed(services, claims(sub="A" * 23))
    yield "too long", f"{head}.{'A' * 1500}.{signature}"
    yield "padded", good + "="
    yield "a line end inside", f"{head}.{payload}\n.{signature}"
    yield "a space inside", f"{head}. {payload}.{signature}"
    yield "standard base64", f"{head}.{payload}.{signature[:-2]}+/"
    yield "not ASCII", f"{head}.{payload}.{signature[:-1]}\u2603"
    yield "cut off", good[:-1]
    yield "signature of zeros", f"{head}.{payload}.{'A' * 43}"


def test_bad_tokens_on_every_private_route(services: Services, token: str) -> None:
    cases = list(bad_tokens(services))
    assert len(cases) >= 40
    for name, bad in cases:
        for method, path in (
            ("PUT", VOTE),
            ("DELETE", VOTE),
            ("GET", VOTE),
            ("GET", "/v1/sites/demo/votes?articles=a"),
        ):
            answer = anything(method, path, bad)
            assert answer.status == 401, f"{name}: {answer.text}"
            refuses(answer, 401, "Authorization")


def test_every_single_bit_flip_of_a_token_is_refused(services: Services, token: str) -> None:
    flipped = 0
    for position in range(len(token)):
        for bit in range(8):
            other = chr(ord(token[position]) ^ (1 << bit))
            refuses(anything("GET", VOTE, token[:position] + other + token[position + 1 :]), 401, "Authorization")
            flipped += 1
    assert flipped == 8 * len(token)


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Basic dTpw", "{token}", "Token {token}", "Bearer{token}"]
)
def test_authorization_headers(token: str, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization.format(token=token)}
    refuses(call(event("GET", VOTE, None, headers)), 401, "Authorization")


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/sites/demo/voters"), ("DELETE", VOTE)])
def test_bodies_where_none_is_needed_may_not_be_large(token: str, method: str, path: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    refuses(call(event(method, path, "x" * 2049, headers)), 413, "body")


def test_origins_that_are_no_origins_are_not_on_any_list(services: Services, store: MemoryStore, token: str) -> None:
    for origin in ("null", "https://news.example.evil.example", "https://NEWS.example", "x" * 3000):
        answer = call(event("POST", "/v1/sites/picky/voters", None, {"Origin": origin}))
        refuses(answer, 404, "site")  # no such site here; the store stays untouched


def test_there_are_more_than_150_cases_by_hand() -> None:
    assert len(BODIES) + len(SITE_ROUTES) * len(BAD_SITES) + len(ROUTES) * len(BAD_ARTICLES) > 150


def test_a_good_request_is_taken_so_the_refusals_above_mean_something(services: Services, token: str) -> None:
    answer = call(event("GET", VOTE, None, {"Authorization": f"bearer  {token}", "Idempotency-Key": str(uuid.uuid4())}))
    assert answer.status == 200


@pytest.fixture
def token(new_token: Callable[[], str]) -> str:
    return new_token()

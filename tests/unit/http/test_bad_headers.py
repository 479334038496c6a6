"""Headers and tokens that are refused: a clear 4xx that names the field, and nothing is stored."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator
from typing import Any

import jwt
import pytest

from chalicelib.services import Services
from tests.support.fakes import START, MemoryStore
from tests.support.gateway import call, event
from tests.support.refusals import JSON, VOTE, anything, put, refuses

pytestmark = pytest.mark.usefixtures("nothing_stored")


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


def test_origins_that_are_no_origins_are_not_on_any_list(services: Services, store: MemoryStore, token: str) -> None:
    for origin in ("null", "https://news.example.evil.example", "https://NEWS.example", "x" * 3000):
        answer = call(event("POST", "/v1/sites/picky/voters", None, {"Origin": origin}))
        refuses(answer, 404, "site")  # no such site here; the store stays untouched


def test_a_good_request_is_taken_so_the_refusals_above_mean_something(services: Services, token: str) -> None:
    answer = call(event("GET", VOTE, None, {"Authorization": f"bearer  {token}", "Idempotency-Key": str(uuid.uuid4())}))
    assert answer.status == 200

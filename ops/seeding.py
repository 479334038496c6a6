"""`ops seed`: votes of many made-up readers, through the API like any other."""

from __future__ import annotations

import argparse
import base64
import http.client
import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from typing import Any

import altcha
from rich.progress import Progress

MOST_ATTEMPTS = 10
PASSING_STATUSES = (429, 500, 502, 503, 504)


class SeedFailed(Exception):
    """The API refused or did not answer. The message has its answer."""


class Challenged(SeedFailed):
    """The API wants a challenge to be solved first."""

    def __init__(self, challenge: dict[str, Any]) -> None:
        super().__init__("The API has sent a challenge.")
        self.challenge = challenge


def run(arguments: argparse.Namespace) -> int:
    """Cast the votes, with a progress bar."""
    with Progress() as progress:
        votes = cast_votes(arguments.api, arguments.site, arguments.article, arguments.votes)
        for _ in progress.track(votes, total=arguments.votes, description="Casting votes"):
            pass
    return 0


def cast_votes(api: str, site: str, article: str, number: int) -> Iterator[int]:
    """Cast `number` votes, each by a new voter, spread over the choices; yields after each."""
    base = f"{api}/v1/sites/{site}"
    ballot = request("GET", f"{base}/articles/{article}/tally")["ballot"]
    choices = ballot["choices"][::-1] if ballot["kind"] == "stars" else ballot["choices"]
    for index in range(number):
        # Three of four readers take the first choice (of stars the last); the rest are spread over all of them.
        cast_choice(api, site, article, choices[0] if index % 4 else choices[(index // 4 + 1) % len(choices)])
        yield index + 1


def cast_choice(api: str, site: str, article: str, choice: str) -> None:
    """The vote of a new voter. Raises `SeedFailed`."""
    base = f"{api}/v1/sites/{site}"
    token = new_token(base)
    request(
        "PUT",
        f"{base}/articles/{article}/vote",
        {"choice": choice},
        {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid.uuid4()), "If-None-Match": "*"},
    )


def new_token(base: str) -> str:
    """The token of a new voter of the site at this address. If there is a challenge, it is solved first."""
    try:
        token = request("POST", f"{base}/voters")["voter_token"]
    except Challenged as challenged:
        token = request("POST", f"{base}/voters", {"solution": _solution(challenged.challenge)})["voter_token"]
    return str(token)


def _solution(challenge: dict[str, Any]) -> str:
    found = altcha.solve_challenge(altcha.Challenge.from_dict(challenge))
    if found is None:
        raise SeedFailed("The challenge for a new voter could not be solved in time. `ops site change --new-voters`.")
    payload = {"challenge": challenge, "solution": {"counter": found.counter, "derivedKey": found.derived_key}}
    return base64.b64encode(json.dumps(payload).encode()).decode()


def request(method: str, url: str, body: object = None, headers: dict[str, str] | None = None) -> Any:
    """One request, the same one again while the outcome is unknown, and its JSON answer."""
    data = None if body is None else json.dumps(body).encode()
    typed = {"Content-Type": "application/json"} if data else {}
    asked = urllib.request.Request(url, data, {**typed, **(headers or {})}, method=method)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            text = error.read()
            if b'"work_needed"' in text:
                raise Challenged(json.loads(text)["challenge"]) from None
            if error.code not in PASSING_STATUSES or attempt == MOST_ATTEMPTS:
                raise SeedFailed(f"{method} {url}: {error.code} {text[:300].decode()}") from None
        except (ValueError, http.client.HTTPException) as error:
            raise SeedFailed(f"{method} {url}: this is not the API ({error})") from None
        except OSError as error:
            if attempt == MOST_ATTEMPTS:
                raise SeedFailed(f"{method} {url}: {error}") from None
        time.sleep(min(2.0, 0.1 * 2**attempt))
    raise AssertionError("unreachable")

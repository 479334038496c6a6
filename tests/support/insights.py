"""Votes of many readers at any time, projected; and what the insights' addresses then answer."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

from tests.support.forms import has_form
from tests.support.gateway import Answer, send

Cast = Callable[..., None]
LEADERBOARD, HISTORY = "/v1/sites/demo/leaderboard", "/v1/sites/demo/articles/a/history"
INSIGHTS = [LEADERBOARD, HISTORY, "/v1/sites/demo/history", "/v1/sites/demo/summary"]
FEEDS = [f"{LEADERBOARD}.{form}" for form in ("atom", "rss", "feed.json")]
EVERY_ADDRESS = [*INSIGHTS, *(f"{path}.csv" for path in INSIGHTS), *FEEDS]


def get(url: str, model: type[Any], **headers: str) -> Any:
    answer = send("GET", url, headers=headers)
    assert answer.status == 200, answer.text
    return has_form(answer, model)


def rows(answer: Answer) -> list[dict[str, str]]:
    assert answer.status == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    return list(csv.DictReader(io.StringIO(answer.text, newline=""), strict=True))

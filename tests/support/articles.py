"""An article of the site demo over HTTP: its addresses, and a request that registers it."""

from __future__ import annotations

from typing import Any

from tests.support.gateway import Answer
from tests.support.keys import WRITE, with_key

SITE = "/v1/sites/demo"
ARTICLE = f"{SITE}/articles/a"
VOTE, TALLY = f"{ARTICLE}/vote", f"{ARTICLE}/tally"
BODY = {"title": "A title", "url": "https://news.example/a"}


def put(body: Any = BODY, key: str = WRITE, article: str = "a", **headers: str) -> Answer:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return with_key("PUT", f"{SITE}/articles/{article}", key, body, sent)

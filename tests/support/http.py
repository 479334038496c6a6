"""HTTP over a real socket, for the end-to-end tests."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from tests.support.gateway import Answer, prepared

T = TypeVar("T")

# Long, because the emulator starts functions cold, several at a time, on whatever else the machine is doing.
REQUEST_SECONDS = 120


def fetch(
    method: str,
    url: str,
    json_body: Any = None,
    headers: Mapping[str, str] | None = None,
    token: str | None = None,
    seconds: float = REQUEST_SECONDS,
    address: str = "127.0.0.1",
) -> Answer:
    """One request as it is: no redirects, no retries, every status an answer. Raises `TimeoutError` after `seconds`.

    `address`: where it is sent from, an address of 127.0.0.0/8.
    """
    parts = urlsplit(url)
    body, sent = prepared(json_body, headers, token)
    connection = http.client.HTTPConnection(
        parts.hostname or "", parts.port, timeout=seconds, source_address=(address, 0)
    )
    try:
        connection.request(method, f"{parts.path}?{parts.query}" if parts.query else parts.path, body, sent)
        answer = connection.getresponse()
        text = answer.read().decode()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, text)
    finally:
        connection.close()


def until(
    what: str,
    read: Callable[[], T],
    holds: Callable[[T], bool],
    seconds: float = 30.0,
    pause: Callable[[], object] = lambda: time.sleep(0.1),
) -> T:
    """Read again and again until it holds; fails with the last reading when it does not come about."""
    end = time.monotonic() + seconds
    while True:
        last = read()
        if holds(last):
            return last
        assert time.monotonic() < end, f"{what} did not come about in {seconds:.0f} s; last: {last}"
        pause()

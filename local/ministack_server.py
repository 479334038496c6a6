"""ministack as a process, with two changes: API Gateway knows its callers, and functions answer at once.

API Gateway takes the address of a caller from the connection, as AWS does.

ministack itself takes `sourceIp` from the first value of `X-Forwarded-For`, so a caller could choose its own address.
Here the address of the connection is put before whatever the caller sent. It is 127.0.0.1, or another address of
127.0.0.0/8 that a test sends from.

Lambda waits 50 ms for the log of each invocation that has none, and its function cannot take the next one meanwhile.
Here it waits 10 ms. A line that comes later is in the log of the function's next invocation.
"""

from __future__ import annotations

from functools import partialmethod
from typing import Any

import ministack.app
from ministack.core.lambda_runtime import Worker

HEADER = b"x-forwarded-for"
LOG_SECONDS = 0.01


def with_sender(headers: list[tuple[bytes, bytes]], sender: str) -> list[tuple[bytes, bytes]]:
    """The headers of a request, with the sender as the first address of the one `X-Forwarded-For`."""
    sent = [value for name, value in headers if name.lower() == HEADER]
    others = [(name, value) for name, value in headers if name.lower() != HEADER]
    return [*others, (HEADER, b", ".join([sender.encode(), *sent]))]


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """ministack's ASGI application, with the sender of each request."""
    if scope["type"] == "http" and scope.get("client"):
        scope = {**scope, "headers": with_sender(scope["headers"], scope["client"][0])}
    await _emulator(scope, receive, send)


_emulator = ministack.app.app

if __name__ == "__main__":
    ministack.app.app = app
    Worker._drain_stderr_bounded = partialmethod(Worker._drain_stderr_bounded, first_line_wait=LOG_SECONDS)
    ministack.app.main()

"""A network between botocore and DynamoDB that loses, delays and garbles: eight kinds of faults.

It takes the place of the client's HTTP session, so everything above it, botocore's parsing included, is the real thing.
"""

from __future__ import annotations

import json
import random
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

PREFIX = "com.amazonaws.dynamodb.v20120810#"
KINDS = (
    "never sent",
    "executed, answer lost",
    "500 before",
    "500 after",
    "throttle",
    "transaction conflict",
    "transaction in progress",
    "corrupted answer",
)
GARBAGE = (b"\xff\xfe\x00garbage", b'{"Responses": [', b"<html>502 Bad Gateway</html>", b"", b"null", b"[1, 2]")


class FaultySession:
    """Stands in for `client._endpoint.http_session`. `rate`: the fraction of calls that get a fault, 0 to 1."""

    def __init__(self, real: Any, rng: random.Random) -> None:
        self.rate = 0.0
        self._real = real
        self._rng = rng
        self.counted = Counter[str]()

    def send(self, request: Any) -> Any:
        if self._rng.random() >= self.rate:
            return self._real.send(request)
        kind = self._rng.choice(KINDS)
        self.counted[kind] += 1
        return self._fault(kind, request)

    def close(self) -> None:
        self._real.close()

    def _fault(self, kind: str, request: Any) -> Any:
        if kind == "never sent":
            raise ConnectTimeoutError(endpoint_url=request.url)
        if kind == "500 before":
            return _answer(request, 500, "InternalServerError")
        if kind == "throttle":
            return _answer(request, 400, "ThrottlingException")
        if kind == "transaction conflict":
            return conflict(request, self._rng.randrange(2))
        if kind == "transaction in progress":
            return _answer(request, 400, "TransactionInProgressException")
        answer = self._real.send(request)  # from here on it was executed
        _ = answer.content
        if kind == "executed, answer lost":
            raise ReadTimeoutError(endpoint_url=request.url)
        if kind == "500 after":
            return _answer(request, 500, "InternalServerError")
        return AWSResponse(request.url, answer.status_code, answer.headers, _Raw(self._rng.choice(GARBAGE)))


def conflict(request: Any, action: int) -> Any:
    """Another transaction is at work on the item, or on the item of this action of two."""
    if b"TransactWriteItems" not in request.headers.get("X-Amz-Target", b""):
        return _answer(request, 400, "TransactionConflictException")
    reasons = [{"Code": "None"}, {"Code": "None"}]
    reasons[action] = {"Code": "TransactionConflict", "Message": "conflict"}
    return _answer(request, 400, "TransactionCanceledException", CancellationReasons=reasons)


def _answer(request: Any, status: int, code: str, **more: object) -> Any:
    return _response(request, status, json.dumps({"__type": PREFIX + code, "message": "injected", **more}).encode())


class _Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield self._body


def _response(request: Any, status: int, body: bytes) -> Any:
    headers = {"content-type": "application/x-amz-json-1.0", "x-amz-crc32": str(zlib.crc32(body))}
    return AWSResponse(request.url, status, HeadersDict(headers), _Raw(body))


class DyingSession:
    """Stands in for an HTTP session. It sends some UpdateItems and then nothing more, as if the process was killed."""

    def __init__(self, real: Any, updates: int) -> None:
        self._real, self._left = real, updates

    def send(self, request: Any) -> Any:
        if b"UpdateItem" in request.headers.get("X-Amz-Target", b""):
            self._left -= 1
            if self._left < 0:
                raise KeyboardInterrupt
        return self._real.send(request)

    def close(self) -> None:
        self._real.close()

"""Telling a garbled answer from a true one.

DynamoDB sends the CRC-32 of every answer's body. botocore checks it in its legacy retry mode only, and without the
check an answer that lost its body reads like "there is no such item": a wrong answer that looks like a right one.
"""

from __future__ import annotations

import zlib
from typing import Any

HEADER = "x-amz-crc32"


class CorruptedAnswer(Exception):
    """The body is not the one that was sent. What was asked may have been executed."""


def verify_answers(client: Any) -> None:
    """From now on this DynamoDB client raises `CorruptedAnswer` instead of returning a garbled answer."""
    client.meta.events.register("before-parse.dynamodb", _verify)


def _verify(response_dict: dict[str, Any], **_: object) -> None:
    expected = response_dict["headers"].get(HEADER)
    if expected is None and response_dict["status_code"] >= 300 and b'"__type"' in response_dict["body"]:
        return  # DynamoDB Local sends no checksum with its errors, but they name their type
    if expected is None or int(expected) != zlib.crc32(response_dict["body"]):
        raise CorruptedAnswer(f"status {response_dict['status_code']}, checksum {expected}")

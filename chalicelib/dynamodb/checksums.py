"""Checking the checksum of each answer from DynamoDB.

DynamoDB sends the CRC-32 of the body with every answer. botocore checks it only in its legacy retry mode. Without the
check, an answer that lost its body looks like "there is no such item".
"""

from __future__ import annotations

import zlib
from typing import Any

HEADER = "x-amz-crc32"


class CorruptedAnswer(Exception):
    """The body is not the one that DynamoDB sent. The request may have been executed."""


def verify_answers(client: Any) -> None:
    """From now on this client raises `CorruptedAnswer` instead of returning a corrupted answer."""
    client.meta.events.register("before-parse.dynamodb", _verify)


def _verify(response_dict: dict[str, Any], **_: object) -> None:
    expected = response_dict["headers"].get(HEADER)
    if expected is None and response_dict["status_code"] >= 300 and b'"__type"' in response_dict["body"]:
        return  # DynamoDB Local sends errors without a checksum. They name their type
    if expected is None or int(expected) != zlib.crc32(response_dict["body"]):
        raise CorruptedAnswer(f"status {response_dict['status_code']}, checksum {expected}")

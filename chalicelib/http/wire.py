"""What all bodies on the wire share, as pydantic models. Times are RFC 3339 in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

JSON, NDJSON = "application/json", "application/x-ndjson"
Timestamp = Annotated[str, Field(json_schema_extra={"format": "date-time"}, examples=["2026-01-31T12:00:00Z"])]
Count = Annotated[int, Field(ge=0)]


class Wire(BaseModel):
    """The base of every model: it is immutable, refuses unknown members, and converts nothing.

    Its validator is built when it is first used, because a cold start needs few of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class ProblemBody(Wire):
    """What went wrong (RFC 9457). `code` is stable; `field` names the part of the request at fault."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    field: str | None = None


def timestamp(at: int) -> str:
    """Epoch seconds as RFC 3339 in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def optional_timestamp(at: int | None) -> str | None:
    """The same, or None for None."""
    return None if at is None else timestamp(at)

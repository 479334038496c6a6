"""CSV or JSON: what a caller prefers (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import re

from chalicelib.http.csv_text import CSV
from chalicelib.http.requests import Request
from chalicelib.http.wire import JSON

QUALITY = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?", re.ASCII)


def has_csv_address(request: Request) -> bool:
    """True if the route's path ends in .csv."""
    return request.route.endswith(".csv")


def prefers_csv(request: Request) -> bool:
    """True if `Accept` prefers text/csv to JSON. If it names both equally, JSON is sent."""
    wanted = {}
    for one in (request.header("Accept") or "*/*").lower().split(","):
        kind, *parameters = (part.strip() for part in one.split(";"))
        quality = next((part[2:] for part in parameters if part.startswith("q=")), "1")
        wanted[kind] = float(quality) if QUALITY.fullmatch(quality) else 0.0

    def quality_of(kind: str) -> float:
        ranges = (kind, f"{kind.partition('/')[0]}/*", "*/*")
        return next((wanted[one] for one in ranges if one in wanted), 0.0)

    as_csv, as_json = quality_of(CSV), quality_of(JSON)
    return as_csv > as_json or (CSV in wanted and JSON not in wanted and as_csv == as_json > 0)

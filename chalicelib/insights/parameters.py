"""The parameters of insights: which board, which time, and where a page goes on."""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime
from typing import cast, get_args

from chalicelib.errors import InvalidValue
from chalicelib.http.requests import header, optional_choice, optional_value
from chalicelib.http.routing import Call
from chalicelib.insights.history import HOURS_ARE_KEPT_SECONDS
from chalicelib.insights.intervals import DAY, HOUR, Step, Window, earlier, end_of, start_of
from chalicelib.insights.leaderboards import EVERY_ORDER, WINDOWS, Board, Order, Place, check_order
from chalicelib.insights.use_cases import Span
from chalicelib.publishing.articles import ARTICLE_ID
from chalicelib.publishing.sites import Site

STEPS: tuple[Step, ...] = get_args(Step)
MOST_ENTRIES, ENTRIES = 100, 20
MOST_POINTS = 400
MOST_AGO = HOURS_ARE_KEPT_SECONDS // HOUR
POINTS: dict[Step, int] = {"hour": 7 * 24, "day": 90}
NUMBER = re.compile(r"[0-9]{1,4}", re.ASCII)
MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2}))?", re.ASCII
)
CURSOR = re.compile(r"[A-Za-z0-9_-]{1,512}", re.ASCII)
VALUE = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,10})?(E[+-]?[0-9]{1,2})?", re.ASCII)
QUALITY = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?", re.ASCII)


def board_asked(call: Call, site: Site) -> Board:
    """The board of `order`, `window` and `ago`; the day's, by voters, if nothing else is asked."""
    order = cast(Order, optional_choice(call.request, "order", EVERY_ORDER) or "voters")
    window = cast(Window, optional_choice(call.request, "window", WINDOWS) or "day")
    ago = _number(call, "ago", 0, 0, MOST_AGO)
    check_order(site.ballot.kind, order, window)
    if ago and window == "all":
        raise InvalidValue("There is only one window all: ago must be 0.", field="ago")
    start = earlier(window, start_of(window, call.now), ago)
    if end_of(window, start) < call.now - HOURS_ARE_KEPT_SECONDS:
        raise InvalidValue(f"Leaderboards are kept for {HOURS_ARE_KEPT_SECONDS // DAY} days.", field="ago")
    return Board(site.id, window, start, order)


def limit_asked(call: Call) -> int:
    """How many entries a page shall have: `limit`."""
    return _number(call, "limit", ENTRIES, 1, MOST_ENTRIES)


def page_asked(call: Call, board: Board) -> tuple[Board, Place | None]:
    """Where `cursor` says that the page begins. A cursor goes on in the window that it began in."""
    raw = optional_value(call.request, "cursor")
    if raw is None:
        return board, None
    if CURSOR.fullmatch(raw):
        try:
            window, order, start, value, article = json.loads(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)))
        except (ValueError, TypeError):
            pass
        else:
            ours = window == board.window and order == board.order and _is_place(window, start, value, article)
            if ours:
                return Board(board.site, board.window, start, board.order), Place(value, article)
    raise InvalidValue("cursor must be one that this order and window gave.", field="cursor")


def _is_place(window: Window, start: object, value: object, article: object) -> bool:
    return (
        type(start) is int
        and 0 <= start < 2**33
        and start_of(window, start) == start
        and isinstance(value, str)
        and VALUE.fullmatch(value) is not None
        and isinstance(article, str)
        and ARTICLE_ID.fullmatch(article) is not None
    )


def cursor_after(board: Board, place: Place | None) -> str | None:
    """The cursor that asks for the page after this place."""
    if place is None:
        return None
    text = json.dumps([board.window, board.order, board.start, place.value, place.article], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def span_asked(call: Call) -> Span:
    """The hours or days of `step`, `since` and `until`; the last week's hours, if nothing else is asked."""
    step = cast(Step, optional_choice(call.request, "step", STEPS) or "hour")
    length = HOUR if step == "hour" else DAY
    now_ends = start_of(step, call.now) + length
    until = _moment(call, "until")
    until = now_ends if until is None else min(now_ends, -(-until // length) * length)
    since = _moment(call, "since")
    since = max(0, until - POINTS[step] * length) if since is None else start_of(step, since)
    if since >= until:
        field = "since" if optional_value(call.request, "since") is not None else "until"
        raise InvalidValue("since must be before until, and before now.", field=field)
    if (until - since) // length > MOST_POINTS:
        raise InvalidValue(f"Ask for at most {MOST_POINTS} {step}s at a time.", field="since")
    if step == "hour" and since < start_of("hour", call.now - HOURS_ARE_KEPT_SECONDS):
        days = HOURS_ARE_KEPT_SECONDS // DAY
        field = "since" if optional_value(call.request, "since") is not None else "until"
        raise InvalidValue(f"Hours are kept for {days} days; step=day goes back for ever.", field=field)
    return Span(step, since, until)


def wants_csv(call: Call) -> bool:
    """Whether the address ends in .csv, or `Accept` prefers text/csv to JSON (RFC 9110, section 12.5.1)."""
    if str(call.request.context.get("resourcePath", "")).endswith(".csv"):
        return True
    wanted = {}
    for one in (header(call.request, "Accept") or "*/*").lower().split(","):
        kind, *parameters = (part.strip() for part in one.split(";"))
        quality = next((part[2:] for part in parameters if part.startswith("q=")), "1")
        wanted[kind] = float(quality) if QUALITY.fullmatch(quality) else 0.0

    def quality_of(kind: str) -> float:
        ranges = (kind, f"{kind.partition('/')[0]}/*", "*/*")
        return next((wanted[one] for one in ranges if one in wanted), 0.0)

    as_csv, as_json = quality_of("text/csv"), quality_of("application/json")
    return as_csv > as_json or ("text/csv" in wanted and "application/json" not in wanted and as_csv == as_json > 0)


def _number(call: Call, name: str, otherwise: int, least: int, most: int) -> int:
    raw = optional_value(call.request, name)
    if raw is None:
        return otherwise
    if not NUMBER.fullmatch(raw) or not least <= int(raw) <= most:
        raise InvalidValue(f"{name} must be a number from {least} to {most}.", field=name)
    return int(raw)


def _moment(call: Call, name: str) -> int | None:
    raw = optional_value(call.request, name)
    if raw is None:
        return None
    try:
        if MOMENT.fullmatch(raw):
            moment = datetime.fromisoformat(raw)
            at = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
            if at >= 0:
                return at
    except (ValueError, OverflowError):
        pass
    raise InvalidValue(f"{name} must be a day such as 2026-01-31 or a time such as 2026-01-31T12:00:00Z.", field=name)

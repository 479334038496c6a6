"""The parts of a request for insights, with their descriptions for OpenAPI: leaderboard, page, time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import cast, get_args

from chalicelib.errors import InvalidValue
from chalicelib.http.descriptions import one_of, query, text
from chalicelib.http.requests import Request
from chalicelib.insights.cursors import CURSOR, read_cursor
from chalicelib.insights.history import HOURS_ARE_KEPT_SECONDS
from chalicelib.insights.intervals import DAY, FOR_EVER, HOUR, Calendar, Step, Window
from chalicelib.insights.leaderboards import EVERY_ORDER, WINDOWS, Board, Order, choose_board
from chalicelib.insights.ranked_lists import Place
from chalicelib.insights.use_cases import Insights, Span
from chalicelib.publishing.articles import LONGEST_NAME, Selection, parse_name
from chalicelib.publishing.parameters import no_key, optional_key_of, site_id_of
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
KEPT_DAYS = HOURS_ARE_KEPT_SECONDS // DAY

_MOMENT_SCHEMA = text(MOMENT.pattern, examples=["2026-01-31", "2026-01-31T12:00:00Z"])
BOARD = (
    query(
        "order", "What articles are ranked by. The site's ballot decides which orders there are.", one_of(EVERY_ORDER)
    ),
    query(
        "window",
        "Count the votes of this hour, of this day, week or month of the site, or all votes.",
        one_of(WINDOWS),
    ),
    query(
        "ago",
        "How many windows back: with `window=day`, 1 is yesterday.",
        {"type": "integer", "minimum": 0, "maximum": MOST_AGO, "default": 0},
    ),
    query("limit", "How many entries.", {"type": "integer", "minimum": 1, "maximum": MOST_ENTRIES, "default": ENTRIES}),
)
_NAME_SCHEMA = text(minLength=1, maxLength=LONGEST_NAME)
SELECTION = (
    query("section", "Only articles of this section.", _NAME_SCHEMA),
    query("author", "Only articles of this author.", _NAME_SCHEMA),
)
NEXT_PAGE = query("cursor", "The `cursor` of the page before.", text(CURSOR.pattern))
SPAN = (
    query("step", f"Hours are kept for {KEPT_DAYS} days, and days for ever.", one_of(STEPS)),
    query(
        "since",
        f"The first hour or day; at most {MOST_POINTS} at a time. A date is a day in the site's time zone.",
        _MOMENT_SCHEMA,
    ),
    query(
        "until",
        "The end of the time. It is not included. It is now if it is left out, and at the latest.",
        _MOMENT_SCHEMA,
    ),
)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Asked:
    """The site whose insights are asked for. `by_publisher`: with a key, which shows hidden articles and all counts."""

    site: Site
    by_publisher: bool

    @property
    def shows_counts(self) -> bool:
        """True if the answer may tell what readers chose."""
        return self.by_publisher or self.site.results == "always"


def asked_of(request: Request, insights: Insights, *, counts: bool = True) -> Asked:
    """The site in the path, if the caller may read its insights. Raises `UnknownSite` or `InvalidKey`.

    `counts`: the answer tells what readers chose, which some sites do not show to everybody.
    """
    site_id, key = site_id_of(request), optional_key_of(request)
    if key is not None:
        insights.keys.check(site_id, key, "read", request.at, request.deadline)
    site = insights.sites.site(site_id, request.deadline)
    if key is None and (site.insights == "private" or (counts and site.results != "always")):
        raise no_key()
    return Asked(site, by_publisher=key is not None)


def board_of(request: Request, site: Site) -> Board:
    """The leaderboard of `order`, `window` and `ago`. By default: by voters, of this day."""
    order = cast(Order, request.optional_choice("order", EVERY_ORDER) or "voters")
    window = cast(Window, request.optional_choice("window", WINDOWS) or "day")
    return choose_board(site, order, window, _number(request, "ago", 0, 0, MOST_AGO), request.at)


def limit_of(request: Request) -> int:
    """How many entries a page should have."""
    return _number(request, "limit", ENTRIES, 1, MOST_ENTRIES)


def selection_of(request: Request) -> Selection:
    """Which articles are asked for, by `section` and `author`."""
    given = request.values_given("section", "author")
    return Selection(**{name: parse_name(value, name) for name, value in given.items()})


def page_of(request: Request, site: Site, board: Board, selection: Selection) -> tuple[Board, Place | None]:
    """Where the page begins. A cursor continues in the window in which it was issued."""
    raw = request.optional_value("cursor")
    return (board, None) if raw is None else read_cursor(board, selection, Calendar(site.time_zone), raw)


def span_of(request: Request, site: Site) -> Span:
    """The hours or days of `step`, `since` and `until`. By default: the hours of the last week."""
    step = cast(Step, request.optional_choice("step", STEPS) or "hour")
    calendar = Calendar(site.time_zone)
    until, since = _moment(request, "until", calendar), _moment(request, "since", calendar)
    field = "until" if since is None else "since"
    last = request.at if until is None else min(request.at, until - 1)
    until = calendar.end_of(step, calendar.start_of(step, last))
    since = calendar.earlier(step, until, POINTS[step]) if since is None else calendar.start_of(step, since)
    if since >= until:
        raise InvalidValue("since must be before until, and before now.", field=field)
    if round((until - since) / (HOUR if step == "hour" else DAY)) > MOST_POINTS:
        more = " Days (step=day) cover more time." if step == "hour" else ""
        raise InvalidValue(f"Ask for at most {MOST_POINTS} {step}s at a time.{more}", field="since")
    if step == "hour" and since < calendar.start_of("hour", request.at - HOURS_ARE_KEPT_SECONDS):
        raise InvalidValue(f"Hours are kept for {KEPT_DAYS} days; days (step=day) are kept for ever.", field=field)
    return Span(step, since, until)


def _number(request: Request, name: str, otherwise: int, least: int, most: int) -> int:
    raw = request.optional_value(name)
    if raw is None:
        return otherwise
    if not NUMBER.fullmatch(raw) or not least <= int(raw) <= most:
        raise InvalidValue(f"{name} must be a number from {least} to {most}.", field=name)
    return int(raw)


def _moment(request: Request, name: str, calendar: Calendar) -> int | None:
    raw = request.optional_value(name)
    if raw is None:
        return None
    try:
        if MOMENT.fullmatch(raw):
            moment = datetime.fromisoformat(raw)
            at = int((moment if moment.tzinfo else moment.replace(tzinfo=calendar.zone)).timestamp())
            if 0 <= at < FOR_EVER - 2 * DAY:  # a later day has no end
                return at
    except (ValueError, OverflowError):
        pass
    raise InvalidValue(f"{name} must be a day such as 2026-01-31 or a time such as 2026-01-31T12:00:00Z.", field=name)

"""Cursors: where a page of a leaderboard ended, as a text that callers send back."""

from __future__ import annotations

import base64
import json
import re
import zlib

from chalicelib.errors import InvalidValue
from chalicelib.insights.intervals import Calendar, Window
from chalicelib.insights.leaderboards import Board
from chalicelib.insights.ranked_lists import Place
from chalicelib.publishing.articles import STORED_ID, Selection

CURSOR = re.compile(r"[A-Za-z0-9_-]{1,512}", re.ASCII)
VALUE = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,10})?(E[+-]?[0-9]{1,2})?", re.ASCII)
END_OF_TIME = 2**33  # epoch seconds in the year 2242


def write_cursor(board: Board, selection: Selection, place: Place) -> str:
    """The cursor for the page that follows this place."""
    asked = [board.window, board.order, _short(selection)]
    text = json.dumps([*asked, board.start, place.value, place.article], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def read_cursor(board: Board, selection: Selection, calendar: Calendar, raw: str) -> tuple[Board, Place]:
    """The place in a cursor, and its board: the window in which the cursor was issued. Raises `InvalidValue`."""
    if CURSOR.fullmatch(raw):
        try:
            *asked, start, value, article = json.loads(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)))
        except (ValueError, TypeError):
            pass
        else:
            same = asked == [board.window, board.order, _short(selection)]
            if same and _is_place(calendar, board.window, start, value, article):
                return Board(board.site, board.window, start, board.order), Place(value, article)
    raise InvalidValue("cursor must be one that came with this order, window, section and author.", field="cursor")


def _short(selection: Selection) -> int:
    """A number instead of the names, which may be long."""
    return zlib.crc32(f"{selection.section}\n{selection.author}".encode())


def _is_place(calendar: Calendar, window: Window, start: object, value: object, article: object) -> bool:
    return (
        type(start) is int
        and 0 <= start < END_OF_TIME
        and calendar.start_of(window, start) == start
        and isinstance(value, str)
        and VALUE.fullmatch(value) is not None
        and isinstance(article, str)
        and STORED_ID.fullmatch(article) is not None
    )

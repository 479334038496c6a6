"""Rows as CSV (RFC 4180), safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

MEDIA_TYPE = "text/csv; charset=utf-8; header=present"
Cell = str | int | float | None

# A cell that begins with one of these is run as a formula by spreadsheets (OWASP, "CSV Injection"). Some take a
# semicolon or a tab for the end of a cell, so what follows one is the beginning of a cell, too.
SIGN = r"[\s\u00a0]*[=+\-@\uff1d\uff0b\uff0d\uff20]"
FORMULA = re.compile(rf"(\A)(?={SIGN}|[\t\r\n])|(?<=[^;\t\r\n])([;\t\r\n]+)(?={SIGN})")


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A header and the rows. Numbers stay numbers, nothing is an empty cell, and no text is a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return text.getvalue()


def _safe(cell: Cell) -> Cell:
    return FORMULA.sub(lambda found: found[0] + "'", cell) if isinstance(cell, str) else cell

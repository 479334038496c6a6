"""Rows as CSV (RFC 4180) that is safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

CSV = "text/csv"
MEDIA_TYPE = f"{CSV}; charset=utf-8; header=present"
Cell = str | int | float | None

# Spreadsheets run a cell as a formula if it begins with one of these signs (OWASP, "CSV Injection"). Some of them end a
# cell at a semicolon, a tab or a line break inside it. So the text after such a separator may begin a cell, too,
# also after quotes, which end there.
SIGN = r"[\s\u00a0\"]*[=+\-@\uff1d\uff0b\uff0d\uff20]"
FORMULA = re.compile(rf"\A(?={SIGN}|[\t\r\n])|[;\t\r\n]+(?={SIGN})")


def write(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A header and the rows. Numbers stay numbers, None is an empty cell, and no text is a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return text.getvalue()


def _safe(cell: Cell) -> Cell:
    return FORMULA.sub(lambda found: found[0] + "'", cell) if isinstance(cell, str) else cell

"""Tables as CSV that spreadsheets open without harm."""

import csv
import io
import re
import unicodedata

from reliability.reports.tables import Table

# What a spreadsheet takes for the start of a formula, in its full-width forms too.
FORMULA = frozenset("=+-@＝＋－＠\t\r\n")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_UNSEEN = frozenset({"Cf", "Zs", "Zl", "Zp", "Cc"})


def comma_separated(table: Table) -> str:
    """A table as CSV, with the mark by which a Korean spreadsheet knows UTF-8; no cell starts a formula."""
    lines = io.StringIO(newline="")
    lines.write("\N{ZERO WIDTH NO-BREAK SPACE}")
    writer = csv.writer(lines)
    for row in (table.heads, *table.rows):
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row])
    return lines.getvalue()


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula: one that begins like it stands behind an apostrophe.

    Notes
    -----
    Spaces and unseen characters before the sign are looked past, for some programs drop them. A number written as
    text starts no formula and stays whole.
    """
    start = next((one for one in text if one in FORMULA or unicodedata.category(one) not in _UNSEEN), "")
    return f"'{text}" if start in FORMULA and not _NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    """The text that `guarded` was given."""
    return text[1:] if text.startswith("'") and guarded(text[1:]) == text else text

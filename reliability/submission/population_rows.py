"""The lines of a declared population, out of its bytes."""

import csv
from typing import TypeAlias

from reliability.submission.reading import unreadable

HEADER = ("column", "value", "share")
Row: TypeAlias = tuple[int, tuple[str, str, str]]  # line, and what stands in it


def population_rows(content: bytes, shown: str) -> list[Row]:
    """Column, value and share of every line that is not empty; SubmissionError where it is no such CSV file."""
    try:
        rows = list(csv.reader(content.decode("utf-8-sig").splitlines(), strict=True))
    except (UnicodeDecodeError, csv.Error) as problem:
        raise unreadable("population_no_csv", where=shown, problem=problem) from problem
    if not rows or tuple(rows[0]) != HEADER or len(rows) < 2:
        raise unreadable("population_header", where=shown, header=",".join(HEADER))
    filled = [(line, row) for line, row in enumerate(rows[1:], start=2) if row]
    for line, row in filled:
        if len(row) != len(HEADER):
            raise unreadable("population_ragged", where=shown, line=line, met=len(row), expected=len(HEADER))
    return [(line, (row[0], row[1], row[2])) for line, row in filled]

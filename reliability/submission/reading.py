"""What a reader of data files says when it cannot go on: a closed list, as a reader may be another process."""

from collections.abc import Mapping

from reliability.errors import SubmissionError

MESSAGES: Mapping[str, str] = {
    "ragged_row": "{where}: data row {row:,} has {met} fields, the header has {expected}; mend that row",
    "data_unreadable": "{where}: cannot be read as CSV ({problem}); write it anew",
    "data_not_parquet": "{where}: cannot be read as Parquet ({problem}); write it anew",
    "data_empty": "{where}: the file is empty; hand in a file with rows",
    "data_separator": "{where}:1: the columns are separated by {separator!r}; save the file with commas",
    "data_utf16": "{where}: the file is UTF-16; save it as UTF-8",
    "data_encoding": "{where}: neither UTF-8 nor CP949: line {line:,} is not UTF-8, line {other:,} is not CP949; "
    "save the file as UTF-8",
    "population_no_csv": "{where}: cannot be read as CSV in UTF-8 ({problem}); write it anew",
    "population_header": "{where}: must begin with the line {header}, and have a line for every group",
    "population_ragged": "{where}:{line}: has {met} fields, the header has {expected}; mend that line",
}
# Values that are numbers; every other one is text.
NUMBERS = frozenset({"row", "met", "expected", "line", "other", "limit"})


class UnfitError(Exception):
    """A value that does not fit the kind of its column: which column, which row of the file (from 0), and the value."""

    def __init__(self, column: str, row: int, value: object) -> None:
        super().__init__(column, row)
        self.column = column
        self.row = row
        self.value = value


def unreadable(code: str, /, **values: object) -> SubmissionError:
    """The error of one of these reasons."""
    return SubmissionError(code, MESSAGES[code], **values)


def problem_of(error: Exception) -> str:
    """The first line of what a library said."""
    return str(error).splitlines()[0] if str(error) else type(error).__name__

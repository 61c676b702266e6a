"""The clock of the command line: nothing below it reads one."""

from datetime import UTC, datetime


def now() -> datetime:
    """The time in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)

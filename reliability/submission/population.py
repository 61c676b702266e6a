"""The declared population: which share of it every group has."""

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reliability.errors import SubmissionError
from reliability.submission.meaning import meaning
from reliability.submission.refusals import listed

HEADER = ("column", "value", "share")
_LARGEST_BYTES = 1_000_000
# Shares are rounded where they are published.
_ROUNDING = 0.011


@dataclass(frozen=True, kw_only=True)
class Population:
    """The file with the declared shares, and the shares by column and group."""

    path: str
    sha256: str
    shares: Mapping[str, Mapping[str, float]]


def read_population(path: Path, shown: str, known: Sequence[str]) -> Population:
    """Shares by column and group, from a CSV file with the columns column, value and share.

    Raises
    ------
    SubmissionError
        For the first line that cannot be used.
    """
    shares: dict[str, dict[str, float]] = {}
    read = _bytes(path, shown)
    for line, (column, value, share) in _rows(read, shown):
        where = f"{shown}:{line}"
        if column not in known:
            raise SubmissionError(
                "population_column",
                "{where}: column {column!r} is neither sensitive nor a segment; the columns are: {names}",
                where=where, column=column, names=listed(known),
            )  # fmt: skip
        group, groups = _spelt(value), shares.setdefault(column, {})
        if group in groups:
            raise SubmissionError(
                "population_twice", "{where}: {column!r} has a share of {value!r} already; keep one",
                where=where, column=column, value=value,
            )  # fmt: skip
        groups[group] = _share(share, where)
    for column, groups in shares.items():
        if abs(sum(groups.values()) - 1) > _ROUNDING:
            raise SubmissionError(
                "population_sum",
                "{where}: the shares of {column!r} add up to {total:g}; they must add up to 1",
                where=shown, column=column, total=round(sum(groups.values()), 6),
            )  # fmt: skip
    settled = {
        column: {group: share / sum(groups.values()) for group, share in groups.items()}
        for column, groups in shares.items()
    }
    return Population(path=shown, sha256=hashlib.sha256(read).hexdigest(), shares=settled)


def _bytes(path: Path, shown: str) -> bytes:
    if path.stat().st_size > _LARGEST_BYTES:
        raise SubmissionError(
            "population_unreadable", "{where}: is larger than {limit:,} bytes; write one line a group",
            where=shown, limit=_LARGEST_BYTES,
        )  # fmt: skip
    return path.read_bytes()


def _rows(read: bytes, shown: str) -> list[tuple[int, tuple[str, str, str]]]:
    try:
        rows = list(csv.reader(read.decode("utf-8-sig").splitlines(), strict=True))
    except (UnicodeDecodeError, csv.Error) as problem:
        raise SubmissionError(
            "population_no_csv", "{where}: cannot be read as CSV in UTF-8 ({problem}); write it anew",
            where=shown, problem=problem,
        ) from problem  # fmt: skip
    if not rows or tuple(rows[0]) != HEADER or len(rows) < 2:
        raise SubmissionError(
            "population_header", "{where}: must begin with the line {header}, and have a line for every group",
            where=shown, header=",".join(HEADER),
        )  # fmt: skip
    filled = [(line, row) for line, row in enumerate(rows[1:], start=2) if row]
    for line, row in filled:
        if len(row) != len(HEADER):
            raise SubmissionError(
                "population_ragged", "{where}: has {met} fields, the header has {expected}; mend that line",
                where=f"{shown}:{line}", met=len(row), expected=len(HEADER),
            )  # fmt: skip
    return [(line, (row[0], row[1], row[2])) for line, row in filled]


def _share(text: str, where: str) -> float:
    share = meaning(text)
    if isinstance(share, str) or not 0 <= share <= 1:
        raise SubmissionError(
            "population_share", "{where}: share is {value!r}; write a number from 0 to 1",
            where=where, value=text,
        )  # fmt: skip
    return float(share)


def _spelt(value: str) -> str:
    """The group as evidence compares it."""
    meant = meaning(value)
    return meant if isinstance(meant, str) else repr(meant)

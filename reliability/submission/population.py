"""The declared population: which share of it every group has."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from reliability.errors import SubmissionError
from reliability.submission.meaning import meaning
from reliability.submission.population_rows import Row, population_rows
from reliability.submission.refusals import listed

Rows: TypeAlias = Callable[[bytes, str], list[Row]]
_LARGEST_BYTES = 1_000_000
# Shares are rounded where they are published.
_ROUNDING = 0.011


@dataclass(frozen=True, kw_only=True)
class Population:
    """The file with the declared shares, and the shares by column and group."""

    path: str
    sha256: str
    shares: Mapping[str, Mapping[str, float]]


def read_population(path: Path, shown: str, known: Sequence[str], *, rows_of: Rows = population_rows) -> Population:
    """Shares by column and group, from a CSV file with the columns column, value and share; `rows_of` parses it.

    Raises
    ------
    SubmissionError
        For the first line that cannot be used.
    """
    shares: dict[str, dict[str, float]] = {}
    read = _bytes(path, shown)
    for line, (column, value, share) in rows_of(read, shown):
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

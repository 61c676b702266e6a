"""Measures which of the known errors of two dirty tables the data-quality checks name: precision and recall.

    python benchmarks/dirty_data.py

Prints a section of Markdown. The hospital tables and their denial constraints stand in ../shared/data; a cell is wrong
where the dirty table differs from the clean one. The checks run as they ship, with the fifteen constraints declared as
dependencies. What they call alike in spelling was settled with these tables in view: figures of `near_equal_spellings`
and `mixed_types` are those of data that they were made on, not of data met anew.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, TypeAlias
from unittest import mock

import numpy as np
import pyarrow as pa

from reliability.blocks import Block, Dependency, Roles
from reliability.checks.data_quality.dictionary import dependency_violations
from reliability.checks.data_quality.spellings import (
    missing_spellings,
    mixed_types,
    near_equal_spellings,
    special_characters,
)
from reliability.evidence import dependency_pairs, row_digests, text_profile
from reliability.evidence.dependency_pairs import DependencyPairs
from reliability.evidence.text_profile import TextProfile
from reliability.records import Measurement
from reliability.submission.arrays import to_column

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
Cell: TypeAlias = tuple[int, str]
Rows: TypeAlias = list[dict[str, str]]
# As many rows of a column as are listed here; the record lists 20.
ALL, OF_A_PAIR = 1_000, 64
_EQUAL, _UNEQUAL = (re.compile(rf"{kind}\(t1\.(\w+),t2\.(\w+)\)") for kind in ("EQ", "IQ"))


class Table(NamedTuple):
    """A dirty table, the truth, and what is declared of its columns."""

    name: str
    dirty: Rows
    wrong: frozenset[Cell]
    dependencies: tuple[Dependency, ...]


def read(path: Path) -> Rows:
    """Rows of a CSV file as text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def constraints(path: Path, renamed: Mapping[str, str]) -> tuple[Dependency, ...]:
    """Denial constraints that forbid equal values on some columns beside unequal ones on another."""
    found = []
    for line in path.read_text(encoding="utf-8").split():
        given, fixes = _EQUAL.findall(line), _UNEQUAL.findall(line)
        if len(fixes) != 1 or len(given) + 3 != line.count("&") + 1:
            raise ValueError(f"{path.name}: {line} is no dependency")
        names = tuple(renamed.get(name, name) for name, _ in given)
        found.append(Dependency(given=names, fixes=renamed.get(fixes[0][0], fixes[0][0])))
    return tuple(found)


def tables() -> Iterable[Table]:
    """Both tables with their truth."""
    rules = SHARED / "dirty_hospital_holoclean" / "hospital_constraints.txt"
    dirty, clean = (read(SHARED / "dirty_hospital" / f"{name}.csv") for name in ("dirty", "clean"))
    wrong = frozenset(
        (row, name) for row, (met, right) in enumerate(zip(dirty, clean, strict=True)) for name in met
        if met[name] != right[name]
    )  # fmt: skip
    yield Table("hospital (Raha, Baran)", dirty, wrong, constraints(rules, {"Stateavg": "StateAverage"}))
    dirty = read(SHARED / "dirty_hospital_holoclean" / "hospital.csv")
    truth = read(SHARED / "dirty_hospital_holoclean" / "hospital_clean.csv")
    cells = ((int(one["tid"]), one["attribute"], one["correct_val"]) for one in truth)
    wrong = frozenset(
        (row, name) for row, name, right in cells if dirty[row][name] != (right if right != "empty" else "")
    )
    yield Table("hospital (HoloClean)", dirty, wrong, constraints(rules, {}))


def block_of(table: Table) -> Block:
    """The table as the checks see it: every column a feature of text."""
    names = tuple(name for name in table.dirty[0] if name != "index")
    arrays = {name: pa.array([row[name] for row in table.dirty], pa.string()) for name in names}
    roles = Roles(task="binary", classes=(0, 1), features=names, target="none", dependencies=table.dependencies)
    columns = {name: to_column(array, "utf8") for name, array in arrays.items()}
    return Block(start=0, roles=roles, columns=columns, y_true=np.zeros(len(table.dirty), np.int64))


def named(measured: Measurement) -> frozenset[Cell]:
    """The cells that a measurement names."""
    return frozenset((row, one["column"]) for one in measured.details["columns"] for row in one["positions"])


def found_in(table: Table) -> dict[str, frozenset[Cell]]:
    """The cells that every check names, by its name."""
    block = block_of(table)
    texts, pairs = TextProfile.of(block), DependencyPairs.of(block)
    found = {
        check.__name__: named(check(texts))
        for check in (near_equal_spellings, mixed_types, special_characters, missing_spellings)
    }
    return {**found, dependency_violations.__name__: named(dependency_violations(pairs))}


def all_found_in(table: Table) -> dict[str, frozenset[Cell]]:
    """The same with all rows listed, not only the first 20 of a column."""
    with (
        mock.patch.object(text_profile, "LISTED_POSITIONS", ALL),
        mock.patch.object(row_digests, "LISTED_POSITIONS", ALL),
        mock.patch.object(dependency_pairs, "POSITIONS", OF_A_PAIR),
        mock.patch("reliability.checks.data_quality.dictionary.LISTED_POSITIONS", ALL),
    ):
        return found_in(table)


def line(name: str, listed: frozenset[Cell], every: frozenset[Cell], wrong: frozenset[Cell]) -> str:
    """One line of the table: cells and rows named, precision and recall."""
    rows, wrong_rows = ({row for row, _ in cells} for cells in (every, wrong))
    right, right_rows = len(every & wrong), len(rows & wrong_rows)
    listed_right = len(listed & wrong)
    return (
        f"| {name} | {len(every)} | {_share(right, len(every))} | {_share(right, len(wrong))} "
        f"| {_share(listed_right, len(listed))} | {_share(listed_right, len(wrong))} "
        f"| {_share(right_rows, len(rows))} | {_share(right_rows, len(wrong_rows))} |"
    )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "–"


# A spelling of nothing is no error of these tables: their clean twins hold it too.
TOGETHER = {
    "all but `missing_spellings`": {"missing_spellings"},
    "the same, no dependency declared": {"missing_spellings", "dependency_violations"},
}


def _union(found: Mapping[str, frozenset[Cell]], left_out: set[str]) -> frozenset[Cell]:
    return frozenset(cell for name, cells in found.items() if name not in left_out for cell in cells)


def section() -> str:
    """The section of docs/validation/planted-faults.md on dirty data."""
    lines = ["## Dirty data with known truth", ""]
    for table in tables():
        listed, every = found_in(table), all_found_in(table)
        rows = len({row for row, _ in table.wrong})
        cells = len(table.dirty) * len(block_of(table).roles.features)
        lines += [
            f"{table.name}: {len(table.dirty):,} rows, {cells:,} cells, of which {len(table.wrong)} are wrong in "
            f"{rows} rows; {len(table.dependencies)} dependencies declared.",
            "",
            "| check | cells named | precision | recall | precision in the record | recall in the record "
            "| rows: precision | rows: recall |",
            "|---|---:|---:|---:|---:|---:|---:|---:|",
            *(line(f"`data_quality.{name}`", listed[name], every[name], table.wrong) for name in every),
        ]
        for name, left_out in TOGETHER.items():
            lines.append(line(name, _union(listed, left_out), _union(every, left_out), table.wrong))
        lines.append("")
    lines += [
        "A record lists the first 20 rows of a column (of a dependency up to four rows a value); the counts in it are "
        "of all rows. `missing_spellings` names cells that hold “empty”, which the clean table holds as well: it is "
        "right in what it says, and no error of this truth. What is not found are wrong cells in columns that no "
        "dependency fixes and whose slips are too many letters, too short, or as common as what was meant.",
        "",
        "The rules by which spellings are called alike were settled with these tables in view: on data met anew "
        "`near_equal_spellings` and `mixed_types` may do worse.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(section())

"""Whether the cells keep what is declared of them."""

from typing import Any

import numpy as np

from reliability.checks.data_quality.files import WholeFile
from reliability.errors import NotMeasurable
from reliability.evidence.column_profile import ColumnProfile, ColumnSummary
from reliability.evidence.dependency_pairs import DependencyPairs, Pairs
from reliability.records import Measurement

LISTED_POSITIONS = 20


def schema_violations(column_profile: ColumnProfile) -> Measurement:
    """Share of cells that break the data dictionary.

    Parameters
    ----------
    column_profile : ColumnProfile
        Cells of every column that break its rule.

    Returns
    -------
    Measurement
        Share, in [0, 1]; 0 is best. Exact for the file as handed in: no interval.

    Raises
    ------
    NotMeasurable
        `no_schema` where no column read has a rule, `no_rows` where none of their cells holds a value.

    Notes
    -----
    Cells outside the declared range or list, or not of the declared pattern / cells present in columns with a rule.
    What is missing breaks no rule: completeness counts it. `details.columns` has the columns that break theirs, with
    the first 20 positions.

    References
    ----------
    ISO/IEC 5259-2:2024, Con-ML-3 (data format consistency) and Acc-ML-6 (data value range).
    """
    ruled = {name: column for name, column in column_profile.columns.items() if name in column_profile.roles.rules}
    if not ruled:
        raise NotMeasurable("no_schema")
    cells = sum(column.present for column in ruled.values())
    if not cells:
        raise NotMeasurable("no_rows")
    broken = sum(column.violations for column in ruled.values())
    details = {"cells": cells, "violations": broken, "columns": _offenders(ruled)}
    return WholeFile(value=broken / cells, n=column_profile.n, iso=("Con-ML-3", "Acc-ML-6"), details=details).measured()


def dependency_violations(dependency_pairs: DependencyPairs) -> Measurement:
    """Share of cells that break a declared dependency between columns.

    Parameters
    ----------
    dependency_pairs : DependencyPairs
        Pairs of values given and values that they should fix.

    Returns
    -------
    Measurement
        Share of the cells that a dependency speaks of, in [0, 1]; 0 is best. Exact for the file as handed in: no
        interval.

    Raises
    ------
    NotMeasurable
        `no_dependencies` where none is declared of columns that are read, or where every one has too many pairs to be
        held; `no_rows` where no row has the values of any.

    Notes
    -----
    `data.dependencies` says: rows alike in the given columns are alike in the one that they fix (one postcode, one
    city). For each, the fewest cells to change so that it holds: rows - rows of the commonest value, summed over the
    values given; over all of them, divided by their rows. The measure g3 of Kivinen and Mannila. `details.columns` has
    every dependency that is broken, with up to four rows of each value that is rarer than another with the same values
    given, 20 in all; where two values are equally common, which is wrong is not said, and `undecided` counts their
    rows.

    References
    ----------
    ISO/IEC 5259-2:2024, Con-ML-4 (semantic consistency);
    Kivinen, J. and Mannila, H. (1995), Theoretical Computer Science 149, 129-149.
    """
    held = {one: pairs for one, pairs in dependency_pairs.pairs.items() if pairs is not None}
    if not held:
        raise NotMeasurable("no_dependencies")
    broken = {one: _broken(pairs) for one, pairs in held.items() if len(pairs.counts)}
    rows = sum(int(pairs.counts.sum()) for pairs in held.values())
    if not rows:
        raise NotMeasurable("no_rows")
    listed = [
        {"column": one.fixes, "given": list(one.given), **found} for one, found in broken.items() if found["violations"]
    ]
    listed.sort(key=lambda one: (-one["violations"], one["column"], one["given"]))
    changes = sum(found["violations"] for found in broken.values())
    details = {
        "cells": rows, "violations": changes, "dependencies": len(held), "columns": listed,
        "left_out": len(dependency_pairs.roles.dependencies) - len(held),
    }  # fmt: skip
    return WholeFile(value=changes / rows, n=dependency_pairs.n, iso=("Con-ML-4",), details=details).measured()


def _broken(pairs: Pairs) -> dict[str, Any]:
    """Fewest cells to change, rows that are undecided, and the first rows that are not of the commonest value."""
    starts = np.flatnonzero(np.append(True, pairs.given[1:] != pairs.given[:-1]))
    sizes = np.diff(np.append(starts, len(pairs.given)))
    commonest = np.repeat(np.maximum.reduceat(pairs.counts, starts), sizes)
    top = pairs.counts == commonest
    tied = top & np.repeat(np.add.reduceat(top, starts) > 1, sizes)
    at = np.sort(pairs.positions[~top].ravel())
    return {
        "violations": int(pairs.counts.sum() - np.maximum.reduceat(pairs.counts, starts).sum()),
        "undecided": int(pairs.counts[tied].sum()),
        "positions": at[at != np.iinfo(np.int64).max][:LISTED_POSITIONS].tolist(),
    }


def _offenders(columns: dict[str, ColumnSummary]) -> list[dict[str, Any]]:
    broken = [(name, column) for name, column in columns.items() if column.violations]
    return [
        {
            "column": name,
            "violations": column.violations,
            "value": column.violations / column.present,
            "positions": list(column.violation_positions),
        }
        for name, column in sorted(broken, key=lambda pair: (-pair[1].violations, pair[0]))
    ]

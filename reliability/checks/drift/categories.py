"""Categories that the evaluation rows hold and the training rows never had."""

from fractions import Fraction
from typing import Any

import numpy as np

from reliability.checks.drift.partitions import FEW_VALUES
from reliability.errors import NotMeasurable
from reliability.evidence.column_histogram import ColumnCounts, ColumnHistogram
from reliability.records import Measurement, Reason


def new_categories(column_histogram: ColumnHistogram, training_column_histogram: ColumnHistogram) -> Measurement:
    """Share of evaluation rows with a category that training never had, beyond what any sample misses.

    Parameters
    ----------
    column_histogram : ColumnHistogram
        Features of the evaluation rows, counted by value.
    training_column_histogram : ColumnHistogram
        The same features of the training rows.

    Returns
    -------
    Measurement
        Share of the column that has most, in [0, 1]; 0 is best, and the value where no feature is a category. Exact for
        the files as handed in: no interval.
        `details` has every column with a new category.

    Raises
    ------
    NotMeasurable
        `no_features` where there is none with a value in either data set, `no_rows`, `no_training_data`, or
        `too_many_categories` where every category column has more
        than 65,536 values.

    Notes
    -----
    max(0, share of evaluation rows whose category no training row has - f1 / n), f1 the categories that one training
    row alone has, of n. The second share is what further rows of the same population bring of the unseen (Good and
    Turing): names and other free text, nearly all of it new, say nothing of a change. Categories are text, yes/no, and
    numbers of at most 20 distinct values in training; text of more than 65,536 is none (`not_counted`). What is missing
    is no category.

    References
    ----------
    Good, I. J. (1953), Biometrika 40, 237-264;
    Breck, E. et al. (2019), MLSys (data validation: values outside the domain seen in training).
    """
    if not column_histogram.columns:
        raise NotMeasurable("no_features")
    if not column_histogram.n:
        raise NotMeasurable("no_rows")
    if not training_column_histogram.n:
        raise NotMeasurable("no_training_data")
    both = {name: (training_column_histogram.columns[name], one) for name, one in column_histogram.columns.items()}
    filled = {name: pair for name, pair in both.items() if pair[0].present or pair[1].present}
    if not filled:
        raise NotMeasurable("no_features")
    pairs = {name: pair for name, pair in filled.items() if pair[1].kind != "f8" or len(pair[0].keys) <= FEW_VALUES}
    counted = {name: pair for name, pair in pairs.items() if not (pair[0].shift or (pair[1].shift and _text(pair[1])))}
    if not pairs:
        return Measurement(
            value=0.0, n=column_histogram.n, unit="share", method="exact", reason=Reason(code="no_categories"),
            details={"training_n": training_column_histogram.n, "columns": [], "not_counted": []},
        )  # fmt: skip
    if not counted:
        raise NotMeasurable("too_many_categories")
    found = [_new(name, *pair) for name, pair in counted.items()]
    found.sort(key=lambda one: (-one["value"], -one["rows_found"], one["column"]))
    details: dict[str, Any] = {
        "training_n": training_column_histogram.n,
        "columns": [one for one in found if one["rows_found"]],
        "not_counted": [name for name in pairs if name not in counted],
    }
    if found[0]["rows_found"]:
        details["column"] = found[0]["column"]
    return Measurement(
        value=found[0]["value"], n=column_histogram.n, unit="share", method="exact", reason=Reason(code="whole_file"),
        details=details,
    )  # fmt: skip


def _text(counts: ColumnCounts) -> bool:
    return counts.kind == "utf8"


def _new(name: str, training: ColumnCounts, evaluation: ColumnCounts) -> dict[str, Any]:
    # A number too fine to be held exactly is no number of few: then its cells are compared.
    known = training.keys >> evaluation.shift
    new = ~np.isin(evaluation.keys, known)
    rows = int(evaluation.counts[new].sum())
    once = Fraction(int(np.count_nonzero(training.counts == 1)), max(training.present, 1))
    share = Fraction(rows, evaluation.n)
    # Rounded once, as a difference of floats might stand just beyond a limit that it meets.
    value = max(Fraction(0), share - once)
    return {
        "column": name,
        "value": float(value),
        "rows_found": rows,
        "new_levels": int(np.count_nonzero(new)),
        "training_levels": len(training.keys),
    }

"""What can be said of training rows before a model is fitted to them: weights, repeats, doubtful labels, proxies."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from reliability.blocks import Bools, Column, Floats, Ints

PROXY = 0.7  # house default: area from which a feature gives a group away
LEAK, LOST = 0.75, 0.15  # house defaults: area from which a feature tells the label, and how much less it tells later
_BINS = 16
_LEVELS = 64
_SMALLEST = 30


def reweighing(y_true: Ints, groups: Ints) -> Floats:
    """Weights under which the label does not depend on the group; 1 for a row of no known group.

    Parameters
    ----------
    y_true : ndarray of int64
        Class indices.
    groups : ndarray of int64
        Place of every row's group, -1 where unknown.

    Returns
    -------
    ndarray of float64
        P(group) P(label) / P(group, label), by row.

    References
    ----------
    Kamiran, F. and Calders, T. (2012), Knowledge and Information Systems 33, 1-33, section 3.3.
    """
    weights, known = np.ones(len(y_true)), groups >= 0
    if not known.any():
        return weights
    counts = np.zeros((groups.max() + 1, y_true.max() + 1))
    np.add.at(counts, (groups[known], y_true[known]), 1.0)
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0, keepdims=True) / counts.sum()
    ratios = np.divide(expected, counts, out=np.ones_like(counts), where=counts > 0)
    weights[known] = ratios[groups[known], y_true[known]]
    return weights


def alike(columns: Mapping[str, Column]) -> Ints:
    """A number for every row, the same for rows that are alike in every column."""
    n = len(next(iter(columns.values())))
    numbers: Ints = np.zeros(n, np.int64)
    for column in columns.values():
        places = np.where(column.missing, -1, np.unique(column.values, return_inverse=True)[1].reshape(-1))
        numbers = np.unique(numbers * (n + 1) + places + 1, return_inverse=True)[1].reshape(-1).astype(np.int64)
    return numbers


def repeated(columns: Mapping[str, Column], y_true: npt.NDArray[Any]) -> Bools:
    """Rows that an earlier one equals, label and all."""
    labels = np.unique(y_true, return_inverse=True)[1].reshape(-1)
    first = np.unique(alike(columns) * (labels.max() + 1) + labels, return_index=True)[1]
    found: Bools = np.ones(len(y_true), np.bool_)
    found[first] = False
    return found


def contradicted(columns: Mapping[str, Column], y_true: Ints) -> Bools:
    """Rows that rows alike in every feature outvote: all of them where the vote is even."""
    rows = alike(columns)
    counts = np.zeros((rows.max() + 1, y_true.max() + 1), np.int64)
    np.add.at(counts, (rows, y_true), 1)
    most = counts.max(axis=1, keepdims=True)
    winner = (counts == most) & ((counts == most).sum(axis=1, keepdims=True) == 1)
    outvoted: Bools = ~winner[rows, y_true]
    return outvoted


def disputed(scores: Floats, y_true: Ints) -> Bools:
    """Rows whose label scores of a model that has not seen it speak against.

    Parameters
    ----------
    scores : ndarray of float64, shape (n, K)
        A probability for every class.
    y_true : ndarray of int64
        Class indices.

    Returns
    -------
    ndarray of bool
        True where the most probable class among those as probable as they are for their own rows is another one.

    References
    ----------
    Northcutt, C., Jiang, L. and Chuang, I. (2021), Journal of Artificial Intelligence Research 70, 1373-1411.
    """
    usual = np.array([scores[y_true == one, one].mean() if (y_true == one).any() else 2.0 for one in range(_n(scores))])
    sure = np.where(scores >= usual, scores, -1.0)
    found: Bools = (sure.max(axis=1) >= 0) & (sure.argmax(axis=1) != y_true)
    return found


def _n(scores: Floats) -> int:
    return int(scores.shape[1])


def usual(column: Column) -> Column | None:
    """One row with the usual value of a column: a number's median, else the commonest; None where no value is known."""
    values = column.values[~column.missing]
    if len(values) == 0:
        return None
    if column.kind == "f8":
        # An own value of the column, never one between two.
        one = np.sort(values)[(len(values) - 1) // 2]
    else:
        distinct, counts = np.unique(values, return_counts=True)
        one = distinct[counts.argmax()]
    return replace(column, values=np.array([one], column.values.dtype), missing=np.zeros(1, np.bool_))


def held(value: Column, n: int) -> Column:
    """So many rows of one value: a column that tells nothing."""
    return replace(value, values=np.repeat(value.values, n), missing=np.zeros(n, np.bool_))


def filled(column: Column, value: Column | None) -> Column:
    """The column with that value where it has none."""
    if value is None or not column.missing.any():
        return column
    one, levels = value.values[0], column.levels
    if column.kind == "utf8":
        text = value.levels[int(one)]
        levels = levels if text in levels else (*levels, text)
        one = levels.index(text)
    kind = column.kind if value.kind == column.kind or column.kind == "utf8" else value.kind
    values = np.where(column.missing, one, column.values)
    return replace(
        column, kind=kind, values=values.astype(value.values.dtype), missing=np.zeros(len(column), np.bool_),
        levels=levels,
    )  # fmt: skip


def proxies(columns: Mapping[str, Column], groups: Ints) -> tuple[tuple[str, float], ...]:
    """Features that give a group away by themselves, the clearest first, with the area that each reaches."""
    known = groups >= 0
    members = [groups[known] == one for one in np.unique(groups[known])]
    members = [one for one in members if _SMALLEST <= one.sum() <= len(one) - _SMALLEST]
    areas = {name: max((_area(_binned(column)[known], one) for one in members), default=0.5)
             for name, column in columns.items()}  # fmt: skip
    found = [(name, area) for name, area in areas.items() if area >= PROXY]
    return tuple(sorted(found, key=lambda one: (-one[1], one[0])))


def leaks(
    taught: Mapping[str, Column], labels: Ints, decided: Mapping[str, Column], outcomes: Ints
) -> tuple[tuple[str, float], ...]:
    """Features that tell the label in rows that teach and hardly in rows to be decided, the clearest first.

    What was not known yet when it was decided, or was put together for the training rows alone.
    """
    found = []
    for name, column in taught.items():
        area = _telling(column, labels)
        if area >= LEAK and area - _telling(decided[name], outcomes) >= LOST:
            found.append((name, area))
    return tuple(sorted(found, key=lambda one: (-one[1], one[0])))


def _telling(column: Column, labels: Ints) -> float:
    """The largest area that a feature reaches by itself for one of the classes."""
    bins = _binned(column)
    members = (labels == one for one in np.unique(labels))
    return max((_area(bins, one) for one in members if _SMALLEST <= one.sum() <= len(one) - _SMALLEST), default=0.5)


def _binned(column: Column) -> Ints:
    """The bin of every row: values of like rank, or of one level; those without a value by themselves."""
    values = column.values
    distinct, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    if column.kind == "utf8" or len(distinct) <= _BINS:
        common = np.argsort(-counts, kind="stable")[:_LEVELS]
        bins = np.full(len(distinct), _LEVELS)
        bins[common] = np.arange(len(common))
    else:
        bins = (np.cumsum(counts) - 1) * _BINS // len(values)
    return np.where(column.missing, _LEVELS + 1, bins[places.reshape(-1)]).astype(np.int64)


def _area(bins: Ints, member: Bools) -> float:
    """Area under the ROC curve of a group's rate by bin, drawn to the rate of all so that a rare bin says little."""
    ours = np.bincount(bins[member], minlength=_LEVELS + 2).astype(np.float64)
    every = np.bincount(bins, minlength=_LEVELS + 2).astype(np.float64)
    order = np.argsort((ours + member.mean()) / (every + 1), kind="stable")
    ours, others = ours[order], (every - ours)[order]
    below = np.cumsum(others) - others
    return float((ours * (below + others / 2)).sum() / (ours.sum() * others.sum()))


def listed(names: Sequence[str], features: Sequence[str]) -> tuple[str, ...]:
    """Those of the names that are features, each once."""
    return tuple(dict.fromkeys(name for name in names if name in features))

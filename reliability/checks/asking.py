"""What checks share that put rows to the model again: which rows, many tables at once, what an answer is worth."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from reliability.blocks import ENTITY_BUCKETS, Bools, Column, Floats, Ints
from reliability.checks.requirements import require_at_least
from reliability.errors import NotMeasurable, UsageError
from reliability.evidence.probe import Answers, Probe
from reliability.evidence.sample import Sample

NUMBERS = ("f8", "i8")


def within(option: str, value: float, most: float) -> None:
    """Refuse an option that is no number from 0 to `most`.

    Parameters
    ----------
    option : str
        Its name in the checklist.
    value, most : float
        What it is, and the most that it may be.

    Raises
    ------
    UsageError
        `option_out_of_range`.
    """
    if not 0.0 <= value <= most or not np.isfinite(value):
        raise UsageError(
            "option_out_of_range",
            "option {option!r} takes a number from 0 to {most}, not {value}; change it under 'with'",
            option=option,
            most=most,
            value=value,
        )


def sampled(probe: Probe, sample_size: int) -> Probe:
    """The probe of at most so many rows.

    Parameters
    ----------
    probe : Probe
        Sampled rows and the model's answers.
    sample_size : int
        Most rows, at least 1.

    Returns
    -------
    Probe
        With at least one row.

    Raises
    ------
    ChecklistError
        If `sample_size` is less than 1.
    NotMeasurable
        `no_rows`.
    """
    require_at_least("sample_size", sample_size, 1)
    smaller = probe.smaller(sample_size)
    if not smaller.sample.n:
        raise NotMeasurable("no_rows")
    return smaller


def with_labels(probe: Probe, sample_size: int) -> Probe:
    """The probe of at most so many rows, of a model that answers with classes.

    Parameters
    ----------
    probe : Probe
        Sampled rows and the model's answers.
    sample_size : int
        Most rows, at least 1.

    Returns
    -------
    Probe
        With at least one row.

    Raises
    ------
    ChecklistError
        If `sample_size` is less than 1.
    NotMeasurable
        `needs_classification` or `no_rows`.
    """
    if probe.sample.roles.task == "regression":
        raise NotMeasurable("needs_classification")
    return sampled(probe, sample_size)


def numeric(columns: Mapping[str, Column]) -> list[str]:
    """Names of the columns that hold numbers.

    Parameters
    ----------
    columns : mapping of str to Column
        Features.

    Returns
    -------
    list of str
        Floats and integers, in the order of the columns.
    """
    return [name for name, column in columns.items() if column.kind in NUMBERS]


def stacked(tables: Sequence[Mapping[str, Column]]) -> dict[str, Column]:
    """The rows of several tables of the same columns, one table after the other.

    Parameters
    ----------
    tables : sequence of mapping of str to Column
        At least one; a column has the same kind in all.

    Returns
    -------
    dict of str to Column
        One table.
    """
    if len(tables) == 1:
        return dict(tables[0])
    return {name: _stacked_column([table[name] for table in tables]) for name in tables[0]}


def _stacked_column(parts: Sequence[Column]) -> Column:
    first = parts[0]
    missing = np.concatenate([part.missing for part in parts])
    if all(part.levels is first.levels for part in parts):
        return replace(first, values=np.concatenate([part.values for part in parts]), missing=missing)
    place = {level: code for code, level in enumerate(dict.fromkeys(level for part in parts for level in part.levels))}
    codes = []
    for part in parts:
        # One more entry, so that what is missing has a code to read where a column has no level at all.
        lookup = np.array([*(place[level] for level in part.levels), 0], np.int32)
        codes.append(np.where(part.missing, np.int32(0), lookup[part.values]))
    return replace(first, values=np.concatenate(codes), missing=missing, levels=tuple(place))


def asked_together(probe: Probe, tables: Sequence[Mapping[str, Column]]) -> list[Answers]:
    """The model's answers to each of several tables, put to it as one.

    Parameters
    ----------
    probe : Probe
        The way to ask; its rows are not looked at.
    tables : sequence of mapping of str to Column
        Of the same columns, each with at least one row.

    Returns
    -------
    list of Answers
        One for each table.
    """
    sizes = [len(next(iter(table.values()))) for table in tables]
    together = probe.ask_all(stacked(tables))
    return [together.take(rows) for rows in np.split(np.arange(sum(sizes)), np.cumsum(sizes)[:-1])]


def output(answers: Answers, sample: Sample, of: Ints) -> Floats:
    """One number an answer, in which a change of the answer shows.

    Parameters
    ----------
    answers : Answers
        What the model said of rows.
    sample : Sample
        What the labels mean.
    of : ndarray, shape (n,)
        The label that was given to every row at first.

    Returns
    -------
    ndarray of float64, shape (n,)
        Regression: the value. Else the probability of the label given at first; without scores 1 where the label is
        still that one, else 0.
    """
    if sample.roles.task == "regression":
        return np.asarray(answers.labels, np.float64)
    if answers.scores is None:
        return np.asarray(answers.labels == of, np.float64)
    if answers.scores.ndim == 2:
        chosen: Floats = answers.scores[np.arange(len(of)), of]
        return chosen
    of_label: Floats = np.where(of == sample.roles.positive, answers.scores, 1 - answers.scores)
    return of_label


def changed(before: Answers, after: Answers) -> Bools:
    """Rows whose answer is not the same to the last bit, score or label.

    Parameters
    ----------
    before, after : Answers
        What the model said of the same rows, twice.

    Returns
    -------
    ndarray of bool, shape (n,)
        Which of them differ.
    """
    moved: Bools = before.labels != after.labels
    if before.scores is None or after.scores is None:
        return moved | ((before.scores is None) != (after.scores is None))
    differ: Bools = (before.scores != after.scores).reshape(len(moved), -1).any(axis=1)
    return moved | differ


def bucketed(values: Floats, sample: Sample) -> Floats:
    """Values summed over what counts as one observation: a row, or with entities a bucket of them.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        One a row.
    sample : Sample
        The rows.

    Returns
    -------
    ndarray of float64
        One for each observation that there is.
    """
    if sample.entity is None:
        return values
    buckets = (sample.entity % np.uint64(ENTITY_BUCKETS)).astype(np.int64)
    sums: Floats = np.bincount(buckets, weights=values, minlength=ENTITY_BUCKETS).astype(np.float64)
    return sums[np.bincount(buckets, minlength=ENTITY_BUCKETS) > 0]


def variance_of_mean(values: Floats, sample: Sample) -> tuple[float, float]:
    """Estimated variance of the mean of centred values, and its degrees of freedom.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        One a row, with mean 0: how far each row moves an estimate.
    sample : Sample
        The rows.

    Returns
    -------
    variance, degrees : float
        0 and 0 where there is but one observation.

    Notes
    -----
    G / (G - 1) * sum of (s_g - mean s)^2 / n^2 over the G observations, s_g the sum of an observation's values: the
    usual variance where every row is one, the linearised cluster variance where they are not.

    References
    ----------
    Wolter, K. M. (2007), Introduction to Variance Estimation, 2nd ed., 6.3.
    """
    sums = bucketed(values, sample)
    count = len(sums)
    if count < 2:
        return 0.0, 0.0
    spread = float(((sums - sums.mean()) ** 2).sum())
    return count / (count - 1) * spread / len(values) ** 2, float(count - 1)

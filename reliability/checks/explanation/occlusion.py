"""What each feature of a row gives to its answer: how far the answer moves when the feature is taken away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from reliability.blocks import Bools, Column, Floats, Ints
from reliability.checks.asking import NUMBERS, asked_together, output, sampled
from reliability.errors import NotMeasurable
from reliability.evidence.probe import Probe

Columns = Mapping[str, Column]


@dataclass(frozen=True, kw_only=True, eq=False)
class Attributed:
    """Rows with what each feature gives to each answer.

    Attributes
    ----------
    probe : Probe
        The rows, and what the model said of them.
    names : tuple of str
        Features.
    instead : mapping of str to Column
        The rows with every feature taken away.
    given : ndarray of float64, shape (n, F)
        Answer less the answer without the feature, of the label given at first.
    """

    probe: Probe
    names: tuple[str, ...]
    instead: Columns
    given: Floats


def attributed(probe: Probe, *, sample_size: int) -> Attributed:
    """What each feature gives to the answers, asked for once for all checks that want it.

    Parameters
    ----------
    probe : Probe
        Sampled rows, the model's answers, and the way to ask it again.
    sample_size : int
        Most rows asked, for every feature.

    Returns
    -------
    Attributed
        The same for every check that asks for as many rows.

    Raises
    ------
    NotMeasurable
        `no_rows`, or `fewer_than_two_features`.

    Notes
    -----
    a_j(x) = f(x) - f(x with x_j replaced by the column's median, or commonest value), f the probability of the label
    given to x (1 or 0 without scores; regression: the value).

    References
    ----------
    Zeiler, M. D. and Fergus, R. (2014), ECCV, arXiv:1311.2901 (occlusion); Covert, I., Lundberg, S. and Lee, S.-I.
    (2021), Journal of Machine Learning Research 22 (209), 1-90 (explaining by removing).
    """
    asked = sampled(probe, sample_size)
    if len(asked.sample.columns) < 2:
        raise NotMeasurable("fewer_than_two_features")
    found: Attributed = probe.remembered(("attributed", asked.sample.n), lambda: _attributed(asked))
    return found


def _attributed(asked: Probe) -> Attributed:
    columns = asked.sample.columns
    instead = {name: taken_away(column) for name, column in columns.items()}
    first = output(asked.answers, asked.sample, asked.answers.labels)
    given = first[:, np.newaxis] - outputs(asked, [{**columns, name: instead[name]} for name in columns])
    return Attributed(probe=asked, names=tuple(columns), instead=instead, given=given)


def outputs(asked: Probe, tables: Sequence[Columns]) -> Floats:
    """One number an answer to each of several tables of the same rows.

    Parameters
    ----------
    asked : Probe
        The rows, and what the model said of them at first.
    tables : sequence of mapping of str to Column
        The rows changed in T ways.

    Returns
    -------
    ndarray of float64, shape (n, T)
        As `output` has it.
    """
    labels: Ints = asked.answers.labels
    return np.stack([output(one, asked.sample, labels) for one in asked_together(asked, tables)], axis=1)


def taken_away(column: Column) -> Column:
    """The column with nothing to tell its rows apart.

    Parameters
    ----------
    column : Column
        Of any kind.

    Returns
    -------
    Column
        Its median (the lower one, so that it occurs) or its commonest value, the first in order among equals; all
        missing where it holds nothing.
    """
    present = column.values[~column.missing]
    n = len(column)
    if not len(present):
        return column
    if column.kind in NUMBERS:
        value = np.sort(present)[(len(present) - 1) // 2]
    else:
        values, counts = np.unique(present, return_counts=True)
        value = values[np.argmax(counts)]
    return replace(column, values=np.full(n, value), missing=np.zeros(n, np.bool_))


def chosen(mask: Bools, there: Column, instead: Column) -> Column:
    """One column's cells where the mask is false, another's where it is true; both of the same kind and levels.

    Parameters
    ----------
    mask : ndarray of bool, shape (n,)
        Where the second is taken.
    there, instead : Column
        Of n rows.

    Returns
    -------
    Column
        Of n rows.
    """
    return replace(
        there,
        values=np.where(mask, instead.values, there.values),
        missing=np.where(mask, instead.missing, there.missing),
    )

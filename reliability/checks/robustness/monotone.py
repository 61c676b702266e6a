"""Whether the model rises and falls where its maker says that it does."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from reliability.blocks import Column, Floats
from reliability.checks.asking import NUMBERS, asked_together, sampled
from reliability.checks.requirements import AtLeastOne, require_at_least
from reliability.errors import NotMeasurable
from reliability.evidence.probe import Answers, Probe
from reliability.evidence.sample import Sample
from reliability.intervals.arrays import Interval
from reliability.intervals.means import bounded_mean_limits
from reliability.records import Measurement, Reason

# What rounding alone may take back.
_TOLERANCE = 1e-9
_LISTED_POSITIONS = 20


def monotonicity_violations(
    probe: Probe, *, steps: AtLeastOne = 10, sample_size: AtLeastOne = 500, confidence: float = 0.95
) -> Measurement:
    """Largest share of steps of a declared column at which the model moves the wrong way.

    Parameters
    ----------
    probe : Probe
        Sampled rows and the way to ask the model; `roles.monotone` is what the submission declares.
    steps : int, default 10
        Steps up the column's own quantiles, at most.
    sample_size : int, default 500
        Most rows asked, at every value of every column.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        Share, in [0, 1]; 0 is best. `details.column` names the worst column.

    Raises
    ------
    NotMeasurable
        `no_monotone` where nothing is declared; `not_an_input` where no declared column is a number that the model is
        given and that varies; `needs_binary` for more than two classes; `no_positive`, `no_rows`.

    Notes
    -----
    For every row the column is set to each of its quantiles in turn, all else as it is, and the model's answer (the
    probability of the positive class, or 1 where it is answered and there are no scores; regression: the value) is
    compared from one to the next: a step violates where it moves against what is declared by more than 1e-9 of its
    size. Value: violating steps / steps, averaged over rows, of the worst column; the row is the observation.
    Beta-matched limits of the mean at 1 - (1 - confidence) / m for the m columns (Bonferroni), the largest low and the
    largest high. With entities it is not judged (`clustered_rows`).

    References
    ----------
    Sill, J. (1998), Monotonic Networks, NIPS 10; Sharma, A. and Wehrheim, H. (2020), Testing Monotonicity of Machine
    Learning Models, arXiv:2002.12278 (violating pairs by varying one feature).
    """
    require_at_least("steps", steps, 1)
    asked = sampled(probe, sample_size)
    sample = asked.sample
    names = _declared(sample)
    grids = {name: _grid(sample.columns[name], steps) for name in names}
    tables = [
        {
            **sample.columns,
            name: replace(sample.columns[name], values=np.full(sample.n, one), missing=_present(sample.n)),
        }
        for name in names
        for one in grids[name]
    ]
    told = iter(_positive(one, sample) for one in asked_together(asked, tables))
    broken = {name: _broken([next(told) for _ in grids[name]], sample.roles.monotone[name]) for name in names}
    shares = {name: one.mean(axis=1) for name, one in broken.items()}
    worst = max(names, key=lambda name: float(shares[name].mean()))
    details = {
        "of_n": sample.of_n,
        "column": worst,
        "direction": sample.roles.monotone[worst],
        "positions": sample.positions[broken[worst].any(axis=1)][:_LISTED_POSITIONS].tolist(),
        "columns": [_of_column(name, broken[name]) for name in names],
        "not_tried": sorted(set(sample.roles.monotone) - set(names)),
    }
    value, n = float(shares[worst].mean()), sample.n
    if sample.entity is not None:
        reason = Reason(code="clustered_rows")
        return Measurement.unjudged(value, n=n, unit="share", reason=reason, details=details)
    limits = [_limits(one, 1 - (1 - confidence) / len(names)) for one in shares.values()]
    interval = (max(low for low, _ in limits), max(high for _, high in limits))
    return Measurement.within(value, interval, n=n, unit="share", method="beta_matched", details=details)


def _present(n: int) -> npt.NDArray[np.bool_]:
    return np.zeros(n, np.bool_)


def _declared(sample: Sample) -> list[str]:
    roles = sample.roles
    if not roles.monotone:
        raise NotMeasurable("no_monotone")
    if roles.task == "multiclass":
        raise NotMeasurable("needs_binary")
    if roles.task == "binary" and roles.positive is None:
        raise NotMeasurable("no_positive")
    names = [name for name in roles.monotone if name in sample.columns and _varies(sample.columns[name])]
    if not names:
        raise NotMeasurable("not_an_input", columns=sorted(roles.monotone))
    return names


def _varies(column: Column) -> bool:
    return column.kind in NUMBERS and len(np.unique(column.values[~column.missing])) > 1


def _grid(column: Column, steps: int) -> npt.NDArray[Any]:
    """Values that occur, from the smallest to the largest, evenly among the distinct ones."""
    distinct = np.unique(column.values[~column.missing])
    at = np.unique(np.rint(np.linspace(0, len(distinct) - 1, min(steps, len(distinct) - 1) + 1)).astype(np.int64))
    grid: npt.NDArray[Any] = distinct[at]
    return grid


def _positive(answers: Answers, sample: Sample) -> Floats:
    if sample.roles.task == "regression":
        return np.asarray(answers.labels, np.float64)
    if answers.scores is None:
        return np.asarray(answers.labels == sample.roles.positive, np.float64)
    return answers.scores


def _broken(told: Sequence[Floats], direction: str) -> npt.NDArray[np.bool_]:
    """Row by row and step by step: whether the answer moved against the direction."""
    levels = np.stack(told, axis=1)
    rise = np.diff(levels, axis=1) * (1 if direction == "increasing" else -1)
    size = np.maximum(np.maximum(np.abs(levels[:, 1:]), np.abs(levels[:, :-1])), 1e-300)
    against: npt.NDArray[np.bool_] = rise < -_TOLERANCE * size
    return against


def _of_column(name: str, broken: npt.NDArray[np.bool_]) -> dict[str, Any]:
    rows = int(np.count_nonzero(broken.any(axis=1)))
    return {"column": name, "value": float(broken.mean()), "steps": broken.shape[1], "rows": rows}


def _limits(shares: Floats, confidence: float) -> Interval:
    exact = [Fraction(one) for one in shares.tolist()]
    return bounded_mean_limits(
        sum(exact, Fraction(0)), sum((one * one for one in exact), Fraction(0)), len(exact),
        bound=1.0, further=1.0, mass=1 - confidence,
    )  # fmt: skip

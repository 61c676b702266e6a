"""What one column in a wrong unit does to the answers."""

from typing import Any

import numpy as np

from reliability.blocks import Bools
from reliability.checks.asking import asked_together, numeric, with_labels
from reliability.checks.requirements import AtLeastOne
from reliability.checks.robustness.curves import accuracy_lost
from reliability.checks.robustness.disturbances import scaled
from reliability.checks.sampled import share_interval
from reliability.errors import NotMeasurable, UsageError
from reliability.evidence.probe import Probe
from reliability.records import Measurement

_FACTORS = (10.0, 100.0, 1000.0, 0.1, 0.01, 0.001)


def unit_slip_consistency(
    probe: Probe,
    *,
    factors: tuple[float, ...] = _FACTORS,
    sample_size: AtLeastOne = 500,
    confidence: float = 0.95,
) -> Measurement:
    """Smallest share of rows whose predicted label stays when one column comes in another unit.

    Parameters
    ----------
    probe : Probe
        Sampled rows, the model's answers to them, and the way to ask it again.
    factors : tuple of float, default (10, 100, 1000, 0.1, 0.01, 0.001)
        What a column is multiplied by; every column by every factor.
    sample_size : int, default 500
        Most rows asked, for every column and factor.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        Share, in [0, 1]; 1 is best. `details.column` and `details.factor` name the slip that changes most.

    Raises
    ------
    NotMeasurable
        `needs_classification`, `no_rows`, or `no_numeric_features` where no column holds a number but 0.
    UsageError
        `option_out_of_range` where a factor is not above 0, or there is none.

    Notes
    -----
    min over columns j and factors k of (rows with f(x, x_j times k) = f(x)) / rows. One column slips at a time, in
    every row; all columns and factors go to the model together: columns x factors x rows questions. Clopper-Pearson
    limits at 1 - (1 - confidence) / m for the m slips (Bonferroni), the smallest low and the smallest high: they hold
    for the smallest of the true shares. A model that uses a column answers otherwise when its unit slips, and no
    share is too small of itself: what the number tells is how much hangs on a check of units before the model.

    References
    ----------
    Breck, E. et al. (2019), Data Validation for Machine Learning, MLSys (unit errors in serving data);
    Dunn, O. J. (1961), Journal of the American Statistical Association 56, 52-64 (simultaneous limits).
    """
    _require_factors(factors)
    asked = with_labels(probe, sample_size)
    columns = asked.sample.columns
    names = [name for name in numeric(columns) if np.any(columns[name].values[~columns[name].missing] != 0)]
    if not names:
        raise NotMeasurable("no_numeric_features")
    slips = [(name, factor) for name in names for factor in factors]
    answers = asked_together(asked, [{**columns, name: scaled(columns[name], factor)} for name, factor in slips])
    kept = [asked.answers.labels == one.labels for one in answers]
    worst = min(range(len(slips)), key=lambda at: np.count_nonzero(kept[at]))
    stricter = 1 - (1 - confidence) / len(slips)
    intervals = [share_interval(one, asked.sample.entity, confidence=stricter) for one in kept]
    details = {
        "of_n": asked.sample.of_n,
        "column": slips[worst][0],
        "factor": slips[worst][1],
        "changed": int(np.count_nonzero(~kept[worst])),
        "accuracy": accuracy_lost(asked, answers[worst], confidence=confidence),
        "columns": [_of_column(name, slips, kept) for name in names],
    }
    low, high = (min(interval[end] for interval, _ in intervals) for end in (0, 1))
    return Measurement.within(
        float(np.mean(kept[worst])), (low, high), n=asked.sample.n, unit="share", method=intervals[worst][1],
        details=details,
    )  # fmt: skip


def _require_factors(factors: tuple[float, ...]) -> None:
    wrong = next((factor for factor in factors if not 0.0 < factor < np.inf), None)
    if wrong is not None or not factors:
        raise UsageError(
            "option_out_of_range",
            "option {option!r} takes a number from 0 to {most}, not {value}; change it under 'with'",
            option="factors",
            most=np.inf,
            value=wrong if wrong is not None else "()",
        )


def _of_column(name: str, slips: list[tuple[str, float]], kept: list[Bools]) -> dict[str, Any]:
    curve = [
        {"strength": factor, "value": float(np.mean(rows))}
        for (column, factor), rows in zip(slips, kept, strict=True)
        if column == name
    ]
    worst = min(float(one["value"]) for one in curve)
    return {"column": name, "value": worst, "curve": sorted(curve, key=lambda one: one["strength"])}

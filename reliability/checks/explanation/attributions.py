"""Whether what is said of single answers can be relied on: it stays where nothing changed, and it is what counts."""

from fractions import Fraction

import numpy as np

from reliability.blocks import Column, Floats, Ints
from reliability.checks.asking import output, variance_of_mean, within
from reliability.checks.explanation.occlusion import Attributed, attributed, chosen, outputs
from reliability.checks.requirements import AtLeastOne
from reliability.checks.robustness.disturbances import noise
from reliability.errors import NotMeasurable
from reliability.evidence.column_profile import ColumnProfile
from reliability.evidence.probe import Probe
from reliability.intervals.arrays import Interval
from reliability.intervals.means import bounded_mean_limits, delta_interval
from reliability.records import Measurement, Reason

_FLAT = 1e-12


def attribution_stability(
    probe: Probe,
    column_profile: ColumnProfile,
    *,
    strength: float = 0.05,
    sample_size: AtLeastOne = 200,
    confidence: float = 0.95,
    seed: int = 0,
) -> Measurement:
    """How far the features keep their order of importance for an answer when the numbers move a little.

    Parameters
    ----------
    probe : Probe
        Sampled rows, the model's answers to them, and the way to ask it again.
    column_profile : ColumnProfile
        Standard deviation of every column over all rows.
    strength : float, default 0.05
        Standard deviation of the noise, in standard deviations of the column.
    sample_size : int, default 200
        Most rows asked, twice for every feature.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).
    seed : int, default 0
        Key of the noise.

    Returns
    -------
    Measurement
        Mean rank correlation, in [-1, 1]; 1 is best.

    Raises
    ------
    NotMeasurable
        `no_rows`, `fewer_than_two_features`, `no_numeric_features`, or `no_importance` where no feature of any row
        gives anything to its answer.

    Notes
    -----
    Mean over rows of Spearman's correlation of |a_j(x)| and |a_j(x + noise)| over the features j, a the occlusion
    attribution: a_j(x) = f(x) - f(x with x_j replaced by the column's median or commonest value), f the probability of
    the label first given (without scores 1 or 0; regression: the value). What is taken away is the same for both. A
    row whose features all give the same once counts as 0 if they do not the other time, and is left out if they do both
    times (`details.flat`). The row is the observation. Beta-matched limits of the mean on [-1, 1]; with entities it is
    not judged (`clustered_rows`). It is the attributions' stability that is measured, not that a model's own
    explanations would be as stable. Questions: rows x (2 features + 1).

    References
    ----------
    Alvarez-Melis, D. and Jaakkola, T. S. (2018), arXiv:1806.08049 (robustness of interpretability methods); Ghorbani,
    A., Abid, A. and Zou, J. (2019), AAAI 33, 3681-3688 (rank correlation of attributions); Zeiler, M. D. and Fergus,
    R. (2014), ECCV, arXiv:1311.2901 (occlusion).
    """
    within("strength", strength, np.inf)
    found = attributed(probe, sample_size=sample_size)
    sample = found.probe.sample
    moved = noise(sample.columns, column_profile, np.random.default_rng(seed))(strength)
    again = {**sample.columns, **moved}
    told = outputs(found.probe, [again, *({**again, name: found.instead[name]} for name in found.names)])
    near = rank_correlations(np.abs(found.given), np.abs(told[:, :1] - told[:, 1:]))
    measured = near[np.isfinite(near)]
    if not len(measured):
        raise NotMeasurable("no_importance")
    details = {
        "of_n": sample.of_n,
        "strength": strength,
        "flat": len(near) - len(measured),
        "questions": sample.n * (2 * len(found.names) + 1),
    }
    value, n = float(measured.mean()), len(measured)
    if sample.entity is not None:
        reason = Reason(code="clustered_rows")
        return Measurement.unjudged(value, n=n, unit="dimensionless", reason=reason, details=details)
    return Measurement.within(
        value, _on_both_sides(measured, confidence), n=n, unit="dimensionless", method="beta_matched", details=details
    )


def deletion_gain(
    probe: Probe, *, sample_size: AtLeastOne = 200, confidence: float = 0.95, seed: int = 0
) -> Measurement:
    """How much faster an answer gives way when its most important features go first, than in random order.

    Parameters
    ----------
    probe : Probe
        Sampled rows, the model's answers to them, and the way to ask it again.
    sample_size : int, default 200
        Most rows asked, three times for every feature.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).
    seed : int, default 0
        Key of the random orders.

    Returns
    -------
    Measurement
        Difference of areas: of probabilities, in [-1, 1], or in the target's unit; above 0 the attributions name what
        the answer rests on.

    Raises
    ------
    NotMeasurable
        `no_rows`, `fewer_than_two_features`, or `variance_not_estimable` where both orders do the same to all rows.

    Notes
    -----
    For every row the features are taken away one after the other (median or commonest value instead), once by falling
    |a_j(x)|, a the occlusion attribution, and once in a random order. With k of F gone the answer has moved by |f(x)
    - f(x_k)|; the area is its mean over k = 1, ..., F - 1 (with all gone both orders are one). Value: mean over rows
    of the area by attribution less the random one. The row is the observation; Student's t, with entities summed by
    bucket. Questions: rows x (3 F - 2), of which F are those of `attribution_stability`.

    References
    ----------
    Petsiuk, V., Das, A. and Saenko, K. (2018), RISE, BMVC, arXiv:1806.07421 (deletion); Samek, W. et al. (2017), IEEE
    Transactions on Neural Networks and Learning Systems 28, 2660-2673 (area over the perturbation curve, against random
    order).
    """
    found = attributed(probe, sample_size=sample_size)
    sample, n = found.probe.sample, found.probe.sample.n
    keys = (-np.abs(found.given), np.random.default_rng(seed).random(found.given.shape))
    orders = [np.argsort(key, kind="stable") for key in keys]
    tables = [_without(found, order, gone) for order in orders for gone in range(1, len(found.names))]
    first = output(found.probe.answers, sample, found.probe.answers.labels)
    gone = np.abs(first[:, np.newaxis] - outputs(found.probe, tables)).reshape(n, 2, -1).mean(axis=2)
    gains = gone[:, 0] - gone[:, 1]
    value = float(gains.mean())
    variance, degrees = variance_of_mean(gains - value, sample)
    low, high = delta_interval(value, variance, degrees=degrees, confidence=confidence)
    unit = "target" if sample.roles.task == "regression" else "difference"
    details = {
        "of_n": sample.of_n,
        "by_attribution": float(gone[:, 0].mean()),
        "at_random": float(gone[:, 1].mean()),
        "questions": n * (3 * len(found.names) - 2),
    }
    if unit == "difference":
        low, high = max(-1.0, low), min(1.0, high)
    return Measurement.within(value, (low, high), n=n, unit=unit, method="delta", details=details)


def rank_correlations(first: Floats, second: Floats) -> Floats:
    """Spearman's correlation of every row of two tables.

    Parameters
    ----------
    first, second : ndarray of float64, shape (n, F)
        Values not below 0.

    Returns
    -------
    ndarray of float64, shape (n,)
        In [-1, 1]; 0 where all values of a row are the same in one table, NaN where they are in both.

    References
    ----------
    Spearman, C. (1904), American Journal of Psychology 15, 72-101 (with mean ranks for ties).
    """
    # Imported here: it takes a second, and every command reads the catalogue of checks.
    from scipy.stats import rankdata

    ranks = [rankdata(_settled(one), axis=1) for one in (first, second)]
    # The mean of ranks, whatever ties there are.
    centred = [one - (first.shape[1] + 1) / 2 for one in ranks]
    sizes = [np.sqrt((one**2).sum(axis=1)) for one in centred]
    product = (centred[0] * centred[1]).sum(axis=1)
    both = sizes[0] * sizes[1]
    near = np.divide(product, both, out=np.zeros(len(product)), where=both > 0)
    nowhere = (sizes[0] == 0) & (sizes[1] == 0)
    return np.where(nowhere, np.nan, np.clip(near, -1.0, 1.0))


def _settled(values: Floats) -> Floats:
    # What rounding alone leaves is nothing, and makes no order.
    return np.where(values < _FLAT, 0.0, values)


def _without(found: Attributed, order: Ints, gone: int) -> dict[str, Column]:
    """Every row without the first features of its own order."""
    columns = found.probe.sample.columns
    return {
        name: chosen((order[:, :gone] == at).any(axis=1), columns[name], found.instead[name])
        for at, name in enumerate(found.names)
    }


def _on_both_sides(values: Floats, confidence: float) -> Interval:
    """Limits of the mean of values in [-1, 1]."""
    exact = [(Fraction(one) + 1) / 2 for one in values.tolist()]
    low, high = bounded_mean_limits(
        sum(exact, Fraction(0)), sum((one * one for one in exact), Fraction(0)), len(exact),
        bound=1.0, further=1.0, mass=1 - confidence,
    )  # fmt: skip
    return min(2 * low - 1, float(values.mean())), max(2 * high - 1, float(values.mean()))

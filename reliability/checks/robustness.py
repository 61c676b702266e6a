"""Whether the model keeps its answers when its inputs are disturbed, or when it is merely asked again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from reliability.blocks import ENTITY_BUCKETS, Bools, Column, Floats, Ints
from reliability.checks.requirements import AtLeastOne, require_at_least
from reliability.errors import NotMeasurable, UsageError
from reliability.evidence.column_profile import ColumnProfile
from reliability.evidence.probe import Answers, Probe
from reliability.intervals.proportions import clopper_pearson, effective_n
from reliability.records import Measurement

_TOLERANCE = 1e-9
_NEAR_ZERO = 1e-12
_LISTED_POSITIONS = 20
# Sizes of the first batches when rows are asked again: one row at a time shows what a batch hides.
_FIRST_BATCHES = (1,) * 8 + (7, 97)


def noise_consistency(
    probe: Probe,
    column_profile: ColumnProfile,
    *,
    strength: float = 0.1,
    sample_size: AtLeastOne = 5000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Measurement:
    """Share of rows whose predicted label stays under small noise on the numbers.

    Parameters
    ----------
    probe : Probe
        Sampled rows, the model's answers to them, and the way to ask it again.
    column_profile : ColumnProfile
        Standard deviation of every column over all rows.
    strength : float, default 0.1
        Standard deviation of the noise, in standard deviations of the column.
    sample_size : int, default 5000
        Most rows asked.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).
    seed : int, default 0
        Key of the noise.

    Returns
    -------
    Measurement
        Share, in [0, 1]; 1 is best.

    Raises
    ------
    NotMeasurable
        `needs_classification`, `no_rows`, or `no_numeric_features` where no number varies.

    Notes
    -----
    Share = (rows with f(x + noise) = f(x)) / rows, one Gaussian draw a row and column. Integers take noise
    rounded to integers; what is missing stays missing; text and yes/no columns stay as they are.
    Clopper-Pearson interval; with entities at the effective number of rows.

    References
    ----------
    ISO/IEC TR 24029-1:2021, Assessment of the robustness of neural networks, 5.2 (statistical methods);
    Hendrycks, D. and Dietterich, T. (2019), ICLR, arXiv:1903.12261 (flip rate under perturbation).
    """
    _within("strength", strength, np.inf)
    asked = _ready(probe, sample_size)
    spread = {name: column_profile.columns[name].variance or 0.0 for name in _numeric(asked.sample.columns)}
    noisy = [name for name, variance in spread.items() if variance > 0]
    if not noisy:
        raise NotMeasurable("no_numeric_features")
    draws = np.random.default_rng(seed)
    disturbed = {name: _noised(asked.sample.columns[name], strength * np.sqrt(spread[name]), draws) for name in noisy}
    answers = asked.ask({**asked.sample.columns, **disturbed})
    details = {"strength": strength, "columns": len(noisy)}
    return _share(asked.answers.labels == answers.labels, asked, details, confidence=confidence)


def missing_value_consistency(
    probe: Probe,
    *,
    share: float = 0.05,
    sample_size: AtLeastOne = 5000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Measurement:
    """Share of rows whose predicted label stays when some of their cells go missing.

    Parameters
    ----------
    probe : Probe
        Sampled rows, the model's answers to them, and the way to ask it again.
    share : float, default 0.05
        Chance of every feature of every row to be blanked, in [0, 1].
    sample_size : int, default 5000
        Most rows asked.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).
    seed : int, default 0
        Key of the blanks.

    Returns
    -------
    Measurement
        Share, in [0, 1]; 1 is best.

    Raises
    ------
    NotMeasurable
        `needs_classification`, `no_rows` or `no_features`.

    Notes
    -----
    Share = (rows with f(blanked x) = f(x)) / rows. A blanked cell travels as the column's mask, so that a
    missing integer or yes/no reaches the model as its format writes it. A row that lost nothing counts as it
    is; `details.blanked` says how many lost something. Clopper-Pearson interval; with entities at the
    effective number of rows.

    References
    ----------
    ISO/IEC TR 24029-1:2021, 5.2; Little, R. J. A. and Rubin, D. B. (2019), Statistical Analysis with Missing
    Data, 3rd ed., 1.3 (missing completely at random).
    """
    _within("share", share, 1.0)
    asked = _ready(probe, sample_size)
    draws = np.random.default_rng(seed)
    gone = {name: draws.random(asked.sample.n) < share for name in asked.sample.columns}
    if not gone:
        raise NotMeasurable("no_features")
    answers = asked.ask({name: _blanked(asked.sample.columns[name], rows) for name, rows in gone.items()})
    blanked = int(np.count_nonzero(np.any(list(gone.values()), axis=0)))
    details = {"share": share, "blanked": blanked}
    return _share(asked.answers.labels == answers.labels, asked, details, confidence=confidence)


def repeatability(
    probe: Probe, *, sample_size: AtLeastOne = 5000, confidence: float = 0.95, seed: int = 0
) -> Measurement:
    """Share of rows that get the same answer when they are asked again.

    Parameters
    ----------
    probe : Probe
        Sampled rows, the model's answers to them, and two ways to ask it again.
    sample_size : int, default 5000
        Most rows asked.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).
    seed : int, default 0
        Key of the order in which the rows are asked.

    Returns
    -------
    Measurement
        Share, in [0, 1]; 1 is best.

    Raises
    ------
    NotMeasurable
        `no_rows` where the sample is empty.

    Notes
    -----
    The rows go to a fresh worker twice, shuffled each time: once together, once in batches of other sizes, the
    first ones of a single row. A row repeats if both times its label is the same and its scores agree within 1e-9; a
    regression's value within 1e-9 of itself. The interval is Clopper-Pearson's and speaks of rows like
    these: a rule that wants every row to repeat is `exact`, which reads the value alone.

    References
    ----------
    ISO/IEC 25059:2023, 5.4 (robustness); JCGM 200:2012, 2.21 (measurement repeatability).
    """
    asked = _sampled(probe, sample_size)
    draws = np.random.default_rng(seed)
    together = _asked_in_order(asked, probe.ask_anew, draws.permutation(asked.sample.n), ())
    apart = _asked_in_order(asked, probe.ask, draws.permutation(asked.sample.n), _FIRST_BATCHES)
    same = _agree(asked, together) & _agree(asked, apart)
    positions = asked.sample.positions[~same][:_LISTED_POSITIONS].tolist()
    return _share(same, asked, {"positions": positions}, confidence=confidence)


def _within(option: str, value: float, most: float) -> None:
    if not 0.0 <= value <= most or not np.isfinite(value):
        raise UsageError(
            "option_out_of_range",
            "option {option!r} takes a number from 0 to {most}, not {value}; change it under 'with'",
            option=option,
            most=most,
            value=value,
        )


def _sampled(probe: Probe, sample_size: int) -> Probe:
    require_at_least("sample_size", sample_size, 1)
    smaller = probe.smaller(sample_size)
    if not smaller.sample.n:
        raise NotMeasurable("no_rows")
    return smaller


def _ready(probe: Probe, sample_size: int) -> Probe:
    if probe.sample.roles.task == "regression":
        raise NotMeasurable("needs_classification")
    return _sampled(probe, sample_size)


def _numeric(columns: Mapping[str, Column]) -> list[str]:
    return [name for name, column in columns.items() if column.kind in ("f8", "i8")]


def _noised(column: Column, deviation: float, draws: np.random.Generator) -> Column:
    noise = draws.standard_normal(len(column)) * deviation
    if column.kind == "f8":
        return replace(column, values=np.where(column.missing, 0.0, column.values + noise))
    moved = column.values + np.rint(noise)
    # A sum that no int64 holds keeps its value.
    free = ~column.missing & (np.abs(moved) < 2.0**62)
    step = np.where(free, np.rint(noise), 0.0).astype(np.int64)
    return replace(column, values=column.values + step)


def _blanked(column: Column, gone: Bools) -> Column:
    missing = column.missing | gone
    return replace(
        column,
        missing=missing,
        values=np.where(missing, column.values.dtype.type(0), column.values),
    )


def _asked_in_order(
    probe: Probe,
    ask: Callable[[Mapping[str, Column]], Answers],
    order: Ints,
    first: Sequence[int],
) -> Answers:
    """Answers in the sample's own order, to rows asked in another."""
    batches = [rows for rows in np.split(order, np.cumsum(first)) if len(rows)]
    parts = [ask({name: column.take(rows) for name, column in probe.sample.columns.items()}) for rows in batches]
    back = np.argsort(order)
    scores = [part.scores for part in parts if part.scores is not None]
    return Answers(
        labels=np.concatenate([part.labels for part in parts])[back],
        scores=np.concatenate(scores)[back] if len(scores) == len(parts) else None,
    )


def _agree(probe: Probe, again: Answers) -> Bools:
    once = probe.answers
    if probe.sample.roles.task == "regression":
        near: Bools = np.isclose(once.labels, again.labels, rtol=_TOLERANCE, atol=_NEAR_ZERO)
        return near
    same: Bools = once.labels == again.labels
    if once.scores is None or again.scores is None:
        return same & ((once.scores is None) == (again.scores is None))
    return same & _close(once.scores, again.scores)


def _close(once: Floats, again: Floats) -> Bools:
    close: Bools = np.abs(once - again) <= _TOLERANCE
    every: Bools = np.all(close.reshape(len(close), -1), axis=1)
    return every


def _share(kept: Bools, probe: Probe, details: dict[str, Any], *, confidence: float) -> Measurement:
    n, value, method = len(kept), float(np.mean(kept)), "clopper_pearson"
    effective = float(n)
    if probe.sample.entity is not None:
        buckets = (probe.sample.entity % np.uint64(ENTITY_BUCKETS)).astype(np.int64)
        sizes = np.bincount(buckets, minlength=ENTITY_BUCKETS)
        by_bucket = np.bincount(buckets[kept], minlength=ENTITY_BUCKETS)
        effective = float(effective_n(by_bucket, sizes, confidence=confidence))
        method = "clopper_pearson_effective_n"
    low, high = clopper_pearson(value * effective, effective, confidence=confidence)
    return Measurement(
        value=value,
        low=float(low),
        high=float(high),
        n=n,
        unit="share",
        method=method,
        details={
            "of_n": probe.sample.of_n,
            "changed": n - int(np.count_nonzero(kept)),
            **details,
        },
    )

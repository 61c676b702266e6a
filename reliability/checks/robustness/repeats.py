"""Whether the model answers alike when it is asked again: in another order, other batches, a fresh process."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from reliability.blocks import Bools, Column, Floats, Ints
from reliability.checks.asking import sampled
from reliability.checks.requirements import AtLeastOne
from reliability.checks.robustness.curves import Kept, of_kept
from reliability.evidence.probe import Answers, Probe
from reliability.records import Measurement

_TOLERANCE = 1e-9
_NEAR_ZERO = 1e-12
_LISTED_POSITIONS = 20
# Sizes of the first batches when rows are asked again: one row at a time shows what a batch hides.
_FIRST_BATCHES = (1,) * 8 + (7, 97)


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
    regression's value within 1e-9 of itself. `details` tell rows that changed in another order and a fresh process from
    those that changed in other batches. The interval is Clopper-Pearson's and speaks of rows like
    these: a rule that wants every row to repeat is `exact`, which reads the value alone.

    References
    ----------
    ISO/IEC 25059:2023, 5.4 (robustness); JCGM 200:2012, 2.21 (measurement repeatability).
    """
    asked = sampled(probe, sample_size)
    draws = np.random.default_rng(seed)
    together = _agree(asked, _asked_in_order(asked, probe.ask_anew, draws.permutation(asked.sample.n), ()))
    apart = _agree(asked, _asked_in_order(asked, probe.ask, draws.permutation(asked.sample.n), _FIRST_BATCHES))
    same = together & apart
    details = {
        "positions": asked.sample.positions[~same][:_LISTED_POSITIONS].tolist(),
        "changed_in_order": int(np.count_nonzero(~together)),
        "changed_in_batches": int(np.count_nonzero(~apart)),
    }
    return of_kept(Kept(rows=same, sample=asked.sample), details, confidence=confidence)


def _asked_in_order(
    probe: Probe,
    ask: Callable[[Mapping[str, Column]], Answers],
    order: Ints,
    first: Sequence[int],
) -> Answers:
    """Answers in the sample's own order, to rows asked in another."""
    batches = [rows for rows in np.split(order, np.cumsum(first)) if len(rows)]
    parts = [ask({name: column.take(rows) for name, column in probe.sample.columns.items()}) for rows in batches]
    return Answers.joined(parts).take(np.argsort(order))


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

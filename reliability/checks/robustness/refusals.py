"""Whether the model refuses what it cannot use, or answers it with numbers: never a crash, never nonsense."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np

from reliability.checks.asking import sampled, stacked
from reliability.checks.requirements import AtLeastOne, require_at_least
from reliability.checks.robustness.disturbances import Columns
from reliability.checks.robustness.invalid import Invalid, invalid_inputs
from reliability.errors import NotMeasurable, WorkerError
from reliability.evidence.column_profile import ColumnProfile
from reliability.evidence.probe import Probe
from reliability.intervals.proportions import clopper_pearson
from reliability.records import Measurement

ANSWERED = "answered"
# The model says no and goes on living; anything else is a failure of its own.
REFUSED = frozenset({"model_raised"})
# Each may cost a whole time limit, and says the same as the ones before.
_MOST_FAILURES = 8
_NOT_THE_MODEL = frozenset({"sandbox_unavailable", "model_refused", "not_a_model", "model_load_failed"})


def invalid_input_handling(
    probe: Probe,
    column_profile: ColumnProfile,
    *,
    inputs: AtLeastOne = 100,
    confidence: float = 0.95,
    seed: int = 0,
) -> Measurement:
    """Share of invalid inputs that the model refuses, or answers with a finite number and a declared class.

    Parameters
    ----------
    probe : Probe
        Sampled rows to spoil, and the way to ask the model.
    column_profile : ColumnProfile
        Range and levels of every column over all rows.
    inputs : int, default 100
        Invalid inputs to make, at least: every feature in every way, as often as needed.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).
    seed : int, default 0
        Key of the rows that are spoilt.

    Returns
    -------
    Measurement
        Share, in [0, 1]; 1 is best. `details.kinds` counts what became of every kind of input.

    Raises
    ------
    NotMeasurable
        `no_rows` or `no_features`.

    Notes
    -----
    Handled inputs / inputs. Spoilt is one column of a row at a time, or all of a kind where text stands for numbers
    or numbers for text: missing, infinite, 1e300, the ends of int64, far above all that was seen, below 0 where
    nothing was, a fraction for a whole number, empty, unknown, 20,000 characters, control characters; and rows with
    nothing in them. Handled is what is answered (labels among the classes, scores finite and adding up: the worker's
    own test) and what is refused by an error that leaves the process in order. Not handled: a crash, an exit, a time
    or memory limit, an answer that is none. All inputs are asked together; where that fails, kind by kind; where a
    kind fails otherwise than by a refusal, column by column. What is refused with others of its kind may have been
    refused for their sake; it was not answered. After 8 questions that failed no more are put: the inputs left,
    `details.not_asked`, count as not handled, so that stopping early never flatters. Every question that fails
    otherwise than by a refusal costs a fresh worker. Clopper-Pearson interval, of inputs like these: they are made,
    not met, and those of one kind fare alike.

    References
    ----------
    ISO/IEC 25059:2023, 5.4 (robustness); ISO/IEC TR 29119-11:2020, 8 (testing with invalid inputs);
    EU AI Act, Article 15(4).
    """
    require_at_least("inputs", inputs, 1)
    asked = sampled(probe, len(probe.sample.positions) or 1)
    if not asked.sample.columns:
        raise NotMeasurable("no_features")
    order = np.random.default_rng(seed).permutation(asked.sample.n)[:inputs]
    columns = {name: column.take(order) for name, column in asked.sample.columns.items()}
    ways = sum(1 for _ in invalid_inputs(columns, column_profile, rows_each=1))
    rows_each = -(-inputs // ways)
    spoilt = sorted(invalid_inputs(columns, column_profile, rows_each=rows_each), key=lambda one: one.kind)
    trial = _Trial(probe=asked)
    trial.run([one for one in spoilt if _kinds(one.rows) == _kinds(columns)])
    # Where columns are sent as another kind there is one input a way: it has all of them.
    for one in spoilt:
        if _kinds(one.rows) != _kinds(columns):
            trial.run([one])
    n, handled = trial.counted()
    low, high = clopper_pearson(handled, n, confidence=confidence)
    return Measurement.within(
        handled / n, (float(low), float(high)), n=n, unit="share", method="clopper_pearson",
        details={"of_n": asked.sample.of_n, **trial.told()},
    )  # fmt: skip


@dataclass(kw_only=True, eq=False)
class _Trial:
    """What became of the inputs asked so far: by kind, column and outcome."""

    probe: Probe
    outcomes: dict[tuple[str, str, str], int] = field(default_factory=dict)
    failures: int = 0
    not_asked: int = 0

    def run(self, group: Sequence[Invalid]) -> None:
        """Ask inputs together; where that fails kind by kind, and where a kind does column by column."""
        if not group:
            return
        if self.failures >= _MOST_FAILURES:
            self.not_asked += sum(one.n for one in group)
            return
        outcome = self._outcome(group)
        parts = [list(alike) for _, alike in groupby(group, key=lambda one: one.kind)]
        if len(parts) == 1 and outcome not in REFUSED:
            parts = [[one] for one in group]
        if outcome == ANSWERED or len(parts) == 1:
            self._note(group, outcome)
            return
        for part in parts:
            self.run(part)

    def counted(self) -> tuple[int, int]:
        """Inputs, and those handled; one that was not asked for the failures before it is not handled."""
        handled = sum(n for (_, _, outcome), n in self.outcomes.items() if outcome in REFUSED | {ANSWERED})
        return sum(self.outcomes.values()) + self.not_asked, handled

    def told(self) -> dict[str, Any]:
        """Counts by kind, and the columns that were not handled."""
        kinds: dict[str, Counter[str]] = {}
        for (kind, _, outcome), n in sorted(self.outcomes.items()):
            kinds.setdefault(kind, Counter())[_word(outcome)] += n
        failed = [
            {"kind": kind, "column": column, "reason": outcome, "n": n}
            for (kind, column, outcome), n in sorted(self.outcomes.items())
            if _word(outcome) == "failed"
        ]
        return {
            "kinds": [{"kind": kind, "n": counts.total(), **dict(counts)} for kind, counts in kinds.items()],
            "failed": failed,
            "not_asked": self.not_asked,
        }

    def _outcome(self, group: Sequence[Invalid]) -> str:
        try:
            self.probe.tried(stacked([one.rows for one in group]))
        except WorkerError as failed:
            if failed.code in _NOT_THE_MODEL:
                raise
            self.failures += failed.code not in REFUSED
            return failed.code
        return ANSWERED

    def _note(self, group: Sequence[Invalid], outcome: str) -> None:
        for one in group:
            self.outcomes[one.kind, one.column, outcome] = one.n


def _word(outcome: str) -> str:
    return ANSWERED if outcome == ANSWERED else "refused" if outcome in REFUSED else "failed"


def _kinds(columns: Columns) -> list[str]:
    return [column.kind for column in columns.values()]

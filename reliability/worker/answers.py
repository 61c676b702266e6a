"""What a model's reply is allowed to be: right length, declared classes, finite, probabilities that are ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from reliability.blocks import Floats, Ints, Label
from reliability.evidence.probe import Answers
from reliability.worker.failures import cleaned, failure
from reliability.worker.labels import meaning

_SUM_TOLERANCE = 1e-6
_FEW = 8  # columns


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """How a model's classes map to the declared ones, settled once after loading.

    codes : declared index of each of the model's classes; None where the model names none.
    """

    task: Literal["binary", "multiclass", "regression"]
    classes: tuple[Label, ...]
    positive: int | None
    threshold: float | None
    codes: tuple[int, ...] | None
    scores: bool

    @property
    def labels_as(self) -> str | None:
        """How labels are asked for: indices into the model's classes, values, or not at all."""
        if self.threshold is not None:
            return None
        return "values" if self.codes is None else "codes"

    @property
    def score_columns(self) -> int:
        """Columns of probabilities to ask for; 0 where there are none."""
        return len(self.codes or ()) if self.scores else 0

    def reply_bytes(self, rows: int) -> int:
        """Length of the answer on so many rows."""
        return 8 * rows * (self.score_columns + (self.labels_as is not None))

    def read(self, body: bytearray, rows: int) -> Answers:
        """The answers in a reply of that length; WorkerError where they are none."""
        start = 8 * rows * (self.labels_as is not None)
        scores = None
        if self.score_columns:
            columns = np.frombuffer(body, dtype="<f8", offset=start).reshape(rows, self.score_columns)
            scores = self._scores(columns)
        return Answers(labels=self._labels(body, rows, scores), scores=scores)

    def _labels(self, body: bytearray, rows: int, scores: Floats | None) -> npt.NDArray[Any]:
        if self.threshold is not None and scores is not None and self.positive is not None:
            return np.where(scores >= self.threshold, self.positive, 1 - self.positive).astype(np.int64)
        if self.codes is not None:
            return self._declared(np.frombuffer(body, dtype="<i8", count=rows))
        values = np.frombuffer(body, dtype="<f8", count=rows).astype(np.float64)
        if not np.isfinite(values).all():
            raise failure("model_bad_output", what="not_finite", found=f"{_first_not_finite(values)} as a label")
        return values if self.task == "regression" else _matched(values, self.classes)

    def _declared(self, codes: Ints) -> Ints:
        count = len(self.codes or ())
        if len(codes) and (codes.min() < 0 or codes.max() >= count):
            raise failure("model_bad_output", what="label_outside_classes", found=f"class number {codes.max()}")
        return np.array(self.codes, dtype=np.int64)[codes]

    def _scores(self, columns: Floats) -> Floats:
        _check_probabilities(columns)
        ordered = np.empty(columns.shape, dtype=np.float64)
        ordered[:, list(self.codes or ())] = columns
        if self.task == "multiclass" or self.positive is None:
            return ordered
        return ordered[:, self.positive].copy()


def settle(
    described: Any,
    scores: Any,
    *,
    task: Literal["binary", "multiclass", "regression"],
    classes: Sequence[Label],
    positive: int | None,
    threshold: float | None,
) -> Meaning:
    """The meaning of a model's answers, from what it says of itself and what was declared."""
    codes = None
    if task != "regression" and described is not None:
        codes = _codes(described, tuple(classes))
    has_scores = codes is not None and scores is True
    if threshold is not None and not has_scores:
        raise failure("model_bad_output", what="no_probabilities", found="a threshold was declared")
    return Meaning(
        task=task, classes=tuple(classes), positive=positive, threshold=threshold, codes=codes, scores=has_scores
    )


def _codes(described: Any, classes: tuple[Label, ...]) -> tuple[int, ...]:
    if not isinstance(described, list) or not all(isinstance(one, str | int | float) for one in described):
        raise failure("model_protocol_violation", what="classes")
    if len(described) != len(classes):
        raise failure("model_bad_output", what="class_count", found=f"{len(described)}, declared: {len(classes)}")
    declared = {meaning(label): code for code, label in enumerate(classes)}
    codes = tuple(declared.get(meaning(label), -1) for label in described)
    if -1 in codes:
        stranger = described[codes.index(-1)]
        raise failure("model_bad_output", what="label_outside_declared", found=cleaned(repr(stranger)))
    if len(set(codes)) != len(codes):
        raise failure("model_bad_output", what="classes_not_distinct", found=cleaned(described))
    return codes


def _matched(values: Floats, classes: tuple[Label, ...]) -> Ints:
    declared = {meaning(label): code for code, label in enumerate(classes)}
    distinct, inverse = np.unique(values, return_inverse=True)
    codes = [declared.get(meaning(value), -1) for value in distinct.tolist()]
    if -1 in codes:
        raise failure("model_bad_output", what="label_outside_declared", found=str(distinct[codes.index(-1)]))
    return np.array(codes, dtype=np.int64)[inverse]


def _check_probabilities(scores: Floats) -> None:
    if not np.isfinite(scores).all():
        raise failure("model_bad_output", what="not_finite", found=f"{_first_not_finite(scores)} as a probability")
    if scores.size and (scores.min() < 0 or scores.max() > 1):
        worst = scores.min() if scores.min() < 0 else scores.max()
        raise failure("model_bad_output", what="outside_0_1", found=f"probability {worst:.6g}")
    # Of a few columns numpy adds up a row at a time, ten times as slowly as column by column.
    sums = reduce(np.add, scores.T) if scores.shape[1] < _FEW else scores.sum(axis=1)
    off = np.abs(sums - 1) > _SUM_TOLERANCE
    if off.any():
        raise failure("model_bad_output", what="sum_not_1", found=f"probabilities that add up to {sums[off][0]:.6g}")


def _first_not_finite(values: Floats) -> float:
    return float(values[~np.isfinite(values)][0])

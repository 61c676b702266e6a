"""A second kind of confined process: it fits copies of a submitted scikit-learn model to training rows, and answers.

What goes in are features, labels, weights and groups of training rows, then features of rows to be answered; what comes
out are numbers and labels, checked as any model's. No label of a row that is answered goes in, and no model comes out.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from reliability.blocks import BLOCK_ROWS, Bools, Column, Floats, Ints
from reliability.errors import WorkerError
from reliability.evidence.probe import Answers
from reliability.worker import adapters, answers, confinement, failures, landlock, wire
from reliability.worker.labels import meaning
from reliability.worker.parent import Limits, Model, ModelSpec, frozen, refuse_in_sight
from reliability.worker.process import WorkerProcess

SERVES = "reliability.worker.refit_child"
FORMATS = frozenset({"skops", "pickle", "joblib"})
# Every value is the worker's own word, cleaned; each code has words under `advise.not_tried`.
MESSAGES: Mapping[str, tuple[str, str]] = {
    "refit_not_scikit_learn": ("found", "only scikit-learn models are fitted anew (met: {found})"),
    "refit_class_refused": ("types", "classes that are not fitted anew: {types}"),
    "refit_no_sample_weight": ("found", "{found} takes no weight for every row"),
    "refit_no_monotone": ("found", "no direction can be given to {found}"),
    "refit_not_regularised": ("found", "{found} has no setting against learning by heart"),
    "refit_two_classes_needed": ("found", "reductions decide between two classes (met: {found})"),
    "refit_raised": ("message", "the model stopped while being fitted anew, it says {message!r}"),
}
_OURS = ("refit_binning", "refit_child", "refit_clone", "refit_reduction")

Reduction = Literal["exponentiated_gradient", "grid_search"]
Constraint = Literal["demographic_parity", "equalized_odds", "bounded_group_loss"]
PARITIES: frozenset[Constraint | None] = frozenset({"demographic_parity", "equalized_odds"})


@dataclass(frozen=True, kw_only=True)
class How:
    """How a copy is fitted.

    Attributes
    ----------
    reduction : str or None
        Which of fairlearn's reductions goes around it.
    constraint : str or None
        What the reduction holds groups to.
    bound : float or None
        Largest difference of groups, or loss of a group; None: fairlearn's own, or the loss of all together.
    monotone : mapping
        Column to 1 or -1, as P(positive) or the value is to go with it.
    regularised : bool
        Whether it is kept from learning single rows by heart.
    seed : int
        Of every random number that the model itself leaves open.
    """

    reduction: Reduction | None = None
    constraint: Constraint | None = None
    bound: float | None = None
    monotone: Mapping[str, int] = field(default_factory=dict)
    regularised: bool = False
    seed: int = 0
    max_iter: int = 10
    grid_size: int = 10


class Refit(Model):
    """A submitted model in its confined process, of which copies are fitted; every failure ends the process."""

    fitted = False

    def fit(
        self,
        columns: Mapping[str, Column],
        labels: npt.NDArray[Any],
        *,
        weights: Floats | None = None,
        groups: Ints | None = None,
        how: How,
    ) -> None:
        """Fit a fresh copy to these rows.

        Parameters
        ----------
        columns : mapping
            Training rows; only the model's inputs are sent.
        labels : ndarray
            Indices of the declared classes, or values for regression.
        weights : ndarray of float64, optional
            How much every row counts.
        groups : ndarray of int64, optional
            The group of every row, for a reduction.
        how : How
            What is done.

        Raises
        ------
        WorkerError
            With a code of `MESSAGES` where the model cannot be fitted so, else as a model fails.
        """
        self._ended_by_failure(lambda: self._fit(columns, labels, weights, groups, how))

    def predict(self, columns: Mapping[str, Column], /) -> Answers:
        """What the copy that was fitted last says of any number of rows, at least one; it outlives its refusals."""
        if not self.fitted:
            raise ValueError("nothing was fitted yet")
        n = len(next(iter(columns.values())))
        pieces = [slice(start, start + BLOCK_ROWS) for start in range(0, n, BLOCK_ROWS)]
        inputs = {name: columns[name] for name in self.spec.inputs}
        told = [self.attempt({name: _piece(one, rows) for name, one in inputs.items()}) for rows in pieces]
        return Answers.joined(told)

    def _fit(
        self,
        columns: Mapping[str, Column],
        labels: npt.NDArray[Any],
        weights: Floats | None,
        groups: Ints | None,
        how: How,
    ) -> None:
        y, told = self._told(labels, how)
        sent: dict[str, wire.Framed] = {f"x:{name}": columns[name] for name in self.spec.inputs}
        sent["y"] = _plain(y)
        sent |= {name: _plain(one) for name, one in (("w", weights), ("g", groups)) if one is not None}
        described, body = wire.pack(sent)
        asked = {"op": "fit", "rows": len(labels), "described": described, "how": len(body)}
        reply, _ = self._asked(asked, body + json.dumps(told).encode(), expected=0)
        # Decisions of a reduction to parity are its own, whatever the probability.
        threshold = None if how.constraint in PARITIES else self.spec.threshold
        self._meaning = answers.settle(
            reply.get("classes"), reply.get("scores"), task=self.spec.task, classes=self.spec.classes,
            positive=self.spec.positive, threshold=threshold,
        )  # fmt: skip
        self.fitted = True

    def _told(self, labels: npt.NDArray[Any], how: How) -> tuple[npt.NDArray[Any], dict[str, Any]]:
        """The labels as the model writes them, and what the process is told of the fit."""
        codes, task = self._codes, self.spec.task
        if how.reduction and ((task != "regression" and len(codes) != 2) or (task == "regression" and _parity(how))):
            raise refused("refit_two_classes_needed", found=task)
        told = {**asdict(how), "classes": bool(codes), "threshold": self.spec.threshold, "positive": 1}
        if not codes:
            values = [float(meaning(one)) for one in self.spec.classes]
            return (np.array(values)[labels] if task != "regression" else np.asarray(labels, np.float64)), told
        places = np.argsort(np.array(codes))
        positive = 1 if self.spec.positive is None else int(places[self.spec.positive])
        sign = -1 if len(codes) == 2 and positive == 0 else 1
        directions = {name: sign * one for name, one in how.monotone.items()}
        return places[np.asarray(labels, np.int64)], {**told, "positive": positive, "monotone": directions}

    @property
    def _codes(self) -> tuple[int, ...]:
        """Declared index of each class that the submitted model names; none for values."""
        return self._submitted

    def _load(self) -> None:
        super()._load()
        self._submitted = () if self._meaning is None else self._meaning.codes or ()

    def _asked(self, header: Mapping[str, Any], body: wire.Bytes, *, expected: int) -> tuple[wire.Header, bytearray]:
        reply, answer = self._replied(header, body, expected=expected)
        if "error" in reply:
            raise _reported(reply["error"], reply.get("values"), memory_bytes=self.limits.memory_bytes)
        return reply, answer


def _reported(error: Any, values: Any, *, memory_bytes: int) -> WorkerError:
    if isinstance(error, str) and error in MESSAGES and isinstance(values, dict):
        name = MESSAGES[error][0]
        return refused(error, **{name: values.get(name, "")})
    return failures.reported(error, values, memory_bytes=memory_bytes)


def refused(code: str, /, **values: object) -> WorkerError:
    """That a model cannot be fitted anew: one of the codes of `MESSAGES`."""
    return WorkerError(code, MESSAGES[code][1], **{name: failures.cleaned(value) for name, value in values.items()})


def _parity(how: How) -> bool:
    return how.constraint in PARITIES


def _piece(column: Column, rows: slice) -> Column:
    return Column(kind=column.kind, values=column.values[rows], missing=column.missing[rows], levels=column.levels)


def _plain(values: npt.NDArray[Any]) -> Column:
    whole: Bools = np.zeros(len(values), np.bool_)
    if values.dtype.kind == "f":
        return Column(kind="f8", values=np.asarray(values, np.float64), missing=whole)
    return Column(kind="i8", values=np.asarray(values, np.int64), missing=whole)


def package_files() -> dict[Path, Path]:
    """Place in the sandbox -> file of ours: what a model's worker has, and what fits."""
    here, inside = Path(__file__).parent, confinement.PACKAGE / "reliability" / "worker"
    return confinement.package_files() | {inside / f"{name}.py": here / f"{name}.py" for name in _OURS}


def open_refit(
    spec: ModelSpec, *, limits: Limits, package: Mapping[Path, Path] | None = None, level: str | None = None
) -> Refit:
    """Start a fresh worker and load the submitted model there, for copies of it to be fitted.

    Raises WorkerError where no way to start one works, or the model is not one that is fitted anew.
    """
    if spec.format not in FORMATS:
        raise refused("refit_not_scikit_learn", found=spec.format)
    refuse_in_sight(spec.path)
    way = landlock.find_way(level)
    adapters.refuse_weak(spec.format, way.level)
    files = package_files() if package is None else package
    with frozen(spec) as file:
        process = WorkerProcess(way, file, package=files, scratch_bytes=limits.scratch_bytes, serves=SERVES)
        return Refit(spec, limits, way, process).started()

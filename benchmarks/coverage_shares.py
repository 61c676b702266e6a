"""Scenarios of shares: what is counted among rows of one kind."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from scipy.stats import binom

from benchmarks.coverage_cells import Cell, Interval, Scenario
from benchmarks.coverage_rivals import wald, wilson_pair
from reliability.blocks import Block, Column, Roles
from reliability.checks.performance import labels
from reliability.checks.robustness import consistency, repeats
from reliability.evidence.column_profile import ColumnProfile
from reliability.evidence.confusion_matrix import ConfusionMatrix
from reliability.evidence.probe import Answers, Probe
from reliability.evidence.sample import Sample
from reliability.records import Measurement

BINARY = Roles(
    task="binary", classes=(0, 1), positive=1, favourable=(1,), has_predictions=True, has_scores=True, features=("x",)
)
RATES = (0.01, 0.05, 0.1, 0.2, 0.5)
SIZES = (30, 100, 300, 1000, 10_000)
_NEGLIGIBLE = 1e-10


def scenarios() -> list[Scenario]:
    """Scenarios of this module."""
    return [
        _binomial("performance.accuracy", lambda right, wrong: [[right, wrong], [0, 0]], labels.accuracy),
        _binomial("performance.recall", lambda right, wrong: [[7, 5], [wrong, right]], labels.recall),
        _binomial("performance.precision", lambda right, wrong: [[7, wrong], [5, right]], labels.precision),
        _binomial("performance.specificity", lambda right, wrong: [[right, wrong], [5, 7]], labels.specificity),
        *(_kept(name) for name in ("noise_consistency", "missing_value_consistency", "repeatability")),
        _f1(),
        _balanced_accuracy(),
        _clustered_accuracy(),
    ]


def first(measured: Measurement | tuple[Measurement, ...]) -> Measurement:
    """The one measurement, or that of the class asked about."""
    return measured if isinstance(measured, Measurement) else measured[0]


def matrix(counts: Any, roles: Roles = BINARY, buckets: Any = None) -> ConfusionMatrix:
    """A confusion matrix of simulated counts."""
    return ConfusionMatrix(roles=roles, counts=np.asarray(counts, np.int64), buckets=buckets)


@cache
def classes(size: int) -> Roles:
    """Roles of so many classes."""
    return Roles(task="multiclass", classes=tuple(range(size)), has_predictions=True)


def every_binomial(cell: Cell) -> tuple[Any, Any]:
    """Every number of successes with its probability, but for the improbable ones."""
    x = np.arange(cell["n"] + 1)
    chance = binom.pmf(x, cell["n"], cell["rate"])
    likely = chance > _NEGLIGIBLE
    return x[likely], chance[likely] / chance[likely].sum()


def _rate(cell: Cell) -> float:
    return float(cell["rate"])


def _wilson(cell: Cell, right: Any) -> Interval:
    return wilson_pair(float(right), cell["n"])


def _binomial(check: str, table: Callable[[int, int], Any], function: Callable[..., Any]) -> Scenario:
    return Scenario(
        check=check,
        cells=[{"n": n, "rate": rate} for n in SIZES for rate in (*RATES, 0.8, 0.95, 0.99)],
        every=every_binomial,
        truth=_rate,
        measure=lambda cell, right: first(function(matrix(table(int(right), int(cell["n"] - right))))),
        rival=_wilson,
        rival_name="Wilson",
    )


def _kept(name: str) -> Scenario:
    """A share of rows that keep their answer: the model is one that changes just so many."""
    function = getattr(repeats if name == "repeatability" else consistency, name)

    def measure(cell: Cell, kept: Any) -> Measurement:
        probe = _probe(cell["n"], int(kept))
        if name == "noise_consistency":
            return function(probe, _profile(cell["n"]))
        return function(probe)

    cells = [{"n": n, "rate": rate} for n in (30, 100, 1000) for rate in (0.5, 0.9, 0.99)]
    return Scenario(
        check=f"robustness.{name}", cells=cells, every=every_binomial, truth=_rate, measure=measure, rival=_wilson,
        rival_name="Wilson",
    )  # fmt: skip


def _columns(n: int) -> dict[str, Column]:
    return {"x": Column(kind="i8", values=np.arange(n), missing=np.zeros(n, np.bool_))}


@cache
def _profile(n: int) -> ColumnProfile:
    block = Block(start=0, roles=BINARY, columns=_columns(n), y_true=np.zeros(n, np.int64))
    return ColumnProfile.of(block)


@cache
def _sample(n: int) -> Sample:
    labels_of_rows = np.zeros(n, np.int64)
    block = Block(start=0, roles=BINARY, columns=_columns(n), y_true=labels_of_rows, y_pred=labels_of_rows)
    return Sample.of(block, seed=0, size=n)


def _probe(n: int, kept: int) -> Probe:
    def ask_anew(columns: Any) -> Answers:
        return Answers(labels=(columns["x"].values >= kept).astype(np.int64))

    def ask(columns: Any) -> Answers:
        size = len(columns["x"])
        # Rows that were disturbed come in the sample's order; those asked one by one carry their number.
        return Answers(labels=(np.arange(size) >= kept).astype(np.int64)) if size == n else ask_anew(columns)

    return Probe(sample=_sample(n), answers=Answers(labels=np.zeros(n, np.int64)), ask=ask, ask_anew=ask_anew)


def _f1() -> Scenario:
    cells = [
        {"n": n, "positive": rate, "recall": recall, "precision": precision}
        for n in (30, 100, 300, 1000, 10_000)
        for rate, recall, precision in [(0.5, 0.9, 0.9), (0.5, 0.5, 0.6), (0.2, 0.7, 0.5), (0.1, 0.5, 0.2),
                                        (0.05, 0.8, 0.8), (0.01, 0.5, 0.5)]
    ]  # fmt: skip
    return Scenario(
        check="performance.f1",
        cells=cells,
        draw=lambda random, cell, draws: random.multinomial(cell["n"], f1_shares(cell), draws),
        truth=lambda cell: 2 / (1 / cell["recall"] + 1 / cell["precision"]),
        measure=lambda _, seen: first(labels.f1(matrix([[seen[3], seen[1]], [seen[2], seen[0]]]))),
        rival=lambda _, seen: _wald_f1(*(float(count) for count in seen[:3])),
        rival_name="delta method (Takahashi 2022)",
        limits=("at_least",),
    )


def f1_shares(cell: Cell) -> tuple[float, float, float, float]:
    """Shares of true positives, false positives, false negatives and true negatives."""
    right = cell["positive"] * cell["recall"]
    wrong = right / cell["precision"] - right
    return right, wrong, cell["positive"] - right, 1 - cell["positive"] - wrong


def _wald_f1(right: float, false: float, missed: float) -> Interval | None:
    among = 2 * right + false + missed
    if not among:
        return None
    value, wrong = 2 * right / among, false + missed
    # Influence of a row on 2 TP / (2 TP + W): (2 - 2 F1) / among of a right one, -F1 / among of a wrong one.
    return wald(value, (right * (2 - 2 * value) ** 2 + wrong * value**2) / among**2)


def _recalls(cell: Cell) -> Any:
    return np.linspace(cell["recall"], min(0.99, cell["recall"] + 0.1), len(cell["shares"]))


def _balanced_accuracy() -> Scenario:
    cells = [
        {"n": n, "shares": shares, "recall": recall}
        for n in (30, 100, 300, 1000, 10_000)
        for shares in ((1, 1), (9, 1), (50, 1), (1, 1, 1), (6, 3, 1), (1,) * 10, (50, *(5,) * 9))
        for recall in (0.5, 0.85, 0.98)
    ]
    return Scenario(
        check="performance.balanced_accuracy",
        cells=cells,
        draw=_matrices,
        truth=lambda cell: float(_recalls(cell).mean()),
        measure=lambda cell, seen: labels.balanced_accuracy(matrix(seen, classes(len(cell["shares"])))),
        rival=lambda _, seen: _wald_recalls(seen),
        rival_name="Wald",
        limits=("at_least",),
    )


def _matrices(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    """Confusion matrices: classes by their shares, wrong rows spread evenly."""
    shares, size = np.array(cell["shares"], float), len(cell["shares"])
    chances = np.zeros((size, size)) + ((1 - _recalls(cell)) / (size - 1))[:, None]
    np.fill_diagonal(chances, _recalls(cell))
    cells = (shares / shares.sum())[:, None] * chances
    return random.multinomial(cell["n"], cells.ravel() / cells.sum(), draws).reshape(draws, size, size)


def _wald_recalls(counts: Any) -> Interval | None:
    rows = counts.sum(axis=1)
    right, rows = np.diagonal(counts)[rows > 0], rows[rows > 0]
    recalls = right / rows
    return wald(float(recalls.mean()), float((recalls * (1 - recalls) / rows).sum()) / len(rows) ** 2)


def _clustered_accuracy() -> Scenario:
    """Entities of several rows whose answers go together, counted in the buckets of the engine."""
    cells = [
        {"n": entities * rows, "rows an entity": rows, "rate": rate, "correlation": correlation}
        for entities in (30, 100, 1000)
        for rows in (2, 10)
        for rate in (0.05, 0.2, 0.5)
        for correlation in (0.05, 0.5)
    ]
    return Scenario(
        check="performance.accuracy",
        variant="clustered rows",
        cells=cells,
        draw=_buckets,
        truth=_rate,
        measure=lambda _, seen: labels.accuracy(_bucketed(seen)),
        rival=lambda _, seen: _wald_clusters(seen),
        rival_name="Wald, between buckets",
        numbers=lambda cell: 128 * 4 + cell["n"],
    )


def _buckets(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    rows = cell["rows an entity"]
    entities, spread = cell["n"] // rows, 1 / cell["correlation"] - 1
    chance = random.beta(cell["rate"] * spread, (1 - cell["rate"]) * spread, (draws, entities))
    right = random.binomial(rows, chance)
    place = random.integers(0, 128, (draws, entities)) + 128 * np.arange(draws)[:, None]
    rights = np.bincount(place.ravel(), right.ravel(), 128 * draws).reshape(draws, 128)
    sizes = np.bincount(place.ravel(), minlength=128 * draws).reshape(draws, 128) * rows
    return np.stack((rights, sizes), axis=2)


def _bucketed(seen: Any) -> ConfusionMatrix:
    buckets = np.zeros((128, 2, 2), np.int64)
    buckets[:, 1, 1], buckets[:, 1, 0] = seen[:, 0], seen[:, 1] - seen[:, 0]
    return matrix(buckets.sum(axis=0), buckets=buckets)


def _wald_clusters(seen: Any) -> Interval | None:
    right, rows = seen[:, 0], seen[:, 1]
    value, used = right.sum() / rows.sum(), np.count_nonzero(rows)
    return wald(float(value), float(((right - value * rows) ** 2).sum() / rows.sum() ** 2 * used / max(used - 1, 1)))


ALL: Sequence[Scenario] = tuple(scenarios())

"""Scenarios of a model beside another, of more than two classes' scores, and of parts that are looked for."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.special import ndtr

from benchmarks.coverage_cells import Cell, Interval, Scenario, thinned
from benchmarks.coverage_rivals import delong, student, wald, wald_logit
from benchmarks.coverage_rows import (
    AUC_CELLS,
    ERRORS,
    EXPLAINED_CELLS,
    NODES,
    REGRESSION,
    WEIGHTS,
    binormal,
    error_moment,
    measured,
    scored,
    separation,
    valued,
    values,
)
from benchmarks.coverage_shares import BINARY, classes, first
from benchmarks.coverage_tables import chances, draw, table_of
from reliability.blocks import Block, Column
from reliability.checklist.catalogue import checks
from reliability.evidence.paired_outcomes import PairedOutcomes
from reliability.evidence.sample import Sample
from reliability.records import Measurement

# Shares of rows that only the model, and that only the other, gets right.
_PAIRED: Sequence[Cell] = [
    {"n": n, "only model": model, "only other": other}
    for n in (30, 100, 300, 1000, 10_000)
    for model, other in ((0.01, 0.01), (0.05, 0.01), (0.05, 0.05), (0.2, 0.1), (0.2, 0.2), (0.5, 0.1), (0.02, 0.2))
]


def _paired_draw(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    model, other = cell["only model"], cell["only other"]
    rest = 1 - model - other
    return random.multinomial(cell["n"], (rest / 4, other, model, 0.75 * rest), draws)


def _paired_measured(seen: Any) -> Measurement:
    counts = np.asarray(seen, np.int64).reshape(2, 2)
    outcomes = PairedOutcomes(roles=replace(BINARY, incumbent=True), n=int(counts.sum()), counts=counts)
    return first(checks()["performance.better_than_incumbent"].function(outcomes))


def _wald_paired(model: float, other: float, n: float) -> Interval | None:
    gap = (model - other) / n
    return wald(gap, ((model + other) / n - gap * gap) / n)


def _incumbent() -> Scenario:
    return Scenario(
        check="performance.better_than_incumbent", cells=_PAIRED, draw=_paired_draw, limits=("at_least",),
        truth=lambda cell: cell["only model"] - cell["only other"], measure=lambda _, seen: _paired_measured(seen),
        rival=lambda _, seen: _wald_paired(float(seen[2]), float(seen[1]), float(seen.sum())),
        rival_name="Wald, paired",
    )  # fmt: skip


_ERRING: Sequence[Cell] = [
    {"n": n, "errors": errors, "noise": noise, "other": other}
    for n in (30, 100, 300, 1000)
    for errors in ("normal", "laplace", "t5")
    for noise, other in ((1.0, 1.0), (0.8, 1.2))
]


def _erring_draw(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    """Errors of both have half their variance in common."""
    shape = (draws, cell["n"])
    common, own, others = (ERRORS[cell["errors"]](random, shape) / np.sqrt(2) for _ in range(3))
    return zip(cell["noise"] * (common + own), cell["other"] * (common + others), strict=True)


def _erring_measured(seen: Any) -> Measurement:
    nothing = np.zeros(len(seen[0]))
    block = Block(start=0, roles=replace(REGRESSION, incumbent=True), columns={}, y_true=nothing, y_pred=seen[0],
                  y_incumbent=seen[1])  # fmt: skip
    return measured("performance.better_than_incumbent", block)


def _erring() -> Scenario:
    return Scenario(
        check="performance.better_than_incumbent", variant="regression", cells=_ERRING, draw=_erring_draw,
        truth=lambda cell: (cell["other"] ** 2 - cell["noise"] ** 2) * error_moment(cell["errors"], "square"),
        measure=lambda _, seen: _erring_measured(seen), rival=lambda _, seen: student(seen[1] ** 2 - seen[0] ** 2),
        rival_name="Student's t, paired", limits=("at_least",),
    )  # fmt: skip


_MAJORITY: Sequence[Cell] = [
    {"n": n, "positive": positive, "recall": recall, "precision": precision}
    for n in (30, 100, 300, 1000, 10_000)
    for positive, recall, precision in ((0.5, 0.8, 0.8), (0.45, 0.7, 0.7), (0.2, 0.7, 0.6), (0.05, 0.5, 0.5),
                                        (0.01, 0.5, 0.5))
]  # fmt: skip
# Many classes, all alike: any can come out the commonest.
_MAJORITY_OF_MANY: Sequence[Cell] = [
    {"n": n, "shares": (1,) * size, "right": right}
    for n in (100, 300, 1000, 10_000)
    for size, right in ((3, 0.8), (3, 0.95), (8, 0.95), (20, 0.6), (20, 0.95))
]


def _majority() -> Scenario:
    def truth(cell: Cell) -> float:
        table = chances(cell)
        return float(np.trace(table) - table.sum(axis=1).max())

    def rival(_: Cell, seen: Any) -> Interval | None:
        most = int(seen.sum(axis=1).argmax())
        both = seen[most, most]
        return _wald_paired(float(np.trace(seen) - both), float(seen[most].sum() - both), float(seen.sum()))

    function = checks().get("performance.better_than_majority")
    return Scenario(
        check="performance.better_than_majority", cells=[*_MAJORITY, *_MAJORITY_OF_MANY], draw=draw, truth=truth,
        measure=lambda _, seen: first(function.function(table_of(seen))) if function else None, rival=rival,
        rival_name="Wald, paired", limits=("at_least",),
    )  # fmt: skip


def _mean() -> Scenario:
    """Errors have mean 0 and nothing in common with the predictions, whose variance, 1, is what is gained."""
    return Scenario(
        check="performance.better_than_mean", cells=EXPLAINED_CELLS, draw=values,
        truth=lambda _: 1.0,
        measure=lambda _, seen: measured("performance.better_than_mean", valued(*seen)),
        rival=lambda _, seen: student((seen[0] - seen[0].mean()) ** 2 - (seen[1] - seen[0]) ** 2),
        rival_name="Student's t, paired", limits=("at_least",),
    )  # fmt: skip


_PRECISION: Sequence[Cell] = [
    {"n": n, "rate": rate, "area": area, "SD": spread}
    for n in (30, 100, 300, 1000, 10_000)
    for rate in (0.02, 0.1, 0.5)
    for area in (0.6, 0.8, 0.95)
    for spread in (0.5, 1.0, 2.0)
    if n < 10_000 or spread == 1.0
]


def _precision_draw(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    shape = (draws, cell["n"])
    y = (random.random(shape) < cell["rate"]).astype(np.int64)
    x = random.standard_normal(shape)
    x = np.where(y == 1, x * cell["SD"] + separation(cell["area"], cell["SD"]), x)
    return zip(y, ndtr(x / 3), strict=True)


def _average_precision(cell: Cell) -> float:
    away = separation(cell["area"], cell["SD"])
    x = away + cell["SD"] * NODES
    right, wrong = cell["rate"] * ndtr((away - x) / cell["SD"]), (1 - cell["rate"]) * ndtr(-x)
    return float(WEIGHTS @ (right / (right + wrong)))


def _precision_rival(seen: Any) -> Interval | None:
    """Boyd's interval: a proportion of as many rows as are positive, on the logit."""
    y = seen[0][np.argsort(-seen[1])]
    positives = int(y.sum())
    if not positives:
        return None
    value = float((np.cumsum(y) / np.arange(1, len(y) + 1))[y == 1].mean())
    return wald_logit(value, value * (1 - value) / positives)


def _precisions() -> Scenario:
    check = "performance.average_precision"
    return Scenario(
        check=check, cells=thinned(_PRECISION, 4), draw=_precision_draw, truth=_average_precision,
        measure=lambda _, seen: measured(check, scored(*seen)), rival=lambda _, seen: _precision_rival(seen),
        rival_name="binomial on the logit (Boyd 2013)", limits=("at_least",),
    )  # fmt: skip


def _one_vs_rest() -> Scenario:
    check = "performance.roc_auc_one_vs_rest"

    def measure(_: Cell, seen: Any) -> Measurement:
        y, score = seen
        true = np.where(y == 1, 0, 1 + np.arange(len(y)) % 2)
        table = np.stack((score, (1 - score) / 2, (1 - score) / 2), axis=1)
        roles = replace(classes(3), has_scores=True)
        return measured(check, scored(true, table, roles=roles, y_pred=true))

    return Scenario(
        check=check, cells=thinned(AUC_CELLS, 3), draw=binormal, truth=lambda cell: float(cell["area"]),
        measure=measure,
        rival=lambda _, seen: wald_logit(*delong(seen[1], seen[0])), rival_name="DeLong on the logit",
        limits=("at_least",),
    )  # fmt: skip


_SEGMENT_ERRORS: Sequence[Cell] = [
    {"n": sum(sizes), "sizes": sizes, "errors": errors, "worse": worse}
    for sizes in ((40, 40), (100, 100), (1000, 1000), (40, 2000), (40,) * 5, (200,) * 5, (40,) * 10)
    for errors in ("normal", "laplace", "gamma")
    for worse in (1.0, 1.5)
]


def _segment_draw(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    shape, sizes = (draws, cell["n"]), cell["sizes"]
    size = {"normal": lambda: np.abs(random.standard_normal(shape)) / np.sqrt(2 / np.pi),
            "laplace": lambda: random.exponential(size=shape),
            "gamma": lambda: random.gamma(4.0, 0.25, shape)}[cell["errors"]]()  # fmt: skip
    return iter(size * np.where(np.arange(cell["n"]) < sizes[0], cell["worse"], 1.0))


def _segment_truth(cell: Cell) -> float:
    share = cell["sizes"][0] / cell["n"]
    return float(cell["worse"] / (share * cell["worse"] + 1 - share))


def _segment_rival(cell: Cell, seen: Any) -> Interval | None:
    """Delta interval of the worst segment's ratio."""
    parts = np.split(seen, np.cumsum(cell["sizes"])[:-1])
    worst = parts[int(np.argmax([part.mean() for part in parts]))]
    ratio, share = float(worst.mean() / seen.mean()), len(worst) / len(seen)
    inside, everywhere = worst.var(ddof=1) / len(worst), seen.var(ddof=1) / len(seen)
    return wald(ratio, float(inside + ratio**2 * everywhere - 2 * ratio * share * inside) / float(seen.mean()) ** 2)


def _segment_errors() -> Scenario:
    check = "performance.segment_error_ratio"
    return Scenario(
        check=check, cells=_SEGMENT_ERRORS, draw=_segment_draw, truth=_segment_truth, rival=_segment_rival,
        measure=lambda cell, seen: measured(
            check, valued(np.zeros(len(seen)), seen, np.repeat(np.arange(len(cell["sizes"])), cell["sizes"]))
        ),
        rival_name="delta method of the worst segment", limits=("at_most",),
    )  # fmt: skip


# Two features of four and three values; the model is worse where both are 0.
_SLICES: Sequence[Cell] = [
    {"n": n, "rate": rate, "behind": behind}
    for n in (400, 1000, 5000)
    for rate in (0.95, 0.8)
    for behind in (0.0, 0.1, 0.3)
]
_SHAPE = (4, 3)


def _slice_draw(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    features = np.stack([random.integers(0, size, (draws, cell["n"])) for size in _SHAPE], axis=1)
    weak = (features == 0).all(axis=1)
    right = random.random((draws, cell["n"])) < cell["rate"] - cell["behind"] * weak
    return iter(np.concatenate((features, right[:, None, :]), axis=1).astype(np.float64))


def _slice_measured(seen: Any) -> Measurement:
    n, roles = seen.shape[1], replace(BINARY, features=("a", "b"))
    columns = {name: Column(kind="i8", values=seen[place].astype(np.int64), missing=np.zeros(n, np.bool_))
               for place, name in enumerate("ab")}  # fmt: skip
    block = Block(
        start=0, roles=roles, columns=columns, y_true=np.zeros(n, np.int64), y_pred=1 - seen[2].astype(np.int64)
    )
    return first(checks()["performance.weakest_slice"].function(Sample.of(block, seed=0, size=n)))


def _slice_truth(cell: Cell, _: Any, found: Measurement) -> float:
    """Accuracy of all rows less that of the slice that was found."""
    rates = np.full(_SHAPE, cell["rate"])
    rates[0, 0] -= cell["behind"]
    part = rates
    for one in found.details["slice"]:
        place = "ab".index(one["column"])
        part = part.take([int(one["level"])], axis=place)
    return float(rates.mean() - part.mean())


def _slice_rival(_: Cell, seen: Any) -> Interval | None:
    """The worst of all slices, taken as if it had not been looked for."""
    right, found = seen[2], []
    for a in range(_SHAPE[0]):
        for b in range(_SHAPE[1]):
            inside = (seen[0] == a) & (seen[1] == b)
            if inside.sum() >= 20:
                found.append(
                    (float(right.mean() - right[inside].mean()), int(inside.sum()), float(right[inside].mean()))
                )
    if not found:
        return None
    gap, n, rate = max(found)
    return wald(gap, rate * (1 - rate) / n)


def _slices() -> Scenario:
    return Scenario(
        check="performance.weakest_slice", cells=_SLICES, draw=_slice_draw,
        seen_truth=_slice_truth, measure=lambda _, seen: _slice_measured(seen), rival=_slice_rival,
        rival_name="Wald of the worst slice on the same rows", limits=("at_most",),
    )  # fmt: skip


def scenarios() -> list[Scenario]:
    """Scenarios of this module, of checks that there are."""
    found = [
        _incumbent(), _erring(), _majority(), _mean(), _precisions(), _one_vs_rest(), _segment_errors(), _slices()
    ]  # fmt: skip
    return [one for one in found if one.check in checks()]


ALL: Sequence[Scenario] = tuple(scenarios())

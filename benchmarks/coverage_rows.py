"""Scenarios of scores and values: rows are drawn from a model, and counted as the engine counts them."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
from scipy.special import expit, ndtr, ndtri
from scipy.stats import laplace, t

from benchmarks.coverage_cells import Cell, Interval, Scenario
from benchmarks.coverage_rivals import delong, log_student, student, wald, wald_logit
from benchmarks.coverage_shares import BINARY, first
from reliability.blocks import Block, Groups, Roles
from reliability.checklist.catalogue import checks
from reliability.records import Measurement

REGRESSION = Roles(task="regression", has_predictions=True, favourable_direction="higher")
# Trapezoidal rule over standard normal values: exact to rounding for what is smooth.
NODES = np.linspace(-8.5, 8.5, 4001)
WEIGHTS = np.exp(-NODES * NODES / 2) / np.exp(-NODES * NODES / 2).sum()
BASE_RATES = (0.01, 0.05, 0.2, 0.5)


def measured(check: str, block: Block, attributes: Sequence[str] = ("group",), **options: Any) -> Measurement:
    """What a check says of rows, on the evidence that its signature names."""
    found = checks()[check]
    evidence = [
        _kind(name).of(block, tuple(attributes)) if name.startswith("group_") else _kind(name).of(block)
        for name in found.evidence
    ]
    return first(found.function(*evidence, **options))


@cache
def _kind(name: str) -> Any:
    return getattr(import_module(f"reliability.evidence.{name}"), name.title().replace("_", ""))


def scored(y_true: Any, y_score: Any, groups: Any = None, *, roles: Roles = BINARY, y_pred: Any = None) -> Block:
    """Rows with scores; the predicted class is the likelier one."""
    predicted = (np.asarray(y_score) > 0.5).astype(np.int64) if y_pred is None else y_pred
    return Block(start=0, roles=roles, columns={}, y_true=np.asarray(y_true, np.int64), y_pred=predicted,
                 y_score=np.asarray(y_score, np.float64), groups=grouped(groups))  # fmt: skip


def valued(y_true: Any, y_pred: Any, groups: Any = None) -> Block:
    """Rows with values."""
    return Block(start=0, roles=REGRESSION, columns={}, y_true=y_true, y_pred=y_pred, groups=grouped(groups))


def grouped(groups: Any) -> Mapping[str, Groups]:
    """The group of every row, by the name `group`."""
    if groups is None:
        return {}
    codes = np.asarray(groups, np.int32)
    return {"group": Groups(codes=codes, levels=tuple(f"g{index:02d}" for index in range(int(codes.max()) + 1)))}


def outcomes(random: np.random.Generator, cell: Cell, shape: Any) -> tuple[Any, Any]:
    """Outcomes and scores: logit of the true chance is normal, the score's logit is `slope` times it."""
    logits = intercept(cell["rate"], cell["spread"]) + cell["spread"] * random.standard_normal(shape)
    y = random.random(shape) < expit(logits)
    return y.astype(np.int64), expit(cell.get("slope", 1.0) * logits + cell.get("shift", 0.0))


@cache
def intercept(rate: float, spread: float) -> float:
    """Mean logit at which outcomes have this rate."""
    low, high = -30.0, 30.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if float(WEIGHTS @ expit(middle + spread * NODES)) < rate else (low, middle)
    return (low + high) / 2


def expected(cell: Cell, loss: Callable[[Any, Any], Any]) -> float:
    """Mean over the generating model of a function of the true chance and the score."""
    logits = intercept(cell["rate"], cell["spread"]) + cell["spread"] * NODES
    return float(WEIGHTS @ loss(expit(logits), expit(cell.get("slope", 1.0) * logits + cell.get("shift", 0.0))))


def losses(check: str, loss: Callable[[Any, Any], Any], **more: Any) -> Scenario:
    """A mean over rows of a loss of the outcome and the score."""
    return Scenario(
        check=check,
        cells=more.get("cells", LOSS_CELLS),
        draw=lambda random, cell, draws: zip(*outcomes(random, cell, (draws, cell["n"])), strict=True),
        truth=lambda cell: expected(cell, lambda p, s: p * loss(1, s) + (1 - p) * loss(0, s)),
        measure=lambda _, seen: measured(check, scored(*seen)),
        rival=lambda _, seen: more.get("alternative", student)(loss(*seen)),
        rival_name=more.get("rival_name", "Student's t"),
        limits=("at_most",),
    )


LOSS_CELLS: Sequence[Cell] = [
    {"n": n, "rate": rate, "spread": spread, "slope": slope}
    for n in (30, 100, 300, 1000)
    for rate in BASE_RATES
    for spread, slope in ((1.0, 1.0), (2.0, 1.0), (1.0, 1.6), (2.0, 0.6))
] + [{"n": 10_000, "rate": rate, "spread": 2.0, "slope": 1.0} for rate in BASE_RATES]


def squared(y: Any, score: Any) -> Any:
    """Squared difference."""
    return (score - y) ** 2


def logarithmic(y: Any, score: Any) -> Any:
    """Logarithmic loss."""
    return -(y * np.log(score) + (1 - y) * np.log1p(-score))


def _skill(cell: Cell) -> float:
    wrong = expected(cell, lambda p, s: p * (1 - s) ** 2 + (1 - p) * s**2)
    return 1 - wrong / (cell["rate"] * (1 - cell["rate"]))


def _skill_scenario() -> Scenario:
    return Scenario(
        check="calibration.brier_skill_score",
        cells=LOSS_CELLS,
        draw=lambda random, cell, draws: zip(*outcomes(random, cell, (draws, cell["n"])), strict=True),
        truth=_skill,
        measure=lambda _, seen: measured("calibration.brier_skill_score", scored(*seen)),
        rival=lambda _, seen: explained(seen[0], seen[1]),
        rival_name="delta method",
        limits=("at_least",),
    )


def explained(y: Any, predicted: Any) -> Interval | None:
    """Delta interval of 1 - sum (p - y)^2 / sum (y - mean)^2."""
    squares, spread = (predicted - y) ** 2, (y - np.mean(y)) ** 2
    if not spread.mean() > 0:
        return None
    odds = squares.mean() / spread.mean()
    influence = (squares - odds * spread) / spread.mean()
    return wald(1 - float(odds), float(influence.var(ddof=1)) / len(y))


ERRORS: Mapping[str, Callable[[np.random.Generator, Any], Any]] = {
    "normal": lambda random, shape: random.standard_normal(shape),
    "laplace": lambda random, shape: random.laplace(size=shape),
    "t5": lambda random, shape: random.standard_t(5, shape),
    "lognormal": lambda random, shape: np.exp(0.7 * random.standard_normal(shape)) - np.exp(0.245),
    "uniform": lambda random, shape: random.uniform(-1, 1, shape),
}
ERROR_CELLS: Sequence[Cell] = [
    {"n": n, "errors": errors, "noise": 1.0} for n in (30, 100, 300, 1000) for errors in ERRORS
] + [{"n": 10_000, "errors": "normal", "noise": 1.0}]
EXPLAINED_CELLS: Sequence[Cell] = [
    {"n": n, "errors": errors, "noise": noise}
    for n in (30, 100, 300, 1000)
    for errors, noise in (("normal", 0.3), ("normal", 1.0), ("normal", 3.0), ("laplace", 1.0), ("t5", 0.5),
                          ("lognormal", 0.3), ("lognormal", 1.0))
]  # fmt: skip


def values(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    """True values are standard normal predictions plus errors."""
    predicted = random.standard_normal((draws, cell["n"]))
    return zip(predicted + cell["noise"] * ERRORS[cell["errors"]](random, (draws, cell["n"])), predicted, strict=True)


# Quantiles of the errors, as many as make their means exact to five digits.
_LEVELS = (np.arange(400_000) + 0.5) / 400_000
_QUANTILES: Mapping[str, Callable[[Any], Any]] = {
    "normal": ndtri,
    "laplace": laplace.ppf,
    "t5": t(5).ppf,
    "lognormal": lambda levels: np.exp(0.7 * ndtri(levels)) - np.exp(0.245),
    "uniform": lambda levels: 2 * levels - 1,
}
_SQUARES = {
    "normal": 1.0,
    "laplace": 2.0,
    "t5": 5 / 3,
    "uniform": 1 / 3,
    "lognormal": float(np.exp(0.98) - np.exp(0.49)),
}


@cache
def error_moment(errors: str, which: str) -> float:
    """A moment of the errors, whose mean is 0: `absolute`, `square`, or the `median` of their size."""
    if which == "square":
        return _SQUARES[errors]
    sizes = np.abs(_QUANTILES[errors](_LEVELS))
    return float(sizes.mean() if which == "absolute" else np.median(sizes))


def _of_errors(
    check: str, truth: Callable[[Cell], float], rival: Callable[[Any], Interval | None], name: str
) -> Scenario:
    return Scenario(
        check=check, cells=ERROR_CELLS, draw=values, truth=truth, rival_name=name,
        measure=lambda _, seen: measured(check, valued(*seen)),
        rival=lambda _, seen: rival(np.abs(seen[0] - seen[1])), limits=("at_most",),
    )  # fmt: skip


def _root(errors: Any) -> Interval | None:
    """Delta interval of a root mean square."""
    squares = errors**2
    mean = float(squares.mean())
    return wald(float(np.sqrt(mean)), float(squares.var(ddof=1)) / len(errors) / (4 * mean)) if mean > 0 else None


def _order_statistics(errors: Any) -> Interval | None:
    """Binomial interval of a median, by the normal approximation of its ranks."""
    x, n = np.sort(errors), len(errors)
    half = 1.959963984540054 * np.sqrt(n) / 2
    return float(x[max(0, int(np.floor(n / 2 - half)))]), float(x[min(n - 1, int(np.ceil(n / 2 + half)))])


def _explained_scenario() -> Scenario:
    return Scenario(
        check="performance.r2_score",
        cells=EXPLAINED_CELLS,
        draw=values,
        truth=lambda cell: 1 - cell["noise"] ** 2 * error_moment(cell["errors"], "square")
        / (1 + cell["noise"] ** 2 * error_moment(cell["errors"], "square")),
        measure=lambda _, seen: measured("performance.r2_score", valued(*seen)),
        rival=lambda _, seen: explained(seen[0], seen[1]),
        rival_name="delta method",
        limits=("at_least",),
    )  # fmt: skip


AUC_CELLS: Sequence[Cell] = [
    {"n": sum(sizes), "sizes": sizes, "area": area, "SD": spread}
    for sizes in ((15, 15), (10, 20), (50, 50), (10, 100), (100, 10), (20, 1000), (150, 150), (500, 500), (5000, 5000))
    for area in (0.6, 0.75, 0.9, 0.98)
    for spread in (0.5, 1.0, 2.0)
    if sizes[0] < 5000 or spread == 1.0
]


def binormal(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    """Positive and other rows with normal scores of unequal spread, mapped into (0, 1)."""
    positives, others = cell["sizes"]
    y = np.repeat([1, 0], [positives, others])
    x = random.standard_normal((draws, positives + others))
    x[:, :positives] = x[:, :positives] * cell["SD"] + separation(cell["area"], cell["SD"])
    return ((y, scores) for scores in ndtr(x / 3))


def separation(area: float, spread: float) -> float:
    """Distance of the means at which the area under the ROC curve is so large."""
    return float(ndtri(area) * np.sqrt(1 + spread * spread))


def _auc_scenario() -> Scenario:
    return Scenario(
        check="performance.roc_auc", cells=AUC_CELLS, draw=binormal, truth=lambda cell: float(cell["area"]),
        measure=lambda _, seen: measured("performance.roc_auc", scored(*seen)),
        rival=lambda _, seen: wald_logit(*delong(seen[1], seen[0])), rival_name="DeLong on the logit",
        limits=("at_least",),
    )  # fmt: skip


def scenarios() -> list[Scenario]:
    """Scenarios of this module, of checks that there are."""
    found = [
        losses("performance.brier_score", squared),
        losses("performance.log_loss", logarithmic, alternative=log_student,
               rival_name="delta method on the logarithm"),
        _skill_scenario(),
        _of_errors("performance.mean_absolute_error",
                   lambda cell: cell["noise"] * error_moment(cell["errors"], "absolute"), student, "Student's t"),
        _of_errors("performance.root_mean_squared_error",
                   lambda cell: cell["noise"] * error_moment(cell["errors"], "square") ** 0.5, _root, "delta method"),
        _of_errors("performance.median_absolute_error",
                   lambda cell: cell["noise"] * error_moment(cell["errors"], "median"), _order_statistics,
                   "order statistics, normal ranks"),
        _explained_scenario(),
        _auc_scenario(),
    ]  # fmt: skip
    return [one for one in found if one.check in checks()]


ALL: Sequence[Scenario] = tuple(scenarios())

"""Scenarios of what is worked out from a whole table of true and predicted classes."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.coverage_cells import Cell, Interval, Scenario, Side
from benchmarks.coverage_rivals import wald
from benchmarks.coverage_shares import classes, f1_shares, matrix
from reliability.checklist.catalogue import checks
from reliability.evidence.confusion_matrix import ConfusionMatrix
from reliability.records import Measurement

_STEP = 1e-6
_BINARY = [
    {"positive": rate, "recall": recall, "precision": precision}
    for rate, recall, precision in ((0.5, 0.9, 0.9), (0.5, 0.6, 0.6), (0.2, 0.7, 0.5), (0.1, 0.5, 0.2),
                                    (0.05, 0.8, 0.8), (0.01, 0.5, 0.5), (0.2, 0.98, 0.98))
]  # fmt: skip
TABLE_CELLS: Sequence[Cell] = [
    *({"n": n, **one} for n in (30, 100, 300, 1000, 10_000) for one in _BINARY),
    *({"n": n, "shares": shares, "right": right}
      for n in (100, 300, 1000, 10_000)
      for shares in ((1, 1, 1), (6, 3, 1), (50, 10, 1), (1,) * 10)
      for right in (0.6, 0.9)),
]  # fmt: skip


def chances(cell: Cell) -> Any:
    """Chance of every true (rows) and predicted class."""
    if "shares" not in cell:
        right, wrong, missed, others = f1_shares(cell)
        return np.array([[others, wrong], [missed, right]])
    shares, size = np.array(cell["shares"], float), len(cell["shares"])
    table = np.full((size, size), (1 - cell["right"]) / (size - 1))
    np.fill_diagonal(table, cell["right"])
    return (shares / shares.sum())[:, None] * table


def draw(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    """Tables of true and predicted class."""
    table = chances(cell)
    return random.multinomial(cell["n"], table.ravel() / table.sum(), draws).reshape(draws, *table.shape)


def table_of(seen: Any) -> ConfusionMatrix:
    """Tables that were drawn, as the engine counts them."""
    return matrix(seen) if len(seen) == 2 else matrix(seen, classes(len(seen)))


def macro(table: Any) -> float:
    """Mean F1."""
    return float(_each(table)[_met(table)].mean())


def weighted(table: Any) -> float:
    """F1 weighted by the classes' rows."""
    return float((_each(table) * table.sum(axis=1)).sum() / table.sum())


def matthews(table: Any) -> float:
    """Matthews' correlation of many classes."""
    true, predicted, n = table.sum(axis=1), table.sum(axis=0), table.sum()
    spread = (n * n - (true**2).sum()) * (n * n - (predicted**2).sum())
    return float((n * np.trace(table) - true @ predicted) / np.sqrt(spread)) if spread > 0 else 0.0


def entropy(table: Any, alpha: float) -> float:
    """Generalised entropy of the benefits 1 + predicted - true."""
    shares = np.array([table[1, 0], np.trace(table), table[0, 1]]) / table.sum()
    benefit = np.array([0.0, 1.0, 2.0]) / (shares @ np.array([0.0, 1.0, 2.0]))
    if alpha == 1:
        return float(shares[1:] @ (benefit[1:] * np.log(benefit[1:])))
    return float(shares @ (benefit**alpha - 1)) / (alpha * (alpha - 1))


def _each(table: Any) -> Any:
    among = table.sum(axis=0) + table.sum(axis=1)
    return 2 * np.diagonal(table) / np.where(among > 0, among, 1)


def _met(table: Any) -> Any:
    return (table.sum(axis=0) + table.sum(axis=1)) > 0


def _delta(table: Any, functional: Callable[[Any], float]) -> Interval | None:
    """Delta interval, the derivatives by small steps from the observed shares."""
    n = int(table.sum())
    shares = np.asarray(table, float) / n
    value = functional(shares)
    slopes = np.zeros(table.shape)
    for place in zip(*np.nonzero(table), strict=True):
        moved = shares.copy()
        moved[place] += _STEP
        slopes[place] = (functional(moved / moved.sum()) - value) / _STEP
    return wald(value, float((shares * slopes**2).sum() - (shares * slopes).sum() ** 2) / n)


def _functional(
    check: str, functional: Callable[[Any], float], side: Side, cells: Sequence[Cell], **options: Any
) -> Scenario:
    function = checks()[check].function if check in checks() else None

    def measure(_: Cell, seen: Any) -> Measurement:
        if function is None:
            raise ValueError(f"there is no {check}")
        return function(table_of(seen), **options)

    return Scenario(
        check=check, variant=", ".join(f"{name} {value:g}" for name, value in options.items()), cells=cells, draw=draw,
        truth=lambda cell: functional(chances(cell)), measure=measure, rival=lambda _, seen: _delta(seen, functional),
        rival_name="delta method", limits=(side,),
    )  # fmt: skip


def scenarios() -> list[Scenario]:
    """Scenarios of this module, of checks that there are."""
    binary = [cell for cell in TABLE_CELLS if "shares" not in cell]
    found = [
        _functional("performance.f1_macro", macro, "at_least", TABLE_CELLS),
        _functional("performance.f1_weighted", weighted, "at_least", TABLE_CELLS),
        _functional("performance.matthews_correlation", matthews, "at_least", TABLE_CELLS),
        _functional("fairness.generalized_entropy_index", lambda table: entropy(table, 2), "at_most", binary),
        _functional(
            "fairness.generalized_entropy_index", lambda table: entropy(table, 0.5), "at_most", binary[::3], alpha=0.5
        ),
        _functional("fairness.theil_index", lambda table: entropy(table, 1), "at_most", binary),
    ]
    return [one for one in found if one.check in checks()]


ALL: Sequence[Scenario] = tuple(scenarios())

"""Scenarios of groups compared by their scores or by their errors: rows are drawn."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from scipy.special import expit, ndtr, ndtri
from scipy.stats import gamma, laplace

from benchmarks import coverage_odds
from benchmarks.coverage_cells import Cell, EqualGroups, Interval, Scenario, Side, thinned
from benchmarks.coverage_groups import EQUAL_GROUPS, EQUAL_RATES, EQUAL_SIZES
from benchmarks.coverage_odds import SIZES, codes, normal_gap
from benchmarks.coverage_rivals import delong, mover_wilson
from benchmarks.coverage_rows import (
    NODES,
    WEIGHTS,
    intercept,
    measured,
    scored,
    separation,
    valued,
)
from reliability.checklist.catalogue import checks

# Scores by group.

_OFFSETS: Sequence[Cell] = [
    {"n": sum(sizes), "sizes": sizes, "rate": rate, "spread": 1.5, "apart": apart}
    for sizes in SIZES
    for rate in (0.01, 0.1, 0.4)
    for apart in (0.0, 1.0)
]


def _shifts(cell: Cell) -> Any:
    return np.linspace(0, cell["apart"], len(cell["sizes"]))


def _offset_draw(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    logits = intercept(cell["rate"], cell["spread"]) + cell["spread"] * random.standard_normal((draws, cell["n"]))
    y = (random.random((draws, cell["n"])) < expit(logits)).astype(np.int64)
    return zip(y, expit(logits + _shifts(cell)[codes(cell["sizes"])]), strict=True)


def _offset_truth(cell: Cell) -> float:
    logits = intercept(cell["rate"], cell["spread"]) + cell["spread"] * NODES
    gaps = [float(WEIGHTS @ (expit(logits + shift) - expit(logits))) for shift in _shifts(cell)]
    return max(gaps) - min(gaps)


def _means(values: Any, sizes: Sequence[int]) -> Interval | None:
    parts = np.split(values, np.cumsum(sizes)[:-1])
    means = np.array([part.mean() for part in parts])
    return normal_gap(means, np.array([part.std(ddof=1) / np.sqrt(len(part)) for part in parts]))


def _offsets() -> Scenario:
    check = "fairness.calibration_difference"
    return Scenario(
        check=check, cells=thinned(_OFFSETS, 5), draw=_offset_draw, truth=_offset_truth,
        measure=lambda cell, seen: measured(check, scored(*seen, codes(cell["sizes"]))),
        rival=lambda cell, seen: _means(seen[1] - seen[0], cell["sizes"]),
        rival_name="normal, at the studentised range", limits=("at_most",),
    )  # fmt: skip


_AREAS: Sequence[Cell] = [
    {"n": 2 * sum(sizes), "sizes": sizes, "area": area, "apart": apart, "SD": spread}
    for sizes in ((15, 15), (50, 50), (500, 500), (20, 1000), (15,) * 5, (100,) * 5, (100,) * 10)
    for area in (0.7, 0.9, 0.97)
    for apart in (0.0, 0.15)
    for spread in (1.0, 2.0)
]


def _areas(cell: Cell) -> Any:
    return cell["area"] - np.linspace(0, cell["apart"], len(cell["sizes"]))


def _area_draw(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    """Every group has as many positive rows as others."""
    groups = np.repeat(codes(cell["sizes"]), 2)
    y = np.tile([0, 1], sum(cell["sizes"]))
    x = random.standard_normal((draws, len(y)))
    away = np.array([separation(area, cell["SD"]) for area in _areas(cell)])[groups]
    return ((y, row) for row in expit(np.where(y == 1, x * cell["SD"] + away, x)))


def _area_rival(cell: Cell, seen: Any) -> Interval | None:
    groups = np.repeat(codes(cell["sizes"]), 2)
    found = [delong(seen[1][groups == one], seen[0][groups == one]) for one in range(len(cell["sizes"]))]
    return normal_gap(np.array([area for area, _ in found]), np.sqrt([variance for _, variance in found]))


def _area_gap() -> Scenario:
    check = "fairness.roc_auc_difference"
    return Scenario(
        check=check, cells=thinned(_AREAS, 4), draw=_area_draw,
        truth=lambda cell: float(np.ptp(_areas(cell))), rival=_area_rival,
        measure=lambda cell, seen: measured(check, scored(*seen, np.repeat(codes(cell["sizes"]), 2))),
        rival_name="DeLong, at the studentised range", limits=("at_most",),
    )  # fmt: skip


_MEDIANS: Sequence[Cell] = [
    {"n": sum(sizes), "sizes": sizes, "apart": apart} for sizes in SIZES for apart in (0.0, 0.5, 1.5)
]


def _above(cell: Cell) -> Any:
    """Every group's chance of a score above the median of all rows, groups in the shares they have."""
    shifts, shares = _shifts(cell), np.array(cell["sizes"]) / sum(cell["sizes"])
    low, high = -10.0, 10.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if float(shares @ ndtr(middle - shifts)) < 0.5 else (low, middle)
    return 1 - ndtr((low + high) / 2 - shifts)


def _median_draw(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    return iter(expit(random.standard_normal((draws, cell["n"])) + _shifts(cell)[codes(cell["sizes"])]))


def _median_rival(cell: Cell, seen: Any) -> Interval | None:
    above = np.bincount(codes(cell["sizes"]), seen > np.median(seen))
    return mover_wilson(above, cell["sizes"], ratio=True)


def _medians() -> Scenario:
    check = "fairness.scoring_rate_ratio"
    return Scenario(
        check=check, cells=_MEDIANS, draw=_median_draw, rival=_median_rival,
        truth=lambda cell: float(_above(cell).min() / _above(cell).max()),
        measure=lambda cell, seen: measured(check, scored(np.arange(len(seen)) % 2, seen, codes(cell["sizes"]))),
        rival_name="MOVER on Wilson limits, the median taken as given", limits=("at_least",),
    )  # fmt: skip


# Errors by group.

_GAPS: Sequence[Cell] = [
    {"n": sum(sizes), "sizes": sizes, "apart": apart, "errors": errors}
    for sizes in ((30, 30), (100, 100), (1000, 1000), (40, 2000), (30,) * 5, (200,) * 5, (30,) * 10)
    for apart in (0.0, 0.5)
    for errors in ("normal", "laplace", "gamma")
]


def _error_draw(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    """Errors around a mean that differs by group; predictions are standard normal."""
    shape = (draws, cell["n"])
    noise = {"normal": random.standard_normal, "laplace": lambda size: random.laplace(size=size) / np.sqrt(2),
             "gamma": lambda size: random.gamma(4.0, 0.5, size) - 2}[cell["errors"]](shape)  # fmt: skip
    predicted = random.standard_normal(shape) + _shifts(cell)[codes(cell["sizes"])]
    return zip(noise, predicted, strict=True)


@cache
def _absolute(errors: str, shift: float) -> float:
    """Mean absolute error of predictions shifted by so much: a folded normal's mean at every quantile of the errors."""
    levels = (np.arange(200_000) + 0.5) / 200_000
    noise = {
        "normal": ndtri,
        "laplace": lambda u: laplace.ppf(u) / np.sqrt(2),
        "gamma": lambda u: gamma(4).ppf(u) / 2 - 2,
    }
    away = shift - noise[errors](levels)
    return float((np.sqrt(2 / np.pi) * np.exp(-away * away / 2) + away * (2 * ndtr(away) - 1)).mean())


_GAP_TRUTHS: dict[str, Callable[[Cell], float]] = {
    "mean_absolute_error_difference": lambda cell: (
        _absolute(cell["errors"], cell["apart"]) - _absolute(cell["errors"], 0.0)
    ),
    "mean_error_difference": lambda cell: float(cell["apart"]),
    "mean_prediction_difference": lambda cell: float(cell["apart"]),
}
_GAP_VALUES: dict[str, Callable[[Any, Any], Any]] = {
    "mean_absolute_error_difference": lambda y, predicted: np.abs(predicted - y),
    "mean_error_difference": lambda y, predicted: predicted - y,
    "mean_prediction_difference": lambda _, predicted: predicted,
}


def _gaps(name: str) -> Scenario:
    return Scenario(
        check=f"fairness.{name}", cells=_GAPS, draw=_error_draw, truth=_GAP_TRUTHS[name],
        measure=lambda cell, seen: measured(f"fairness.{name}", valued(*seen, codes(cell["sizes"]))),
        rival=lambda cell, seen: _means(_GAP_VALUES[name](*seen), cell["sizes"]),
        rival_name="normal, at the studentised range", limits=("at_most",),
    )  # fmt: skip


def scenarios() -> list[Scenario]:
    """Scenarios of this module, of checks that there are."""
    found = [
        _offsets(),
        _area_gap(),
        _medians(),
        *(_gaps(name) for name in _GAP_TRUTHS),
    ]
    return [one for one in found if one.check in checks()]


def equal_groups() -> list[EqualGroups]:
    """The same on groups that do not differ."""
    counted = thinned([{"groups": groups, "size": size, "rate": rate}
                       for groups in EQUAL_GROUPS for size in EQUAL_SIZES for rate in EQUAL_RATES], 2)  # fmt: skip
    rows = [{"groups": groups, "size": size, "rate": rate}
            for groups in (2, 5, 10) for size in (30, 100, 1000) for rate in (0.05, 0.4)]  # fmt: skip
    found = []
    for scenario in (*coverage_odds.ALL, *scenarios()):
        build = _EQUAL.get(scenario.check)
        if build is not None:
            side, limit, of_rows = build
            found.append(
                EqualGroups(
                    check=scenario.check, side=side, limit=limit, cells=rows if of_rows else counted,
                    draw=lambda random, cell, draws, scenario=scenario: scenario.draw(random, _same(cell), draws),
                    measure=lambda cell, seen, scenario=scenario: scenario.measure(_same(cell), seen),
                    numbers=lambda cell: cell["groups"] * cell["size"] * 4,
                )
            )  # fmt: skip
    return found


# Side and limit; whether rows are drawn, not counts.
_EQUAL: dict[str, tuple[Side, float, bool]] = {
    "fairness.equalized_odds_difference": ("at_most", 0.10, False),
    "fairness.equalized_odds_ratio": ("at_least", 0.80, False),
    "performance.segment_gap": ("at_most", 0.10, False),
    "fairness.standardized_selection_rate_difference": ("at_most", 0.10, False),
    "fairness.mantel_haenszel_selection_ratio": ("at_least", 0.80, False),
    "fairness.calibration_difference": ("at_most", 0.10, True),
    "fairness.roc_auc_difference": ("at_most", 0.05, True),
    "fairness.scoring_rate_ratio": ("at_least", 0.80, True),
    "fairness.mean_absolute_error_difference": ("at_most", 0.10, True),
    "fairness.mean_error_difference": ("at_most", 0.10, True),
    "fairness.mean_prediction_difference": ("at_most", 0.10, True),
}


@cache
def _same_of(groups: int, size: int, rate: float) -> Cell:
    sizes = (size,) * groups
    return {"n": sum(sizes), "sizes": sizes, "rate": rate, "true positives": 0.8, "false positives": rate, "apart": 0.0,
            "behind": 0.0, "strata": 2, "ratio": 1.0, "spread": 1.5, "area": 0.95 - rate / 2, "SD": 1.0,
            "errors": "laplace"}  # fmt: skip


def _same(cell: Cell) -> Cell:
    return _same_of(cell["groups"], cell["size"], cell["rate"])


ALL: Sequence[Scenario] = tuple(scenarios())
EQUAL: Sequence[EqualGroups] = tuple(equal_groups())

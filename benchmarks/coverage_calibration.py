"""Scenarios of calibration: whether scores come true, over bins and by a fitted line."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from scipy.special import expit, logit

from benchmarks.coverage_cells import Cell, Interval, Scenario, thinned
from benchmarks.coverage_rivals import Z
from benchmarks.coverage_rows import BASE_RATES, NODES, WEIGHTS, intercept, measured, outcomes, scored
from reliability.checklist.catalogue import checks

BINS = 15
CELLS: Sequence[Cell] = [
    {"n": n, "rate": rate, "spread": spread, "slope": slope, "shift": shift}
    for n in (30, 100, 300, 1000, 10_000)
    for rate in (BASE_RATES if n < 10_000 else (0.05, 0.5))
    for spread, slope, shift in ((1.0, 1.0, 0.0), (2.0, 1.0, 0.0), (1.0, 1.8, 0.3), (2.0, 0.5, -0.2), (1.0, 1.0, 0.6))
]
# Fits take tens of milliseconds: fewer cells.
LINE_CELLS: Sequence[Cell] = [
    {"n": n, "rate": rate, "spread": spread, "slope": slope, "shift": shift}
    for n, rate in ((30, 0.5), (100, 0.1), (100, 0.5), (300, 0.05), (1000, 0.01), (1000, 0.5))
    for spread, slope, shift in ((1.0, 1.0, 0.0), (2.0, 0.5, -0.2))
]
_FINE = np.linspace(NODES[0], NODES[-1], 200_001)
_DENSITY = np.exp(-_FINE * _FINE / 2) / np.exp(-_FINE * _FINE / 2).sum()


@cache
def _cumulated(rate: float, spread: float, slope: float, shift: float) -> tuple[Any, Any]:
    """Scores, ascending; and up to each the share of rows, the mean of score minus chance."""
    logits = intercept(rate, spread) + spread * _FINE
    scores = expit(slope * logits + shift)
    return scores, np.cumsum(np.stack((_DENSITY, _DENSITY * (scores - expit(logits)))), axis=1)


def population(cell: Cell, edges: Any) -> tuple[Any, Any]:
    """Of the bins between inner edges of the score: share of the rows, and score minus chance, summed."""
    scores, sums = _cumulated(cell["rate"], cell["spread"], cell["slope"], cell["shift"])
    padded = np.pad(sums, ((0, 0), (1, 0)))
    at = np.concatenate(([0], np.searchsorted(scores, edges, side="right"), [len(scores)]))
    weights, gaps = np.diff(padded[:, at], axis=1)
    return weights, gaps


def _width_edges() -> Any:
    return np.arange(1, BINS) / BINS


def _mass_edges(scores: Any) -> Any:
    """Inner edges of the check's own bins of as many rows: half way between the rows on either side."""
    x = np.sort(scores)
    n = len(x)
    places = np.minimum((2 * np.arange(1, n + 1) - 1) * BINS // (2 * n), BINS - 1)
    at = np.flatnonzero(np.diff(places))
    return (x[at] + x[at + 1]) / 2


def _mean_gap(cell: Cell, edges: Any) -> float:
    return float(np.abs(population(cell, edges)[1]).sum())


def _largest_gap(cell: Cell, scores: Any, edges: Any, least: int) -> float:
    """Largest gap of the bins that hold enough of the rows."""
    rows = np.bincount(np.searchsorted(edges, scores, side="left"), minlength=len(edges) + 1)
    weights, gaps = population(cell, edges)
    used = (rows >= least) & (weights > 0)
    return float(np.abs(gaps[used] / weights[used]).max()) if used.any() else 0.0


def _binned(y: Any, scores: Any, edges: Any) -> tuple[Any, Any]:
    place = np.searchsorted(edges, scores, side="left")
    size = np.bincount(place, minlength=len(edges) + 1)
    return size, np.bincount(place, scores - y, minlength=len(edges) + 1)


def _bootstrap(seen: Any, edges: Any, *, largest: bool) -> Interval | None:
    """Percentile bootstrap of the plug-in value, 200 resamples of the rows of every bin as normal values."""
    y, scores = seen
    size, gaps = _binned(y, scores, edges)
    some = size > (9 if largest else 0)
    if not some.any():
        return None
    mean = gaps[some] / size[some]
    spread = np.bincount(np.searchsorted(edges, scores, side="left"), (scores - y) ** 2, minlength=len(size))
    error = np.sqrt(np.maximum(spread[some] / size[some] - mean**2, 0) / size[some])
    again = np.abs(mean + error * np.random.default_rng(1).standard_normal((200, len(mean))))
    values = again.max(axis=1) if largest else again @ (size[some] / size.sum())
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def _ece(variant: str, **options: Any) -> Scenario:
    mass = options.get("equal_mass", False)
    check = "calibration.expected_calibration_error"
    return Scenario(
        check=check, variant=variant, cells=thinned(CELLS, 2 if options else 4),
        draw=lambda random, cell, draws: zip(*outcomes(random, cell, (draws, cell["n"])), strict=True),
        truth=lambda cell: _mean_gap(cell, _width_edges()),
        seen_truth=(lambda cell, seen, _: _mean_gap(cell, _mass_edges(seen[1]))) if mass else None,
        measure=lambda _, seen: measured(check, scored(*seen), **options),
        rival=lambda _, seen: _bootstrap(seen, _mass_edges(seen[1]) if mass else _width_edges(), largest=False),
        rival_name="percentile bootstrap", limits=("at_most",),
    )  # fmt: skip


def _mce() -> Scenario:
    check = "calibration.maximum_calibration_error"
    return Scenario(
        check=check, cells=thinned(CELLS, 3),
        draw=lambda random, cell, draws: zip(*outcomes(random, cell, (draws, cell["n"])), strict=True),
        seen_truth=lambda cell, seen, _: _largest_gap(cell, seen[1], _width_edges(), 10),
        measure=lambda _, seen: measured(check, scored(*seen)),
        rival=lambda _, seen: _bootstrap(seen, _width_edges(), largest=True),
        rival_name="percentile bootstrap", limits=("at_most",),
    )  # fmt: skip


def fitted(y: Any, x: Any) -> tuple[Any, Any]:
    """Logistic regression of outcomes on the logit of the score: intercept and slope, and their covariance."""
    design, beta = np.stack((np.ones_like(x), x), axis=1), np.zeros(2)
    information = np.eye(2)
    for _ in range(30):
        chance = expit(design @ beta)
        information = design.T @ (design * (chance * (1 - chance))[:, None])
        if np.linalg.cond(information) > 1e12:
            return beta, None
        step = np.linalg.solve(information, design.T @ (y - chance))
        beta = beta + step
        if np.abs(step).max() < 1e-9:
            return beta, np.linalg.inv(information)
    return beta, None


def _wald_line(seen: Any, place: int) -> Interval | None:
    beta, covariance = fitted(seen[0], logit(seen[1]))
    if covariance is None:
        return None
    half = Z * float(np.sqrt(covariance[place, place]))
    return float(beta[place]) - half, float(beta[place]) + half


def _wald_offset(seen: Any) -> Interval | None:
    """Intercept with the slope held at 1."""
    y, x = seen[0], logit(seen[1])
    if not 0 < y.sum() < len(y):
        return None
    a = 0.0
    for _ in range(50):
        chance = expit(a + x)
        a += float((y - chance).sum() / (chance * (1 - chance)).sum())
    chance = expit(a + x)
    half = Z / float(np.sqrt((chance * (1 - chance)).sum()))
    return a - half, a + half


@cache
def _offset(rate: float, spread: float, slope: float, shift: float) -> float:
    """Intercept at which scores with slope 1 would have the true rate."""
    scores = slope * (intercept(rate, spread) + spread * NODES) + shift
    low, high = -30.0, 30.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if float(WEIGHTS @ expit(scores + middle)) < rate else (low, middle)
    return (low + high) / 2


def _line(check: str, truth: Any, rival: Any, name: str) -> Scenario:
    return Scenario(
        check=check, cells=LINE_CELLS,
        draw=lambda random, cell, draws: zip(*outcomes(random, cell, (draws, cell["n"])), strict=True),
        truth=truth, measure=lambda _, seen: measured(check, scored(*seen)), rival=lambda _, seen: rival(seen),
        rival_name=name,
    )  # fmt: skip


def scenarios() -> list[Scenario]:
    """Scenarios of this module, of checks that there are."""
    found = [
        _ece("equal width"),
        _ece("equal mass", equal_mass=True),
        _ece("debiased value", debiased=True),
        _mce(),
        _line("calibration.calibration_slope", lambda cell: 1 / cell["slope"], lambda seen: _wald_line(seen, 1),
              "Wald"),
        _line("calibration.calibration_intercept",
              lambda cell: _offset(cell["rate"], cell["spread"], cell["slope"], cell["shift"]), _wald_offset, "Wald"),
    ]  # fmt: skip
    return [one for one in found if one.check in checks()]


ALL: Sequence[Scenario] = tuple(scenarios())

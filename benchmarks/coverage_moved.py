"""Scenarios of columns that have moved since training, and of accuracy lost under noise."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.special import ndtr

from benchmarks.coverage_asked import disturbed, numbers
from benchmarks.coverage_cells import Cell, Interval, Scenario
from benchmarks.coverage_rivals import Z, gap_at_its_place, student, wald
from benchmarks.coverage_shares import BINARY
from reliability.blocks import Block, Column
from reliability.checks.drift import columns
from reliability.checks.robustness import drops
from reliability.evidence.column_histogram import ColumnHistogram
from reliability.evidence.probe import Answers
from reliability.records import Measurement

_SIZES = ((300, 300), (1000, 5000), (10_000, 1000))  # of evaluation, of training


def _counted(columns_of_rows: Sequence[Any]) -> ColumnHistogram:
    named = {f"x{place}": numbers(values) for place, values in enumerate(columns_of_rows)}
    n = len(columns_of_rows[0])
    roles = replace(BINARY, features=tuple(named), target="y")
    return ColumnHistogram.of(Block(start=0, roles=roles, columns=named, y_true=np.zeros(n, np.int64)))


# Categories: shares before and after, of one column.

_MOVES: Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "none of two": ((0.3, 0.7), (0.3, 0.7)),
    "none of ten": ((0.1,) * 10, (0.1,) * 10),
    "two of ten": ((0.1,) * 10, (0.16, 0.04, *(0.1,) * 8)),
    "half to nine tenths": ((0.5, 0.5), (0.9, 0.1)),
    "three turned": ((0.6, 0.3, 0.1), (0.1, 0.3, 0.6)),
    "rare doubles": ((0.95, 0.05), (0.9, 0.1)),
}
_CATEGORIES: Sequence[Cell] = [
    {"n": n, "training": training, "move": move} for n, training in _SIZES for move in _MOVES
]


def _category_counts(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    sides = zip((cell["training"], cell["n"]), _MOVES[cell["move"]], strict=True)
    return np.stack([random.multinomial(n, shares, draws) for n, shares in sides], axis=1)


def _index(p: Any, q: Any) -> float:
    return float(((q - p) * np.log(q / p)).sum())


def _shannon(p: Any, q: Any) -> float:
    middle = (p + q) / 2
    divergence = (p * np.log2(p / middle) + q * np.log2(q / middle)).sum() / 2
    return float(np.sqrt(max(divergence, 0.0)))


def _cramer(p: Any, q: Any) -> float:
    return float(np.sqrt(((p - q) ** 2 / (2 * (p + q))).sum()))


def _bootstrap(distance: Callable[[Any, Any], float], seen: Any) -> Interval:
    """Percentiles of the distance of 200 resampled pairs of shares, as it is commonly done."""
    random = np.random.default_rng(int(seen[0, 0]))
    resampled = [random.multinomial(one.sum(), one / one.sum(), 200) / one.sum() for one in seen]
    with np.errstate(divide="ignore", invalid="ignore"):
        found = [distance(*pair) for pair in zip(*resampled, strict=True)]
    low, high = np.percentile(found, (2.5, 97.5))
    return float(low), float(high)


def _categories(name: str, distance: Callable[[Any, Any], float]) -> Scenario:
    check = getattr(columns, name)
    return Scenario(
        check=f"drift.{name}", cells=_CATEGORIES, draw=_category_counts, limits=("at_most",),
        truth=lambda cell: distance(*map(np.array, _MOVES[cell["move"]])),
        measure=lambda _, seen: check(*(_counted([np.repeat(np.arange(len(one)), one)]) for one in seen[::-1])),
        rival=lambda _, seen: _bootstrap(distance, seen), rival_name="percentile bootstrap",
    )  # fmt: skip


# Quantities: normal ones, of which the first has moved.

_QUANTITIES: Sequence[Cell] = [
    {"n": n, "training": training, "columns": number, "moved": moved}
    for n, training in ((50, 200), *_SIZES[:2])
    for number in (1, 5)
    for moved in (0.0, 0.2, 1.0)
]


def _quantities(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    for _ in range(draws):
        training = random.standard_normal((cell["columns"], cell["training"]))
        evaluation = random.standard_normal((cell["columns"], cell["n"]))
        evaluation[0] += cell["moved"]
        yield training, evaluation


def _of_quantities(check: Callable[..., Measurement]) -> Callable[[Cell, Any], Measurement]:
    return lambda _, seen: check(_counted(seen[1]), _counted(seen[0]))


def _largest_gap(_: Cell, seen: Any) -> Interval | None:
    """Wald's limits of the column that moved most, at the place of its gap, as if neither had been looked for."""
    return wald(*max(gap_at_its_place(*sides) for sides in zip(*seen, strict=True)))


def _largest_shift(_: Cell, seen: Any) -> Interval | None:
    """Normal limits of the column whose mean moved most, by its standard error, cut at 0."""
    shifts = [
        (abs(float(after.mean() - before.mean())) / float(before.std()), before, after)
        for before, after in zip(*seen, strict=True)
    ]
    value, before, after = max(shifts, key=lambda one: one[0])
    half = Z * float(np.sqrt(before.var() / len(before) + after.var() / len(after))) / float(before.std())
    return max(0.0, value - half), value + half


def _gap() -> Scenario:
    return Scenario(
        check="drift.kolmogorov_smirnov_statistic", cells=_QUANTITIES, draw=_quantities, limits=("at_most",),
        truth=lambda cell: float(2 * ndtr(cell["moved"] / 2) - 1),
        measure=_of_quantities(columns.kolmogorov_smirnov_statistic), rival=_largest_gap,
        rival_name="Wald of the column that moved most, at the place of its gap",
    )  # fmt: skip


def _earth() -> Scenario:
    return Scenario(
        check="drift.wasserstein_distance", cells=_QUANTITIES, draw=_quantities, limits=("at_most",),
        truth=lambda cell: float(cell["moved"]), measure=_of_quantities(columns.wasserstein_distance),
        rival=_largest_shift, rival_name="normal, of the mean that moved most",
    )  # fmt: skip


# Accuracy under noise: a model that says the sign of a normal feature, and is right in a share of the rows.

_NOISE: Sequence[Cell] = [
    {"n": n, "right": right, "noise": noise} for n in (60, 300, 2000) for right in (1.0, 0.8) for noise in (0.1, 1.0)
]


def _signs(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    x = random.standard_normal((draws, cell["n"]))
    labels = (x > 0) ^ (random.random(x.shape) > cell["right"])
    return iter(np.stack((x, labels, random.integers(0, 2**31, x.shape)), axis=1))


def _noisy(cell: Cell, seen: Any) -> Measurement:
    def ask(asked: Mapping[str, Column]) -> Answers:
        return Answers(labels=(asked["x"].values > 0).astype(np.int64))

    return drops.accuracy_drop(*disturbed(seen, ask), strength=cell["noise"], seed=int(seen[2, 0]))


def _noisy_truth(cell: Cell, seen: Any, _: Measurement) -> float:
    """Noise turns the sign in arctan(s) / pi of the rows; it is that of this sample's own deviation."""
    turned = float(np.arctan(cell["noise"] * float(seen[0].std())) / np.pi)
    return (2 * cell["right"] - 1) * turned


def _noisy_rival(cell: Cell, seen: Any) -> Interval | None:
    random = np.random.default_rng(int(seen[2, 1]))
    after = seen[0] + cell["noise"] * float(seen[0].std()) * random.standard_normal(len(seen[0]))
    return student(((seen[0] > 0) == seen[1]) * 1.0 - ((after > 0) == seen[1]))


def _accuracy() -> Scenario:
    return Scenario(
        check="robustness.accuracy_drop", cells=_NOISE, draw=_signs,
        seen_truth=_noisy_truth, measure=_noisy, rival=_noisy_rival, rival_name="Student's t, paired",
        limits=("at_most",),
    )  # fmt: skip


ALL: Sequence[Scenario] = (
    _categories("population_stability_index", _index), _categories("jensen_shannon_distance", _shannon),
    _categories("cramers_v", _cramer), _gap(), _earth(), _accuracy(),
)  # fmt: skip

"""Scenarios of columns dealt out anew or disturbed, and of groups beside the shares declared of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.special import expit, ndtr

from benchmarks.coverage_asked import disturbed, probed, sampled
from benchmarks.coverage_cells import Cell, Interval, Scenario
from benchmarks.coverage_rivals import delong, student, wald
from reliability.blocks import Column
from reliability.checks.data_quality import representation
from reliability.checks.explanation import importance
from reliability.checks.robustness import drops
from reliability.evidence.group_population import GroupPopulation
from reliability.evidence.probe import Answers, Probe
from reliability.records import Measurement

# A model of two normal features that says the class of their weighted sum; it is right in a share of the rows.

_IMPORTANT: Sequence[Cell] = [
    {"n": n, "right": right, "weight": weight}
    for n in (60, 300, 1000)
    for right in (1.0, 0.8)
    for weight in (0.0, 0.5, 1.0)
]


def _rows(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    first, second = random.standard_normal((2, draws, cell["n"]))
    said = first + cell["weight"] * second > 0
    labels = said ^ (random.random(said.shape) > cell["right"])
    return iter(np.stack((first, second, labels), axis=1))


def _summing(cell: Cell, seen: Any) -> Probe:
    def ask(columns: Mapping[str, Column]) -> Answers:
        return Answers(labels=(columns["a"].values + cell["weight"] * columns["b"].values > 0).astype(np.int64))

    return probed(sampled({"a": seen[0], "b": seen[1]}, seen[2].astype(np.int64)), ask)


def _losses(cell: Cell) -> tuple[float, float]:
    """What dealing out either feature costs: answers before and after are of normal sums, correlated."""
    squared = cell["weight"] ** 2
    turned = (np.arccos(kept / (1 + squared)) / np.pi for kept in (squared, 1.0))
    first, second = ((2 * cell["right"] - 1) * float(share) for share in turned)
    return first, second


def _naive_loss(cell: Cell, seen: Any) -> Interval | None:
    """Student's limits of the rows' own losses when the first feature is dealt out once."""
    said, other = (seen[0] + cell["weight"] * seen[1] > 0), np.roll(seen[0], 1) + cell["weight"] * seen[1] > 0
    return student((said == seen[2]) * 1.0 - (other == seen[2]))


def _importance() -> Scenario:
    return Scenario(
        check="explanation.permutation_importance", cells=_IMPORTANT, draw=_rows, limits=("at_most",),
        truth=lambda cell: max(_losses(cell)), rival=_naive_loss,
        measure=lambda cell, seen: importance.permutation_importance(_summing(cell, seen)),
        rival_name="Student's t of the rows' losses, the order of dealing taken as it came",
    )  # fmt: skip


def _share() -> Scenario:
    return Scenario(
        check="explanation.largest_feature_share",
        # Where the second feature counts for nothing the share is 1, a limit that nothing misses.
        cells=[{**cell, "weight": cell["weight"] or 0.1} for cell in _IMPORTANT if cell["n"] > 60],
        draw=_rows,
        truth=lambda cell: max(_losses(cell)) / sum(_losses(cell)),
        measure=lambda cell, seen: importance.largest_feature_share(_summing(cell, seen)),
        rival=_naive_share,
        rival_name="Student's t of the first feature's losses over the sum of both",
        limits=("at_most",),
    )


def _naive_share(cell: Cell, seen: Any) -> Interval | None:
    found = _naive_loss(cell, seen)
    total = sum(_losses(cell))
    return found and (found[0] / total, found[1] / total)


# Normal scores with normal noise added.

_NOISY: Sequence[Cell] = [
    {"n": n, "positive": positive, "apart": apart, "noise": noise}
    for n, positive in ((60, 0.5), (300, 0.5), (300, 0.1), (1000, 0.5), (1000, 0.03))
    for apart in (0.5, 2.0, 3.0)
    for noise in (0.1, 1.0)
]


def _noisy_rows(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    labels = random.random((draws, cell["n"])) < cell["positive"]
    scores = random.standard_normal(labels.shape) + cell["apart"] * labels
    return iter(np.stack((scores, labels, random.integers(0, 2**31, labels.shape)), axis=1))


def _noisy(cell: Cell, seen: Any) -> Measurement:
    def ask(columns: Mapping[str, Column]) -> Answers:
        scores = expit(columns["x"].values)
        return Answers(labels=(scores > 0.5).astype(np.int64), scores=scores)

    return drops.auc_drop(*disturbed(seen, ask), strength=cell["noise"], seed=int(seen[2, 0]))


def _noisy_truth(cell: Cell, seen: Any, _: Measurement) -> float:
    """The two areas of normal scores; the noise is that of this sample's own deviation."""
    added = cell["noise"] * float(seen[0].std())
    return float(ndtr(cell["apart"] / np.sqrt(2)) - ndtr(cell["apart"] / np.sqrt(2 * (1 + added**2))))


def _apart(cell: Cell, seen: Any) -> Interval | None:
    """Wald's limits with the two areas' DeLong variances added up, as if other rows had been disturbed."""
    random = np.random.default_rng(int(seen[2, 1]))
    after = seen[0] + cell["noise"] * float(seen[0].std()) * random.standard_normal(len(seen[0]))
    areas = [delong(scores, seen[1]) for scores in (seen[0], after)]
    return wald(areas[0][0] - areas[1][0], areas[0][1] + areas[1][1])


def _auc_drop() -> Scenario:
    return Scenario(
        check="robustness.auc_drop", cells=_NOISY, draw=_noisy_rows, seen_truth=_noisy_truth, measure=_noisy,
        rival=_apart, rival_name="DeLong's variances of both areas added", limits=("at_most",),
    )  # fmt: skip


# Groups beside the shares that are declared of them.

_DECLARED: Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "two as declared": ((0.5, 0.5), (0.5, 0.5)),
    "two apart": ((0.5, 0.5), (0.8, 0.2)),
    "six as declared": ((0.4, 0.2, 0.1, 0.1, 0.1, 0.1), (0.4, 0.2, 0.1, 0.1, 0.1, 0.1)),
    "six apart": ((0.4, 0.2, 0.1, 0.1, 0.1, 0.1), (0.2, 0.2, 0.2, 0.2, 0.1, 0.1)),
}


def _distance(cell: Cell, seen: Any) -> Measurement:
    declared, _ = _DECLARED[cell["population"]]
    names = [f"g{place}" for place in range(len(declared))]
    return representation.population_distance(
        GroupPopulation(
            attributes=("g",), levels=tuple((name,) for name in names), sizes=seen,
            population=dict(zip(names, declared, strict=True)),
        )
    )  # fmt: skip


def _drawn_apart(cell: Cell) -> float:
    declared, drawn = _DECLARED[cell["population"]]
    return float(np.abs(np.subtract(declared, drawn)).sum() / 2)


def _wald_distance(cell: Cell, seen: Any) -> Interval | None:
    """Wald's limits with the signs of the differences taken as they came out."""
    declared, _ = _DECLARED[cell["population"]]
    shares = seen / seen.sum()
    signs = np.sign(shares - declared) / 2
    mean = float(signs @ shares)
    return wald(float(signs @ (shares - declared)), float(signs**2 @ shares - mean**2) / float(seen.sum()))


def _population() -> Scenario:
    return Scenario(
        check="data_quality.population_distance",
        cells=[{"n": n, "population": name} for n in (30, 100, 1000, 10_000) for name in _DECLARED],
        draw=lambda random, cell, draws: random.multinomial(cell["n"], _DECLARED[cell["population"]][1], draws),
        truth=_drawn_apart, measure=_distance, rival=_wald_distance,
        rival_name="Wald, the signs taken as they came out", limits=("at_most",),
    )  # fmt: skip


ALL: Sequence[Scenario] = (_importance(), _share(), _auc_drop(), _population())

"""How often the drift of columns fails, and how often it is wrong, where nothing or something known has moved.

    python benchmarks/drift_alarms.py [--draws 200]

`alarms(...)` gives the figures of one setting: columns of six shapes, drawn for both data sets from one distribution,
so that every failure is false.
"""

import argparse
from collections.abc import Callable, Mapping

import numpy as np

from reliability.blocks import Block, Column, Roles
from reliability.checks.drift.columns import (
    cramers_v,
    jensen_shannon_distance,
    kolmogorov_smirnov_statistic,
    population_stability_index,
    wasserstein_distance,
)
from reliability.evidence.column_histogram import ColumnHistogram
from reliability.records import Measurement

Check = Callable[..., Measurement]
# The limits that a checklist would set.
LIMITS: Mapping[Check, float] = {
    population_stability_index: 0.25,
    jensen_shannon_distance: 0.2,
    cramers_v: 0.2,
    kolmogorov_smirnov_statistic: 0.1,
    wasserstein_distance: 0.2,
}
LEVELS = 30
ZIPF = (1 / np.arange(1, LEVELS + 1) ** 1.1) / (1 / np.arange(1, LEVELS + 1) ** 1.1).sum()
SHAPES: tuple[Callable[[np.random.Generator, int], np.ndarray], ...] = (
    lambda draws, n: draws.poisson(3, n).astype(np.float64),
    lambda draws, n: draws.choice(LEVELS, n, p=ZIPF),
    lambda draws, n: draws.normal(size=n),
    lambda draws, n: np.where(draws.random(n) < 0.9, 0.0, draws.lognormal(8, 1, n)),
    lambda draws, n: draws.lognormal(size=n),
    lambda draws, n: (draws.random(n) < 0.03).astype(np.float64),
)


def rows(draws: np.random.Generator, n: int, columns: int) -> ColumnHistogram:
    """So many rows of so many columns, counted."""
    made = {}
    for index in range(columns):
        values, none = SHAPES[index % len(SHAPES)](draws, n), np.zeros(n, np.bool_)
        text = values.dtype.kind == "i"
        made[f"c{index}"] = (
            Column(
                kind="utf8", values=values.astype(np.int32), missing=none, levels=tuple(f"L{k}" for k in range(LEVELS))
            )
            if text
            else Column(kind="f8", values=values, missing=none)
        )
    roles = Roles(task="binary", classes=(0, 1), positive=1, features=tuple(made), target="y")
    return ColumnHistogram.of(Block(start=0, roles=roles, columns=made, y_true=np.zeros(n, np.int64)))


def alarms(
    training: int, evaluation: int, columns: int, *, draws: int, seed: int = 0
) -> dict[str, tuple[float, float]]:
    """By check: the share of draws that fail the limit, and of those whose lower limit is above 0."""
    lows: dict[str, list[float]] = {check.__name__: [] for check in LIMITS}
    for draw in range(draws):
        generator = np.random.default_rng((seed, draw))
        first, second = rows(generator, training, columns), rows(generator, evaluation, columns)
        for check in LIMITS:
            low = check(second, first).low
            assert low is not None  # noqa: S101  (nothing is clustered here)
            lows[check.__name__].append(float(low))
    limits = {check.__name__: limit for check, limit in LIMITS.items()}
    return {
        name: (float(np.mean(np.array(found) > limits[name])), float(np.mean(np.array(found) > 0)))
        for name, found in lows.items()
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=200)
    draws = parser.parse_args().draws
    print("| training | evaluation | columns | check | fails | low > 0 |\n|---|---|---|---|---|---|")
    for training, evaluation in ((100, 100), (100, 5_000), (300, 1_000), (2_000, 2_000), (50_000, 50_000)):
        for columns in (2, 10, 40):
            for name, (failed, above) in alarms(training, evaluation, columns, draws=draws).items():
                print(f"| {training} | {evaluation} | {columns} | {name} | {failed:.3f} | {above:.3f} |", flush=True)


if __name__ == "__main__":
    main()

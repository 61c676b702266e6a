"""How often the drift of columns fails, and how often it is wrong, where nothing or something known has moved.

    python -m benchmarks.drift_alarms [--draws 200] [--write docs/validation/drift-alarms.md]

`alarms(...)` gives the figures of one setting: columns of six shapes, drawn for both data sets from one distribution,
so that every failure is false; `moved(...)` those of one column that has moved.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from benchmarks.pages import put, written_by
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
# Two of the shipped checklist; it only shows the others, for which these are what a checklist might set.
LIMITS: Mapping[Check, float] = {
    population_stability_index: 0.10,
    wasserstein_distance: 0.5,
    jensen_shannon_distance: 0.2,
    cramers_v: 0.2,
    kolmogorov_smirnov_statistic: 0.1,
}
SIZES = ((100, 100), (100, 5_000), (300, 1_000), (2_000, 2_000), (50_000, 50_000))
MANY, FEWER = 50_000, 5  # from so many rows on only a fifth of the draws
PROMISED = 0.05
BROKEN = "`{name}` with {training:,} + {evaluation:,} rows of {columns} columns"
LEVELS = 30
MOVED = 2
ZIPF = (1 / np.arange(1, LEVELS + 1) ** 1.1) / (1 / np.arange(1, LEVELS + 1) ** 1.1).sum()
SHAPES: tuple[Callable[[np.random.Generator, int], np.ndarray], ...] = (
    lambda draws, n: draws.poisson(3, n).astype(np.float64),
    lambda draws, n: draws.choice(LEVELS, n, p=ZIPF),
    lambda draws, n: draws.normal(size=n),
    lambda draws, n: np.where(draws.random(n) < 0.9, 0.0, draws.lognormal(8, 1, n)),
    lambda draws, n: draws.lognormal(size=n),
    lambda draws, n: (draws.random(n) < 0.03).astype(np.float64),
)


def rows(draws: np.random.Generator, n: int, columns: int, *, moved_by: float = 0.0) -> ColumnHistogram:
    """So many rows of so many columns, counted; the third one moved by so many standard deviations."""
    made = {}
    for index in range(columns):
        values, none = SHAPES[index % len(SHAPES)](draws, n), np.zeros(n, np.bool_)
        text = values.dtype.kind == "i"
        values = values + moved_by if index == MOVED else values
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
            lows[check.__name__].append(_low(check, second, first))
    return _shares(lows)


def _low(check: Check, evaluation: ColumnHistogram, training: ColumnHistogram) -> float:
    """The lower limit, which is always there: nothing is clustered here."""
    low = check(evaluation, training).low
    if low is None:
        raise ValueError(f"{check.__name__} gives no lower limit")
    return float(low)


def _shares(lows: Mapping[str, list[float]]) -> dict[str, tuple[float, float]]:
    limits = {check.__name__: limit for check, limit in LIMITS.items()}
    return {
        name: (float(np.mean(np.array(found) > limits[name])), float(np.mean(np.array(found) > 0)))
        for name, found in lows.items()
    }


def moved(n: int, by: float, *, draws: int, seed: int = 1) -> dict[str, tuple[float, float]]:
    """The same where one normal column of ten has moved by so many standard deviations."""
    found: dict[str, list[float]] = {check.__name__: [] for check in LIMITS}
    for draw in range(draws):
        generator = np.random.default_rng((seed, draw))
        first, second = rows(generator, n, 10), rows(generator, n, 10, moved_by=by)
        for check in LIMITS:
            found[check.__name__].append(_low(check, second, first))
    return _shares(found)


def page(draws: int) -> tuple[str, bool]:
    """The document, and whether nothing that has not moved fails more often than promised."""
    lines = [
        "# Drift of columns: false alarms, and what is found", "",
        f"{written_by('benchmarks/drift_alarms.py', 'numpy', 'scipy')}; {draws} draws a line (of {MANY:,} rows a "
        f"{FEWER}th of them).", "",
        "Columns of six shapes (counts, a Zipf text of 30 levels, normal, mostly nought, lognormal, rare yes) are "
        "drawn for training and evaluation. *fails*: the lower limit of the 95 % interval lies beyond the limit, so "
        "that no rule lets it pass. *low > 0*: the interval leaves out that nothing has moved, promised in at most "
        f"{PROMISED:.0%} of draws where nothing has.", "",
        f"Limits: {', '.join(f'`{check.__name__}` {limit}' for check, limit in LIMITS.items())}.", "",
        "## Nothing has moved", "",
        "| training | evaluation | columns | check | fails | low > 0 |", "|---:|---:|---:|---|---:|---:|",
    ]  # fmt: skip
    broken: list[str] = []
    for training, evaluation in SIZES:
        of_these = max(1, draws // FEWER) if training >= MANY else draws
        for columns in (2, 10, 40) if training < MANY else (10,):
            for name, (failed, above) in alarms(training, evaluation, columns, draws=of_these).items():
                most = PROMISED + 3 * np.sqrt(PROMISED * (1 - PROMISED) / of_these)
                if max(above, failed) > most:
                    broken.append(BROKEN.format(name=name, training=training, evaluation=evaluation, columns=columns))
                lines.append(f"| {training:,} | {evaluation:,} | {columns} | `{name}` | {failed:.1%} | {above:.1%} |")
    lines += [
        "", "## One normal column of ten has moved", "",
        "| rows of either | moved by, in deviations | check | fails | low > 0 |", "|---:|---:|---|---:|---:|",
    ]  # fmt: skip
    for n in (300, 2_000):
        for by in (0.1, 0.25, 0.5, 1.0):
            for name, (failed, above) in moved(n, by, draws=draws).items():
                lines.append(f"| {n:,} | {by} | `{name}` | {failed:.0%} | {above:.0%} |")
    lines += ["", verdict(broken)]
    return "\n".join(lines) + "\n", not broken


def verdict(broken: list[str]) -> str:
    """The last line of the page."""
    if not broken:
        return "Kept: no line lies above its promise by more than chance gives."
    return f"**Not kept**, by more than chance gives: {'; '.join(broken)}."


def main() -> int:
    """Simulate, write, and say whether the promise holds: exit status 0, else 1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    text, kept = page(asked.draws)
    put(text, asked.write)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())

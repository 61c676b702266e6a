"""Scenarios of groups compared by the rates of what was counted in them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.coverage_cells import Cell, EqualGroups, Scenario, Side, thinned
from benchmarks.coverage_rivals import mover_wilson
from benchmarks.coverage_shares import BINARY, first
from reliability.checklist.catalogue import checks
from reliability.evidence.group_counts import GroupCounts
from reliability.records import Measurement

RATES = (0.01, 0.05, 0.2, 0.5)
# Two groups of very different sizes whose rates are far apart: what an audit found, one rate next to 0.
_FAR_APART: tuple[tuple[tuple[int, int], float], ...] = (
    ((30, 150), 0.15), ((30, 300), 0.15), ((30, 600), 0.4), ((30, 1000), 0.5), ((40, 300), 0.2), ((50, 1000), 0.3),
    ((100, 2000), 0.35),
)  # fmt: skip
# Rows of every group.
GROUPS: tuple[tuple[int, ...], ...] = (
    (30, 30), (100, 100), (1000, 1000), (30, 1500), (200, 10_000), (30,) * 5, (300,) * 5, (1000, 300, 100, 50, 30),
    (30,) * 10, (100,) * 10, (1000,) * 10, (1500, *(30,) * 9),
)  # fmt: skip
EQUAL_GROUPS = tuple(range(2, 11))
EQUAL_SIZES = (30, 100, 300, 1000, 5000)
EQUAL_RATES = (0.01, 0.1, 0.3, 0.5)


@dataclass(frozen=True, kw_only=True)
class _Rate:
    """A rate of a confusion matrix: the cell (true, predicted) of its successes and of its failures."""

    success: tuple[int, int]
    failure: tuple[int, int]


_SELECTION = _Rate(success=(0, 1), failure=(0, 0))
_TRUE_POSITIVE = _Rate(success=(1, 1), failure=(1, 0))
_FALSE_POSITIVE = _Rate(success=(0, 1), failure=(0, 0))
_FALSE_NEGATIVE = _Rate(success=(1, 0), failure=(1, 1))
_PREDICTIVE = _Rate(success=(1, 1), failure=(0, 1))
_NEGATIVE_PREDICTIVE = _Rate(success=(0, 0), failure=(1, 0))
_RATES = {
    "selection_rate": _SELECTION,
    "true_positive_rate": _TRUE_POSITIVE,
    "false_positive_rate": _FALSE_POSITIVE,
    "false_negative_rate": _FALSE_NEGATIVE,
    "positive_predictive_value": _PREDICTIVE,
    "negative_predictive_value": _NEGATIVE_PREDICTIVE,
    "accuracy": _TRUE_POSITIVE,
}
LIMITS: dict[str, tuple[Side, float]] = {"ratio": ("at_least", 0.80), "difference": ("at_most", 0.10)}


def scenarios() -> list[Scenario]:
    """A scenario for every check that is a difference or a ratio of one of these rates."""
    found = []
    for name in checks():
        stem, _, kind = name.removeprefix("fairness.").rpartition("_")
        if name.startswith("fairness.") and stem in _RATES and kind in LIMITS:
            found.append(_widest(name, _RATES[stem], ratio=kind == "ratio"))
    return found


def equal_groups() -> list[EqualGroups]:
    """The same checks on groups that do not differ."""
    found = []
    for scenario in scenarios():
        side, limit = LIMITS[scenario.check.rpartition("_")[2]]
        cells = [{"groups": groups, "size": size, "rate": rate}
                 for groups in EQUAL_GROUPS for size in EQUAL_SIZES for rate in EQUAL_RATES]  # fmt: skip
        cells = thinned(cells, 4 if "selection" in scenario.check else 2)
        found.append(
            EqualGroups(
                check=scenario.check,
                side=side,
                limit=limit,
                cells=cells,
                draw=_equal,
                measure=_measured_equal(scenario),
            )
        )
    return found


def group_counts(counts: Any, **roles: Any) -> GroupCounts:
    """Simulated counts by group, true and predicted class."""
    table = np.asarray(counts, np.int64)
    levels = tuple((f"g{index:02d}",) for index in range(len(table)))
    return GroupCounts(roles=roles.get("roles", BINARY), attributes=("group",), levels=levels, counts=table)


def rates_of(cell: Cell) -> Any:
    """Rates of the groups: the first stands apart by the cell's gap, the others lie evenly between."""
    return np.linspace(cell["rate"] * cell["ratio"], cell["rate"], len(cell["sizes"]))


def _widest(check: str, rate: _Rate, *, ratio: bool) -> Scenario:
    cells = [
        {"n": sum(sizes), "sizes": sizes, "rate": top, "ratio": apart}
        for sizes in GROUPS
        for top in RATES
        for apart in (1.0, 0.8, 0.4)
    ]
    far = [{"n": sum(sizes), "sizes": sizes, "rate": top, "ratio": 0.01 / top} for sizes, top in _FAR_APART]
    # The other rates are the same comparison of other rows.
    cells = [*cells, *far] if rate is _SELECTION else thinned(cells, 2)
    function = checks()[check].function

    def measure(cell: Cell, seen: Any) -> Measurement:
        counts = np.zeros((len(seen), 2, 2), np.int64)
        counts[:, rate.success[0], rate.success[1]] = seen
        counts[:, rate.failure[0], rate.failure[1]] = np.asarray(cell["sizes"]) - seen
        return first(function(group_counts(counts)))

    return Scenario(
        check=check,
        cells=cells,
        draw=lambda random, cell, draws: random.binomial(cell["sizes"], rates_of(cell), (draws, len(cell["sizes"]))),
        truth=_true_ratio if ratio else _true_difference,
        measure=measure,
        rival=lambda cell, seen: mover_wilson(seen, cell["sizes"], ratio=ratio),
        rival_name="MOVER on Wilson limits",
        limits=("at_least",) if ratio else ("at_most",),
        numbers=lambda cell: len(cell["sizes"]),
    )


def _true_ratio(cell: Cell) -> float:
    return float(rates_of(cell).min() / rates_of(cell).max())


def _true_difference(cell: Cell) -> float:
    return float(np.ptp(rates_of(cell)))


def _equal(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    # Which group is which does not matter when all have one size: sorted, more draws are alike.
    return np.sort(random.binomial(cell["size"], cell["rate"], (draws, cell["groups"])), axis=1)


def _measured_equal(scenario: Scenario) -> Callable[[Cell, Any], Measurement]:
    return lambda cell, seen: scenario.measure({"sizes": (cell["size"],) * cell["groups"]}, seen)


ALL: Sequence[Scenario] = tuple(scenarios())
EQUAL: Sequence[EqualGroups] = tuple(equal_groups())

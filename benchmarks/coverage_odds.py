"""Scenarios of groups compared by more than one rate: odds, segments, strata."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
from scipy.special import ndtri

from benchmarks.coverage_cells import CONFIDENCE, Cell, Interval, Scenario, thinned
from benchmarks.coverage_groups import group_counts
from benchmarks.coverage_rivals import mover_wilson, wald
from benchmarks.coverage_shares import BINARY, first
from reliability.checklist.catalogue import checks
from reliability.evidence.group_strata import GroupStrata
from reliability.intervals.comparisons import group_mass, widest_difference
from reliability.records import Measurement

SIZES: tuple[tuple[int, ...], ...] = (
    (30, 30), (100, 100), (1000, 1000), (40, 2000), (30,) * 5, (200,) * 5, (30,) * 10, (200,) * 10, (1500, *(30,) * 9),
)  # fmt: skip


def codes(sizes: Sequence[int]) -> Any:
    """The group of every row."""
    return np.repeat(np.arange(len(sizes)), sizes)


def z_of(groups: int) -> float:
    """Normal quantile at which all pairs of groups hold at once."""
    return -float(ndtri(group_mass(groups, CONFIDENCE) / 2))


def normal_gap(values: Any, errors: Any) -> Interval | None:
    """Widest difference of estimates that are taken as normal."""
    if not (np.isfinite(errors).all() and (errors > 0).all()):
        return None
    half = z_of(len(values)) * errors
    gap = widest_difference(values, values - half, values + half, method="normal", greatest=np.inf)
    return gap.low, gap.high


# Odds: two rates at once.

_ODDS: Sequence[Cell] = [
    {"n": 2 * sum(sizes), "sizes": sizes, "true positives": high, "false positives": low, "apart": apart}
    for sizes in SIZES
    for high, low in ((0.9, 0.05), (0.6, 0.3), (0.5, 0.01))
    for apart in (0.0, 0.15, 0.4)
]


def _odds_rates(cell: Cell) -> tuple[Any, Any]:
    steps = np.linspace(1 - cell["apart"], 1, len(cell["sizes"]))
    return cell["true positives"] * steps, cell["false positives"] * steps[::-1]


def _odds_draw(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    sizes = np.array(cell["sizes"])
    return np.stack([random.binomial(sizes, rates, (draws, len(sizes))) for rates in _odds_rates(cell)], axis=2)


def _odds_table(sizes: Any, seen: Any) -> Any:
    counts = np.zeros((len(seen), 2, 2), np.int64)
    counts[:, 1, 1], counts[:, 1, 0] = seen[:, 0], sizes - seen[:, 0]
    counts[:, 0, 1], counts[:, 0, 0] = seen[:, 1], sizes - seen[:, 1]
    return counts


def _odds(check: str, *, ratio: bool) -> Scenario:
    def truth(cell: Cell) -> float:
        pairs = _odds_rates(cell)
        return float(min(r.min() / r.max() for r in pairs) if ratio else max(np.ptp(r) for r in pairs))

    def rival(cell: Cell, seen: Any) -> Interval | None:
        parts = [mover_wilson(seen[:, place], cell["sizes"], ratio=ratio) for place in (0, 1)]
        worse = min if ratio else max
        known = [part for part in parts if part is not None]
        return (worse(low for low, _ in known), worse(high for _, high in known)) if len(known) == 2 else None

    return Scenario(
        check=check, cells=thinned(_ODDS, 4), draw=_odds_draw, truth=truth, rival=rival,
        measure=lambda cell, seen: _odds_measured(check, np.array(cell["sizes"]), seen),
        rival_name="the worse of MOVER on Wilson limits", limits=("at_least",) if ratio else ("at_most",),
    )  # fmt: skip


def _odds_measured(check: str, sizes: Any, seen: Any) -> Measurement:
    return first(checks()[check].function(group_counts(_odds_table(sizes, seen))))


# Segments: the worst against all rows.

_SEGMENTS: Sequence[Cell] = [
    {"n": sum(sizes), "sizes": sizes, "rate": rate, "behind": behind}
    for sizes in SIZES
    for rate in (0.99, 0.9, 0.5)
    for behind in (0.0, 0.1, 0.4)
]


def _segment_rates(cell: Cell) -> Any:
    rates = np.full(len(cell["sizes"]), float(cell["rate"]))
    rates[0] -= cell["behind"]
    return rates


def _segment_truth(cell: Cell) -> float:
    rates, sizes = _segment_rates(cell), np.array(cell["sizes"])
    return float(max(0.0, rates @ sizes / sizes.sum() - rates.min()))


def _segment_measured(sizes: Any, seen: Any) -> Measurement:
    counts = np.zeros((len(seen), 2, 2), np.int64)
    counts[:, 1, 1], counts[:, 1, 0] = seen, sizes - seen
    return first(checks()["performance.segment_gap"].function(group_counts(counts)))


def _segment_rival(cell: Cell, seen: Any) -> Interval | None:
    """Wald, of the segment that came out worst."""
    sizes = np.array(cell["sizes"])
    rates, share = seen / sizes, 1 - sizes / sizes.sum()
    rest = (seen.sum() - seen) / (sizes.sum() - sizes)
    gaps = share * (rest - rates)
    worst = int(gaps.argmax())
    error = rates * (1 - rates) / sizes + rest * (1 - rest) / (sizes.sum() - sizes)
    return wald(float(gaps[worst]), float(share[worst] ** 2 * error[worst]))


def _segments() -> Scenario:
    return Scenario(
        check="performance.segment_gap", cells=thinned(_SEGMENTS, 4), truth=_segment_truth, rival=_segment_rival,
        draw=lambda random, cell, draws: random.binomial(
            cell["sizes"], _segment_rates(cell), (draws, len(cell["sizes"]))
        ),
        measure=lambda cell, seen: _segment_measured(np.array(cell["sizes"]), seen),
        rival_name="Wald of the segment that came out worst", limits=("at_most",),
    )  # fmt: skip


# Strata: like compared with like.

_STRATA: Sequence[Cell] = [
    {"n": sum(sizes), "sizes": sizes, "strata": strata, "rate": rate, "ratio": ratio}
    for sizes in ((60, 60), (200, 200), (1000, 1000), (100, 2000), (100,) * 5, (200,) * 10)
    for strata in (2, 5)
    for rate in (0.05, 0.2, 0.5)
    for ratio in (1.0, 0.8, 0.4)
]


def _strata_rows(cell: Cell) -> Any:
    """Rows by group and stratum: every other group leans the other way."""
    sizes, strata = np.array(cell["sizes"]), cell["strata"]
    lean = np.linspace(1, 2, strata) / np.linspace(1, 2, strata).sum()
    shares = np.array([lean if index % 2 else lean[::-1] for index in range(len(sizes))])
    rows = np.floor(sizes[:, None] * shares).astype(np.int64)
    rows[:, 0] += sizes - rows.sum(axis=1)
    return rows


def _strata_rates(cell: Cell) -> Any:
    of_group = np.linspace(cell["ratio"], 1, len(cell["sizes"]))
    return cell["rate"] * of_group[:, None] * np.linspace(0.5, 1.5, cell["strata"])[None, :]


def _strata_draw(random: np.random.Generator, cell: Cell, draws: int) -> Any:
    rows = _strata_rows(cell)
    return random.binomial(rows, _strata_rates(cell), (draws, *rows.shape))


def _strata_evidence(rows: Any, selected: Any) -> GroupStrata:
    return GroupStrata(
        roles=replace(BINARY, strata=("stratum",)), attributes=("group",), strata=("stratum",),
        levels=tuple((f"g{index:02d}",) for index in range(len(rows))),
        stratum_levels=tuple((f"s{index}",) for index in range(rows.shape[1])),
        counts=np.stack((rows - selected, selected), axis=2),
    )  # fmt: skip


def _standardised(cell: Cell, rates: Any) -> Any:
    rows = _strata_rows(cell)
    return rates @ (rows.sum(axis=0) / rows.sum())


def _mantel_haenszel(rows: Any, rates: Any) -> float:
    ratios = []
    for one, other in combinations(range(len(rows)), 2):
        weights = rows[one] * rows[other] / np.maximum(rows[one] + rows[other], 1)
        pair = sorted((float(weights @ rates[one]), float(weights @ rates[other])))
        ratios.append(pair[0] / pair[1] if pair[1] > 0 else 1.0)
    return min(ratios)


def _strata_rival(cell: Cell, seen: Any) -> Interval | None:
    rows = _strata_rows(cell)
    weights, rates = rows.sum(axis=0) / rows.sum(), seen / rows
    return normal_gap(rates @ weights, np.sqrt((weights**2 * rates * (1 - rates) / rows).sum(axis=1)))


def _greenland_robins(cell: Cell, seen: Any) -> Interval | None:
    """Two groups: the logarithm of the ratio with Greenland and Robins' variance."""
    if len(cell["sizes"]) != 2:
        return None
    rows, (x, y) = _strata_rows(cell), seen
    total = rows.sum(axis=0)
    top, bottom = (x * rows[1] / total).sum(), (y * rows[0] / total).sum()
    if not (top and bottom):
        return None
    variance = ((rows[0] * rows[1] * (x + y) - x * y * total) / total**2).sum() / (top * bottom)
    around = wald(float(np.log(top / bottom)), float(variance))
    if around is None:
        return None
    low, high = np.exp(around)
    return float(min(low, 1 / high)), float(min(1.0, max(1 / low, high) if low <= 1 <= high else min(high, 1 / low)))


def _strata(check: str, *, ratio: bool) -> Scenario:
    def truth(cell: Cell) -> float:
        rates = _strata_rates(cell)
        return _mantel_haenszel(_strata_rows(cell), rates) if ratio else float(np.ptp(_standardised(cell, rates)))

    return Scenario(
        check=check, cells=thinned(_STRATA, 4), truth=truth, rival=_greenland_robins if ratio else _strata_rival,
        draw=_strata_draw,
        measure=lambda cell, seen: first(checks()[check].function(_strata_evidence(_strata_rows(cell), seen))),
        rival_name="Greenland and Robins (two groups)" if ratio else "normal, at the studentised range",
        limits=("at_least",) if ratio else ("at_most",),
    )  # fmt: skip


def scenarios() -> list[Scenario]:
    """Scenarios of this module, of checks that there are."""
    found = [
        _odds("fairness.equalized_odds_difference", ratio=False),
        _odds("fairness.equalized_odds_ratio", ratio=True),
        _segments(),
        _strata("fairness.standardized_selection_rate_difference", ratio=False),
        _strata("fairness.mantel_haenszel_selection_ratio", ratio=True),
    ]
    return [one for one in found if one.check in checks()]


ALL: Sequence[Scenario] = tuple(scenarios())

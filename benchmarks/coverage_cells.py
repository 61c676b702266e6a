"""What a coverage simulation is made of: scenarios of cells, and what is counted over the draws of one cell."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, TypeAlias
from zlib import crc32

import numpy as np

from reliability.checklist.judge import verdict
from reliability.errors import NotMeasurable
from reliability.records import Criterion, Measurement

Cell: TypeAlias = dict[str, Any]
Interval: TypeAlias = tuple[float, float]
Side: TypeAlias = Literal["at_least", "at_most"]

SEED = 20261120
CONFIDENCE = 0.95
DRAWS = 2_000
FRESH_DRAWS = 10_000
MOST_FALSE_PASSES = 0.03
MOST_FALSE_FAILS = 0.01
_NEAR_BOUND = 0.002
_ROUNDING = 1e-12
# Numbers of one batch of draws: 16 MB.
_BATCH_NUMBERS = 2_000_000
# Where fewer draws than this are judged, conditioning on being judged conditions on the error itself.
MOSTLY_JUDGED = 0.5


@dataclass(frozen=True, kw_only=True, eq=False)
class Scenario:
    """One check under a family of truths.

    Attributes
    ----------
    check : str
        Name in the catalogue.
    variant : str
        What tells it from another scenario of the same check.
    cells : sequence of dict
        Parameters, one dict a cell; `n` counts the rows that the measurement speaks of.
    draw : callable
        Of a generator, a cell and a number: as many things that could be observed, an array along its first axis.
        Arrays of integers are measured once for each distinct one.
    every : callable or None
        Instead of `draw`: all that can be observed in a cell, with its probabilities.
    truth : callable
        Of a cell: the number that is estimated; unknown where `seen_truth` says it.
    measure : callable
        Of a cell and one thing observed: what the check says.
    rival : callable
        Of a cell and one thing observed: the alternative interval, or None where it has none.
    rival_name : str
        The alternative in words.
    limits : tuple of str
        Sides on which a checklist limits it.
    seen_truth : callable or None
        Instead of `truth`, where what is estimated depends on what was observed and reported (bins, a slice).
    numbers : callable
        Of a cell: numbers that one draw takes in memory.
    fresh : int
        Draws that decide where the first come near a bound.
    """

    check: str
    variant: str = ""
    cells: Sequence[Cell]
    measure: Callable[[Cell, Any], Measurement]
    rival: Callable[[Cell, Any], Interval | None]
    rival_name: str
    truth: Callable[[Cell], float] = field(default=lambda _: float("nan"))
    draw: Callable[[np.random.Generator, Cell, int], Any] | None = None
    every: Callable[[Cell], tuple[Any, Any]] | None = None
    limits: tuple[Side, ...] = ("at_least", "at_most")
    seen_truth: Callable[[Cell, Any, Measurement], float] | None = None
    numbers: Callable[[Cell], int] = field(default=lambda cell: int(cell["n"]) * 4)
    fresh: int = FRESH_DRAWS

    @property
    def name(self) -> str:
        """The check and the variant."""
        return f"{self.check} ({self.variant})" if self.variant else self.check


@dataclass(frozen=True, kw_only=True, eq=False)
class EqualGroups:
    """A comparison of groups that do not differ: it must not fail at its limit.

    Attributes
    ----------
    check : str
        Name in the catalogue.
    side, limit : str, float
        The criterion.
    cells : sequence of dict
        `groups`, `size` and the parameters of the generating model.
    draw, measure : callable
        As in `Scenario`.
    """

    check: str
    side: Side
    limit: float
    cells: Sequence[Cell]
    draw: Callable[[np.random.Generator, Cell, int], Any]
    measure: Callable[[Cell, Any], Measurement]
    numbers: Callable[[Cell], int] = field(default=lambda cell: int(cell["groups"]) * 4)


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What was counted in one cell; shares are of all draws unless their name says more.

    Attributes
    ----------
    label : str
        The cell.
    n, draws : int
        Rows, and draws (0: every outcome with its probability).
    judged, covered : float
        Draws with a judged interval; draws with one that holds the truth.
    false_pass : float
        Draws that pass with the limit at the truth, on the worse side.
    width, rival_width : float
        Mean widths over the draws in which both have an interval.
    rival_covered : float
        Coverage of the alternative where it has an interval.
    """

    label: str
    n: int
    draws: int
    judged: float
    covered: float
    false_pass: float
    width: float
    rival_width: float
    rival_covered: float

    @property
    def conditional(self) -> bool:
        """Whether coverage is that among judged draws; else every draw without a judgement counts as no error."""
        return self.judged >= MOSTLY_JUDGED

    @property
    def coverage(self) -> float:
        """Share of judged draws whose interval holds the truth, or of all draws where few are judged."""
        return self.covered / self.judged if self.conditional else 1 - (self.judged - self.covered)

    @property
    def false_passes(self) -> float:
        """False passes among the draws that `coverage` speaks of."""
        return self.false_pass / self.judged if self.conditional else self.false_pass

    @property
    def bound(self) -> float:
        """The least coverage promised."""
        return 0.94 if self.n >= 100 else 0.93

    @property
    def holds(self) -> bool:
        """Whether the cell keeps both promises."""
        return self.coverage >= self.bound - _ROUNDING and self.false_passes <= MOST_FALSE_PASSES + _ROUNDING

    @property
    def suspicious(self) -> bool:
        """Whether more draws should say."""
        near = self.coverage < self.bound + _NEAR_BOUND or self.false_passes > MOST_FALSE_PASSES - _NEAR_BOUND
        return self.draws > 0 and near

    @property
    def width_ratio(self) -> float:
        """Mean width over the alternative's."""
        return self.width / self.rival_width if self.rival_width > 0 else float("nan")

    def error(self, share: float) -> float:
        """Binomial standard error of a share of the draws that count."""
        among = self.draws * (self.judged if self.conditional else 1.0)
        return float(np.sqrt(share * (1 - share) / among)) if among else 0.0


def thinned(cells: Sequence[Cell], keep: int) -> list[Cell]:
    """So many of every seven cells: no parameter has seven values, so that all combinations take turns."""
    return [cell for index, cell in enumerate(cells) if index % 7 < keep]


def label(cell: Cell) -> str:
    """A cell in words."""
    return ", ".join(f"{name} {_shown(value)}" for name, value in cell.items())


def tally(scenario: Scenario, cell: Cell, draws: int, *, attempt: int = 0) -> Tally:
    """Measure a cell over so many draws."""
    sums, passes = np.zeros(6), dict.fromkeys(scenario.limits, 0.0)
    truth = scenario.truth(cell)
    for seen, weight in _observed(scenario, cell, draws, attempt):
        measured = measured_or_none(scenario.measure, cell, seen)
        if measured is None:
            continue
        truth = scenario.seen_truth(cell, seen, measured) if scenario.seen_truth else truth
        low, high = float(measured.low or 0.0), float(measured.high or 0.0)
        sums[:2] += weight * np.array([1.0, _holds(low, truth, high)])
        for side in scenario.limits:
            passes[side] += weight * (verdict(_at(scenario.check, side, truth), measured.value, low, high) == "pass")
        other = scenario.rival(cell, seen)
        if other is not None and np.isfinite(other).all():
            sums[2:] += weight * np.array([1.0, _holds(other[0], truth, other[1]), high - low, other[1] - other[0]])
    judged, covered, rivals, rival_covered, width, rival_width = sums
    rivals = rivals or float("nan")
    return Tally(
        label=label(cell), n=int(cell["n"]), draws=0 if scenario.every else draws, judged=float(judged),
        covered=float(covered), false_pass=max(passes.values(), default=0.0), width=float(width / rivals),
        rival_width=float(rival_width / rivals), rival_covered=float(rival_covered / rivals),
    )  # fmt: skip


def tally_again(scenario: Scenario, cell: Cell, draws: int) -> Tally:
    """Measure a cell; where that comes near a bound, fresh draws decide, not the first ones."""
    first = tally(scenario, cell, draws)
    if not first.suspicious or draws < DRAWS:
        return first
    return tally(scenario, cell, max(draws, scenario.fresh), attempt=1)


def false_fails(equal: EqualGroups, cell: Cell, draws: int, *, attempt: int = 0) -> float:
    """Share of draws in which groups that do not differ fail the limit."""
    criterion = _at(equal.check, equal.side, equal.limit)
    failed = 0.0
    random = generator(f"equal {equal.check}", label(cell), attempt)
    for seen, weight in _weighted(_batches(equal.draw, random, cell, draws, equal.numbers(cell)), draws):
        measured = measured_or_none(equal.measure, cell, seen)
        if measured is not None:
            failed += weight * (verdict(criterion, measured.value, measured.low, measured.high) == "fail")
    return failed


def measured_or_none(measure: Callable[[Cell, Any], Measurement], cell: Cell, seen: Any) -> Measurement | None:
    """The judged measurement, or none where the check declines."""
    try:
        measured = measure(cell, seen)
    except NotMeasurable:
        return None
    return measured if measured.judged and None not in (measured.value, measured.low, measured.high) else None


def generator(name: str, cell: str, attempt: int) -> np.random.Generator:
    """The stream of one cell, whatever else is run."""
    return np.random.default_rng([SEED, crc32(name.encode()), crc32(cell.encode()), attempt])


@lru_cache(maxsize=64)
def _at(check: str, side: Side, limit: float) -> Criterion:
    return Criterion.model_validate({"check": check, side: limit, "rule": "guarded"})


def _observed(scenario: Scenario, cell: Cell, draws: int, attempt: int) -> Iterator[tuple[Any, float]]:
    if scenario.every is not None:
        seen, weights = scenario.every(cell)
        return iter(zip(seen, weights, strict=True))
    if scenario.draw is None:
        raise ValueError(f"{scenario.name} neither draws nor enumerates")
    random = generator(scenario.name, label(cell), attempt)
    return _weighted(_batches(scenario.draw, random, cell, draws, scenario.numbers(cell)), draws)


def _batches(draw: Callable[..., Any], random: np.random.Generator, cell: Cell, draws: int, numbers: int) -> Any:
    size = max(1, min(draws, _BATCH_NUMBERS // max(numbers, 1)))
    for start in range(0, draws, size):
        yield draw(random, cell, min(size, draws - start))


def _weighted(batches: Any, draws: int) -> Iterator[tuple[Any, float]]:
    for batch in batches:
        if isinstance(batch, np.ndarray) and np.issubdtype(batch.dtype, np.integer):
            seen, counts = np.unique(batch, axis=0, return_counts=True)
            yield from zip(seen, counts / draws, strict=True)
        else:
            yield from ((seen, 1 / draws) for seen in batch)


def _holds(low: float, truth: float, high: float) -> bool:
    return low - _ROUNDING <= truth <= high + _ROUNDING


def _shown(value: Any) -> str:
    if isinstance(value, tuple | list):
        return "+".join(_shown(one) for one in value)
    return f"{value:g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)

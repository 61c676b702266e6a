"""Writes what a coverage simulation found as Markdown."""

import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from benchmarks.coverage_cells import (
    CONFIDENCE,
    DRAWS,
    FRESH_DRAWS,
    MOST_FALSE_FAILS,
    MOST_FALSE_PASSES,
    MOSTLY_JUDGED,
    SEED,
    Cell,
    Tally,
    label,
)
from benchmarks.pages import written_by

_WORST = 10
_TITLE = "# Coverage of the intervals"
_LEARNED = (
    "Models that are asked answer by a known rule. What a learner was taught is taken as it came out: the truth of a "
    "draw is what its scores are worth over all rows there are, worked out exactly, as features take few values. "
    "That another sample would teach another lesson is no part of these intervals. Checks that fit 200 trees in every "
    "draw are drawn anew 4,000 times where they come near a bound."
)
WITHOUT_HEADING = "## Checks without a scenario"


@dataclass(frozen=True, kw_only=True)
class Found:
    """What one scenario gave."""

    name: str
    rival_name: str
    tallies: Sequence[Tally]

    @property
    def held(self) -> bool:
        """Whether every cell keeps its promises."""
        return all(one.holds for one in self.tallies)


@dataclass(frozen=True, kw_only=True)
class Failed:
    """How often groups that do not differ failed: the limit, and share and draws of every cell."""

    name: str
    limit: str
    cells: Sequence[tuple[Cell, float, int]]

    @property
    def worst(self) -> float:
        """The largest share."""
        return max(share for _, share, _ in self.cells)


def page(
    found: Sequence[Found], failed: Sequence[Failed], without: dict[str, str], *, draws: int, on: date, left: int = 0,
    learned: bool = False,
) -> str:  # fmt: skip
    """The whole document, of either page; `left` cells have not been drawn yet."""
    missed = [one for one in found if not one.held]
    title = "# Coverage of the intervals: checks that ask, learn or compare data sets" if learned else _TITLE
    lines = [
        title, "", *_head(draws, on), *([_LEARNED, ""] if learned else []), *_summary(found), "",
        _said(found, missed, failed), "",
        *([f"**{left} cells were not drawn in this run: nothing is claimed of them.**", ""] if left else []),
        *_worst_cells(found), *(_equal(failed) if failed else []),
        *(without_scenario(without) if without else []), *_not_proven(),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _head(draws: int, on: date) -> list[str]:
    written = written_by("benchmarks/coverage.py", "reliability-workbench", "numpy", "scipy", on=on)
    return [
        f"{written}, {platform.machine()}. "
        f"Seed {SEED}; every cell has a stream of its own, keyed by seed, check and cell, so that a cell run alone "
        "gives the same numbers.", "",
        f"Each cell draws {draws:,} data sets from a model whose truth is known, counts them as the engine does, calls "
        f"the check itself at confidence {CONFIDENCE:g} and judges with the product's own rule `guarded`. A cell that "
        f"comes near a bound is drawn anew {FRESH_DRAWS:,} times, and only the fresh draws are reported. Single "
        "proportions are not drawn at all: every outcome is measured and weighted by its probability (draws: all).", "",
        "Promised: coverage ≥ 94 % in every cell with n ≥ 100 and ≥ 93 % elsewhere; with the limit exactly at the "
        f"truth, ≤ {MOST_FALSE_PASSES:.0%} pass. `±` is the binomial standard error. Coverage and false passes are "
        f"shares of the judged draws; where fewer than {MOSTLY_JUDGED:.0%} of the draws are judged (marked °) they are "
        "shares of all draws: to be judged at all is then itself an error of the draw, so that the share among those "
        "few says nothing, and what counts is how often a wrong interval is given.", "",
        "`width` is the mean width over that of the named alternative, on the draws for which both give an interval. "
        "Many alternatives are narrow because they do not cover: their own coverage stands beside.", "",
    ]  # fmt: skip


def _summary(found: Sequence[Found]) -> list[str]:
    lines = [
        "| check | cells | worst coverage, n ≥ 100 | worst coverage, n < 100 | worst false pass | declined | width "
        "| alternative | its worst coverage | holds |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in found:
        ratios = [tally.width_ratio for tally in one.tallies if tally.width_ratio == tally.width_ratio]
        declined = [1 - tally.judged for tally in one.tallies]
        rivals = [tally.rival_covered for tally in one.tallies if tally.rival_covered == tally.rival_covered]
        lines.append(
            f"| `{one.name}` | {len(one.tallies)} | {_worst(t for t in one.tallies if t.n >= 100)} "
            f"| {_worst(t for t in one.tallies if t.n < 100)} | {_worst_pass(one.tallies)} "
            f"| {_range(declined, '.0%')} | {_range(ratios, '.2f')} | {one.rival_name} "
            f"| {min(rivals):.1%} | {'yes' if one.held else '**no**'} |"
            if rivals
            else f"| `{one.name}` | {len(one.tallies)} | never judged | | | | | | | |"
        )
    return lines


def _worst(tallies: Iterable[Tally]) -> str:
    ranked = sorted(tallies, key=lambda tally: tally.coverage)
    return f"{ranked[0].coverage:.1%}{_mark(ranked[0])} ± {ranked[0].error(ranked[0].coverage):.1%}" if ranked else ""


def _worst_pass(tallies: Sequence[Tally]) -> str:
    worst = max(tallies, key=lambda tally: tally.false_passes)
    return f"{worst.false_passes:.1%} ± {worst.error(worst.false_passes):.1%}"


def _range(numbers: Sequence[float], form: str) -> str:
    if not numbers:
        return ""
    low, high = (format(max(0.0, number), form) for number in (min(numbers), max(numbers)))
    return low if low == high else f"{low} – {high}"


def _mark(tally: Tally) -> str:
    return "" if tally.conditional else "°"


def _said(found: Sequence[Found], missed: Sequence[Found], failed: Sequence[Failed]) -> str:
    cells = [tally for one in found for tally in one.tallies]
    beyond = [tally for tally in cells if not tally.holds]
    wrong = [one.name for one in failed if one.worst > MOST_FALSE_FAILS]
    said = f"{len(found)} scenarios, {len(cells)} cells, {len(beyond)} of them beyond a promise"
    said += f" ({', '.join(f'`{one.name}`' for one in missed)})." if missed else "."
    equal = f" Equal groups: {f'beyond 1 % in {wrong}' if wrong else 'nowhere beyond 1 %'}." if failed else ""
    return said + equal


def _worst_cells(found: Sequence[Found]) -> list[str]:
    lines = ["## The ten worst cells of every check", ""]
    for one in found:
        lines += [
            f"### `{one.name}`", "",
            f"| cell | draws | declined | coverage | false pass | mean width | width of {one.rival_name} "
            "| its coverage |",
            "|---|---|---|---|---|---|---|---|",
        ]  # fmt: skip
        ranked = sorted(one.tallies, key=lambda tally: (tally.holds, tally.coverage - tally.bound))
        lines += [_row(tally) for tally in ranked[:_WORST]]
        lines.append("")
    return lines


def _row(tally: Tally) -> str:
    cell = tally.label if tally.holds else f"**{tally.label}**"
    draws = f"{tally.draws:,}" if tally.draws else "all"
    return (
        f"| {cell} | {draws} | {max(0.0, 1 - tally.judged):.1%} "
        f"| {tally.coverage:.2%}{_mark(tally)} ± {tally.error(tally.coverage):.2%} "
        f"| {tally.false_passes:.2%} ± {tally.error(tally.false_passes):.2%} "
        f"| {tally.width:.4g} | {tally.rival_width:.4g} | {tally.rival_covered:.1%} |"
    )


def _equal(failed: Sequence[Failed]) -> list[str]:
    lines = [
        "## Groups that do not differ", "",
        f"K groups of one size and one truth, at the limit named: share that `fail`, of {DRAWS:,} draws a cell (cells "
        f"near 1 % drawn anew, {FRESH_DRAWS:,} times). Promised: ≤ {MOST_FALSE_FAILS:.0%}.", "",
        "| check | limit | cells | worst share | at | holds |", "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for one in failed:
        cell, share, draws = max(one.cells, key=lambda row: row[1])
        error = (share * (1 - share) / draws) ** 0.5
        lines.append(
            f"| `{one.name}` | {one.limit} | {len(one.cells)} | {share:.2%} ± {error:.2%} | {label(cell)} "
            f"| {'yes' if share <= MOST_FALSE_FAILS else '**no**'} |"
        )
    return [*lines, "", *_by_groups(failed)]


def _by_groups(failed: Sequence[Failed]) -> list[str]:
    numbers = sorted({cell["groups"] for one in failed for cell, _, _ in one.cells})
    lines = [
        "Worst share by number of groups, over sizes and rates:", "",
        f"| check | {' | '.join(f'K = {number}' for number in numbers)} |", f"|---|{'---|' * len(numbers)}",
    ]  # fmt: skip
    for one in failed:
        worst = [max((s for c, s, _ in one.cells if c["groups"] == number), default=0.0) for number in numbers]
        lines.append(f"| `{one.name}` | {' | '.join(f'{share:.2%}' for share in worst)} |")
    return [*lines, ""]


def without_scenario(without: dict[str, str]) -> list[str]:
    """The section on checks without a scenario."""
    return [WITHOUT_HEADING, "", *(f"- `{name}`: {why}" for name, why in without.items()), ""]


def _not_proven() -> list[str]:
    return [
        "## What is not proven", "",
        "- Rows are drawn independently of each other and alike, but for the scenarios that say *clustered*. Data that "
        "were selected, weighted or drifted, or in which one person has rows under several names, can leave every "
        "interval here too narrow.",
        "- Coverage is that of the generating models named in the cells: binomial counts; binormal scores; logits that "
        "are normal; normal, Laplace, t, gamma, lognormal or uniform errors. Heavier tails or a rarer event than any "
        "cell has may cover less, where the check's own rule does not see it.",
        "- Between the cells nothing was measured. An interval that covers in the mean over the draws of one cell may "
        "still miss more often for some data within it.",
        "- Rates of groups are drawn given how many rows of each group they speak of; sizes are taken as they are.",
        "- Confidence is 95 % throughout; other levels use the same formulas and were not simulated.",
        f"- {DRAWS:,} draws leave a standard error of half a point at 95 %: among many cells some come out below their "
        "true coverage by more than that, some above. The worst of many cells looks worse than it is.",
        "- Where a check declines, nothing is said of coverage; the share of declined draws stands beside.", "",
    ]  # fmt: skip

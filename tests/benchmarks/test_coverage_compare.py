"""The simulation of changes knows every measure that is compared, and each of its cells still runs."""

from datetime import date

import pytest

from benchmarks import coverage_compare
from benchmarks.coverage import SCENARIOS
from benchmarks.coverage_compare import LEVELS, Told, drawn_again, jobs, page, spread
from benchmarks.coverage_without import WITHOUT
from reliability.compare.paired import PAIRED
from reliability.compare.unpaired import OF_GROUPS, VALIDATED


def told(*claimed, n=1000, name="a"):
    return Told(name=name, cell="c", n=n, draws=1000, compared=1000, claimed=claimed)


def test_every_measure_that_is_compared_is_simulated_or_is_a_share_like_another():
    simulated = {scenario.check for scenario in SCENARIOS.values()}

    assert all("Clopper-Pearson of a share" in WITHOUT[check] for check in VALIDATED - simulated)


def test_every_paired_measure_is_simulated_on_paired_rows():
    tried = {*coverage_compare.BINARY_PAIRED, *coverage_compare.VALUES_PAIRED}

    assert PAIRED - tried == {"performance.roc_auc_one_vs_rest"}  # the same placements as roc_auc


@pytest.mark.parametrize(
    "name",
    ["performance.accuracy", "performance.roc_auc (paired)", "performance.r2_score (paired)",
     "fairness.selection_rate_ratio (worst pair)", "families"],
)  # fmt: skip
def test_a_cell_of_every_kind_runs(name):
    found = next(jobs(name))(3, 0)

    assert (found.draws, len(found.claimed)) == (3, len(LEVELS))
    assert 0 <= found.compared <= 3


def test_every_name_has_its_cells():
    names = {job.func.__name__ for job in jobs("")}

    assert names == {"unpaired", "paired", "worst_pairs", "families"}
    assert len(list(jobs("worst pair"))) == len(OF_GROUPS) * len(coverage_compare.pair_cells())


@pytest.mark.parametrize(
    ("one", "holds"),
    [(told(0.05, 0.005), True), (told(0.061, 0.0), False), (told(0.0, 0.008), False), (told(0.069, 0.009, n=60), True)],
)
def test_a_cell_holds_within_its_bounds(one, holds):
    assert one.holds is holds


def test_a_cell_near_its_bound_is_drawn_anew():
    asked = []

    def job(draws, attempt):
        asked.append((draws, attempt))
        return told(0.058, 0.001) if not attempt else told(0.04, 0.002)

    assert drawn_again(job, coverage_compare.DRAWS).claimed == (0.04, 0.002)
    assert asked == [(coverage_compare.DRAWS, 0), (coverage_compare.FRESH_DRAWS, 1)]


def test_a_trial_run_is_not_drawn_anew():
    assert drawn_again(lambda draws, attempt: told(0.5, 0.5), 10).claimed == (0.5, 0.5)


def test_cells_are_spread_from_the_first_to_the_last():
    cells = [{"n": n} for n in range(10)]

    assert [cell["n"] for cell in spread(cells, 3)] == [0, 4, 9]
    assert spread(cells[:2], 5) == cells[:2]


def test_the_page_names_what_is_beyond_its_promise():
    text = page([told(0.03, 0.001), told(0.2, 0.1, name="b")], draws=1000, on=date(2026, 11, 28))

    assert "2 cells; beyond the promise: 1." in text
    assert "| `a` | 1 | 1,000 | 3.0% | 0.10% | yes |" in text
    assert "- beyond: b, c: (0.2, 0.1)" in text

"""The coverage simulation knows every check, and each of its scenarios still runs."""

from dataclasses import replace
from datetime import date

import pytest
from scipy.stats import binom

from benchmarks import coverage, coverage_page
from benchmarks.coverage_cells import Scenario, Tally, false_fails, tally
from benchmarks.coverage_without import WITHOUT
from reliability.checklist.catalogue import checks
from reliability.checklist.read import names, read_checklist
from reliability.records import Measurement, Reason

DRAWS = 4


@pytest.mark.parametrize("name", sorted(coverage.SCENARIOS))
def test_a_scenario_measures_its_smallest_cell(name):
    scenario = coverage.SCENARIOS[name]
    cell = min(scenario.cells, key=lambda cell: cell["n"])

    counted = tally(scenario, cell, DRAWS)

    assert 0 <= counted.covered <= counted.judged <= 1 + 1e-9
    assert 0 <= counted.false_pass <= counted.judged + 1e-9


@pytest.mark.parametrize("name", sorted(coverage.EQUAL))
def test_equal_groups_are_measured_in_the_smallest_cell(name):
    assert 0 <= false_fails(coverage.EQUAL[name], coverage.EQUAL[name].cells[0], DRAWS) <= 1


def test_every_check_has_a_scenario_or_a_reason():
    simulated = {scenario.check for scenario in coverage.SCENARIOS.values()}

    assert simulated.isdisjoint(WITHOUT)
    assert simulated | set(WITHOUT) == set(checks())


def test_equal_groups_are_held_to_the_limits_that_are_shipped():
    criteria = [one for name in names() for item in read_checklist(name).items for one in item.criteria]
    shipped = {(one.check, side, getattr(one, side)) for one in criteria for side in ("at_least", "at_most")}

    for check, side, limit in shipped:
        if check in coverage.EQUAL and limit is not None:
            assert (side, limit) == (coverage.EQUAL[check].side, coverage.EQUAL[check].limit), check


def test_a_name_tells_scenarios_apart():
    modules = (*coverage._MODULES, *coverage._LEARNED)

    assert len(coverage.SCENARIOS) == sum(len(module.ALL) for module in modules)


def fixed(low: float, high: float) -> Scenario:
    """A check that always says the same of a truth of 0.5."""
    said = Measurement.within(0.5, (low, high), n=100, unit="share", method="wilson")
    return Scenario(
        check="performance.accuracy", cells=({"n": 100},), draw=lambda random, cell, draws: [None] * draws,
        truth=lambda cell: 0.5, measure=lambda cell, seen: said, rival=lambda cell, seen: (0.4, 0.6), rival_name="none",
    )  # fmt: skip


def test_tally_counts_an_interval_that_holds_the_truth():
    counted = tally(fixed(0.4, 0.7), {"n": 100}, 10)

    assert (counted.coverage, counted.false_passes) == pytest.approx((1, 0))
    assert counted.width_ratio == pytest.approx(1.5)
    assert counted.holds


@pytest.mark.parametrize(("low", "high"), [(0.6, 0.7), (0.3, 0.4)])
def test_tally_counts_a_miss_as_a_false_pass_on_its_side(low, high):
    counted = tally(fixed(low, high), {"n": 100}, 10)

    assert (counted.coverage, counted.false_passes) == pytest.approx((0, 1))
    assert not counted.holds


def test_tally_counts_a_declined_draw_apart():
    few = Measurement.unjudged(0.5, n=100, unit="share", reason=Reason(code="too_few_for_interval"))
    declining = replace(fixed(0.4, 0.7), measure=lambda cell, seen: few)

    assert tally(declining, {"n": 100}, 10).judged == 0


def test_a_cell_of_single_proportions_is_exact():
    scenario = coverage.SCENARIOS["performance.accuracy"]

    counted = tally(scenario, {"n": 30, "rate": 0.1}, 0)

    # Clopper-Pearson's limits hold 0.1 for x from 0 to 7 of 30.
    assert counted.coverage == pytest.approx(binom.cdf(7, 30, 0.1))
    assert counted.draws == 0


def test_where_few_draws_are_judged_errors_count_among_all():
    few = Tally(
        label="", n=100, draws=100, judged=0.1, covered=0.07, false_pass=0.02, width=1, rival_width=1, rival_covered=1
    )

    assert few.coverage == pytest.approx(0.97)
    assert few.false_passes == pytest.approx(0.02)


def test_a_cell_drawn_again_gives_the_same():
    scenario = coverage.SCENARIOS["performance.f1"]

    assert tally(scenario, scenario.cells[0], 20) == tally(scenario, scenario.cells[0], 20)


def test_the_page_names_a_cell_that_misses():
    missed = tally(fixed(0.6, 0.7), {"n": 100}, 10)
    found = coverage_page.Found(name="performance.accuracy", rival_name="none", tallies=[missed])
    failed = coverage_page.Failed(name="fairness.x", limit="at most 0.1", cells=[({"groups": 2, "size": 30}, 0.5, 10)])

    text = coverage_page.page([found], [failed], {"a.b": "no interval"}, draws=10, on=date(2026, 1, 1))

    assert "1 of them beyond a promise (`performance.accuracy`)" in text
    assert "beyond 1 %" in text
    assert "- `a.b`: no interval" in text


def test_every_scenario_is_on_one_of_two_pages():
    pages = [{task[1] for task in coverage.tasks("", 10, learned=learned)} for learned in (False, True)]

    assert pages[0].isdisjoint(pages[1])
    assert pages[0] | pages[1] == {*coverage.SCENARIOS, *coverage.EQUAL}
    assert pages[1] == coverage.LEARNED


def test_only_takes_part_of_a_name():
    assert {task[1] for task in coverage.tasks("performance.f1_macro", 10)} == {"performance.f1_macro"}

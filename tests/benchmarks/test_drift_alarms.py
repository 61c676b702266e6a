"""What is drawn for the false alarms of drift, and that a column that moves is found."""

from benchmarks.drift_alarms import LIMITS, alarms, moved
from reliability.checklist.read import read_checklist


def test_nothing_that_has_not_moved_fails_in_a_few_draws():
    found = alarms(300, 300, 6, draws=5)

    assert set(found) == {check.__name__ for check in LIMITS}
    assert all(failed == 0 for failed, _ in found.values())


def test_a_column_that_moves_far_is_found_by_every_check_of_numbers():
    found = moved(300, 1.5, draws=3)

    assert {name for name, (_, above) in found.items() if above == 1} >= {
        "population_stability_index", "wasserstein_distance", "kolmogorov_smirnov_statistic",
    }  # fmt: skip


def test_limits_that_the_checklist_ships_are_those_tried():
    shipped = {
        one.check.removeprefix("drift."): one.at_most
        for item in read_checklist("trustworthy-ai").items
        for one in item.criteria
        if one.check and one.check.startswith("drift.") and one.at_most is not None
    }

    assert {check.__name__: limit for check, limit in LIMITS.items() if check.__name__ in shipped}.items() <= (
        shipped.items()
    )

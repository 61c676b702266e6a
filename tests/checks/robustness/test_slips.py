import numpy as np
import pytest
from scipy.stats import binomtest

from reliability.checks.robustness.slips import unit_slip_consistency
from reliability.errors import NotMeasurable, UsageError
from reliability.evidence.probe import Answers
from reliability.records import canonical_json
from tests.checks.probing import linear, probed, rows_asked


def income(n=100, **roles):
    """Half the rows earn 200 and are turned down, half earn 4,000; the cut is at 1,000; age means nothing."""
    columns = {"income": [200.0, 4_000.0] * (n // 2), "age": [30, 60] * (n // 2), "w": ["a", "b"] * (n // 2)}
    return probed(columns, linear({"income": 1.0}, 1_000), y_true=[0, 1] * (n // 2), **roles)


def test_unit_slip_names_the_column_and_the_factor():
    probe, _, asked = income()
    measured = unit_slip_consistency(probe, factors=(2.0, 10.0, 0.5))

    # Ten times 200 passes the cut; twice does not, and half of 4,000 is still above.
    assert (measured.value, measured.details["column"], measured.details["factor"]) == (0.5, "income", 10.0)
    assert measured.details["changed"] == 50
    assert measured.details["accuracy"]["drop"] == 0.5
    assert [(one["column"], one["value"]) for one in measured.details["columns"]] == [("income", 0.5), ("age", 1.0)]
    assert [one["strength"] for one in measured.details["columns"][0]["curve"]] == [0.5, 2.0, 10.0]
    assert (len(asked), rows_asked(asked)) == (1, 600)
    assert canonical_json(measured)


def test_unit_slip_has_limits_that_hold_for_every_slip_at_once():
    probe, _, _ = income()
    measured = unit_slip_consistency(probe, factors=(10.0, 0.1), confidence=0.9)
    stricter = binomtest(50, 100).proportion_ci(1 - 0.1 / 4, "exact")

    assert (measured.low, measured.high) == (pytest.approx(stricter.low), pytest.approx(stricter.high))


def test_unit_slip_in_either_direction_is_found():
    probe, _, _ = income()

    assert unit_slip_consistency(probe, factors=(0.1,)).details["factor"] == 0.1
    assert unit_slip_consistency(probe, factors=(1.0,)).value == 1.0


def test_unit_slip_takes_one_column_at_a_time():
    probe, _, asked = income(4)
    unit_slip_consistency(probe, factors=(10.0, 100.0))
    table = asked[0]

    assert table["income"].values.tolist() == [2e3, 4e4] * 2 + [2e4, 4e5] * 2 + [200.0, 4e3] * 4
    assert table["age"].values.tolist() == [30, 60] * 4 + [300, 600] * 2 + [3_000, 6_000] * 2
    assert table["w"].as_labels() == ["a", "b"] * 8


def test_unit_slip_leaves_columns_of_nought_and_gaps_out():
    probe, _, asked = probed({"x": [1.0, None], "zero": [0.0, 0.0], "gone": [None, None]}, linear({"x": 1.0}))
    measured = unit_slip_consistency(probe)

    assert [one["column"] for one in measured.details["columns"]] == ["x"]
    assert rows_asked(asked) == 12
    assert asked[0]["x"].missing.tolist() == [False, True] * 6


def test_unit_slip_widens_where_rows_are_clustered():
    alone, _, _ = income(200)
    clustered, _, _ = income(200, entity=[1 + i // 20 for i in range(200)])
    first, second = (unit_slip_consistency(one) for one in (alone, clustered))

    assert first.value == second.value
    assert second.method == "clopper_pearson_effective_n"


@pytest.mark.parametrize("factors", [(), (0.0,), (10.0, -1.0), (float("inf"),), (float("nan"),)])
def test_unit_slip_refuses_factors_that_are_none(factors):
    with pytest.raises(UsageError, match="'factors'"):
        unit_slip_consistency(income()[0], factors=factors)


@pytest.mark.parametrize(
    ("columns", "roles", "code"),
    [
        ({"w": ["a", "b"]}, {}, "no_numeric_features"),
        ({"x": [0.0, 0.0]}, {}, "no_numeric_features"),
        ({"x": [1.0, 2.0]}, {"task": "regression"}, "needs_classification"),
        ({"x": []}, {}, "no_rows"),
    ],
)
def test_unit_slip_refuses(columns, roles, code):
    probe, _, _ = probed(columns, lambda table: Answers(labels=np.zeros(len(next(iter(table.values()))))), **roles)

    with pytest.raises(NotMeasurable) as refused:
        unit_slip_consistency(probe)
    assert refused.value.code == code


def test_unit_slip_asks_five_hundred_rows_by_default():
    probe, _, asked = probed({"x": np.arange(1.0, 801.0)}, linear({"x": 1.0}, 400))

    assert unit_slip_consistency(probe).n == 500
    assert rows_asked(asked) == 3_000


def test_unit_slip_counts_rows_that_changed_and_not_those_that_stayed():
    probe, _, _ = probed({"x": [1.0] * 30 + [50.0] * 70}, linear({"x": 1.0}, 5.0))
    measured = unit_slip_consistency(probe, factors=(10.0,), sample_size=80)

    assert measured.details["changed"] == round(80 * (1 - measured.value)) != 40
    assert (measured.unit, measured.method, measured.n) == ("share", "clopper_pearson", 80)
    assert set(measured.details) == {"of_n", "column", "factor", "changed", "accuracy", "columns"}
    assert measured.details["of_n"] == 100


@pytest.mark.parametrize(
    ("factors", "value"), [((), "()"), ((10.0, 0.0, -1.0), 0.0), ((10.0, -1.0), -1.0), ((float("inf"),), float("inf"))]
)
def test_unit_slip_says_which_factor_is_none(factors, value):
    with pytest.raises(UsageError) as refused:
        unit_slip_consistency(income()[0], factors=factors)

    assert refused.value.values == {"option": "factors", "most": np.inf, "value": value}
    assert str(refused.value) == f"option 'factors' takes a number from 0 to inf, not {value}; change it under 'with'"

from dataclasses import replace

import numpy as np
import pytest

from reliability.checks.robustness.monotone import monotonicity_violations
from reliability.errors import ChecklistError, NotMeasurable
from reliability.evidence.probe import Answers
from reliability.intervals.proportions import clopper_pearson
from reliability.records import canonical_json
from tests.checks.probing import labels_only, linear, probed, rows_asked

X = np.linspace(0.0, 10.0, 101)


def declared(model, *, columns=None, direction="increasing", **roles):
    return probed(columns or {"x": X, "z": X[::-1].copy()}, model, monotone={"x": direction}, **roles)


@pytest.mark.parametrize(
    ("weight", "direction", "value"),
    [(1, "increasing", 0), (-1, "increasing", 1), (1, "decreasing", 1), (-1, "decreasing", 0), (0, "increasing", 0)],
)
def test_a_straight_model_violates_everywhere_or_nowhere(weight, direction, value):
    probe, _, _ = declared(linear({"x": 0.1 * weight, "z": 0.1}), direction=direction)

    assert monotonicity_violations(probe).value == value


def test_a_model_that_turns_violates_at_the_steps_behind_its_turn():
    def turning(columns):
        x = columns["x"].values
        return Answers(labels=(x > 5).astype(np.int64), scores=np.where(x <= 8, x / 10, 1.6 - x / 10))

    probe, _, asked = declared(turning)
    measured = monotonicity_violations(probe, steps=10)

    # Of ten steps, those from 8 to 9 and from 9 to 10 fall; of 101 rows all.
    assert measured.value == pytest.approx(0.2)
    assert measured.details["columns"] == [{"column": "x", "value": pytest.approx(0.2), "steps": 10, "rows": 101}]
    assert (measured.details["column"], measured.details["direction"]) == ("x", "increasing")
    assert (len(asked), rows_asked(asked)) == (1, 11 * 101)
    assert canonical_json(measured)


def test_rows_that_violate_are_named_by_their_positions():
    def grudging(columns):
        x, z = columns["x"].values, columns["z"].values
        return Answers(labels=np.zeros(len(x), np.int64), scores=np.where(z > 9.75, 0.5 - x / 100, x / 100))

    probe, _, _ = declared(grudging)

    # z runs backwards: its largest values stand in the first rows.
    assert monotonicity_violations(probe).details["positions"] == [0, 1, 2]


def test_without_scores_labels_are_compared():
    probe, _, _ = declared(labels_only(linear({"x": -1.0}, -5.0)))

    # The label falls once on the way from 0 to 10.
    assert monotonicity_violations(probe, steps=10).value == pytest.approx(0.1)


def test_a_regression_is_held_to_its_values():
    probe, _, _ = declared(lambda c: Answers(labels=c["x"].values ** 2), task="regression", direction="decreasing")

    assert monotonicity_violations(probe).value == 1.0


def test_only_the_declared_column_moves_and_gaps_are_filled():
    columns = {"x": [1.0, None, 3.0], "z": [7.0, 8.0, None]}
    probe, _, asked = declared(linear({"x": 1.0}), columns=columns)
    monotonicity_violations(probe, steps=5)

    assert asked[0]["x"].as_labels() == [1.0] * 3 + [3.0] * 3
    assert asked[0]["z"].as_labels() == [7.0, 8.0, None] * 2


def test_values_tried_are_values_that_occur():
    columns = {"x": [1, 1, 1, 2, 5, 100]}
    probe, _, asked = declared(linear({"x": 1.0}), columns=columns)
    monotonicity_violations(probe, steps=2)

    assert asked[0]["x"].values.tolist() == [1] * 6 + [5] * 6 + [100] * 6
    assert asked[0]["x"].kind == "i8"


@pytest.mark.parametrize("steps", [3, 100, 10_000])
def test_there_are_no_more_steps_than_values(steps):
    probe, _, _ = declared(linear({"x": 1.0}), columns={"x": [1.0, 2.0, 3.0, 4.0]})

    assert monotonicity_violations(probe, steps=steps).details["columns"][0]["steps"] == 3


def test_the_worst_of_several_columns_is_the_value():
    columns = {"a": X, "b": X, "c": X}
    probe, _, _ = probed(
        columns,
        linear({"a": 0.1, "b": -0.1, "c": 0.1}),
        monotone={"a": "increasing", "b": "increasing", "c": "increasing"},
    )
    measured = monotonicity_violations(probe)

    assert (measured.value, measured.details["column"]) == (1.0, "b")
    assert [one["value"] for one in measured.details["columns"]] == [0.0, 1.0, 0.0]


def test_limits_are_those_of_a_proportion_where_rows_violate_wholly_or_not():
    def some(columns):
        x, z = columns["x"].values, columns["z"].values
        return Answers(labels=np.zeros(len(x), np.int64), scores=np.where(z < 2.95, 0.5 - x / 100, x / 100))

    measured = monotonicity_violations(declared(some)[0])
    low, high = clopper_pearson(30, 101, confidence=0.95)

    assert measured.value == pytest.approx(30 / 101)
    assert (measured.low, measured.high) == (pytest.approx(low), pytest.approx(high))


def test_no_violation_in_five_hundred_rows_is_told_from_one_in_a_hundred():
    probe, _, _ = declared(linear({"x": 0.1}), columns={"x": np.linspace(0, 1, 600)})
    measured = monotonicity_violations(probe)

    assert (measured.value, measured.n) == (0.0, 500)
    assert measured.high < 0.01


def test_rounding_is_no_violation():
    def shaky(columns):
        x = columns["x"].values
        return Answers(labels=np.zeros(len(x), np.int64), scores=0.5 - x * 1e-12)

    assert monotonicity_violations(declared(shaky)[0]).value == 0.0


def test_clustered_rows_are_not_judged():
    measured = monotonicity_violations(declared(linear({"x": -0.1}), entity=[1 + i // 10 for i in range(101)])[0])

    assert (measured.value, measured.judged, measured.reason.code) == (1.0, False, "clustered_rows")


@pytest.mark.parametrize(
    ("columns", "roles", "code"),
    [
        ({"x": [1.0, 2.0]}, {}, "no_monotone"),
        ({"x": [1.0, 2.0]}, {"monotone": {"other": "increasing"}}, "not_an_input"),
        ({"x": ["a", "b"]}, {"monotone": {"x": "increasing"}}, "not_an_input"),
        ({"x": [1.0, 1.0]}, {"monotone": {"x": "increasing"}}, "not_an_input"),
        ({"x": []}, {"monotone": {"x": "increasing"}}, "no_rows"),
        ({"x": [1.0, 2.0]}, {"monotone": {"x": "increasing"}, "positive": None}, "no_positive"),
        ({"x": [1.0, 2.0]}, {"monotone": {"x": "increasing"}, "positive": None, "task": "multiclass"}, "needs_binary"),
    ],
)
def test_monotonicity_refuses(columns, roles, code):
    probe, _, _ = probed(columns, lambda table: Answers(labels=np.zeros(len(next(iter(table.values()))))), **roles)

    with pytest.raises(NotMeasurable) as refused:
        monotonicity_violations(probe)
    assert refused.value.code == code


def test_a_declared_column_that_is_no_number_is_named_beside_the_others():
    probe, _, _ = probed(
        {"x": X, "w": ["a"] * 101}, linear({"x": 1.0}), monotone={"x": "increasing", "w": "increasing"}
    )

    assert monotonicity_violations(probe).details["not_tried"] == ["w"]


@pytest.mark.parametrize("option", ["steps", "sample_size"])
def test_monotonicity_needs_a_step_to_take_and_a_row_to_ask_about(option):
    probe, _, asked = declared(linear({"x": 1.0}))
    with pytest.raises(ChecklistError) as refused:
        monotonicity_violations(probe, **{option: 0})

    assert refused.value.code == "option_too_small"
    assert refused.value.values == {"option": option, "least": 1, "value": 0}
    assert asked == []


def test_a_record_of_monotonicity_tells_what_was_seen_and_how_it_was_measured():
    measured = monotonicity_violations(declared(linear({"x": -0.1}))[0])

    assert (measured.unit, measured.method, measured.n) == ("share", "beta_matched", 101)
    assert measured.details == {
        "of_n": 101, "column": "x", "direction": "increasing", "positions": list(range(20)),
        "columns": [{"column": "x", "value": 1.0, "steps": 10, "rows": 101}], "not_tried": [],
    }  # fmt: skip


def test_rows_seen_are_told_from_rows_asked():
    measured = monotonicity_violations(declared(linear({"x": -0.1}))[0], sample_size=40)

    assert (measured.n, measured.details["of_n"]) == (40, 101)


def test_what_is_not_judged_for_its_clusters_is_told_as_fully():
    alone, clustered = (
        monotonicity_violations(declared(linear({"x": -0.1}), **roles)[0])
        for roles in ({}, {"entity": [1 + i // 10 for i in range(101)]})
    )

    assert (clustered.unit, clustered.n, clustered.details) == (alone.unit, alone.n, alone.details)


def test_a_model_can_choose_the_rows_that_are_there():
    def choosing(columns):
        there = columns["x"].values[~columns["x"].missing]
        return Answers(labels=np.zeros(len(there), np.int64), scores=there / 10)

    probe, _, asked = declared(choosing)

    assert monotonicity_violations(probe).value == 0.0
    assert asked[0]["x"].missing.dtype == np.bool_


def test_columns_that_are_no_input_are_named_in_the_refusal():
    probe, _, _ = declared(linear({"x": 1.0}), columns={"x": X, "w": ["a"] * 101})
    roles = replace(probe.sample.roles, monotone={"w": "increasing", "gone": "decreasing"})
    with pytest.raises(NotMeasurable) as refused:
        monotonicity_violations(replace(probe, sample=replace(probe.sample, roles=roles)))

    assert refused.value.values == {"columns": ["gone", "w"]}


def valued(rule):
    """A regression whose value is a rule of x."""
    return lambda columns: Answers(labels=np.asarray(rule(columns["x"].values), np.float64))


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize(("step", "value"), [(0.7, 0.0), (1.0, 0.0), (1.3, 1.0)])
def test_a_step_of_more_than_a_billionth_of_its_size_is_one_the_wrong_way(sign, step, value):
    # From 10^9 on the way against what is declared, where a billionth is 1.
    probe, _, _ = declared(
        valued(lambda x: sign * (1e9 - np.where(x > 0, step, 0.0))), columns={"x": [0.0, 1.0]}, task="regression",
        direction="increasing" if sign > 0 else "decreasing",
    )  # fmt: skip

    assert monotonicity_violations(probe).value == value


def test_what_is_rounding_goes_by_the_two_answers_compared_and_not_by_others():
    probe, _, _ = declared(valued(lambda x: np.where(x == 0, 1e12, 10 - x)), task="regression")

    assert monotonicity_violations(probe).value == 1.0

import numpy as np
import pytest

from reliability.checks.robustness.invalid import invalid_inputs
from reliability.checks.robustness.refusals import invalid_input_handling
from reliability.errors import ChecklistError, NotMeasurable, WorkerError
from reliability.evidence.probe import Answers
from reliability.intervals.proportions import clopper_pearson
from reliability.records import canonical_json
from tests.checks.probing import probed

COLUMNS = {
    "x": [1.5, 2.5, None, 9.0], "signed": [-1.0, 1.0, 2.0, 3.0], "i": [1, 2, 3, 4], "yes": [True, False, True, True],
    "w": ["가", "나", None, "가"],
}  # fmt: skip


def failed(code="model_raised"):
    return WorkerError(code, "the model stopped")


def calm(columns):
    """A model that answers anything."""
    return Answers(labels=np.zeros(len(next(iter(columns.values()))), np.int64))


def strict(columns):
    """A model that refuses what it does not know, as scikit-learn does."""
    for name, values in COLUMNS.items():
        column = columns[name]
        kinds = {"x": "f8", "signed": "f8", "i": "i8", "yes": "bool", "w": "utf8"}
        if column.kind != kinds[name]:
            raise failed()
        if column.kind == "f8" and not np.isfinite(column.values).all():
            raise failed()
        present = column.values[~column.missing].tolist()
        if column.kind == "utf8" and not {column.levels[code] for code in present} <= set(values):
            raise failed()
    return calm(columns)


def handled(model, columns=COLUMNS, **options):
    probe, profile, _ = probed(columns, calm)
    probe = type(probe)(sample=probe.sample, answers=probe.answers, ask=model, ask_anew=model)
    return invalid_input_handling(probe, profile, **options)


def kinds_of(measured):
    return {one["kind"]: {key: n for key, n in one.items() if key != "kind"} for one in measured.details["kinds"]}


def test_a_model_that_answers_everything_handles_everything():
    measured = handled(calm)
    low, _ = clopper_pearson(measured.n, measured.n, confidence=0.95)

    assert measured.n >= 100
    assert (measured.value, measured.low, measured.high) == (1.0, pytest.approx(low), 1.0)
    assert all(set(counts) == {"n", "answered"} for counts in kinds_of(measured).values())
    assert measured.details["failed"] == []
    assert canonical_json(measured)


def test_a_hundred_inputs_that_are_all_handled_meet_a_limit_of_ninety_five_hundredths():
    assert handled(calm).low >= 0.95


def test_refusals_are_handled_and_told_apart_from_answers_kind_by_kind():
    measured = handled(strict)
    kinds = kinds_of(measured)

    assert measured.value == 1.0
    assert set(kinds["infinite"]) == {"n", "refused"}
    assert set(kinds["far_above_range"]) == {"n", "answered"}
    assert set(kinds["text_for_number"]) == {"n", "refused"}


@pytest.mark.parametrize(
    "code", ["model_crashed", "model_exited", "model_timeout", "model_memory_limit", "model_bad_output"]
)
def test_failures_that_are_no_refusal_are_counted_with_their_column(code):
    def model(columns):
        if np.isposinf(np.where(columns["x"].missing, 0, columns["x"].values.astype(float))).any():
            raise failed(code)
        return calm(columns)

    columns = {"x": [1.0, 2.0], "z": [3.0, 4.0]}
    measured = handled(model, columns)
    (only,) = measured.details["failed"]

    assert (only["kind"], only["column"], only["reason"]) == ("infinite", "x", code)
    assert measured.value == 1 - only["n"] / measured.n
    assert kinds_of(measured)["infinite"] == {"n": 2 * only["n"], "answered": only["n"], "failed": only["n"]}


def test_a_model_that_crashes_at_everything_is_one_result_and_asked_no_more_than_needed():
    asked = []

    def model(columns):
        asked.append(1)
        raise failed("model_crashed")

    measured = handled(model)

    assert measured.value == 0.0
    assert len(asked) == 8
    assert measured.details["not_asked"] > 0
    assert sum(one["n"] for one in measured.details["failed"]) + measured.details["not_asked"] == measured.n
    assert measured.n == handled(calm).n


def test_inputs_that_were_not_asked_never_make_the_share_look_better():
    """Answers what comes first, all missing; crashes at everything else, which soon is asked no more."""

    def model(columns):
        if not all(column.missing.all() for column in columns.values()):
            raise failed("model_crashed")
        return calm(columns)

    measured = handled(model)
    answered = sum(one.get("answered", 0) for one in measured.details["kinds"])
    low, high = clopper_pearson(answered, measured.n, confidence=0.95)

    assert (answered > 0, measured.details["not_asked"] > 0) == (True, True)
    assert measured.value == answered / handled(calm).n
    assert (measured.low, measured.high) == (pytest.approx(low), pytest.approx(high))


def test_a_model_that_refuses_everything_is_asked_once_for_every_kind():
    asked = []

    def model(columns):
        asked.append(1)
        raise failed()

    measured = handled(model)
    kinds = len(measured.details["kinds"])

    assert (measured.value, measured.details["not_asked"]) == (1.0, 0)
    assert len(asked) == kinds + 1
    assert measured.n == handled(calm).n


def test_a_model_that_takes_everything_of_its_own_kinds_is_asked_once_for_them():
    probe, profile, asked = probed({"x": [1.0, 2.0], "w": ["a", "b"]}, calm)
    invalid_input_handling(probe, profile)

    # Text for a number and a number for text stand apart.
    assert len(asked) == 3


def test_a_failure_of_the_place_and_not_of_the_model_is_no_result():
    def model(columns):
        raise failed("sandbox_unavailable")

    with pytest.raises(WorkerError):
        handled(model)


@pytest.mark.parametrize("inputs", [1, 30, 100])
def test_there_are_at_least_as_many_inputs_as_asked_for(inputs):
    assert inputs <= handled(calm, inputs=inputs).n < inputs + 40


def spoilt(kind, name):
    probe, profile, _ = probed(COLUMNS, calm)
    made = invalid_inputs(probe.sample.columns, profile, rows_each=4)
    (only,) = [one for one in made if (one.kind, one.column) == (kind, name)]
    return only.rows


@pytest.mark.parametrize(
    ("kind", "name", "cells"),
    [
        ("missing", "x", [None] * 4),
        ("missing", "yes", [None] * 4),
        ("infinite", "x", [np.inf] * 4),
        ("infinite_negative", "signed", [-np.inf] * 4),
        ("huge", "x", [1e300] * 4),
        ("negative", "x", [-9.0] * 4),
        ("negative", "i", [-4] * 4),
        ("far_above_range", "x", [84.0] * 4),
        ("far_above_range", "i", [34] * 4),
        ("largest_integer", "i", [2**63 - 1] * 4),
        ("smallest_integer", "i", [-(2**63)] * 4),
        ("empty_text", "w", [""] * 4),
        ("unseen_category", "w", ["unseen"] * 4),
    ],
)
def test_a_column_is_spoilt_as_said_and_no_other(kind, name, cells):
    rows = spoilt(kind, name)
    turned = {other: rows[other].as_labels() for other in COLUMNS if other != name}

    assert rows[name].as_labels() == cells
    assert all(sorted(map(str, turned[other])) == sorted(map(str, COLUMNS[other])) for other in turned)


def test_long_and_odd_texts_are_sent():
    assert len(spoilt("long_text", "w")["w"].levels[0]) == 20_000
    assert "\x00" in spoilt("odd_characters", "w")["w"].levels[0]


def test_what_was_negative_before_is_not_spoilt_by_it():
    probe, profile, _ = probed(COLUMNS, calm)
    made = {(one.kind, one.column) for one in invalid_inputs(probe.sample.columns, profile, rows_each=1)}

    assert ("negative", "x") in made
    assert ("negative", "signed") not in made


@pytest.mark.parametrize(
    ("kind", "kinds"),
    [
        ("text_for_number", ["utf8", "utf8", "utf8", "bool", "utf8"]),
        ("number_for_text", ["f8", "f8", "i8", "bool", "i8"]),
        ("fraction_for_integer", ["f8", "f8", "f8", "bool", "utf8"]),
        ("number_for_flag", ["f8", "f8", "i8", "i8", "utf8"]),
        ("text_for_flag", ["f8", "f8", "i8", "utf8", "utf8"]),
    ],
)
def test_columns_are_sent_as_another_kind(kind, kinds):
    assert [one.kind for one in spoilt(kind, "").values()] == kinds


def test_rows_with_nothing_in_them_are_sent():
    assert all(one.missing.all() for one in spoilt("all_missing", "").values())


def test_a_column_of_nothing_and_one_of_infinity_can_be_spoilt_too():
    columns = {"gone": [None, None], "w": ["a", None]}
    measured = handled(calm, columns)

    assert measured.value == 1.0


def test_spoilt_rows_rest_on_the_seed_alone():
    sent = []

    def watching(columns):
        sent.append([one.as_labels() for one in columns.values()])
        return calm(columns)

    runs = []
    for seed in (1, 1, 2):
        sent.clear()
        handled(watching, {**COLUMNS, "x": [1.0, 2.0, 3.0, 4.0]}, seed=seed)
        runs.append(list(map(str, sent)))

    assert runs[0] == runs[1] != runs[2]


@pytest.mark.parametrize(("columns", "code"), [({"x": []}, "no_rows")])
def test_invalid_inputs_refuse(columns, code):
    with pytest.raises(NotMeasurable, match=code):
        handled(calm, columns)


def test_a_record_of_handling_tells_what_was_seen_and_how_it_was_measured():
    measured = handled(calm)

    assert (measured.unit, measured.method) == ("share", "clopper_pearson")
    assert set(measured.details) == {"of_n", "kinds", "failed", "not_asked"}
    assert measured.details["of_n"] == 4


def test_columns_are_told_apart_where_what_is_asked_together_is_refused():
    """Refuses what is huge, and so all that goes with it; crashes where z is infinite."""

    def model(columns):
        if any(column.kind == "f8" and (column.values == 1e300).any() for column in columns.values()):
            raise failed()
        if columns["z"].kind == "f8" and np.isposinf(columns["z"].values).any():
            raise failed("model_crashed")
        return calm(columns)

    measured = handled(model, {"x": [1.0, 2.0], "z": [3.0, 4.0]})
    kinds = kinds_of(measured)
    n = kinds["infinite"]["n"]

    assert measured.details["failed"] == [
        {"kind": "infinite", "column": "z", "reason": "model_crashed", "n": n // 2}
    ]  # fmt: skip
    assert kinds["infinite"] == {"n": n, "answered": n // 2, "failed": n // 2}
    assert set(kinds["huge"]) == {"n", "refused"}


def test_a_column_that_crashes_costs_a_question_for_every_kind_and_then_for_its_columns():
    asked = []

    def model(columns):
        asked.append(columns)
        if columns["z"].kind == "f8" and np.isposinf(columns["z"].values).any():
            raise failed("model_crashed")
        return calm(columns)

    measured = handled(model, {"x": [1.0, 2.0], "z": [3.0, 4.0]})
    together = [one for one in measured.details["kinds"] if one["kind"] != "text_for_number"]

    # All together, kind by kind, the two columns of the kind that crashed, and text for numbers.
    assert len(asked) == 1 + len(together) + 2 + 1


def test_a_hundred_inputs_are_made_unless_told_otherwise():
    # A column of yes and no is spoilt in four ways, and a hundred is four times twenty-five.
    columns = {"yes": [True, False] * 30}

    assert handled(calm, columns).n == 100
    assert handled(calm, columns) == handled(calm, columns, inputs=100)


def test_rows_are_drawn_by_a_seed_of_nought_unless_told_otherwise():
    def sent(**options):
        asked = []
        columns = {"x": np.arange(40.0), "z": np.arange(40.0)}
        handled(lambda table: asked.append(table) or calm(table), columns, **options)
        return [one["x"].as_labels() for one in asked]

    assert sent() == sent(seed=0) != sent(seed=1)


def test_handling_needs_an_input_to_make():
    with pytest.raises(ChecklistError) as refused:
        handled(calm, inputs=0)

    assert refused.value.code == "option_too_small"
    assert refused.value.values == {"option": "inputs", "least": 1, "value": 0}

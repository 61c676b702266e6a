import numpy as np
import pytest

from reliability.checks.robustness.invalid import invalid_inputs
from reliability.checks.robustness.monotone import monotonicity_violations
from reliability.checks.robustness.refusals import invalid_input_handling
from reliability.checks.robustness.repeats import repeatability
from reliability.errors import ChecklistError, NotMeasurable, WorkerError
from reliability.evidence.probe import Answers, Probe
from reliability.intervals.proportions import clopper_pearson
from reliability.records import canonical_json
from tests.checks.probing import labels_only, linear, probed, rows_asked

NUMBERS = {"x": [0.5 * at for at in range(40)], "z": [float(at % 7) for at in range(40)]}
MIXED = {
    "x": [0.5 * at for at in range(30)], "i": list(range(30)), "yes": [True, False, True] * 10,
    "w": ["u", "v", "w"] * 10,
}  # fmt: skip
FAILURES = ["model_crashed", "model_exited", "model_timeout", "model_cpu_limit", "model_memory_limit",
            "model_bad_output", "model_protocol_violation"]  # fmt: skip
UP = np.linspace(0.0, 10.0, 41)


def calm(columns):
    return Answers(labels=np.zeros(len(next(iter(columns.values()), ())), np.int64))


def stopping(code, where=lambda columns: True):
    """A model that answers, but for tables where it fails with a worker's code; and what it was asked."""
    asked = []

    def model(columns):
        asked.append(columns)
        if where(columns):
            raise WorkerError(code, "the model stopped")
        return calm(columns)

    return model, asked


def handled(model, columns=MIXED, *, roles=None, **options):
    probe, profile, _ = probed(columns, calm, **(roles or {}))
    asking = Probe(sample=probe.sample, answers=probe.answers, ask=model, ask_anew=model)
    return invalid_input_handling(asking, profile, **options)


def inputs_of(columns, rows_each=3):
    probe, profile, _ = probed(columns, calm)
    return list(invalid_inputs(probe.sample.columns, profile, rows_each=rows_each))


def infinite_in(name):
    return lambda columns: columns[name].kind == "f8" and bool(np.isinf(columns[name].values).any())


def counts(measured, word):
    return sum(one.get(word, 0) for one in measured.details["kinds"])


def scored(rule):
    """A model whose score is a rule of x and z, and whose label never moves."""

    def model(columns):
        x, z = columns["x"].values.astype(float), columns["z"].values if "z" in columns else None
        return Answers(labels=np.zeros(len(x), np.int64), scores=np.asarray(rule(x, z), np.float64))

    return model


def violated(rule, direction="increasing", *, columns=None, steps=10, **roles):
    given = {"x": UP, "z": UP[::-1] - 4.9} if columns is None else columns
    probe, _, _ = probed(given, scored(rule), monotone={"x": direction}, **roles)
    return monotonicity_violations(probe, steps=steps)


@pytest.mark.parametrize(
    ("columns", "kinds"),
    [
        ({"x": [-1.0, 2.5]}, "missing infinite infinite_negative huge far_above_range all_missing text_for_number"),
        ({"i": [-1, 2]}, "missing largest_integer smallest_integer far_above_range all_missing fraction_for_integer "
                         "text_for_number"),
        ({"f": [True, False]}, "missing all_missing number_for_flag text_for_flag"),
        ({"w": ["u", "v"]}, "missing empty_text unseen_category long_text odd_characters all_missing number_for_text"),
    ],
)  # fmt: skip
def test_every_kind_of_column_is_spoilt_in_its_own_ways(columns, kinds):
    assert [one.kind for one in inputs_of(columns)] == kinds.split()


@pytest.mark.parametrize(("least", "spoilt"), [(0.0, True), (0.5, True), (-0.5, False)])
def test_below_nought_is_tried_only_where_nothing_was(least, spoilt):
    assert ("negative" in {one.kind for one in inputs_of({"x": [least, 3.0]})}) is spoilt


@pytest.mark.parametrize("rows_each", [1, 3, 30, 31, 100])
def test_every_input_has_as_many_rows_as_asked_for_however_few_there_are(rows_each):
    assert {one.n for one in inputs_of(MIXED, rows_each)} == {rows_each}


def test_rows_beyond_those_there_are_are_made_of_the_cells_of_several():
    columns = {"x": [1.0, 2.0], "y": [3.0, 4.0], "z": [5.0, 6.0]}
    (made,) = [one for one in inputs_of(columns, 4) if (one.kind, one.column) == ("missing", "x")]
    cells = list(zip(made.rows["y"].values.tolist(), made.rows["z"].values.tolist(), strict=True))

    assert cells[:2] == [(3.0, 5.0), (4.0, 6.0)]
    assert cells[2:] == [(4.0, 5.0), (3.0, 6.0)]


@pytest.mark.parametrize("rows", [1, 2, 5, 30])
def test_a_hundred_inputs_are_put_however_few_rows_there_are(rows):
    columns = {"x": [float(at) for at in range(rows)], "w": ["uvw"[at % 3] for at in range(rows)]}

    assert handled(calm, columns).n >= 100


def test_rows_are_spoilt_in_turn():
    made = [
        one for one in inputs_of({"x": NUMBERS["x"][:7], "z": [float(at) for at in range(7)]}, 3) if one.column == "x"
    ]

    assert [one.rows["z"].values.tolist() for one in made[:3]] == [[0, 1, 2], [3, 4, 5], [6, 0, 1]]


@pytest.mark.parametrize(
    ("values", "above"),
    [([0.0, 2.0], 22.0), ([5.0, 5.0], 15.0), ([-3.0, -1.0], 19.0), ([0, 4], 44), ([7, 7], 17)],
)
def test_far_above_lies_ten_widths_beyond_the_largest(values, above):
    (only,) = [one for one in inputs_of({"x": values}) if one.kind == "far_above_range"]

    assert set(only.rows["x"].values.tolist()) == {above}


def test_far_above_is_left_out_where_it_would_be_no_number():
    assert "far_above_range" not in {one.kind for one in inputs_of({"x": [-1e308, 1e308]})}
    assert "far_above_range" not in {one.kind for one in inputs_of({"x": [0.0, 1.7e308]})}


def test_far_above_a_large_integer_stays_an_integer():
    (only,) = [one for one in inputs_of({"i": [0, 2**62]}) if one.kind == "far_above_range"]

    assert set(only.rows["i"].values.tolist()) == {2**63 - 1}


def test_gaps_are_filled_by_what_spoils_them():
    for one in inputs_of({"x": [None, 1.0, 2.0], "w": [None, "u", "v"]}):
        if one.column and one.kind != "missing":
            assert not one.rows[one.column].missing.any()


def test_an_unseen_word_is_unseen():
    columns = {"w": ["unseen", "u", "v"]}
    (only,) = [one for one in inputs_of(columns) if one.kind == "unseen_category"]

    assert set(only.rows["w"].as_labels()).isdisjoint(columns["w"])


@pytest.mark.parametrize("code", FAILURES)
def test_one_column_that_fails_is_told_from_the_others(code):
    model, _ = stopping(code, infinite_in("z"))
    measured = handled(model, NUMBERS)
    failed = measured.details["failed"]

    assert {(one["kind"], one["column"], one["reason"]) for one in failed} == {
        ("infinite", "z", code), ("infinite_negative", "z", code),
    }  # fmt: skip
    assert counts(measured, "failed") == sum(one["n"] for one in failed)
    assert measured.value == pytest.approx(1 - counts(measured, "failed") / measured.n)
    assert canonical_json(measured)


@pytest.mark.parametrize("code", FAILURES)
def test_a_model_that_always_fails_is_asked_eight_times(code):
    model, asked = stopping(code)
    measured = handled(model)

    assert (measured.value, measured.low, len(asked)) == (0.0, 0.0, 8)
    assert {one["reason"] for one in measured.details["failed"]} == {code}
    assert counts(measured, "failed") + measured.details["not_asked"] == measured.n >= 100


def test_refusals_are_never_failures_however_many():
    model, asked = stopping("model_raised")
    measured = handled(model)

    assert (measured.value, measured.high, measured.details["failed"]) == (1.0, 1.0, [])
    assert counts(measured, "refused") == measured.n >= 100
    assert len(asked) == 1 + len(measured.details["kinds"])


@pytest.mark.parametrize("code", ["sandbox_unavailable", "model_refused", "not_a_model", "model_load_failed"])
def test_what_is_not_the_models_doing_is_raised(code):
    model, asked = stopping(code)

    with pytest.raises(WorkerError) as stopped:
        handled(model)
    assert (stopped.value.code, len(asked)) == (code, 1)


def test_an_error_of_our_own_is_not_taken_for_a_refusal():
    def model(columns):
        raise KeyError("x")

    with pytest.raises(KeyError):
        handled(model)


def test_answers_that_are_no_number_are_not_handled():
    def model(columns):
        if columns["x"].kind == "utf8":
            raise WorkerError("model_raised", "text")
        x = np.nan_to_num(columns["x"].as_floats(), nan=0.0, posinf=np.inf, neginf=-np.inf)
        with np.errstate(invalid="ignore"):
            share = x / (1 + np.abs(x))
        if not np.isfinite(share).all():
            raise WorkerError("model_bad_output", "a score is no number")
        return calm(columns)

    measured = handled(model, NUMBERS)
    failed = {(one["kind"], one["column"]) for one in measured.details["failed"]}

    assert failed == {("infinite", "x"), ("infinite_negative", "x")}
    assert {one["kind"] for one in measured.details["kinds"] if "refused" in one} == {"text_for_number"}
    assert measured.details["not_asked"] == 0


@pytest.mark.parametrize("columns", [MIXED, NUMBERS, {"w": ["u", "v"] * 30}, {"yes": [True, False] * 30}])
@pytest.mark.parametrize("inputs", [1, 100, 150])
def test_counts_by_kind_add_up_to_all_inputs(columns, inputs):
    measured = handled(calm, columns, inputs=inputs)

    assert sum(one["n"] for one in measured.details["kinds"]) == measured.n >= inputs
    assert all(one["n"] == one["answered"] for one in measured.details["kinds"])
    assert measured.n == sum(one.n for one in inputs_of(columns, -(-inputs // len(inputs_of(columns, 1)))))


def test_outcomes_of_a_kind_add_up_to_its_count():
    model, _ = stopping("model_crashed", infinite_in("z"))

    for one in handled(model, NUMBERS).details["kinds"]:
        assert one["n"] == one.get("answered", 0) + one.get("refused", 0) + one.get("failed", 0)


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.99])
def test_handling_has_exact_limits(confidence):
    model, _ = stopping("model_crashed", infinite_in("x"))
    measured = handled(model, NUMBERS, confidence=confidence)
    good = counts(measured, "answered") + counts(measured, "refused")
    low, high = clopper_pearson(good, measured.n, confidence=confidence)

    assert (measured.low, measured.high) == (pytest.approx(low), pytest.approx(high))


@pytest.mark.parametrize("n", [1, 2])
def test_few_rows_are_spoilt_in_every_way_all_the_same(n):
    measured = handled(calm, {name: values[:n] for name, values in MIXED.items()})

    assert measured.value == 1.0
    assert measured.n == sum(one["n"] for one in measured.details["kinds"])
    assert {"infinite", "largest_integer", "number_for_flag", "odd_characters"} <= {
        one["kind"] for one in measured.details["kinds"]
    }


@pytest.mark.parametrize(
    "roles",
    [
        {"task": "regression"}, {"task": "multiclass", "classes": (0, 1, 2), "positive": None},
        {"entity": [1 + at // 5 for at in range(30)]},
    ],
)  # fmt: skip
def test_handling_is_the_same_for_every_task_and_for_clustered_rows(roles):
    assert handled(calm, roles=roles) == handled(calm)


def test_a_model_without_features_cannot_be_given_a_wrong_one():
    with pytest.raises(NotMeasurable) as refused:
        handled(calm, {"x": [1.0, 2.0]}, roles={"features": ()})
    assert refused.value.code == "no_features"


@pytest.mark.parametrize("rule", [lambda x, z: x, lambda x, z: x**3, lambda x, z: np.sqrt(x), lambda x, z: np.tanh(x)])
def test_a_rising_model_violates_one_direction_wholly_and_the_other_never(rule):
    assert (violated(rule).value, violated(lambda x, z: -rule(x, z)).value) == (0.0, 1.0)
    assert (violated(rule, "decreasing").value, violated(lambda x, z: -rule(x, z), "decreasing").value) == (1.0, 0.0)


@pytest.mark.parametrize("direction", ["increasing", "decreasing"])
@pytest.mark.parametrize("level", [-3.0, 0.0, 0.5])
def test_a_flat_model_violates_nothing(direction, level):
    measured = violated(lambda x, z: np.full(len(x), level), direction)

    assert (measured.value, measured.low, measured.details["positions"]) == (0.0, 0.0, [])


@pytest.mark.parametrize("turn", [0, 2, 5, 7, 10])
def test_a_valley_violates_on_the_way_down(turn):
    up, down = (violated(lambda x, z: np.abs(x - turn), one).value for one in ("increasing", "decreasing"))

    assert (up, down) == (pytest.approx(turn / 10), pytest.approx(1 - turn / 10))


@pytest.mark.parametrize(("steps", "value"), [(1, 1.0), (2, 0.5), (4, 0.25), (40, 0.025)])
def test_one_fall_is_one_step_of_so_many(steps, value):
    assert violated(lambda x, z: x < 5.1, steps=steps).value == pytest.approx(value)


def test_rows_of_one_side_violate_where_the_other_column_turns_the_slope():
    measured = violated(lambda x, z: x * z)
    n = int(np.count_nonzero(UP[::-1] - 4.9 < 0))
    low, high = clopper_pearson(n, 41, confidence=0.95)

    assert measured.value == pytest.approx(n / 41)
    assert (measured.low, measured.high) == (pytest.approx(low), pytest.approx(high))
    assert measured.details["positions"] == list(range(41 - n, 41))[:20]


@pytest.mark.parametrize(("fall", "value"), [(1e-11, 0.0), (1e-7, 1.0)])
@pytest.mark.parametrize("size", [1e-6, 1.0, 1e9])
def test_what_is_rounding_goes_by_the_size_of_the_answer(fall, value, size):
    assert violated(lambda x, z: size * (1 - fall * x)).value == value


def test_several_columns_are_named_and_share_the_confidence():
    probe, _, asked = probed(
        {"a": UP, "b": UP, "c": UP}, linear({"a": 0.1, "b": -0.1, "c": -0.1}),
        monotone={"a": "increasing", "b": "increasing", "c": "decreasing", "gone": "increasing"},
    )  # fmt: skip
    measured = monotonicity_violations(probe, steps=5)
    low, high = clopper_pearson(41, 41, confidence=1 - 0.05 / 3)

    assert [(one["column"], one["value"], one["rows"]) for one in measured.details["columns"]] == [
        ("a", 0.0, 0), ("b", 1.0, 41), ("c", 0.0, 0),
    ]  # fmt: skip
    assert (measured.details["column"], measured.details["not_tried"]) == ("b", ["gone"])
    assert (measured.low, measured.high) == (pytest.approx(low), pytest.approx(high))
    assert (len(asked), rows_asked(asked)) == (1, 3 * 6 * 41)


def test_the_order_of_rows_and_columns_does_not_matter_to_monotonicity():
    columns = {"x": UP, "z": UP[::-1] - 4.9}
    order = np.random.default_rng(0).permutation(41)
    turned = {name: columns[name][order] for name in ("z", "x")}
    first, other = (violated(lambda x, z: x * z, columns=one) for one in (columns, turned))

    assert (first.value, first.low, first.high) == (other.value, other.low, other.high)


@pytest.mark.parametrize(
    ("columns", "roles", "code"),
    [
        ({"x": [1.0]}, {}, "not_an_input"),
        ({"x": [2, 2, 2]}, {}, "not_an_input"),
        ({"x": [None, None, 1.0]}, {}, "not_an_input"),
        ({"x": [True, False]}, {}, "not_an_input"),
        ({"x": ["u", "v"]}, {}, "not_an_input"),
        ({"x": []}, {}, "no_rows"),
        ({"x": [1.0, 2.0]}, {"monotone": {}}, "no_monotone"),
        ({"x": [1.0, 2.0]}, {"positive": None}, "no_positive"),
        ({"x": [1.0, 2.0]}, {"task": "multiclass", "classes": (0, 1, 2), "positive": None}, "needs_binary"),
    ],
)
def test_monotonicity_says_why_it_cannot_be_measured(columns, roles, code):
    probe, _, _ = probed(columns, calm, **{"monotone": {"x": "increasing"}, **roles})

    with pytest.raises(NotMeasurable) as refused:
        monotonicity_violations(probe)
    assert refused.value.code == code


def test_clustered_rows_have_a_value_of_monotonicity_and_no_limits():
    measured = violated(lambda x, z: -x, entity=[1 + at // 4 for at in range(41)])

    assert (measured.value, measured.low, measured.high, measured.judged) == (1.0, None, None, False)


@pytest.mark.parametrize("n", [1, 2, 8, 9, 120])
def test_a_model_of_single_rows_repeats_at_every_size(n):
    probe, _, asked = probed({"x": np.linspace(-1, 1, n), "w": ["u"] * n}, linear({"x": 3.0}))
    measured = repeatability(probe)

    assert (measured.value, measured.n, rows_asked(asked)) == (1.0, n, 2 * n)


def test_a_model_that_counts_its_rows_repeats_in_another_order_but_not_in_batches():
    probe, _, _ = probed({"x": UP}, lambda c: Answers(labels=np.full(len(c["x"]), len(c["x"]) % 2, np.int64)))
    measured = repeatability(probe)

    # 41 rows go as eight single ones, seven, and the 26 that are left: only an even batch answers otherwise.
    assert (measured.details["changed_in_order"], measured.details["changed_in_batches"]) == (0, 26)
    assert measured.value == pytest.approx(15 / 41)


def test_a_fresh_process_that_answers_otherwise_is_told_apart():
    model = labels_only(linear({"x": 1.0}, 5.0))
    probe, _, _ = probed({"x": UP}, model)
    turned = Probe(
        sample=probe.sample, answers=probe.answers, ask=model, ask_anew=lambda c: Answers(labels=1 - model(c).labels)
    )
    measured = repeatability(turned)

    assert (measured.value, measured.details["changed_in_order"], measured.details["changed_in_batches"]) == (0, 41, 0)
    assert measured.details["positions"] == list(range(20))


@pytest.mark.parametrize("check", [monotonicity_violations, repeatability])
def test_checks_refuse_a_sample_of_no_rows(check):
    probe, _, _ = probed({"x": UP}, linear({"x": 1.0}), monotone={"x": "increasing"})

    with pytest.raises(ChecklistError, match="sample_size"):
        check(probe, sample_size=0)

"""Every fault is planted as it says, looked for by a check that there is, and read against controls without luck."""

import argparse
import json
from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pytest

from benchmarks import planted_faults
from benchmarks.planted_faults_data import POPULATIONS, column_of, draw, is_whole, population
from benchmarks.planted_faults_list import FAULTS, MIDDLE, Clean, Planted, clean
from benchmarks.planted_faults_looked_for import COSTLY, LEFT_OUT, LOWER_IS_WORSE, NUMBERS
from benchmarks.planted_faults_measured import kept, key_of, measured, named_right, number_of, reported, shipped
from benchmarks.planted_faults_models import expit, logit
from benchmarks.planted_faults_page import page
from benchmarks.planted_faults_readings import Runs, auc, beyond, threshold
from reliability.checklist.catalogue import checks
from reliability.errors import WorkerError
from reliability.records import Measurement, Reason

BY_NAME = {fault.name: fault for fault in FAULTS}


@cache
def given():
    drawn = draw(population("German"), 3)
    return Clean(draw=drawn, model=clean(drawn).model)


@cache
def planted(name):
    fault = BY_NAME[name]
    return fault.plant(given(), fault.strengths[MIDDLE], np.random.default_rng(1))


def share(values):
    return float(np.mean(values))


def test_there_are_twenty_faults_each_with_one_number_of_a_check_that_there_is():
    assert len(FAULTS) == len(BY_NAME) == 20
    assert set(NUMBERS) == set(BY_NAME)
    assert {number.check for number in NUMBERS.values()} <= set(checks())
    assert set(checks()) >= (COSTLY | LEFT_OUT | LOWER_IS_WORSE)
    assert {number.check for number in NUMBERS.values()}.isdisjoint(LEFT_OUT)


def test_a_number_lies_worse_on_the_side_that_is_declared_for_its_check():
    for number in NUMBERS.values():
        assert (number.worse == "low") == (number.check in LOWER_IS_WORSE), number.check


def test_limits_that_are_shipped_lie_on_the_side_that_is_worse():
    for criterion in shipped():
        if criterion.at_least is not None or criterion.at_most is not None:
            assert (criterion.at_least is not None) == (criterion.check in LOWER_IS_WORSE), criterion.check


@pytest.mark.parametrize("name", POPULATIONS)
def test_a_draw_has_no_row_in_both_parts_and_the_columns_that_faults_are_planted_in(name):
    people = population(name)
    drawn = draw(people, 0)

    assert (drawn.training.n, drawn.evaluation.n) == (people.training, people.evaluation)
    assert drawn.training.n + drawn.complement.n == people.rows.n
    assert {people.sensitive, people.proxied, people.quantity, people.amount, people.category, people.strong} <= set(
        people.rows.columns
    )
    assert people.disadvantaged in people.shares[people.sensitive]
    assert sum(people.shares[people.sensitive].values()) == pytest.approx(1)
    assert np.nanmin(people.rows.columns[people.amount]) >= 0


def test_a_draw_is_the_same_again_and_another_with_another_seed():
    people = population("German")

    assert np.array_equal(draw(people, 5).training.y, draw(people, 5).training.y)
    assert not np.array_equal(draw(people, 5).training.y, draw(people, 6).training.y)


def test_text_with_what_is_missing_becomes_a_column():
    column = column_of(np.array(["b", None, "a"], dtype=object))

    assert column.as_labels() == ["b", None, "a"]


def test_numbers_with_what_is_missing_become_a_column_of_whole_numbers_where_they_are():
    values = np.array([2.0, np.nan, 5.0])

    assert is_whole(values)
    assert column_of(values, whole=True).as_labels() == [2, None, 5]
    assert not is_whole(np.array([0.5, 1.0]))


@pytest.mark.parametrize("name", BY_NAME)
def test_the_words_of_a_fault_take_its_strengths(name):
    fault = BY_NAME[name]

    assert len({fault.planted.format(strength) for strength in fault.strengths}) == 3


def test_biased_labels_take_the_favourable_label_from_one_group_alone():
    found, rows = planted("group-biased labels"), given().evaluation
    members = rows.columns["sex"] == "female"

    assert np.array_equal(found.evaluation.y[~members], rows.y[~members])
    assert share(found.evaluation.y[members & (rows.y == 1)] == 0) == pytest.approx(0.3, abs=0.12)
    assert not np.any(found.evaluation.y[members & (rows.y == 0)])


def test_contamination_puts_training_rows_where_it_says():
    found = planted("train–test contamination")
    training = set(zip(*given().training.columns.values(), strict=True))
    rows = list(zip(*found.evaluation.columns.values(), strict=True))

    assert len(found.rows) == round(0.05 * len(rows))
    assert all(rows[place] in training for place in found.rows)


def test_label_noise_turns_the_labels_that_it_names():
    found, rows = planted("label noise"), given().evaluation

    assert np.array_equal(np.flatnonzero(found.evaluation.y != rows.y), found.rows)


def test_contradictory_duplicates_come_in_pairs_with_both_labels():
    found = planted("contradictory duplicates").evaluation
    named = planted("contradictory duplicates").rows
    labels = {}
    for row, y in zip(zip(*found.columns.values(), strict=True), found.y, strict=True):
        labels.setdefault(row, set()).add(int(y))
    rows = list(zip(*found.columns.values(), strict=True))

    assert len(named) == 2 * round(0.02 * found.n)
    assert all(labels[rows[place]] == {0, 1} for place in named)


def test_missing_values_and_sentinels_stand_in_the_column_that_is_named():
    gone, coded = planted("values missing by group"), planted("sentinel values")

    assert share(np.isnan(gone.evaluation.columns["age"])) == pytest.approx(0.15 * 0.31, abs=0.02)
    assert share(coded.evaluation.columns["age"] == 999) == pytest.approx(0.03, abs=0.02)
    assert (gone.column, coded.column) == ("age", "age")


def test_a_unit_slip_and_a_renamed_category_leave_training_alone():
    slipped, renamed = planted("unit slip"), planted("renamed categories")

    assert slipped.training is given().training
    assert renamed.training is given().training
    assert share(slipped.evaluation.columns["credit_amount"] > 1e5) == pytest.approx(0.3, abs=0.06)
    assert "A43_2" in set(renamed.evaluation.columns["purpose"])


def test_concept_shift_leaves_inputs_and_label_rates_as_they_were():
    found, rows = planted("concept shift").evaluation, given().evaluation

    assert found.columns is rows.columns
    assert (found.y.sum(), np.array_equal(found.y, rows.y)) == (rows.y.sum(), False)


def test_covariate_shift_moves_one_number_up():
    drawn = draw(population("Boston"), 0)
    here = Clean(draw=drawn, model=given().model)

    found = BY_NAME["covariate shift"].plant(here, 0.5, np.random.default_rng(0)).evaluation.columns["lvrat"]

    assert found.mean() > drawn.evaluation.columns["lvrat"].mean()


def test_an_identifier_is_given_out_once_and_follows_the_label_as_strongly_as_it_says():
    found = planted("identifier leakage")
    numbers = found.evaluation.columns["application_no"]
    both = np.concatenate((found.training.columns["application_no"], numbers))

    assert len(np.unique(both)) == len(both)
    assert auc(numbers[found.evaluation.y == 1], numbers[found.evaluation.y == 0], "high") == pytest.approx(
        0.75, abs=0.06
    )


def test_a_proxy_agrees_with_the_attribute_in_as_many_rows_as_it_says():
    rows = planted("proxy of a protected attribute").evaluation

    agreement = share((rows.columns["club"] == "north") == (rows.columns["sex"] == "female"))

    assert max(agreement, 1 - agreement) == pytest.approx(0.85, abs=0.05)


def test_a_spurious_text_says_nothing_in_evaluation():
    found = planted("spurious feature")

    shares = [share((part.columns["scanner"] == "A") == (part.y == 1)) for part in (found.training, found.evaluation)]

    assert shares == pytest.approx([0.85, 0.5], abs=0.06)


def answers(name):
    found = planted(name)
    columns = {column: column_of(values) for column, values in given().evaluation.columns.items()}
    return given().model.answer(columns), found.model.answer(columns)


def test_miscalibration_keeps_every_label_and_makes_scores_surer():
    before, after = answers("miscalibration")

    assert np.array_equal(before.labels, after.labels)
    # Beyond that scores are cut to stay inside (0, 1).
    told = np.abs(logit(after.scores)) < 10
    assert np.allclose(logit(after.scores)[told], 4 * logit(before.scores)[told], atol=1e-6)


def test_a_threshold_of_its_own_lowers_one_groups_scores_alone():
    before, after = answers("group-dependent threshold")
    members = given().evaluation.columns["sex"] == "female"

    assert np.allclose(logit(before.scores) - logit(after.scores), np.where(members, 1.0, 0.0), atol=1e-6)


def test_a_brittle_score_swings_no_further_than_it_says():
    before, after = answers("brittleness to noise")
    moved = logit(after.scores) - logit(before.scores)

    assert np.max(np.abs(moved)) <= 2.0 + 1e-6
    assert np.std(moved) > 1.0


def test_a_memorising_model_knows_its_training_labels():
    model = BY_NAME["memorisation"].plant(given(), 1, np.random.default_rng(0)).model
    columns = {name: column_of(values) for name, values in given().training.columns.items()}

    assert np.array_equal(model.answer(columns).labels, given().training.y)


def test_a_model_that_cannot_answer_is_refused_as_a_worker_would():
    columns = {name: column_of(values) for name, values in given().evaluation.columns.items()}
    broken = replace(given().model, changes=(lambda scores, _: scores[:, 5],))

    with pytest.raises(WorkerError) as refused:
        broken.answer(columns)

    assert refused.value.code == "model_raised"


def test_log_odds_and_scores_go_back_and_forth():
    scores = np.array([0.01, 0.5, 0.9])

    assert np.allclose(expit(logit(scores)), scores)


def test_measuring_gives_what_the_check_itself_gives():
    found = planted("contradictory duplicates")
    number = NUMBERS["contradictory duplicates"].criterion(population("German"))

    got = measured(found, population("German"), [number], seed=0)[key_of(number)]

    assert got[0].value >= len(found.rows) / found.evaluation.n
    assert got[0].n == found.evaluation.n
    assert named_right(got, found)


def test_every_check_without_required_options_is_reported_once():
    keys = [key_of(one) for one in reported()]

    assert len(keys) == len(set(keys))
    assert {json.loads(key)[0] for key in keys} >= {number.check for number in NUMBERS.values()}


def test_kept_measurements_can_be_judged_again():
    one = Measurement(
        value=0.1, n=10, unit="share", reason=Reason(code="whole_file"), details={"rows": 3, "column": "a"}
    )

    (brief,) = kept([one])

    assert Measurement.model_validate(brief) == one.model_copy(update={"details": {"rows": 3}})


def said(**details):
    return [Measurement(value=0.1, n=10, unit="share", reason=Reason(code="whole_file"), details=details)]


@pytest.mark.parametrize(
    ("details", "culprit", "right"),
    [
        ({"column": "a"}, {"column": "a"}, True),
        ({"column": "b"}, {"column": "a"}, False),
        ({"columns": [{"column": "a"}, {"column": "b"}]}, {"column": "a"}, True),
        ({"columns": [{"column": "a"}, {"column": "b"}]}, {"column": "b"}, False),
        ({"features": [{"column": "a"}]}, {"column": "a"}, True),
        ({"columns": []}, {"column": "a"}, False),
        ({"worst": [{"sex": "F"}, {"sex": "M"}]}, {"group": "F"}, True),
        ({"worst": [{"sex": "F"}, {"sex": "M"}]}, {"group": "M"}, False),
        ({"column": "a", "worst": [{"sex": "M"}]}, {"column": "a", "group": "F"}, False),
        ({"positions": [1, 2, 3, 4]}, {"rows": np.array([1, 2])}, True),
        ({"positions": [1, 2, 3, 4]}, {"rows": np.array([1])}, False),
        ({"positions": []}, {"rows": np.array([1])}, False),
        ({}, {}, None),
    ],
)
def test_a_culprit_is_named_right_by_the_first_column_the_worst_group_or_half_of_the_rows(details, culprit, right):
    found = Planted(training=None, evaluation=None, model=None, **culprit)

    assert named_right(said(**details), found) is right


def test_a_number_is_the_worst_of_what_was_kept():
    assert number_of([0.1, None, 0.4], "high") == 0.4
    assert number_of([{"value": 0.1}, {"value": 0.4}], "low") == 0.1
    assert number_of([None], "high") is None


@pytest.mark.parametrize(("worse", "place"), [("high", 95), ("low", 4)])
def test_a_threshold_leaves_at_most_five_of_a_hundred_and_one_beyond(worse, place):
    controls = list(range(100))

    limit = threshold(controls, worse)

    assert limit == place
    assert sum(beyond(one, limit, worse) for one in controls) == 4


def test_a_further_control_is_a_false_alarm_in_at_most_one_of_twenty():
    draws = np.random.default_rng(0).normal(size=(4_000, 101))

    alarms = [beyond(row[100], threshold(row[:100].tolist(), "high"), "high") for row in draws]

    assert share(alarms) == pytest.approx(0.05, abs=0.01)


def test_too_few_controls_set_no_threshold():
    assert threshold([1.0] * 18, "high") == np.inf
    assert threshold([1.0] * 18, "low") == -np.inf
    assert threshold([1.0] * 19, "high") == 1.0


def test_ties_are_no_alarm_and_half_a_win():
    assert not beyond(1.0, 1.0, "high")
    assert not beyond(None, 1.0, "high")
    assert auc([1.0], [1.0, 0.0], "high") == pytest.approx(0.75)
    assert auc([1.0], [1.0, 0.0], "low") == pytest.approx(0.25)


KEY = key_of(NUMBERS["contradictory duplicates"].criterion(population("German")))


def record(seed, what, value, severity=None, **more):
    measurement = {"value": value, "n": 100, "unit": "share", "reason": {"code": "whole_file", "with": {}}}
    return {
        "run": f"German|{seed}|{what}|{severity}", "planted_s": 0.0, "measured_s": 0.5,
        "numbers": {KEY: [measurement]}, **more,
    }  # fmt: skip


def runs_with(clean_value=0.0, fault_value=0.04, whole_value=0.0, named=True):
    controls = [record(seed, "clean", clean_value) for seed in range(20)]
    whole = [record(0, "whole", whole_value)]
    faults = [record(seed, "contradictory duplicates", fault_value, MIDDLE, named=named) for seed in range(5)]
    return [*controls, *whole, *faults]


def test_a_fault_beyond_controls_and_limit_is_found_by_both_readings():
    reading = Runs(records=runs_with()).reading("contradictory duplicates", MIDDLE, "German")

    assert (reading.auc, reading.detected, reading.named) == (1.0, (True,) * 5, (True,) * 5)
    assert (reading.at_limit, reading.false_at_limit) == ((True,) * 5, (False,) * 20)


def test_a_limit_that_the_population_breaks_is_left_out():
    reading = Runs(records=runs_with(clean_value=0.02, whole_value=0.02)).reading(
        "contradictory duplicates", MIDDLE, "German"
    )

    assert (reading.at_limit, reading.true_of_population) == (None, True)


def test_alarms_on_clean_draws_are_counted_where_the_population_keeps_the_limit():
    runs = Runs(records=runs_with(clean_value=0.02))

    assert runs.reading("contradictory duplicates", MIDDLE, "German").false_at_limit == (True,) * 20
    criterion = next(one for one in shipped() if one.check == "data_quality.contradictory_labels")
    assert runs.alarms(criterion, "German") == (20, 20, False)


def test_what_did_not_move_is_not_detected():
    reading = Runs(records=runs_with(fault_value=0.0)).reading("contradictory duplicates", MIDDLE, "German")

    assert (reading.detected, reading.auc, reading.named) == ((False,) * 5, 0.5, ())


def test_a_fallen_auc_is_held_to_the_level_that_was_reached_less_a_margin():
    key = key_of(NUMBERS["concept shift"].criterion(population("German")))

    def at(value):
        return [{"value": value, "low": value - 0.01, "high": value + 0.01, "n": 100, "unit": "auc"}]

    controls = [{**record(seed, "clean", 0.0), "numbers": {key: at(0.80)}} for seed in range(20)]
    faults = [
        {**record(seed, "concept shift", 0.0, MIDDLE), "numbers": {key: at(value)}, "named": None}
        for seed, value in enumerate((0.70, 0.77))
    ]

    reading = Runs(records=[*controls, *faults]).reading("concept shift", MIDDLE, "German")

    assert reading.detected == (True, True)
    assert (reading.at_limit, reading.false_at_limit) == ((True, False), (False,) * 20)


def test_the_page_says_what_is_found_and_what_is_not():
    text, met = page(runs_with(), on=date(2026, 1, 1), older=3, beside="## Beside")

    assert "named in ≥ 90% of detections: 1 of 20**" in text
    assert "**3 of the runs were measured by an earlier state of the source.**" in text
    assert "Not found: group-biased labels" in text
    assert "| contradictory duplicates | 0.5% of evaluation rows" in text
    assert text.rstrip().endswith("## Beside")
    assert not met


def test_a_culprit_that_is_not_named_is_not_found():
    text, _ = page(runs_with(named=False), on=date(2026, 1, 1))

    assert "named in ≥ 90% of detections: 0 of 20**" in text


def asked(**given_):
    return argparse.Namespace(**{"controls": 2, "draws": 1, "first": 7, "only": "", **given_})


def test_runs_are_listed_once_each_with_controls_for_every_data_set():
    listed = [run for group in planted_faults.runs(asked()) for run in group]

    assert len({run.key for run in listed}) == len(listed)
    assert sum(run.what == "clean" for run in listed) == 2 * len(POPULATIONS)
    assert {run.what for run in listed} == {"clean", "whole", *BY_NAME}
    assert sum(run.severity == planted_faults.HARMLESS for run in listed) == 2 * len(POPULATIONS)
    assert {run.seed for run in listed} == {7, 8}


def test_every_fault_meets_both_models():
    for fault in FAULTS:
        assert {population(name).model for name in fault.data} == {"logistic regression", "gradient boosting"}


def test_only_takes_part_of_a_faults_name():
    listed = [run.what for group in planted_faults.runs(asked(only="sentinel")) for run in group]

    assert set(listed) == {"clean", "whole", "sentinel values"}


def test_one_run_is_written_down_and_read_again(tmp_path):
    file = tmp_path / "runs.jsonl"
    run = planted_faults.Run(data="German", seed=0, what="contradictory duplicates", severity=0)

    (found,) = planted_faults.done(((run,), 0))
    file.write_text(json.dumps(found) + "\n" + '{"run": "cut sho', encoding="utf-8")

    again = {run.key: json.loads(json.dumps(found))}
    assert planted_faults.records(file) == again
    assert planted_faults.records(file, planted_faults.source_digest()) == again
    assert planted_faults.records(file, "of another source") == {}
    assert list(found["numbers"]) == [KEY]
    assert found["named"] is True


def test_costly_checks_are_measured_where_a_fault_is_looked_for_by_them():
    run = planted_faults.Run(data="Boston", seed=50, what="spurious feature", severity=MIDDLE)
    clean_run = planted_faults.Run(data="Boston", seed=50, what="clean")

    of_fault = planted_faults.criteria_of(run, population("Boston"), place=50)
    of_clean = {one.check for one in planted_faults.criteria_of(clean_run, population("Boston"), place=50)}

    assert [one.check for one in of_fault] == ["drift.concept_shift"]
    assert "drift.concept_shift" in of_clean
    assert of_clean.isdisjoint(LEFT_OUT | {"drift.domain_classifier_auc", "fairness.proxy_auc"})

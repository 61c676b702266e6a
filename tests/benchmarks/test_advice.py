"""Causes are planted as they say, in training rows or models alone; what is told of remedies is counted as promised."""

import argparse
import json
import subprocess
from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks import advice_causes, advice_coverage, advice_time
from benchmarks.advice_causes import Cell, Run, done, helps
from benchmarks.advice_coverage import FINDINGS, POPULATION, Held, holds, trial, whole
from benchmarks.advice_here import checklist, frame, model_here, refit_here, submitted, written
from benchmarks.advice_planted import CAUSES, KINDS, SIZES, WEIGHING, criteria, given, kept
from benchmarks.pages import ROOT
from reliability.bench import model_spec
from reliability.blocks import Column
from reliability.errors import WorkerError
from reliability.worker.refit import How

BY_NAME = {cause.name: cause for cause in CAUSES}
LOGISTIC, BOOSTED = KINDS
LIMITS = {"selection": 0.8, "opportunity": 0.1, "accuracy": 0.6, "area": 0.7}


@cache
def planted(name, kind=LOGISTIC):
    return BY_NAME[name].plant(given("German", kind, 3), np.random.default_rng(1))


def scores(handed_in, rows):
    return handed_in.model.predict_proba(frame(rows, handed_in.features))[:, 1]


def columns_of(rows, features):
    found = {}
    for name in features:
        values = rows.columns[name]
        gone = np.zeros(len(values), np.bool_)
        if values.dtype == object:
            levels, codes = np.unique(values.astype(str), return_inverse=True)
            found[name] = Column(kind="utf8", values=codes.astype(np.int32), missing=gone, levels=tuple(levels))
        else:
            found[name] = Column(kind="f8", values=values, missing=gone)
    return found


@pytest.fixture(scope="module")
def submission(tmp_path_factory):
    return submitted(planted("mislabelled rows"), tmp_path_factory.mktemp("submission"))


@pytest.mark.parametrize("name", BY_NAME)
def test_evaluation_rows_stay_as_they_were_drawn(name):
    drawn, handed_in = given("German", LOGISTIC, 3).draw.evaluation, planted(name).evaluation

    assert np.array_equal(handed_in.y, drawn.y)
    for column, values in drawn.columns.items():
        assert np.array_equal(handed_in.columns[column], values)
    assert set(handed_in.columns) - set(drawn.columns) <= {"club", "follow_up"}


def test_biased_labels_are_favourable_ones_of_one_group_turned():
    here = given("German", LOGISTIC, 3)
    before, after = here.draw.training, planted("group-biased labels").training
    turned = before.y != after.y

    assert turned.any()
    assert set(before.y[turned]) == {1}
    assert here.disadvantaged(before)[turned].all()
    assert turned.sum() == pytest.approx((here.disadvantaged(before) & (before.y == 1)).sum() / 2, rel=0.3)


def test_the_proxy_stands_for_a_group_that_the_model_is_not_given():
    handed_in = planted("proxy")
    ours = given("German", LOGISTIC, 3).disadvantaged(handed_in.evaluation)

    assert "sex" not in handed_in.features
    assert np.mean((handed_in.evaluation.columns["club"] == "n") == ours) == pytest.approx(0.95, abs=0.03)


def test_the_leak_tells_the_label_in_training_and_nothing_afterwards():
    handed_in = planted("leak")
    gaps = [
        np.mean(rows.columns["follow_up"][rows.y == 1]) - np.mean(rows.columns["follow_up"][rows.y == 0])
        for rows in (handed_in.training, handed_in.evaluation)
    ]

    assert gaps[0] > 2
    assert abs(gaps[1]) < 0.4


@pytest.mark.parametrize("kind", KINDS)
def test_the_miscalibrated_model_decides_alike_with_log_odds_eight_times_as_large(kind):
    here = given("German", kind, 3)
    plain, sure = here.handed_in(here.draw.training), planted("miscalibration", kind)
    before, after = (scores(one, here.draw.evaluation) for one in (plain, sure))

    assert after == pytest.approx(before**8 / (before**8 + (1 - before) ** 8), abs=1e-6)
    assert np.abs(after - before).max() > 0.2


def test_mislabelled_rows_are_of_the_rarer_class():
    before, after = given("German", LOGISTIC, 3).draw.training, planted("mislabelled rows").training
    turned = before.y != after.y

    assert set(before.y[turned]) == {0}
    assert turned.sum() / (before.y == 0).sum() == pytest.approx(0.4, abs=0.12)


@pytest.mark.parametrize("kind", KINDS)
def test_the_brittle_model_knows_its_training_rows_by_heart(kind):
    handed_in = planted("brittleness", kind)

    assert np.mean((scores(handed_in, handed_in.training) >= 0.5) == handed_in.training.y) > 0.97


def test_every_cause_is_told_of_by_an_item_that_is_judged_by_its_whole_interval(tmp_path):
    for cause in CAUSES:
        judged = checklist(tmp_path, criteria(cause, LIMITS))
        rules = {item.id: item.criteria[0].rule for item in judged.items}

        assert rules.pop(cause.item) == "four_way"
        assert set(rules.values()) == {"simple"}


def test_limits_lie_where_a_model_without_the_cause_keeps_them():
    limits = kept(given("German", LOGISTIC, 3))

    assert 0.6 < limits["accuracy"] < 0.8
    assert limits["selection"] <= 0.8
    assert limits["opportunity"] >= 0.1


def test_a_thread_answers_as_the_model_does(submission):
    handed_in = planted("mislabelled rows")

    with model_here(model_spec(submission)) as model:
        answers = model.answer(columns_of(handed_in.evaluation, handed_in.features))

    assert answers.scores == pytest.approx(scores(handed_in, handed_in.evaluation), abs=1e-12)


def test_a_thread_fits_copies_that_answer_as_the_model_they_are_copies_of(submission):
    handed_in = planted("mislabelled rows")

    with refit_here(model_spec(submission)) as refit:
        refit.fit(columns_of(handed_in.training, handed_in.features), handed_in.training.y, how=How(seed=0))
        answers = refit.predict(columns_of(handed_in.evaluation, handed_in.features))

    assert answers.scores == pytest.approx(scores(handed_in, handed_in.evaluation), abs=1e-6)


def test_a_thread_tells_what_a_copy_cannot_be_made_to_do(submission):
    handed_in = planted("mislabelled rows")
    columns = columns_of(handed_in.training, handed_in.features)

    with refit_here(model_spec(submission)) as refit, pytest.raises(WorkerError) as refused:
        refit.fit(columns, handed_in.training.y, how=How(monotone={"age": 1}))

    assert refused.value.code == "refit_no_monotone"


def test_the_leak_is_found_and_doing_without_it_comes_first():
    record = done(Run(cause="leak", data="German", kind=LOGISTIC, seed=1))

    assert record["undone"]
    assert record["first"] == "without_columns follow_up"
    assert record["after"] > record["before"]
    assert json.loads(json.dumps(record)) == record


def test_a_gain_excludes_0_on_the_good_side_of_its_check():
    up, down = SimpleNamespace(low=0.01, high=0.2), SimpleNamespace(low=-0.2, high=-0.01)

    assert helps("performance.roc_auc", up)
    assert not helps("performance.roc_auc", down)
    assert helps("calibration.expected_calibration_error", down)
    assert helps("fairness.proxy_auc", down)
    assert not helps("fairness.proxy_auc", up)
    assert not helps("performance.roc_auc", SimpleNamespace(low=-0.01, high=0.2))
    assert not helps("performance.roc_auc", None)


def record(seed, *, cause="leak", data="German", kind=LOGISTIC, **told):
    return {"run": f"{cause}|{data}|{kind}|{seed}", "source": "s", "cpu_s": 60.0, "verdict": "fail", **told}


FIRST = {"first": "without_columns follow_up", "remedy": "without_columns", "undone": True, "helps": True,
         "before": 0.6, "after": 0.8}  # fmt: skip


def test_a_seed_without_the_finding_counts_as_not_first():
    cell = Cell.of([record(seed, **FIRST) for seed in range(7)] + [record(seed) for seed in range(7, 10)])

    assert (cell.seeds, cell.found, cell.first, cell.both) == (10, 7, 7, 7)
    assert not cell.kept


def test_a_promise_is_kept_by_eight_of_ten_that_are_first_and_help():
    first = [record(seed, **FIRST) for seed in range(8)]
    others = [record(seed, **{**FIRST, "undone": False}) for seed in range(8, 10)]

    assert Cell.of(first + others).kept
    assert not Cell.of([{**first[0], "helps": False}, *first[1:], *others]).kept


def everything(seeds, **told):
    return [
        record(seed, cause=cause, data=data, kind=kind, **{**FIRST, **told})
        for cause in BY_NAME for data in SIZES for kind in KINDS for seed in range(seeds)
    ]  # fmt: skip


def test_the_page_says_what_is_kept_and_what_is_not():
    good = [record(seed, **FIRST) for seed in range(10)]
    bad = [record(seed, data="Boston", **{**FIRST, "helps": False}) for seed in range(10)]

    text, _ = advice_causes.page([*good, *bad])

    assert "those run: 2 of 2 cells; first, and the confirmed gain excludes 0: 1.**" in text
    assert "| leak | logistic regression | – | 10 · 10 of 10 | 10 · 0 of 10 | – | **no** |" in text
    assert "| leak | logistic regression | – | 0.600 → 0.800 | 0.600 → 0.800 | – |" in text
    assert "20 runs, 20 minutes of CPU time, seeds 0 to 9" in text


def test_the_promise_is_kept_by_all_that_is_promised_alone():
    assert advice_causes.page(everything(10))[1]
    assert not advice_causes.page(everything(10, helps=False))[1]

    text, kept_promises = advice_causes.page(everything(9))

    assert not kept_promises
    assert "Not all that is promised was run: logistic regression 9 to 9 of 10 seeds a cell (24 of 24 cells)" in text


def test_runs_are_planned_seed_by_seed_so_that_a_stop_leaves_as_many_of_each():
    planned = list(advice_causes.runs(argparse.Namespace(first=5, seeds=2, only="", kind="")))
    leaks = list(advice_causes.runs(argparse.Namespace(first=5, seeds=1, only="leak", kind="boosting")))

    assert len(planned) == len({one.key for one in planned}) == 2 * len(CAUSES) * len(SIZES) * len(KINDS)
    assert {(one.cause, one.kind) for one in leaks} == {("leak", BOOSTED)}
    assert [one.seed for one in planned[: len(CAUSES) * len(SIZES)]] == [5] * len(CAUSES) * len(SIZES)


def test_what_was_measured_is_read_again_of_the_same_source_alone(tmp_path):
    file = tmp_path / "runs.jsonl"
    file.write_text(json.dumps(record(1)) + "\n" + json.dumps({**record(2), "source": "t"}) + "\n{cut", "utf-8")

    assert set(advice_causes.records(file, "t")) == {record(2)["run"]}
    assert len(advice_causes.records(file)) == 2


def test_weighing_or_doing_without_the_group_undoes_biased_labels():
    cause, people = BY_NAME["group-biased labels"], given("German", LOGISTIC, 3).population

    def undoes(name, **options):
        return cause.undone_by(SimpleNamespace(name=name, options=options), people)

    assert all(undoes(name) for name in WEIGHING)
    assert undoes("without_columns", columns=["sex", "age"])
    assert not undoes("without_columns", columns=["age"])
    assert not undoes("without_mislabelled")


def test_a_population_is_a_million_rows_of_the_real_ones():
    everyone = whole("German")

    assert len(everyone.places) == POPULATION == 1_000_000
    assert len(np.unique(everyone.places)) == everyone.rows.n == 1_000


def test_a_trial_has_an_interval_beside_the_truth_of_every_confirmed_remedy():
    # Miscalibration of the German rows: the second finding, the second data set.
    told = trial(1 + len(FINDINGS))

    assert (told["item"], told["data"]) == ("CAL-01", "German")
    assert told["remedies"]
    for one in told["remedies"]:
        assert one["k"] == len(told["remedies"])
        assert 0 < one["truth"] < one["truth_before"]
        assert one["after"][1] <= one["after"][0] <= one["after"][2]
        assert one["truth_gain"] == pytest.approx(one["truth"] - one["truth_before"])


def remedy(*, held, name="recalibration"):
    return {
        "name": name, "k": 1, "truth": 0.05 if held else 0.2, "after": [0.04, 0.02, 0.08], "truth_before": 0.1,
        "truth_gain": -0.05, "gain": [-0.06, -0.1, -0.01], "before": [0.1, 0.08, 0.12],
    }  # fmt: skip


def trials(n, held):
    return [
        {"run": str(seed), "source": "s", "cause": "miscalibration", "item": "CAL-01", "data": "German", "cpu_s": 6.0,
         "remedies": [remedy(held=seed < held), remedy(held=True, name="reweighing")]}
        for seed in range(n)
    ]  # fmt: skip


def test_an_interval_holds_its_ends():
    assert holds({"after": [0.5, 0.4, 0.6], "truth": 0.6})
    assert not holds({"after": [0.5, 0.4, 0.6], "truth": 0.61})
    assert str(Held.of([True, True, False])) == "66.7% of 3"


def test_the_promise_of_coverage_is_of_the_remedy_that_ranks_first():
    enough, just = advice_coverage.page(trials(1_000, 920))
    _few, not_enough = advice_coverage.page(trials(1_000, 919))

    assert (just, not_enough) == (True, False)
    assert "holds its true after-value in 92.0% of 1,000** trials" in enough
    assert "| CAL-01, miscalibration | 1,000 | 92.0% of 1,000 | 96.0% of 2,000 | 92.0% of 1,000 | 100.0% of 2" in enough
    assert "| reweighing | 100.0% of 1,000 | 100.0% of 1,000 |" in enough


def test_fewer_trials_than_promised_keep_no_promise():
    text, kept_promise = advice_coverage.page(trials(100, 100))

    assert not kept_promise
    assert "**Not all that is promised was run: 100 of 1,000 trials.**" in text


def test_trials_without_a_remedy_are_told_and_not_counted():
    without = {**trials(1, 1)[0], "run": "99", "remedies": []}
    no_interval = {**without, "run": "98", "remedies": [{**remedy(held=True), "after": [None, None, None]}]}
    text, _ = advice_coverage.page([*trials(10, 10), without, no_interval])

    assert "2 of 12 trials had no finding, no remedy that helped, or too few rows of a group" in text
    assert "100.0% of 10** trials" in text


def test_the_timed_rows_have_twenty_features_and_labels_that_favour_a_group():
    made = advice_time.rows(4_000, 1)
    ours = made.columns["sex"] == "F"

    assert len(made.columns) == 21
    assert made.y[ours].mean() < 0.8 * made.y[~ours].mean()


def test_a_command_is_timed_with_the_processes_that_it_starts():
    timed = advice_time.run("--version")

    assert timed.cpu_s > 0
    assert timed.kept
    assert not replace(timed, cpu_s=301.0, wall_s=301.0).kept


def test_sections_stand_on_one_page_in_any_order(tmp_path, capsys):
    page = tmp_path / "validation" / "advice.md"
    written(f"{advice_coverage.HEADING}\n\none\n", advice_coverage.HEADING, page)
    written(f"{advice_causes.HEADING}\n\ntwo\n", advice_causes.HEADING, page)
    written(f"{advice_coverage.HEADING}\n\nthree\n", advice_coverage.HEADING, page)
    capsys.readouterr()

    text = page.read_text("utf-8")
    assert text.startswith("# Advice")
    assert "three" in text
    assert "two" in text
    assert "one\n" not in text


def test_validate_knows_the_proof():
    said = subprocess.run([ROOT / "script" / "validate", "nothing"], capture_output=True, text=True, check=False)

    assert said.returncode == 2
    assert " advice" in said.stderr

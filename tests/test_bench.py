import os
import signal
import time
from contextlib import suppress

import pyarrow.parquet as pq
import pytest

from reliability.bench import LARGEST_SEED, Bench, Settings, model_spec
from reliability.blocks import BLOCK_ROWS
from reliability.errors import SubmissionError, UsageError, WorkerError
from reliability.evidence.probe import Answers
from tests.small_case import (
    FakeModel,
    assessed,
    by_item,
    checklist,
    codes,
    handed_in,
    use_fake,
    with_model,
)

RAISED = WorkerError("model_raised", "the model raised", type="ValueError", message="no")
UNCONFINED = WorkerError("sandbox_unavailable", "no", why="start", found="", next_step="")
TWO_BLOCKS = BLOCK_ROWS + 1_000


@pytest.fixture
def run(tmp_path):
    def run_(submission, *items, jobs=1, **measured):
        used = checklist(tmp_path / "list", *items, **measured)
        return by_item(assessed(submission, used, tmp_path / "case", jobs=jobs))

    return run_


def test_model_is_measured_when_it_answers(tmp_path, monkeypatch, run):
    opened = use_fake(monkeypatch)

    found = run(with_model(tmp_path / "s"))

    assert found["PER-01"].criteria[0].measurements[0].n == 200
    assert found["ROB-01"].verdict == "pass"
    assert [model.closed for model in opened] == [True, True]  # of the run, and a fresh one for the probe


def test_model_that_fails_at_once_leaves_the_data_measured(tmp_path, monkeypatch, run):
    use_fake(monkeypatch, unopened=[RAISED])

    found = run(with_model(tmp_path / "s"))

    assert (found["DAT-01"].verdict, found["DAT-02"].verdict) == ("pass", "pass")
    for item in ("PER-01", "PER-02", "PER-03", "FAI-01", "ROB-01"):
        assert (found[item].verdict, codes(found[item])) == ("error", ["model_raised"]), item


@pytest.mark.parametrize("jobs", [1, 2])
def test_model_that_fails_in_the_middle_leaves_the_data_measured(tmp_path, monkeypatch, run, jobs):
    opened = use_fake(monkeypatch, fails={2})

    found = run(with_model(tmp_path / "s", rows=TWO_BLOCKS), "PER-01", "FAI-01", "ROB-01", "DAT-01", jobs=jobs)

    assert found["DAT-01"].verdict == "pass"
    assert found["DAT-01"].criteria[0].measurements[0].n == TWO_BLOCKS
    for item in ("PER-01", "FAI-01", "ROB-01"):
        assert (found[item].verdict, found[item].criteria[0].measurements[0].value) == ("error", None), item
    assert len(opened) == jobs
    assert all(model.closed for model in opened)


def test_rows_carry_no_answers_when_the_model_failed_in_the_middle(tmp_path, monkeypatch):
    use_fake(monkeypatch, fails={2})
    submission, used = with_model(tmp_path / "s", rows=TWO_BLOCKS), checklist(tmp_path, "PER-01")

    assessment = assessed(submission, used, tmp_path / "case")

    rows = pq.read_table(tmp_path / "case" / "rows.parquet")
    assert (rows.column_names, rows.num_rows) == (["position", "true"], TWO_BLOCKS)
    assert (assessment.rows["n"], assessment.subject.model.isolation) == (TWO_BLOCKS, {"level": "fake"})


def test_probe_that_fails_is_an_error_while_the_rows_stay_measured(tmp_path, monkeypatch, run):
    use_fake(monkeypatch, fails={2, 3, 4})

    found = run(with_model(tmp_path / "s"), "PER-01", "ROB-01")

    assert (found["PER-01"].verdict, found["ROB-01"].verdict) == ("pass", "error")


def test_probe_asks_a_fresh_worker_when_the_last_one_failed(tmp_path, monkeypatch, run):
    opened = use_fake(monkeypatch, fails={2})
    noise = "check: robustness.noise_consistency, report: true"

    found = run(with_model(tmp_path / "s"), ROB_01=noise, ROB_02=f"{noise}, with: {{strength: 0.2}}")

    assert [found[item].criteria[0].measurements[0].value is None for item in ("ROB-01", "ROB-02")] == [True, False]
    assert len(opened) == 3


def test_probe_is_not_asked_when_the_fresh_worker_cannot_be_opened(tmp_path, monkeypatch, run):
    use_fake(monkeypatch, unopened=[None, RAISED])

    found = run(with_model(tmp_path / "s"), "PER-01", "ROB-01")

    assert (found["PER-01"].verdict, found["ROB-01"].verdict) == ("pass", "error")


def test_model_is_refused_and_no_case_left_where_nothing_can_be_confined(tmp_path, monkeypatch):
    use_fake(monkeypatch, unopened=[UNCONFINED])
    submission, used = with_model(tmp_path / "s"), checklist(tmp_path, "DAT-01")

    with pytest.raises(WorkerError) as caught:
        assessed(submission, used, tmp_path / "case")

    assert (caught.value.code, caught.value.exit_status) == ("sandbox_unavailable", 2)
    assert not (tmp_path / "case").exists()


@pytest.mark.parametrize("error", [RAISED, UNCONFINED, KeyboardInterrupt(), SubmissionError("model_changed", "no")])
def test_worker_is_ended_when_the_next_one_cannot_be_opened(tmp_path, monkeypatch, error):
    opened = use_fake(monkeypatch, unopened=[None, error])
    bench = Bench(submission=with_model(tmp_path), settings=Settings(jobs=2))

    with suppress(BaseException), bench:
        pass

    assert [model.closed for model in opened] == [True]


def test_rows_are_answered_even_when_no_check_asks_for_it(tmp_path, monkeypatch):
    use_fake(monkeypatch)

    assessed(with_model(tmp_path / "s"), checklist(tmp_path, GOV_03="declared: performance"), tmp_path / "case")

    assert pq.read_table(tmp_path / "case" / "rows.parquet").column_names == ["position", "true", "predicted", "score"]


@pytest.mark.parametrize("parquet", [False, True])
def test_assess_leaves_no_case_when_the_data_changes_after_reading(tmp_path, parquet):
    submission = handed_in(tmp_path / "s", parquet=parquet)
    handed_in(tmp_path / "s", rows=198, parquet=parquet)

    with pytest.raises(SubmissionError) as caught:
        assessed(submission, checklist(tmp_path, "PER-01"), tmp_path / "case")

    assert caught.value.code == "data_changed"
    assert not (tmp_path / "case").exists()


@pytest.mark.parametrize("gone", [False, True])
def test_assess_leaves_no_case_when_the_model_changes_after_reading(tmp_path, monkeypatch, gone):
    use_fake(monkeypatch)
    submission = with_model(tmp_path / "s")
    path = tmp_path / "s" / "model.skops"
    path.unlink() if gone else path.write_bytes(b"another model")

    with pytest.raises(SubmissionError) as caught:
        assessed(submission, checklist(tmp_path, "PER-01"), tmp_path / "case")

    assert (caught.value.code, (tmp_path / "case").exists()) == ("model_changed", False)


def test_identity_is_of_the_model_file_and_none_for_predictions(tmp_path, monkeypatch):
    use_fake(monkeypatch)
    submission = with_model(tmp_path / "model")

    with Bench(submission=submission, settings=Settings()) as bench:
        assert bench.identity.sha256 == submission.model.sha256
    assert Bench(submission=handed_in(tmp_path / "rows"), settings=Settings()).identity is None


def test_roles_say_what_the_answers_hold(tmp_path, monkeypatch):
    use_fake(monkeypatch, unopened=[None, RAISED])
    submission = with_model(tmp_path)

    with Bench(submission=submission, settings=Settings()) as opened:
        assert (opened.roles.has_predictions, opened.roles.has_scores) == (True, True)
    with Bench(submission=submission, settings=Settings()) as failed:
        assert (failed.roles.has_predictions, failed.roles.has_scores) == (False, False)
        assert failed.failure.code == "model_raised"


def test_missing_scores_are_a_reason_when_the_model_has_none(tmp_path, monkeypatch, run):
    monkeypatch.setattr(FakeModel, "has_scores", False)
    monkeypatch.setattr(
        FakeModel, "answer", lambda _, columns: Answers(labels=(columns["income"].values // 3 % 2).astype(int))
    )
    use_fake(monkeypatch)

    found = run(with_model(tmp_path / "s"), "PER-01", "PER-03")

    assert (found["PER-01"].verdict, found["PER-03"].verdict) == ("pass", "inconclusive")
    assert codes(found["PER-03"]) == ["no_scores"]


def test_rows_are_told_once_when_they_are_read_twice(tmp_path, monkeypatch):
    use_fake(monkeypatch, fails={2})
    told = []
    submission, used = with_model(tmp_path / "s", rows=TWO_BLOCKS), checklist(tmp_path, "PER-01", "DAT-01")

    assessed(submission, used, tmp_path / "case", rows_done=told.append)

    assert told == [BLOCK_ROWS, 1_000]


def test_checks_are_told_by_name(tmp_path):
    told = []

    assessed(handed_in(tmp_path / "s"), checklist(tmp_path, "PER-01", "DAT-01"), tmp_path / "c", check_done=told.append)

    assert told == ["performance.accuracy", "data_quality.value_completeness"]


@pytest.mark.parametrize("seed", [-1, LARGEST_SEED + 1])
def test_seed_is_refused_when_the_record_cannot_hold_it(seed):
    with pytest.raises(UsageError) as caught:
        Settings(seed=seed)

    assert (caught.value.code, caught.value.values["seed"]) == ("seed_out_of_range", seed)


def test_spec_names_inputs_and_classes_and_nothing_of_groups(tmp_path):
    spec = model_spec(with_model(tmp_path))

    assert (spec.inputs, spec.classes, spec.positive, spec.threshold) == (("income", "age"), (0, 1), 1, None)
    assert "sex" not in repr(spec)


def test_worker_sees_the_features_only(tmp_path, monkeypatch, run):
    seen = []
    answer = FakeModel.answer
    monkeypatch.setattr(FakeModel, "answer", lambda self, columns: seen.append(set(columns)) or answer(self, columns))
    use_fake(monkeypatch)

    run(with_model(tmp_path / "s"))

    assert seen
    assert all(names == {"income", "age"} for names in seen)


def test_ctrl_c_ends_every_worker_when_two_run(tmp_path, monkeypatch):
    def interrupted(self, columns):
        if not self.closed:
            os.kill(os.getpid(), signal.SIGINT)
        while not self.closed:  # as a model that never answers: only its end ends the wait
            time.sleep(0.01)
        raise RAISED

    monkeypatch.setattr(FakeModel, "answer", interrupted)
    opened = use_fake(monkeypatch)
    submission, used = with_model(tmp_path / "s", rows=TWO_BLOCKS), checklist(tmp_path, "PER-01")

    with pytest.raises(KeyboardInterrupt):
        assessed(submission, used, tmp_path / "case", jobs=2)

    assert [model.closed for model in opened] == [True, True]
    assert not (tmp_path / "case").exists()

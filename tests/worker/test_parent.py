import contextlib
import socket
import sysconfig
import time
import uuid
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reliability.errors import SubmissionError, WorkerError
from reliability.records import canonical_json
from reliability.worker import bait, confinement, landlock, process
from reliability.worker.parent import Limits, open_model

QUICK = Limits(timeout_s=1)


def failed(action) -> WorkerError:
    with pytest.raises(WorkerError) as caught:
        action()
    return caught.value


def test_model_answers_in_declared_classes_when_it_behaves(hostile, rows):
    answers = hostile("well").answer(rows)

    assert answers.labels.tolist() == [0] * 5
    assert answers.scores.tolist() == [0.25] * 5


def test_model_answers_again_when_asked_again(hostile, rows):
    model = hostile("well")

    assert model.answer(rows).labels.tolist() == model.answer(rows).labels.tolist() == [0] * 5


def test_model_takes_labels_from_the_threshold_when_declared(hostile, rows):
    assert hostile("raising", threshold=0.25).answer(rows).labels.tolist() == [1] * 5
    assert hostile("raising", threshold=0.26).answer(rows).labels.tolist() == [0] * 5


def test_isolation_tells_what_held_when_opened(hostile, confined):
    isolation = hostile("well").isolation

    assert set(isolation["probe"].values()) == {"refused"}
    assert {"read_home", "connect_loopback", "write_root", "write_kernel_setting"} <= set(isolation["probe"])
    assert isolation["level"] == "bubblewrap"
    assert isolation["user"] == confined.name
    assert isolation["limits"]["cpu_s"] == 20
    assert len(isolation["allowlist"]["sha256"]) == 64


def test_isolation_is_the_same_bytes_when_opened_twice(hostile):
    assert canonical_json(hostile("well").isolation) == canonical_json(hostile("well").isolation)


def test_isolation_keeps_claims_short_when_the_file_says_much(hostile):
    assert len(hostile("well").isolation["written_by"]["hostile"][0]) == 200


@pytest.mark.parametrize(
    ("what", "code", "values"),
    [
        ("raising", "model_raised", {"type": "ValueError", "message": "no such row"}),
        ("hanging", "model_timeout", {"seconds": "1"}),
        ("leaving", "model_exited", {"status": 0}),
        ("exiting", "model_exited", {"status": 7}),
        ("segfault", "model_crashed", {"signal": "SIGSEGV"}),
        ("memory", "model_memory_limit", {"mebibytes": 8192}),
        ("short", "model_bad_output", {"what": "row_count", "found": "shape (4,)"}),
        ("stranger", "model_bad_output", {"what": "label_outside_classes", "found": "'maybe'"}),
        ("filling", "model_raised", {"type": "OSError"}),
        ("nan_scores", "model_bad_output", {"what": "not_finite"}),
        ("scores_over_one", "model_bad_output", {"what": "outside_0_1"}),
        ("scores_do_not_sum", "model_bad_output", {"what": "sum_not_1"}),
        ("one_column", "model_bad_output", {"what": "score_shape"}),
        ("garbage", "model_protocol_violation", {"what": "magic"}),
        ("huge_length", "model_protocol_violation", {"what": "body_too_long"}),
        ("long_header", "model_protocol_violation", {"what": "header_too_long"}),
        ("deep_header", "model_protocol_violation", {"what": "not_json"}),
        ("other_id", "model_protocol_violation", {"what": "id"}),
        ("short_body", "model_protocol_violation", {"what": "length"}),
        ("unknown_error", "model_protocol_violation", {"what": "unknown_error"}),
        ("dripping", "model_timeout", {"seconds": "1"}),
    ],
)
def test_model_fails_with_its_reason_when_it_misbehaves(hostile, rows, what, code, values):
    model = hostile(what, QUICK)

    error = failed(lambda: model.answer(rows))

    assert error.code == code
    assert error.plain_values() | values == error.plain_values()


def test_model_is_stopped_when_it_burns_processor_time(hostile, rows):
    model = hostile("burning", Limits(timeout_s=30, cpu_factor=0.01))

    assert failed(lambda: model.answer(rows)).code == "model_cpu_limit"


def test_model_violates_the_protocol_when_it_hangs_up(hostile, rows, monkeypatch):
    monkeypatch.setattr(process, "_LEAVE_S", 0.2)
    assert failed(lambda: hostile("closing", QUICK).answer(rows)).values == {"what": "closed"}


def test_model_stays_failed_when_asked_after_a_failure(hostile, rows):
    model = hostile("raising")
    first = failed(lambda: model.answer(rows))

    assert failed(lambda: model.answer(rows)) is first


def test_model_that_refused_what_it_may_refuse_goes_on(hostile, rows):
    model = hostile("raising")
    refused = [failed(lambda: model.attempt(rows)) for _ in range(2)]

    # Each is the model's own refusal, not the memory of the first; nothing has ended.
    assert [one.code for one in refused] == ["model_raised"] * 2
    assert refused[0] is not refused[1]
    assert "exit" not in model.isolation


@pytest.mark.parametrize(("what", "code"), [("segfault", "model_crashed"), ("short", "model_bad_output")])
def test_model_that_fails_otherwise_has_ended_whichever_way_it_was_asked(hostile, rows, what, code):
    model = hostile(what, QUICK)
    first = failed(lambda: model.attempt(rows))

    assert first.code == code
    assert failed(lambda: model.attempt(rows)) is first


def test_closed_model_is_refused_when_asked(hostile, rows):
    model = hostile("well")
    model.close()
    model.close()

    assert failed(lambda: model.answer(rows)).values == {"what": "closed"}


@pytest.mark.parametrize(
    ("what", "code", "values"),
    [
        ("load_hang", "model_timeout", {"seconds": "1"}),
        ("load_refuse", "model_refused", {"format": "skops", "types": "os.system"}),
        ("load_dictionary", "not_a_model", {"found": "dict"}),
        ("load_class", "not_a_model", {"found": "type"}),
        ("load_exit", "model_exited", {"status": 0}),
        ("load_classes_unlike", "model_bad_output", {"what": "label_outside_declared", "found": "'perhaps'"}),
        ("load_classes_too_many", "model_bad_output", {"what": "class_count", "found": "3, declared: 2"}),
    ],
)
def test_model_is_not_opened_when_loading_it_fails(hostile, what, code, values):
    error = failed(lambda: hostile(what, QUICK))

    assert error.code == code
    assert error.plain_values() | values == error.plain_values()


def test_message_of_a_model_is_cut_and_cleaned_when_it_raises(hostile):
    error = failed(lambda: hostile("load_raise"))

    assert error.code == "model_load_failed"
    assert error.values["message"].startswith("line one [31mred xxx")
    assert len(error.values["message"]) == 200


@pytest.mark.parametrize(
    "what",
    [
        "writing",
        "kernel_setting",
        "new_user_namespace",
        "tracing",
        "seeing_processes",
        "workbench",
        "environment HOSTNAME",
    ],
)
def test_model_is_refused_when_it_reaches_out(hostile, rows, what):
    assert hostile(what).answer(rows).labels.tolist() == [0] * 5


def test_model_is_refused_when_it_reads_a_private_file(hostile, rows, tmp_path):
    (tmp_path / "labels.csv").write_text("1")

    assert hostile(f"reading {tmp_path / 'labels.csv'}").answer(rows).labels.tolist() == [0] * 5


def test_model_is_refused_when_it_connects_to_the_machine(hostile, rows):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        answers = hostile(f"connecting {listener.getsockname()[1]}").answer(rows)

        with pytest.raises(BlockingIOError):
            listener.accept()
    assert answers.labels.tolist() == [0] * 5


def test_model_may_write_scratch_when_it_needs_some(hostile, rows):
    assert hostile("scratch").answer(rows).labels.tolist() == [1] * 5


def test_model_may_start_threads_when_its_library_does(hostile, rows):
    assert hostile("threads").answer(rows).labels.tolist() == [0] * 5


def test_model_answers_when_it_floods_its_output(hostile, rows):
    model = hostile("flooding")

    assert model.answer(rows).labels.tolist() == [0] * 5
    assert len(model._process.output) == 16_384


def test_fork_bomb_stops_at_the_limit_when_processes_are_limited(hostile, rows, confined):
    if not confined.limits_processes:
        pytest.skip("a limit on processes does not bind root in a user namespace")

    assert hostile("forking").answer(rows).labels.tolist() == [0] * 5


def test_nothing_is_left_when_a_model_is_closed(hostile, rows):
    mark = uuid.uuid4().hex
    model = hostile(f"leaving_a_child {mark}")
    model.answer(rows)
    # A process that has just begun its program shows no command line for a moment.
    assert any(running(mark) or time.sleep(0.05) for _ in range(100))

    model.close()

    assert not running(mark)


def running(mark: str) -> bool:
    return any(mark.encode() in _command_line(folder) for folder in Path("/proc").glob("[0-9]*"))


def _command_line(folder: Path) -> bytes:
    try:
        return (folder / "cmdline").read_bytes()
    except OSError:
        return b""


def test_model_sees_only_its_inputs_when_more_columns_are_there(hostile, rows):
    model = hostile("well")

    assert model.answer({"label": None, **rows}).n == 5


def test_model_without_probabilities_answers_labels_only(hostile, rows):
    model = hostile("load_without_scores")

    assert not model.has_scores
    assert model.answer(rows).scores is None


def test_model_without_probabilities_is_refused_when_a_threshold_is_declared(hostile):
    assert failed(lambda: hostile("load_without_scores", threshold=0.5)).values["what"] == "no_probabilities"


def test_model_without_classes_answers_numbers_that_mean_declared_labels(hostile, rows):
    answers = hostile("load_numbers", classes=("1", "0")).answer(rows)

    assert answers.labels.tolist() == [0, 1, 0, 1, 0]
    assert answers.scores is None


def test_model_without_classes_is_refused_when_it_answers_text(hostile, rows):
    assert failed(lambda: hostile("load_texts").answer(rows)).values["what"] == "not_numbers"


def test_regression_answers_values_when_asked(hostile, rows):
    answers = hostile("load_numbers", classes=(), task="regression", positive=None).answer(rows)

    assert answers.labels.tolist() == [1.0, 0.0, 1.0, 0.0, 1.0]


def test_model_answers_no_rows_when_there_are_none(hostile, rows):
    answers = hostile("well").answer({"x": rows["x"].take(np.array([], dtype=np.int64))})

    assert (answers.n, len(answers.scores)) == (0, 0)


def test_open_model_is_refused_when_the_file_has_changed(confined, spec_of):
    spec = replace(spec_of(b"well"), sha256="0" * 64)

    with pytest.raises(SubmissionError) as caught:
        open_model(spec, limits=QUICK)
    assert caught.value.code == "model_changed"


def test_open_model_is_refused_when_the_file_is_gone(confined, spec_of):
    spec = spec_of(b"well")
    spec.path.unlink()

    with pytest.raises(SubmissionError) as caught:
        open_model(spec, limits=QUICK)
    assert caught.value.code == "model_unreadable"


def test_open_model_is_refused_when_the_format_is_unknown(spec_of):
    with pytest.raises(SubmissionError) as caught:
        open_model(spec_of(b"well", format="pmml"), limits=QUICK)
    assert caught.value.code == "format_not_run"
    assert caught.value.values["known"].startswith("skops, pickle, joblib")


def test_open_model_is_refused_when_the_submission_would_be_in_sight(spec_of, monkeypatch):
    spec = spec_of(b"well")
    monkeypatch.setattr(confinement, "mounted", lambda: (spec.path.parent.parent,))

    assert failed(lambda: open_model(spec, limits=QUICK)).values["why"] == "submission_in_sight"


def test_open_model_is_refused_when_bubblewrap_is_missing(spec_of, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(landlock, "ways", lambda: ())

    error = failed(lambda: open_model(spec_of(b"well"), limits=QUICK))

    assert (error.code, error.values["why"]) == ("sandbox_unavailable", "bubblewrap_missing")
    assert "apt-get install -y bubblewrap" in str(error)


def test_open_model_is_refused_when_the_probe_succeeds(hostile, monkeypatch):
    # A private file that lies where a worker can read.
    monkeypatch.setattr(bait, "_private_file", lambda: contextlib.nullcontext(sysconfig.__file__))

    error = failed(lambda: hostile("well"))

    assert (error.code, error.values["why"]) == ("sandbox_unavailable", "probe")
    assert error.values["found"] == "read_home"

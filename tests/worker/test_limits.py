"""Limits and lives of real workers: what a hostile model gets, by what it reports of itself."""

import os
import threading
from pathlib import Path

import numpy as np
import pytest

from reliability.blocks import Column
from reliability.errors import SubmissionError, WorkerError
from reliability.worker import adapters, confinement, parent
from reliability.worker.parent import Limits, ModelSpec, open_model

AS_VALUES = {"classes": (), "task": "regression", "positive": None}
SMALL = Limits(timeout_s=10, memory_bytes=1 << 30, files=40, file_bytes=1 << 16, scratch_bytes=1 << 18, processes=8)


@pytest.fixture
def told(hostile, rows):
    """The number that a model answers with for every row."""

    def tell(what: str, limits: Limits = SMALL) -> float:
        (value,) = set(hostile(what, limits, **AS_VALUES).answer(rows).labels.tolist())
        return value

    return tell


def failed(action) -> WorkerError:
    with pytest.raises(WorkerError) as caught:
        action()
    return caught.value


def test_worker_runs_under_every_limit_and_as_nobody(told, confined):
    assert told("rlimit RLIMIT_AS") == SMALL.memory_bytes
    assert told("rlimit RLIMIT_CORE") == 0
    assert told("identity") == (confined.uid or confinement.NOBODY)


def test_files_are_counted_when_a_model_opens_many(told):
    assert 20 <= told("opening") < SMALL.files


def test_file_ends_at_its_size_when_a_model_writes_on(told):
    assert told("writing_one") == SMALL.file_bytes


def test_scratch_ends_at_its_size_when_a_model_fills_it_with_small_files(told):
    assert 0 < told("writing_many") <= SMALL.scratch_bytes


def test_addresses_end_at_their_limit_when_a_model_takes_bit_by_bit(told):
    assert 0 < told("taking") < SMALL.memory_bytes


def test_processes_end_at_their_limit_when_a_model_starts_some(told, confined):
    if not confined.limits_processes:
        pytest.skip("a limit on processes does not bind root in a user namespace")

    assert 0 < told("starting") < SMALL.processes


def test_model_finds_one_model_and_no_accounts_in_its_root(told):
    assert told("listing /model") == 1
    assert told("listing /tmp") == 0
    assert told("listing /etc") <= 1


def test_two_workers_answer_side_by_side_when_both_are_open(hostile, rows):
    first, second = hostile("counting", **AS_VALUES), hostile("counting", **AS_VALUES)

    met = [model.answer(rows).labels[0] for model in (first, second, first, first, second)]

    assert met == [1, 1, 2, 3, 2]
    first.close()
    assert second.answer(rows).labels[0] == 3


def test_one_worker_answers_in_turn_when_threads_ask_together(hostile, rows):
    model = hostile("counting", **AS_VALUES)
    met = []
    threads = [threading.Thread(target=lambda: met.append(model.answer(rows).labels[0])) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(met) == [1, 2, 3, 4, 5, 6]


def test_other_worker_lives_on_when_one_crashes(hostile, rows):
    crashing, well = hostile("segfault"), hostile("well")

    assert failed(lambda: crashing.answer(rows)).code == "model_crashed"
    assert well.answer(rows).n == 5


def test_model_is_closed_when_its_context_is_left(hostile, rows):
    with hostile("well") as model:
        assert model.answer(rows).n == 5

    assert failed(lambda: model.answer(rows)).values == {"what": "closed"}
    assert model._process._process.returncode is not None


def test_first_failure_stays_the_reason_when_the_model_is_closed_after_it(hostile, rows):
    model = hostile("raising")
    first = failed(lambda: model.answer(rows))
    model.close()

    assert failed(lambda: model.answer(rows)) is first


def test_message_arrives_when_it_holds_half_a_surrogate_pair(hostile, rows):
    error = failed(lambda: hostile("raising_surrogates").answer(rows))

    assert (error.code, error.values["message"]) == ("model_raised", "half pair")


@pytest.mark.parametrize(
    ("what", "code"),
    [("load_classes_too_long", "model_bad_output"), ("load_refuse_much", "model_refused")],
)
def test_reason_is_told_when_its_words_would_not_fit_a_frame(hostile, what, code):
    error = failed(lambda: hostile(what))

    assert error.code == code
    assert max(len(value) for value in error.plain_values().values()) <= 200


def test_model_is_asked_about_missing_inputs_by_name(hostile):
    with pytest.raises(KeyError, match="x"):
        hostile("well").answer({"y": Column(kind="i8", values=np.arange(1), missing=np.zeros(1, dtype=np.bool_))})


@pytest.fixture
def swapping(monkeypatch):
    """Do something to the file between its check and the start of its worker."""

    def swap(action):
        check = parent._check_same

        def then_swap(met: str, spec: ModelSpec) -> None:
            check(met, spec)
            action(spec.path)

        monkeypatch.setattr(parent, "_check_same", then_swap)

    return swap


@pytest.mark.parametrize(
    "action",
    [lambda path: path.write_text("raising"), lambda path: path.unlink(), lambda path: os.truncate(path, 0)],
    ids=["overwritten", "removed", "emptied"],
)
def test_worker_runs_the_bytes_that_were_checked_when_the_file_changes_after(hostile, rows, swapping, action):
    swapping(action)

    assert hostile("size", **AS_VALUES).answer(rows).labels.tolist() == [len("size")] * 5


def test_worker_gets_every_byte_when_the_file_is_larger_than_a_block(hostile, rows):
    assert set(hostile("size " + "x" * 3_000_000, **AS_VALUES).answer(rows).labels.tolist()) == {3_000_005}


def test_open_model_is_refused_when_the_model_is_a_folder(confined, spec_of):
    spec = spec_of(b"well")
    spec.path.unlink()
    spec.path.mkdir()

    with pytest.raises(SubmissionError) as caught:
        open_model(spec, limits=SMALL)
    assert (caught.value.code, caught.value.values["path"]) == ("model_unreadable", "model.bin")


@pytest.mark.parametrize("seen", ["submission", "elsewhere"])
def test_open_model_is_refused_when_a_link_hides_what_is_in_sight(spec_of, monkeypatch, tmp_path, seen):
    for name in ("submission", "elsewhere"):
        (tmp_path / name).mkdir()
    (tmp_path / "elsewhere" / "model").write_bytes(b"well")
    link = tmp_path / "submission" / "model"
    link.symlink_to(tmp_path / "elsewhere" / "model")
    monkeypatch.setattr(confinement, "mounted", lambda: (Path(tmp_path / seen),))

    error = failed(lambda: open_model(spec_of(b"well", path=link), limits=SMALL))
    assert error.values["why"] == "submission_in_sight"


@pytest.mark.parametrize(("factor", "seconds"), [(2.0, 20), (0.01, 1), (0.25, 2)])
def test_processor_time_follows_the_time_limit_and_is_never_nothing(factor, seconds):
    assert Limits(timeout_s=10, cpu_factor=factor).cpu_s == seconds


@pytest.mark.parametrize("said", [None, [], "text", 7, {}])
def test_claims_of_a_file_are_nothing_when_they_are_no_object(said):
    assert adapters.claims(said) == {}


def test_claims_of_a_file_are_few_sorted_and_clean():
    said = {f"k{n}": ["a\n" + "b" * 500] * 300 for n in range(20)} | {"x": {"deep": [1]}}

    kept = adapters.claims(said)

    assert list(kept) == sorted(f"k{n}" for n in range(16))
    assert {len(value) for value in kept.values()} == {adapters._MOST_NAMES}
    assert {len(one) for value in kept.values() for one in value} == {200}

from datetime import date

import pytest

from reliability.records import NotTested, Reason
from reliability.reports import identification
from reliability.reports.document import DocumentRecord
from reliability.reports.rows import Row
from reliability.words.text import words
from tests.reports.sample import assessment, data, subject


def told(rows):
    return {row.name: (row.text, row.code) for row in rows}


def test_digests_name_every_file_that_went_in():
    record = assessment(
        manifest={"path": "submission.yaml", "sha256": "cd" * 32, "answers": {"path": "a.yaml", "sha256": "78" * 32}}
    )

    codes = {row.code for row in identification.digests(record, words("ko"))}
    assert codes == {"cd" * 32, "78" * 32, "34" * 32, "56" * 32, "ef" * 32, "12" * 32}


def test_digests_hold_the_training_data_when_there_are_some():
    record = assessment()
    record = record.model_copy(
        update={"data": record.data.model_copy(update={"training": data("training.parquet", 9)})}
    )

    assert "Training data · training.parquet" in told(identification.digests(record, words("en")))


def test_command_names_folder_checklist_and_seed():
    command = identification.command(assessment(seed=7))

    assert command == "reliability assess FOLDER --checklist trustworthy-ai --seed 7 --out CASE"


def test_isolation_tells_every_attempt_of_the_probe():
    rows = told(identification.isolation(assessment(), words("en")))

    tried = "reach a loopback listener, read a canary in the home folder, write outside"
    assert rows["Attempts to break out"] == (f"{tried}: refused", "")
    assert rows["Libraries"] == ("python 3.11.2, skops 0.16.0", "")


def test_isolation_tells_what_the_probe_could_do_apart():
    rows = identification._probe({"write_root": "refused", "become_root": "succeeded"}, words("en"))

    assert [row.text for row in rows] == ["write outside: refused", "become root: succeeded"]


def test_limits_are_told_in_units_of_people():
    told = identification._limits({"memory_bytes": 8 << 30, "timeout_s": 600.0, "files": 9}, words("en"))

    assert told == "memory 8 GiB, answer 600 s"


def test_isolation_says_when_no_model_was_run():
    record = assessment(subject=subject().model_copy(update={"model": None}))

    assert [row.text for row in identification.isolation(record, words("en"))] == [
        "No model was run; the predictions handed in were used."
    ]


@pytest.mark.parametrize(
    ("what", "name"),
    [
        ("leakage.training_overlap", "Overlap with the training data (leakage.training_overlap)"),
        ("fairness", "Fairness (fairness)"),
        ("other", "other"),
    ],
)
def test_what_was_not_tested_has_a_name_and_a_reason(what, name):
    record = assessment(not_tested=(NotTested(what=what, code="no_training_data"),))

    assert told(identification.not_tested(record, words("en")))[name] == ("No training data were handed in.", "")


def test_notes_on_the_submission_are_told():
    record = assessment(not_tested=(), notes=(Reason(code="not_used", with_={"key": "data.strata"}),))

    ((text, _),) = told(identification.not_tested(record, words("ko"))).values()
    assert "data.strata" in text


def test_work_of_one_day_is_told_as_one_day():
    assert identification.period(assessment()) == "2026-11-20"


def test_dates_say_when_nobody_issued():
    rows = told(identification.dates(assessment(), DocumentRecord(kind="test"), words("en")))

    assert rows["Issued"] == ("Not issued", "")


def test_dates_hold_the_day_of_issue():
    rows = told(identification.dates(assessment(), DocumentRecord(kind="test", issued=date(2026, 11, 21)), words("ko")))

    assert rows["발급일"] == ("2026-11-21", "")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "yes"),
        (False, "no"),
        (None, "–"),
        ([], "–"),
        (["a", 1], "a, 1"),
        ({"b": 1, "a": 2}, "a 2, b 1"),
        ("refused", "refused"),
    ],
)
def test_values_of_the_isolation_are_told_plainly(value, text):
    assert identification._plain(value, words("en")) == text


def test_what_was_not_tested_for_one_reason_is_told_in_one_row():
    rows = [
        Row(name="A", text="No answer."),
        Row(name="B", text="No training data."),
        Row(name="C", text="No answer."),
    ]

    assert [(row.name, row.text, n) for row, n in identification.by_reason(rows)] == [
        ("No answer", "A, C", 2),
        ("B", "No training data.", 1),
    ]
    assert list(identification.by_reason([])) == []

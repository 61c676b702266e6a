from datetime import date

import pytest

from reliability.records import ArchiveIdentity, Intake, NotTested, Reason
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

    assert told(identification.isolation(record, words("en"))) == {
        "Isolation": ("No model was run; the predictions handed in were used.", ""),
        "Isolation while the submitted files were read": ("bubblewrap 0.8.0", ""),
        "Attempts to break out (reading of files)": ("write outside: refused", ""),
        "Why nothing can be certified": ("predictions handed in", ""),
    }


@pytest.mark.parametrize(
    ("intake", "level", "why"),
    [
        (None, "not stated", "isolation of reading not recorded"),
        (Intake(isolation={"level": "none"}), "none", "files read without confinement"),
        (Intake(isolation={"level": "process", "user": "same_user", "probe": {"read_home": "succeeded"}}),
         "limits on resources alone (no confinement)", "files read without confinement"),
    ],
)  # fmt: skip
def test_level_at_which_files_were_read_is_told_with_what_it_rules_out(intake, level, why):
    rows = told(identification.isolation(assessment(intake=intake), words("en")))

    assert rows["Isolation while the submitted files were read"] == (level, "")
    assert rows["Why nothing can be certified"] == (why, "")


def test_image_of_a_container_stands_beside_its_engine():
    image = "debian@sha256:" + "0a" * 32
    isolation = {"level": "podman", "podman": "4.3.1", "image": image, "probe": {"write_root": "refused"}}
    model = subject().model.model_copy(update={"isolation": isolation})
    given = subject().model_copy(update={"model": model})
    rows = told(identification.isolation(assessment(subject=given, intake=Intake(isolation=isolation)), words("en")))

    assert rows["Level"] == ("Podman container", "")
    assert rows["Container image"] == ("", image)
    assert rows["Isolation while the submitted files were read"] == ("Podman container 4.3.1", image)
    assert "Why nothing can be certified" not in rows


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_nothing_is_said_against_a_certificate_where_nothing_is(lang):
    said = words(lang)

    assert said.text("row.not_certifiable") not in told(identification.isolation(assessment(), said))


def test_archive_that_was_handed_in_stands_first_among_the_digests():
    archive = ArchiveIdentity(path="제출물.zip", sha256="ab" * 32)
    record = assessment(intake=Intake(isolation={"level": "landlock"}, archive=archive))

    first = next(identification.digests(record, words("en")))
    assert (first.name, first.code) == ("Archive handed in · 제출물.zip", "ab" * 32)


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

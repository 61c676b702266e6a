import errno
import os
import resource
import stat
from contextlib import contextmanager

import numpy as np
import pyarrow.parquet as pq
import pytest

from reliability import case
from reliability.case import RowsWriter, digest, new_case, read_case
from reliability.errors import RecordError, UsageError
from reliability.records import canonical_json
from tests.builders import block
from tests.small_case import assessed, checklist, handed_in

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def left(tmp_path):
    """A whole case, and its record."""
    record = assessed(handed_in(tmp_path / "s"), checklist(tmp_path, "PER-01", "FAI-01"), tmp_path / "case")
    return tmp_path / "case", record


def writer_of(folder, *blocks):
    writer = RowsWriter(folder, blocks[0].roles)
    for one in blocks:
        writer.write(one)
    return writer.close()


def work_in(out, work, error=None):
    with new_case(out) as folder:
        work(folder)
        if error is not None:
            raise error


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_case_stands_under_its_name_when_all_went_well(tmp_path):
    with new_case(tmp_path / "case") as folder:
        (folder / "a.txt").write_text("a")
        assert names(tmp_path) == [folder.name] != ["case"]

    assert (names(tmp_path), (tmp_path / "case" / "a.txt").read_text()) == (["case"], "a")


def test_case_makes_the_folders_above_it(tmp_path):
    with new_case(tmp_path / "a" / "b" / "case"):
        pass

    assert (tmp_path / "a" / "b" / "case").is_dir()


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt(), SystemExit(1), UsageError("code", "line")])
def test_case_is_absent_when_the_work_was_interrupted(tmp_path, error):
    with pytest.raises(type(error)):
        work_in(tmp_path / "new" / "case", lambda folder: (folder / "half.txt").write_text("half"), error)

    assert names(tmp_path) == []


def test_case_keeps_the_folder_above_it_when_something_else_lies_there(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        work_in(tmp_path / "new" / "case", lambda folder: (folder.parent / "other.txt").touch(), KeyboardInterrupt())

    assert names(tmp_path / "new") == ["other.txt"]


def test_case_is_absent_and_the_reason_is_given_when_the_disk_is_full(tmp_path):
    with pytest.raises(RecordError, match="No space left on device") as caught, new_case(tmp_path / "case"):
        raise FULL

    assert (caught.value.code, caught.value.exit_status, names(tmp_path)) == ("case_not_written", 2, [])


def test_case_names_the_file_that_the_disk_refused(tmp_path):
    with pytest.raises(RecordError, match=r"No such file or directory: .*gone\.csv"), new_case(tmp_path / "case"):
        (tmp_path / "gone.csv").read_bytes()


@contextmanager
def small_disk():
    """Files of at most 4 kB: the system refuses what goes beyond, as a full disk does.

    Only around the work itself: pytest's own output may be a larger file already.
    """
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_case_is_absent_when_the_disk_fills_while_rows_are_written(tmp_path):
    rows = block(np.arange(50_000) % 2, np.arange(50_000) % 2, np.random.default_rng(0).random(50_000))

    with pytest.raises(RecordError, match="File too large") as caught, small_disk():
        work_in(tmp_path / "case", lambda folder: writer_of(folder, rows))

    assert (caught.value.code, names(tmp_path)) == ("case_not_written", [])


@pytest.mark.parametrize("step", ["write_record", "_copy_papers"])
def test_assess_leaves_nothing_when_the_disk_fills_while_writing(tmp_path, monkeypatch, step):
    def full(*_):
        raise FULL

    monkeypatch.setattr(f"reliability.assess.{step}", full)
    submission, used = handed_in(tmp_path / "s"), checklist(tmp_path / "list", "PER-01")

    with pytest.raises(RecordError) as caught:
        assessed(submission, used, tmp_path / "cases" / "one")

    assert (caught.value.code, names(tmp_path)) == ("case_not_written", ["list", "s"])


def test_assess_leaves_nothing_when_ctrl_c_comes_in_the_middle(tmp_path):
    def interrupted(_):
        raise KeyboardInterrupt

    submission, used = handed_in(tmp_path / "s"), checklist(tmp_path / "list", "PER-01")
    with pytest.raises(KeyboardInterrupt):
        assessed(submission, used, tmp_path / "case", rows_done=interrupted)

    assert names(tmp_path) == ["list", "s"]


@pytest.mark.parametrize("kind", ["folder", "file", "dangling"])
def test_out_is_refused_when_it_exists(tmp_path, kind):
    out = tmp_path / "case"
    {"folder": out.mkdir, "file": out.touch, "dangling": lambda: out.symlink_to(tmp_path / "nowhere")}[kind]()

    with pytest.raises(UsageError) as caught, new_case(out):
        pass

    assert (caught.value.code, names(tmp_path)) == ("out_exists", ["case"])


def test_out_that_appears_meanwhile_is_not_replaced(tmp_path):
    def theirs(folder):
        (tmp_path / "case").mkdir()
        (tmp_path / "case" / "theirs.txt").touch()

    with pytest.raises(RecordError):
        work_in(tmp_path / "case", theirs)

    assert (names(tmp_path), names(tmp_path / "case")) == (["case"], ["theirs.txt"])


def test_rows_hold_position_label_answer_and_score_and_nothing_else(tmp_path):
    rows = block(
        [0, 1, 1], [0, 1, 0], [0.1, 0.9, 0.4], columns={"x": [1, 2, 3]}, groups={"g": ["a", "b", "a"]}, start=5
    )

    said = writer_of(tmp_path, rows)

    assert pq.read_table(tmp_path / "rows.parquet").to_pydict() == {
        "position": [5, 6, 7], "true": ["0", "1", "1"], "predicted": ["0", "1", "0"], "score": [0.1, 0.9, 0.4],
    }  # fmt: skip
    assert said == {"path": "rows.parquet", "sha256": digest(tmp_path / "rows.parquet"), "n": 3, "of": 3}


def test_rows_are_readable_by_their_owner_alone(tmp_path):
    writer_of(tmp_path, block([0, 1], [0, 1]))

    assert stat.S_IMODE((tmp_path / "rows.parquet").stat().st_mode) == 0o600


def test_rows_stop_at_the_most_that_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(case, "ROWS_KEPT", 5)

    said = writer_of(tmp_path, *(block([0, 1, 1], [0, 1, 0], start=start) for start in (0, 3, 6)))

    assert pq.read_table(tmp_path / "rows.parquet")["position"].to_pylist() == [0, 1, 2, 3, 4]
    assert (said["n"], said["of"]) == (5, 9)


def test_rows_hold_values_when_the_task_is_regression(tmp_path):
    writer_of(tmp_path, block([1.5, 2.5], [1.0, 3.0], task="regression"))

    assert pq.read_table(tmp_path / "rows.parquet").to_pydict() == {
        "position": [0, 1], "true": [1.5, 2.5], "predicted": [1.0, 3.0],
    }  # fmt: skip


def test_rows_hold_a_score_per_class_when_there_are_several(tmp_path):
    scores = [[0.2, 0.3, 0.5], [0.6, 0.2, 0.2]]
    writer_of(tmp_path, block(["c", "a"], ["c", "a"], scores, classes=("a", "b", "c"), task="multiclass"))

    assert pq.read_table(tmp_path / "rows.parquet")["score"].to_pylist() == scores


def test_rows_say_so_when_there_are_none(tmp_path):
    said = RowsWriter(tmp_path, block([0], [0]).roles).close()

    assert said == {"path": "rows.parquet", "sha256": None, "n": 0, "of": 0}


def test_rows_are_the_same_bytes_when_written_twice(tmp_path):
    rows = block([0, 1, 1], [0, 1, 0], [0.1, 0.9, 0.4])
    for name in ("a", "b"):
        (tmp_path / name).mkdir()

    assert writer_of(tmp_path / "a", rows) == writer_of(tmp_path / "b", rows)


@pytest.mark.parametrize("name", ["", "assessment.json"])
def test_case_is_read_from_its_folder_or_its_record(left, name):
    folder, record = left

    assert canonical_json(read_case(folder / name)) == canonical_json(record)


def test_case_holds_the_digest_of_its_rows(left):
    folder, record = left

    assert names(folder) == ["assessment.json", "rows.parquet", "submission"]
    assert record.rows["sha256"] == digest(folder / "rows.parquet")


@pytest.mark.parametrize("name", ["", "assessment.json"])
def test_case_without_a_record_is_refused(tmp_path, name):
    with pytest.raises(RecordError) as caught:
        read_case(tmp_path / name)

    assert caught.value.code == "no_record"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"assessment":1', b'"assessment":2'),
        (b'"seed":0', b'"seed":"zero"'),
        (b'"outcome":"', b'"outcome":"not_'),
        (b'"platform":', b'"plattform":'),
        (b'{"assessment"', b'"assessment"'),
        (b"conforms", b"conf\xffrms"),
    ],
)
def test_record_is_refused_when_it_is_not_of_format_1(left, old, new):
    folder, _ = left
    path = folder / "assessment.json"
    assert old in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(old, new))

    with pytest.raises(RecordError) as caught:
        read_case(folder)

    assert (caught.value.code, "\n" in str(caught.value)) == ("bad_record", False)


def test_record_is_refused_when_a_number_is_not_finite(left):
    folder, _record = left
    path = folder / "assessment.json"
    groups = b'"details":{"'
    assert groups in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(groups, b'"details":{"bad":NaN,"', 1))

    with pytest.raises(RecordError, match="finite"):
        read_case(folder)


def test_record_that_the_system_refuses_is_refused(left, monkeypatch):
    def denied(_):
        raise PermissionError(errno.EACCES, "Permission denied", "assessment.json")

    monkeypatch.setattr("pathlib.Path.read_bytes", denied)

    with pytest.raises(RecordError, match="Permission denied") as caught:
        read_case(left[0])
    assert caught.value.code == "record_unreadable"

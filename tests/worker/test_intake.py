"""Data files parsed in a process of their own: the same columns, the same refusals, and nothing believed."""

import gc
import json
import pickle
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from reliability.blocks import Column
from reliability.certifiable import is_strong
from reliability.errors import SubmissionError, WorkerError
from reliability.formats.describe import describe
from reliability.submission.population_rows import population_rows
from reliability.submission.read import read_submission
from reliability.submission.tables import open_table
from reliability.worker import confinement, failures, intake, landlock, wire
from reliability.worker.handing_in import Files, handed_in
from reliability.worker.intake import Intake
from tests.small_case import HANDED_IN, MANIFEST, table

INSIDE = confinement.PACKAGE / "reliability" / "worker" / "reader.py"


@pytest.fixture(scope="module")
def files():
    """One confined process for the files of this module; skipped where nothing confines."""
    try:
        confinement.find_way()
    except WorkerError as error:
        pytest.skip(str(error))
    return Files()


N = 70_000  # two blocks
RANDOM = np.random.default_rng(3)
MIXED = pd.DataFrame(
    {
        "number": np.where(RANDOM.random(N) < 0.1, np.nan, RANDOM.normal(size=N)),
        "whole": RANDOM.integers(-5, 5, N),
        "text": RANDOM.choice(["", "가나", "NA", 'x,"y"\n', "zz"], N),
        "truth": RANDOM.random(N) < 0.5,
        "many": [f"id{row}" for row in range(N)],
        "none": [None] * N,
    }
)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The same rows as every kind of file."""
    folder = tmp_path_factory.mktemp("rows")
    MIXED.to_csv(folder / "a.csv", index=False)
    MIXED.to_csv(folder / "a.csv.gz", index=False)
    MIXED.to_parquet(folder / "a.parquet", index=False, row_group_size=30_000)
    return folder


def assert_same(ours: Column, theirs: Column):
    assert (ours.kind, ours.levels, ours.values.dtype) == (theirs.kind, theirs.levels, theirs.values.dtype)
    np.testing.assert_array_equal(ours.missing, theirs.missing)
    np.testing.assert_array_equal(ours.values[~ours.missing], theirs.values[~theirs.missing])
    assert not ours.values[ours.missing].any()


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.parquet"])
def test_columns_are_those_that_this_process_would_read_to_the_last_bit(files, written, name):
    here = open_table(written / name, name, {})
    there = open_table(written / name, name, {}, opened=files.opened)

    assert (there.kinds, there.rows, there.names, there.sha256) == (here.kinds, here.rows, here.names, here.sha256)
    assert (there.all_missing, there.nested) == (here.all_missing, here.nested)
    for mine, other in zip(there.blocks(there.names), here.blocks(here.names), strict=True):
        assert (mine[0], list(mine[1])) == (other[0], list(other[1]))
        for column in mine[1]:
            assert_same(mine[1][column], other[1][column])


def test_two_readings_may_go_side_by_side_and_one_may_be_left(files, written):
    there = open_table(written / "a.parquet", "a", {}, opened=files.opened)
    first, second = there.blocks(["whole"]), there.blocks(["number"])

    starts = [next(first)[0], next(second)[0], next(first)[0], next(second)[0]]

    assert starts == [0, 0, 65_536, 65_536]
    abandoned = [next(there.blocks(["whole"])) for _ in range(12)]
    assert len(abandoned) == 12
    assert sum(len(columns["whole"]) for _, columns in there.blocks(["whole"])) == N


REFUSED = {
    "ragged.csv": b"a,b\n1,2\n3\n",
    "empty.csv": b"",
    "semicolon.csv": b"a;b\n1;2\n",
    "utf16.csv": "a,b\n1,2\n".encode("utf-16"),
    "neither.csv": b"a,b\n\xff\xff,2\n\x81,1\n",
    "broken.csv.gz": b"\x1f\x8b\x08\x00broken",
    "no.parquet": b"PAR1 but nothing else",
    "cut.parquet": b"PAR1" + b"\x00" * 40 + b"\xff\xff\xff\x7fPAR1",
    "unnamed.csv": b"a,,b\n1,2,3\n",
    "twice.csv": b"a,a\n1,2\n",
    "header.csv": b"a,b\n",
}


@pytest.mark.parametrize("name", REFUSED)
def test_file_is_refused_in_the_same_words(files, tmp_path, name):
    (tmp_path / name).write_bytes(REFUSED[name])

    met = []
    for opened in ({}, {"opened": files.opened}):
        with pytest.raises(SubmissionError) as caught:
            list(open_table(tmp_path / name, name, {}, **opened).blocks(["a"]))
        met.append((caught.value.code, str(caught.value)))

    assert met[0][0] == met[1][0]
    assert met[0][1].replace(str(tmp_path), "") == met[1][1] or "gz" in name


UNFIT = {
    "text": pa.array(["1"] * 65_600 + ["x\u202ey" * 40]),
    "decimal": pa.array([Decimal("1.00")] * 5 + [Decimal("1.25")]),
    "infinite": pa.array([1.0, float("inf")]),
}


@pytest.mark.parametrize(("what", "kind"), [("text", "f8"), ("decimal", "i8"), ("infinite", "f8")])
def test_value_that_does_not_fit_is_named_in_the_same_words(files, tmp_path, what, kind):
    pq.write_table(pa.table({"x": UNFIT[what]}), tmp_path / "a.parquet")

    met = []
    for opened in ({}, {"opened": files.opened}):
        read = open_table(tmp_path / "a.parquet", "a", {}, **opened).with_kinds({"x": kind})
        with pytest.raises(SubmissionError) as caught:
            list(read.blocks(["x"]))
        met.append(str(caught.value))
    assert met[0] == met[1]


def test_process_ends_with_the_last_that_reads_from_it(written, files):
    there = open_table(written / "a.csv", "a", {}, opened=Files().opened)
    process = there.source._told._intake._process._process
    assert process.poll() is None

    del there
    gc.collect()

    assert process.returncode is not None


def submission(folder: Path, content=None) -> Path:
    folder.mkdir()
    content = table(40) if content is None else content
    pq.write_table(content, folder / "data.parquet")
    manifest = MANIFEST.replace("EVALUATION", "data.parquet") + HANDED_IN
    (folder / "submission.yaml").write_text(manifest, encoding="utf-8")
    return folder


def test_submission_is_read_confined_and_nothing_is_noted(files, tmp_path):
    read = handed_in(submission(tmp_path / "s"))

    assert (read.evaluation.rows, read.notes) == (40, ())
    assert is_strong(read.intake.isolation)
    assert read.intake.isolation["limits"]["memory_bytes"] == intake.LIMITS.memory_bytes
    assert read.intake.archive is None
    assert sum(block.n for block in read.evaluation.blocks()) == 40
    assert read.evaluation.table.source._told._intake.level == "bubblewrap"


def test_submission_is_read_under_limits_alone_where_nothing_confines_and_says_so(tmp_path, monkeypatch):
    def no_way(level=None):
        raise failures.unavailable("bubblewrap_missing", "")

    monkeypatch.setattr(landlock, "find_way", no_way)
    read = handed_in(submission(tmp_path / "s"))

    assert [note.code for note in read.notes] == ["intake_weak"]
    assert (read.intake.isolation["level"], read.intake.isolation["probe"]["read_home"]) == ("process", "succeeded")
    assert not is_strong(read.intake.isolation)
    assert sum(block.n for block in read.evaluation.blocks()) == 40


def test_level_that_is_asked_for_is_not_weakened(monkeypatch):
    def no_way(level=None):
        raise failures.unavailable("bubblewrap_missing", "")

    monkeypatch.setattr(landlock, "find_way", no_way)
    with pytest.raises(WorkerError):
        Intake("bubblewrap")


@pytest.fixture
def lied_to(files, tmp_path):
    """Read a file with a reader that answers what the file says."""

    def read(**answers):
        content = {"open": OPENED, "describe": DESCRIBED, "read": {"header": {"stream": 1}}, **answers}
        path = tmp_path / "a.parquet"
        path.write_text(json.dumps(content))
        liar = Intake(package=intake.package_files() | {INSIDE: Path(__file__).with_name("lying_reader.py")})
        try:
            opened = open_table(path, "a", {}, opened=liar.opened)
            return [columns for _, columns in opened.blocks(["x"])]
        finally:
            liar.close()

    return read


@pytest.fixture
def liar(files):
    """A process whose reader answers what it is given."""
    process = Intake(package=intake.package_files() | {INSIDE: Path(__file__).with_name("lying_reader.py")})
    yield process
    process.close()


OPENED = {"header": {"file": 0}, "body": {"names": ["x"], "parquet": True}}
DESCRIBED = {"body": {"rows": 2, "stored": {"x": "double"}, "kinds": {"x": "f8"}, "empty": [], "tallies": {}}}


def block(column: Column, rows=2, **header):
    described, body = wire.pack({"x": column})
    return {"header": {"rows": rows, "described": described, **header}, "hex": bytes(body).hex()}


def numbers(*values, kind="f8"):
    return Column(kind=kind, values=np.array(values), missing=np.zeros(len(values), dtype=np.bool_))


TEXT = Column(kind="utf8", values=np.array([0, 0], np.int32), missing=np.zeros(2, np.bool_), levels=("a",))
LIES = {
    "opens with a crash": {"open": {"do": "crash"}},
    "opens and leaves": {"open": {"do": "leave"}},
    "opens with garbage": {"open": {"do": "garbage"}},
    "opens with a huge length": {"open": {"do": "huge"}},
    "names that are none": {"open": {"header": {"file": 0}, "body": {"names": [1], "parquet": True}}},
    "names that cannot be written": {"open": {"header": {"file": 0}, "body": {"names": ["\ud800"], "parquet": True}}},
    "no names": {"open": {"header": {"file": 0}, "body": []}},
    "no number": {"open": {"header": {"file": "0"}, "body": {"names": ["x"], "parquet": True}}},
    "no JSON": {"open": {"header": {"file": 0}, "hex": "ff"}},
    "no description": {"describe": {"body": []}},
    "kinds that are none": {"describe": {"body": {**DESCRIBED["body"], "kinds": {"x": "object"}}}},
    "negative rows": {"describe": {"body": {**DESCRIBED["body"], "rows": -1}}},
    "rows beyond counting": {"describe": {"body": {**DESCRIBED["body"], "rows": 1 << 60}}},
    "columns that are missing": {"describe": {"body": {**DESCRIBED["body"], "kinds": {}}}},
    "no stream": {"read": {"header": {"stream": None}}},
    "NaN": {"next": block(numbers(np.nan, 1.0))},
    "infinity": {"next": block(numbers(np.inf, 1.0))},
    "another kind": {"next": block(numbers(1, 2, kind="i8"))},
    "text": {"next": block(TEXT)},
    "more rows than sent": {"next": block(numbers(1.0, 2.0), rows=3)},
    "more rows than a block": {"next": block(numbers(1.0, 2.0), rows=1 << 30)},
    "rows that are none": {"next": block(numbers(1.0, 2.0), rows=True)},
    "no columns": {"next": {"header": {"rows": 2, "described": 2}, "hex": b"[]      ".hex()}},
    "a refusal of its own": {"open": {"header": {"refused": True}, "body": {"code": "conforms", "values": {}}}},
    "a refusal without values": {"open": {"header": {"refused": True}, "body": {"code": "ragged_row", "values": {}}}},
    "a refusal with words": {
        "open": {"header": {"refused": True}, "body": {"code": "ragged_row", "values": {"row": "{0}"}}}
    },
    "no memory": {"open": {"header": {"memory": True}, "body": {}}},
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_reader_that_lies_is_ended_and_nothing_of_it_is_believed(lied_to, lie):
    with pytest.raises(SubmissionError) as caught:
        lied_to(**LIES[lie])

    assert caught.value.code == "data_reader_ended"
    assert len(str(caught.value)) < 400


def test_reader_that_does_not_answer_is_ended_at_its_time(lied_to, monkeypatch):
    monkeypatch.setattr(intake, "LIMITS", replace(intake.LIMITS, timeout_s=0.5))
    began = time.monotonic()

    with pytest.raises(SubmissionError) as caught:
        lied_to(open={"do": "sleep"})
    assert caught.value.code == "data_reader_ended"
    assert time.monotonic() - began < 60


POPULATION = "column,value,share\nsex,F,0.25\n\nsex,'여',0.75\n"


def test_population_is_parsed_confined_and_comes_out_the_same(files, tmp_path):
    folder = submission(tmp_path / "s")
    (folder / "p.csv").write_text(POPULATION.replace("'여'", "M"), encoding="utf-8-sig")
    manifest = folder / "submission.yaml"
    manifest.write_text(manifest.read_text(encoding="utf-8") + "  population: p.csv\n", encoding="utf-8")

    there, here = handed_in(folder), read_submission(folder)

    assert there.population == here.population
    assert there.roles.population["sex"] == {"F": 0.25, "M": 0.75}


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"column,value,share\n", b"column,value,share\na,b\n", b'column,value,share\na,"b,1\n']
)
def test_population_is_refused_in_the_same_words(files, content):
    met = []
    for rows_of in (population_rows, files.population_rows):
        with pytest.raises(SubmissionError) as caught:
            rows_of(content, "p.csv")
        met.append((caught.value.code, str(caught.value)))

    assert met[0] == met[1]


@pytest.mark.parametrize(
    "rows",
    [None, 3, [3], [[1]], [[1, ["a", "b"]]], [[1, ["a", "b", "c", "d"]]], [["1", ["a", "b", "c"]]],
     [[-1, ["a", "b", "c"]]], [[1, ["a", "b", 3]]], [[1, ["a", "\ud800", "c"]]], [[1, "ab"]]],
)  # fmt: skip
def test_lines_of_a_population_that_are_none_are_not_believed(liar, rows):
    with pytest.raises(SubmissionError) as caught:
        liar.population_rows(json.dumps({"population": {"body": {"rows": rows}}}).encode(), "p.csv")

    assert caught.value.code == "data_reader_ended"


MODELS = {
    "skops": skops.io.dumps(LogisticRegression().fit([[0.0], [1.0]], [0, 1])),
    "pickle": pickle.dumps(LogisticRegression().fit([[0.0], [1.0]], [0, 1])),
    "onnx": b'\x08\x08\x12\x04test:\x12\n\x0b\n\x01x\x12\x01y"\x04Relu\x12\x01g',
    "lightgbm": b"tree\nversion=v4\nnum_class=1\nfeature_names=a b\n",
    "torch": b"PK\x03\x04" + bytes(60),
    "catboost": b"CBM1" + bytes(99),
    "xgboost": b"{}",
    "endpoint": b"",
}


@pytest.mark.parametrize("named", MODELS)
def test_model_file_is_described_confined_as_it_would_be_here(files, tmp_path, named):
    (tmp_path / "model").write_bytes(MODELS[named])

    assert files.head(named, tmp_path / "model") == describe(named, tmp_path / "model")


def test_folder_of_a_project_is_listed_and_nothing_of_it_is_parsed(tmp_path):
    (tmp_path / "predict.py").write_text("raise SystemExit")

    assert Files("no such level").head("python", tmp_path) == {"files": 1}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"a\x1b": "b\u202ec", "n": 3, "yes": True, "none": None}, {"a": "b c", "n": 3, "yes": True, "none": None}),
        ({"n": 1 << 60, "f": 1.5, "names": ["x"] * 99}, {"n": str(1 << 60), "f": "1.5", "names": ["x"] * 64}),
        ({"long": "x" * 9999}, {"long": failures.cleaned("x" * 9999)}),
    ],
)
def test_claims_about_a_model_file_are_kept_short_and_plain(liar, tmp_path, said, told):
    (tmp_path / "model").write_text(json.dumps({"head": {"body": said}}))

    assert liar.head("onnx", tmp_path / "model") == told


@pytest.mark.parametrize("said", [[], 3, {"a": [[[[[[]]]]]]}])
def test_claims_that_are_none_are_not_believed(liar, tmp_path, said):
    (tmp_path / "model").write_text(json.dumps({"head": {"body": said}}))

    with pytest.raises(SubmissionError) as caught:
        liar.head("onnx", tmp_path / "model")
    assert caught.value.code == "data_reader_ended"

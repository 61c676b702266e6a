import textwrap

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reliability.errors import SubmissionError
from reliability.submission.guesses import guess
from reliability.submission.manifest import ColumnEntry, Manifest
from reliability.submission.read import read_submission
from reliability.submission.refusals import shaped
from reliability.submission.tables import open_table
from reliability.yaml_lines import parse_yaml

ROWS = """\
id,sex,age,income,approved,y_pred,y_score
a,F,23,10.5,1,1,0.9
b,M,37,11.5,0,0,0.2
c,F,64,12.5,1,0,0.4
d,M,70,,0,1,0.6
"""
MANIFEST = """\
submission: 1
organisation: {name: 온고을신용}
system: {name: 심사 모델, version: "1.0", purpose: 승인 여부를 제안한다}
task: binary
data:
  evaluation: data.csv
  target: approved
  favourable: 1
  prediction: y_pred
  score: y_score
  id: id
  sensitive: [sex, {column: age, bands: [0, 30, 65]}]
"""


@pytest.fixture
def submit(tmp_path):
    """Write a submission: the manifest with replacements, its rows, and other files by name."""

    def write(*changes, rows=ROWS, manifest=MANIFEST, **files):
        for old, new in changes:
            assert old in manifest
            manifest = manifest.replace(old, new)
        (tmp_path / "submission.yaml").write_text(manifest, encoding="utf-8")
        if rows is not None:
            (tmp_path / "data.csv").write_bytes(rows if isinstance(rows, bytes) else rows.encode())
        for name, content in files.items():
            (tmp_path / name.replace("__", ".")).write_text(textwrap.dedent(content), encoding="utf-8")
        return tmp_path

    return write


@pytest.fixture
def read(submit):
    """Write a submission and read it."""
    return lambda *changes, **kept: read_submission(submit(*changes, **kept))


@pytest.fixture
def refused(submit):
    """Write a submission and say how it is refused: the code and the line."""

    def refuse(*changes, **kept):
        with pytest.raises(SubmissionError) as caught:
            read_submission(submit(*changes, **kept))
        assert "\n" not in str(caught.value)
        assert caught.value.exit_status == 2
        return caught.value.code, str(caught.value)

    return refuse


@pytest.fixture
def opened(tmp_path):
    """Write a data file, CSV from text or bytes and Parquet from columns, and open it as a table."""

    def open_(content, name="data.csv", **dictionary):
        path = tmp_path / name
        if name.endswith(".parquet"):
            pq.write_table(content if isinstance(content, pa.Table) else pa.table(content), path)
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        entries = {column: ColumnEntry.model_validate(entry) for column, entry in dictionary.items()}
        return open_table(path, name, entries)

    return open_


@pytest.fixture
def guessed(tmp_path):
    """Write a table as CSV and guess the part of every column."""

    def guess_(table, **kept):
        path = tmp_path / "data.csv"
        table.to_csv(path, index=False)
        return guess(path, **kept)

    return guess_


@pytest.fixture
def validated():
    """Hold YAML to the manifest's shape: the manifest as read."""
    return lambda text: shaped(Manifest, parse_yaml(text.encode(), error=SubmissionError, name="submission.yaml"))


def refusal_of(call, *given, **kept):
    """Code and line of the refusal that a call ends in."""
    with pytest.raises(SubmissionError) as caught:
        call(*given, **kept)
    assert "\n" not in str(caught.value)
    return caught.value.code, str(caught.value)


@pytest.fixture
def refusal():
    """Say how a call is refused: the code and the line."""
    return refusal_of

"""Data files made to harm whoever parses them: refused in one line, by a workbench that goes on.

Cells that a spreadsheet would run, and bombs in workbooks, stand beside the questionnaire's own tests.
"""

import gzip
import io
import resource
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reliability.errors import SubmissionError
from reliability.formats.describe import describe
from reliability.questionnaire.workbook_package import read_package
from reliability.submission.manifest import ColumnEntry
from reliability.submission.tables import open_table
from reliability.worker.handing_in import Files
from tests.small_case import MANIFEST, table

READ = frozenset({"data_reader_ended", "data_not_parquet", "data_unreadable", "value_unfit"})


@pytest.fixture(scope="module")
def files():
    """A process for the files of this module; a new one after one that did not survive."""
    return Files().opened


def read(path, opened, dictionary=None) -> int:
    """Rows that could be read."""
    there = open_table(path, path.name, dictionary or {}, opened=opened)
    names = [name for name in there.names if name not in there.unusable]
    return sum(len(columns[names[0]]) for _, columns in there.blocks(names)) if names else 0


def text_bomb(path):
    """A text of 4 MB that every one of 60,000 rows has: 1 KB as a file, 240 GB as rows."""
    held = pa.DictionaryArray.from_arrays(pa.array(np.zeros(60_000, np.int32)), pa.array(["a" * (1 << 22)]))
    pq.write_table(pa.table({"x": held}), path, compression="zstd", store_schema=False)


def no_utf8(path):
    """Bytes that are no text in a column of text."""
    raw = pa.array([b"\xff\xfe", b"ok"], pa.binary())
    pq.write_table(pa.table({"x": pa.Array.from_buffers(pa.string(), 2, raw.buffers())}), path)


def test_a_text_bomb_is_read_as_codes_and_never_spelt_out(confined, files, tmp_path):
    text_bomb(tmp_path / "a.parquet")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    assert read(tmp_path / "a.parquet", files) == 60_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB


@pytest.mark.parametrize(
    ("make", "dictionary"),
    [(text_bomb, {"x": ColumnEntry(type="number")}), (no_utf8, {})],  # what is declared a number is spelt out
)
def test_parquet_that_harms_its_parser_is_refused_in_one_line(confined, files, tmp_path, make, dictionary):
    make(tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").stat().st_size < 10_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    with pytest.raises(SubmissionError) as caught:
        read(tmp_path / "a.parquet", files, dictionary)

    assert caught.value.code in READ
    assert "\n" not in str(caught.value)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000  # kB


def test_many_rows_of_a_small_file_are_read_block_by_block(confined, files, tmp_path):
    # 5,000,000 rows of 2 columns in 40 KB.
    n = 5_000_000
    pq.write_table(pa.table({"a": np.zeros(n, np.int8), "b": np.zeros(n, np.int8)}), tmp_path / "a.parquet",
                   compression="zstd", row_group_size=n)  # fmt: skip
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    assert read(tmp_path / "a.parquet", files) == n
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


@pytest.mark.parametrize("head", [b'a,"', b"a,b\n1,2\n3,"], ids=["header", "field"])
def test_csv_of_one_endless_field_is_refused(confined, files, tmp_path, head):
    with gzip.open(tmp_path / "a.csv.gz", "wb", compresslevel=1) as file:
        file.write(head)
        for _ in range(30):
            file.write(b"x" * (1 << 20))
        file.write(b"\n")

    with pytest.raises(SubmissionError) as caught:
        read(tmp_path / "a.csv.gz", files)
    assert caught.value.code == "data_unreadable"


def test_broken_parquet_never_ends_the_workbench(confined, files, tmp_path):
    raw = io.BytesIO()
    pq.write_table(table(300), raw)
    whole, draws, met = raw.getvalue(), np.random.default_rng(11), set()
    for _ in range(60):
        broken = bytearray(whole)
        for place in draws.integers(0, len(whole), int(draws.integers(1, 6))):
            broken[place] = draws.integers(256)
        (tmp_path / "a.parquet").write_bytes(broken)
        try:
            met.add("read" if read(tmp_path / "a.parquet", files) else "nothing")
        except SubmissionError as error:
            met.add(error.code)

    assert "read" in met
    assert "data_not_parquet" in met


MANIFESTS = {
    "an object": "x: !!python/object/apply:os.system [touch MARKER]\n",
    "aliases": "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
    "a key twice": "submission: 1\nsubmission: 1\n",
    "a path that leads out": MANIFEST.replace("EVALUATION", "../../../../etc/passwd") + "  prediction: y\n",
    "a device": MANIFEST.replace("EVALUATION", "/dev/zero") + "  prediction: y\n",
    "depth": "a: " + "[" * 2000 + "]" * 2000 + "\n",
    "a name that steers a terminal": "\x1b]0;owned\x07: 1\n",
}


@pytest.mark.parametrize("what", MANIFESTS)
def test_manifest_is_refused_in_one_line_and_does_nothing(run, tmp_path, what):
    (tmp_path / "s").mkdir()
    marker = tmp_path / "marker"
    (tmp_path / "s" / "submission.yaml").write_text(MANIFESTS[what].replace("MARKER", str(marker)), encoding="utf-8")

    done = run("inspect", tmp_path / "s")

    assert done.status == 2, done.err
    assert len(done.err.strip().splitlines()) == 1
    assert "\x1b" not in done.err
    assert not marker.exists()


def flagged(bit: int) -> bytes:
    """An archive whose members say of themselves that they are encrypted (bit 0) or patched (bit 5)."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name in ("schema.json", "[Content_Types].xml", "xl/workbook.xml", "model/data.pkl"):
            archive.writestr(name, "{}")
    content = bytearray(raw.getvalue())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(mark)
        while place >= 0:
            content[place + at] |= 1 << bit
            place = content.find(mark, place + 1)
    return bytes(content)


@pytest.mark.parametrize("bit", [0, 5])
def test_archive_that_cannot_be_opened_is_unreadable_wherever_it_is_met(tmp_path, bit):
    path = tmp_path / "a.xlsx"
    path.write_bytes(flagged(bit))

    assert "unreadable" in describe("skops", path)
    assert describe("torch", path) is not None
    with pytest.raises(SubmissionError):
        read_package(path)

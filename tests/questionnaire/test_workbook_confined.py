"""Workbooks read in a process of their own: the same cells, the same refusals, and nothing believed."""

import json

import pytest

from reliability.errors import SubmissionError, WorkerError
from reliability.questionnaire import workbook_confined
from reliability.questionnaire.workbook_confined import checked, read_confined
from reliability.questionnaire.workbook_package import Cell, read_package
from reliability.worker import confinement, failures, landlock
from reliability.worker.intake import Intake, Telling
from tests.hostile.conftest import running
from tests.questionnaire.filled_workbooks import answer, packed, workbook
from tests.questionnaire.test_workbook_package import package


@pytest.fixture(autouse=True)
def confined():
    try:
        confinement.find_way()
    except WorkerError as error:
        pytest.skip(str(error))


@pytest.fixture
def book(tmp_path):
    workbook(tmp_path / "q.xlsx", {"GOV-01": answer("partly", note="가\t_x000D_ 나\r\n")})
    return tmp_path / "q.xlsx"


def test_cells_are_those_that_this_process_would_read_and_the_process_is_gone(book):
    before = running(workbook_confined.SERVES)

    assert read_confined(book) == read_package(book)
    assert running(workbook_confined.SERVES) == before


HOSTILE = {
    "empty": b"",
    "torn": b"PK\x03\x04" + bytes(60),
    "old": b"\xd0\xcf\x11\xe0" + bytes(60),
    "another zip": packed({"a.txt": "x"}),
    "bomb": packed({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": " " * 30_000_001}),
    "entities": packed({
        "[Content_Types].xml": "<Types/>", "xl/_rels/workbook.xml.rels": "<Relationships/>",
        "xl/workbook.xml": '<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><workbook>&d;</workbook>',
    }),
    "macro": packed({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<a/>", "xl/vbaProject.bin": "x"}),
    "link": packed({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<a/>", "xl/externalLinks/a.xml": "x"}),
    "picture": packed({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<a/>", "xl/media/a\x1b.png": "x"}),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_workbook_is_refused_in_the_same_words(tmp_path, what):
    (tmp_path / "q.xlsx").write_bytes(HOSTILE[what])

    met = []
    for read in (read_package, read_confined):
        with pytest.raises(SubmissionError) as caught:
            read(tmp_path / "q.xlsx")
        met.append((caught.value.code, str(caught.value)))
    assert met[0] == met[1]
    assert "\x1b" not in met[1][1]


def test_row_that_no_sheet_has_ends_the_reading(tmp_path):
    package(tmp_path, '<row r="0"><c t="str"><v>a</v></c></row>')

    with pytest.raises(SubmissionError) as caught:
        read_confined(tmp_path / "q.xlsx")
    assert caught.value.code == "data_reader_ended"


def test_workbook_is_not_read_where_nothing_confines(book, monkeypatch):
    def no_way(level=None):
        raise failures.unavailable("bubblewrap_missing", "")

    monkeypatch.setattr(landlock, "find_way", no_way)

    with pytest.raises(SubmissionError) as caught:
        read_confined(book)
    assert caught.value.code == "workbook_unconfined"
    assert str(caught.value).startswith("q.xlsx: ")


class Ended:
    """Stands for a process that is ended at the first lie."""

    closed = False

    def close(self):
        self.closed = True


SHEET = ["가", [[1, 2, "text", "나\ud800"], [1, 3, "day", "45000"]], ["A1:B2"]]


def told(said, epoch=False):
    ended = Ended()
    return ended, lambda: checked(epoch, said, Telling(ended, "q.xlsx", patience_s=1.0), name="q.xlsx")


def test_sheets_are_taken_as_they_are_told():
    _, read = told(json.loads(json.dumps([SHEET, ["b", [], []]])), epoch=True)

    package = read()
    assert [sheet.name for sheet in package.sheets] == ["가", "b"]
    assert package.sheets[0].cells == {
        (1, 2): Cell(kind="text", text="나\ud800"),
        (1, 3): Cell(kind="day", text="45000"),
    }
    assert (package.sheets[0].merged, package.epoch_1904, package.name) == (("A1:B2",), True, "q.xlsx")


@pytest.mark.parametrize(
    "said",
    [
        None, {"abc": []}, 3, [3], [[]], [["a", []]], [["a", [], [], []]], [[1, [], []]], [["\ud800", [], []]],
        [["a", {}, None]],
        [["a", [], [1]]], [["a", [], "A1"]], [["a", [[1, 2, "text"]], []]], [["a", [[1, 2, "text", 3]], []]],
        [["a", [[1, 2, "picture", "x"]], []]], [["a", [[1, 2, ["text"], "x"]], []]], [["a", [[0, 2, "text", "x"]], []]],
        [["a", [[1, -2, "text", "x"]], []]],
        [["a", [["1", 2, "text", "x"]], []]], [["a", [[True, 2, "text", "x"]], []]],
        [["a", [[1 << 60, 2, "text", "x"]], []]],
    ],
)  # fmt: skip
def test_reader_that_lies_is_ended_and_nothing_of_it_is_believed(said):
    ended, read = told(said)

    with pytest.raises(SubmissionError) as caught:
        read()
    assert (caught.value.code, ended.closed) == ("data_reader_ended", True)


@pytest.mark.parametrize("code", ["ragged_row", "conforms", "workbook_damaged"])
def test_refusal_outside_the_list_of_workbooks_is_a_lie(code, tmp_path):
    (tmp_path / "q.xlsx").write_bytes(b"")
    process = Intake()
    try:
        asking = process.told_of(tmp_path / "q.xlsx", messages=workbook_confined.MESSAGES)
        met = asking._refused({"code": code, "values": {"why": "torn"}})
    finally:
        process.close()

    assert met.code == (code if code == "workbook_damaged" else "data_reader_ended")

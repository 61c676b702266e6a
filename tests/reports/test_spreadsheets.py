import csv
import io
import re
import shutil
import subprocess
import zipfile
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook

from reliability.reports.separated import guarded
from reliability.reports.spreadsheets import csv_of, xlsx_of
from reliability.reports.tables import RESULTS, Results
from reliability.words.text import LANGUAGES, words
from tests.reports.sample import assessment, measured, result, subject
from tests.reports.test_tables import HIDDEN, of_small_groups, with_criteria
from tests.reports.worst import worst

FORMULAS = ("=1+1", "=cmd|' /C calc'!A0", "+82-10-1234-5678", "-2+3", "@SUM(A1)", "＝1+1", "＋1+1", "－1+1", "＠SUM(1)")


@pytest.fixture(scope="module")
def hostile():
    return worst()


def read_csv(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def opened(content):
    return load_workbook(io.BytesIO(content))


def cells(sheet):
    return [list(row) for row in sheet.iter_rows()]


@pytest.mark.parametrize("text", FORMULAS)
def test_text_that_begins_like_a_formula_stands_behind_an_apostrophe(text):
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("before", ["\t", "\r", "\n", " ", "\u00a0", "\u200b", "\ufeff", "\u202e", " \t "])
def test_formula_behind_what_a_program_may_drop_is_guarded_too(before):
    assert guarded(f"{before}=1+1") == f"'{before}=1+1"


@pytest.mark.parametrize("text", ["", "a", "가", "a=1", "1-2", "'=1", "-0.5", "+3", "-12", "½", "—", "· =1", "   "])
def test_other_text_and_numbers_stay_whole(text):
    assert guarded(text) == text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_csv_read_back_is_the_table(lang):
    table = Results(assessment(), words(lang)).table()
    heads, *lines = read_csv(csv_of(assessment(), words(lang)))
    told = [["" if cell is None else str(cell) for cell in row] for row in table.rows]

    assert tuple(heads) == table.heads
    assert lines == told


def test_csv_begins_with_the_mark_that_tells_a_korean_spreadsheet_its_encoding():
    content = csv_of(assessment(), words("ko"))

    assert content.startswith(b"\xef\xbb\xbf" + "영역".encode())
    assert content.count(b"\r\n") == len(content.splitlines())


def test_negative_number_stays_a_number_in_the_csv():
    low = measured("performance.matthews_correlation", (-0.5, -0.75, -0.25), "dimensionless")
    row = read_csv(csv_of(with_criteria(result("fail", low, at_least=0.0)), words("en")))[1]

    assert row[RESULTS.index("value") : RESULTS.index("high") + 1] == ["-0.5", "-0.75", "-0.25"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_formula_in_a_record_is_guarded_in_the_csv(formula):
    record = with_criteria(
        result("fail", measured("performance.recall", (0.5, 0.4, 0.6)), at_least=0.8, source=formula)
    )
    row = read_csv(csv_of(record, words("en")))[1]

    assert row[RESULTS.index("source")] == f"'{formula}"


def test_worst_csv_has_whole_lines_and_no_cell_that_begins_like_a_formula(hostile):
    lines = read_csv(csv_of(hostile, words("ko")))
    text = [cell for line in lines for cell in line if not re.fullmatch(r"-?[0-9.e-]+", cell)]

    assert {len(line) for line in lines} == {len(RESULTS)}
    assert [cell for cell in text if cell[:1] in set("=+-@\t\r\n＝＋－＠")] == []
    assert len(lines) > 200


@pytest.mark.parametrize("lang", LANGUAGES)
def test_workbook_read_back_is_the_table(lang):
    results = Results(assessment(), words(lang))
    book = opened(xlsx_of(assessment(), words(lang)))

    for sheet, table in zip(book.worksheets, (results.table(), results.groups()), strict=False):
        rows = [tuple(None if cell == "" else cell for cell in row) for row in (table.heads, *table.rows)]
        assert [tuple(row) for row in sheet.iter_rows(values_only=True)] == rows


@pytest.mark.parametrize(
    ("lang", "names"),
    [("ko", ["점검 결과", "집단별 수치", "안내"]), ("en", ["Results", "Groups", "About"])],
)
def test_sheets_are_named_in_the_language_asked_for(lang, names):
    assert opened(xlsx_of(assessment(), words(lang))).sheetnames == names


def test_numbers_are_numbers_and_text_is_quoted_text():
    sheet = opened(xlsx_of(assessment(), words("ko"))).worksheets[0]
    found = [cell for row in cells(sheet)[1:] for cell in row if cell.value is not None]

    assert {cell.data_type for cell in found} == {"s", "n"}
    assert {(cell.data_type, cell.quotePrefix) for cell in found} == {("s", True), ("n", False)}
    assert {cell.number_format for cell in found if cell.data_type == "n"} == {"General"}


@pytest.mark.parametrize("formula", FORMULAS)
def test_formula_in_a_record_is_text_in_the_workbook(formula):
    record = assessment(subject=subject(formula))
    told = {
        cell.value: cell for sheet in opened(xlsx_of(record, words("en"))) for row in sheet.iter_rows() for cell in row
    }

    assert (told[formula].data_type, told[formula].quotePrefix) == ("s", True)


def test_worst_workbook_opens_and_holds_no_formula(hostile):
    book = opened(xlsx_of(hostile, words("en")))
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None}

    assert kinds == {"s", "n"}
    assert book.worksheets[0].max_row > 200


def test_figures_of_small_groups_stand_in_no_sheet():
    book = opened(xlsx_of(of_small_groups(), words("en")))
    values = {cell for sheet in book.worksheets[:2] for row in sheet.iter_rows(values_only=True) for cell in row}

    assert values.isdisjoint(HIDDEN)


def test_workbook_says_nothing_of_when_and_by_whom_it_was_packed():
    with zipfile.ZipFile(io.BytesIO(xlsx_of(assessment(), words("en")))) as archive:
        moments = {member.date_time for member in archive.infolist()}
        core = archive.read("docProps/core.xml").decode()

    assert moments == {(1980, 1, 1, 0, 0, 0)}
    assert re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core) == ["2026-11-20T05:00:00Z"] * 2


def test_first_row_and_the_item_stay_in_sight_and_every_column_can_be_filtered():
    sheet = opened(xlsx_of(assessment(), words("en"))).worksheets[0]

    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("C2", f"A1:W{sheet.max_row}")


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
def test_libreoffice_reads_the_workbook_as_it_was_written(tmp_path):
    (tmp_path / "r.xlsx").write_bytes(xlsx_of(assessment(subject=subject("=1+1")), words("ko")))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    asked = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false",
    ]
    subprocess.run([*asked, "--outdir", str(tmp_path), str(tmp_path / "r.xlsx")], check=True, capture_output=True)
    lines = list(csv.reader(io.StringIO((tmp_path / "r.csv").read_text("utf-8"), newline="")))
    table = Results(assessment(), words("ko")).table()

    assert tuple(lines[0]) == table.heads
    assert [line[RESULTS.index("item")] for line in lines[1:]] == [row[RESULTS.index("item")] for row in table.rows]
    assert {line[RESULTS.index("value")] for line in lines[1:]} >= {"0.674", "0.031"}


def test_prefixes_that_other_libraries_registered_do_no_harm(monkeypatch):
    monkeypatch.setitem(ElementTree._namespace_map, "", "")  # as WeasyPrint leaves it

    assert opened(xlsx_of(assessment(), words("en"))).sheetnames
    assert ElementTree._namespace_map[""] == ""

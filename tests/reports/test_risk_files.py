import csv
import io
import zipfile
from datetime import UTC, date, datetime

import pytest
from openpyxl import Workbook, load_workbook

from reliability.errors import UsageError
from reliability.reports.consultation import Consultation, risk_register
from reliability.reports.risk_entries import NOBODY, Entries, Entry
from reliability.reports.risk_files import LARGEST, LONGEST, MOST_ROWS, read_risks, risks_as
from reliability.reports.risks import COLUMNS, FILLED
from reliability.words.text import LANGUAGES, words
from tests.reports.advised import advice
from tests.reports.sample import assessment

DAY = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
ITEMS = {found.item for found in assessment().findings}
WRITTEN = Entry(
    treatment="문턱값을 다시 정한다",
    owner="=박팀장",
    effort="3일",
    due="2026-12-24",
    residual="낮음",
    note="-이사회 보고",
)


def register(lang="en", entries=None):
    return risk_register(assessment(), Consultation(advice=advice(), entries=entries or Entries()), words(lang))


def written(folder, form, lang="en", entries=None):
    path = folder / f"risks.{form}"
    path.write_bytes(risks_as(register(lang, entries), form, DAY, words(lang)))
    return path


def saved(folder, *rows, heads=COLUMNS, encoding="utf-8", delimiter=","):
    """A CSV as people or their programs save it."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([heads, *rows])
    (folder / "risks.csv").write_bytes(text.getvalue().encode(encoding))
    return folder / "risks.csv"


def row(**cells):
    return [cells.get(key, "") for key in COLUMNS]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_people_wrote_comes_back_whatever_the_form_and_the_language(tmp_path, form, lang):
    path = written(tmp_path, form, lang, Entries(by_item={"FAI-02": WRITTEN}))
    read = read_risks(path, ITEMS)

    assert dict(read.by_item) == {"FAI-02": WRITTEN}
    assert read.own == ()
    assert (read.name, len(read.sha256)) == (path.name, 64)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_register_that_nobody_filled_in_says_nothing(tmp_path, form):
    assert dict(read_risks(written(tmp_path, form), ITEMS).by_item) == {}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_same_register_gives_the_same_bytes(form):
    assert risks_as(register(), form, DAY, words("ko")) == risks_as(register(), form, DAY, words("ko"))


def test_no_cell_of_the_csv_starts_a_formula(tmp_path):
    content = written(tmp_path, "csv", entries=Entries(by_item={"FAI-02": WRITTEN})).read_text("utf-8-sig")

    assert ",'=박팀장," in content


def test_columns_to_fill_in_look_so_in_the_workbook(tmp_path):
    sheet = load_workbook(written(tmp_path, "xlsx")).active
    fills = {cell.value: cell.fill.start_color.rgb for cell in sheet[1]}
    open_ = {words("en").text(f"risk.column.{key}") for key in FILLED}

    assert len({fills[head] for head in open_}) == 1
    assert {fills[head] for head in open_}.isdisjoint({color for head, color in fills.items() if head not in open_})
    assert sheet.cell(2, 1).value


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8-sig", ";"), ("cp949", ","), ("utf-8", "\t")])
def test_a_csv_is_read_as_spreadsheets_of_the_region_save_it(tmp_path, encoding, delimiter):
    heads = [words("ko").text(f"risk.column.{key}") for key in COLUMNS]
    path = saved(tmp_path, row(item="FAI-02", owner="박팀장"), heads=heads, encoding=encoding, delimiter=delimiter)

    assert read_risks(path, ITEMS).of("FAI-02") == Entry(owner="박팀장")


def test_columns_may_be_moved_and_left_out(tmp_path):
    path = saved(tmp_path, ["Kim", "x", "FAI-02"], heads=["Owner", "Our own", "Item"])

    assert read_risks(path, ITEMS).of("FAI-02") == Entry(owner="Kim")


def test_short_rows_and_empty_ones_are_no_trouble(tmp_path):
    path = saved(tmp_path, ["FAI-02"], [], row())

    assert read_risks(path, ITEMS).of("FAI-02") is NOBODY


def test_a_date_of_a_spreadsheet_is_read_as_a_date(tmp_path):
    book = Workbook()
    book.active.append(["Item", "Due", "Effort"])
    book.active.append(["FAI-02", date(2026, 12, 24), 3])
    book.save(tmp_path / "risks.xlsx")

    assert read_risks(tmp_path / "risks.xlsx", ITEMS).of("FAI-02") == Entry(due="2026-12-24", effort="3")


def test_a_formula_in_a_workbook_is_refused_with_its_row(tmp_path):
    book = Workbook()
    book.active.append(["Item", "Owner"])
    book.active.append(["FAI-02", "=1+1"])
    book.save(tmp_path / "risks.xlsx")

    with pytest.raises(UsageError, match=r"risks\.xlsx:2: holds"):
        read_risks(tmp_path / "risks.xlsx", ITEMS)


@pytest.mark.parametrize(
    ("severity", "likelihood"), [("Critical", "Possible"), ("필수", "가능성 있음"), ("critical", "POSSIBLE")]
)
def test_a_risk_that_people_added_is_read_in_their_language(tmp_path, severity, likelihood):
    path = saved(tmp_path, row(item="X-1", hazard="정전", severity=severity, likelihood=likelihood, owner="김"))
    (own,) = read_risks(path, ITEMS).own

    assert (own.item, own.hazard, own.severity, own.likelihood) == ("X-1", "정전", "critical", "possible")
    assert own.entry == Entry(owner="김")


def test_a_risk_of_their_own_comes_back_from_the_file_that_was_written_with_it(tmp_path):
    path = saved(tmp_path, row(item="X-1", hazard="정전", severity="major", likelihood="likely", note="n"))
    first = read_risks(path, ITEMS)
    again = read_risks(written(tmp_path, "csv", "ko", first), ITEMS)

    assert again.own == first.own


def test_a_class_that_there_is_not_is_refused_with_the_choices(tmp_path):
    path = saved(tmp_path, row(item="X-1", severity="huge", likelihood="likely"))

    with pytest.raises(UsageError, match=r"risks\.csv:2: severity is .huge.; choose one of: Critical, Major, Minor"):
        read_risks(path, ITEMS)


def test_an_item_in_two_rows_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"risks\.csv:3: FAI-02 stands in two rows"):
        read_risks(saved(tmp_path, row(item="FAI-02"), row(item="FAI-02", owner="a")), ITEMS)


def test_a_text_without_end_is_refused(tmp_path):
    with pytest.raises(UsageError, match=f"owner is longer than {LONGEST} characters"):
        read_risks(saved(tmp_path, row(item="FAI-02", owner="x" * (LONGEST + 1))), ITEMS)


def test_text_is_read_on_one_line(tmp_path):
    assert read_risks(saved(tmp_path, row(item="FAI-02", note="a\n  b")), ITEMS).of("FAI-02").note == "a b"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00\x00",
        b"a,b\n1,2\n",
        "점검 항목\nFAI-02\n".encode(),
        b"item,owner,owner\nFAI-02,a,b\n",
        b'item,owner\nFAI-02,"' + b"x" * 140_000,
    ],
    ids=["empty", "no text", "other columns", "nothing to fill in", "a column twice", "no end"],
)
def test_what_is_no_register_is_refused(tmp_path, content):
    (tmp_path / "risks.csv").write_bytes(content)

    with pytest.raises(UsageError, match="no risk register"):
        read_risks(tmp_path / "risks.csv", ITEMS)


def test_a_workbook_that_is_no_register_is_refused(tmp_path):
    Workbook().save(tmp_path / "risks.xlsx")

    with pytest.raises(UsageError, match="no risk register"):
        read_risks(tmp_path / "risks.xlsx", ITEMS)


def test_a_file_larger_than_any_register_is_refused(tmp_path):
    (tmp_path / "risks.csv").write_bytes(b"x" * (LARGEST + 1))
    with pytest.raises(UsageError, match="larger than any risk register"):
        read_risks(tmp_path / "risks.csv", ITEMS)

    with pytest.raises(UsageError, match="larger than any risk register"):
        read_risks(saved(tmp_path, *(row() for _ in range(MOST_ROWS + 1))), ITEMS)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"nowhere\.csv: could not be read"):
        read_risks(tmp_path / "nowhere.csv", ITEMS)


def test_the_workbook_carries_no_time_of_packing(tmp_path):
    with zipfile.ZipFile(written(tmp_path, "xlsx")) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}

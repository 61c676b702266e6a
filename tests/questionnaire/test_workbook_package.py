"""Cells as spreadsheets write them: shared and inline texts, numbers by their look, days by either calendar."""

import pytest

from reliability.errors import SubmissionError
from reliability.questionnaire import workbook_package
from reliability.questionnaire.workbook_package import Cell, read_package
from tests.questionnaire.filled_workbooks import packed

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
LINKS = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


def package(tmp_path, rows="", *, strings="", styles="", book="", after="", space=MAIN):
    """A workbook of one sheet, made by hand."""
    parts = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f'<workbook xmlns="{space}" {LINKS}>{book}<sheets><sheet name="가 &amp; 나" sheetId="1" '
        'r:id="rId7"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships><Relationship Id="rId7" Target="worksheets/one.xml"/>'
        "</Relationships>",
        "xl/worksheets/one.xml": f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData>{after}</worksheet>',
    }
    if strings:
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{space}">{strings}</sst>'
    if styles:
        parts["xl/styles.xml"] = f'<styleSheet xmlns="{space}">{styles}</styleSheet>'
    (tmp_path / "q.xlsx").write_bytes(packed(parts))
    return read_package(tmp_path / "q.xlsx")


def cell(tmp_path, xml, **parts):
    sheet = package(tmp_path, f'<row r="1">{xml}</row>', **parts).sheets[0]
    return sheet.cells.get((1, 1))


def text(value):
    return Cell(kind="text", text=value)


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ('<c r="A1" t="inlineStr"><is><t>가</t></is></c>', "가"),
        ('<c r="A1" t="inlineStr"><is><t xml:space="preserve"> 가 </t></is></c>', " 가 "),
        ('<c r="A1" t="inlineStr"><is><t> 가 </t></is></c>', " 가 "),
        ('<c r="A1" t="inlineStr"><is><r><rPr><b/></rPr><t>가</t></r><r><t>나</t></r></is></c>', "가나"),
        ('<c r="A1" t="inlineStr"><is><t>_x000D__x005F_x000D_</t></is></c>', "\r_x000D_"),
        ('<c r="A1" t="inlineStr"><is><t>a&#10;b&#13;c</t></is></c>', "a\nb\rc"),
        ('<c r="A1" t="inlineStr"><is><t><![CDATA[<가>]]></t></is></c>', "<가>"),
        ('<c r="A1" t="str"><v>가</v></c>', "가"),
        ('<c t="str"><v>가</v></c>', "가"),
    ],
)
def test_text_in_the_cell_is_read_whole(tmp_path, xml, expected):
    assert cell(tmp_path, xml) == text(expected)


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ("<si><t>가</t></si>", "가"),
        ("<si><t>x005F_</t></si>", "x005F_"),
        ("<si><t>_x005F_x000D_</t></si>", "_x000D_"),
        ("<si><r><t>가</t></r><r><t xml:space='preserve'> 나</t></r></si>", "가 나"),
        ("<si><t>漢</t><rPh sb='0' eb='1'><t>かん</t></rPh><phoneticPr fontId='1'/></si>", "漢"),
    ],
)
def test_text_that_cells_share_is_read_whole(tmp_path, xml, expected):
    shared = f"<si><t>앞</t></si>{xml}<si><t>뒤</t></si>"

    assert cell(tmp_path, '<c r="A1" t="s"><v>1</v></c>', strings=shared) == text(expected)


@pytest.mark.parametrize("xml", ['<c r="A1"/>', '<c r="A1" t="s"/>', '<c r="A1" t="inlineStr"><is><t/></is></c>', ""])
def test_an_empty_cell_is_none(tmp_path, xml):
    assert cell(tmp_path, xml) is None


STYLES = (
    '<numFmts><numFmt numFmtId="164" formatCode="yyyy&quot;년&quot; m&quot;월&quot;"/>'
    '<numFmt numFmtId="165" formatCode="General"/><numFmt numFmtId="166" formatCode="000"/>'
    '<numFmt numFmtId="167" formatCode="[Red]0;&quot;day&quot;"/><numFmt numFmtId="168" formatCode="h:mm"/>'
    '<numFmt numFmtId="169" formatCode="[$-412]d"/><numFmt numFmtId="170" formatCode="\\d0"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>{}</cellXfs>'
)


def number(tmp_path, value, format_number):
    styles = STYLES.format(f'<xf numFmtId="0"/><xf numFmtId="{format_number}"/>')
    return cell(tmp_path, f'<c r="A1" s="1"><v>{value}</v></c>', styles=styles)


@pytest.mark.parametrize("format_number", [0, 1, 49, 165], ids=["general", "0", "text", "general spelt"])
@pytest.mark.parametrize(
    ("value", "shown"),
    [("7", "7"), ("7.0", "7"), ("-3", "-3"), ("0", "0"), ("12345678901", "12345678901"), ("7E1", "70")],
)
def test_a_whole_number_is_the_digits_that_its_cell_shows(tmp_path, value, shown, format_number):
    assert number(tmp_path, value, format_number) == Cell(kind="whole", text=shown)


@pytest.mark.parametrize(
    ("value", "format_number"),
    [
        ("0.5", 0),
        ("123456789012", 0),
        ("7", 2),
        ("7", 9),
        ("7", 166),
        ("7", 167),
        ("0.5", 168),
        ("0.5", 20),
        ("7", 170),
    ],
)
def test_a_number_whose_look_is_not_known_is_told_apart(tmp_path, value, format_number):
    assert number(tmp_path, value, format_number) == Cell(kind="number", text=value)


@pytest.mark.parametrize("format_number", [14, 15, 22, 31, 35, 57, 164, 169])
def test_a_number_that_looks_like_a_day_is_a_day(tmp_path, format_number):
    assert number(tmp_path, "46053", format_number) == Cell(kind="day", text="46053")


def test_a_number_without_any_styles_in_the_file_is_read_as_it_is(tmp_path):
    assert cell(tmp_path, '<c r="A1"><v>7</v></c>') == Cell(kind="whole", text="7")


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ('<c r="A1" t="b"><v>1</v></c>', Cell(kind="boolean", text="TRUE")),
        ('<c r="A1" t="b"><v>0</v></c>', Cell(kind="boolean", text="FALSE")),
        ('<c r="A1" t="e"><v>#N/A</v></c>', Cell(kind="error", text="#N/A")),
        ('<c r="A1" t="d"><v>2026-01-31</v></c>', Cell(kind="day", text="2026-01-31")),
        ('<c r="A1"><f>1+1</f><v>2</v></c>', Cell(kind="formula", text="=1+1")),
        ('<c r="A1" t="str"><f>A2</f><v>met</v></c>', Cell(kind="formula", text="=A2")),
        ('<c r="A1"><f t="shared" si="0"/></c>', Cell(kind="formula", text="=")),
    ],
)
def test_what_is_no_text_says_what_it_is(tmp_path, xml, expected):
    assert cell(tmp_path, xml) == expected


def test_rows_and_cells_without_their_places_are_counted(tmp_path):
    rows = "<row><c t='str'><v>a</v></c><c t='str'><v>b</v></c></row><row><c t='str'><v>c</v></c></row>"
    sheet = package(tmp_path, rows).sheets[0]

    assert {place: one.text for place, one in sheet.cells.items()} == {(1, 1): "a", (1, 2): "b", (2, 1): "c"}


def test_places_are_believed_where_they_stand(tmp_path):
    rows = "<row r='5'><c r='C5' t='str'><v>a</v></c><c t='str'><v>b</v></c></row><row><c t='str'><v>c</v></c></row>"
    sheet = package(tmp_path, rows).sheets[0]

    assert {place: one.text for place, one in sheet.cells.items()} == {(5, 3): "a", (5, 4): "b", (6, 1): "c"}
    assert sheet.rows == [5, 6]


def test_a_sheet_gives_the_text_of_a_place_or_none(tmp_path):
    sheet = package(tmp_path, "<row><c t='str'><v>a</v></c></row>").sheets[0]

    assert (sheet.text(1, 1), sheet.text(9, 9)) == ("a", "")


def test_the_name_of_a_sheet_is_read_as_it_is_shown(tmp_path):
    assert package(tmp_path).sheets[0].name == "가 & 나"


def test_merged_cells_are_listed(tmp_path):
    merged = '<mergeCells><mergeCell ref="A1:B2"/><mergeCell ref="C1:C9"/></mergeCells>'

    assert package(tmp_path, after=merged).sheets[0].merged == ("A1:B2", "C1:C9")


@pytest.mark.parametrize(
    ("book", "epoch_1904"),
    [
        ("", False),
        ("<workbookPr/>", False),
        ('<workbookPr date1904="1"/>', True),
        ('<workbookPr date1904="true"/>', True),
    ],
)
def test_the_calendar_is_read(tmp_path, book, epoch_1904):
    assert package(tmp_path, book=book).epoch_1904 is epoch_1904


def test_a_workbook_in_the_strict_form_is_read_too(tmp_path):
    read = package(tmp_path, "<row><c t='s'><v>0</v></c></row>", strings="<si><t>가</t></si>", space=STRICT)

    assert read.sheets[0].text(1, 1) == "가"


def test_more_cells_than_any_questionnaire_has_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook_package, "MOST_CELLS", 10)

    with pytest.raises(SubmissionError, match="larger, or packed tighter") as refused:
        package(tmp_path, "<row>" + "<c t='str'><v>a</v></c>" * 11 + "</row>")

    assert refused.value.code == "workbook_too_large"


def test_empty_cells_do_not_count(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook_package, "MOST_CELLS", 10)

    assert package(tmp_path, "<row>" + "<c s='0'/>" * 500 + "</row>").sheets[0].cells == {}

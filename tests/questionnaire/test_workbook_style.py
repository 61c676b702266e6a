import pytest
from openpyxl import Workbook

from reliability.questionnaire.workbook_style import LOOKS, Brush, fit, paint, print_on_a4, protect


@pytest.fixture
def sheet():
    return Workbook().active


@pytest.mark.parametrize("text", ["=1+1", "#N/A", "007", "가" * 40_000])
def test_a_brush_writes_text_and_nothing_else(sheet, text):
    Brush("ko").put(sheet["A1"], text, "answer")

    assert (sheet["A1"].data_type, sheet["A1"].value) == ("s", text)


def test_a_cell_without_text_has_its_look_all_the_same(sheet):
    Brush("ko").put(sheet["A1"], "", "answer")

    assert sheet["A1"].value is None
    assert not sheet["A1"].protection.locked


@pytest.mark.parametrize("look", list(LOOKS))
def test_a_look_is_the_same_the_second_time(sheet, look):
    brush = Brush("en")
    brush.put(sheet["A1"], "a", look)
    brush.put(sheet["B7"], "b", look)

    assert sheet["A1"]._style == sheet["B7"]._style
    assert sheet["B7"].font.name == "Calibri"
    assert sheet["B7"].quotePrefix


def test_only_answers_are_open():
    assert [name for name, look in LOOKS.items() if look.open] == ["answer"]


@pytest.mark.parametrize(
    ("text", "lines"), [("", 1), ("가" * 5, 1), ("가" * 6, 2), ("a" * 10, 1), ("a" * 11, 2), ("a\n\nb", 3)]
)
def test_a_row_is_as_high_as_the_lines_of_its_text(sheet, text, lines):
    fit(sheet, 1, [(text, 10, "value")])

    assert sheet.row_dimensions[1].ht == 15 * lines + 4


def test_small_letters_need_less(sheet):
    fit(sheet, 1, [("a" * 12, 10, "small")])

    assert sheet.row_dimensions[1].ht == 16


def test_the_highest_text_decides_and_a_title_stays_on_its_line(sheet):
    fit(sheet, 1, [("가", 10, "value"), ("줄\n줄\n줄", 10, "value"), ("긴 제목 " * 30, 10, "heading")])

    assert sheet.row_dimensions[1].ht == 49


def test_a_sheet_is_locked_without_a_password(sheet):
    protect(sheet)

    assert sheet.protection.sheet
    assert sheet.protection.password is None


def test_paint_is_a_rule_with_its_formula(sheet):
    paint(sheet, "A1", '$A1=""', "FFF6D5")
    (area,) = sheet.conditional_formatting

    assert (str(area.sqref), area.rules[0].formula) == ("A1", ['$A1=""'])


@pytest.mark.parametrize(("repeat", "orientation"), [("1:1", "landscape"), (None, "portrait")])
def test_a_page_lies_across_where_a_header_repeats(sheet, repeat, orientation):
    print_on_a4(sheet, title="가 & 나", repeat=repeat, lang="ko")

    assert sheet.page_setup.orientation == orientation
    assert sheet.oddHeader.left.text == "가 && 나"
    assert sheet.oddHeader.left.font == "맑은 고딕,Regular"


def test_a_long_title_does_not_break_the_page(sheet):
    print_on_a4(sheet, title="가" * 500, repeat=None, lang="ko")

    assert len(sheet.oddHeader.left.text) == 200

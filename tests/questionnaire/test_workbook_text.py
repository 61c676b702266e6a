import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability.questionnaire.workbook_archive import cell_text
from reliability.questionnaire.workbook_text import fitting, length, saved_forms, written

ANY = st.text(st.characters(codec="utf-8", exclude_characters="".join(map(chr, [*range(9), 11, 12, *range(14, 32)]))))
LIKE_ESCAPES = st.lists(st.sampled_from(["_", "x", "000D", "005F", "_x000D_", "_x005F_", "x005F_", "\r", "\n", "가"]))


@pytest.mark.parametrize(
    ("text", "in_xml"),
    [
        ("", ""),
        ("=1+1", "=1+1"),
        (" 앞뒤 ", " 앞뒤 "),
        ("줄\n줄\t탭", "줄\n줄\t탭"),
        ("줄\r\n줄", "줄_x000D_\n줄"),
        ("_x000D_", "_x005F_x000D_"),
        ("_x005F_", "_x005F_x005F_"),
        ("_x000d_", "_x005F_x000d_"),
        ("_x000D_x000D_", "_x005F_x000D_x005F_x000D_"),
        ("x005F_", "x005F_"),
        ("_xYYYY_", "_xYYYY_"),
        ("_x00D_", "_x00D_"),
        ("_x000D\r", "_x005F_x000D_x000D_"),
    ],
)
def test_only_what_xml_would_change_is_written_otherwise(text, in_xml):
    assert written(text) == in_xml
    assert cell_text(in_xml) == text


@given(ANY)
def test_reading_undoes_writing(text):
    assert cell_text(written(text)) == text


@given(LIKE_ESCAPES.map("".join))
def test_reading_undoes_writing_of_what_looks_like_an_escape(text):
    assert cell_text(written(text)) == text


@given(ANY)
def test_no_carriage_return_is_left_to_an_xml_parser(text):
    assert "\r" not in written(text)


@pytest.mark.parametrize(("text", "expected"), [("", 0), ("가나", 2), ("😀", 2), ("a😀b", 4)])
def test_length_is_counted_in_utf_16_as_a_spreadsheet_does(text, expected):
    assert length(text) == expected


def test_a_bell_in_text_to_be_read_only_is_shown_as_missing():
    assert fitting("가\x07나\ufffe") == "가�나�"


def test_text_to_be_read_only_is_cut_where_a_cell_ends():
    assert length(fitting("😀" * 40_000)) <= 32_001
    assert fitting("가" * 40_000).endswith("가…")


def test_text_that_fits_is_left_alone():
    assert fitting("가" * 32_000) == "가" * 32_000


@pytest.mark.parametrize(
    ("text", "saved"),
    [
        ("가\r\n나", "가\n나"),
        ("가\n\r나", "가\n나"),
        ("가\r나", "가\n나"),
        ("가\r\r\n나", "가\r\n나"),
        ("가\r\r\n나", "가\n나"),
        ("\t가\t나", "가나"),
        ("_x005F_x000D_", "_x000D_"),
        ("_x000D_x005F_", "_x000D_"),
        ("_x000D_x0041_x0042_", "_x000DAx005FB"),
        ("\t_x005F_x000D_\r\n", "_x000D_\n"),
        ("x005F_가", "가"),
        ("_x000D_", "\r"),
        ("_x000D_", "\n"),
    ],
)
def test_what_programs_were_seen_to_leave_of_a_text_is_foreseen(text, saved):
    assert saved in saved_forms(text)


@pytest.mark.parametrize("text", ["", " 가 ", "가\n\n나", "_", "x0041_", "_x00_", "__", "=1+1"])
def test_a_text_that_no_program_changes_has_one_form(text):
    assert saved_forms(text) == {text}


@given(ANY)
def test_a_text_is_one_of_its_forms_and_none_is_longer(text):
    assert text in saved_forms(text)
    assert all(len(form) <= len(text) for form in saved_forms(text))


@given(st.text("\r\n\t_x05Da", max_size=60))
def test_the_forms_of_a_text_stay_few(text):
    assert len(saved_forms(text)) < 200

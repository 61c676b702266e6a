"""What a person wrote into the workbook is read whole; what cannot be used is one line with its cell."""

from copy import copy
from datetime import date, datetime

import pytest

from reliability.errors import SubmissionError
from reliability.questionnaire.workbook import read_workbook
from tests.questionnaire.filled_workbooks import (
    LETTERS,
    answer,
    asked,
    draft,
    edited,
    question,
    typed,
    with_parts,
    workbook,
)


@pytest.fixture
def book(tmp_path):
    workbook(tmp_path / "q.xlsx")
    return tmp_path / "q.xlsx"


def read(path, answers=None, **given):
    return read_workbook(path, asked(answers, **given))


def refused(path, answers=None, **given):
    with pytest.raises(SubmissionError) as error:
        read(path, answers, **given)
    assert "\n" not in str(error.value)
    assert str(error.value).startswith("q.xlsx: ")
    return error.value


def on_sheet(path, change):
    """The workbook after a change to its first sheet of questions."""
    return edited(path, lambda book: change(book.worksheets[1]))


def test_every_question_has_its_row_filled_or_not(book):
    rows = read(book)

    assert list(rows) == ["GOV-01", "GOV-02", "ROB-01"]
    assert {(row.answer, row.note, row.by, row.date, row.evidence, row.checked_by) for row in rows.values()} == {
        (None, None, None, None, (), None)
    }


def test_what_was_typed_is_read(book):
    typed(book, answer="일부 충족", note="이유", by="김", date="2026-01-31", evidence="a.pdf\n나.hwp", checked_by="박")
    row = read(book)["GOV-01"]

    assert (row.answer, row.note, row.by, row.date) == ("partly", "이유", "김", "2026-01-31")
    assert (row.evidence, row.checked_by) == (("a.pdf", "나.hwp"), "박")


def test_a_row_names_the_cell_of_each_field(book):
    assert read(book)["GOV-02"].where == {
        name: f"q.xlsx: 거버넌스!{letter}3" for name, letter in LETTERS.items() if name != "mark"
    } | {"answer": "q.xlsx: 거버넌스!H3"}


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("충족", "met"), ("일부 충족", "partly"), ("미충족", "not_met"), ("Met", "met"), ("partly met", "partly"),
        ("NOT MET", "not_met"), (" 충족 ", "met"), ("일부  충족", "partly"), ("met", "met"), ("not_met", "not_met"),
    ],
)  # fmt: skip
def test_an_answer_is_taken_in_either_language(book, word, code):
    assert read(typed(book, answer=word))["GOV-01"].answer == code


def test_not_applicable_is_taken_with_its_reason(book):
    row = read(typed(book, answer="해당 없음", note="외부 모델을 쓰지 않는다"))["GOV-01"]

    assert (row.answer, row.note) == ("not_applicable", "외부 모델을 쓰지 않는다")


def test_not_applicable_without_a_reason_is_refused_at_the_note(book):
    error = refused(typed(book, answer="Not applicable", note="  "))

    assert error.code == "workbook_needs_note"
    assert "거버넌스!I2: is empty, and the answer '해당 없음' needs its reason" in str(error)


@pytest.mark.parametrize("word", ["대체로 충족", "예", "O", "1", "충족함", "N/A"])
def test_another_word_for_an_answer_is_refused_with_the_choices(book, word):
    error = refused(typed(book, answer=word))

    assert error.code == "workbook_answer"
    assert f"거버넌스!H2: is {word!r}; choose one of: 충족, 일부 충족, 미충족, 해당 없음" in str(error)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-01-31", "2026-01-31"), ("2026-1-3", "2026-01-03"), ("2026.1.31", "2026-01-31"),
        ("2026. 1. 31.", "2026-01-31"), ("2026/01/31", "2026-01-31"), ("2026년 1월 31일", "2026-01-31"),
        (" 2026-01-31 ", "2026-01-31"),
    ],
)  # fmt: skip
def test_a_day_is_taken_as_people_write_it_year_first(book, written, day):
    assert read(typed(book, date=written))["GOV-01"].date == day


@pytest.mark.parametrize("value", [date(2026, 1, 31), datetime(2026, 1, 31, 14, 30)])
def test_a_real_date_of_the_spreadsheet_is_the_day(book, value):
    assert read(typed(book, date=value))["GOV-01"].date == "2026-01-31"


def test_a_real_date_by_the_calendar_of_1904_is_the_same_day(book):
    def change(book):
        book.epoch = datetime(1904, 1, 1)
        book.worksheets[1]["K2"] = date(2026, 1, 31)

    assert read(edited(book, change))["GOV-01"].date == "2026-01-31"


def test_a_real_date_spelt_as_iso_is_the_day(book):
    def change(book):
        book.iso_dates = True
        book.worksheets[1]["K2"] = date(2026, 1, 31)

    assert read(edited(book, change))["GOV-01"].date == "2026-01-31"


@pytest.mark.parametrize(
    "written", ["31.1.2026", "1/31/26", "2026-02-30", "2026", "어제", "20260131", "2026-01-31 오후"]
)
def test_what_is_no_day_is_refused(book, written):
    error = refused(typed(book, date=written))

    assert error.code == "workbook_no_day"
    assert f"거버넌스!K2: {written!r} is no date; write it as 2026-01-31" in str(error)


@pytest.mark.parametrize("value", [-800_000.0, 1e300])
def test_a_day_beyond_the_calendar_is_refused(book, value):
    def change(sheet):
        sheet["K2"] = value
        sheet["K2"].number_format = "yyyy-mm-dd"

    assert refused(on_sheet(book, change)).code == "workbook_no_day"


@pytest.mark.parametrize(("value", "kept"), [(7, "7"), (7.0, "7"), (-12, "-12"), (20260131, "20260131")])
@pytest.mark.parametrize("name", ["note", "by", "checked_by"])
def test_a_whole_number_is_kept_as_it_is_shown(book, value, kept, name):
    assert getattr(read(typed(book, **{name: value}))["GOV-01"], name) == kept


@pytest.mark.parametrize("value", [0.5, 123456789012345])
def test_a_number_that_is_shown_otherwise_is_refused(book, value):
    error = refused(typed(book, note=value))

    assert error.code == "workbook_number"
    assert "거버넌스!I2: " in str(error)
    assert "format the cell as text and type it again" in str(error)


def test_a_real_date_where_words_are_wanted_is_refused(book):
    assert refused(typed(book, note=date(2026, 1, 31))).code == "workbook_day"


def test_a_logical_value_is_refused(book):
    error = refused(typed(book, by=True))

    assert error.code == "workbook_boolean"
    assert "거버넌스!J2: holds 'TRUE' as a logical value" in str(error)


@pytest.mark.parametrize("column", ["H", "I", "J", "K", "L", "M"])
def test_a_formula_in_any_answer_cell_is_refused(book, column):
    error = refused(on_sheet(book, lambda sheet: sheet.__setitem__(f"{column}2", "=1+1")))

    assert error.code == "workbook_formula"
    assert f"거버넌스!{column}2: holds the formula '=1+1'; type the text itself" in str(error)


def test_an_error_in_an_answer_cell_is_refused(book):
    assert refused(typed(book, note="#N/A")).code == "workbook_error"


def test_text_that_looks_like_a_formula_is_text(book):
    def change(sheet):
        sheet["I2"] = "'"
        sheet["I2"]._value, sheet["I2"].data_type = "=cmd|'/C calc'!A0", "s"

    assert read(on_sheet(book, change))["GOV-01"].note == "=cmd|'/C calc'!A0"


def test_a_formula_outside_the_answers_is_passed_over(book):
    assert read(on_sheet(book, lambda sheet: sheet.__setitem__("P2", "=1+1")))["GOV-01"].answer is None


def test_text_is_kept_with_every_space_and_line(book):
    assert read(typed(book, note="  줄\n\n\t줄  \n"))["GOV-01"].note == "  줄\n\n\t줄  \n"


@pytest.mark.parametrize("blank", ["", " ", "\n", "\t \u3000"])
def test_a_cell_of_nothing_but_space_is_empty(book, blank):
    assert read(typed(book, note=blank, answer=blank, date=blank))["GOV-01"].note is None


def test_text_that_is_longer_than_may_stand_is_refused(book):
    error = refused(typed(book, note="가" * 32_001))

    assert error.code == "text_too_long"
    assert "거버넌스!I2: 설명 is 32,001 characters long" in str(error)


def test_a_character_that_no_document_shows_is_refused(book):
    error = refused(typed(book, note="종_x0007_소리"))

    assert error.code == "text_character"
    assert "거버넌스!I2: 설명 holds the character U+0007" in str(error)


def test_half_a_character_is_refused(book):
    error = refused(typed(book, note="글_xD83D_글"))

    assert error.code == "text_character"
    assert "거버넌스!I2: 설명 holds the character U+D83D" in str(error)


def test_empty_lines_between_paths_are_passed_over(book):
    assert read(typed(book, evidence="\na.pdf\n\nb.pdf\n  \n"))["GOV-01"].evidence == ("a.pdf", "b.pdf")


def test_paths_pasted_from_windows_keep_no_carriage_return(book):
    assert read(typed(book, evidence="a.pdf_x000D_\nb.pdf"))["GOV-01"].evidence == ("a.pdf", "b.pdf")


def test_a_path_keeps_its_spaces(book):
    assert read(typed(book, evidence="근거 자료/ 방침 1.pdf"))["GOV-01"].evidence == ("근거 자료/ 방침 1.pdf",)


def test_a_workbook_without_its_cover_is_refused(book):
    error = refused(edited(book, lambda book: book.remove(book.worksheets[0])))

    assert error.code == "workbook_without_mark"
    assert "name a new file" in str(error)


def test_any_other_workbook_is_refused(tmp_path):
    from openpyxl import Workbook

    Workbook().save(tmp_path / "q.xlsx")

    assert refused(tmp_path / "q.xlsx").code == "workbook_without_mark"


def test_a_workbook_of_another_version_is_refused_with_both(book):
    error = refused(book, version="2.0.0")

    assert error.code == "workbook_of_another"
    assert "asks the questions of 'trustworthy-ai 1.1.0', and these answers are to 'trustworthy-ai 2.0.0'" in str(error)


def test_the_cover_may_stand_anywhere(book):
    assert list(read(edited(book, lambda book: book.move_sheet(book.worksheets[0], 2)))) == [
        "GOV-01",
        "GOV-02",
        "ROB-01",
    ]


def test_a_deleted_sheet_is_named(book):
    error = refused(edited(book, lambda book: book.remove(book["강건성·안전성"])))

    assert error.code == "workbook_sheet_gone"
    assert "the sheet '강건성·안전성' is gone or has another name (there are: 작성 안내, 거버넌스)" in str(error)


def test_a_renamed_sheet_is_named(book):
    error = refused(edited(book, lambda book: setattr(book["거버넌스"], "title", "거버넌스 (완료)")))

    assert error.code == "workbook_sheet_gone"
    assert "거버넌스 (완료)" in str(error)


def test_a_sheet_of_a_persons_own_is_left_alone(book):
    def change(book):
        book.create_sheet("메모")["A1"] = "=1+1"

    assert list(read(edited(book, change))) == ["GOV-01", "GOV-02", "ROB-01"]


def test_a_copy_of_a_sheet_is_told_by_its_rows(book):
    error = refused(edited(book, lambda book: book.copy_worksheet(book["거버넌스"])))

    assert error.code == "workbook_item_twice"
    assert "거버넌스 Copy!A2: GOV-01 stands at 거버넌스!A2 already" in str(error)


@pytest.mark.parametrize("column", [1, 2, 7, 8, 9, 13, 14])
def test_a_deleted_column_is_named(book, column):
    error = refused(on_sheet(book, lambda sheet: sheet.delete_cols(column)))

    assert error.code == "workbook_column"
    assert "columns may not be deleted, moved or renamed" in str(error)


def test_a_renamed_column_is_named_with_both_words(book):
    error = refused(on_sheet(book, lambda sheet: sheet.__setitem__("H1", "응답")))

    assert "거버넌스!H1: the column '답변' stood here, and now '응답'" in str(error)


def test_a_column_put_in_between_is_named(book):
    assert refused(on_sheet(book, lambda sheet: sheet.insert_cols(3))).code == "workbook_column"


def test_a_deleted_row_is_named_by_its_item(book):
    error = refused(on_sheet(book, lambda sheet: sheet.delete_rows(3)))

    assert error.code == "workbook_item_gone"
    assert "the row of GOV-02 is gone" in str(error)


def test_rows_may_be_sorted(book):
    def change(sheet):
        rows = [[cell.value for cell in sheet[row]] for row in (3, 2)]
        for row, values in zip((2, 3), rows, strict=True):
            for cell, value in zip(sheet[row], values, strict=True):
                cell.value = value
        sheet["I2"] = "둘째"

    assert read(on_sheet(book, change))["GOV-02"].note == "둘째"


def test_an_empty_row_between_is_passed_over(book):
    assert list(read(on_sheet(book, lambda sheet: sheet.insert_rows(3)))) == ["GOV-01", "GOV-02", "ROB-01"]


def test_a_changed_item_is_told_what_it_was(book):
    error = refused(on_sheet(book, lambda sheet: sheet.__setitem__("A2", "GOV-09")))

    assert error.code == "workbook_item_other"
    assert "거버넌스!A2: says 'GOV-09', and this row is that of GOV-01; write GOV-01 here" in str(error)


def test_an_item_swapped_with_another_is_told_what_it_was(book):
    assert refused(on_sheet(book, lambda sheet: sheet.__setitem__("A2", "GOV-02"))).code == "workbook_item_other"


def test_a_row_of_an_unknown_item_is_told_the_near_one(book):
    error = refused(on_sheet(book, lambda sheet: sheet.__setitem__("A9", "GOV-1")))

    assert error.code == "workbook_item_unknown"
    assert "거버넌스!A9: 'GOV-1' is no item of this workbook, as GOV-01 is" in str(error)


def test_an_answer_in_a_row_that_asks_nothing_is_refused(book):
    error = refused(on_sheet(book, lambda sheet: sheet.__setitem__("I9", "덧붙임")))

    assert error.code == "workbook_item_unknown"
    assert "거버넌스!A9" in str(error)


def test_a_row_copied_below_is_refused_as_the_second(book):
    def change(sheet):
        for cell in sheet[2]:
            sheet.cell(6, cell.column, cell.value)._style = copy(cell._style)

    error = refused(on_sheet(book, change))
    assert error.code == "workbook_item_twice"
    assert "거버넌스!A6: GOV-01 stands at 거버넌스!A2 already" in str(error)


def test_a_remark_beside_the_table_is_passed_over(book):
    assert len(read(on_sheet(book, lambda sheet: sheet.__setitem__("C12", "메모")))) == 3


def test_merged_cells_are_refused_with_their_place(book):
    error = refused(on_sheet(book, lambda sheet: sheet.merge_cells("I2:I3")))

    assert error.code == "workbook_merged"
    assert "q.xlsx: 거버넌스!I2:I3: these cells are merged" in str(error)


def test_a_link_typed_into_a_note_is_text(book):
    def change(sheet):
        sheet["I2"].value = "https://example.kr/방침"
        sheet["I2"].hyperlink = "https://example.kr/방침"

    assert read(on_sheet(book, change))["GOV-01"].note == "https://example.kr/방침"


def test_a_remark_hung_on_a_cell_is_passed_over(book):
    from openpyxl.comments import Comment

    def change(sheet):
        sheet["I2"].comment = Comment("봐 주세요", "박")

    assert read(on_sheet(book, change))["GOV-01"].note is None


def test_filtered_and_hidden_rows_are_read(book):
    def change(sheet):
        sheet["I2"] = "숨은 줄"
        sheet.row_dimensions[2].hidden = True

    assert read(on_sheet(book, change))["GOV-01"].note == "숨은 줄"


def test_an_english_workbook_is_read_by_whoever_asks(tmp_path):
    workbook(tmp_path / "q.xlsx", lang="en")

    assert read(typed(tmp_path / "q.xlsx", answer="충족"))["GOV-01"].answer == "met"


def test_hostile_values_cannot_break_the_line_or_the_terminal(book):
    error = refused(typed(book, answer="\n\x85예" + "가" * 500))

    assert len(str(error)) < 300


BEFORE = answer("met", note="처음", by="김")


def test_what_only_the_workbook_changed_is_taken(tmp_path):
    workbook(tmp_path / "q.xlsx", {"GOV-01": BEFORE})
    row = read(typed(tmp_path / "q.xlsx", note="고침"), {"GOV-01": BEFORE})["GOV-01"]

    assert (row.note, row.by) == ("고침", "김")


def test_what_only_the_answers_changed_is_kept(tmp_path):
    workbook(tmp_path / "q.xlsx", {"GOV-01": BEFORE})
    now = answer("not_met", note="파일에서 고침", by="김", checked_by="박")
    row = read(typed(tmp_path / "q.xlsx", by="이"), {"GOV-01": now})["GOV-01"]

    assert (row.answer, row.note, row.by, row.checked_by) == ("not_met", "파일에서 고침", "이", "박")


def test_what_both_changed_alike_is_no_conflict(tmp_path):
    workbook(tmp_path / "q.xlsx", {"GOV-01": BEFORE})
    row = read(typed(tmp_path / "q.xlsx", note="같음"), {"GOV-01": answer("met", note="같음", by="김")})["GOV-01"]

    assert row.note == "같음"


def test_what_both_changed_is_refused_with_both(tmp_path):
    workbook(tmp_path / "q.xlsx", {"GOV-01": BEFORE})
    error = refused(typed(tmp_path / "q.xlsx", note="여기"), {"GOV-01": answer("met", note="저기", by="김")})

    assert error.code == "workbook_conflict"
    assert "거버넌스!I2: says '여기', and the answers to GOV-01 now say '저기'" in str(error)


def test_an_emptied_cell_empties_its_field(tmp_path):
    workbook(tmp_path / "q.xlsx", {"GOV-01": BEFORE})

    assert read(typed(tmp_path / "q.xlsx", note=None), {"GOV-01": BEFORE})["GOV-01"].note is None


def test_an_answer_that_came_into_the_file_since_is_kept(book):
    assert read(book, {"GOV-01": BEFORE})["GOV-01"].answer == "met"


def test_an_answer_that_was_lost_from_the_file_comes_back(tmp_path):
    workbook(tmp_path / "q.xlsx", {"GOV-01": BEFORE})

    assert read(tmp_path / "q.xlsx")["GOV-01"].note == "처음"


def test_a_draft_counts_as_what_the_file_says(tmp_path):
    workbook(tmp_path / "q.xlsx", drafts={"GOV-01": draft(note="찾는 중")})
    row = read(typed(tmp_path / "q.xlsx", answer="충족"), drafts={"GOV-01": draft(note="찾음")})["GOV-01"]

    assert (row.answer, row.note) == ("met", "찾음")


def test_a_row_without_its_mark_is_refused(book):
    error = refused(on_sheet(book, lambda sheet: sheet.__setitem__("N2", None)))

    assert error.code == "workbook_item_unknown"


def test_a_mark_cut_short_makes_every_difference_a_conflict(tmp_path):
    workbook(tmp_path / "q.xlsx", {"GOV-01": BEFORE})
    on_sheet(tmp_path / "q.xlsx", lambda sheet: sheet.__setitem__("N2", "GOV-01"))

    assert read(tmp_path / "q.xlsx", {"GOV-01": BEFORE})["GOV-01"].note == "처음"
    assert refused(typed(tmp_path / "q.xlsx", note="고침"), {"GOV-01": BEFORE}).code == "workbook_conflict"


def test_questions_that_came_since_are_not_in_it(book):
    more = (question("GOV-01"), question("GOV-02"), question("GOV-03"), question("ROB-01"))

    assert "GOV-03" not in read(book, questions=more)


def test_questions_that_are_no_longer_asked_are_still_read(book):
    typed(book, answer="충족")

    assert read(book, questions=(question("GOV-02"),))["GOV-01"].answer == "met"


def test_nothing_is_read_from_a_file_with_a_macro_in_it(book):
    with_parts(book, {"xl/vbaProject.bin": b"x"})

    assert refused(book).code == "workbook_macro"


def test_reading_leaves_the_workbook_as_it_is(book):
    typed(book, answer="충족")
    before = book.read_bytes()
    read(book)

    assert book.read_bytes() == before


LINES = answer("met", note="첫 줄\r\n\t둘째 줄 _x005F_x000D_")


def test_what_a_program_lost_comes_back_with_the_answers_and_without_them(tmp_path):
    workbook(tmp_path / "q.xlsx", {"GOV-01": LINES})
    typed(tmp_path / "q.xlsx", note="첫 줄\n둘째 줄 _x005F_x000D_", by="김")

    assert read(tmp_path / "q.xlsx", {"GOV-01": LINES})["GOV-01"].note == LINES.note
    assert read(tmp_path / "q.xlsx")["GOV-01"].note == LINES.note


def test_what_a_program_lost_is_no_conflict_with_newer_answers(tmp_path):
    workbook(tmp_path / "q.xlsx", {"GOV-01": LINES})
    typed(tmp_path / "q.xlsx", note="첫 줄\n둘째 줄 _x005F_x000D_")

    assert read(tmp_path / "q.xlsx", {"GOV-01": answer("met", note="새 글")})["GOV-01"].note == "새 글"


def test_a_tab_that_a_person_put_in_is_taken(tmp_path):
    workbook(tmp_path / "q.xlsx", {"GOV-01": BEFORE})

    assert read(typed(tmp_path / "q.xlsx", note="처\t음"), {"GOV-01": BEFORE})["GOV-01"].note == "처\t음"

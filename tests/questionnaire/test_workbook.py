"""The workbook as it is written: what stands in it, how it is locked, and that text stays text."""

import re

import pytest
from openpyxl import load_workbook

from reliability.errors import SubmissionError, UsageError
from reliability.questionnaire.workbook import read_workbook, write_workbook
from reliability.records import Reason
from tests.questionnaire.filled_workbooks import (
    LETTERS,
    answer,
    asked,
    draft,
    part,
    question,
    raw_cell,
    workbook,
)

HOSTILE = (
    "=cmd|' /C calc'!A0", "=1+1", "@SUM(1)", "+1", "-2+3", "\t=1+1", "＝1+1", "'=1", '"따옴표"', "007", "2026-01-31",
    "TRUE", "1e5", "#N/A", "#REF!", "=", " 앞뒤 ", "줄\n줄", "줄\r\n줄", "_x000D_", "_x005F_x000D_", "x005F_", "😀",
    "<b>&amp;</b>", "]]>", "가\u2028나", "\u00a0가\u00a0", "{=1}", "\n가\n\n", "\r가\r",
)  # fmt: skip


def test_there_is_a_cover_and_one_sheet_a_section(tmp_path):
    workbook(tmp_path / "q.xlsx")

    assert load_workbook(tmp_path / "q.xlsx").sheetnames == ["작성 안내", "거버넌스", "강건성·안전성"]


def test_the_sheets_speak_english_where_that_is_asked(tmp_path):
    workbook(tmp_path / "q.xlsx", lang="en")
    book = load_workbook(tmp_path / "q.xlsx")

    assert book.sheetnames == ["How to fill in", "Governance", "Robustness and safety"]
    assert [cell.value for cell in book["Governance"][1]][7:10] == ["Answer", "Note", "Answered by"]


def test_the_header_names_every_column(tmp_path):
    workbook(tmp_path / "q.xlsx")
    header = [cell.value for cell in load_workbook(tmp_path / "q.xlsx")["거버넌스"][1]]

    assert header == [
        "항목", "질문", "요구사항", "근거가 되는 자료", "관련 조항", "중요도", "작성 전 상태",
        "답변", "설명", "답변한 사람", "답변일", "근거 자료 경로", "확인한 사람", "형식 표시",
    ]  # fmt: skip


def test_a_row_holds_the_question_with_all_that_stands_beside_it(tmp_path):
    workbook(tmp_path / "q.xlsx")
    row = [cell.value for cell in load_workbook(tmp_path / "q.xlsx")["거버넌스"][2]]

    assert row[:3] == ["GOV-01", "GOV-01 제목\nGOV-01 질문입니까?", "요구한다."]
    assert row[3] == "문서.\n→ 충족 또는 일부 충족이라고 답하려면 근거 자료가 있어야 합니다."
    assert row[4:8] == ["TTA-02\nKR-34-1-1", "주요", "미답변", None]


def test_a_question_that_needs_a_check_by_another_says_so(tmp_path):
    workbook(tmp_path / "q.xlsx", questions=(question("GOV-01", checked_by_required=True),))

    wanted = load_workbook(tmp_path / "q.xlsx")["거버넌스"]["D2"].value
    assert wanted == "문서.\n→ 답변자가 아닌 사람의 확인이 필요합니다."


def test_an_answer_stands_in_its_columns(tmp_path):
    given = answer("partly", note="이유", by="김하늘", date="2026-01-31", evidence=("a.pdf", "나.hwp"), checked_by="박")
    workbook(tmp_path / "q.xlsx", {"GOV-01": given})
    row = [cell.value for cell in load_workbook(tmp_path / "q.xlsx")["거버넌스"][2]]

    assert row[6:13] == ["답변함", "일부 충족", "이유", "김하늘", "2026-01-31", "a.pdf\n나.hwp", "박"]


def test_a_draft_stands_there_without_an_answer(tmp_path):
    workbook(tmp_path / "q.xlsx", drafts={"GOV-02": draft(note="찾는 중")})
    row = [cell.value for cell in load_workbook(tmp_path / "q.xlsx")["거버넌스"][3]]

    assert row[6:9] == ["작성 중", None, "찾는 중"]


@pytest.mark.parametrize(
    ("state", "word"), [("answered", "답변함"), ("question_changed", "질문 바뀜")], ids=["answered", "changed"]
)
def test_the_state_of_an_answered_question_is_a_word(tmp_path, state, word):
    workbook(tmp_path / "q.xlsx", {"GOV-01": answer()}, states={"GOV-01": state})

    assert load_workbook(tmp_path / "q.xlsx")["거버넌스"]["G2"].value == word


def test_evidence_that_cannot_be_relied_on_is_said(tmp_path):
    trouble = {"GOV-01": (Reason(code="evidence_missing"),)}
    workbook(tmp_path / "q.xlsx", {"GOV-01": answer()}, troubles=trouble)

    assert load_workbook(tmp_path / "q.xlsx")["거버넌스"]["G2"].value == "근거 자료 확인 필요"


def test_what_changed_is_coloured_beside_its_word(tmp_path):
    workbook(tmp_path / "q.xlsx", {"GOV-01": answer()}, states={"GOV-01": "question_changed"})
    sheet = load_workbook(tmp_path / "q.xlsx")["거버넌스"]

    assert sheet["G2"].fill.start_color.rgb != sheet["G3"].fill.start_color.rgb


def test_an_orphaned_answer_is_not_in_the_workbook(tmp_path):
    workbook(tmp_path / "q.xlsx", {"OLD-9": answer(note="옛 답")})

    assert "옛 답" not in "".join(part(tmp_path / "q.xlsx", f"xl/worksheets/sheet{n}.xml") for n in (1, 2, 3))


@pytest.mark.parametrize("text", HOSTILE, ids=[ascii(text) for text in HOSTILE])
def test_a_cell_is_text_whatever_it_looks_like(tmp_path, text):
    made = workbook(tmp_path / "q.xlsx", {"GOV-01": answer(note=text, by=text, checked_by=text)})

    assert 't="inlineStr"' in raw_cell(tmp_path / "q.xlsx", 2, "I2")
    assert read_workbook(tmp_path / "q.xlsx", asked(questions=made.questions))["GOV-01"].note == text


def test_no_character_is_added_to_hostile_text(tmp_path):
    workbook(tmp_path / "q.xlsx", {"GOV-01": answer(note="=cmd|'/C calc'!A0")})

    assert "<t>=cmd|'/C calc'!A0</t>" in raw_cell(tmp_path / "q.xlsx", 2, "I2")


def test_hostile_text_of_the_checklist_and_the_cover_is_text_too(tmp_path):
    hostile = {"ko": "=HYPERLINK(A1)\x07", "en": "="}
    questions = (question("GOV-01", ask=hostile, requirement=hostile, evidence=hostile),)
    write_workbook(asked(questions=questions), tmp_path / "q.xlsx", lang="ko", organisation="=1+1", system="@x")
    book = load_workbook(tmp_path / "q.xlsx")

    assert book["거버넌스"]["C2"].data_type == "s"
    assert book["거버넌스"]["C2"].value == "=HYPERLINK(A1)�"
    assert [book["작성 안내"][place].data_type for place in ("B3", "B4")] == ["s", "s"]


def test_there_is_no_formula_in_the_file(tmp_path):
    workbook(tmp_path / "q.xlsx", {"GOV-01": answer(note="=1+1")})
    sheets = [part(tmp_path / "q.xlsx", f"xl/worksheets/sheet{n}.xml") for n in (1, 2, 3)]

    assert not any(re.search(r"<f[ >/]", text) for text in sheets)


@pytest.mark.parametrize("column", list(LETTERS.values()))
def test_every_answer_cell_is_marked_as_text_filled_or_not(tmp_path, column):
    workbook(tmp_path / "q.xlsx", {"GOV-01": answer(note="=1")})
    sheet = load_workbook(tmp_path / "q.xlsx")["거버넌스"]

    for row in (2, 3):
        assert sheet[f"{column}{row}"].number_format == "@"
        assert sheet[f"{column}{row}"].quotePrefix


def test_only_the_answer_columns_can_be_written_in(tmp_path):
    workbook(tmp_path / "q.xlsx")
    sheet = load_workbook(tmp_path / "q.xlsx")["거버넌스"]

    assert [cell.column_letter for cell in sheet[2] if not cell.protection.locked] == list("HIJKLM")
    assert all(cell.protection.locked for cell in sheet[1])


@pytest.mark.parametrize("name", ["작성 안내", "거버넌스", "강건성·안전성"])
def test_every_sheet_is_protected_without_a_password(tmp_path, name):
    workbook(tmp_path / "q.xlsx")
    protection = load_workbook(tmp_path / "q.xlsx")[name].protection

    assert protection.sheet
    assert protection.password is None
    assert not protection.formatColumns
    assert not protection.formatRows
    assert not protection.autoFilter
    assert protection.deleteRows


@pytest.mark.parametrize(
    ("lang", "listed"),
    [("ko", '"충족,일부 충족,미충족,해당 없음"'), ("en", '"Met,Partly met,Not met,Not applicable"')],
)
def test_the_answer_is_chosen_from_a_list_in_the_language(tmp_path, lang, listed):
    workbook(tmp_path / "q.xlsx", lang=lang)
    (choice,) = load_workbook(tmp_path / "q.xlsx").worksheets[1].data_validations.dataValidation

    assert (choice.type, choice.formula1, str(choice.sqref)) == ("list", listed, "H2:H3")
    assert choice.showErrorMessage
    assert choice.allow_blank


def test_the_header_and_the_question_stay_in_sight(tmp_path):
    workbook(tmp_path / "q.xlsx")
    sheet = load_workbook(tmp_path / "q.xlsx")["거버넌스"]

    assert sheet.freeze_panes == "C2"
    assert sheet.auto_filter.ref == "A1:M3"


def test_it_prints_on_a4_across_with_the_header_on_every_page(tmp_path):
    workbook(tmp_path / "q.xlsx")
    sheet = load_workbook(tmp_path / "q.xlsx")["거버넌스"]

    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.print_area == "'거버넌스'!$A$1:$M$3"
    assert "점검표 1.1.0" in sheet.oddHeader.left.text


@pytest.mark.parametrize(("lang", "font"), [("ko", "맑은 고딕"), ("en", "Calibri")])
def test_every_cell_is_in_one_font_of_the_language(tmp_path, lang, font):
    workbook(tmp_path / "q.xlsx", lang=lang)
    sheets = load_workbook(tmp_path / "q.xlsx").worksheets

    filled = [cell for sheet in sheets for row in sheet.iter_rows() for cell in row if cell.value]
    assert {cell.font.name for cell in filled} == {font}


def test_text_wraps_in_every_column(tmp_path):
    workbook(tmp_path / "q.xlsx")
    sheet = load_workbook(tmp_path / "q.xlsx")["거버넌스"]

    assert all(cell.alignment.wrap_text for cell in sheet[2])
    assert all(sheet.column_dimensions[letter].width >= 7 for letter in "ABCDEFGHIJKLM")


def test_a_row_is_high_enough_for_its_text_and_goes_on_fitting_it(tmp_path):
    workbook(tmp_path / "q.xlsx", {"GOV-02": answer(note="긴 설명이다. " * 60), "GOV-01": answer(note="짧다")})
    rows = re.findall(r"<row [^>]*>", part(tmp_path / "q.xlsx", "xl/worksheets/sheet2.xml"))
    heights = [float(re.search(r'ht="([0-9.]+)"', row)[1]) for row in rows]

    assert heights[0] < heights[1] < heights[2] <= 409
    assert not any('customHeight="1"' in row for row in rows)


def test_no_row_is_higher_than_a_spreadsheet_allows(tmp_path):
    workbook(tmp_path / "q.xlsx", {"GOV-01": answer(note="줄\n" * 400 + "끝")})

    assert 'ht="409"' in part(tmp_path / "q.xlsx", "xl/worksheets/sheet2.xml")


def test_the_title_of_the_cover_is_not_broken_over_lines(tmp_path):
    workbook(tmp_path / "q.xlsx")
    cover = load_workbook(tmp_path / "q.xlsx")["작성 안내"]

    assert not cover["A1"].alignment.wrap_text
    assert cover["B5"].alignment.wrap_text


def test_the_korean_font_is_one_for_hangul(tmp_path):
    workbook(tmp_path / "q.xlsx")

    assert '<charset val="129"' in part(tmp_path / "q.xlsx", "xl/styles.xml")


def test_the_mark_of_a_row_is_hidden(tmp_path):
    workbook(tmp_path / "q.xlsx")
    sheet = load_workbook(tmp_path / "q.xlsx")["거버넌스"]

    assert sheet.column_dimensions["N"].hidden
    assert sheet["N2"].value == "GOV-01 - - - - - -"


def test_what_is_still_wanting_is_coloured_as_it_is_typed(tmp_path):
    workbook(tmp_path / "q.xlsx")
    painted = load_workbook(tmp_path / "q.xlsx")["거버넌스"].conditional_formatting
    rules = {str(area.sqref): area.rules[0].formula[0] for area in painted}

    assert rules["H2"] == '$H2=""'
    assert rules["I2"] == 'AND($H2="해당 없음",TRIM($I2)="")'
    assert rules["L2"] == 'AND(OR($H2="충족",$H2="일부 충족"),TRIM($L2)="")'
    assert "L3" not in rules


def test_the_cover_says_whose_it_is_and_how_to_go_on(tmp_path):
    write_workbook(
        asked({"GOV-01": answer()}), tmp_path / "q.xlsx", lang="ko",
        organisation="온고을신용", system="심사 모델 2.3", command="reliability answers s --xlsx q.xlsx",
    )  # fmt: skip
    cover = load_workbook(tmp_path / "q.xlsx")["작성 안내"]
    rows = [[cell.value for cell in row] for row in cover.iter_rows()]

    assert [row[:2] for row in rows[:4]] == [
        ["점검표 질문지", None], ["점검표", "trustworthy-ai 1.1.0"],
        ["신청 기업", "온고을신용"], ["시스템", "심사 모델 2.3"],
    ]  # fmt: skip
    assert ["거버넌스", "GOV-01, GOV-02", "2", "1"] in rows
    assert any("reliability answers s --xlsx q.xlsx" in (row[1] or "") for row in rows)


def test_the_cover_leaves_out_what_it_is_not_told(tmp_path):
    workbook(tmp_path / "q.xlsx", lang="en")
    labels = [cell.value for cell in load_workbook(tmp_path / "q.xlsx")["How to fill in"]["A"]]

    assert "Applicant" not in labels
    assert "System" not in labels


def test_the_cover_leads_to_every_sheet(tmp_path):
    workbook(tmp_path / "q.xlsx")
    cover = load_workbook(tmp_path / "q.xlsx")["작성 안내"]
    places = {cell.value: cell.hyperlink.location for cell in cover["A"] if cell.hyperlink}

    assert places == {"거버넌스": "'거버넌스'!A1", "강건성·안전성": "'강건성·안전성'!A1"}


def test_a_file_that_is_there_is_never_written_over(tmp_path):
    (tmp_path / "q.xlsx").write_bytes(b"someone's work")

    with pytest.raises(UsageError, match="exists already") as refused:
        workbook(tmp_path / "q.xlsx")

    assert refused.value.code == "workbook_exists"
    assert (tmp_path / "q.xlsx").read_bytes() == b"someone's work"


@pytest.mark.parametrize("path", ["a\nb.pdf", "a.pdf\n", "a\rb.pdf"])
def test_evidence_whose_path_has_a_line_break_is_refused_before_anything_is_written(tmp_path, path):
    with pytest.raises(SubmissionError, match=r"items\.GOV-01\.evidence: the path .* has a line break") as refused:
        workbook(tmp_path / "q.xlsx", {"GOV-01": answer(evidence=(path,))})

    assert refused.value.code == "workbook_path_lines"
    assert not (tmp_path / "q.xlsx").exists()


def test_more_evidence_than_a_cell_can_list_is_refused(tmp_path):
    paths = tuple(f"{'긴' * 990}{n}.pdf" for n in range(40))

    with pytest.raises(SubmissionError, match=r"items\.GOV-01\.evidence: the paths are 39,") as refused:
        workbook(tmp_path / "q.xlsx", {"GOV-01": answer(evidence=paths)})

    assert refused.value.code == "workbook_paths_too_long"


@pytest.mark.parametrize("text", ["가" * 32_000, "😀" * 16_000, "\r" * 31_999 + "끝", "_x000D_" * 4_571], ids=len)
def test_the_longest_text_goes_through_whole(tmp_path, text):
    workbook(tmp_path / "q.xlsx", {"GOV-01": answer(note=text)})

    assert read_workbook(tmp_path / "q.xlsx", asked())["GOV-01"].note == text


def test_nothing_is_left_where_the_disk_refuses(tmp_path):
    with pytest.raises(FileNotFoundError):
        workbook(tmp_path / "no such folder" / "q.xlsx")

    assert list(tmp_path.iterdir()) == []

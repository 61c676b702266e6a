"""The workbook through LibreOffice itself, without a screen: saved, by way of .ods, and edited in between.

What LibreOffice 7.4 was seen to do: it drops `quotePrefix` (the type and format of text stay), makes line feeds of
carriage returns, leaves tabs out by way of .ods, and writes `_x005F_x000D_` as `_x000D_`. Freezing and zoom are
lost only without a screen, where no window holds them.
"""

import random
import re
import shutil
import subprocess

import pytest
from openpyxl import load_workbook

from reliability.questionnaire.workbook import read_workbook
from reliability.questionnaire.workbook_changes import changes_from
from tests.questionnaire.filled_workbooks import answer, asked, draft, edited, question, workbook
from tests.questionnaire.test_workbook import HOSTILE

pytestmark = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")

PIECES = (
    *HOSTILE, " ", "  ", "\n", "\t", "\r\n", "\r", "_", "x005F_", "가나다", "漢字", "é", "e\u0301", "👩🏽‍💻",
    "\u200b", "\u202e", "\ufeff",
    "https://example.kr", "a@b.kr", "1/2", "12:30", "50%", "₩1,000", "１２", "0x1F", "'", '"', "\\", "]]>", "\ufffd",
)  # fmt: skip
QUESTIONS = tuple(question(f"{section}-{n:02}") for section in ("GOV", "ROB") for n in range(60))
WORDS = ("met", "partly", "not_met")


def text(dice):
    """A few pieces, of which something is left even where openpyxl takes what looks like an escape out."""
    said = "".join(dice.choices(PIECES, k=dice.randint(1, 6)))
    return said if re.sub(r"_?x00.._|\s", "", said) else f"{said}글"


def path(dice):
    return "e/" + text(dice).translate(dict.fromkeys(map(ord, "\r\n/"))) + "x"


def rows(seed):
    """Answers and drafts to 120 questions: more than five hundred texts."""
    dice = random.Random(seed)
    answers, drafts = {}, {}
    for one in QUESTIONS:
        said = {name: text(dice) for name in ("note", "by", "checked_by")}
        said |= {"date": f"20{dice.randint(10, 99)}-01-31", "evidence": tuple({path(dice) for _ in range(2)})}
        if dice.random() < 0.2:
            drafts[one.item] = draft(**said)
        else:
            answers[one.item] = answer(dice.choice(WORDS), **said)
    answers["GOV-00"] = answer("met", note="가" * 2_000, by="  김  ")
    return answers, drafts


ANSWERS, DRAFTS = rows(20261128)
NOW = asked(ANSWERS, drafts=DRAFTS, questions=QUESTIONS)
NOTHING = asked(questions=QUESTIONS)


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    """Convert a file as a person would save it: one profile for all, so that LibreOffice starts quickly."""
    profile = tmp_path_factory.mktemp("profile").as_uri()

    def convert(source, kind):
        folder = tmp_path_factory.mktemp(kind)
        command = ["soffice", "--headless", f"-env:UserInstallation={profile}", "--convert-to", kind, "--outdir"]
        subprocess.run([*command, folder, source], check=True, capture_output=True, timeout=300)
        return folder / f"{source.stem}.{kind}"

    return convert


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    place = tmp_path_factory.mktemp("written") / "q.xlsx"
    workbook(place, ANSWERS, drafts=DRAFTS, questions=QUESTIONS)
    return place


@pytest.fixture(scope="module")
def saved(converted, written):
    """The workbook as LibreOffice saves it."""
    return converted(written, "xlsx")


@pytest.fixture(scope="module")
def by_way_of_ods(converted, written):
    """The workbook saved as .ods, and that as .xlsx again."""
    return converted(converted(written, "ods"), "xlsx")


def as_answers(filled):
    """What was read, in the words of an answer and its evidence."""
    return {
        item: (row.answer, row.by, row.date, row.note, row.evidence, row.checked_by) for item, row in filled.items()
    }


def as_given(made):
    told = {item: made.answers.get(item) or made.drafts[item] for item in (one.item for one in QUESTIONS)}
    return {
        item: (
            getattr(one, "answer", None), one.by, one.date, one.note,
            tuple(file.path for file in one.evidence), one.checked_by,
        )
        for item, one in told.items()
    }  # fmt: skip


@pytest.mark.parametrize("way", ["saved", "by_way_of_ods"])
def test_nothing_is_lost_where_the_answers_are_still_there(way, request):
    filled = read_workbook(request.getfixturevalue(way), NOW)

    assert changes_from(filled, NOW, None) == {}


@pytest.mark.parametrize("way", ["saved", "by_way_of_ods"])
def test_nothing_is_lost_where_only_the_workbook_is_left(way, request):
    filled = read_workbook(request.getfixturevalue(way), NOTHING)

    assert as_answers(filled) == as_given(NOW)


def test_an_edit_between_two_savings_is_the_only_change(converted, saved, tmp_path):
    shutil.copy(saved, tmp_path / "q.xlsx")

    def change(book):
        book["거버넌스"]["H3"] = "미충족"
        book["거버넌스"]["I3"] = "LibreOffice에서 고친 글\n=1+1 이라고 적은 둘째 줄"
        book["강건성·안전성"]["J61"] = None

    filled = read_workbook(converted(edited(tmp_path / "q.xlsx", change), "xlsx"), NOW)
    assert changes_from(filled, NOW, None) == {
        "GOV-01": {"answer": "not_met", "note": "LibreOffice에서 고친 글\n=1+1 이라고 적은 둘째 줄"},
        "ROB-59": {"by": None},
    }


def test_hostile_cells_are_still_text(saved, by_way_of_ods):
    for place in (saved, by_way_of_ods):
        sheets = load_workbook(place).worksheets[1:]
        cells = [
            cell for sheet in sheets for row in sheet.iter_rows(min_row=2) for cell in row if cell.value is not None
        ]

        assert {cell.data_type for cell in cells} == {"s"}
        assert {cell.number_format for cell in cells} == {"@"}


def test_locks_lists_and_hidden_marks_are_still_there(saved, by_way_of_ods):
    for place in (saved, by_way_of_ods):
        sheet = load_workbook(place)["거버넌스"]

        assert sheet.protection.sheet
        assert [cell.column_letter for cell in sheet[2] if not cell.protection.locked] == list("HIJKLM")
        assert sheet.column_dimensions["N"].hidden
        (choice,) = sheet.data_validations.dataValidation
        assert choice.formula1 == '"충족,일부 충족,미충족,해당 없음"'


def test_a_real_date_typed_in_libreoffice_is_the_day(converted, written, tmp_path):
    from datetime import date

    shutil.copy(written, tmp_path / "q.xlsx")
    place = edited(tmp_path / "q.xlsx", lambda book: book["거버넌스"].__setitem__("K3", date(2026, 3, 1)))

    assert read_workbook(converted(place, "xlsx"), NOTHING)["GOV-01"].date == "2026-03-01"


def test_a_formula_typed_in_libreoffice_is_refused(converted, written, tmp_path):
    from reliability.errors import SubmissionError

    shutil.copy(written, tmp_path / "q.xlsx")
    place = edited(tmp_path / "q.xlsx", lambda book: book["거버넌스"].__setitem__("I3", "=1+1"))

    with pytest.raises(SubmissionError, match="거버넌스!I3: holds the formula '=1\\+1'"):
        read_workbook(converted(place, "xlsx"), NOTHING)

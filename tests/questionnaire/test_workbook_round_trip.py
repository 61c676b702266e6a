"""answers.yaml through the workbook and back: nothing is lost, whatever people write."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from reliability.questionnaire.sheet import Comments, changed, written
from reliability.questionnaire.workbook import read_workbook, write_workbook
from reliability.questionnaire.workbook_changes import changes_from
from reliability.records import EvidenceFile
from reliability.submission.answers import read_answers
from tests.questionnaire.filled_workbooks import asked, question

QUESTIONS = tuple(question(f"{section}-0{n}") for section in ("GOV", "ROB") for n in (1, 2, 3))[:5]
NOTHING = asked(questions=QUESTIONS)
TO = (NOTHING.checklist, NOTHING.version)
EMPTY = written(NOTHING, Comments(head=(), sections={}, questions={}))
DIGEST = "ab" * 32

PIECES = st.sampled_from(
    "=cmd|'/C_calc'!A0 =1+1 @SUM(A1) +1 -2+3 \t ＝ _x000D_ _x005F_ x005F_ _x0041_ \r\n \n \r 007 2026-01-31 1e5 TRUE "
    "#N/A ' \" \\ : # - ? | > {a} [b] & <c> ]]> %d {{x}} null ~ yes 😀 👩🏽‍💻 한글 漢字 é "
    "e\u0301 \u00a0 \u2028 \u0085 \ufeff \u200b \u202e \ufffd \U0010fffd".split(" ")
)
CHARACTERS = st.characters(
    exclude_categories=("Cs",),
    exclude_characters="".join(map(chr, [*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])),
)
TEXTS = (
    st.one_of(
        st.lists(st.one_of(PIECES, st.just(" ")), min_size=1, max_size=8).map("".join),
        st.text(CHARACTERS, min_size=1, max_size=40),
        st.text("_x05FDd\r\n", min_size=1, max_size=20),
    )
    .filter(str.strip)
)  # fmt: skip
PATHS = st.lists(
    TEXTS.map(lambda text: "e/" + text.translate(dict.fromkeys(map(ord, "/\r\n")))), max_size=3, unique=True
).map(lambda paths: tuple(EvidenceFile(path=path, sha256=DIGEST) for path in paths))
DAYS = st.dates().map(lambda day: day.isoformat())


@st.composite
def answers(draw):
    """What somebody writes under one question; a draft where the answer is left empty."""
    word = draw(st.sampled_from([None, "met", "partly", "not_met", "not_applicable"]))
    said = {name: draw(st.none() | TEXTS) for name in ("by", "note", "checked_by")}
    said |= {"date": draw(st.none() | DAYS), "evidence": draw(PATHS), "answer": word}
    if word == "not_applicable" and said["note"] is None:
        said["note"] = draw(TEXTS)
    return {name: value for name, value in said.items() if value}


EDITS = st.fixed_dictionaries({one.item: answers() for one in QUESTIONS})


def sheet_of(folder, text):
    (folder / "answers.yaml").write_bytes(text.encode())
    return read_answers(folder, "answers.yaml")


def through(folder, edits, *, lang="ko", on_the_way=lambda path: path):
    """The answers as read from the file, and as read from a file made of nothing but their workbook."""
    sheet = sheet_of(folder, changed(EMPTY, edits, TO))
    now = asked(sheet.items, questions=QUESTIONS, drafts=sheet.drafts)
    path = folder / "q.xlsx"
    path.unlink(missing_ok=True)
    write_workbook(now, path, lang=lang)
    path = on_the_way(path)
    again = changes_from(read_workbook(path, NOTHING), NOTHING, lambda path, _: EvidenceFile(path=path, sha256=DIGEST))
    assert changes_from(read_workbook(path, now), now, None) == {}
    return sheet, sheet_of(folder, changed(EMPTY, again, TO))


def resaved(path):
    """The workbook as another program saves it that changed nothing."""
    book = load_workbook(path)
    book.save(path)
    return path


# A hundred workbooks of five edited answers each: five hundred edits, up to six cells in every one.
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EDITS, st.sampled_from(["ko", "en"]), st.booleans())
def test_five_hundred_edits_through_the_workbook_and_back_lose_nothing(edits, lang, saved_again):
    with tempfile.TemporaryDirectory() as folder:
        before, after = through(
            Path(folder), edits, lang=lang, on_the_way=resaved if saved_again else lambda path: path
        )

    assert after.items == before.items
    assert after.drafts == before.drafts


def test_a_text_of_every_character_goes_through(tmp_path):
    legal = [chr(n) for n in (9, 10, 13, *range(32, 0xD800), *range(0xE000, 0xFFFE))]
    chunks = ["".join(legal[start : start + 9_000]) for start in range(0, len(legal), 9_000)]
    for chunk in chunks:
        before, after = through(tmp_path, {"GOV-01": {"answer": "met", "note": f"가{chunk}가"}})
        assert before.items["GOV-01"].note == f"가{chunk}가"
        assert after.items == before.items


def test_a_text_of_escapes_only_goes_through(tmp_path):
    note = "".join(f"_x{n:04X}_" for n in range(0, 0x10000, 37))
    before, after = through(tmp_path, {"GOV-01": {"answer": "met", "note": note}})

    assert before.items["GOV-01"].note == note
    assert after.items == before.items

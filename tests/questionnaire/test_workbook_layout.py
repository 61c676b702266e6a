import base64
import zlib

import pytest

from reliability.questionnaire.workbook_layout import (
    Entry,
    Mark,
    answer_codes,
    digest,
    entry_of,
    read_mark,
    read_row_mark,
    row_mark,
    sheet_names,
    standing,
)
from tests.questionnaire.filled_workbooks import answer, asked, draft, question

MARK = Mark(checklist="trustworthy-ai", version="1.1.0", lang="ko", sheets=("거버넌스",), items=("GOV-01", "GOV-02"))


def titled(item, title):
    return question(item, section_title={"ko": title, "en": title})


def test_a_mark_is_read_as_it_was_written():
    assert read_mark(MARK.text()) == MARK


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "{}", "[]", "1", "null", '"workbook"', MARK.text()[:-1],
        MARK.text().replace('"workbook": 1', '"workbook": 2'),
        MARK.text().replace('"ko"', '"fr"'), MARK.text().replace('"items"', '"item"'), "[" * 100_000,
    ],
    ids=range(12),
)  # fmt: skip
def test_what_is_no_mark_of_this_format_is_none(text):
    assert read_mark(text) is None


def test_answers_go_by_their_words_in_both_languages_and_by_their_codes():
    codes = answer_codes()

    assert [codes[word] for word in ("충족", "met", "일부 충족", "partly met", "partly")] == [
        "met", "met", "partly", "partly", "partly",
    ]  # fmt: skip
    assert set(codes.values()) == {"met", "partly", "not_met", "not_applicable"}


def test_a_sheet_has_the_title_of_its_section():
    assert sheet_names(asked(), "ko") == {"GOV": "거버넌스", "ROB": "강건성·안전성"}


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("위험 [관리]", "위험  관리"), ("a/b\\c:d*e?f", "a b c d e f"), ("'따옴표'", "따옴표"), ("가" * 40, "가" * 31),
        ("", "GOV"), ("작성 안내", "GOV"), ("[]", "GOV"), ("가\x07나", "가 나"),
    ],
)  # fmt: skip
def test_a_title_that_no_sheet_can_have_is_made_to_fit(title, name):
    assert sheet_names(asked(questions=(titled("GOV-01", title),)), "ko") == {"GOV": name}


def test_sections_of_the_same_title_have_sheets_of_their_own():
    questions = (titled("GOV-01", "같음"), titled("ROB-01", "같음"), titled("ROC-01", "rob"), titled("SEC-01", "Rob"))

    names = sheet_names(asked(questions=questions), "ko")
    assert names == {"GOV": "같음", "ROB": "ROB", "ROC": "ROC", "SEC": "SEC"}


def test_a_section_whose_title_and_id_are_taken_gets_a_number():
    questions = (titled("GOV-01", "ROB"), titled("ROB-01", "ROB"))

    assert sheet_names(asked(questions=questions), "ko") == {"GOV": "ROB", "ROB": "ROB 2"}


def test_an_answer_is_an_entry_of_texts():
    given = answer("met", note="이유", by="김", date="2026-01-31", evidence=("a", "b"), checked_by="박")

    assert entry_of(given) == Entry(
        answer="met", note="이유", by="김", date="2026-01-31", evidence="a\nb", checked_by="박"
    )


def test_a_draft_is_an_entry_without_an_answer():
    assert entry_of(draft(note="찾는 중")) == Entry(note="찾는 중")


def test_no_answer_is_an_empty_entry():
    assert not entry_of(None)
    assert entry_of(answer("met"))


def test_what_the_file_says_of_an_item_is_its_answer_or_its_draft():
    made = asked({"GOV-01": answer("met")}, drafts={"GOV-02": draft(by="김")})

    assert [standing(made, item) for item in ("GOV-01", "GOV-02", "ROB-01")] == [
        Entry(answer="met"), Entry(by="김"), Entry(),
    ]  # fmt: skip


def test_the_mark_of_a_row_knows_each_of_its_texts():
    marked = row_mark("GOV-01", Entry(answer="met", by="김")).split(" ")

    assert marked == ["GOV-01", digest("met"), "-", digest("김"), "-", "-", "-"]


def test_a_digest_tells_texts_apart_and_nothing_by_a_dash():
    assert digest("") == "-"
    assert len(digest("가")) == 12
    assert digest("가") != digest("가 ")


WHOLE = "가\r\n\t나 _x005F_x000D_"


def test_what_a_program_may_lose_is_kept_whole_in_the_mark():
    mark = read_row_mark(row_mark("GOV-01", Entry(note=WHOLE, by="김")))

    assert mark.item == "GOV-01"
    assert mark.whole == {"note": WHOLE}
    assert mark.digests == {
        "answer": "-", "note": digest(WHOLE), "by": digest("김"), "date": "-", "evidence": "-", "checked_by": "-",
    }  # fmt: skip


@pytest.mark.parametrize("saved", [WHOLE, "가\n나 _x000D_", "가\n\t나 _x005F_x000D_", "가\n\t나 _x000D_"])
def test_a_text_that_only_a_program_changed_is_as_it_was(saved):
    assert read_row_mark(row_mark("GOV-01", Entry(note=WHOLE))).restored("note", saved) == WHOLE


@pytest.mark.parametrize(
    "typed", ["", "다른 글", "가\n나", WHOLE + "!", WHOLE + "\t", "가\n\n나 _x000D_", "가나 _x000D_"]
)
def test_a_text_that_a_person_changed_is_as_it_is(typed):
    assert read_row_mark(row_mark("GOV-01", Entry(note=WHOLE))).restored("note", typed) == typed


def test_a_text_that_no_program_changes_is_not_kept_twice():
    assert read_row_mark(row_mark("GOV-01", Entry(note="가\n나"))).whole == {}


def test_a_mark_stays_shorter_than_a_cell_whatever_stands_in_the_row():
    noise = "".join(chr(0x4E00 + (n * n * 7919) % 20_000) + "\r\n"[n % 2 :] for n in range(12_000))
    marked = row_mark("GOV-01", Entry(note=noise, by=noise, checked_by=noise))

    assert len(marked) < 32_000
    assert read_row_mark(marked).digests["note"] == digest(noise)


@pytest.mark.parametrize(
    "said",
    ["note:", "note:x", "note:!!!!", "note:AAAA", "note:" + "eJwLAA", "note", "other:AAAA", "note:eJzT0yMAAGTvBe8"],
)
def test_what_is_unreadable_in_a_mark_is_as_if_it_were_not_there(said):
    assert read_row_mark(f"GOV-01 - - - - - - {said}").whole == {}


def test_a_bomb_in_a_mark_is_not_unpacked():
    bomb = base64.b64encode(zlib.compress(b"a" * 50_000_000, 9)).decode()

    assert read_row_mark(f"GOV-01 - - - - - - note:{bomb}").whole == {}

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reliability.checklist.references import references
from reliability.cli.saving import write_whole
from reliability.cli.screening_sheet import Sheet
from reliability.errors import SubmissionError
from reliability.screening.answers import read_answers
from reliability.words.text import words
from reliability.yaml_lines import parse_yaml
from tests.screening.credit import CREDIT, QUESTIONS
from tests.screening.sheets import flow, sheet

ALL = list(QUESTIONS.by_id)
BY_HAND = """\
# 우리 회사 답변 — 김하늘
screening: 1
version: 1.0.0   # 받은 그대로

answers:
    # 팀장에게 물어봄
    ai_system: {value: true, by: "김하늘",   because:  }   # 확실함
    eu_reach:
        value: false      # 국내만
        because: |
            국내 고객만
            이용합니다.
        date: 2026-01-31
    kr_domains:
    # 고른 것
      value:
        - individual_rights   # 대출
        - public_decision
# 끝
"""


def sheet_of(folder, lang="ko", text=None):
    if text is not None:
        (folder / "screening_answers.yaml").write_bytes(text.encode())
    return Sheet(folder=folder, questions=QUESTIONS, said=words(lang), write=write_whole)


def text_of(folder):
    return (folder / "screening_answers.yaml").read_text(encoding="utf-8")


def lines_kept(old, new):
    """Whether every line of the old text stands in the new one, in its order."""
    rest = iter(new.splitlines())
    return all(line in rest for line in old.splitlines() if line.strip())


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_new_sheet_holds_every_question_with_its_words_and_can_be_read(tmp_path, lang):
    assert sheet_of(tmp_path, lang).add(ALL) == len(ALL)

    text = text_of(tmp_path)
    assert list(read_answers(tmp_path, QUESTIONS).given) == ALL
    assert read_answers(tmp_path, QUESTIONS).values == {}
    comments = " ".join(line.lstrip(" #") for line in text.splitlines() if line.lstrip().startswith("#"))
    for question in QUESTIONS.text.questions:
        for told in (question.ask, question.why, question.example):
            assert " ".join(getattr(told, lang).split()) in comments
        for choice in question.choices:
            assert f"{choice.id}: {getattr(choice.text, lang)}" in comments


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_new_sheet_says_how_to_fill_it_in_and_that_it_is_no_advice(tmp_path, lang):
    sheet_of(tmp_path, lang).add(["ai_system"])

    head = text_of(tmp_path).split("screening: 1")[0]
    assert "reliability screen" in head
    assert ("법률 자문이 아닙니다" if lang == "ko" else "not legal advice") in head
    assert bool(re.search("[가-힣]", head)) is (lang == "ko")


def test_because_stands_where_an_answer_may_need_it_only(tmp_path):
    sheet_of(tmp_path).add(ALL)

    data = parse_yaml(text_of(tmp_path).encode(), error=SubmissionError, name="s").data["answers"]
    assert {name for name, entry in data.items() if "because" in entry} == {
        question.id for question in QUESTIONS.text.questions if question.reason_for
    }


def test_clauses_stand_with_their_titles_and_a_mark_where_they_are_not_confirmed(tmp_path):
    told = sheet_of(tmp_path).cited(QUESTIONS.by_id["kr_domains"])
    doubtful = next(one for one in QUESTIONS.text.questions if any(map(references().unconfirmed, one.references)))

    assert told == f"KR-2-4 {references().entries['KR-2-4'].title['ko']}"
    assert "†" in sheet_of(tmp_path).cited(doubtful)
    assert "확인하지 않은 조항" in sheet_of(tmp_path).cited(doubtful)


def test_questions_are_added_behind_those_they_follow_and_nothing_else_moves(tmp_path):
    new = sheet_of(tmp_path, text=BY_HAND).add(["role", "eu_reach", "practices", "certificates"])

    found = read_answers(tmp_path, QUESTIONS)
    assert new == 3
    assert list(found.given) == ["ai_system", "role", "eu_reach", "practices", "kr_domains", "certificates"]
    assert lines_kept(BY_HAND, text_of(tmp_path))
    assert found.given["eu_reach"].because == "국내 고객만\n이용합니다.\n"


def test_a_question_may_come_before_all_others(tmp_path):
    sheet_of(tmp_path, text="screening: 1\nversion: 1.0.0\nanswers:\n  talks: {value: true}\n").add(["ai_system"])

    assert list(read_answers(tmp_path, QUESTIONS).given) == ["ai_system", "talks"]


@pytest.mark.parametrize(
    "answers", ["", "answers:\n", "answers: {}\n", "answers: {  }  # leer\n", "answers:   # nichts\n", "answers: ~\n"]
)
def test_a_sheet_without_answers_is_filled(tmp_path, answers):
    sheet_of(tmp_path, text=f"screening: 1\nversion: 1.0.0\n{answers}").add(["ai_system", "role"])

    assert list(read_answers(tmp_path, QUESTIONS).given) == ["ai_system", "role"]


def test_answers_in_brackets_stay_in_brackets(tmp_path):
    written = sheet_of(tmp_path, text="screening: 1\nversion: 1.0.0\nanswers: {ai_system: {value: true}}\n")
    written.add(["role"])
    written.change("role", {"value": "uses", "by": "Kim"})

    assert text_of(tmp_path).splitlines()[2] == "answers: {ai_system: {value: true}, role: {value: uses, by: Kim}}"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_stay_as_they_are(tmp_path, end):
    text = "screening: 1\nversion: 1.0.0\nanswers:\n  ai_system: {value: true}\n".replace("\n", end)
    sheet_of(tmp_path, text=text).add(["role"])

    written = (tmp_path / "screening_answers.yaml").read_bytes().decode()
    assert written.count("\r\n") == (written.count("\n") if end == "\r\n" else 0)


def test_adding_what_is_there_writes_nothing(tmp_path):
    written = sheet_of(tmp_path, text=BY_HAND)
    before = (tmp_path / "screening_answers.yaml").stat().st_mtime_ns

    assert written.add(["ai_system", "eu_reach"]) == 0
    assert text_of(tmp_path) == BY_HAND
    assert (tmp_path / "screening_answers.yaml").stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("question", "fields", "line"),
    [
        ("ai_system", {"value": False, "because": "규칙: #1", "by": "이봄", "date": "2026-02-01"},
         '    ai_system: {value: false, by: 이봄,   because: "규칙: #1" , date: "2026-02-01"  }   # 확실함'),
        ("eu_reach", {"value": True, "because": None}, "        value: true      # 국내만"),
    ],
)  # fmt: skip
def test_an_answer_is_changed_in_its_place(tmp_path, question, fields, line):
    sheet_of(tmp_path, text=BY_HAND).change(question, fields)

    given = read_answers(tmp_path, QUESTIONS).given[question]
    assert (given.value, given.because) == (fields["value"], fields["because"])
    assert line in text_of(tmp_path).splitlines()


def test_a_list_is_changed_and_its_comments_are_kept(tmp_path):
    sheet_of(tmp_path, text=BY_HAND).change("kr_domains", {"value": ("none",), "because": "해당 없음"})

    given = read_answers(tmp_path, QUESTIONS).given["kr_domains"]
    assert (given.value, given.because) == (("none",), "해당 없음")
    assert {"# 고른 것", "# 대출", "# 끝"} <= set(re.findall("#.*", text_of(tmp_path)))


def test_an_answer_that_is_no_mapping_is_refused_in_one_line(tmp_path):
    written = sheet_of(tmp_path, text="screening: 1\nversion: 1.0.0\nanswers:\n  ai_system: true\n")

    with pytest.raises(SubmissionError, match=r"write each answer as ID: \{value: …\}"):
        written.change("ai_system", {"value": True})


def test_answers_to_an_earlier_version_are_stamped_and_kept(tmp_path):
    written = sheet_of(tmp_path, text=BY_HAND.replace("version: 1.0.0", "version: 0.9.0"))
    written.add(["role"])

    found = written.read()
    assert found.outdated == {"ai_system", "eu_reach", "kr_domains"}
    assert {found.given[name].version for name in found.outdated} == {"0.9.0"}
    assert "# 받은 그대로" in text_of(tmp_path)


def test_an_answer_given_again_is_to_the_version_of_today(tmp_path):
    written = sheet_of(tmp_path, text=BY_HAND.replace("version: 1.0.0", "version: 0.9.0"))
    written.add([])
    written.change("eu_reach", {"value": True, "version": "1.0.0"})

    assert written.read().values == {"eu_reach": True}


def test_links_are_followed_and_what_they_lead_to_is_written(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "answers.yaml").write_text(sheet(), encoding="utf-8")
    (tmp_path / "screening_answers.yaml").symlink_to("kept/answers.yaml")

    sheet_of(tmp_path).change("harm", {"value": "grave"})

    assert (tmp_path / "screening_answers.yaml").is_symlink()
    assert "value: grave" in (tmp_path / "kept" / "answers.yaml").read_text(encoding="utf-8")


TEXT = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\u2028\u2029\x85\ufeff"), max_size=60
)


@given(TEXT, st.sampled_from(sorted(CREDIT)), st.sampled_from(["name", "because"]))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_words_are_written_and_read_back_with_all_other_answers_as_they_were(tmp_path, said, question, field):
    written = sheet_of(tmp_path, text=sheet())
    field = "by" if field == "name" else field
    fields = {
        "value": CREDIT[question],
        field: said.strip() or "–",
        **({} if field == "because" else {"because": "왜"}),
    }

    written.change(question, fields)

    found = written.read()
    assert found.values == CREDIT
    assert getattr(found.given[question], field) == fields[field]
    others = [name for name in CREDIT if name != question]
    before = parse_yaml(sheet().encode(), error=SubmissionError, name="s").data["answers"]
    after = parse_yaml(text_of(tmp_path).encode(), error=SubmissionError, name="s").data["answers"]
    assert {name: after[name] for name in others} == {name: before[name] for name in others}


def entry_by_hand(name, value):
    """Several ways in which people write the same answer."""
    because = "까닭: 이것" if QUESTIONS.by_id[name].needs_reason(value) else None
    quoted = f'"{because}"' if because else None
    block = [f"  {name}:", f"    value: {flow(value)}   # 값", *([f"    because: {quoted}"] if because else [])]
    braces = [f"  {name}: {{ value: {flow(value)}{f', because: {quoted}' if because else ''} }}"]
    folded = [
        f"  {name}:",
        *(["    because: >-", f"      {because}"] if because else []),
        "    # 아래",
        f"    value: {flow(value)}",
    ]
    return st.sampled_from([block, braces, folded])


@st.composite
def sheets_by_hand(draw):
    """A sheet with some of the lender's answers, in any order, written in any way, with comments anywhere."""
    names = draw(st.lists(st.sampled_from(sorted(CREDIT)), unique=True, min_size=1, max_size=8))
    lines = ["# 머리말", "screening: 1", "version: 1.0.0", "answers:"]
    for name in names:
        lines += draw(st.sampled_from([[], [""], ["  # 메모: 물어볼 것"], ["", "# 왼쪽 끝", ""]]))
        lines += draw(entry_by_hand(name, CREDIT[name]))
    return "\n".join([*lines, *draw(st.sampled_from([[""], ["# 꼬리말", ""], ["", "", ""], []]))])


@given(sheets_by_hand(), st.lists(st.sampled_from(ALL), unique=True, max_size=6))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_people_wrote_stays_line_by_line_when_questions_are_added(tmp_path, text, wanted):
    written = sheet_of(tmp_path, text=text)
    before = written.read()

    new = written.add(wanted)

    after = written.read()
    assert lines_kept(text, text_of(tmp_path))
    assert new == len(set(wanted) - set(before.given))
    assert set(after.given) == {*before.given, *wanted}
    assert after.values == before.values
    assert {name: after.given[name] for name in before.given} == dict(before.given)


@given(sheets_by_hand(), st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_people_wrote_stays_when_an_answer_is_changed(tmp_path, text, data):
    written = sheet_of(tmp_path, text=text)
    before = written.read()
    name = data.draw(st.sampled_from(sorted(before.given)))

    written.change(name, {"value": CREDIT[name], "because": "새 이유 # 1", "by": "이봄", "date": "2026-11-28"})

    after = written.read()
    assert (after.given[name].because, after.given[name].by) == ("새 이유 # 1", "이봄")
    assert after.values == before.values
    assert {one: after.given[one] for one in before.given if one != name} == {
        one: answer for one, answer in before.given.items() if one != name
    }
    assert re.findall("# (?:머리말|값|메모|왼쪽|꼬리말|아래).*", text_of(tmp_path)) == re.findall(
        "# (?:머리말|값|메모|왼쪽|꼬리말|아래).*", text
    )

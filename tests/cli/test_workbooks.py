"""`reliability answers --xlsx`: written where there is none, read in where there is one, never half."""

import re

import pytest
from openpyxl import load_workbook

from reliability.checklist.read import read_checklist
from reliability.submission.answers import read_answers

MANIFEST = """\
submission: 1
organisation: {name: 온고을신용}
system: {name: 심사 모델, version: "2.3", purpose: 시험}
task: binary
data: {evaluation: data.csv, target: y, favourable: 1, prediction: p}
"""
NOW = read_checklist("trustworthy-ai").version
NONE_FROM_OUTSIDE = "facts: {uses_third_party_ai: {is: false, because: 외부 모델 없음}}\n"


@pytest.fixture
def submission(tmp_path):
    folder = tmp_path / "s"
    folder.mkdir()
    (folder / "submission.yaml").write_text(MANIFEST, encoding="utf-8")
    (folder / "data.csv").write_text("x,y,p\n" + "1,1,1\n2,0,0\n3,1,0\n" * 4, encoding="utf-8")
    (folder / "방침.pdf").write_bytes(b"%PDF")
    return folder


@pytest.fixture
def xlsx(submission, run, tmp_path):
    """The workbook of a submission that nobody has answered yet."""
    assert run("answers", submission, "--xlsx", tmp_path / "q.xlsx", "--lang", "ko").status == 0
    return tmp_path / "q.xlsx"


def typed(path, **cells):
    book = load_workbook(path)
    for cell, value in cells.items():
        book["거버넌스"][cell] = value
    book.save(path)


def answers_in(submission):
    return read_answers(submission, "answers.yaml").items


def test_where_there_is_no_workbook_one_is_written(submission, run, tmp_path):
    ran = run("answers", submission, "--xlsx", tmp_path / "q.xlsx")

    assert ran.status == 0
    assert f"wrote the workbook {tmp_path / 'q.xlsx'}; fill it in" in ran.err
    assert (submission / "answers.yaml").is_file()
    assert "Governance" in load_workbook(tmp_path / "q.xlsx").sheetnames


def test_the_cover_names_the_applicant_and_the_system(xlsx):
    cells = [cell.value for row in load_workbook(xlsx)["작성 안내"].iter_rows() for cell in row]

    assert {"온고을신용", "심사 모델 2.3"} <= set(cells)


def test_what_was_typed_is_merged_and_the_workbook_left_alone(submission, xlsx, run):
    typed(xlsx, H2="충족", I2="=1+1이 아니라 글\n둘째 줄".lstrip("="), J2="김", K2="2026. 1. 31.", L2="방침.pdf")
    before = xlsx.read_bytes()
    ran = run("answers", submission, "--xlsx", xlsx)
    answer = answers_in(submission)["GOV-01"]

    assert ran.status == 0
    assert f"{xlsx}: merged into answers.yaml (1): GOV-01" in ran.err
    assert (answer.answer, answer.note, answer.by, answer.date) == (
        "met",
        "1+1이 아니라 글\n둘째 줄",
        "김",
        "2026-01-31",
    )
    assert [file.path for file in answer.evidence] == ["방침.pdf"]
    assert len(answer.evidence[0].sha256) == 64
    assert xlsx.read_bytes() == before


def test_comments_in_the_answers_file_are_kept(submission, xlsx, run):
    path = submission / "answers.yaml"
    path.write_text("# 우리 회사 메모\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    typed(xlsx, H2="충족")
    run("answers", submission, "--xlsx", xlsx)

    assert path.read_text(encoding="utf-8").startswith("# 우리 회사 메모\n")


def test_a_second_reading_finds_nothing_new(submission, xlsx, run):
    typed(xlsx, H2="충족", I2="이유")
    run("answers", submission, "--xlsx", xlsx)
    before = (submission / "answers.yaml").read_bytes()

    assert "says nothing that answers.yaml does not say" in run("answers", submission, "--xlsx", xlsx).err
    assert (submission / "answers.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"H2": "충족", "H3": "예"}, "거버넌스!H3: is '예'; choose one of: 충족"),
        ({"H2": "충족", "I3": "=1+1"}, "거버넌스!I3: holds the formula '=1+1'"),
        ({"H2": "충족", "L2": "없음.pdf"}, "거버넌스!L2: evidence: no file '없음.pdf'"),
        ({"H2": "충족", "L2": "../밖.pdf"}, "거버넌스!L2: evidence: '../밖.pdf' leaves the submission's folder"),
        ({"H2": "해당 없음"}, "거버넌스!I2: is empty"),
        ({"A1": "항목 번호"}, "거버넌스!A1: the column '항목' stood here"),
    ],
)
def test_one_cell_that_cannot_be_used_leaves_everything_as_it_was(submission, xlsx, run, cells, said):
    typed(xlsx, **cells)
    (submission / "answers.yaml").unlink()
    (submission / "submission.yaml").write_text(MANIFEST, encoding="utf-8")
    ran = run("answers", submission, "--xlsx", xlsx)

    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(f"error: q.xlsx: {said}")
    assert len(ran.err.splitlines()) == 1
    assert not (submission / "answers.yaml").exists()
    assert (submission / "submission.yaml").read_text(encoding="utf-8") == MANIFEST


def test_the_refusal_is_in_korean_where_that_is_asked(submission, xlsx, run):
    typed(xlsx, H3="예")

    ran = run("answers", submission, "--xlsx", xlsx, lang="ko")
    choices = "충족, 일부 충족, 미충족, 해당 없음"
    assert ran.err == f"오류: q.xlsx: 거버넌스!H3: 값이 '예'입니다. 다음 가운데 하나를 고르세요: {choices}\n"


def test_what_was_changed_in_both_is_refused(submission, xlsx, run):
    typed(xlsx, H2="충족", I2="처음")
    run("answers", submission, "--xlsx", xlsx)
    second = xlsx.with_name("q-2.xlsx")
    run("answers", submission, "--xlsx", second, "--lang", "ko")
    path = submission / "answers.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("처음", "파일에서"), encoding="utf-8")
    typed(second, I2="통합 문서에서")

    ran = run("answers", submission, "--xlsx", second)
    assert ran.status == 2
    assert "says '통합 문서에서', and the answers to GOV-01 now say '파일에서'" in ran.err


def test_questions_that_came_since_are_named_with_a_new_file_to_write(submission, run, tmp_path):
    (submission / "submission.yaml").write_text(MANIFEST + NONE_FROM_OUTSIDE, encoding="utf-8")
    run("answers", submission, "--xlsx", tmp_path / "q.xlsx")
    (tmp_path / "q-2.xlsx").touch()
    manifest = (submission / "submission.yaml").read_text(encoding="utf-8").replace(NONE_FROM_OUTSIDE, "")
    (submission / "submission.yaml").write_text(manifest, encoding="utf-8")

    ran = run("answers", submission, "--xlsx", tmp_path / "q.xlsx")
    assert "new questions that are not in this workbook (1): GOV-03" in ran.err
    assert f"--xlsx {tmp_path / 'q-3.xlsx'}" in ran.err
    assert not (tmp_path / "q-3.xlsx").exists()


def test_what_is_no_longer_asked_is_told_and_stays_in_the_workbook(submission, xlsx, run):
    typed(xlsx, H2="충족", H4="충족", I4="계약서를 확인함")
    manifest = (submission / "submission.yaml").read_text(encoding="utf-8")
    (submission / "submission.yaml").write_text(manifest + NONE_FROM_OUTSIDE, encoding="utf-8")
    ran = run("answers", submission, "--xlsx", xlsx)

    assert ran.status == 0
    assert "no longer asked, so not merged (1): GOV-03" in ran.err
    assert list(answers_in(submission)) == ["GOV-01"]


def test_an_answer_to_a_changed_question_holds_once_its_date_is_new(submission, xlsx, run, tmp_path):
    typed(xlsx, H2="충족", K2="2025-01-31")
    run("answers", submission, "--xlsx", xlsx)
    path = submission / "answers.yaml"
    was = re.sub("(?m)^version: .*", "version: 0.9.0", path.read_text(encoding="utf-8"))
    path.write_text(was, encoding="utf-8")
    second = tmp_path / "q-2.xlsx"
    run("answers", submission, "--xlsx", second, "--lang", "ko")
    assert load_workbook(second)["거버넌스"]["G2"].value == "질문 바뀜"
    typed(second, K2="2026-01-31")

    state = run("answers", submission, "--xlsx", second).out
    assert read_answers(submission, "answers.yaml").question_of("GOV-01") == ("trustworthy-ai", NOW)
    assert "GOV-01" not in state


def test_a_new_workbook_needs_a_name_that_ends_so(submission, run, tmp_path):
    ran = run("answers", submission, "--xlsx", tmp_path / "q.ods")

    assert ran.status == 2
    assert "a new workbook is an .xlsx file" in ran.err
    assert not (submission / "answers.yaml").exists()


def test_another_file_is_not_written_over(submission, run):
    before = (submission / "data.csv").read_bytes()

    assert run("answers", submission, "--xlsx", submission / "data.csv").status == 2
    assert (submission / "data.csv").read_bytes() == before


def test_an_answer_that_is_taken_back_leaves_its_other_words(submission, xlsx, run):
    typed(xlsx, H2="충족", I2="이유")
    run("answers", submission, "--xlsx", xlsx)
    again = xlsx.with_name("q-2.xlsx")
    run("answers", submission, "--xlsx", again, "--lang", "ko")
    typed(again, H2=None)
    run("answers", submission, "--xlsx", again)

    sheet = read_answers(submission, "answers.yaml")
    assert "GOV-01" not in sheet.items
    assert sheet.drafts["GOV-01"].note == "이유"


def test_evidence_keeps_its_day_of_renewal(submission, xlsx, run):
    typed(xlsx, H2="충족", L2="방침.pdf")
    run("answers", submission, "--xlsx", xlsx)
    path = submission / "answers.yaml"
    text = path.read_text(encoding="utf-8")
    digest = answers_in(submission)["GOV-01"].evidence[0].sha256
    path.write_text(re.sub(f'"?{digest}"?', f'"{digest}", renew: 2027-01-31', text), encoding="utf-8")
    typed(xlsx, I2="설명을 더함")
    run("answers", submission, "--xlsx", xlsx)

    answer = answers_in(submission)["GOV-01"]
    assert (answer.note, answer.evidence[0].renew) == ("설명을 더함", "2027-01-31")

import pytest

from reliability.checklist.references import references
from reliability.reports.clauses import Citations
from reliability.reports.screening_steps import answer_views, shortened, stages
from reliability.reports.screening_wording import Wording
from reliability.screening.questions import shipped_questions
from reliability.words.text import words
from tests.reports.screening_sample import CASES, screened
from tests.screening.credit import CREDIT


def wording(lang="en"):
    return Wording(questions=shipped_questions(), words=words(lang))


def drawn(record, lang="en"):
    said, citations = wording(lang), Citations(references=references(), words=words(lang))
    return {stage.id: stage for stage in stages(record, said, citations, answer_views(record, said))}


def found(record, branch, lang="en"):
    return next(
        step
        for stage in drawn(record, lang).values()
        for step in stage.steps
        if branch in [branch_id for branch_id, _ in step.told]
    )


@pytest.mark.parametrize("name", CASES)
def test_every_step_of_the_record_is_told_once(name):
    record = screened(CASES[name])
    told = [name for stage in drawn(record).values() for step in stage.steps for name, _ in step.told]

    assert sorted(told) == sorted(step.branch for step in record.steps)


def test_stages_come_in_their_order_with_the_tiers_last():
    assert list(drawn(screened())) == ["S0", "S1", "S2", "S3", "S4", "S5", "S6", "S7", "T"]


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_stage_has_a_title(lang):
    assert [stage.title for stage in drawn(screened(), lang).values() if stage.title == stage.id] == []


def test_a_stage_without_words_is_called_by_its_id():
    record = screened()
    steps = (record.steps[0].model_copy(update={"branch": "S9.1"}),)

    assert drawn(record.model_copy(update={"steps": steps}))["S9"].title == "S9"


def test_a_step_tells_the_fact_the_answer_by_whom_and_when_and_its_clauses():
    step = found(screened(), "S2.3")
    (answer,) = step.answers

    assert (step.mark, step.word) == ("holds", "Holds")
    assert answer.ask == "Who decides in the end whether the result is applied?"
    assert (answer.answer, answer.by, answer.date) == (
        "Somebody looks, but almost always follows it",
        "김서연",
        "2026-11-20",
    )
    assert [one.key for one in step.articles] == ["MSIT-HIGH-IMPACT-2026"]


def test_a_step_that_follows_from_others_says_from_which():
    step = found(screened(), "S2.5")

    assert (step.answers, step.rests_on) == ((), "Follows from S2.4, S2.3")


def test_steps_that_do_not_hold_stand_together_at_the_end_of_their_stage():
    (step,) = drawn(screened())["S1"].steps

    assert (step.mark, step.word) == ("falls", "Does not hold")
    assert len(step.told) == 11
    assert [one.ask for one in step.answers] == ["Does the system do any of the following? Choose all."]


def test_what_stands_together_is_not_said_to_follow_from_itself():
    assert "S1.1" not in found(screened(), "S1.1").rests_on


def test_open_steps_stand_together_only_where_they_rest_on_the_same():
    open_steps = drawn(screened({}))["S1"].steps

    assert [len(step.told) for step in open_steps] == [9, 1, 1]
    assert {step.mark for step in open_steps} == {"open"}


def test_an_answer_that_is_open_says_why_and_whether_it_decides():
    record = screened({**CREDIT, "harm": "unknown", "certificates": None, "incidents": "unknown"})
    answers = answer_views(record, wording())

    assert (answers["harm"].open, answers["harm"].decides) == ("Answered “unknown”", True)
    assert (answers["certificates"].open, answers["certificates"].decides) == ("Not answered", False)
    assert (answers["role"].open, answers["role"].decides) == ("", False)


@pytest.mark.parametrize("code", ["unanswered", "unknown", "question_changed"])
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_gap_has_its_words(code, lang):
    assert words(lang).text(f"report.screening.gap.{code}")


def test_answers_are_numbered_in_the_order_of_the_record():
    record = screened()
    numbers = {question: one.number for question, one in answer_views(record, wording()).items()}

    assert numbers == {one.question: place for place, one in enumerate(record.answers, start=1)}


def test_a_long_reason_is_whole_in_its_table_and_short_elsewhere():
    record = screened(because="가" * 2000)
    answer = answer_views(record, wording())["harm"]

    assert (answer.because, answer.long) == ("가" * 2000, True)
    assert (len(answer.short), answer.short[-1]) == (200, "…")


def test_a_question_that_is_not_in_the_file_is_called_by_its_id():
    record = screened()
    strange = record.answers[0].model_copy(update={"question": "made_up", "value": "x"})
    answer = answer_views(record.model_copy(update={"answers": (strange,)}), wording())["made_up"]

    assert (answer.ask, answer.brief, answer.answer) == ("made_up", "made_up", "x")


@pytest.mark.parametrize(
    ("text", "most", "told"),
    [("", 5, ""), ("abcde", 5, "abcde"), ("abcdef", 5, "abcd…"), ("abc def", 5, "abc…")],
)
def test_a_text_is_cut_only_where_it_is_too_long(text, most, told):
    assert shortened(text, most) == told

import pytest

from reliability.checklist.references import references
from reliability.reports.clauses import Citations
from reliability.reports.prior_review import ATTACHMENTS, CRITERIA, prior_review
from reliability.reports.screening_steps import answer_views
from reliability.reports.screening_wording import Wording
from reliability.screening.questions import shipped_questions
from reliability.words.text import words
from tests.reports.screening_sample import CASES, screened
from tests.screening.credit import CREDIT

QUESTIONS = shipped_questions()


def review(record, lang="en"):
    said, citations = (
        Wording(questions=QUESTIONS, words=words(lang)),
        Citations(references=references(), words=words(lang)),
    )
    return prior_review(record, said, citations, answer_views(record, said))


def test_criteria_and_attachments_name_questions_and_branches_that_there_are():
    asked = {question for questions, _ in CRITERIA.values() for question in questions}
    asked |= {question for questions in ATTACHMENTS.values() for question in questions}
    branches = {branch for _, branches in CRITERIA.values() for branch in branches}

    assert asked <= set(QUESTIONS.by_id)
    assert branches <= {branch.name for branch in QUESTIONS.text.branches}


def test_subject_says_who_what_and_when():
    told = {row.name: row.text for row in review(screened(), "ko").subject}

    assert told == {
        "신청 기업": "온고을신용",
        "시스템": "심사 모델 1.0",
        "용도": "승인 여부를 제안한다",
        "사업자의 역할": "직접 개발하여 이용자에게 제공한다",
        "점검일": "2026-11-28",
        "답변자": f"김서연({len(screened().answers)}건)",
    }


def test_everybody_who_answered_is_named_with_the_number():
    record = screened()
    first = record.answers[0].model_copy(update={"by": "이도현"})
    told = review(record.model_copy(update={"answers": (first, *record.answers[1:])})).subject[-1].text

    assert told == f"이도현 (1), 김서연 ({len(record.answers) - 1})"


def test_nobody_answered_is_said():
    assert review(screened({})).subject[-1].text == "not stated"


def test_criteria_are_the_decrees_with_answers_and_the_step_that_weighs_them():
    domain, effect, specifics, operator = review(screened()).criteria

    assert (domain.title, effect.title, operator.title) == (
        "Area of use", "Size, severity and frequency of the effect", "Operator’s own review",
    )  # fmt: skip
    assert domain.judged == (("holds", "Holds", "It is used in an area named by law"),)
    assert [one.brief for one in effect.answers] == [
        "People affected", "Worst outcome", "Can be undone", "People a year", "Vulnerable people", "Incidents",
    ]  # fmt: skip
    assert (specifics.title, specifics.judged) == ("Specifics of the area of use", ())
    assert [one.brief for one in specifics.answers] == ["Sector law"]
    assert operator.answers[0].answer == "Somebody looks, but almost always follows it"


@pytest.mark.parametrize(
    ("changes", "mark"), [({}, "holds"), ({"harm": "minor"}, "falls"), ({"harm": "unknown"}, "open")]
)
def test_criterion_takes_the_mark_of_its_step(changes, mark):
    assert review(screened(CREDIT, **changes)).criteria[1].judged[0][0] == mark


def test_conclusion_is_the_result_with_every_step_that_leads_to_it():
    told = review(screened())

    assert told.status == "Likely to be high-impact AI"
    assert [(one.mark, one.text) for one in told.reasons] == [
        ("holds", "It is an AI system"),
        ("falls", "It serves national defence or security only"),
        ("holds", "It is used in an area named by law"),
        ("holds", "It may significantly affect life, bodily safety or basic rights"),
        ("holds", "It may be high-impact AI"),
        ("holds", "No human really takes part in the final decision"),
        ("holds", "It is likely to be high-impact AI"),
    ]


def test_reasons_cite_their_clauses_and_mark_the_unconfirmed():
    cited = [one for reason in review(screened()).reasons for one in reason.articles]

    assert ("KR-2-4", "") in [(one.key, one.mark) for one in cited]
    assert ("MSIT-HIGH-IMPACT-2026", "†") in [(one.key, one.mark) for one in cited]


def test_the_decision_is_left_to_people():
    assert len(review(screened()).decisions) == 3
    assert review(screened(CASES["parts"])).decisions == review(screened()).decisions


def test_four_attachments_tell_what_the_answers_hold_for_each():
    overview, training, use, other = review(screened()).attachments

    assert overview.told[0].text == "심사 모델 1.0"
    assert {row.name for row in training.told} == {
        "Source of training data", "Personal data", "Protected attributes as input",
    }  # fmt: skip
    assert use.stands == "3 of 3 questions answered"
    assert other.wanted.endswith("this report")


def test_an_attachment_counts_the_questions_that_are_open():
    training = review(screened({**CREDIT, "data_sources": "unknown"})).attachments[1]

    assert training.stands == "2 of 3 questions answered"
    assert "Source of training data" not in [row.name for row in training.told]


def test_nothing_answered_leaves_the_form_with_its_places():
    told = review(screened({}), "ko")

    assert [len(one.told) for one in told.attachments] == [1, 0, 0, 0]
    assert told.status.startswith("가능한 결과: ")
    assert len(told.reasons) == 7


@pytest.mark.parametrize(("name", "n"), [("likely", 4), ("parts", 3)])
def test_a_second_reviewer_signs_where_one_is_recommended(name, n):
    assert len(review(screened(CASES[name])).signing) == n

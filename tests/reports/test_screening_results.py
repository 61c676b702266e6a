import re
from typing import get_args

import pytest

from reliability import resources
from reliability.reports.screening_results import SHAPES, results, statement
from reliability.reports.screening_wording import Wording
from reliability.screening.questions import shipped_questions
from reliability.screening.record import EuStatus, KrStatus, Tier
from reliability.words.text import words
from tests.reports.screening_sample import CASES, screened
from tests.screening.credit import CREDIT

STATUSES = [("kr", one) for one in get_args(KrStatus)] + [("eu", one) for one in get_args(EuStatus)]
STATUSES += [("tier", one) for one in get_args(Tier)]


def told(record, lang="en"):
    return tuple(results(record, Wording(questions=shipped_questions(), words=words(lang))))


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize(("law", "status"), STATUSES)
def test_every_result_has_its_sentence(law, status, lang):
    assert words(lang).text(f"report.screening.told.{law}.{status}").endswith(".")


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("status", [*get_args(KrStatus), "open", "refused"])
def test_every_statement_is_a_sentence_without_a_full_stop(status, lang):
    assert not words(lang).text(f"report.screening.statement.{status}").endswith(".")


def test_no_result_bears_the_mark_of_a_pass():
    assert not {"pass", "conditional_pass"} & set(SHAPES.values())
    assert not {one.shape for name in CASES for one in told(screened(CASES[name]))} & {"pass", "conditional_pass"}


@pytest.mark.parametrize(
    ("name", "shapes"),
    [
        ("likely", ["conditional_fail", "not_applicable", "conditional_fail"]),
        ("candidate", ["inconclusive", "not_applicable", "conditional_fail"]),
        ("prohibited", ["conditional_fail", "fail", "fail"]),
        ("parts", ["not_applicable", "not_applicable", "not_applicable"]),
        ("nothing", ["inconclusive", "inconclusive", "inconclusive"]),
        ("everything", ["inconclusive", "conditional_fail", "conditional_fail"]),
    ],
)
def test_shapes_say_how_heavy_a_result_is(name, shapes):
    assert [one.shape for one in told(screened(CASES[name]))] == shapes


def test_laws_and_tier_stand_apart_in_their_order():
    assert [one.law for one in told(screened(), "ko")] == [
        "한국 인공지능기본법",
        "유럽연합 인공지능법",
        "허브 위험 등급",
    ]


def test_a_result_tells_what_it_brings_and_how_many_more():
    kr = told(screened(CASES["everything"]))[0]
    record = screened(CASES["everything"])

    assert len(kr.points) == 2
    assert kr.more == f"{sum(value is True for value in record.kr.points.values()) - 2} more"


def test_an_open_result_tells_all_that_it_may_still_be():
    kr = told(screened({}))[0]

    assert kr.status == "Cannot be settled yet"
    assert kr.told.startswith("It may still be: Likely to be high-impact AI / ")
    assert kr.told.count(" / ") == 3


def test_a_program_that_is_no_ai_has_no_tier():
    tier = told(screened({"ai_system": False}))[2]

    assert (tier.status, tier.told) == ("None", "Not an AI system, so there is no tier.")


def test_the_tier_recommends_a_checklist_and_a_second_reviewer_and_no_more():
    tier = told(screened(), "ko")[2]

    assert tier.points == ("권고 점검표: 여신(credit)", "두 번째 검토자를 둔다")


def test_a_checklist_without_words_is_called_by_its_name():
    record = screened()
    hub = record.hub.model_copy(update={"checklists": ("made-up",)})

    assert "made-up" in told(record.model_copy(update={"hub": hub}))[2].points[0]


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_checklist_that_can_be_recommended_has_words(lang):
    names = [one.name for one in shipped_questions().text.recommends.checklists]

    assert [one for one in names if one not in words(lang).text(f"report.screening.checklist.{one}")] == []
    assert [one for one in names if not (resources.checklists() / f"{one}.yaml").is_file()] == []


def test_the_statement_follows_korean_law_unless_the_hub_refuses():
    banned = screened({**CREDIT, "practices": ("manipulation",)})

    assert statement(banned, words("ko")) == "허브가 지원하지 않는 기능이 있어 지원 대상이 아니다"
    assert statement(screened(), words("ko")) == "고영향 인공지능일 가능성이 높다"


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_no_sentence_of_a_result_claims_conformity(lang):
    sentences = [words(lang).text(f"report.screening.told.{law}.{status}") for law, status in STATUSES]

    assert [one for one in sentences if re.search("적합|인증|준수한다|conform|complian|certif", one)] == []

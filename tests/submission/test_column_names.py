"""What names and values suggest, in Korean and English."""

import unicodedata

import pytest

from reliability.submission.column_names import GROUNDS, affirmative, ground_of, personal, suggests, words_of

GROUND_NAMES = {
    "sex": "성별 남녀구분 sex Sex gender applicant_gender is_female male",
    "age": "나이 연령 만나이 생년월일 출생연도 age AGE applicantAge birthDate dob birth_year",
    "nationality": "국적 출신국가 외국인여부 내외국인구분 nationality citizenship foreign_worker",
    "race": "인종 민족 피부색 race Race_1 ethnicity hispanic",
    "disability": "장애 장애등급 disability is_disabled handicap",
    "religion": "종교 religion",
    "marital_status": "혼인상태 결혼여부 기혼 maritalStatus married",
    "education": "학력 최종학교 education education_num",
    "residence": "거주지 주거지역 출신지 본적 지역 residence birthplace",
    "pregnancy": "임신여부 출산횟수 pregnant maternity",
    "family": "가족형태 부양가족수 family_size dependents",
    "health": "병력 질병코드 disease illness",
    "union": "노조가입 노동조합 정당 union",
}


@pytest.mark.parametrize(
    ("ground", "name"), [(ground, name) for ground, names in GROUND_NAMES.items() for name in names.split()]
)
def test_every_ground_is_told_by_its_names(ground, name):
    assert ground_of(name).name == ground
    assert ground_of(unicodedata.normalize("NFD", name)).name == ground


def test_every_ground_has_its_source_and_is_tried_above():
    assert {each.name for each in GROUNDS} == set(GROUND_NAMES)
    assert {each.source for each in GROUNDS} == {"nhrck_2_3", "pipa_23"}


@pytest.mark.parametrize(
    "name",
    ["income", "소득", "stage", "package", "Essex", "message", "대출금액", "usage", "x1", "", "trace", "지역번호"],
)
def test_a_word_inside_a_word_is_no_ground(name):
    assert ground_of(name) is None


@pytest.mark.parametrize(
    ("part", "yes", "no"),
    [
        (
            "target",
            "승인여부 연체 합격 신용등급 심사결과 최종판정 y label default_flag isChurn "
            "Outcome income annual_income creditIncome credit",
            "소득 age x ylabels defaulting income_share investment_as_income_percentage incomes credit_history",
        ),
        ("prediction", "예측 예측값 y_pred prediction yhat modelPrediction", "y_true 승인 predictable"),
        ("score", "예측확률 신용점수 y_score proba Probability_1", "scored 승인 underscores"),
        ("id", "신청번호 아이디 고객ID 지점코드 id applicant_id UUID rowIndex", "번호판 idea identity 소득"),
        ("entity", "고객번호 가구 household_id customerId", "주택 customers"),
        ("person", "이름 성명 자택주소 휴대폰번호 email lastName", "상품이름 names 소득"),
        ("good", "승인 합격여부 approved isHired", "거절 disapproved"),
        ("bad", "연체 부도여부 default isFraud", "승인 defaults_none"),
    ],
)
def test_names_suggest_parts(part, yes, no):
    assert [name for name in yes.split() if not suggests(part, name)] == []
    assert [name for name in no.split() if suggests(part, name)] == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("applicantAge", {"applicant", "age"}),
        ("y_pred", {"y", "pred"}),
        ("foreign-worker 2", {"foreign", "worker"}),
        ("SEX", {"sex"}),
        ("age2Band", {"age", "band"}),
        ("성별sex", {"sex"}),
        ("123", set()),
    ],
)
def test_english_words_are_found_however_they_are_joined(name, words):
    assert words_of(name) == words


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["900101-1234567", "851231-2234567"], "resident_number"),
        ([9001011234567], "resident_number"),
        (["901301-1234567"], None),
        (["900101-9234567"], None),
        (["010-1234-5678", "+82 10-1234-5678"], "mobile"),
        (["02-123-4567"], None),
        (["a.b@c.co.kr", " x@y.z "], "email"),
        (["a@b"], None),
        (["402-81-00000"], "business_number"),
        (["a@b.c", "x", "y"], None),
        (["a@b.c", "d@e.f", "y"], "email"),
        (["a@b.c", "x"], None),
        ([None, "a@b.c"], "email"),
        ([1, 2.5, True], None),
    ],
)
def test_personal_values_are_told_when_most_are_written_so(values, kind):
    assert personal(values) == kind


@pytest.mark.parametrize(
    ("values", "yes"),
    [
        ((0, 1), 1),
        ((0.0, 1.0), 1.0),
        ((False, True), True),
        (("N", "Y"), "Y"),
        (("아니오", "예"), "예"),
        (("a", "b"), None),
        ((1, 2), 1),
        ((), None),
    ],
)
def test_the_value_that_says_yes_is_found(values, yes):
    assert affirmative(values) == yes

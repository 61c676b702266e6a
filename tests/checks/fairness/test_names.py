import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.checks.fairness.names import names_that_say
from reliability.errors import ChecklistError


def found(words, *names, apart_from=()):
    return names_that_say(tuple(words), names, apart_from=tuple(apart_from), check="fairness.some_check")


@pytest.mark.parametrize(
    ("word", "name", "expected"),
    [
        ("age", "age", True),
        ("age", "AGE", True),
        ("age", "applicantAge", True),
        ("age", "age_band", True),
        ("age", "age2", True),
        ("age", "ages", True),
        ("age", "mortgage", False),
        ("age", "average_income", False),
        ("birth year", "birthyear", True),
        ("birth year", "birth-year", True),
        ("birth year", "BirthYear", True),
        ("birth year", "year_of_birth", False),
        ("birth year", "birth", False),
        ("성별", "성별", True),
        ("성별", "신청인 성별", True),
        ("성별", "신청인_성별_코드", True),
        ("성별", "성_별", True),
        ("출신지", "출신지역코드", True),
        ("키", "키", True),
        ("키", "키_cm", True),
        ("키", "키워드", False),
        ("키", "열쇠키", False),
        ("나이", "만나이", True),
        ("age", "나이", False),
    ],
)
def test_a_name_speaks_of_a_word_by_its_parts(word, name, expected):
    assert found([word], name, "unlike") == ([name] if expected else [])


@pytest.mark.parametrize(
    ("apart_from", "name", "expected"),
    [
        (["account age"], "account_age", False),
        (["account age"], "accountAge_months", False),
        (["account age"], "age_of_account", True),
        (["account age"], "age", True),
        (["account age"], "accountage", False),
        (["account age", "loan age"], "loan_age", False),
        ([], "account_age", True),
    ],
)
def test_a_name_that_means_something_else_is_left_out(apart_from, name, expected):
    assert found(["age"], name, apart_from=apart_from) == ([name] if expected else [])


@pytest.mark.parametrize(("name", "expected"), [("특성별_점수", False), ("성별", True), ("특성_성별", True)])
def test_hangul_that_means_something_else_is_left_out(name, expected):
    assert found(["성별"], name, apart_from=["특성별"]) == ([name] if expected else [])


def test_names_come_in_order_and_each_once():
    names = ["성별", "sex_gender", "income", "gender"]

    assert found(["sex", "gender", "성별"], *names) == ["gender", "sex_gender", "성별"]


def test_half_width_and_composed_forms_are_the_same():
    assert found(["성별"], "성별", "ＳＥＸ") == ["성별"]
    assert found(["sex"], "ＳＥＸ") == ["ＳＥＸ"]


@pytest.mark.parametrize("words", [(), ("",), ("sex", " "), ("12",), ("_",)])
def test_words_without_a_letter_are_refused(words):
    with pytest.raises(ChecklistError) as caught:
        found(words, "x")

    assert (caught.value.code, caught.value.values) == (
        "words_empty",
        {"option": "words", "check": "fairness.some_check"},
    )


@pytest.mark.parametrize("apart_from", [("",), ("account age", "3")])
def test_what_is_left_out_needs_a_letter_as_well(apart_from):
    with pytest.raises(ChecklistError, match=r"option 'apart_from' of fairness\.some_check has no word"):
        found(["sex"], "x", apart_from=apart_from)


def test_no_names_say_nothing():
    assert found(["sex"]) == []


NAMES = st.lists(st.text(string.ascii_letters + "_ 성별나이", min_size=1, max_size=10), max_size=6, unique=True)


@given(NAMES)
@settings(max_examples=60, deadline=None)
def test_more_words_find_no_less_and_more_exceptions_no_more(names):
    few, many = found(["sex"], *names), found(["sex", "나이", "a"], *names)

    assert set(few) <= set(many)
    assert set(found(["sex", "나이", "a"], *names, apart_from=["성별"])) <= set(many)


@given(NAMES, st.randoms())
@settings(max_examples=40, deadline=None)
def test_order_of_names_changes_nothing(names, random):
    shuffled = random.sample(names, len(names))

    assert found(["나이", "a"], *names) == found(["나이", "a"], *shuffled)

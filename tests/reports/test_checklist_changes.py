"""One wording for what a checklist asks otherwise: the terminal and documents say the same."""

import pytest

from reliability.checklist.difference import CODES
from reliability.reports.checklist_changes import check_named, limit_of, plain, value_text
from reliability.words.text import LANGUAGES, words

EN, KO = words("en"), words("ko")


@pytest.mark.parametrize(
    ("code", "value", "ko", "en"),
    [
        ("severity", "major", "주요", "Major"),
        ("own_bar", None, "점검표의 기본값대로", None),
        ("own_bar", "pass", "적합", "Pass"),
        ("evidence_needed", "required", "필수", "required"),
        ("confidence", 0.99, "99%", "99%"),
        ("confidence", None, "", ""),
        ("when", None, "항상", "always"),
        ("when", "hiring", "hiring", "hiring"),
        ("source", "house default", "기관 기본값", "house default"),
        ("source", "KS X 1", "KS X 1", "KS X 1"),
        ("escalate", {"critical": "hiring"}, "필수(hiring)", "Critical (hiring)"),
        ("escalate", None, "", ""),
        ("options", {"bins": 20, "by": ["sex", "age"]}, "bins = 20, by = sex, age", "bins = 20, by = sex, age"),
        ("options", {}, "", ""),
        ("open_minor", 0, "0", "0"),
    ],
)
def test_a_value_is_worded_by_its_kind(code, value, ko, en):
    assert value_text(code, value, {}, KO) == (
        KO.text("diff.as_the_checklist") if code == "own_bar" and not value else ko
    )
    assert value_text(code, value, {}, EN) == (EN.text("diff.as_the_checklist") if en is None else en)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", sorted(CODES))
def test_no_kind_of_change_fails_without_a_value(code, lang):
    assert isinstance(value_text(code, None, {}, words(lang)), str)


@pytest.mark.parametrize(
    ("limit", "told"),
    [({"at_least": 0.8}, "≥ 0.80"), ({"at_most": 0.1}, "≤ 0.10"), ({"between": [0.1, 0.2]}, "0.10 – 0.20"),
     ({"equals": 1}, "= 1"), ({}, "Reported")],
)  # fmt: skip
def test_a_limit_has_its_comparator(limit, told):
    assert limit_of(limit, {"check": "performance.roc_auc"}, EN) == told


@pytest.mark.parametrize(
    ("about", "told"),
    [
        ({}, ""),
        ({"declared": True}, "Declared level of performance"),
        ({"check": "performance.accuracy"}, "Accuracy"),
        ({"check": "performance.accuracy", "by": ["sex", "age"]}, "Accuracy (sex, age)"),
    ],
)
def test_a_check_is_named_with_its_groups(about, told):
    assert check_named(about, EN) == told


def test_korean_sets_no_blank_before_a_bracket():
    assert check_named({"check": "performance.accuracy", "by": ["sex"]}, KO) == "정확도(sex)"


@pytest.mark.parametrize(
    ("value", "told"), [(True, "yes"), (False, "no"), (1234, "1,234"), (["a", None], "a, –"), ({}, ""), (None, "")]
)
def test_a_plain_value_is_told_plainly(value, told):
    assert plain(value, EN).lower() == told

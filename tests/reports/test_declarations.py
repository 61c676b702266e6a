import pytest

from reliability.records import DataSets
from reliability.reports import declarations
from reliability.reports.findings import finding_views
from reliability.words.text import words
from tests.reports.sample import assessment, data


def views(record, lang):
    return tuple(finding_views(record, words(lang)))


def texts(rows):
    return " ".join(f"{row.name} {row.text} {row.code}" for row in rows)


@pytest.mark.parametrize(
    ("lang", "parts"),
    [("ko", ("표본오차", "95%", "정답의 오류", "학습의 우연", "대상의 변화", "시험 방법")),
     ("en", ("Sampling error", "95%", "wrong labels", "chance in training", "change of population", "way of testing"))],
)  # fmt: skip
def test_uncertainty_says_what_intervals_cover_and_what_they_do_not(lang, parts):
    told = texts(declarations.uncertainty(assessment(), words(lang)))

    assert [part for part in parts if part not in told] == []


def test_supplied_information_is_named_with_its_disclaimer():
    told = texts(declarations.supplied(assessment(), views(assessment(), "en"), words("en")))

    assert "5 items rest on the applicant’s answers." in told
    assert "how it was sampled was not checked" in told
    assert "the issuer answers for none of it" in told
    assert "Training data" not in told


def test_training_data_are_supplied_where_there_are_some():
    record = assessment(data=DataSets(evaluation=data("e.parquet", 10), training=data("t.parquet", 20)))

    assert "whether the model was trained on it was not checked" in texts(
        declarations.supplied(record, views(record, "en"), words("en"))
    )


def test_data_that_the_evaluator_holds_are_not_told_as_supplied():
    held = data("e.parquet", 10).model_copy(update={"origin": "evaluator_held"})
    record = assessment(data=DataSets(evaluation=held))

    assert "how it was sampled" not in texts(declarations.supplied(record, views(record, "en"), words("en")))


def test_statement_says_which_results_against_what_and_by_which_rule():
    told = texts(declarations.statement(assessment(), views(assessment(), "en"), words("en")))

    assert "Applies to the 14 items judged (section 1)." in told
    assert "9 are not settled as met (section 2)" in told
    assert f"Trustworthy AI checklist 1.0.0 sha256 {'ef' * 32}" in told
    assert "Exact, Four-way. Section 4 states the risk of each." in told


def test_statement_says_when_all_is_met():
    passed = tuple(found for found in assessment().findings if found.verdict == "pass")
    record = assessment(findings=passed)

    assert "All of them are met." in texts(declarations.statement(record, views(record, "en"), words("en")))


def test_statement_names_no_rule_where_nothing_was_measured():
    asked = tuple(found for found in assessment().findings if not found.criteria)
    record = assessment(findings=asked)
    rows = list(declarations.statement(record, views(record, "ko"), words("ko")))

    assert "판정 규칙" not in [row.name for row in rows]


def test_method_names_checklist_software_and_seed():
    (row,) = declarations.method(assessment(), words("en"))

    assert row.text == "The measures of Trustworthy AI checklist 1.0.0 (section 4), reliability-workbench 0.1.0, seed 0"


def test_condition_speaks_of_the_digests():
    (row,) = declarations.condition(words("ko"))

    assert "다이제스트가 바뀌지 않았다" in row.text

import pytest

from reliability.records import REASONS, Finding, Measurement, Reason
from reliability.reports import statements
from reliability.words.text import words
from tests.reports.sample import AGE, compared, measured, result, unmeasured


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("정확도", "정확도가"),
        ("재현율", "재현율이"),
        ("ROC 곡선 아래 면적(AUC)", "ROC 곡선 아래 면적(AUC)이"),
        ("", "가"),
    ],
)
def test_subject_takes_the_particle_that_its_last_syllable_asks_for(word, told):
    assert statements.subject(word, "ko") == told


@pytest.mark.parametrize(
    ("word", "told"), [("정확도", "정확도를"), ("재현율", "재현율을"), ("AUC 면적(AUC)", "AUC 면적(AUC)을")]
)
def test_object_takes_its_particle(word, told):
    assert statements.object_of(word, "ko") == told


def test_headline_of_a_broken_measurement_names_its_object():
    criterion = result("error", unmeasured("performance.recall", "model_raised"), at_least=0.8)
    found = Finding(item="X-1", severity="major", verdict="error", criteria=(criterion,))

    assert statements.headline(found, "", "요구", words("ko")) == "오류로 재현율을 측정하지 못하였다"


def test_subject_is_left_alone_in_english():
    assert statements.subject("Recall", "en") == "Recall"


def test_reason_does_not_tell_the_size_of_a_group_under_five():
    assert "fewer than 5" in statements.reason_text("numbers_too_large", {"n": 3}, words("en"))
    assert "12" in statements.reason_text("numbers_too_large", {"n": 12}, words("en"))


def test_reasons_are_told_once():
    twice = [Reason(code="no_scores"), Reason(code="no_scores")]

    assert len(statements.reasons(twice, words("ko"))) == 1


def test_headline_of_a_measured_finding_is_a_sentence():
    criterion = result("fail", measured("performance.recall", (0.5, 0.4, 0.6)), at_least=0.8)
    found = Finding(item="X-1", severity="major", verdict="fail", criteria=(criterion,))

    assert statements.headline(found, "", "요구", words("ko")) == "재현율이 기준을 충족하지 못한다"


def test_headline_of_an_asked_finding_says_what_was_answered():
    found = Finding(item="X-1", severity="major", verdict="not_assessed")

    assert statements.headline(found, "AI policy", "…", words("en")) == "AI policy: no answer, so not assessed"


def test_method_on_clustered_rows_says_so():
    assert (
        statements.method_name("clopper_pearson_effective_n", words("en"))
        == "Clopper-Pearson exact interval (at the effective n)"
    )


def test_readings_never_speak_of_a_verdict():
    found = compared("fairness.selection_rate_ratio", "age", (0.66, 0.47, 0.84), AGE, "ratio")
    (told,) = statements.readings(result("fail", found, at_least=0.8), words("en"))

    assert told.startswith("For information")
    assert "no part of the verdict" in told
    assert "age" in told
    assert "picked after looking and not corrected (p = 0.001)" in told


def test_readings_are_empty_without_a_table():
    plain = Measurement(value=0.5, low=0.4, high=0.6, n=9, unit="ratio")

    assert statements.readings(result("fail", plain, at_least=0.8), words("en")) == ()


def test_reason_is_told_with_the_values_of_the_record():
    assert "30초" in statements.reason_text("model_timeout", {"seconds": 30}, words("ko"))


def test_reason_is_told_in_brief_when_the_record_lacks_a_value():
    assert statements.reason_text("model_timeout", {}, words("en")) == "The model did not answer in time."


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("code", sorted(REASONS))
def test_no_reason_prints_a_place_left_open(code, lang):
    values = dict.fromkeys(
        "n why found next_step format types type message what seconds mebibytes signal status key by".split(), "x"
    )

    assert "{" not in statements.reason_text(code, values, words(lang))


def test_method_known_by_its_whole_name_is_not_said_to_be_clustered():
    name = statements.method_name("influence_effective_n", words("en"))

    assert name == words("en").text("method.influence_effective_n")
    assert statements.method_key("clopper_pearson_effective_n", words("en")) == "clopper_pearson"


@pytest.mark.parametrize(
    ("lang", "brief"), [("ko", "운영 구간이 지정되지 않았다."), ("en", "No operating segment is declared.")]
)
def test_reason_names_the_columns_that_are_not_declared_where_some_were_asked_for(lang, brief):
    assert statements.reason_text("no_segments", {"columns": ["hight", "x"]}, words(lang)).endswith(": hight, x.")
    assert statements.reason_text("no_segments", {}, words(lang)) == brief

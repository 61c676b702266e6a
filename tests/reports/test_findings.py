import pytest

from reliability.records import Finding
from reliability.reports.findings import bilingual, criterion_view, finding_views, tier
from reliability.words.text import words
from tests.reports.sample import SEX, assessment, compared, measured, result, unmeasured


def found(severity, verdict):
    return Finding(item="X-1", severity=severity, verdict=verdict)


@pytest.mark.parametrize(
    ("severity", "verdict", "bar", "expected"),
    [
        ("critical", "fail", "pass", "decides"),
        ("major", "fail", "conditional_pass", "decides"),
        ("major", "error", "conditional_pass", "open"),
        ("major", "not_assessed", "conditional_pass", "open"),
        ("critical", "conditional_pass", "pass", "open"),
        ("major", "conditional_pass", "conditional_pass", "condition"),
        ("minor", "fail", "", "condition"),
        ("minor", "error", "", "condition"),
        ("critical", "pass", "pass", None),
        ("critical", "reported", "pass", None),
        ("critical", "not_applicable", "pass", None),
    ],
)
def test_tier_follows_the_rule_of_the_outcome(severity, verdict, bar, expected):
    assert tier(found(severity, verdict), bar, minors_decide=False) == expected


def test_minor_failures_decide_when_too_many():
    assert tier(found("minor", "fail"), "", minors_decide=True) == "decides"
    assert tier(found("minor", "inconclusive"), "", minors_decide=True) == "condition"


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_finding_has_a_view_in_the_order_of_the_checklist(lang):
    record = assessment()

    assert [view.item for view in finding_views(record, words(lang))] == [found.item for found in record.findings]


def test_every_finding_has_at_least_one_line_of_results():
    assert all(view.lines for view in finding_views(assessment(), words("ko")))


def test_not_a_figure_of_a_group_under_five_is_told():
    rows = [*SEX[:2], (None, 0.123, 0.0456, 0.789, 3)]
    view = criterion_view(
        result("fail", compared("fairness.selection_rate_ratio", "sex", (0.67, 0.5, 0.8), rows, "ratio"), at_least=0.8),
        words("en"),
    )
    (plot,) = [measurement.plot for measurement in view.measurements]

    assert [row.text for row in plot.rows if row.label == "unknown"] == [""]
    assert sum(row.row.suppressed for row in plot.rows) == 2


def test_smallest_group_under_five_is_not_told():
    view = criterion_view(
        result("fail", measured("data_quality.smallest_group_size", (3, None, None), "rows"), at_least=30), words("en")
    )

    assert view.measurements[0].value == "fewer than 5"


def test_slices_under_five_are_withheld_with_the_next_smallest():
    slices = tuple(
        measured("performance.accuracy", (0.5, 0.4, 0.6), n=n).model_copy(update={"by": ("g",), "slice": {"g": str(n)}})
        for n in (3, 50, 40)
    )
    criterion = result("pass", slices[0], at_least=0.3).model_copy(update={"measurements": slices})
    told = criterion_view(criterion, words("ko")).measurements

    assert [one.value for one in told] == ["–", "50.0%", "–"]


def test_limit_names_its_source():
    view = criterion_view(result("pass", measured("performance.recall", (0.9, 0.85, 0.95)), at_least=0.8), words("ko"))

    assert view.basis == "4단계 판정 · 기준의 출처: 기관 기본값"


@pytest.mark.parametrize(
    ("entry", "text"), [({"t": {"ko": "가", "en": "a"}}, "a"), ({"t": {"ko": "가"}}, "가"), ({"t": "b"}, "b"), ({}, "")]
)
def test_bilingual_falls_back_on_the_language_that_there_is(entry, text):
    assert bilingual(entry, "t", "en") == text


def test_verdict_of_a_criterion_stands_once():
    view = next(view for view in finding_views(assessment(), words("ko")) if view.item == "FAI-02")
    (told,) = [one for one in assessment().findings if one.item == "FAI-02"]

    assert [line.verdict for line in view.lines] == [result.verdict for result in told.criteria]


def test_every_measurement_of_a_criterion_bears_its_own_verdict():
    record = assessment()
    (told,) = [one for one in record.findings if one.item == "FAI-02"]
    both = tuple(measurement for one in told.criteria for measurement in one.measurements)
    merged = told.model_copy(update={"criteria": (told.criteria[0].model_copy(update={"measurements": both}),)})
    (view,) = finding_views(assessment(findings=(merged,)), words("ko"))

    assert [line.verdict for line in view.lines] == ["fail", "conditional_fail"]


def test_answer_that_nothing_stands_behind_is_marked():
    record = assessment()
    (asked,) = [found for found in record.findings if found.item == "GOV-01"]
    bare = asked.model_copy(update={"answer": asked.answer.model_copy(update={"evidence": ()})})
    (view,) = finding_views(assessment(findings=(bare,)), words("ko"))

    assert view.lines[0].name == "답변: 충족 · 신청 기업 답변(미확인)"


@pytest.mark.parametrize("change", [{}, {"evidence": (), "checked_by": "이도현"}])
def test_answer_with_evidence_or_a_check_is_not_marked(change):
    record = assessment()
    (asked,) = [found for found in record.findings if found.item == "GOV-01"]
    given = asked.model_copy(update={"answer": asked.answer.model_copy(update=change)})
    (view,) = finding_views(assessment(findings=(given,)), words("ko"))

    assert view.lines[0].name == "답변: 충족"


def test_limit_has_its_unit_when_nothing_was_measured():
    view = criterion_view(
        result("inconclusive", unmeasured("leakage.training_overlap", "no_training_data"), at_most=0.01), words("ko")
    )

    assert view.limit == "≤ 1%"


def test_options_are_told_in_words():
    criterion = result("pass", measured("robustness.noise_consistency", (0.9, 0.85, 0.95)), at_least=0.8)
    chosen = criterion.criterion.model_copy(update={"with_": {"strength": 0.1, "minimum_group_size": 30}})
    view = criterion_view(criterion.model_copy(update={"criterion": chosen}), words("ko"))

    assert "30행 이상인 집단만 비교, 잡음의 세기: 표준편차의 0.1배" in view.basis


def test_rows_of_a_rate_are_named():
    found = compared("fairness.false_positive_rate_difference", "sex", (0.1, 0.0, 0.2), SEX[:2], "difference")
    view = criterion_view(result("pass", found, at_most=0.2), words("en"))

    assert view.measurements[0].rows == "rows of actual negatives"
    assert "n: rows of actual negatives" in view.measurements[0].plot.title


def test_finding_with_very_long_texts_may_break_anywhere():
    record = assessment()
    content = record.checklist.content
    item = next(one for section in content["sections"] for one in section["items"] if one["id"] == "GOV-01")
    item["requirement"] = {"ko": "길다 " * 1000}
    views = {view.item: view for view in finding_views(record, words("ko"))}

    assert (views["GOV-01"].long, views["RSK-01"].long) == (True, False)


def by_slices(*values, **limit):
    slices = tuple(
        measured("performance.accuracy", (value, value - 0.1, value + 0.1), n=90).model_copy(
            update={"by": ("g",), "slice": {"g": f"level {place}"}}
        )
        for place, value in enumerate(values)
    )
    return result("fail", slices[0], **limit).model_copy(update={"measurements": slices})


@pytest.mark.parametrize(("lang", "note"), [("ko", "최악 집단으로 판정"), ("en", "worst one judged")])
def test_slices_bear_no_verdict_but_say_that_the_worst_is_judged(lang, note):
    (told,) = [one for one in assessment().findings if one.item == "FAI-02"]
    whole = told.model_copy(update={"criteria": (by_slices(0.4, 0.9, at_least=0.8),)})
    (view,) = finding_views(assessment(findings=(whole,)), words(lang))

    assert [(line.verdict, line.note) for line in view.lines] == [("fail", note), (None, note)]


def test_measurement_that_is_only_reported_says_so_in_every_line():
    one = measured("performance.accuracy", (0.7, 0.6, 0.8))
    both = result("reported", one, report=True).model_copy(update={"measurements": (one, one)})
    (told,) = [found for found in assessment().findings if found.item == "PER-05"]
    (view,) = finding_views(assessment(findings=(told.model_copy(update={"criteria": (both,)}),)), words("ko"))

    assert [line.verdict for line in view.lines] == ["reported", "reported"]


@pytest.mark.parametrize(("options", "lines"), [({}, 1), ({"with": {"strength": 0.1}}, 2), ({"by": ("sex",)}, 2)])
def test_criterion_that_repeats_a_judged_one_is_left_out(options, lines):
    auc = measured("performance.roc_auc", (0.8, 0.75, 0.85), "auc")
    repeated = (result("pass", auc, at_least=0.7), result("reported", auc, report=True, **options))
    (told,) = [one for one in assessment().findings if one.item == "PER-01"]
    (view,) = finding_views(assessment(findings=(told.model_copy(update={"criteria": repeated}),)), words("ko"))

    assert len(view.criteria) == len(view.lines) == lines


def test_judged_criterion_stays_when_another_judges_the_same():
    auc = measured("performance.roc_auc", (0.8, 0.75, 0.85), "auc")
    (told,) = [one for one in assessment().findings if one.item == "PER-01"]
    twice = (result("pass", auc, at_least=0.7), result("pass", auc, at_least=0.6))
    (view,) = finding_views(assessment(findings=(told.model_copy(update={"criteria": twice}),)), words("ko"))

    assert len(view.criteria) == 2


@pytest.mark.parametrize(
    ("check", "unit", "ko", "en"),
    [
        ("performance.accuracy", "share", "표본 110행", "n = 110"),
        ("fairness.true_positive_rate_difference", "difference", "실제 양성 110행", "n = 110 actual positives"),
        ("fairness.false_positive_rate_difference", "difference", "실제 음성 110행", "n = 110 actual negatives"),
        ("leakage.shared_entities", "entities", "개체 110개", "n = 110 entities"),
    ],
)
def test_sample_size_says_what_it_counts(check, unit, ko, en):
    one = result("pass", measured(check, (0.1, 0.0, 0.2), unit, n=110), at_most=0.5)

    assert criterion_view(one, words("ko")).measurements[0].n_named == ko
    assert criterion_view(one, words("en")).measurements[0].n_named == en


def test_sample_size_of_one_is_told_in_the_singular():
    found = measured("fairness.true_positive_rate_difference", (0.0, 0.0, 1.0), "difference", n=1)
    (view,) = criterion_view(result("pass", found, at_most=0.5), words("en")).measurements

    assert view.n_named == "n = 1 actual positive"


def test_nothing_measured_tells_no_sample_size():
    one = result("error", unmeasured("performance.accuracy", "model_raised"), at_least=0.5)
    (view,) = criterion_view(one, words("ko")).measurements

    assert (view.n_named, view.verdict) == ("", "error")


def test_sample_size_is_withheld_when_it_tells_who_was_left_out():
    rows = [*SEX[:2], (None, 0.5, 0.1, 0.9, 3)]
    found = compared("fairness.selection_rate_ratio", "sex", (0.67, 0.5, 0.8), rows, "ratio")
    (view,) = criterion_view(result("fail", found, at_least=0.8), words("ko")).measurements

    assert (view.n, view.n_named) == ("–", "표본 수는 싣지 않음")

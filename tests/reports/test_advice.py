import math

import numpy as np
import pytest
from scipy.special import ndtri

from reliability.intervals.comparisons import group_mass, largest_difference, widest_difference
from reliability.records import REASONS, Criterion, Finding, Reason
from reliability.reports import advice
from reliability.reports.file_rows import FileRows
from reliability.reports.findings import finding_views, texts
from reliability.reports.withheld import Withheld, group_key
from reliability.words.text import words
from tests.reports.sample import assessment, compared, measured, result, unmeasured


def by_root(numbers):
    """A measurement whose interval can only be scaled."""
    return measured("performance.roc_auc", numbers, "auc", n=1000).model_copy(update={"method": "delta"})


def groups(check, unit, rates, numbers, by="age"):
    rows = [(name, rate, 0.0, 1.0, n) for name, (rate, n) in rates.items()]
    return compared(check, by, numbers, rows, unit)


def decides(criterion, title, said, withheld=None, **files):
    """What would decide one criterion, in sentences."""
    return texts(tuple(advice.settling(criterion, title, said, withheld, **files)))


RATIO = groups(
    "fairness.selection_rate_ratio", "ratio", {"a": (0.36, 200), "b": (0.5, 300), "c": (0.48, 100)}, (0.72, 0.53, 1.0)
)
# The third group alone keeps the verdict open, however many rows the other two have.
ALL_OF_THEM = groups(
    "fairness.selection_rate_ratio", "ratio", {"a": (0.45, 600), "b": (0.5, 600), "c": (0.46, 100)}, (0.9, 0.7, 1.0)
)
RATES = groups(
    "fairness.true_positive_rate_difference", "difference", {"1": (0.7, 60), "2": (0.8, 50)}, (0.1, 0.0, 0.27)
)


def test_factor_is_the_square_of_half_width_over_distance():
    assert advice.factor(by_root((0.76, 0.74, 0.78)), Criterion(at_least=0.75)) == pytest.approx(4.0)


def test_factor_is_the_same_mirrored():
    found = by_root((0.74, 0.72, 0.78))

    assert advice.factor(found, Criterion(at_least=0.75)) == pytest.approx(16.0)
    assert advice.factor(found, Criterion(at_most=0.75)) == pytest.approx(16.0)


def test_factor_is_none_when_the_interval_is_clear_of_the_limit():
    assert advice.factor(by_root((0.9, 0.85, 0.95)), Criterion(at_least=0.8)) is None


def test_factor_is_without_end_on_the_limit():
    assert advice.factor(by_root((0.8, 0.7, 0.9)), Criterion(at_least=0.8)) == math.inf


def test_factor_takes_the_other_side_when_an_end_is_cut_off():
    cut = by_root((0.1, 0.0, 0.3)).model_copy(update={"unit": "share"})

    assert advice.factor(cut, Criterion(at_most=0.05)) == pytest.approx((0.2 / 0.05) ** 2, rel=1e-3)


def test_factor_of_a_comparison_comes_from_the_interval_itself():
    found = groups("a.b", "difference", {"1": (0.25, 60), "2": (0.4, 50)}, (0.15, 0.0, 0.33))
    times = advice.factor(found, Criterion(at_most=0.1))
    short, enough = (
        largest_difference([15 * f, 20 * f], [60 * f, 50 * f], confidence=0.95).low for f in (times * 0.98, times)
    )

    assert short < 0.1 <= enough + 1e-6


def test_factor_of_a_share_comes_from_the_exact_interval():
    found = measured("performance.recall", (0.9, 0.81, 0.96), n=100)

    assert 1 < advice.factor(found, Criterion(at_least=0.85)) < 10


def test_decides_names_the_measure_and_rows_as_an_estimate():
    (text,) = decides(result("conditional_pass", by_root((0.76, 0.74, 0.78)), at_least=0.75), "AUC", words("en"))

    assert text.startswith(
        "AUC: if the estimate stays where it is and the shares of groups and outcomes stay as observed,"
    )
    assert "about 4,000 evaluation rows in all would decide it (now 1,000, about 4.0 times as many)" in text
    assert text.endswith("This is a rough estimate.")


def test_decides_names_every_group_that_is_compared_and_the_attribute():
    (told,) = decides(result("conditional_pass", ALL_OF_THEM, at_least=0.8), "Ratio", words("en"))

    assert told.startswith("Ratio (age): if what was observed in each group stays the same")
    assert "of every group compared" in told
    assert all(f"‘{name}’ {n} → about " in told for name, n in (("a", 600), ("b", 600), ("c", 100)))


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_decides_names_the_two_groups_that_differ_most_where_their_rows_are_enough(lang):
    (told,) = decides(result("conditional_fail", RATIO, at_least=0.8), "Ratio", words(lang))

    assert {"ko": "두 집단", "en": "the two groups that differ most"}[lang] in told
    assert ["‘a’" in told, "‘b’" in told, "‘c’" in told] == [True, True, False]


def test_factor_of_two_groups_is_not_less_than_that_of_all():
    criterion = Criterion(at_least=0.8)

    assert advice.factor(RATIO, criterion, [0, 1]) >= advice.factor(RATIO, criterion) - 1e-6


def test_factor_of_groups_that_do_not_matter_is_without_end():
    assert advice.factor(RATIO, Criterion(at_least=0.8), [2]) == math.inf


def test_factor_of_two_groups_is_that_of_all_where_there_are_no_others():
    found = groups("a.b", "difference", {"1": (0.25, 60), "2": (0.4, 50)}, (0.15, 0.0, 0.33))
    criterion = Criterion(at_most=0.1)

    assert advice.factor(found, criterion, [0, 1]) == advice.factor(found, criterion)


def test_decides_tells_no_rows_of_a_group_that_is_withheld():
    small = groups("a.b", "ratio", {"a": (0.36, 200), "b": (0.5, 300), "d": (0.3, 3)}, (0.72, 0.53, 1.0))
    criterion = result("conditional_fail", RATIO, at_least=0.8)
    (told,) = decides(criterion, "Ratio", words("en"), Withheld.of([small]))

    assert "‘a’," in told
    assert "‘b’ 300 → about" in told


def test_decides_says_which_rows_a_rate_rests_on():
    wide = RATES.model_copy(update={"value": 0.15, "high": 0.33})
    wide.details["groups"][1]["value"] = 0.85
    (told,) = decides(result("conditional_fail", wide, at_most=0.05), "TPR", words("ko"))

    assert "실제 양성인 행" in told


def test_decides_says_that_more_rows_are_not_the_way_when_very_many_were_needed():
    found = groups("a.b", "difference", {"1": (15 / 60, 60), "2": (17 / 51, 51)}, (0.0833, 0.0, 0.262))
    (told,) = decides(result("conditional_pass", found, at_most=0.1), "FPR", words("en"))

    assert "more rows are not the practical way" in told
    assert "on the limit" not in told


def test_decides_does_not_promise_rows_when_the_estimate_lies_on_the_limit():
    (told,) = decides(result("conditional_pass", by_root((0.8, 0.7, 0.9)), at_least=0.8), "AUC", words("en"))

    assert told.startswith("AUC: the estimate lies practically on the limit")


def test_decides_says_what_to_hand_in_when_nothing_was_measured():
    found = unmeasured("leakage.training_overlap", "no_training_data")
    told = decides(result("inconclusive", found, at_most=0.01), "Overlap", words("en"))

    assert told == ("Overlap: It can be measured once the training data are handed in.",)


NEW_METHODS = {
    "score": (("a", 10.0, 9.0, 11.0, 100), ("b", 13.0, 12.2, 13.8, 150), ("c", 11.0, 10.2, 11.8, 150)),
    "target": (
        ("a", 1000.0, 900.0, 1100.0, 100),
        ("b", 1300.0, 1220.0, 1380.0, 150),
        ("c", 1110.0, 1030.0, 1190.0, 150),
    ),
    "auc": (("a", 0.70, 0.65, 0.75, 100), ("b", 0.80, 0.76, 0.84, 150), ("c", 0.74, 0.70, 0.78, 150)),
}


def new_method(unit):
    """A comparison as a check makes it of estimates that each have an interval of their own."""
    rows = NEW_METHODS[unit]
    value, low, high = (np.array([row[place] for row in rows]) for place in (1, 2, 3))
    wider = ndtri(group_mass(3, 0.95) / 2) / ndtri(0.025)
    limits = value - (value - low) * wider, value + (high - value) * wider
    gap = widest_difference(value, *limits, method="brand_new", greatest=math.inf)
    found = compared("a.b", "age", (gap.value, gap.low, gap.high), rows, unit)
    return found.model_copy(update={"method": "brand_new"}), gap


@pytest.mark.parametrize("unit", NEW_METHODS)
def test_factor_of_any_new_method_comes_from_its_groups(unit):
    found, gap = new_method(unit)
    limit = gap.value + (gap.high - gap.value) / 2
    times = advice.factor(found, Criterion(at_most=limit))

    assert times == pytest.approx(4, rel=0.01)


@pytest.mark.parametrize("unit", NEW_METHODS)
def test_decides_names_two_groups_whatever_the_unit(unit):
    found, gap = new_method(unit)
    limit = gap.value + (gap.high - gap.value) * 0.9
    (told,) = decides(result("conditional_pass", found, at_most=limit), "Gap", words("en"))

    assert "the two groups that differ most" in told
    assert "‘c’" not in told


@pytest.mark.parametrize("missing", ["value", "low", "n"])
def test_factor_falls_back_on_the_root_of_n_where_groups_lack_a_number(missing):
    found, gap = new_method("score")
    found.details["groups"][1][missing] = None

    assert advice.factor(found, Criterion(at_most=gap.value + (gap.high - gap.value) / 2)) == pytest.approx(4)
    assert advice.factor(found, Criterion(at_most=gap.value + 0.1), [0, 1]) == math.inf


def test_factor_falls_back_on_the_root_of_n_where_the_interval_was_made_in_another_way():
    found, _ = new_method("score")
    other = found.model_copy(update={"low": 2.9, "high": 3.1})

    assert advice.factor(other, Criterion(at_most=3.05)) == pytest.approx(4)
    assert advice.factor(other, Criterion(at_most=3.05), [0, 1]) == math.inf


@pytest.mark.parametrize(
    ("unit", "numbers", "limit"),
    [("target", (0.1, 0.0, 0.3), 0.05), ("score", (0.1, 0.0, 0.3), 0.05), ("dimensionless", (0.9, 0.7, 1.0), 0.95)],
)
def test_an_end_that_is_cut_off_counts_as_far_as_the_other_whatever_the_unit(unit, numbers, limit):
    cut = by_root(numbers).model_copy(update={"unit": unit})

    assert advice.factor(cut, Criterion(at_most=limit)) == pytest.approx((0.2 / 0.05) ** 2, rel=1e-3)


@pytest.mark.parametrize(
    ("settings", "told"),
    [({}, "takes 5,000 at most"), ({"sample_size": 9000}, "evaluation rows in all would decide it")],
)
def test_decides_knows_that_a_check_asks_so_many_rows_and_no_more(settings, told):
    found = measured("robustness.noise_consistency", (0.952, 0.944, 0.959), n=5000)
    criterion = result("conditional_pass", found, at_least=0.946, with_=settings)
    (text,) = decides(criterion, "Noise", words("en"))

    assert told in text


def test_decides_is_silent_when_the_verdict_stands():
    assert decides(result("fail", measured("a.b", (0.5, 0.4, 0.6)), at_least=0.8), "A", words("ko")) == ()


def test_failed_finding_says_nothing_of_what_would_decide_it():
    criteria = (
        result("fail", measured("performance.recall", (0.5, 0.4, 0.6)), at_least=0.8),
        result("conditional_fail", RATIO, at_least=0.8),
    )
    failed = Finding(
        item="FAI-02", severity="critical", verdict="fail", criteria=criteria, reasons=(Reason(code="small_groups"),)
    )
    (view,) = finding_views(assessment(findings=(failed,)), words("ko"))

    assert view.decides == ()


FILES = FileRows(
    evaluation=1428, training=900, groups={group_key({"afam": "no"}): 1222, group_key({"afam": "yes"}): 206}
)


def halved(check, unit="auc", **more):
    """A number of one half of the rows, the other having been learned from."""
    found = measured(check, (0.76, 0.70, 0.81), unit, n=710).model_copy(update={"method": "delta"})
    return found.model_copy(update={"details": {"of_n": 1428, **more}})


def told_of(found, lang="en", files=FILES, **limit):
    (text,) = decides(result("conditional_pass", found, **limit), "A", words(lang), files=files)
    return text


def test_rows_of_a_check_that_measures_on_a_half_are_those_of_the_file():
    text = told_of(halved("leakage.identifier_auc"), at_most=0.8)

    times = 0.05**2 / 0.04**2
    assert f"about {float(f'{1428 * times:.2g}'):,.0f} evaluation rows in all would decide it (now 1,428" in text
    assert "710 of them are measured now" in text


def proxies_by_half(**sizes):
    rows = [("no", 0.76, 0.70, 0.81, 616), ("yes", 0.76, 0.70, 0.81, 94)]
    found = compared("fairness.proxy_auc", "afam", (0.76, 0.70, 0.81), rows, "auc")
    groups, own = found.details["groups"], {"method": "newcombe_delong"}
    return found.model_copy(update={**own, "details": {"of_n": 1428, "groups": groups, **sizes}})


@pytest.mark.parametrize(
    ("lang", "told"),
    [("en", "(‘no’ 1,222 → about 1,900, ‘yes’ 206 → about 320; the whole evaluation data 1,428 → about 2,200)"),
     ("ko", "(‘no’ 1,222행 → 약 1,900행, ‘yes’ 206행 → 약 320행; 평가 데이터 전체 1,428행 → 약 2,200행)")],
)  # fmt: skip
def test_groups_of_a_check_that_measures_on_a_half_are_told_as_the_file_has_them(lang, told):
    text = told_of(proxies_by_half(), lang, at_most=0.8)

    assert told in text
    assert "616" not in text


def test_a_group_of_a_half_is_told_without_rows_where_no_measurement_counted_it():
    assert "(‘no’, ‘yes’; " in told_of(proxies_by_half(), files=FileRows(evaluation=1428), at_most=0.8)


@pytest.mark.parametrize("check", ["drift.domain_classifier_auc", "privacy.membership_inference_auc"])
def test_rows_of_two_files_are_told_of_both(check):
    text = told_of(halved(check), at_most=0.8)

    assert "about 2,200 evaluation rows in all (now 1,428) with about 1,400 training rows (now 900)" in text


def test_rows_beyond_a_sample_of_a_set_size_are_no_advice():
    wide = halved("fairness.proxy_auc").model_copy(update={"details": {"of_n": 60_000}, "n": 2500})
    text = told_of(wide, files=FileRows(evaluation=60_000), at_most=0.8)

    assert text.startswith("A: this check takes 5,000 rows at most, however many there are")


def test_rows_beyond_what_an_option_may_take_are_no_advice():
    found = measured("robustness.noise_consistency", (0.952, 0.944, 0.959), n=5000)
    text = told_of(found, files=FileRows(evaluation=60_000), at_least=0.9505)

    assert "takes 5,000 rows at most" in text
    assert "sample_size" not in text


def test_an_option_that_has_to_be_raised_is_told_with_the_rows_that_there_are():
    found = measured("robustness.noise_consistency", (0.952, 0.944, 0.959), n=5000)
    text = told_of(found, files=FileRows(evaluation=60_000), at_least=0.946)

    assert "evaluation rows would have to be measured (the data hold 60,000)" in text
    assert "takes 5,000 at most, so sample_size in the checklist has to be raised" in text


def test_invalid_inputs_are_no_rows_of_the_file():
    found = measured("robustness.invalid_input_handling", (0.97, 0.91, 0.99), n=100)

    assert "invalid inputs (now 100; inputs in the checklist)" in told_of(found, at_least=0.95)


def test_rows_of_a_group_that_is_judged_alone_are_told_of_that_group():
    one = by_root((0.76, 0.74, 0.78)).model_copy(update={"slice": {"afam": "yes"}, "by": ("afam",)})
    text = told_of(one.model_copy(update={"details": {"rows": 206}, "n": 103}), at_least=0.75)

    assert "about 820 rows of this group in all would decide it (now 206" in text
    assert "103 of them are measured now" in text


def test_no_rows_are_told_of_a_group_that_is_withheld():
    one = by_root((0.76, 0.74, 0.78)).model_copy(update={"slice": {"age": "b"}, "by": ("age",), "n": 300})
    small = groups("a.b", "ratio", {"a": (0.36, 400), "b": (0.5, 300), "d": (0.3, 3)}, (0.72, 0.53, 1.0))
    (text,) = decides(result("conditional_pass", one, at_least=0.75), "A", words("en"), Withheld.of([small]))

    assert "about 4.0 times as many rows of this group would decide it" in text
    assert "300" not in text


@pytest.mark.parametrize(
    ("n", "now", "text"), [(1413, 0, "1,400"), (26_312, 900, "26,000"), (98, 0, "98"), (223.4, 221, "223")]
)
def test_rows_are_rounded_to_what_an_estimate_holds_and_never_below_those_that_there_are(n, now, text):
    assert advice.wanted(n, now) == text


def test_no_word_of_rows_is_that_of_a_reason():
    ours = {"in_all", "part", "rows", "rows_of_group", "rows_of_both", "group_rows", "group_times", "groups", "pair",
            "inputs", "sampled", "sampled_all", "too_many", "others", "at_limit",
            "training_alike", "any_rows"}  # fmt: skip

    assert not ours & REASONS


def test_sizes_of_groups_come_from_measurements_that_count_every_row():
    part = compared(
        "fairness.true_positive_rate_difference", "sex", (0.1, 0.0, 0.2), [("a", 0.1, 0, 1, 900)], "difference"
    )
    every = compared(
        "fairness.selection_rate_ratio",
        "sex",
        (0.9, 0.8, 1.0),
        [("a", 0.1, 0, 1, 2000), ("b", 0.1, 0, 1, 412)],
        "ratio",
    )
    found = Finding(item="FAI-02", severity="major", verdict="conditional_pass", criteria=(
        result("conditional_pass", part, at_most=0.1), result("conditional_pass", every, at_least=0.8)))  # fmt: skip
    rows = FileRows.of(assessment(findings=(found,)))

    assert (rows.evaluation, rows.training) == (2412, None)
    assert (rows.of_group({"sex": "a"}), rows.of_group({"sex": "c"})) == (2000, None)

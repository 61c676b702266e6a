import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reliability.checklist.judge import because, distinct, judge, verdict, without_number, worst
from reliability.records import FAILURES, REASONS, UNASKED, WORST_FIRST, Criterion, Measurement, Reason

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)
GOODNESS = {"fail": 0, "conditional_fail": 1, "inconclusive": 1, "conditional_pass": 2, "pass": 3}


def criterion(rule="guarded", **limit):
    return Criterion.model_validate({"check": "performance.accuracy", "rule": rule, "source": "house default", **limit})


def measured(value, low=None, high=None, *, reason=None, n=100, **more):
    if reason is None and None in (value, low, high):
        reason = "no_interval"
    given_reason = None if reason is None else Reason(code=reason)
    return Measurement(value=value, low=low, high=high, n=n, unit="share", reason=given_reason, **more)


def sliced(level, value, low, high, *, adjusted=None, by="sex", **more):
    details = {} if adjusted is None else {"adjusted": {"low": adjusted[0], "high": adjusted[1], "confidence": 0.975}}
    return measured(value, low, high, by=(by,), slice={by: level}, details=details, **more)


# position of the interval against 0.8: (value, low, high)
ABOVE, TOUCHING = (0.9, 0.85, 0.95), (0.9, 0.8, 0.95)
OVER, ON = (0.85, 0.75, 0.9), (0.8, 0.75, 0.9)
UNDER, REACHING, BELOW = (0.75, 0.7, 0.85), (0.75, 0.7, 0.8), (0.7, 0.6, 0.75)

AT_LEAST = [
    ("simple", ABOVE, "pass"), ("simple", TOUCHING, "pass"), ("simple", OVER, "pass"), ("simple", ON, "pass"),
    ("simple", UNDER, "fail"), ("simple", REACHING, "fail"), ("simple", BELOW, "fail"),
    ("guarded", ABOVE, "pass"), ("guarded", TOUCHING, "pass"), ("guarded", OVER, "inconclusive"),
    ("guarded", ON, "inconclusive"), ("guarded", UNDER, "inconclusive"), ("guarded", REACHING, "inconclusive"),
    ("guarded", BELOW, "fail"),
    ("four_way", ABOVE, "pass"), ("four_way", TOUCHING, "pass"), ("four_way", OVER, "conditional_pass"),
    ("four_way", ON, "conditional_pass"), ("four_way", UNDER, "conditional_fail"),
    ("four_way", REACHING, "conditional_fail"), ("four_way", BELOW, "fail"),
    ("exact", ABOVE, "pass"), ("exact", ON, "pass"), ("exact", UNDER, "fail"), ("exact", BELOW, "fail"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "interval", "expected"), AT_LEAST)
def test_verdict_follows_the_rule_when_there_is_a_lower_limit(rule, interval, expected):
    assert verdict(criterion(rule, at_least=0.8), *interval) == expected


@pytest.mark.parametrize(("rule", "interval", "expected"), AT_LEAST)
def test_verdict_is_mirrored_when_there_is_an_upper_limit(rule, interval, expected):
    value, low, high = interval

    assert verdict(criterion(rule, at_most=-0.8), -value, -high, -low) == expected


@pytest.mark.parametrize(
    ("rule", "interval", "expected"),
    [
        ("guarded", (0.5, 0.45, 0.55), "pass"),
        ("guarded", (0.5, 0.35, 0.55), "inconclusive"),
        ("guarded", (0.5, 0.45, 0.65), "inconclusive"),
        ("guarded", (0.3, 0.25, 0.35), "fail"),
        ("guarded", (0.7, 0.65, 0.75), "fail"),
        ("four_way", (0.5, 0.35, 0.55), "conditional_pass"),
        ("four_way", (0.5, 0.35, 0.65), "conditional_pass"),
        ("four_way", (0.39, 0.35, 0.45), "conditional_fail"),
        ("four_way", (0.61, 0.55, 0.65), "conditional_fail"),
        ("four_way", (0.7, 0.65, 0.75), "fail"),
        ("simple", (0.4, 0.0, 1.0), "pass"),
        ("simple", (0.39, 0.0, 1.0), "fail"),
        ("exact", (0.6, None, None), "pass"),
        ("exact", (0.61, None, None), "fail"),
    ],
)
def test_verdict_takes_the_worse_side_when_there_are_two_limits(rule, interval, expected):
    assert verdict(criterion(rule, between=[0.4, 0.6]), *interval) == expected


@pytest.mark.parametrize(
    ("rule", "value", "expected"),
    [
        ("exact", 0.0, "pass"),
        ("exact", 1e-9, "pass"),
        ("exact", -1e-9, "pass"),
        ("exact", 2e-9, "fail"),
        ("exact", -2e-9, "fail"),
        ("simple", 0.0, "pass"),
        ("simple", 1e-9, "fail"),
    ],
)
def test_equals_allows_only_the_tolerance(rule, value, expected):
    assert verdict(criterion(rule, equals=0), value, None, None) == expected


@pytest.mark.parametrize(("value", "expected"), [(0.8 - 1e-9, "pass"), (0.8 - 2e-9, "fail"), (0.8, "pass")])
def test_exact_forgives_rounding_only(value, expected):
    assert verdict(criterion("exact", at_least=0.8), value, None, None) == expected


@pytest.mark.parametrize("rule", ["simple", "guarded", "four_way", "exact"])
@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("limit", [{"at_least": 0.5}, {"at_most": 0.5}, {"between": [0.1, 0.9]}, {"equals": 0.5}])
def test_verdict_is_inconclusive_when_the_value_is_no_number(rule, value, limit):
    assert verdict(criterion(rule, **limit), value, 0.5, 0.5) == "inconclusive"


@pytest.mark.parametrize("rule", ["guarded", "four_way"])
@pytest.mark.parametrize(("low", "high"), [(None, 0.9), (0.9, None), (None, None), (float("nan"), 1.0)])
def test_verdict_is_inconclusive_when_a_bound_is_missing(rule, low, high):
    assert verdict(criterion(rule, at_least=0.5), 0.9, low, high) == "inconclusive"


def test_verdict_is_inconclusive_when_there_is_no_limit():
    assert verdict(criterion("simple"), 0.9, 0.8, 1.0) == "inconclusive"


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_guarded_never_passes_when_the_value_is_below_the_limit(value, low, high, limit):
    assume(value < limit)

    assert verdict(criterion("guarded", at_least=limit), value, low, high) != "pass"


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_guarded_never_fails_when_the_value_meets_the_limit(value, low, high, limit):
    assume(value >= limit)

    assert verdict(criterion("guarded", at_least=limit), value, low, high) != "fail"


@given(
    st.sampled_from(["guarded", "four_way"]),
    st.lists(NUMBERS, min_size=5, max_size=5).map(sorted),
    NUMBERS,
    st.sampled_from(["at_least", "at_most"]),
)
def test_wider_interval_never_settles_more(rule, points, limit, direction):
    outer_low, low, value, high, outer_high = points
    asked = criterion(rule, **{direction: limit})
    narrow, wide = verdict(asked, value, low, high), verdict(asked, value, outer_low, outer_high)

    assert wide == narrow or wide in {"inconclusive", "conditional_pass", "conditional_fail"}


@given(st.sampled_from(["simple", "guarded", "four_way", "exact"]), st.lists(NUMBERS, min_size=3, max_size=3), NUMBERS)
def test_better_interval_never_gets_a_worse_verdict(rule, points, limit):
    low, value, high = sorted(points)
    asked = criterion(rule, at_least=limit)

    assert GOODNESS[verdict(asked, value + 1, low + 1, high + 1)] >= GOODNESS[verdict(asked, value, low, high)]


@given(st.lists(NUMBERS, min_size=3, max_size=3), NUMBERS, NUMBERS)
def test_four_way_passes_and_fails_exactly_where_guarded_does(points, one, other):
    low, value, high = sorted(points)
    between = sorted([one, other])
    guarded = verdict(criterion("guarded", between=between), value, low, high)
    four_way = verdict(criterion("four_way", between=between), value, low, high)

    assert (guarded == "pass") == (four_way == "pass")
    assert (guarded == "fail") == (four_way == "fail")


@pytest.mark.parametrize("code", sorted(REASONS))
def test_unmeasured_is_never_passed_for_any_reason(code):
    result = judge(criterion("simple", at_least=0.0), [measured(None, reason=code)])
    expected = "error" if code in FAILURES else "not_assessed" if code in UNASKED else "inconclusive"

    assert result.verdict == without_number(Reason(code=code)) == expected
    assert [reason.code for reason in result.reasons] == [code]


def test_measurement_is_inconclusive_when_it_is_not_judged():
    result = judge(criterion("simple", at_least=0.5), [measured(0.9, 0.8, 1.0, judged=False, reason="clustered_rows")])

    assert (result.verdict, [reason.code for reason in result.reasons]) == ("inconclusive", ["clustered_rows"])


def test_judged_measurement_keeps_its_verdict_when_it_carries_a_reason():
    result = judge(criterion("guarded", at_least=0.5), [measured(0.9, 0.8, 1.0, reason="clustered_rows")])

    assert (result.verdict, result.reasons) == ("pass", ())


@pytest.mark.parametrize("rule", ["simple", "guarded", "four_way", "exact"])
@pytest.mark.parametrize(("value", "expected"), [(0.95, "pass"), (0.949, "fail")])
def test_share_of_the_whole_file_is_its_own_interval(rule, value, expected):
    assert judge(criterion(rule, at_least=0.95), [measured(value, reason="whole_file")]).verdict == expected


@pytest.mark.parametrize(("rule", "expected"), [("guarded", "inconclusive"), ("four_way", "inconclusive")])
def test_value_without_interval_is_inconclusive_when_the_rule_looks_at_it(rule, expected):
    assert judge(criterion(rule, at_least=0.5), [measured(0.9, reason="no_interval")]).verdict == expected


def test_comparisons_take_the_worst_of_their_attributes():
    sex = measured(0.9, 0.85, 0.95, by=("sex",))
    age = measured(0.7, 0.6, 0.75, by=("age",))

    assert judge(criterion("four_way", at_least=0.8), [sex, age]).verdict == "fail"
    assert judge(criterion("four_way", at_least=0.8), [sex]).verdict == "pass"


def test_classes_take_the_worst_of_them():
    classes = [measured(0.9, 0.85, 0.95, of="a"), measured(0.82, 0.7, 0.9, of="b")]

    assert judge(criterion("four_way", at_least=0.8), classes).verdict == "conditional_pass"


def test_report_is_shown_and_never_judged():
    result = judge(Criterion(check="performance.accuracy", report=True), [measured(0.1, 0.0, 0.2)])

    assert (result.verdict, len(result.measurements)) == ("reported", 1)


def test_declared_criterion_is_not_assessed_when_nothing_is_declared():
    result = judge(Criterion(declared="performance", rule="guarded"))

    assert (result.verdict, [reason.code for reason in result.reasons]) == ("not_assessed", ["declared_nothing"])


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("no_training_data", "inconclusive"),
        ("no_sensitive", "inconclusive"),
        ("model_crashed", "error"),
        ("sandbox_unavailable", "error"),
        ("declared_nothing", "not_assessed"),
    ],
)
def test_lacking_input_gives_its_verdict_and_its_reason(code, expected):
    result = judge(criterion("guarded", at_least=0.5), lacking=Reason(code=code))

    assert (result.verdict, [reason.code for reason in result.reasons]) == (expected, [code])


def test_nothing_measured_is_inconclusive():
    assert judge(criterion("simple", at_least=0.0), []).verdict == "inconclusive"


def test_slices_pass_when_every_one_passes():
    slices = [sliced("F", 0.9, 0.85, 0.95), sliced("M", 0.9, 0.81, 0.95)]

    assert judge(criterion("guarded", at_least=0.8), slices).verdict == "pass"


@pytest.mark.parametrize(
    ("adjusted", "expected"), [((0.55, 0.79), "fail"), ((0.55, 0.81), "conditional_fail"), (None, "conditional_fail")]
)
@pytest.mark.parametrize("rule", ["guarded", "four_way"])
def test_slices_fail_only_when_one_also_fails_at_its_adjusted_interval(rule, adjusted, expected):
    slices = [sliced("F", 0.7, 0.6, 0.75, adjusted=adjusted), sliced("M", 0.9, 0.85, 0.95, adjusted=(0.84, 0.96))]

    assert judge(criterion(rule, at_least=0.8), slices).verdict == expected


@pytest.mark.parametrize("rule", ["simple", "exact"])
def test_slices_fail_on_the_value_when_the_rule_looks_at_nothing_else(rule):
    slices = [sliced("F", 0.7, 0.6, 0.9), sliced("M", 0.9, 0.85, 0.95)]

    assert judge(criterion(rule, at_least=0.8), slices).verdict == "fail"


@pytest.mark.parametrize(("limit", "expected"), [({"at_most": 0.0}, "pass"), ({"at_least": 0.1}, "fail")])
@pytest.mark.parametrize("rule", ["simple", "guarded", "four_way", "exact"])
@pytest.mark.parametrize("reason", ["not_an_input", "no_identifiers", "no_text_features", "no_categories"])
def test_what_cannot_be_otherwise_is_judged_by_its_value(rule, limit, expected, reason):
    assert judge(criterion(rule, **limit), [measured(0.0, reason=reason)]).verdict == expected


def test_slices_of_whole_files_fail_on_their_value():
    slices = [sliced("F", 0.7, None, None, reason="whole_file"), sliced("M", 0.9, None, None, reason="whole_file")]

    assert judge(criterion("guarded", at_least=0.8), slices).verdict == "fail"


def test_slices_keep_the_worst_verdict_short_of_fail():
    slices = [sliced("F", 0.78, 0.7, 0.85), sliced("M", 0.9, 0.85, 0.95)]

    assert judge(criterion("four_way", at_least=0.8), slices).verdict == "conditional_fail"


def test_slice_is_an_error_when_the_model_failed_on_it():
    slices = [sliced("F", None, None, None, reason="model_timeout"), sliced("M", 0.9, 0.85, 0.95)]

    assert judge(criterion("guarded", at_least=0.8), slices).verdict == "error"


def test_slice_without_its_class_is_inconclusive():
    slices = [sliced("F", None, None, None, reason="one_class"), sliced("M", 0.9, 0.85, 0.95), sliced("X", 1, 0.9, 1)]
    result = judge(criterion("guarded", at_least=0.8), slices)

    assert (result.verdict, [reason.code for reason in result.reasons]) == ("inconclusive", ["one_class"])


@pytest.mark.parametrize(("n", "expected"), [(10, "pass"), (11, "inconclusive")])
def test_small_groups_stop_a_pass_when_they_hold_over_five_percent(n, expected):
    large = [sliced(level, 0.9, 0.85, 0.95, n=95) for level in "FM"]
    small = sliced("X", None, None, None, n=n, judged=False, reason="group_too_small")

    assert judge(criterion("guarded", at_least=0.8), [*large, small]).verdict == expected


def test_unknown_group_is_never_judged_and_counts_towards_the_five_percent():
    large = [sliced(level, 0.9, 0.85, 0.95, n=95) for level in "FM"]
    unknown = sliced(None, 0.1, 0.05, 0.2, n=5)

    assert judge(criterion("guarded", at_least=0.8), [*large, unknown]).verdict == "pass"
    assert judge(criterion("guarded", at_least=0.8), [*large, unknown, unknown, unknown]).verdict == "inconclusive"


def test_rows_of_a_slice_are_taken_from_its_details_where_n_counts_something_else():
    large = [sliced(level, 0.9, 0.85, 0.95, n=95) for level in "FM"]
    unknown = measured(0.5, 0.4, 0.6, by=("sex",), slice={"sex": None}, n=2, details={"rows": 50})

    assert judge(criterion("guarded", at_least=0.8), [*large, unknown]).verdict == "inconclusive"


@pytest.mark.parametrize(("value", "low", "expected"), [(0.9, 0.85, "inconclusive"), (0.5, 0.4, "fail")])
def test_one_group_alone_cannot_pass_but_can_fail(value, low, expected):
    result = judge(criterion("guarded", at_least=0.8), [sliced("F", value, low, value + 0.05)])

    assert result.verdict == expected
    assert [reason.code for reason in result.reasons] == ["fewer_than_two_groups"]


def test_slices_are_judged_within_their_attribute():
    by_sex = [sliced(level, 0.9, 0.85, 0.95) for level in "FM"]
    by_age = [sliced(level, 0.9, 0.85, 0.95, by="age") for level in ("0-30",)]

    assert judge(criterion("guarded", at_least=0.8), by_sex + by_age).verdict == "inconclusive"


@given(st.lists(st.sampled_from([*WORST_FIRST, "reported", "not_applicable"])))
def test_worst_is_the_first_in_the_order_and_ignores_what_does_not_count(verdicts):
    counted = [one for one in verdicts if one in WORST_FIRST]

    if counted:
        assert worst(verdicts) == min(counted, key=WORST_FIRST.index)
    else:
        assert worst(verdicts) in {"reported", "not_applicable"}


def test_reasons_are_said_once_in_order():
    one, two = because("small_groups", by=["sex"]), because("no_rows")

    assert distinct([one, two, one]) == (one, two)


def test_records_keep_every_measurement_they_rest_on():
    given_ones = [measured(0.9, 0.85, 0.95), measured(None, reason="no_scores")]

    assert judge(criterion("guarded", at_least=0.5), given_ones).measurements == tuple(given_ones)


@pytest.mark.parametrize(
    ("rule", "interval", "expected"),
    [
        ("simple", (0.02, 0.0, 0.2), "pass"),
        ("simple", (0.10, 0.0, 0.2), "pass"),
        ("simple", (0.11, 0.0, 0.2), "fail"),
        ("guarded", (0.05, 0.01, 0.09), "pass"),
        ("guarded", (0.05, 0.01, 0.10), "pass"),
        ("guarded", (0.05, 0.01, 0.11), "inconclusive"),
        ("guarded", (0.15, 0.10, 0.20), "inconclusive"),
        ("guarded", (0.15, 0.11, 0.20), "fail"),
        ("four_way", (0.05, 0.01, 0.10), "pass"),
        ("four_way", (0.10, 0.01, 0.11), "conditional_pass"),
        ("four_way", (0.11, 0.10, 0.20), "conditional_fail"),
        ("four_way", (0.15, 0.11, 0.20), "fail"),
        ("exact", (0.10 + 1e-9, None, None), "pass"),
        ("exact", (0.10 + 2e-9, None, None), "fail"),
    ],
)
def test_verdict_follows_the_rule_when_there_is_an_upper_limit(rule, interval, expected):
    assert verdict(criterion(rule, at_most=0.1), *interval) == expected


INTERVALS = st.lists(st.floats(0, 1), min_size=3, max_size=3).map(sorted)
RULES = st.sampled_from(["simple", "guarded", "four_way", "exact"])


@given(RULES, st.lists(INTERVALS, min_size=1, max_size=4))
def test_comparisons_are_the_worst_of_each_judged_alone(rule, intervals):
    asked = criterion(rule, at_least=0.5)
    each = [measured(value, low, high) for low, value, high in intervals]

    assert judge(asked, each).verdict == worst(judge(asked, [one]).verdict for one in each)


@given(RULES, st.lists(INTERVALS, min_size=2, max_size=4), st.randoms())
def test_verdict_ignores_the_order_of_measurements(rule, intervals, random):
    slices = [sliced(f"g{i}", value, low, high, adjusted=(0, 1)) for i, (low, value, high) in enumerate(intervals)]
    shuffled = random.sample(slices, len(slices))

    assert (
        judge(criterion(rule, at_least=0.5), slices).verdict == judge(criterion(rule, at_least=0.5), shuffled).verdict
    )


@given(RULES, st.lists(INTERVALS, min_size=2, max_size=4))
def test_slices_pass_only_when_every_slice_passes(rule, intervals):
    asked = criterion(rule, at_least=0.5)
    slices = [sliced(f"g{i}", value, low, high, adjusted=(0, 1)) for i, (low, value, high) in enumerate(intervals)]
    alone = [verdict(asked, value, low, high) for low, value, high in intervals]

    assert (judge(asked, slices).verdict == "pass") == (set(alone) == {"pass"})


@given(st.lists(INTERVALS, min_size=2, max_size=4), INTERVALS, st.integers(0, 500))
def test_small_group_never_improves_a_verdict(intervals, small, n):
    asked = criterion("four_way", at_least=0.5)
    slices = [sliced(f"g{i}", value, low, high, adjusted=(0, 1)) for i, (low, value, high) in enumerate(intervals)]
    low, value, high = small
    listed = sliced("few", value, low, high, n=n, judged=False, reason="group_too_small")
    before, after = judge(asked, slices).verdict, judge(asked, [*slices, listed]).verdict

    assert WORST_FIRST.index(after) <= WORST_FIRST.index(before)


@given(st.lists(INTERVALS, min_size=2, max_size=4))
def test_slices_without_an_adjusted_interval_never_fail_on_their_sampled_interval(intervals):
    slices = [sliced(f"g{i}", value, low, high) for i, (low, value, high) in enumerate(intervals)]

    assert judge(criterion("guarded", at_least=0.5), slices).verdict != "fail"


def test_reasons_of_every_grouping_are_kept_in_order():
    by_sex = [sliced(level, 0.9, 0.85, 0.95, n=95) for level in "FM"]
    few = sliced("X", None, None, None, n=11, judged=False, reason="group_too_small")
    by_age = [sliced("0-30", 0.9, 0.85, 0.95, by="age")]
    result = judge(criterion("guarded", at_least=0.8), [*by_sex, few, *by_age])

    assert [reason.code for reason in result.reasons] == ["small_groups", "fewer_than_two_groups"]
    assert result.reasons[0].with_ == {"by": ["sex"], "share": 11 / 201}
    assert result.reasons[1].with_ == {"by": ["age"]}


def test_lacking_is_said_before_what_was_measured():
    sex = [sliced("F", 0.9, 0.85, 0.95)]
    result = judge(criterion("guarded", at_least=0.8), sex, lacking=Reason(code="no_sensitive"))

    assert [reason.code for reason in result.reasons] == ["no_sensitive", "fewer_than_two_groups"]
    assert result.verdict == "inconclusive"


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([], "not_applicable"),
        (["not_applicable"], "not_applicable"),
        (["reported"], "reported"),
        (["not_applicable", "reported"], "reported"),
        (["reported", "not_applicable", "pass"], "pass"),
    ],
)
def test_worst_of_what_does_not_count_is_what_was_at_least_reported(verdicts, expected):
    assert worst(verdicts) == expected


def test_nothing_measured_for_no_reason_is_inconclusive():
    assert without_number(None) == "inconclusive"


def test_measurement_that_is_not_judged_for_no_reason_is_inconclusive():
    result = judge(criterion("guarded", at_least=0.5), [measured(0.9, 0.8, 1.0, judged=False)])

    assert (result.verdict, result.reasons) == ("inconclusive", ())


def test_slices_that_are_judged_give_no_reasons():
    slices = [sliced(level, 0.9, None, None, reason="whole_file") for level in "FM"]
    result = judge(criterion("guarded", at_least=0.8), slices)

    assert (result.verdict, result.reasons) == ("pass", ())


def test_slices_that_are_not_judged_for_no_reason_are_inconclusive():
    slices = [sliced(level, 0.9, 0.85, 0.95) for level in "FMX"]
    result = judge(criterion("guarded", at_least=0.8), [*slices, sliced("Y", 0.9, 0.85, 0.95, judged=False)])

    assert (result.verdict, result.reasons) == ("inconclusive", ())


@pytest.mark.parametrize(("rows", "share"), [((1, 0, 0), 1.0), ((0, 0, 0), 0.0), ((1, 1, 0), 0.5), ((2, 1, 1), 0.5)])
def test_share_of_small_groups_is_that_of_all_rows_however_few(rows, share):
    small = sliced("X", None, None, None, n=rows[0], judged=False, reason="group_too_small")
    large = [sliced(level, 0.9, 0.85, 0.95, n=n) for level, n in zip("FM", rows[1:], strict=True)]
    result = judge(criterion("guarded", at_least=0.8), [small, *large])

    assert [reason.with_["share"] for reason in result.reasons] == ([share] if share else [])
    assert result.verdict == ("inconclusive" if share else "pass")


@pytest.mark.parametrize("rule", ["simple", "exact"])
@pytest.mark.parametrize(("low", "high"), [(None, None), (0.0, 1.0), (0.99, 0.01)])
def test_rules_on_the_value_do_not_look_at_the_interval(rule, low, high):
    assert verdict(criterion(rule, at_least=0.5), 0.5, low, high) == "pass"
    assert verdict(criterion(rule, at_least=0.5), 0.49, low, high) == "fail"

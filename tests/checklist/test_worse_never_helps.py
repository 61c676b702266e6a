"""Properties of judging: whatever gets worse, nothing that is said gets better."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.checklist.judge import judge, verdict, worst
from reliability.checklist.outcome import outcome_of
from reliability.checklist.written import Bars
from reliability.records import WORST_FIRST, Criterion, Finding, Measurement, Reason

BEST_FIRST = ("conforms", "conforms_with_conditions", "undetermined", "does_not_conform")
SEVERITIES = ("critical", "major", "minor")
BARS = Bars.model_validate({"critical": "pass", "major": "conditional_pass", "open_minor": 1})
VERDICTS = st.sampled_from(WORST_FIRST)
RULES = ("simple", "guarded", "four_way", "exact")
NUMBERS = st.floats(0, 1, allow_nan=False)


def finding(place, severity, said):
    return Finding(item=f"A-{place}", severity=severity, verdict=said)


def rank(findings, own=None):
    return BEST_FIRST.index(outcome_of(findings, BARS, own or {}))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(SEVERITIES), VERDICTS), min_size=1, max_size=6), st.data())
def test_failing_one_more_item_never_betters_the_outcome(drawn, data):
    findings = [finding(place, *one) for place, one in enumerate(drawn)]
    place = data.draw(st.integers(0, len(findings) - 1))
    failed = [*findings[:place], findings[place].model_copy(update={"verdict": "fail"}), *findings[place + 1 :]]

    assert rank(failed) >= rank(findings) or findings[place].severity == "minor"


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(SEVERITIES), VERDICTS), min_size=1, max_size=6), st.data())
def test_passing_one_more_item_never_worsens_the_outcome(drawn, data):
    findings = [finding(place, *one) for place, one in enumerate(drawn)]
    place = data.draw(st.integers(0, len(findings) - 1))
    passed = [*findings[:place], findings[place].model_copy(update={"verdict": "pass"}), *findings[place + 1 :]]

    assert rank(passed) <= rank(findings)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(SEVERITIES), VERDICTS), min_size=1, max_size=6))
def test_order_of_the_findings_does_not_matter(drawn):
    findings = [finding(place, *one) for place, one in enumerate(drawn)]

    assert rank(findings) == rank(findings[::-1])


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("said", ["reported", "not_applicable"])
def test_what_does_not_count_leaves_the_outcome_as_it_is(severity, said):
    rest = [finding(0, "major", "conditional_pass")]

    assert rank([*rest, finding(1, severity, said)]) == rank(rest)


@pytest.mark.parametrize(("said", "outcome"), [("conditional_pass", "undetermined"), ("pass", "conforms")])
def test_an_item_s_own_bar_wins_over_that_of_its_severity(said, outcome):
    findings = [finding(0, "major", said)]

    assert outcome_of(findings, BARS, {"A-0": "pass"}) == outcome


@pytest.mark.parametrize(("failed", "outcome"), [(1, "conforms_with_conditions"), (2, "does_not_conform")])
def test_more_minor_items_than_allowed_decide(failed, outcome):
    findings = [finding(place, "minor", "fail" if place < failed else "pass") for place in range(4)]

    assert outcome_of(findings, BARS, {}) == outcome


@settings(max_examples=200, deadline=None)
@given(st.lists(VERDICTS, min_size=1, max_size=5), VERDICTS)
def test_worst_is_the_same_in_any_order_and_only_gets_worse(said, more):
    assert worst(said) == worst(said[::-1]) == worst(sorted(said))
    assert WORST_FIRST.index(worst([*said, more])) <= WORST_FIRST.index(worst(said))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(RULES), NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_a_stricter_lower_limit_never_betters_a_verdict(rule, first, second, third, limit, more):
    low, value, high = sorted((first, second, third))
    easy, strict = (Criterion(check="a.b", at_least=bound, rule=rule) for bound in sorted((limit, more)))

    ranks = [WORST_FIRST.index(verdict(one, value, low, high)) for one in (easy, strict)]
    assert ranks[1] <= ranks[0]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(RULES), NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_an_upper_limit_is_a_lower_limit_in_the_mirror(rule, first, second, third, limit):
    low, value, high = sorted((first, second, third))
    above = Criterion(check="a.b", at_least=limit, rule=rule)
    below = Criterion(check="a.b", at_most=-limit, rule=rule)

    assert verdict(above, value, low, high) == verdict(below, -value, -high, -low)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(RULES), NUMBERS, NUMBERS)
def test_between_is_the_worse_of_its_two_limits(rule, value, limit):
    low, high = sorted((limit, 0.5))
    both = Criterion(check="a.b", between=(low, high), rule=rule)
    apart = [Criterion(check="a.b", at_least=low, rule=rule), Criterion(check="a.b", at_most=high, rule=rule)]

    assert verdict(both, value, value, value) == worst(verdict(one, value, value, value) for one in apart)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("code", ["no_rows", "model_raised", "answer_missing", "small_groups"])
def test_nothing_that_was_not_measured_passes_or_fails(rule, code):
    nothing = Measurement(check="a.b", value=None, n=0, unit="share", judged=False, reason=Reason(code=code))
    criterion = Criterion(check="a.b", at_least=0.0, rule=rule)

    assert judge(criterion, (nothing,)).verdict in {"inconclusive", "error", "not_assessed"}
    assert judge(criterion, (), lacking=Reason(code=code)).verdict in {"inconclusive", "error", "not_assessed"}

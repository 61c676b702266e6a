import pytest

from reliability.changes import ComparedGroup, Difference, MeasurementChange
from reliability.compare.cases import Case
from reliability.compare.comparison import compare
from reliability.records import Criterion, Measurement, Reason
from reliability.reports.comparison_measurements import CLAIMS, measured_groups, unchanged
from reliability.words.text import LANGUAGES, words
from tests.reports.sample import assessment

NOTHING = compare(Case(assessment=assessment()), Case(assessment=assessment()))


def measurement(value, low, high, **changes):
    given = {
        "check": "performance.accuracy", "value": value, "low": low, "high": high, "n": 400, "unit": "share",
        "confidence": 0.95, "method": "clopper_pearson",
    }  # fmt: skip
    return Measurement(**(given | changes))


def change(before, after, claim="better", **more):
    value = (after.value or 0) - (before.value or 0)
    difference = Difference(
        value=value, low=value - 0.05, high=value + 0.05, confidence=0.95, method="mover", p_value=0.01, adjusted=0.02
    )
    given = {
        "basis": "unpaired",
        "difference": difference,
        "criterion": Criterion(check=after.check, at_least=0.5, rule="guarded"),
    }
    return MeasurementChange(items=("PER-01",), before=before, after=after, claim=claim, **(given | more))


def told(*changes, lang="en", **identity):
    """The groups of these changes."""
    after = NOTHING.after.model_copy(update=identity)
    return list(measured_groups(NOTHING.model_copy(update={"measurements": changes, "after": after}), words(lang)))


def line(one, lang="en", **identity):
    """The line of one change."""
    ((only,),) = [group.lines for group in told(one, lang=lang, **identity)]
    return only


def test_groups_stand_worst_first():
    one, other = measurement(0.6, 0.5, 0.7), measurement(0.8, 0.7, 0.9)
    groups = told(*(change(one, other, claim) for claim in reversed(CLAIMS)))

    assert [group.claim for group in groups] == list(CLAIMS)


def test_what_is_the_same_is_not_listed_but_counted():
    one = measurement(0.6, 0.5, 0.7)
    same = NOTHING.model_copy(update={"measurements": (change(one, one, "same"), change(one, one, "same"))})

    assert list(measured_groups(same, words("en"))) == []
    assert unchanged(same, words("en")) == "All 2 measurements are as before."


def test_untested_ones_are_grouped_by_their_reason():
    one, other = measurement(0.6, 0.5, 0.7), measurement(0.8, 0.7, 0.9)
    reasons = ("not_validated", "reported_only", "not_validated")
    groups = told(*(change(one, other, "untested", reason=reason) for reason in reasons))

    assert [(group.why[:12], len(group.lines)) for group in groups] == [("No method th", 2), ("Reported onl", 1)]


@pytest.mark.parametrize(
    ("unit", "values", "texts"),
    [
        ("share", (0.6, 0.8), ("60.0%", "80.0%", "+20.0 pp", "+15.0 pp – +25.0 pp")),
        ("difference", (0.3, 0.1), ("30.0 pp", "10.0 pp", "−20.0 pp", "−25.0 pp – −15.0 pp")),
        ("auc", (0.8, 0.83), ("0.80", "0.83", "+0.03", "−0.02 – +0.08")),
        ("ratio", (0.7, 0.9), ("0.70", "0.90", "+0.20", "+0.15 – +0.25")),
        ("score", (0.5002, 0.5), ("0.5002", "0.50", "−0.0002", "−0.05 – +0.05")),
        ("target", (10.0, 12.5), ("10.0", "12.5", "+2.5", "+2.5 – +2.5")),
    ],
)
def test_numbers_stand_in_their_units_and_differences_with_a_sign(unit, values, texts):
    one = line(change(*(measurement(value, value - 0.1, value + 0.1, unit=unit) for value in values)))

    before, after, difference, interval = texts
    assert (one.before, one.after, one.difference) == (before, after, difference)
    if unit != "target":
        assert one.interval == interval


def test_a_difference_of_nothing_has_no_sign():
    one = measurement(0.6, 0.5, 0.7)
    found = line(change(one, measurement(0.6, 0.55, 0.65, n=800), "not_shown"))

    assert found.difference == "0.0 pp"
    assert found.n == "n = 400 → 800"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_korean_difference_of_shares_is_in_points(lang):
    found = line(change(measurement(0.6, 0.5, 0.7), measurement(0.8, 0.7, 0.9)), lang)

    assert found.difference == {"ko": "+20.0%p", "en": "+20.0 pp"}[lang]


def test_values_are_never_rounded_across_their_limit():
    limit = Criterion(check="performance.accuracy", at_least=0.75, rule="guarded")
    found = line(change(measurement(0.7499, 0.7, 0.8), measurement(0.7501, 0.7, 0.8), criterion=limit))

    assert (found.before, found.after, found.limit) == ("74.99%", "75.01%", "≥ 75%")


def test_the_adjusted_p_value_stands_only_where_it_was_tested():
    one, other = measurement(0.6, 0.5, 0.7), measurement(0.8, 0.7, 0.9)
    bare = Difference(value=0.2, low=0.1, high=0.3, confidence=0.95, method="mover", p_value=0.01)

    assert line(change(one, other)).p_value == "adjusted p = 0.02"
    assert line(change(one, other, "untested", difference=bare, reason="reported_only")).p_value == ""


@pytest.mark.parametrize(
    ("basis", "same_data", "text"),
    [
        ("paired", True, "the same rows, paired"),
        ("unpaired", True, "unpaired, conservative"),
        ("unpaired", False, "unpaired"),
        ("fixed_pair", True, "the two groups that differed most before, unpaired, conservative"),
        ("fixed_pair", False, "the two groups that differed most before, unpaired"),
        ("whole_file", True, "counted in full"),
    ],
)
def test_it_is_said_how_it_was_compared(basis, same_data, text):
    one, other = measurement(0.6, 0.5, 0.7), measurement(0.8, 0.7, 0.9)
    identity = {} if same_data else {"evaluation_sha256": "00" * 32}

    assert line(change(one, other, basis=basis), **identity).notes == (text,)


def test_a_value_that_is_missing_says_why_and_when():
    missing = measurement(None, None, None, reason=Reason(code="no_scores"), judged=False)
    found = line(
        change(measurement(0.6, 0.5, 0.7), missing, "untested", reason="not_judged", difference=None, basis=None)
    )

    assert found.after == words("en").text("report.not_measured")
    assert found.notes == (f"After: {words('en').text('reason.no_scores')}",)
    assert found.scale is None


def test_a_slice_and_a_class_are_named():
    one, other = (measurement(value, 0.5, 0.9, by=("sex",), slice={"sex": "F"}, of="yes") for value in (0.6, 0.8))

    assert line(change(one, other)).name == "Accuracy · F · class yes"


def pair(first, second, **changes):
    groups = tuple(
        ComparedGroup(slice={"sex": level}, before=before, after=after)
        for level, before, after in (("F", *first), ("M", *second))
    )
    return Difference(
        value=-0.2,
        low=-0.3,
        high=-0.1,
        confidence=0.95,
        method="fixed_pair_difference",
        pair=groups,
        groups=3,
        **changes,
    )


def compared(value, sizes):
    groups = [
        {"slice": {"sex": level}, "value": 0.5, "low": 0.4, "high": 0.6, "n": n, "judged": True}
        for level, n in zip("FMX", sizes, strict=True)
    ]
    return measurement(value, 0.0, 0.5, check="fairness.selection_rate_difference", by=("sex",), unit="difference",
                       details={"groups": groups})  # fmt: skip


def test_the_pair_stands_with_its_shares_before_and_after():
    one, other = compared(0.4, (200, 200, 200)), compared(0.2, (200, 200, 200))
    found = line(change(one, other, basis="fixed_pair", difference=pair((0.2, 0.4), (0.6, 0.6))))

    assert found.notes[0] == "F 20.0% → 40.0% / M 60.0% → 60.0%"
    assert found.of == "Change of that pair's gap"


@pytest.mark.parametrize("small", [0, 1])
def test_a_pair_of_a_few_people_is_not_told(small):
    sizes = [(200, 200, 200), (200, 200, 200)]
    sizes[small] = (3, 200, 200)
    one, other = (compared(value, size) for value, size in zip((0.4, 0.2), sizes, strict=True))
    found = line(change(one, other, basis="fixed_pair", difference=pair((0.2, 0.4), (0.6, 0.6))))

    assert found.notes == ("the two groups that differed most before, unpaired, conservative",)


@pytest.mark.parametrize("small", [0, 1])
def test_the_size_of_a_small_group_is_not_told_by_a_difference_or_a_drawing(small):
    values = [42, 42]
    values[small] = 3
    one, other = (
        measurement(value, None, None, check="data_quality.smallest_group_size", unit="rows", by=("sex",),
                    reason=Reason(code="whole_file"))
        for value in values
    )  # fmt: skip
    whole = Difference(value=values[1] - values[0], method="whole_file")
    found = line(change(one, other, "moved", basis="whole_file", difference=whole))

    assert words("en").text("report.under_five") in (found.before, found.after)
    assert "42" in (found.before, found.after)
    assert (found.difference, found.interval, found.scale) == ("", "", None)


def test_every_line_is_drawn_where_both_values_are_there():
    one, other = measurement(0.6, 0.5, 0.7), measurement(0.8, 0.7, 0.9)
    found = line(change(one, other, "untested", reason="not_validated", difference=None, basis=None))

    assert found.scale.title == "Accuracy: before and after"
    assert (found.difference, found.interval) == ("", "")

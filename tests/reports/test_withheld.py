import pytest

from reliability.records import Measurement, Reason
from reliability.reports.findings import criterion_view, finding_views
from reliability.reports.withheld import Withheld, suppressed
from reliability.words.text import words
from tests.reports.sample import assessment, compared, measured, result


def table(check, sizes, *, by="g", judged=True):
    rows = [(name, 0.5, 0.4, 0.6, n) for name, n in sizes.items()]
    return compared(check, by, (0.0, 0.0, 0.2), rows, "difference")


def pairs(sizes):
    groups = [
        {"slice": {"a": a, "b": b}, "value": 0.5, "low": 0.4, "high": 0.6, "n": n, "judged": n >= 30}
        for (a, b), n in sizes.items()
    ]
    return Measurement(value=0.0, low=0.0, high=0.2, n=9, unit="difference", by=("a", "b"), details={"groups": groups})


TPR, SELECTION = "fairness.true_positive_rate_difference", "fairness.selection_rate_difference"


@pytest.mark.parametrize(
    ("sizes", "hidden"),
    [
        ([], set()),
        ([40, 50], set()),
        ([3, 4, 50], {0, 1}),
        ([3, 90, 50], {0, 2}),
        ([3], {0}),
        ([0, 40, 50], set()),
        ([4, 5, 6], {0, 1}),
    ],
)
def test_suppressed_hides_groups_under_five_and_never_just_one(sizes, hidden):
    assert suppressed(sizes) == hidden


def test_suppressed_ignores_the_order_of_groups():
    assert {[90, 3, 50][place] for place in suppressed([90, 3, 50])} == {3, 50}


def test_groups_are_withheld_by_their_people_and_not_by_the_rows_of_a_rate():
    people = table(SELECTION, {"A": 90, "B": 60, "C": 12, "D": 8})
    positives = table(TPR, {"A": 40, "B": 30, "C": 4, "D": 0})
    withheld = Withheld.of([positives, people])

    assert not any(withheld.hides({"g": name}) for name in "ABCD")


def test_group_of_three_is_withheld_in_every_table_of_its_attribute():
    people = table(SELECTION, {"A": 90, "B": 60, "C": 12, "D": 3})
    positives = table(TPR, {"A": 40, "B": 30, "C": 6, "D": 0})
    view = criterion_view(result("pass", positives, at_most=0.1), words("en"), Withheld.of([people]))
    (plot,) = [one.plot for one in view.measurements]

    assert {row.label: row.row.suppressed for row in plot.rows} == {"A": False, "B": False, "C": True, "D": True}
    assert not any(figure in row.note for row in plot.rows for figure in ("n = 0", "n = 6"))


def test_group_met_only_in_a_rate_without_rows_is_withheld():
    withheld = Withheld.of([table(TPR, {"A": 40, "B": 30, "D": 0})])

    assert [withheld.hides({"g": name}) for name in "ABD"] == [False, True, True]


def test_pair_is_never_the_only_one_withheld_in_its_line():
    sizes = {("f", 1): 3, ("f", 2): 50, ("f", 3): 60, ("m", 1): 45, ("m", 2): 70, ("m", 3): 80}
    withheld = Withheld.of([pairs(sizes)])
    shown = [group for group in sizes if not withheld.hides({"b": group[1], "a": group[0]})]

    for place, level in [(0, "f"), (0, "m"), (1, 1), (1, 2), (1, 3)]:
        line = [group for group in sizes if group[place] == level]
        assert len(set(line) - set(shown)) != 1


def test_rows_of_a_comparison_are_withheld_when_they_tell_the_group_left_out():
    whole = Withheld.of([table(SELECTION, {"A": 90, "B": 60, "D": 3})])

    assert whole.hides_n(table(SELECTION, {"A": 90, "B": 60, "D": 3}))
    assert not whole.hides_n(table(SELECTION, {"A": 90, "B": 60}))


def smallest(value, sizes):
    groups = [{"slice": {"g": name}, "value": n, "n": n, "judged": True} for name, n in sizes.items()]
    found = measured("data_quality.smallest_group_size", (value, None, None), "rows", n=sum(sizes.values()))
    return found.model_copy(update={"by": ("g",), "details": {"groups": groups}})


def test_size_under_five_is_neither_printed_nor_drawn():
    found = smallest(3, {"A": 90, "B": 60, "D": 3})
    (told,) = criterion_view(result("fail", found, at_least=30), words("en")).measurements

    assert (told.value, told.scale) == ("fewer than 5", None)


def test_smallest_size_is_not_told_when_it_is_withheld_for_the_unknown():
    found = smallest(60, {"A": 90, "B": 60, None: 3})
    (told,) = criterion_view(result("pass", found, at_least=30), words("en")).measurements

    assert (told.value, told.scale) == ("–", None)


def test_one_set_is_used_for_all_findings():
    people = result("pass", table(SELECTION, {"A": 90, "B": 60, "D": 3}, by="sex"), at_most=0.9)
    rate = result("pass", table(TPR, {"A": 40, "B": 30, "D": 2}, by="sex"), at_most=0.9)
    record = assessment()
    places = {found.item: place for place, found in enumerate(record.findings)}
    findings = list(record.findings)
    for item, criterion in (("FAI-02", people), ("FAI-03", rate)):
        findings[places[item]] = findings[places[item]].model_copy(update={"criteria": (criterion,)})
    views = {view.item: view for view in finding_views(assessment(findings=tuple(findings)), words("en"))}
    (plot,) = [one.plot for one in views["FAI-03"].criteria[0].measurements]

    assert {row.label for row in plot.rows if row.row.suppressed} == {"B", "D"}


def test_rows_of_both_rates_of_equalised_odds_count_the_people_of_a_group():
    few, many = ([{"slice": {"sex": level}, "n": n, "value": 0.5} for level in "FM"] for n in (3, 40))
    details = {"groups": few, "parts": [{"groups": few}, {"groups": many}]}
    found = Measurement(
        check="fairness.equalized_odds_ratio", value=0.5, n=9, unit="ratio", reason=Reason(code="whole_file"),
        details=details,
    )  # fmt: skip

    assert not Withheld.of([found]).hides({"sex": "F"})

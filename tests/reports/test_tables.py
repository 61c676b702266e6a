import pytest

from reliability.records import Criterion
from reliability.reports.tables import GROUPS, LONGEST_TITLE, RESULTS, Results, ends, one_line
from reliability.words.text import LANGUAGES, words
from tests.reports.sample import assessment, compared, finding, measured, result, subject
from tests.reports.worst import worst

SMALL = [
    ("A", 0.5, 0.4, 0.6, 90),
    ("B", 0.45, 0.4, 0.6, 60),
    ("C", 0.777, 0.717, 0.817, 12),
    ("D", 0.888, 0.828, 0.929, 3),
]
HIDDEN = (0.777, 0.717, 0.817, 0.888, 0.828, 0.929, 12, 3)


def with_criteria(*criteria, verdict="fail"):
    found = finding("FAI-02").model_copy(update={"criteria": criteria, "verdict": verdict})
    others = [finding("FAI-03"), finding("GOV-01")]
    return assessment(findings=(found, *others))


def of_small_groups():
    """A comparison with a group of three, and the same groups measured slice by slice."""
    ratio = compared("fairness.selection_rate_ratio", "g", (0.6, 0.5, 0.7), SMALL, "ratio")
    slices = tuple(
        measured("performance.accuracy", (value, low, high), n=n).model_copy(
            update={"by": ("g",), "slice": {"g": name}}
        )
        for name, value, low, high, n in SMALL
    )
    by_slice = result("fail", slices[0], at_least=0.8).model_copy(update={"measurements": slices})
    return with_criteria(result("fail", ratio, at_least=0.8), by_slice)


def rows(record, lang="en", *, table="table"):
    made = getattr(Results(record, words(lang)), table)()
    return [dict(zip(made.keys, row, strict=True)) for row in made.rows]


def test_every_measurement_has_a_row_and_every_asked_item_too():
    record = assessment()
    measurements = sum(len(one.measurements) for found in record.findings for one in found.criteria)
    asked = sum(not found.criteria for found in record.findings)

    assert len(rows(record)) == measurements + asked


def test_no_item_is_missing_and_items_keep_their_order():
    told = dict.fromkeys(row["item"] for row in rows(assessment()))

    assert list(told) == [found.item for found in assessment().findings]


def test_row_of_a_comparison_holds_its_figures_unrounded_and_its_limit_as_a_number():
    (row,) = [row for row in rows(assessment()) if row["item"] == "FAI-02" and row["by"] == "sex"]

    assert (row["value"], row["low"], row["high"], row["n"]) == (0.674, 0.55, 0.79, 2423)
    assert (row["at_least"], row["at_most"], row["confidence"]) == (0.8, None, 0.95)
    assert (row["verdict"], row["criterion_verdict"], row["severity"]) == ("Fail", "Fail", "Critical")
    assert (row["check"], row["unit"], row["rule"]) == ("fairness.selection_rate_ratio", "ratio", "Four-way")


def test_value_without_interval_has_no_confidence_and_says_why():
    (row,) = [row for row in rows(assessment()) if row["item"] == "DAT-03"]

    assert (row["low"], row["high"], row["confidence"]) == (None, None, None)
    assert "whole file" in row["reason"]


def test_what_was_not_measured_has_no_figure_but_a_reason():
    (row,) = [row for row in rows(assessment()) if row["item"] == "DAT-07"]

    assert row["value"] is None
    assert row["reason"] == "No training data were handed in."


@pytest.mark.parametrize(("evidence", "told"), [(True, "Met"), (False, "Met · applicant’s answer, not verified")])
def test_answer_without_anything_behind_it_says_so(evidence, told):
    found = finding("GOV-01")
    bare = found.model_copy(update={"answer": found.answer.model_copy(update={"evidence": ()})})
    (row,) = rows(assessment(findings=(found if evidence else bare,)))

    assert row["answer"].lower() == told.lower()


def test_answers_words_and_names_of_people_stay_in_the_case():
    text = repr(rows(assessment(), "ko"))

    assert [one for one in ("김하늘", "부서별 담당자", "evidence/policy.pdf") if one in text] == []


def test_figures_of_small_groups_stand_in_no_row():
    record = of_small_groups()
    cells = {cell for table in ("table", "groups") for row in rows(record, table=table) for cell in row.values()}

    assert cells.isdisjoint(HIDDEN)
    assert {0.5, 0.45, 90, 60} <= cells


def test_suppressed_group_is_listed_and_says_that_it_is():
    told = {row["slice"]: row["reason"] for row in rows(of_small_groups()) if row["slice"]}

    assert {name for name, why in told.items() if why.startswith("figures withheld")} == {"C", "D"}


def test_groups_of_a_comparison_have_a_row_each():
    made = [row for row in rows(assessment(), table="groups") if row["item"] == "FAI-02" and row["by"] == "sex"]

    assert [(row["slice"], row["value"], row["n"]) for row in made] == [
        ("남", 0.46, 1206), ("여", 0.31, 1203), ("unknown", 0.5, 14),
    ]  # fmt: skip
    assert [row["judged"].lower() for row in made] == ["yes", "yes", "no"]


def test_both_rates_of_equalised_odds_are_told_apart():
    groups = [{"slice": {"g": name}, "value": 0.5, "low": 0.4, "high": 0.6, "n": 50, "judged": True} for name in "AB"]
    parts = [{"rate": f"{kind}_positive_rate", "value": 0.1, "groups": groups} for kind in ("true", "false")]
    odds = compared("fairness.equalized_odds_difference", "g", (0.1, 0.0, 0.2), [], "difference")
    odds = odds.model_copy(update={"details": {"groups": groups, "parts": parts}})
    made = rows(with_criteria(result("pass", odds, at_most=0.2)), table="groups")
    rates = [row["rate"] for row in made if row["item"] == "FAI-02"]

    assert len(rates) == 4
    assert len(set(rates)) == 2


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        ({"at_least": 0.8}, (0.8, None)),
        ({"at_most": 0.1}, (None, 0.1)),
        ({"between": (0.8, 1.2)}, (0.8, 1.2)),
        ({"equals": 0}, (0, 0)),
        ({"report": True}, (None, None)),
    ],
)
def test_limits_stand_at_the_end_that_they_bound(limit, told):
    assert ends(Criterion(check="x", **limit)) == told


@pytest.mark.parametrize("lang", LANGUAGES)
def test_heads_are_worded_and_all_different(lang):
    results = Results(assessment(), words(lang))
    heads = (results.table().heads, results.groups().heads)

    assert [len(set(one)) for one in heads] == [len(RESULTS), len(GROUPS)]
    assert set(heads[1]) & set(GROUPS) <= {"n"}


def test_korean_table_holds_korean_words():
    row = rows(assessment(), "ko")[0]

    assert (row["section"], row["verdict"], row["answer"]) == ("GOV 거버넌스", "적합", "충족")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("a\nb\tc", "a b c"),
        ("  a  ", "a"),
        ("\x1b[31m", "⟨U+001B⟩[31m"),
        ("\u202ea", "⟨U+202E⟩a"),
        (True, "true"),
        (3, "3"),
    ],
)
def test_one_line_shows_what_would_act_unseen(value, told):
    assert one_line(value) == told


@pytest.mark.parametrize(("of", "cell"), [(1, 1), (-0.5, -0.5), ("-0.5", "-0.5"), (True, "true"), (None, None)])
def test_class_keeps_its_type(of, cell):
    one = measured("performance.recall", (0.5, 0.4, 0.6)).model_copy(update={"of": of})
    row = rows(with_criteria(result("pass", one, at_least=0.1), verdict="pass"))[0]

    assert (row["of"], type(row["of"])) == (cell, type(cell))


@pytest.mark.parametrize("check", [None, "performance.better_than_incumbent"])
def test_criterion_without_a_measurement_has_a_row(check):
    bare = result("not_assessed", measured("x", (0.5, 0.4, 0.6)), at_least=0.1)
    bare = bare.model_copy(update={"measurements": (), "criterion": Criterion(check=check, declared="performance")})
    row = rows(with_criteria(bare, verdict="not_assessed"))[0]

    assert (row["check"], row["value"], row["criterion_verdict"]) == (check, None, "Not assessed")
    assert row["check_name"]


def test_long_requirement_that_stands_for_a_title_is_cut():
    titles = {row["title"] for row in rows(worst())}

    assert max(map(len, titles)) == LONGEST_TITLE


def test_about_names_system_record_and_what_was_not_tested():
    told = dict(Results(assessment(subject=subject("=HYPERLINK(1)")), words("en")).about())

    assert told["Outcome"] == words("en").text("outcome.does_not_conform")
    assert "=HYPERLINK(1)" in told.values()
    assert any(name.startswith("Not tested · ") for name in told)
    assert any("not a test report and not a certificate" in text for text in told.values())

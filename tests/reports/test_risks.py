import re

import pytest

from reliability.records import Criterion, CriterionResult, Finding
from reliability.reports.consultation import Consultation, risk_register
from reliability.reports.risk_entries import Entries, Entry, OwnRisk
from reliability.reports.risks import (
    COLUMNS,
    FILLED,
    LEVELS,
    LIKELIHOODS,
    SEVERITIES,
    level_of,
    likelihood_of,
    risk_table,
)
from reliability.words.text import LANGUAGES, words
from tests.reports.advised import advice
from tests.reports.sample import assessment, measured, result, unmeasured

HANGUL = re.compile("[가-힣]")


def register(lang="en", advised=True, **entries):
    given = Consultation(advice=advice() if advised else None, entries=Entries(**entries))
    return risk_register(assessment(), given, words(lang))


def risk(item, **asked):
    return next(one for one in register(**asked).risks if one.item == item)


def found(verdict, *measurements, **limit):
    result = CriterionResult(criterion=Criterion(check="a.b", **limit), verdict=verdict, measurements=measurements)
    return Finding(item="A", severity="major", verdict=verdict, criteria=(result,))


def test_every_open_finding_is_a_risk_and_the_highest_come_first():
    risks = register().risks

    assert {one.item for one in risks} == {
        "FAI-02", "TRA-01", "ROB-02", "GOV-02", "GOV-04", "FAI-03", "DAT-03", "DAT-07", "PER-01",
    }  # fmt: skip
    places = [LEVELS.index(one.level) for one in risks]
    assert places == sorted(places)
    assert risks[0].item in {"FAI-02", "GOV-04", "TRA-01"}


def test_a_risk_takes_severity_from_the_item_and_likelihood_from_the_measurement():
    told = risk("FAI-02")

    assert (told.severity, told.likelihood, told.level) == ("critical", "confirmed", "high")
    assert told.basis == (
        "Selection-rate ratio between groups (sex) 0.67 [0.55 – 0.79]: beyond the limit (≥\N{NO-BREAK SPACE}0.80), "
        "for certain"
    )
    assert told.hazard == "A group of people gets worse decisions without good reason."


def test_the_likelihood_of_what_is_asked_rests_on_the_answer():
    assert (risk("TRA-01").likelihood, risk("TRA-01").basis) == ("confirmed", "answered: Not met")
    assert (risk("GOV-04").likelihood, risk("GOV-04").basis) == ("unknown", "answered: none")
    assert risk("TRA-01").hazard.startswith("The system runs without what is required: ")


def test_what_was_not_measured_is_not_known():
    assert (risk("ROB-02").likelihood, risk("ROB-02").basis) == (
        "unknown", "Consistency under missing values: The model raised an error while predicting",
    )  # fmt: skip


def basis(verdict, *criteria, lang="en", severity="critical"):
    open_one = Finding(item="FAI-02", severity=severity, verdict=verdict, criteria=criteria)
    risks = risk_register(assessment(findings=(open_one,)), Consultation(), words(lang)).risks
    return risks[0].basis


PASSED = result("pass", measured("data_quality.duplicate_rows", (0.001, None, None)), at_most=0.01, rule="exact")
NO_SCHEMA = result("inconclusive", unmeasured("data_quality.schema_violations", "no_schema"), at_most=0.005)
NO_TRAINING = result("inconclusive", unmeasured("leakage.training_overlap", "no_training_data"), at_most=0.01)


def test_the_basis_names_what_keeps_an_item_open_never_what_passed():
    assert basis("inconclusive", PASSED, NO_SCHEMA) == ("Data-dictionary violations: No data dictionary was handed in")
    assert basis("inconclusive", PASSED, NO_SCHEMA, NO_TRAINING).endswith("handed in (and one more)")


def test_the_basis_names_what_was_not_measured_before_what_nearly_passed():
    nearly = result("conditional_pass", measured("performance.roc_auc", (0.82, 0.7, 0.9), "auc"), at_least=0.8)

    assert "could" not in basis("inconclusive", nearly, NO_TRAINING)
    assert basis("inconclusive", nearly, NO_TRAINING).startswith("Overlap with the training data: No training data")


def test_the_basis_of_a_likely_miss_is_the_number_that_lies_beyond_the_limit():
    keeps, lies_beyond = (
        measured("performance.accuracy", (0.9, 0.7, 0.95)),
        measured("performance.accuracy", (0.75, 0.7, 0.9)),
    )
    both = CriterionResult(
        criterion=Criterion(check="performance.accuracy", at_least=0.8, rule="guarded"), verdict="inconclusive",
        measurements=(keeps, lies_beyond),
    )  # fmt: skip

    assert "75.0%" in basis("inconclusive", both)


@pytest.mark.parametrize(("limit", "value"), [({"at_least": 0.8}, 0.82), ({"at_most": 0.8}, 0.78)])
def test_the_basis_of_a_possible_miss_takes_no_side_in_korean(limit, value):
    text = basis(
        "conditional_pass",
        result("conditional_pass", measured("performance.roc_auc", (value, 0.7, 0.9), "auc"), **limit),
        lang="ko",
    )

    assert text.endswith("신뢰구간의 일부가 기준을 벗어난다")


@pytest.mark.parametrize(
    ("value", "limit", "likelihood"),
    [
        (0.78, {"at_least": 0.8}, "likely"),
        (0.82, {"at_least": 0.8}, "possible"),
        (0.82, {"at_most": 0.8}, "likely"),
    ],
)
def test_an_undecided_number_is_placed_by_the_side_of_its_estimate(value, limit, likelihood):
    assert likelihood_of(found("inconclusive", measured("a.b", (value, 0.7, 0.9)), **limit)) == likelihood


def test_an_undecided_finding_without_a_number_is_not_known():
    assert likelihood_of(found("inconclusive", unmeasured("a.b", "no_training_data"), at_least=0.8)) == "unknown"
    assert likelihood_of(Finding(item="A", severity="major", verdict="inconclusive")) == "unknown"


def test_levels_never_fall_with_severity_or_likelihood():
    order = ("unseen", "possible", "likely", "confirmed")
    for severity in SEVERITIES:
        weights = [-LEVELS.index(level_of(severity, likelihood)) for likelihood in order]
        assert weights == sorted(weights)
    for likelihood in LIKELIHOODS:
        weights = [LEVELS.index(level_of(severity, likelihood)) for severity in SEVERITIES]
        assert weights == sorted(weights)


def test_the_remedy_measured_is_proposed_with_the_risk_that_is_left():
    told = risk("FAI-02")

    assert told.proposed.startswith("Apply R2: ")
    assert told.expected == "measured: Low (Pass, on the rows that confirm)"


def test_what_is_left_is_not_told_where_it_was_not_measured():
    assert risk("FAI-03").expected == "not measured"
    assert risk("FAI-02", advised=False).expected == "not measured"
    assert risk("FAI-02", advised=False).proposed


def test_what_people_wrote_stands_with_the_risk():
    entry = Entry(treatment="문턱값을 다시 정한다", owner="박팀장", residual="낮음")

    assert risk("FAI-02", by_item={"FAI-02": entry}).entry == entry


def test_a_risk_that_was_treated_by_now_stays_as_not_seen():
    told = risk("ROB-01", by_item={"ROB-01": Entry(treatment="retrained")})

    assert (told.likelihood, told.level, told.proposed) == ("unseen", "low", "")
    assert "keeps the limit" in told.basis
    assert "ROB-01" not in {one.item for one in register().risks}


def test_a_risk_of_their_own_stands_beside_in_their_classes():
    own = OwnRisk(
        item="X-1", title="", hazard="정전", severity="critical", likelihood="possible", entry=Entry(owner="김")
    )
    told = risk("X-1", own=(own,))

    assert (told.hazard, told.level, told.basis) == ("정전", "medium", "entered by people")


def test_the_matrix_holds_every_risk_once():
    made = register()
    held = [item for row in made.rows for cell in row.cells for item in cell.items]

    assert sorted(held) == sorted(one.item for one in made.risks)
    assert len(made.heads) == len(made.rows[0].cells) == len(LIKELIHOODS)


def test_a_cell_counts_what_it_has_no_place_for():
    own = tuple(
        OwnRisk(item=f"X-{n}", title="", hazard="h", severity="minor", likelihood="unseen", entry=Entry())
        for n in range(13)
    )
    cell = register(own=own).rows[-1].cells[-1]

    assert (len(cell.items), cell.more) == (10, 3)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_table_has_a_heading_for_every_column_in_its_language(lang):
    table = risk_table(register(lang).risks, words(lang))

    assert table.keys == COLUMNS
    assert {bool(HANGUL.search(head)) for head in table.heads} == {lang == "ko"}
    assert len(set(table.heads)) == len(COLUMNS)
    assert all(row[table.keys.index(key)] is None for row in table.rows for key in FILLED)

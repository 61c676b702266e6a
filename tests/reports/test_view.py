import pytest

from reliability.reports.document import DocumentRecord
from reliability.reports.view import report_view
from reliability.words.text import words
from tests.reports.sample import assessment


def view(lang="ko", kind="consulting", **changes):
    return report_view(assessment(**changes), DocumentRecord(kind=kind), kind=kind, words=words(lang))


def test_counts_add_up_to_all_findings():
    assert sum(count.n for count in view().conclusion.counts) == len(assessment().findings)


def test_shares_fill_the_bar():
    assert sum(count.share for count in view().conclusion.counts) == pytest.approx(100, abs=0.1)


def test_tiers_hold_every_open_finding_once_and_worst_first():
    tiers = view().conclusion.tiers

    assert [tier.name for tier in tiers] == ["decides", "open", "condition"]
    assert [found.item for found in tiers[0].findings] == ["FAI-02", "TRA-01"]
    assert {found.item for tier in tiers for found in tier.findings} == {
        "FAI-02", "TRA-01", "ROB-02", "FAI-03", "GOV-02", "DAT-07", "GOV-04", "DAT-03", "PER-01"
    }  # fmt: skip


def test_sections_hold_every_finding_in_order():
    told = [found.item for section in view().conclusion.sections for found in section.findings]

    assert sorted(told) == sorted(found.item for found in assessment().findings)


@pytest.mark.parametrize(
    ("outcome", "statement"),
    [
        ("does_not_conform", "2 failing items decide that the system does not conform"),
        ("undetermined", "5 items cannot be settled, so the outcome is undetermined"),
        ("conforms_with_conditions", "The system conforms, with conditions on 2 items"),
        ("conforms", "All items assessed meet their requirements"),
    ],
)
def test_statement_is_a_sentence_with_the_number_that_tells(outcome, statement):
    assert view("en", outcome=outcome).conclusion.statement == statement


def test_one_item_is_not_told_as_many():
    only = tuple(found for found in assessment().findings if found.item == "FAI-02")

    assert view("en", findings=only).conclusion.statement == "One failing item decides that the system does not conform"


def test_rules_state_their_risk():
    rules = {row.name: row.text for row in view("en").rules}

    assert set(rules) == {"Four-way", "Exact"}
    assert "2.5%" in rules["Four-way"]


def test_methods_of_a_test_report_name_every_check_used_once():
    checks = [method.check for method in view(kind="test").methods]

    assert len(checks) == len(set(checks)) == 10


def test_methods_of_a_consulting_report_are_those_behind_what_is_open():
    told = view()
    behind = {one.check for tier in told.conclusion.tiers for found in tier.findings for one in found.criteria}

    assert {method.check for method in told.methods} == behind


def test_methods_are_explained_all_where_nothing_measured_is_open():
    passed = tuple(found for found in assessment().findings if found.verdict == "pass")
    told = view(findings=passed, outcome="conforms", not_tested=())

    assert {method.check for method in told.methods} == {
        one.criterion.check for found in passed for one in found.criteria if one.criterion.check
    }


def test_methods_name_their_intervals_by_number():
    told = view("en", kind="test")
    names = [row.name for row in told.intervals]
    numbers = {one.check: one.interval for one in told.methods}

    assert names[int(numbers["performance.accuracy"]) - 1] == words("en").text("method.clopper_pearson")
    assert numbers["data_quality.value_completeness"] == ""


def test_headings_say_when_nothing_is_open():
    passed = tuple(found for found in assessment().findings if found.verdict == "pass")
    told = view("en", findings=passed, outcome="conforms", not_tested=())

    assert told.open_heading == "No item needs correction or more evidence"
    assert told.not_tested_heading == "Every measurement that the checklist asks for was made"


def test_lead_tells_measured_and_declared_passes_apart():
    lead = view("en").conclusion.lead

    assert lead.startswith("Of 16 items, 3 pass by measurement and 2 by the applicant’s answers.")
    assert "no evidence" not in lead


def test_lead_tells_the_numbers_of_the_tally():
    told = view("en").conclusion

    for count in told.counts:
        assert count.verdict == "pass" or f"{count.word.lower()} {count.n}" in told.lead


def test_lead_tells_how_many_answers_nobody_checked():
    bare = tuple(
        found.model_copy(update={"answer": found.answer.model_copy(update={"evidence": ()})}) if found.answer else found
        for found in assessment().findings
    )

    assert "Of the passes by answer, 2 rest on no evidence file" in view("en", findings=bare).conclusion.lead


def test_labels_of_tiers_fit_their_number():
    only = tuple(found for found in assessment().findings if found.item == "FAI-02")

    assert next(tier.label for tier in view("en").conclusion.tiers) == "items decide the outcome"
    assert [tier.label for tier in view("en", findings=only).conclusion.tiers] == ["item decides the outcome"]


def test_items_that_were_asked_are_told_as_not_tested():
    assert view("en").asked_not_tested == "5 items were answered by the applicant; they were not tested."


def test_test_report_tells_no_need_of_correction():
    assert view("ko", kind="test").open_heading == "적합으로 확정되지 않은 항목 9건"

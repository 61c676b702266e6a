from dataclasses import replace

import pytest

from reliability.records import Finding
from reliability.reports.document import DocumentRecord
from reliability.reports.findings import finding_views
from reliability.reports.priorities import MOST_IN_CELL, action, in_order, matrix, telling, todo
from reliability.reports.statements import first_sentence
from reliability.reports.view import report_view
from reliability.words.text import words
from tests.reports.sample import assessment, measured, result, unmeasured
from tests.reports.worst import worst


def views(lang="en", **changes):
    return {view.item: view for view in finding_views(assessment(**changes), words(lang))}


def whole(lang="en"):
    return report_view(assessment(), DocumentRecord(kind="consulting"), kind="consulting", words=words(lang))


def test_open_findings_are_numbered_from_the_most_decisive():
    told = whole().todo

    assert [one.n for one in told] == list(range(1, 10))
    assert (told[0].item, told[0].tier) == ("FAI-02", "decides")
    assert [one.tier for one in told] == sorted(
        (one.tier for one in told), key=["decides", "open", "condition"].index
    )  # fmt: skip


def test_a_failing_finding_is_mended():
    assert action(views()["FAI-02"], words("en")) == (
        "Reweight the training sample or set the thresholds anew, then measure again on the same data."
    )


def test_an_open_measurement_is_settled_first():
    view = views()["FAI-03"]

    assert action(view, words("en")) == first_sentence(view.decides[0])


def test_an_unanswered_question_asks_for_its_evidence():
    assert action(views()["GOV-04"], words("en")) == "Answer the question and hand in evidence: Approved policy"


def test_the_figure_tells_value_and_limit():
    told = next(one for one in whole().todo if one.item == "FAI-02")

    assert told.figure == "Selection-rate ratio between groups (sex) 0.67, limit ≥ 0.80"


def test_a_finding_by_answer_has_no_figure():
    assert next(one for one in whole().todo if one.item == "TRA-01").figure == ""


def test_the_telling_measurement_is_one_with_the_verdict_of_the_finding():
    criterion, found = telling(views()["FAI-02"])

    assert (criterion.verdict, found.label) == ("fail", "sex")


def test_nothing_tells_where_nothing_was_measured():
    assert telling(views()["ROB-02"]) is None


def open_item(*criteria, verdict="conditional_fail"):
    open_one = Finding(item="FAI-03", severity="major", verdict=verdict, criteria=criteria)
    return next(iter(finding_views(assessment(findings=(open_one,)), words("en"))))


def gap(check, verdict, value, high):
    """An undecided difference of two groups; the nearer to its limit, the more rows it takes."""
    found = measured(f"performance.{check}", (value, 0.0, high), "auc").model_copy(update={"method": "delta"})
    return result(verdict, found, at_most=0.10)


def test_the_action_tells_the_rows_that_decide_all_that_is_open_with_what_they_are_of():
    few, many = gap("roc_auc", "conditional_pass", 0.05, 0.12), gap("accuracy", "conditional_fail", 0.15, 0.25)
    view = open_item(few, many)

    assert telling(view)[0].check == "performance.accuracy"
    assert action(view, words("en")).startswith("Accuracy: ")
    assert action(view, words("en")).endswith(
        "A smaller factor is enough for the other open measurements of this item."
    )


def test_what_is_to_be_handed_in_comes_before_rows_where_it_gave_the_verdict():
    missing = result("inconclusive", unmeasured("leakage.training_overlap", "no_training_data"), at_most=0.01)
    view = open_item(gap("roc_auc", "conditional_pass", 0.05, 0.12), missing, verdict="inconclusive")

    assert action(view, words("en")).endswith("It can be measured once the training data are handed in.")


def test_a_criterion_that_passed_tells_nothing_of_an_open_finding():
    passed = result("pass", measured("performance.roc_auc", (0.9, 0.85, 0.95), "auc"), at_least=0.8)
    missing = result("inconclusive", unmeasured("leakage.training_overlap", "no_training_data"), at_most=0.01)

    assert telling(open_item(passed, missing, verdict="inconclusive")) is None


def test_what_was_measured_comes_before_questions_without_an_answer():
    view = views()["FAI-03"]
    kinds = [("asked", "not_assessed", "critical", "open"), ("measured", "conditional_pass", "critical", "open"),
             ("minor", "inconclusive", "minor", "condition"), ("minor asked", "not_assessed", "minor", "condition"),
             ("major asked", "not_assessed", "major", "open"), ("major", "inconclusive", "major", "open")]  # fmt: skip
    made = [replace(view, item=item, verdict=verdict, severity=severity, tier=tier)
            for item, verdict, severity, tier in kinds]  # fmt: skip

    assert [one.item for one in in_order(made)] == ["major", "measured", "asked", "major asked", "minor", "minor asked"]


@pytest.mark.parametrize(
    ("text", "first"),
    [("가중치를 조정한다. 다시 측정한다.", "가중치를 조정한다."), ("One 1.5 times. Two.", "One 1.5 times."),
     ("없음", "없음"), ("", "")],
)  # fmt: skip
def test_first_sentence_ends_at_a_full_stop_before_a_blank(text, first):
    assert first_sentence(text) == first


def test_matrix_holds_every_judged_finding_once():
    drawn = whole().matrix
    judged = [view for view in views().values() if view.verdict not in {"reported", "not_applicable"}]

    assert sum(cell.total for row in drawn.rows for cell in row.cells) == len(judged)


def test_matrix_names_what_is_open_and_counts_what_passes():
    drawn = whole().matrix
    cells = {(row.severity, cell.verdict): cell for row in drawn.rows for cell in row.cells}

    assert cells["critical", "fail"].items == ("FAI-02",)
    assert cells["critical", "fail"].risk == 3
    assert cells["major", "pass"].items == ()
    assert cells["major", "pass"].total > 0
    assert cells["major", "pass"].risk == 0


def test_matrix_has_a_column_for_each_verdict_that_occurs_worst_first():
    verdicts = [verdict for verdict, _ in whole().matrix.verdicts]

    assert verdicts[0] == "fail"
    assert verdicts[-1] == "pass"
    assert "not_applicable" not in verdicts


def test_matrix_names_only_so_many_items_in_a_cell():
    told = matrix(tuple(finding_views(worst(), words("ko"))), words("ko"))

    assert all(len(cell.items) <= MOST_IN_CELL for row in told.rows for cell in row.cells)
    assert all(
        cell.total == len(cell.items) + cell.more for row in told.rows for cell in row.cells if cell.verdict != "pass"
    )


def test_nothing_is_left_to_do_when_nothing_is_open():
    passed = [view for view in views().values() if view.verdict == "pass"]

    assert todo((), words("ko")) == ()
    assert all(cell.risk == 0 for row in matrix(passed, words("ko")).rows for cell in row.cells)

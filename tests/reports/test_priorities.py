import pytest

from reliability.reports.document import DocumentRecord
from reliability.reports.findings import finding_views
from reliability.reports.priorities import MOST_IN_CELL, action, first_sentence, matrix, telling, todo
from reliability.reports.view import report_view
from reliability.words.text import words
from tests.reports.sample import assessment
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

"""What the table of documents says of its promises, and where it stands on the page."""

import pytest

from benchmarks.documents import CASES, Measured, composed, repeated, section


def measured(**changes):
    fields = {
        "case": "report-12", "pages": 12, "composing": 0.2, "setting": 1.5, "theirs": 1.0, "megabytes": 200,
        "kilobytes": 250,
    }  # fmt: skip
    return Measured(**(fields | changes))


def test_promises_met_exactly_are_kept():
    assert measured().broken == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"setting": 1.51}, "report-12: ratio 1.51"),
        ({"megabytes": 201}, "report-12: 201 MB"),
        ({"kilobytes": 251}, "report-12: 251 KB"),
    ],
)
def test_promise_not_kept_is_named(changes, told):
    row = measured(**changes)

    assert row.broken == [told]
    assert f"Not kept: {told}." in section([row], 5)


def test_size_and_memory_are_promised_of_the_shorter_report_only():
    assert measured(case="report-longest", megabytes=900, kilobytes=900).broken == []
    assert measured(case="certificate", setting=9.0).broken == ["certificate: ratio 9.00"]


def test_line_holds_the_whole_and_what_is_aimed_at():
    assert measured().line() == "| report-12 | 12 | 1.50 | 1.00 | 1.50 | 1.70 | 2.5 | 200 | 250 |"


def test_items_are_repeated_under_names_of_their_own():
    record = repeated(3)
    items = [item["id"] for part in record.checklist.content["sections"] for item in part["items"]]

    assert len(record.findings) == len(set(items)) == 3 * len(repeated(1).findings)
    assert sorted(one.item for one in record.findings) == sorted(items)


def test_pages_to_set_are_whole():
    assert "위험" in composed("report-12")
    assert "VR-2026-00417" in composed("certificate")
    assert set(CASES) == {"report-12", "report-longest", "certificate"}

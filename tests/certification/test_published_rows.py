import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from reliability.certification.published_rows import read_rows, row_line
from reliability.errors import ChainError
from reliability.records import canonical_json
from reliability.register.rows import EMPTY, Entry, row_after, verify_rows

AT = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)


def chain(*cases):
    """Rows of these cases in this order, each with a name inside that nobody else may read."""
    head, last, rows = EMPTY, {}, []
    for number, case in enumerate(cases):
        entry = Entry(case=case, kind="tested", at=AT, actor="a" * 64, envelope=f"김하늘 {number}".encode(),
                      previous=last.get(case, ""))  # fmt: skip
        rows.append(row_after(head, entry))
        head, last[case] = rows[-1].head, rows[-1].event
    return rows


ROWS = chain("JJ-2026-0001", "JJ-2026-0002", "JJ-2026-0001")
LINES = [row_line(row) for row in ROWS]


def test_published_rows_lead_to_the_same_head_as_those_that_stay_inside():
    assert verify_rows(read_rows(LINES)) == verify_rows(ROWS) == ROWS[-1].head


@pytest.mark.parametrize("case", ["JJ-2026-0001", "사건 1", '"\\/', "\u007f\u00e9\U0001f600"[1:]])
def test_a_line_is_canonical_json(case):
    (row,) = chain(case)
    line = row_line(row)

    assert line == canonical_json(json.loads(line)) + b"\n"
    assert next(iter(read_rows([line]))).hash == row.hash


def test_what_was_signed_is_not_published():
    assert "김하늘".encode() not in b"".join(LINES)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param([LINES[0].replace(b'"tested"', b'"issued"'), *LINES[1:]], id="edited"),
        pytest.param([LINES[0], LINES[2]], id="removed"),
        pytest.param([LINES[1], LINES[0], LINES[2]], id="reordered"),
        pytest.param([LINES[0].replace(ROWS[0].event.encode(), b"0" * 64), *LINES[1:]], id="another envelope"),
        pytest.param([LINES[0].replace(b'"sequence":1', b'"sequence":true'), *LINES[1:]], id="true for 1"),
        pytest.param([LINES[0].replace(b'":', b'": ', 1), *LINES[1:]], id="a blank more"),
        pytest.param([LINES[0].replace(b"{", b'{"more":"x",'), *LINES[1:]], id="a key more"),
        pytest.param([b"[]\n"], id="a list"),
        pytest.param([b"{" * 4000], id="too deep"),
        pytest.param([b"\xff\n"], id="no text"),
        pytest.param([LINES[0][:-1]], id="cut off"),
    ],
)
def test_rows_that_were_changed_are_refused(changed):
    with pytest.raises(ChainError, match="the register was changed"):
        verify_rows(read_rows(changed))


def test_an_event_that_follows_none_of_its_case_is_refused():
    other = replace(ROWS[2].entry, previous=ROWS[1].event)
    rows = [*ROWS[:2], row_after(ROWS[1].head, other)]

    with pytest.raises(ChainError, match="does not follow the last one of case JJ-2026-0001"):
        verify_rows(read_rows(map(row_line, rows)))


def test_rows_that_were_cut_off_are_known_by_a_head_from_elsewhere():
    with pytest.raises(ChainError, match="3 rows are known"):
        verify_rows(read_rows(LINES[:2]), head=ROWS[-1].head)
